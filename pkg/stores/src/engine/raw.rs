//! Reading the rows of the source once for all that is folded of them.
//!
//! The one idea: one statement reads what several rollups need, and says of each row which of them would have read it by
//! itself, so that each folds the same rows as alone, and counts the same ones that do not fit.

use super::port::{Port, Sink};
use super::pushed::{of_rows, Held, Only};
use super::row_sink::{FoldedRows, RowSink};
use super::Shared;
use isofold::column::Values;
use isofold::refresh::Window;
use isofold::spec::Spec;
use isofold::sql::{Condition, Taker};
use isofold::value::ColumnType;
use isofold::{limits, Code, Error, Result, Type};
use isofold_facade::{Batch, Declared};
use std::sync::{Arc, Mutex, PoisonError};

/// Rows that are folded under a spec.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'s> {
    pub(super) spec: &'s Spec,
    pub(super) window: Window,
}

/// What failed, and for which of several, where that is known.
#[derive(Debug)]
pub(super) struct Blamed {
    pub(super) error: Error,
    pub(super) on: Option<usize>,
}

impl Blamed {
    pub(super) fn on(at: usize) -> impl FnOnce(Error) -> Self {
        move |error| Self { error, on: Some(at) }
    }
}

impl From<Error> for Blamed {
    fn from(error: Error) -> Self {
        Self { error, on: None }
    }
}

const TAKEN: ColumnType = ColumnType { data_type: Type::Int64, unit: None };

/// One of those that take rows.
struct Part {
    sink: RowSink,
    /// The columns that it reads, where others are read too.
    read: Vec<Declared>,
    is_alone: bool,
    /// The column that says which rows it takes, where not all are.
    taken: Option<Declared>,
}

impl Part {
    fn fold(&mut self, batch: &Batch<'_>) -> Result<()> {
        if self.is_alone {
            return self.sink.fold(batch);
        }
        let whole = 0..batch.rows();
        let Some(taken) = &self.taken else { return self.sink.fold(&batch.block(&self.read, whole)) };
        let flags = batch.conformed(std::slice::from_ref(taken))?;
        let Values::Int64(values) = &flags[0].values else {
            return Err(Error::new(Code::StoreValue, "what tells whether a row is read is no integer"));
        };
        let is_taken = |row: &u32| flags[0].is_valid(*row as usize) && values[*row as usize] == 1;
        let rows = u32::try_from(batch.rows()).unwrap_or(u32::MAX);
        let places: Vec<u32> = (0..rows).filter(is_taken).collect();
        match places.len() {
            0 => Ok(()),
            count if count == batch.rows() => self.sink.fold(&batch.block(&self.read, whole)),
            _ => self.sink.fold(&batch.picked(&self.read, &places)),
        }
    }
}

/// All that take rows; the first that refuses one ends it.
struct Together {
    parts: Vec<Part>,
    refused: Option<usize>,
}

impl Sink for Together {
    fn fold(&mut self, batch: &Batch<'_>) -> Result<()> {
        for (at, part) in self.parts.iter_mut().enumerate() {
            if let Err(error) = part.fold(batch) {
                self.refused = Some(at);
                return Err(error);
            }
        }
        Ok(())
    }
}

/// Whether two specs read the same of the columns that both read.
pub(super) fn read_alike(one: &Spec, other: &Spec) -> bool {
    let read = |spec: &Spec| -> Vec<(String, ColumnType)> {
        let columns = spec.columns();
        spec.read_columns().iter().map(|&at| (columns[at].name().to_owned(), columns[at].column_type())).collect()
    };
    let other = read(other);
    read(one).iter().all(|(name, kind)| other.iter().all(|(known, other)| known != name || other == kind))
}

/// Folds the rows of a window under a spec, at least those of the groups that are asked for.
pub(super) async fn fold_rows(
    shared: &Shared,
    port: &Port,
    spec: &Spec,
    window: Window,
    only: Option<&Only<'_>>,
) -> Result<FoldedRows> {
    let folded = fold_asked(shared, port, &[Wanted { spec, window }], only).await.map_err(|blamed| blamed.error)?;
    // inside corruption stops: one is folded for each that is wanted
    Ok(folded.into_iter().next().expect("what was wanted is folded"))
}

/// Folds the rows of several windows in one read of them. Their specs read columns alike.
pub(super) async fn fold_together(
    shared: &Shared,
    port: &Port,
    wanted: &[Wanted<'_>],
) -> Result<Vec<FoldedRows>, Blamed> {
    fold_asked(shared, port, wanted, None).await
}

async fn fold_asked(
    shared: &Shared,
    port: &Port,
    wanted: &[Wanted<'_>],
    only: Option<&Only<'_>>,
) -> Result<Vec<FoldedRows>, Blamed> {
    let source = shared.rows();
    let mut held = Held::default();
    let mut conditions = Vec::new();
    let mut columns: Vec<(String, ColumnType)> = Vec::new();
    for each in wanted {
        conditions.push(of_rows(shared, port, &mut held, each.spec, only).await?);
        for read in each.spec.read_columns() {
            let column = &each.spec.columns()[read];
            if !columns.iter().any(|(name, _)| name == column.name()) {
                columns.push((column.name().to_owned(), column.column_type()));
            }
        }
    }
    let bound = |at: i64, open: i64| (at != open).then_some(at);
    let range = |window: Window| (bound(window.start, limits::MIN_TIME_US), bound(window.end, limits::MAX_TIME_US));
    let windows = || wanted.iter().map(|each| each.window);
    let whole =
        windows().reduce(|one, other| Window { start: one.start.min(other.start), end: one.end.max(other.end) });
    let Some(whole) = whole else { return Ok(Vec::new()) };
    let takers = takers(wanted, &conditions, whole, &columns, range);
    let sql = match takers.as_slice() {
        [only] => source.read(&columns, range(whole), only.condition),
        takers => source.read_together(&columns, range(whole), takers),
    };
    let parts = wanted.iter().zip(&takers).map(|(each, taker)| {
        let sink = RowSink::new(shared, each.spec, each.window);
        let read = sink.read();
        let taken = taker.name.as_deref().map(|name| Declared::new(name, TAKEN));
        Part { sink, read, is_alone: wanted.len() == 1, taken }
    });
    let given = columns.iter().map(|(name, kind)| (name.clone(), source.column_type(*kind)));
    let given = given.chain(takers.iter().filter_map(|taker| Some((taker.name.clone()?, TAKEN)))).collect();
    let sink = Arc::new(Mutex::new(Together { parts: parts.collect(), refused: None }));
    let streamed = port.stream(sql, given, Arc::clone(&sink)).await;
    let mut sink = sink.lock().unwrap_or_else(PoisonError::into_inner);
    match streamed {
        Ok(()) => Ok(sink.parts.iter_mut().map(|part| part.sink.finish()).collect()),
        Err(error) => Err(Blamed { error, on: sink.refused }),
    }
}

/// Which rows of those that are read each takes.
fn takers<'c>(
    wanted: &[Wanted<'_>],
    conditions: &'c [Option<Condition>],
    whole: Window,
    columns: &[(String, ColumnType)],
    range: impl Fn(Window) -> (Option<i64>, Option<i64>),
) -> Vec<Taker<'c>> {
    let is_one = conditions.windows(2).all(|pair| pair[0] == pair[1]);
    let taker = |(at, (each, condition)): (usize, (&Wanted<'_>, &'c Option<Condition>))| {
        let takes_all = each.window == whole && (is_one || condition.is_none());
        let mut name = format!("isofold_takes_{at}");
        while columns.iter().any(|(known, _)| *known == name) {
            name.push('_');
        }
        Taker { name: (!takes_all).then_some(name), range: range(each.window), condition: condition.as_ref() }
    };
    wanted.iter().zip(conditions).enumerate().map(taker).collect()
}
