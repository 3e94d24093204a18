//! What of a condition a database is asked, so that fewer rows are read.
//!
//! The one idea: the kernel evaluates every condition again; what the database is asked only leaves out what the kernel
//! would leave out for certain. A condition of which it can answer nothing costs a statement and changes nothing.
//!
//! Not here: what can be asked (`isofold::sql`).

use super::port::{columns, Port};
use super::Shared;
use isofold::expr::Expr;
use isofold::query::{needs, QuerySource};
use isofold::spec::Spec;
use isofold::sql::{Condition, HeldTypes};
use isofold::value::ColumnType;
use isofold::Result;

/// The groups that a query asks for by their keys.
#[derive(Clone, Debug)]
pub(super) struct Only<'q> {
    /// The spec whose keys are meant.
    spec: &'q Spec,
    ours: Expr,
    /// What tells it from others.
    pub(super) name: String,
}

impl<'q> Only<'q> {
    /// The `where` of a query, where it has one.
    ///
    /// **Errors** those of the query.
    pub(super) fn of(shared: &'q Shared, level: usize, query: &QuerySource) -> Result<Option<Self>> {
        let spec = &shared.catalog.levels()[level].spec;
        let Some(text) = &query.filter else { return Ok(None) };
        let name = format!("{} {text} {:?}", spec.name(), query.parameters);
        Ok(needs(spec, query)?.filter.map(|ours| Self { spec, ours, name }))
    }
}

async fn held_types(port: &Port, sql: &str) -> Result<HeldTypes> {
    let rows = port.run(sql, Vec::new()).await?;
    let rows: Vec<[Option<&str>; 4]> = rows
        .iter()
        .map(|row| {
            let [name, held, exact, encoding] = columns::<4>(row)?;
            Ok([name.text()?, held.text()?, exact.text()?, encoding.text()?])
        })
        .collect::<Result<_>>()?;
    Ok(HeldTypes::read(&rows))
}

/// The types of the columns of the rows, asked when they are needed first.
#[derive(Debug, Default)]
pub(super) struct Held(Option<HeldTypes>);

/// What the rows are asked that a spec folds, for the groups that a query asks for.
pub(super) async fn of_rows(
    shared: &Shared,
    port: &Port,
    held: &mut Held,
    spec: &Spec,
    only: Option<&Only<'_>>,
) -> Result<Option<Condition>> {
    let filters = [spec.filter().map(|filter| filter.expr().clone()), only.map(|only| only.spec.over_rows(&only.ours))];
    if filters.iter().all(Option::is_none) {
        return Ok(None);
    }
    let rows = shared.rows();
    let held = match &mut held.0 {
        Some(held) => held,
        none => none.insert(held_types(port, &rows.held_types()).await?),
    };
    let columns: Vec<(String, ColumnType)> =
        spec.columns().iter().map(|column| (column.name().to_owned(), column.column_type())).collect();
    let asked = filters.iter().flatten().filter_map(|ours| rows.condition(ours, &columns, held));
    Ok(asked.reduce(Condition::and))
}

/// What the groups of a level are asked.
pub(super) async fn of_groups(
    shared: &Shared,
    port: &Port,
    level: usize,
    only: Option<&Only<'_>>,
) -> Result<Option<Condition>> {
    let Some(only) = only else { return Ok(None) };
    let table = shared.table(level);
    let held = held_types(port, &table.held_types()).await?;
    Ok(table.condition(&only.ours, only.spec, &held))
}
