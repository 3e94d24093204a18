//! Watching the rows of the source.
//!
//! The one idea: what changed while nobody watched is not known, so all of it is looked at again when the triggers are
//! made; until then `check` says `unwatched`.

use super::log::{log_changed, ALWAYS};
use super::members::built_from;
use super::port::{columns, Port, Rows};
use super::Shared;
use isofold::refresh::Window;
use isofold::sql::{Followed, LogTriggers};
use isofold::Result;

/// The triggers as they are to be, and what the database has of them.
pub(super) struct Triggers {
    pub(super) wanted: LogTriggers,
    rows: Rows,
    /// The tables below the source that are not watched.
    pub(super) below: Vec<String>,
    followers: Vec<String>,
}

impl Triggers {
    pub(super) async fn read(shared: &Shared, port: &Port) -> Result<Self> {
        let followers = built_from(shared, port, &shared.catalog.source().table).await?;
        Self::of(shared, port, followers.into_iter().map(|member| member.name).collect()).await
    }

    /// Those of a source that these rollups are built from.
    pub(super) async fn of(shared: &Shared, port: &Port, followers: Vec<String>) -> Result<Self> {
        let schema = port.value(&shared.own.found_schema(), Vec::new()).await?;
        let unique = unique(shared, port).await?;
        let followed = Followed { own_schema: schema.text()?, unique: &unique };
        let wanted = LogTriggers::new(shared.dialect, &shared.catalog, followed);
        let rows = port.run(&wanted.known(), Vec::new()).await?;
        let mut below = Vec::new();
        if let Some(sql) = wanted.below() {
            for row in port.run(&sql, Vec::new()).await? {
                let [table, count] = columns::<2>(&row)?;
                let is_watched = count.integer()?.is_some_and(|count| usize::try_from(count) == Ok(wanted.len()));
                below.extend(table.text()?.filter(|_| !is_watched).map(str::to_owned));
            }
        }
        Ok(Self { wanted, rows, below, followers })
    }

    pub(super) fn known(&self) -> Result<Vec<[Option<&str>; 3]>> {
        self.rows.iter().map(|row| known_of(row)).collect()
    }

    /// Whether every change of the rows is logged.
    pub(super) fn are_watching(&self) -> Result<bool> {
        Ok(self.below.is_empty() && self.wanted.is_watched(&self.known()?))
    }

    /// Logs what may have changed while nobody watched.
    pub(super) async fn look_again(&self, shared: &Shared, port: &Port) -> Result<()> {
        let mut windows = Vec::new();
        if !self.wanted.is_watched(&self.known()?) {
            windows.push(ALWAYS);
        }
        for table in &self.below {
            let extent = port.run(&self.wanted.extent_below(shared.catalog.source(), table), Vec::new()).await?;
            if let Some([Some(start), Some(end)]) = extent.first().map(|row| extent_of(row)).transpose()? {
                windows.push(Window { start, end });
            }
        }
        for window in windows {
            for name in &self.followers {
                log_changed(shared, port, name, window).await?;
            }
        }
        Ok(())
    }
}

fn known_of(row: &[super::SqlValue]) -> Result<[Option<&str>; 3]> {
    let [name, definition, function] = columns::<3>(row)?;
    Ok([name.text()?, definition.text()?, function.text()?])
}

fn extent_of(row: &[super::SqlValue]) -> Result<[Option<i64>; 2]> {
    let [start, end] = columns::<2>(row)?;
    Ok([start.integer()?, end.integer()?])
}

/// The columns of each unique index of the source. One that has an expression is not seen.
async fn unique(shared: &Shared, port: &Port) -> Result<Vec<Vec<String>>> {
    let Some(sql) = LogTriggers::unique(shared.dialect, shared.catalog.source()) else { return Ok(Vec::new()) };
    let mut indexes: Vec<(String, Vec<Option<String>>)> = Vec::new();
    for row in port.run(&sql, Vec::new()).await? {
        let [index, column] = columns::<2>(&row)?;
        let (index, column) = (index.text()?.unwrap_or_default(), column.text()?.map(str::to_owned));
        match indexes.last_mut() {
            Some((last, columns)) if last == index => columns.push(column),
            _ => indexes.push((index.to_owned(), vec![column])),
        }
    }
    Ok(indexes.into_iter().filter_map(|(_, columns)| columns.into_iter().collect()).collect())
}
