//! A host may have set the processor to flush subnormals to zero or to round another way; no state may notice.
#![cfg(target_arch = "x86_64")]

use isofold::bytes::{Reader, Writer};
use isofold::column::{Column, Values};
use isofold::state::count::CountColumn;
use isofold::state::edge::{Edge, EdgeColumn};
use isofold::state::exemplar::ExemplarColumn;
use isofold::state::extremum::{Extreme, ExtremumColumn};
use isofold::state::value_counts::ValueCountsColumn;
use isofold::state::Rows;
use isofold::Type;
use std::borrow::Cow;
use std::hint::black_box;

/// Flush to zero and denormals are zero, as a Python extension built with `-ffast-math` leaves it.
const FLUSH: u32 = 0x9fc0;
/// Round towards +∞.
const ROUND_UP: u32 = 0x5f80;

/// The processor's mode as it was; put back when dropped, so also when the test panics.
struct Restored(u32);

impl Drop for Restored {
    fn drop(&mut self) {
        load(self.0);
    }
}

#[expect(unsafe_code, reason = "no safe way reads the mode of the processor")]
fn stored() -> u32 {
    let mut mode = 0u32;
    // SAFETY: writes the four bytes of `mode` and nothing else.
    unsafe { core::arch::asm!("stmxcsr [{}]", in(reg) &raw mut mode, options(nostack, preserves_flags)) };
    mode
}

#[expect(unsafe_code, reason = "no safe way sets the mode of the processor")]
fn load(mode: u32) {
    // SAFETY: reads four bytes; every mode used here masks all exceptions and has no reserved bit.
    unsafe { core::arch::asm!("ldmxcsr [{}]", in(reg) &raw const mode, options(nostack, preserves_flags)) };
}

/// What `f` returns when it runs with the processor in `mode`.
fn in_mode<T>(mode: u32, f: impl FnOnce() -> T) -> T {
    let _restored = Restored(stored());
    load(mode);
    f()
}

/// Bits of subnormals, extremes, infinities, zeros and ordinary doubles of both signs.
fn nasty_doubles() -> Vec<u64> {
    let magnitudes = [
        0,
        1,
        2,
        0x000f_ffff_ffff_ffff,
        0x0008_0000_0000_0000,
        f64::MIN_POSITIVE.to_bits(),
        f64::MAX.to_bits(),
        0x7ff0_0000_0000_0000,
        1.0f64.to_bits(),
        0.1f64.to_bits(),
        1e-300f64.to_bits(),
        1e300f64.to_bits(),
        123_456.789f64.to_bits(),
    ];
    let signed = magnitudes.iter().flat_map(|&bits| [bits, bits | 1 << 63]);
    let spread =
        (0..500u64).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15)).filter(|bits| !f64::from_bits(*bits).is_nan());
    signed.chain(spread).collect()
}

/// Runs a state through its life: two halves folded, merged, written, read and written again.
macro_rules! life {
    ($new:expr, $rows:expr, |$state:ident, $half:ident, $range:ident| $update:expr) => {{
        let rows: usize = $rows;
        let halves = [0..rows / 2, rows / 2..rows].map(|$range| {
            let mut $state = $new;
            $state.grow(1);
            let groups = vec![0; $range.len()];
            let $half = Rows { groups: &groups, present: None };
            $update;
            $state
        });
        let [mut merged, other] = halves;
        merged.merge(0, &other, 0);
        let mut first = Writer::new();
        merged.write(0, &mut first);
        let mut back = $new;
        back.read(&mut Reader::new(first.as_slice()), rows as u64).expect("what was written is read");
        let mut second = Writer::new();
        back.write(0, &mut second);
        assert_eq!(first.as_slice(), second.as_slice());
        second.into_bytes()
    }};
}

/// Bytes of every exact state of the doubles, with its name.
fn states_of(bits: &[u64]) -> Vec<(&'static str, Vec<u8>)> {
    let rows = bits.len();
    let times: Vec<i64> = (0..rows as i64).map(|row| row % 7).collect();
    let floats = |range: &std::ops::Range<usize>| Column::new(Values::Float64(Cow::Borrowed(&bits[range.clone()])));
    vec![
        ("count", life!(CountColumn::new(), rows, |state, half, range| state.update(&half))),
        (
            "min",
            life!(ExtremumColumn::new(Extreme::Min, Type::Float64), rows, |state, half, range| {
                state.update(&half, &floats(&range));
            }),
        ),
        (
            "max",
            life!(ExtremumColumn::new(Extreme::Max, Type::Float64), rows, |state, half, range| {
                state.update(&half, &floats(&range));
            }),
        ),
        (
            "value counts",
            life!(ValueCountsColumn::new(Type::Float64, 20), rows, |state, half, range| {
                state.update(&half, &floats(&range));
            }),
        ),
        (
            "first",
            life!(EdgeColumn::new(Edge::First, Type::Float64, Type::Float64), rows, |state, half, range| {
                state.update(&half, &floats(&range), &floats(&range));
            }),
        ),
        (
            "exemplar",
            life!(ExemplarColumn::new(Type::Float64, 5), rows, |state, half, range| {
                state.update(&half, &times[range.clone()], &floats(&range));
            }),
        ),
    ]
}

#[test]
fn the_modes_do_change_ordinary_arithmetic() {
    let sum = |a: u64, b: u64| (black_box(f64::from_bits(a)) + black_box(f64::from_bits(b))).to_bits();
    let one = 1.0f64.to_bits();
    assert_eq!((sum(1, 1), sum(one, 1)), (2, one));
    assert_eq!(in_mode(FLUSH, || sum(1, 1)), 0);
    assert_eq!(in_mode(ROUND_UP, || sum(one, 1)), one + 1);
    assert_eq!((sum(1, 1), sum(one, 1)), (2, one));
}

#[test]
fn the_mode_is_put_back_after_a_panic() {
    let before = stored();
    let panicked = std::panic::catch_unwind(|| in_mode(FLUSH, || panic!("inside the mode")));
    assert!(panicked.is_err());
    assert_eq!(stored(), before);
}

#[test]
fn states_have_the_same_bytes_in_every_mode() {
    let whole = nasty_doubles();
    // alone, so that a subnormal is not hidden behind the rest
    let subnormals: Vec<u64> = whole.iter().copied().filter(|bits| (bits & !(1 << 63)) < 1 << 52).collect();
    for bits in [whole, subnormals] {
        let expected = states_of(&bits);
        for mode in [FLUSH, ROUND_UP] {
            assert_eq!(in_mode(mode, || states_of(black_box(&bits))), expected, "mode {mode:#x}");
        }
    }
}
