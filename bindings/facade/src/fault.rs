//! Panics on purpose, for tests of how hosts bear them.

/// Panics where a test wants it: at the place that `break_at` has named.
#[cfg(feature = "faults")]
pub(crate) fn fault(place: &str) {
    let is_asked = asked().as_str() == place;
    assert!(!is_asked, "on purpose, in {place}");
}

#[cfg(not(feature = "faults"))]
#[inline(always)]
pub(crate) fn fault(_: &str) {}

/// Names the place at which all threads panic from now on: a call, a fold, a change, or nothing. A variable of the
/// environment would not do: C has no lock for who writes one while threads read.
#[cfg(feature = "faults")]
pub fn break_at(place: &str) {
    place.clone_into(&mut asked());
}

#[cfg(feature = "faults")]
fn asked() -> std::sync::MutexGuard<'static, String> {
    static ASKED: std::sync::Mutex<String> = std::sync::Mutex::new(String::new());
    ASKED.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
