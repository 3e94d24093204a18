//! A host may have set the processor to flush subnormals to zero or to round another way; no state may notice.
#![cfg(target_arch = "x86_64")]

mod support {
    pub mod everything;
    pub mod rows;
}

use isofold::bytes::{Reader, Writer};
use isofold::column::{Column, Values};
use isofold::query::{BucketChoice, Fill, Frame, QuerySource};
use isofold::spec::{Named, SpecSource};
use isofold::state::count::CountColumn;
use isofold::state::edge::{Edge, EdgeColumn};
use isofold::state::exemplar::ExemplarColumn;
use isofold::state::extremum::{Extreme, ExtremumColumn};
use isofold::state::value_counts::ValueCountsColumn;
use isofold::state::Rows;
use isofold::time::BucketSource;
use isofold::{Rollup, Type, Value};
use isofold_reference::generate::{Field, Floats, Generator, Shape, Times};
use isofold_reference::{Cell, Row};
use std::borrow::Cow;
use std::hint::black_box;
use support::everything::everything;
use support::rows::fold;

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
            let $half = Rows::new(&groups, None);
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

/// Metrics whose literals, arithmetic and rounding a careless kernel would leave to the host.
const ARITHMETIC: [(&str, &str); 6] = [
    ("literals", "avg(value * 0.1 + 1e-310 - 4.9e-324 * 0.7)"),
    ("tiny", "min(value) / 3 + 5e-324"),
    ("large", "max(value) * 1.7976931348623157e308 - 0.1"),
    ("scaled", "round(sum(value) / 7, 3) + floor(avg(value) * 1e-300) * 1e300"),
    ("cast", "cast(cast(avg(value) as string) as float64) % 0.3"),
    ("positive", "count(*) filter (where value * 0.3 > 1e-320)"),
];

/// Everything that can be seen of a rollup: bytes, and the answers of three queries.
#[derive(Debug, PartialEq)]
struct Seen {
    bytes: Vec<u8>,
    answers: Vec<(String, Vec<Value>)>,
}

/// A rollup's whole life: specs compiled, rows folded in two parts, merged, coarsened, read back, queried.
fn life_of_a_rollup(source: &SpecSource, rows: &[Row]) -> Seen {
    let (left, right) = rows.split_at(rows.len() / 3);
    let mut merged = fold(source, left, 100);
    merged.merge(&fold(source, right, 7)).expect("one spec");
    let merged = Rollup::decode(&merged.encode()).expect("what was encoded is decoded");
    let day = BucketSource { width: "1 day".into(), ..BucketSource::default() };
    let interpolated = Fill::Interpolate;
    let queries = [
        QuerySource::default(),
        QuerySource {
            bucket: BucketChoice::Whole,
            group_by: Some(vec![Named { name: Some("half".into()), expression: "length(model) * 0.5".into() }]),
            filter: Some("length(model) / 3.0 > 1e-300".into()),
            having: Some("value_mean + 1e-310 > -1e308".into()),
            order_by: vec!["-value_mean".into()],
            ..QuerySource::default()
        },
        QuerySource {
            bucket: BucketChoice::Coarser(day),
            group_by: Some(Vec::new()),
            gapfill: Some(["value_mean", "tiny", "requests"].map(|name| (name.into(), interpolated.clone())).to_vec()),
            ..QuerySource::default()
        },
    ];
    let frames: Vec<Frame> =
        queries.iter().map(|query| merged.query(query).unwrap_or_else(|error| panic!("{error}"))).collect();
    assert!(frames.iter().all(|frame| frame.len() > 1));
    let columns = frames.iter().flat_map(Frame::columns);
    let answers = columns.map(|column| (column.name().to_string(), column.values().to_vec())).collect();
    Seen { bytes: merged.encode(), answers }
}

#[test]
fn a_rollup_lives_the_same_life_in_every_mode() {
    let mut source = everything("1 hour", Some("Europe/Berlin"));
    source.select.extend(ARITHMETIC.map(|(name, text)| (name.into(), text.into())));
    let mut generator = Generator::new(90);
    for floats in [Floats::Subnormal, Floats::Huge, Floats::Cancelling, Floats::Decimal, Floats::Special] {
        let shape = Shape { floats, times: Times::OneDay, keys: 2, null_percent: 5 };
        let mut rows = generator.rows(&shape, 300);
        for (row, day) in rows.iter_mut().zip((0..5).cycle()) {
            // days without rows, for lines across them
            row.time_us += day * 3 * 86_400_000_000;
            if let Cell::Int(value) = &mut row.values[Field::Tokens as usize] {
                *value %= 1000;
            }
        }
        let expected = life_of_a_rollup(&source, &rows);
        for mode in [FLUSH, ROUND_UP] {
            let seen = in_mode(mode, || life_of_a_rollup(&source, black_box(&rows)));
            assert!(seen.bytes == expected.bytes, "bytes of {floats:?} in mode {mode:#x}");
            for (seen, expected) in seen.answers.iter().zip(&expected.answers) {
                assert_eq!(seen, expected, "{floats:?} in mode {mode:#x}");
            }
        }
    }
}
