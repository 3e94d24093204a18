//! The laws of states, written once and looped over all of them: identity, order, split, merge tree, round trip,
//! strict reading.
//!
//! Not here: the t-digest, which is outside the law; what a state answers, which its own file tests.

use super::bools::BoolsColumn;
use super::count::CountColumn;
use super::distinct::DistinctColumn;
use super::edge::{Edge, EdgeColumn};
use super::exemplar::ExemplarColumn;
use super::extremum::{Extreme, ExtremumColumn};
use super::histogram::HistogramColumn;
use super::sum_float::SumFloatColumn;
use super::sum_int::SumIntColumn;
use super::sum_squares_float::SumSquaresFloatColumn;
use super::sum_squares_int::SumSquaresIntColumn;
use super::value_counts::ValueCountsColumn;
use super::Rows;
use crate::bytes::{Reader, Writer};
use crate::column::{Column, Values};
use crate::error::Result;
use crate::limits::{MAX_TIME_US, MIN_TIME_US};
use crate::value::Type;
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use proptest::prelude::*;

const GROUPS: usize = 3;
const TYPES: [Type; 6] = [Type::Bool, Type::Int64, Type::Float64, Type::Timestamp, Type::String, Type::Decimal(2)];

/// What the laws need of a state column.
trait State: Clone {
    fn grow(&mut self, groups: usize);
    fn fold(&mut self, rows: &Rows, batch: &Batch);
    fn merge(&mut self, into: usize, other: &Self, from: usize);
    fn write(&self, group: usize, out: &mut Writer);
    fn read(&mut self, bytes: &mut Reader<'_>, rows: u64) -> Result<()>;
}

macro_rules! state {
    ($column:ty, |$state:ident, $rows:ident, $batch:ident| $fold:expr) => {
        impl State for $column {
            fn grow(&mut self, groups: usize) {
                <$column>::grow(self, groups);
            }
            fn fold(&mut self, $rows: &Rows, $batch: &Batch) {
                let $state = self;
                $fold;
            }
            fn merge(&mut self, into: usize, other: &Self, from: usize) {
                <$column>::merge(self, into, other, from);
            }
            fn write(&self, group: usize, out: &mut Writer) {
                <$column>::write(self, group, out);
            }
            fn read(&mut self, bytes: &mut Reader<'_>, rows: u64) -> Result<()> {
                <$column>::read(self, bytes, rows)
            }
        }
    };
}

state!(CountColumn, |state, rows, _batch| state.update(rows));
state!(BoolsColumn, |state, rows, batch| {
    if let Values::Bool(values) = &batch.column.values {
        state.update(rows, values);
    }
});
state!(SumIntColumn, |state, rows, batch| {
    if let Values::Int64(values) = &batch.column.values {
        state.update(rows, values);
    }
});
state!(SumSquaresIntColumn, |state, rows, batch| {
    if let Values::Int64(values) = &batch.column.values {
        state.update(rows, values);
    }
});
state!(SumFloatColumn, |state, rows, batch| {
    if let Values::Float64(values) = &batch.column.values {
        state.update(rows, values);
    }
});
state!(SumSquaresFloatColumn, |state, rows, batch| {
    if let Values::Float64(values) = &batch.column.values {
        state.update(rows, values);
    }
});
state!(ExtremumColumn, |state, rows, batch| state.update(rows, &batch.column));
state!(ValueCountsColumn, |state, rows, batch| state.update(rows, &batch.column));
state!(DistinctColumn, |state, rows, batch| state.update(rows, &batch.column));
state!(HistogramColumn, |state, rows, batch| {
    if let Values::Float64(values) = &batch.column.values {
        state.update(rows, values);
    }
});
state!(EdgeColumn, |state, rows, batch| state.update(rows, &batch.column, &batch.time_column));
state!(ExemplarColumn, |state, rows, batch| state.update(rows, &batch.times, &batch.column));

/// One row before it has a type: `seed` becomes a value of any.
#[derive(Clone, Copy, Debug)]
struct Row {
    group: usize,
    present: bool,
    time: i64,
    seed: u16,
}

/// Rows as columns of one type.
struct Batch {
    column: Column<'static>,
    time_column: Column<'static>,
    times: Vec<i64>,
}

impl Batch {
    fn new(value_type: Type, time_type: Type, rows: &[Row]) -> Self {
        let column = column_of(value_type, rows.iter().map(|row| row.seed));
        let time_column = column_of(time_type, rows.iter().map(|row| row.time as u16));
        Self { column, time_column, times: rows.iter().map(|row| row.time).collect() }
    }
}

fn column_of(data_type: Type, seeds: impl Iterator<Item = u16>) -> Column<'static> {
    Column::new(match data_type {
        Type::Bool => Values::Bool(seeds.map(|seed| seed % 2 == 1).collect()),
        Type::Int64 => Values::Int64(seeds.map(integer).collect()),
        Type::Decimal(scale) => Values::Decimal(seeds.map(integer).collect(), scale),
        Type::Timestamp => Values::Timestamp(seeds.map(time).collect()),
        Type::Float64 => Values::Float64(seeds.map(double).collect()),
        Type::String => {
            // codes differ from batch to batch, and one text has several
            let texts: Vec<Cow<'static, str>> = seeds.map(|seed| Cow::Owned(text(seed))).collect();
            let codes: Vec<u32> = (0..texts.len() as u32).collect();
            Values::String(Cow::Owned(codes), texts.into())
        }
    })
}

fn integer(seed: u16) -> i64 {
    match seed % 40 {
        0 => i64::MIN,
        1 => i64::MAX,
        small => i64::from(small) - 20,
    }
}

/// Times up to both ends of the range, which a batch has checked.
fn time(seed: u16) -> i64 {
    integer(seed).clamp(MIN_TIME_US, MAX_TIME_US - 1)
}

/// Bits of −0.0, 0.0, ±∞, NaNs of both signs, subnormals and ordinary doubles.
fn double(seed: u16) -> u64 {
    let sign = u64::from(seed & 1) << 63;
    sign | match seed % 20 / 2 {
        0 => 0,
        1 => 0x7ff << 52,
        2 => 0x7ff8_0000_0000_0001,
        3 => 1,
        4 => u64::from(seed) + 1,
        _ => (0x3ff << 52) | u64::from(seed % 7) << 48,
    }
}

fn text(seed: u16) -> String {
    match seed % 40 {
        0 => String::new(),
        1 => "é".repeat(700),
        2 => "é".repeat(701),
        other => format!("t{other}\u{1f600}"),
    }
}

/// A state of the rows, whose groups are numbered from `turn` on so that parts number them differently.
fn folded<S: State>(new: &S, types: (Type, Type), rows: &[Row], turn: usize, batch_rows: usize) -> S {
    let mut state = new.clone();
    state.grow(GROUPS);
    for chunk in rows.chunks(batch_rows.max(1)) {
        let batch = Batch::new(types.0, types.1, chunk);
        let groups: Vec<u32> = chunk.iter().map(|row| ((row.group + turn) % GROUPS) as u32).collect();
        let has_value = |row: usize| batch.column.get(row).is_some() && batch.time_column.get(row).is_some();
        let present: Vec<bool> = chunk.iter().enumerate().map(|(at, row)| row.present && has_value(at)).collect();
        state.fold(&Rows::new(&groups, Some(&present)), &batch);
    }
    state
}

fn written<S: State>(state: &S, group: usize) -> Vec<u8> {
    let mut out = Writer::new();
    state.write(group, &mut out);
    out.into_bytes()
}

/// The same rows in another order, split and merged along any tree, in groups with other numbers.
#[derive(Clone, Debug)]
struct Plan {
    order: Vec<usize>,
    part_of: Vec<usize>,
    merges: Vec<prop::sample::Index>,
    batch_rows: usize,
}

fn one_multiset_has_one_spelling<S: State>(name: &str, new: &S, types: (Type, Type), rows: &[Row], plan: &Plan) {
    let whole = folded(new, types, rows, 0, rows.len());
    let mut parts: Vec<Vec<Row>> = vec![Vec::new(); 5];
    for &at in &plan.order {
        parts[plan.part_of[at]].push(rows[at]);
    }
    let mut states: Vec<(usize, S)> =
        parts.iter().enumerate().map(|(turn, part)| (turn, folded(new, types, part, turn, plan.batch_rows))).collect();
    let mut merges = plan.merges.iter();
    while states.len() > 1 {
        let from = merges.next().map_or(0, |pick| pick.index(states.len()));
        let (from_turn, from) = states.swap_remove(from);
        let into = merges.next().map_or(0, |pick| pick.index(states.len()));
        let (into_turn, into) = &mut states[into];
        for group in 0..GROUPS {
            into.merge((group + *into_turn) % GROUPS, &from, (group + from_turn) % GROUPS);
        }
    }
    let (turn, merged) = &states[0];
    for group in 0..GROUPS {
        assert_eq!(written(merged, (group + turn) % GROUPS), written(&whole, group), "{name}, group {group}");
    }
}

fn nothing_is_the_identity<S: State>(name: &str, new: &S, types: (Type, Type), rows: &[Row]) {
    let state = folded(new, types, rows, 0, rows.len());
    let mut empty = new.clone();
    empty.grow(GROUPS);
    for group in 0..GROUPS {
        let mut right = state.clone();
        right.merge(group, &empty, group);
        assert_eq!(written(&right, group), written(&state, group), "{name}: x + 0");
        let mut left = empty.clone();
        left.merge(group, &state, group);
        assert_eq!(written(&left, group), written(&state, group), "{name}: 0 + x");
    }
}

fn bytes_are_read_strictly<S: State>(name: &str, new: &S, types: (Type, Type), rows: &[Row]) {
    let state = folded(new, types, rows, 0, rows.len());
    for group in 0..GROUPS {
        let bytes = written(&state, group);
        let group_rows = rows.iter().filter(|row| row.group == group).count() as u64;
        let read = |bytes: &[u8]| {
            let mut back = new.clone();
            let mut reader = Reader::new(bytes);
            back.read(&mut reader, group_rows).map(|()| (written(&back, 0), reader.position()))
        };
        assert_eq!(read(&bytes).expect("what was written is read"), (bytes.clone(), bytes.len()), "{name}");
        for length in 0..bytes.len() {
            assert!(read(&bytes[..length]).is_err(), "{name}: cut at {length} of {bytes:?}");
        }
        // long texts repeat themselves; their ends are flipped like all else
        for at in (0..bytes.len()).filter(|at| *at < 150 || at + 50 > bytes.len()) {
            for bit in 0..8 {
                let mut flipped = bytes.clone();
                flipped[at] ^= 1 << bit;
                if let Ok((again, length)) = read(&flipped) {
                    assert_eq!(again, flipped[..length], "{name}: bit {bit} of byte {at} of {bytes:?}");
                }
            }
        }
    }
}

/// Runs a law on every state of this crate's exact kinds, with each of the parameters that change its path.
macro_rules! every_state {
    ($law:ident $(, $argument:expr)*) => {{
        $law("count", &CountColumn::new(), (Type::Int64, Type::Timestamp) $(, $argument)*);
        $law("bools", &BoolsColumn::new(), (Type::Bool, Type::Timestamp) $(, $argument)*);
        for scale in [0, 6, 7] {
            let name = format!("histogram {scale}");
            $law(&name, &HistogramColumn::new(scale), (Type::Float64, Type::Timestamp) $(, $argument)*);
        }
        $law("int sum", &SumIntColumn::new(), (Type::Int64, Type::Timestamp) $(, $argument)*);
        $law("int squares", &SumSquaresIntColumn::new(), (Type::Int64, Type::Timestamp) $(, $argument)*);
        $law("float sum", &SumFloatColumn::new(), (Type::Float64, Type::Timestamp) $(, $argument)*);
        $law("float squares", &SumSquaresFloatColumn::new(), (Type::Float64, Type::Timestamp) $(, $argument)*);
        for value in TYPES {
            let types = (value, Type::Timestamp);
            for extreme in [Extreme::Min, Extreme::Max] {
                let name = format!("{extreme:?} {value}");
                $law(&name, &ExtremumColumn::new(extreme, value), types $(, $argument)*);
            }
            for edge in [Edge::First, Edge::Last] {
                for time in TYPES {
                    let name = format!("{edge:?} {value} by {time}");
                    $law(&name, &EdgeColumn::new(edge, value, time), (value, time) $(, $argument)*);
                }
            }
            for limit in [1, 3, 1000] {
                let name = format!("value counts {value}, {limit}");
                $law(&name, &ValueCountsColumn::new(value, limit), types $(, $argument)*);
            }
            $law(&format!("distinct {value}"), &DistinctColumn::new(12), types $(, $argument)*);
            for k in [1, 3] {
                let name = format!("exemplar {value}, {k}");
                $law(&name, &ExemplarColumn::new(value, k), types $(, $argument)*);
            }
        }
    }};
}

fn rows(most: usize) -> impl Strategy<Value = Vec<Row>> {
    let row = (0..GROUPS, prop::bool::weighted(0.9), -3i64..3, any::<u16>());
    prop::collection::vec(row.prop_map(|(group, present, time, seed)| Row { group, present, time, seed }), 0..most)
}

fn rows_and_plan(most: usize) -> impl Strategy<Value = (Vec<Row>, Plan)> {
    rows(most).prop_flat_map(|rows| {
        let order = Just((0..rows.len()).collect::<Vec<usize>>()).prop_shuffle();
        let part_of = prop::collection::vec(0..5usize, rows.len());
        let merges = prop::collection::vec(any::<prop::sample::Index>(), 8);
        let plan = (order, part_of, merges, 1..40usize).prop_map(|(order, part_of, merges, batch_rows)| Plan {
            order,
            part_of,
            merges,
            batch_rows,
        });
        (Just(rows), plan)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn order_split_and_merge_tree_do_not_show((rows, plan) in rows_and_plan(250)) {
        every_state!(one_multiset_has_one_spelling, &rows, &plan);
    }

    #[test]
    fn merging_nothing_changes_nothing(rows in rows(60)) {
        every_state!(nothing_is_the_identity, &rows);
    }

    #[test]
    fn each_state_has_one_spelling_and_reads_no_other(rows in rows(25)) {
        every_state!(bytes_are_read_strictly, &rows);
    }
}
