//! Reading a rollup: range, bucket, keys, metrics, having, order, windows, gap filling.
//!
//! The one idea: a query is a coarsening of the stored groups (merging only the states it reads) followed by scalar
//! expressions; no row is seen again.
//!
//! Not here: JSON (facade), merging (`table`, `state`).

mod fold;
mod frame;
mod gapfill;
mod leaves;
mod needs;
mod neighbours;
mod order;
mod parts;
mod plan;
mod range;
mod read;
mod reading;
mod source;
mod then;
mod windows;

pub use frame::{Frame, FrameColumn, Warning};
pub use needs::{needs, Needs};
pub use neighbours::{Neighbours, Side};
pub use parts::{query_parts, Part};
pub use reading::QueryPart;
pub use source::{Align, BucketChoice, Compare, Decimals, Fill, QuerySource, ThenSource};
pub use then::then;

use crate::error::{Code, Error, Result};
use crate::limits;
use crate::spec::Derivation;
use crate::table::Rollup;
use crate::value::{OutputType, Type, Value};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use fold::Folded;
use gapfill::Gaps;
use parts::{Edges, Parts};
use plan::Plan;
use reading::{read_into, Reader};
use windows::Windows;

/// The rows of a result on their way: parallel columns.
#[derive(Default)]
pub(crate) struct Table {
    pub(crate) names: Vec<String>,
    pub(crate) types: Vec<OutputType>,
    pub(crate) columns: Vec<Vec<Value>>,
    pub(crate) rows: usize,
    /// How many there would be without a limit.
    pub(crate) total: usize,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) more_warnings: u64,
}

impl Table {
    /// The bucket and the keys of groups, by row.
    fn of_groups(folded: &Folded<'_>, plan: &Plan, order: &[u32]) -> Self {
        let mut table = Self { rows: order.len(), ..Self::default() };
        if plan.bucket.is_some() {
            let starts = order.iter().map(|&group| Value::Timestamp(folded.groups.bucket(group as usize))).collect();
            table.push("bucket".to_string(), OutputType::Scalar(Type::Timestamp), starts);
        }
        for (index, key) in plan.keys.iter().enumerate() {
            let value = |&group: &u32| folded.groups.keys.value(folded.groups.tuple(group as usize), index).clone();
            table.push(key.name.clone(), OutputType::Scalar(key.data_type), order.iter().map(value).collect());
        }
        table
    }

    /// What is told of a cell that has no value.
    fn warning(&self, plan: &Plan, row: usize, metric: String, error: &Error) -> Warning {
        let first_key = usize::from(plan.bucket.is_some());
        let bucket = match self.columns.first().map(|column| &column[row]) {
            Some(Value::Timestamp(us)) if first_key == 1 => Some(*us),
            _ => None,
        };
        let keys = first_key..first_key + plan.keys.len();
        let key = keys.map(|key| (self.names[key].clone(), self.columns[key][row].clone())).collect();
        Warning { code: error.code(), message: error.message().into(), metric, bucket, key }
    }

    /// Appends the rows of a table with the same columns.
    fn append(&mut self, mut other: Table) {
        for (mine, theirs) in self.columns.iter_mut().zip(&mut other.columns) {
            mine.append(theirs);
        }
    }

    pub(crate) fn push(&mut self, name: String, output_type: OutputType, values: Vec<Value>) {
        self.names.push(name);
        self.types.push(output_type);
        self.columns.push(values);
    }

    /// The table with the rows at the given places, in that order.
    pub(crate) fn take(&mut self, rows: &[usize]) {
        for column in &mut self.columns {
            *column = rows.iter().map(|&row| column[row].clone()).collect();
        }
        self.rows = rows.len();
    }

    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }
}

impl Rollup {
    /// Reads metrics, over stored states alone.
    ///
    /// The columns are the bucket (its start, when there is one), the keys, the metrics; ordered by bucket and key unless
    /// told otherwise, NULL last.
    ///
    /// **Errors** `query.*`, `expr.*`, `range.*`, `coarsen.bucket`, `spec.bucket`, `spec.timezone`, `limit.result`.
    ///
    /// **Cost** linear in the groups of the range × the states that the metrics read.
    ///
    /// ```
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/requests.rs")); }
    /// # let mut rollup = example::requests();
    /// use isofold::query::{BucketChoice, QuerySource};
    /// use isofold::Value;
    /// let result = rollup.query(&QuerySource { bucket: BucketChoice::Whole, ..QuerySource::default() })?;
    /// assert_eq!(result.column("n").map(|n| n.values()), Some(&[Value::Int64(2)][..]));
    /// # Ok::<(), isofold::Error>(())
    /// ```
    pub fn query(&self, source: &QuerySource) -> Result<Frame> {
        answer(&self.whole(), source, &mut |all| all.columns())
    }

    /// As [`Rollup::query`], where many groups are read in up to `most` parts that `run` may run in any order and on any
    /// thread; those that it leaves are run after it. The answer does not depend on either.
    ///
    /// **Errors** as [`Rollup::query`].
    pub fn query_by(
        &self,
        source: &QuerySource,
        most: usize,
        mut run: impl FnMut(&mut [QueryPart<'_>]),
    ) -> Result<Frame> {
        answer(&self.whole(), source, &mut |all| all.shared(most, &mut run))
    }

    pub(super) fn whole(&self) -> Parts<'_> {
        let part = (Part { rollup: self, from: None }, Derivation::identity(self.spec()));
        Parts { spec: self.spec(), parts: vec![part], edges: Edges::Buckets }
    }
}

fn answer(parts: &Parts<'_>, source: &QuerySource, reader: &mut Reader<'_>) -> Result<Frame> {
    let table = answer_table(parts, source, reader).map_err(|error| error.within("query"))?;
    Ok(frame_of(table, source))
}

fn frame_of(table: Table, source: &QuerySource) -> Frame {
    let columns = table.names.into_iter().zip(table.types).zip(table.columns);
    let columns = columns.map(|((name, t), values)| FrameColumn::new(name, t, values).with(source.decimals)).collect();
    let warnings = table.warnings.into_iter().map(|warning| warning.with(source.decimals)).collect();
    Frame::new((table.rows, table.total), columns, (warnings, table.more_warnings))
}

fn answer_table(parts: &Parts<'_>, source: &QuerySource, reader: &mut Reader<'_>) -> Result<Table> {
    let plan = Plan::new(parts.spec, source)?;
    let range = parts.range(source)?;
    parts.check_nesting(&plan, &range)?;
    let folded = Folded::new(parts, &plan, &range)?;
    let order = folded.groups.sorted();
    let mut table = Table::of_groups(&folded, &plan, &order);
    read_into(&folded, &plan, &order, "", reader, &mut table);
    let windows = Windows { parts, source, plan: &plan, base: &folded, order: &order };
    windows.append(reader, &mut table)?;
    let kept = order::having(source, &table)?;
    match &source.gapfill {
        Some(fills) => Gaps { parts, source, plan: &plan, range: &range, kept }.fill(fills, reader, &mut table)?,
        None => kept.iter().for_each(|kept| table.take(kept)),
    }
    if table.rows > limits::MAX_RESULT_ROWS {
        return Err(Error::new(
            Code::LimitResult,
            format!("a result has at most {} rows, got {}", limits::MAX_RESULT_ROWS, table.rows),
        ));
    }
    table.total = table.rows;
    order::order_and_limit(source, &mut table)?;
    Ok(table)
}
