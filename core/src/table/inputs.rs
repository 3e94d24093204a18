//! What the states of a spec read of a batch: columns, and which rows.
//!
//! The one idea: an expression and a choice of rows are evaluated once, however many states share them.

use crate::column::{Column, Values};
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::math::Float64;
use crate::spec::{Argument, Metric, RowExpr, Spec, StateDef};
use crate::state::{StateKind, TextHashes};
use crate::value::Type;
use alloc::borrow::Cow;
use alloc::format;
use alloc::vec::Vec;
use core::cell::OnceCell;

/// The declared columns of a batch.
pub(super) struct Declared<'a> {
    columns: Vec<Column<'a>>,
    /// Whether the doubles of a column are canonical, found where it is first asked for.
    canonical: Vec<OnceCell<bool>>,
}

/// What one state reads of a batch.
pub(super) struct StateInput<'a> {
    /// Its place among the masks.
    pub mask: usize,
    pub argument: Operand<'a>,
    pub by: Operand<'a>,
}

/// A column that a state reads.
pub(super) enum Operand<'a> {
    None,
    /// An input of the spec, by index.
    Shared(usize),
    /// An input evaluated for the rows of this state alone.
    Own(Column<'a>),
}

/// Which of the kept rows a state sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mask<'a> {
    Every,
    None,
    /// By row of the batch; false also where a row is not kept.
    Of(Cow<'a, [bool]>),
}

/// What all states read of a batch.
pub(super) struct Inputs<'a> {
    shared: Vec<Result<Column<'a>>>,
    pub states: Vec<StateInput<'a>>,
    pub masks: Vec<Mask<'a>>,
}

/// What decides which rows a state sees.
type MaskKey = (Argument, Option<usize>, Option<usize>);

impl<'a> Declared<'a> {
    pub fn new(columns: Vec<Column<'a>>) -> Self {
        let canonical = columns.iter().map(|_| OnceCell::new()).collect();
        Self { columns, canonical }
    }

    pub fn columns(&self) -> &[Column<'a>] {
        &self.columns
    }

    /// Whether no value of a column is a NaN or −0.0.
    fn is_canonical(&self, index: usize) -> bool {
        match &self.columns[index].values {
            Values::Float64(bits) => *self.canonical[index].get_or_init(|| is_canonical(bits)),
            _ => true,
        }
    }
}

impl<'a> Inputs<'a> {
    /// The truths of the filters of the spec, by row.
    ///
    /// **Errors** `expr.*` of kept rows.
    pub fn filters(
        spec: &Spec,
        declared: &'a Declared<'a>,
        rows: usize,
        kept: Option<&[bool]>,
    ) -> Result<Vec<Vec<bool>>> {
        let truths = |(index, filter)| {
            let state = || spec.states().iter().position(|state| state.filter() == Some(index));
            truths(filter, declared, rows, kept).map_err(|error| within_metric(spec, state(), error))
        };
        spec.filters().iter().enumerate().map(truths).collect()
    }

    /// Evaluates what every state reads.
    ///
    /// **Errors** `expr.*` of rows that a state sees, `ingest.text`.
    pub fn new(
        spec: &Spec,
        declared: &'a Declared<'a>,
        rows: usize,
        kept: Option<&'a [bool]>,
        filters: &'a [Vec<bool>],
    ) -> Result<Self> {
        let shared = spec.inputs().iter().map(|input| evaluate(input, declared, rows, kept)).collect();
        let mut inputs = Self { shared, states: Vec::with_capacity(spec.states().len()), masks: Vec::new() };
        let mut keys: Vec<(MaskKey, usize)> = Vec::new();
        for (index, state) in spec.states().iter().enumerate() {
            let place = |error| within_metric(spec, Some(index), error);
            let filter = state.filter().map(|index| filters[index].as_slice());
            let seen = filter.or(kept);
            let (argument, by) = inputs.operands(spec, state, declared, rows, seen).map_err(place)?;
            let key = (state.argument(), state.by(), state.filter());
            let known = keys.iter().find(|(known, _)| *known == key).map(|&(_, mask)| mask);
            let mask = known.unwrap_or_else(|| {
                let mask = match state.argument() {
                    Argument::NaNs(index) => nan_rows(declared, index, seen),
                    Argument::Rows | Argument::Values(_) => {
                        present_of(filter, kept, [inputs.column(&argument), inputs.column(&by)])
                    }
                };
                let place = inputs.place_of(mask);
                keys.push((key, place));
                place
            });
            let read = [inputs.column(&argument), inputs.column(&by)];
            match &inputs.masks[mask] {
                Mask::Every => check_texts(state, kept, read).map_err(place)?,
                Mask::None => {}
                Mask::Of(present) => check_texts(state, Some(present), read).map_err(place)?,
            }
            inputs.states.push(StateInput { mask, argument, by });
        }
        Ok(inputs)
    }

    fn place_of(&mut self, mask: Mask<'a>) -> usize {
        // masks with rows of their own are told apart by what decides them
        let shared = !matches!(mask, Mask::Of(_));
        let known = if shared { self.masks.iter().position(|known| *known == mask) } else { None };
        known.unwrap_or_else(|| {
            self.masks.push(mask);
            self.masks.len() - 1
        })
    }

    fn operands(
        &self,
        spec: &Spec,
        state: &StateDef,
        declared: &'a Declared<'a>,
        rows: usize,
        seen: Option<&[bool]>,
    ) -> Result<(Operand<'a>, Operand<'a>)> {
        let take = |index: usize| match (&self.shared[index], seen) {
            (Ok(_), _) => Ok(Operand::Shared(index)),
            // the failing row may be one that this state does not see
            (Err(_), Some(_)) => evaluate(&spec.inputs()[index], declared, rows, seen).map(Operand::Own),
            (Err(error), None) => Err(error.clone()),
        };
        match state.argument() {
            Argument::Rows | Argument::NaNs(_) => Ok((Operand::None, Operand::None)),
            Argument::Values(index) => Ok((take(index)?, state.by().map_or(Ok(Operand::None), take)?)),
        }
    }

    pub fn column<'b>(&'b self, operand: &'b Operand<'a>) -> Option<&'b Column<'a>> {
        match operand {
            Operand::None => None,
            Operand::Shared(index) => self.shared[*index].as_ref().ok(),
            Operand::Own(column) => Some(column),
        }
    }

    /// The values of the argument of a state, by its index.
    fn values(&self, state: usize) -> Option<&Values<'a>> {
        self.column(&self.states.get(state)?.argument).map(|column| &column.values)
    }

    /// For each state that counts texts by their hashes, those of its dictionary.
    pub fn text_hashes(&self, spec: &Spec) -> Vec<Option<TextHashes<'_>>> {
        let of = |(state, input): (&StateDef, _)| {
            let Some(Values::String(codes, texts)) = self.values(input) else { return None };
            match state.kind() {
                StateKind::Distinct(_) => Some(TextHashes::new(texts, codes.len())),
                StateKind::ValueCounts(..) => Some(TextHashes::with_places(texts, codes.len())),
                _ => None,
            }
        };
        spec.states().iter().zip(0..).map(of).collect()
    }
}

/// The rows of a filter in which every column has a value.
fn present_of<'a>(filter: Option<&'a [bool]>, kept: Option<&'a [bool]>, columns: [Option<&Column<'a>>; 2]) -> Mask<'a> {
    let mut mask = filter.map(Cow::Borrowed);
    for validity in columns.into_iter().flatten().filter_map(|column| column.validity.as_deref()) {
        let present = mask
            .get_or_insert_with(|| kept.map_or_else(|| Cow::Owned(alloc::vec![true; validity.len()]), Cow::Borrowed));
        and(present.to_mut(), Some(validity));
    }
    mask.map_or(Mask::Every, Mask::Of)
}

/// Values that a state keeps as text are short enough.
fn check_texts(state: &StateDef, present: Option<&[bool]>, columns: [Option<&Column<'_>>; 2]) -> Result<()> {
    let keeps_text = match state.kind() {
        StateKind::Extremum(_, t) | StateKind::ValueCounts(t, _) => t == Type::String,
        StateKind::Edge(_, value, by) => value == Type::String || by == Type::String,
        _ => false,
    };
    if !keeps_text {
        return Ok(());
    }
    for column in columns.into_iter().flatten() {
        let Values::String(codes, texts) = &column.values else { continue };
        if texts.longest() <= limits::MAX_STATE_TEXT_BYTES {
            continue;
        }
        for (row, &code) in codes.iter().enumerate() {
            if present.is_none_or(|present| present[row]) && texts[code as usize].len() > limits::MAX_STATE_TEXT_BYTES {
                return Err(Error::new(
                    Code::IngestText,
                    format!(
                        "{} keeps texts of at most {} bytes, got {}",
                        state.text(),
                        limits::MAX_STATE_TEXT_BYTES,
                        texts[code as usize].len()
                    ),
                )
                .in_row(row));
            }
        }
    }
    Ok(())
}

/// The error under the name of the first metric that reads the state.
fn within_metric(spec: &Spec, state: Option<usize>, error: Error) -> Error {
    let reads =
        |metric: &&Metric| metric.leaves().iter().any(|leaf| state.is_some_and(|state| leaf.states().contains(&state)));
    match spec.metrics().iter().find(reads) {
        Some(metric) => error.within(metric.name()),
        None => error,
    }
    .within("spec.select")
}

/// Evaluates over the kept rows: an error in a row that is left out is no error, and its value may be any.
fn evaluate<'a>(expr: &RowExpr, declared: &'a Declared<'a>, rows: usize, kept: Option<&[bool]>) -> Result<Column<'a>> {
    let columns = declared.columns();
    if let Some(index) = expr.expr().is_leaf().filter(|&index| index < columns.len() && declared.is_canonical(index)) {
        return Ok(columns[index].borrowed());
    }
    match kept {
        Some(kept) => expr.expr().evaluate_kept(columns, rows, kept),
        None => expr.expr().evaluate_columns(columns, rows),
    }
}

/// The values of a key, none of them longer than a rollup keeps.
pub(super) fn key_column<'a>(
    key: &RowExpr,
    declared: &'a Declared<'a>,
    rows: usize,
    kept: Option<&[bool]>,
) -> Result<Column<'a>> {
    let column = evaluate(key, declared, rows, kept)?;
    let Values::String(codes, texts) = &column.values else { return Ok(column) };
    if texts.longest() <= limits::MAX_KEY_BYTES {
        return Ok(column);
    }
    let is_kept = |row: usize| column.is_valid(row) && kept.is_none_or(|kept| kept[row]);
    // the code of a row without a value may point anywhere
    let length = |row: usize| if is_kept(row) { texts[codes[row] as usize].len() } else { 0 };
    match (0..rows).find(|&row| length(row) > limits::MAX_KEY_BYTES) {
        Some(row) => {
            let text = format!("a text key must be at most {} bytes, got {}", limits::MAX_KEY_BYTES, length(row));
            Err(Error::new(Code::IngestText, text).in_row(row))
        }
        None => Ok(column),
    }
}

/// `true` in the kept rows where the condition is true; NULL is not.
pub(super) fn truths<'a>(
    condition: &RowExpr,
    declared: &'a Declared<'a>,
    rows: usize,
    kept: Option<&[bool]>,
) -> Result<Vec<bool>> {
    let column = evaluate(condition, declared, rows, kept)?;
    let mut truths = match column.values {
        Values::Bool(values) => values.into_owned(),
        // inside corruption stops: the spec compiler takes conditions alone
        _ => unreachable!("a condition is bool"),
    };
    and(&mut truths, column.validity.as_deref());
    and(&mut truths, kept);
    Ok(truths)
}

fn and(mask: &mut [bool], other: Option<&[bool]>) {
    if let Some(other) = other {
        for (mask, &other) in mask.iter_mut().zip(other) {
            *mask &= other;
        }
    }
}

/// The rows of the mask in which a float column holds a NaN.
fn nan_rows<'a>(declared: &Declared<'_>, index: usize, mask: Option<&[bool]>) -> Mask<'a> {
    let column = &declared.columns[index];
    match &column.values {
        Values::Float64(bits) if !declared.is_canonical(index) => {
            let mut nans: Vec<bool> = bits.iter().map(|&bits| Float64::from_bits(bits).is_nan()).collect();
            and(&mut nans, column.validity.as_deref());
            and(&mut nans, mask);
            Mask::Of(Cow::Owned(nans))
        }
        _ => Mask::None,
    }
}

/// Whether no double is a NaN or −0.0.
fn is_canonical(bits: &[u64]) -> bool {
    const SIGN: u64 = 1 << 63;
    const INFINITY: u64 = 0x7ff0_0000_0000_0000;
    // The top bit of each difference tells: below 0 for a NaN, and for −0.0, which is the sign alone, past 0 by one.
    // No compares, which early processors do not have for pairs of 64 bits, and no early end: the loop is vectorised.
    let odd = bits.iter().fold(0, |odd, &bits| {
        let nan = INFINITY.wrapping_sub(bits & !SIGN);
        let turned = bits ^ SIGN;
        odd | nan | (turned.wrapping_sub(1) & !turned)
    });
    odd & SIGN == 0
}
