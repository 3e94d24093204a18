//! Panics on purpose, for tests of how hosts bear them.

/// Panics where a test wants it: at the place that the environment's `ISOFOLD_FAULT` names.
#[cfg(feature = "faults")]
pub(crate) fn fault(place: &str) {
    let asked = std::env::var("ISOFOLD_FAULT").unwrap_or_default();
    assert!(asked != place, "on purpose, in {place}");
}

#[cfg(not(feature = "faults"))]
#[inline(always)]
pub(crate) fn fault(_: &str) {}
