//! Reading and dropping the rows of the source.

use super::dialect::{era_text, micros, qualified, quoted, time_text, Dialect};
use super::held::HeldTypes;
use super::printer::Condition;
use crate::error::{Code, Error, Result};
use crate::expr::Expr;
use crate::limits::{MAX_TIME_US, MIN_ROW_TIME_US};
use crate::refresh::SourceTable;
use crate::time::{parse_timestamp, DAY_US, SECOND_US};
use crate::value::{ColumnType, TimeUnit, Type, Value};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// What the text of a time begins with.
const DATED: &str = "[0-9][0-9][0-9][0-9]-*";

/// How far from UTC the clocks of a text can be, and more.
const ZONES_US: i64 = 16 * 3600 * SECOND_US;

/// Who takes some of the rows that [`SourceRows::read_together`] reads.
#[derive(Clone, Debug)]
pub struct Taker<'c> {
    /// The column that says whether a row is taken, where not all are.
    pub name: Option<String>,
    /// The times of its rows, where they are bounded.
    pub range: (Option<i64>, Option<i64>),
    /// What may be true of its rows.
    pub condition: Option<&'c Condition>,
}

/// The statements on the table of rows.
#[derive(Clone, Debug)]
pub struct SourceRows<'a> {
    dialect: Dialect,
    source: &'a SourceTable,
}

impl<'a> SourceRows<'a> {
    /// The rows of a source.
    #[must_use]
    pub fn new(dialect: Dialect, source: &'a SourceTable) -> Self {
        Self { dialect, source }
    }

    fn table(&self) -> String {
        qualified(self.source.schema.as_deref(), &self.source.table)
    }

    fn time_unit(&self) -> Option<TimeUnit> {
        let time = self.source.columns.iter().find(|(name, _)| *name == self.source.time);
        time.and_then(|(_, column_type)| column_type.unit)
    }

    /// Whether the statements of a range may give rows outside it, as times in texts do.
    #[must_use]
    pub fn is_ragged(&self) -> bool {
        self.dialect == Dialect::Sqlite && self.time_unit().is_none()
    }

    /// How far before [`SourceRows::extent`] a row may be: the least text is not the first time where spellings or
    /// zones differ.
    #[must_use]
    pub fn first_slack_us(&self) -> i64 {
        if self.is_ragged() {
            ZONES_US + DAY_US
        } else {
            0
        }
    }

    /// The columns as [`SourceRows::read`] gives them: times are µs where the database has times, and booleans are 0
    /// and 1 where it has none.
    #[must_use]
    pub fn column_type(&self, column_type: ColumnType) -> ColumnType {
        match (self.dialect, column_type) {
            (Dialect::Postgres, ColumnType { data_type: Type::Timestamp, unit: None }) => {
                ColumnType { data_type: Type::Timestamp, unit: Some(TimeUnit::Microsecond) }
            }
            (Dialect::Sqlite, ColumnType { data_type: Type::Bool, .. }) => {
                ColumnType { data_type: Type::Int64, unit: None }
            }
            _ => column_type,
        }
    }

    /// The rows of a range with these columns, of which a condition may be true.
    #[must_use]
    pub fn read(
        &self,
        columns: &[(String, ColumnType)],
        (start, end): (Option<i64>, Option<i64>),
        condition: Option<&Condition>,
    ) -> String {
        let columns: Vec<String> = columns.iter().map(|(name, column_type)| self.column(name, *column_type)).collect();
        format!("SELECT {} FROM {}{}", columns.join(", "), self.from(), self.kept(start, end, condition))
    }

    /// The rows of a range that some of several takers take, each those of a range inside of which a condition may be true.
    /// After the columns comes one for each taker that has a name: 1 where it takes the row, otherwise 0 or NULL. Who has
    /// none takes all rows of the range.
    #[must_use]
    pub fn read_together(
        &self,
        columns: &[(String, ColumnType)],
        (start, end): (Option<i64>, Option<i64>),
        takers: &[Taker<'_>],
    ) -> String {
        let columns = columns.iter().map(|(name, column_type)| self.column(name, *column_type));
        let named = takers.iter().filter_map(|taker| Some((taker.name.as_deref()?, taker)));
        let flags = named.map(|(name, taker)| {
            let kept = self.kept(taker.range.0, taker.range.1, taker.condition);
            let taken = kept.trim_start_matches(" WHERE ");
            match self.dialect {
                Dialect::Postgres => format!("({taken})::int AS {}", quoted(name)),
                Dialect::Sqlite => format!("({taken}) AS {}", quoted(name)),
            }
        });
        let columns: Vec<String> = columns.chain(flags).collect();
        let conditions: Option<Vec<&str>> =
            takers.iter().map(|taker| taker.condition.map(|condition| condition.sql.as_str())).collect();
        // one that has no condition takes what the others leave out
        let any = conditions.map(|mut conditions| {
            conditions.dedup();
            conditions.iter().map(|sql| format!("({sql})")).collect::<Vec<_>>().join(" OR ")
        });
        let any = any.map(|any| format!(" AND ({any})")).unwrap_or_default();
        format!("SELECT {} FROM {}{}{any}", columns.join(", "), self.from(), self.range(start, end))
    }

    /// Asks for the types of the columns, as [`HeldTypes::read`] takes them.
    #[must_use]
    pub fn held_types(&self) -> String {
        HeldTypes::statement(self.dialect, self.source.schema.as_deref(), &self.source.table)
    }

    /// What the table can answer of a condition whose slots are these columns. A row of which it is not true is one that ours
    /// leaves out for certain.
    #[must_use]
    pub fn condition(&self, ours: &Expr, columns: &[(String, ColumnType)], held: &HeldTypes) -> Option<Condition> {
        held.condition_of_rows(self.dialect, ours, columns)
    }

    /// The table under a name of ours: in quotes alone, a column that is not there is a text to SQLite.
    fn from(&self) -> String {
        format!("{} AS r", self.table())
    }

    fn time(&self) -> String {
        format!("r.{}", quoted(&self.source.time))
    }

    fn column(&self, name: &str, column_type: ColumnType) -> String {
        let column = format!("r.{}", quoted(name));
        let read = match (self.dialect, column_type.data_type, column_type.unit) {
            (Dialect::Postgres, Type::Timestamp, None) => micros(&format!("{column}::timestamptz")),
            (Dialect::Postgres, Type::Float64, _) => format!("{column}::double precision"),
            // whatever a decimal is kept in, its text has its digits
            (Dialect::Postgres, Type::String | Type::Decimal(_), _) => format!("{column}::text"),
            _ => return column,
        };
        format!("{read} AS {}", quoted(name))
    }

    fn range(&self, start: Option<i64>, end: Option<i64>) -> String {
        let time = self.time();
        let exact = (self.is_ragged() && (start.is_some() || end.is_some())).then(|| self.as_spelled(start, end, "1"));
        let (first, last) = self.sides();
        let start = start.filter(|us| *us > MIN_ROW_TIME_US).map_or(first, |us| self.bound(us, Side::Start));
        let end = end.filter(|us| *us < MAX_TIME_US).map_or(last, |us| self.bound(us, Side::End));
        let bounds = [format!("{time} >= {start}"), format!("{time} < {end}")];
        let bounds: Vec<String> = bounds.into_iter().chain(exact).collect();
        format!(" WHERE {}", bounds.join(" AND "))
    }

    /// The bounds of all times: one that is infinite, before year 1 or past year 9999 is in no rollup, nor is what no
    /// database compares as a time.
    fn sides(&self) -> (String, String) {
        match (self.dialect, self.time_unit()) {
            (_, Some(_)) => (self.bound(MIN_ROW_TIME_US, Side::Start), self.bound(MAX_TIME_US, Side::End)),
            (Dialect::Postgres, None) => {
                (self.bound(MIN_ROW_TIME_US, Side::Start), format!("to_timestamp({})", MAX_TIME_US / SECOND_US))
            }
            // neither is taken for a number, whatever the column is declared as
            (Dialect::Sqlite, None) => ("'0001-'".into(), "':'".into()),
        }
    }

    /// How many rows a range has of which a condition may be true; with times in texts of mixed zones, some around it too.
    #[must_use]
    pub fn count(&self, (start, end): (Option<i64>, Option<i64>), condition: Option<&Condition>) -> String {
        format!("SELECT count(*) FROM {}{}", self.from(), self.kept(start, end, condition))
    }

    fn kept(&self, start: Option<i64>, end: Option<i64>, condition: Option<&Condition>) -> String {
        let condition = condition.map(|condition| format!(" AND {}", condition.sql)).unwrap_or_default();
        format!("{}{condition}", self.range(start, end))
    }

    /// A text that does not begin as a date is no time.
    fn dated(&self) -> String {
        if self.is_ragged() {
            format!(" AND {} GLOB '{DATED}'", self.time())
        } else {
            String::new()
        }
    }

    /// How many rows have a time that is in no rollup; those without a time are not counted.
    #[must_use]
    pub fn count_outside(&self) -> String {
        let (time, table, (first, last)) = (self.time(), self.from(), self.sides());
        if !self.is_ragged() {
            return format!("SELECT count(*) FROM {table} WHERE {time} < {first} OR {time} >= {last}");
        }
        // in the order of texts, before the first date and after the last one
        let end = |aggregate: &str| {
            let dated = format!("{}{}", self.range(None, None), self.dated());
            format!("coalesce((SELECT {aggregate}({time}) FROM {table}{dated}), {last})")
        };
        format!("SELECT count(*) FROM {table} WHERE {time} < {} OR {time} > {}", end("min"), end("max"))
    }

    fn bound(&self, us: i64, side: Side) -> String {
        let per_unit = match self.time_unit() {
            Some(TimeUnit::Second) => Some((1, SECOND_US)),
            Some(TimeUnit::Millisecond) => Some((1, 1000)),
            Some(TimeUnit::Microsecond) => Some((1, 1)),
            Some(TimeUnit::Nanosecond) => Some((1000, 1)),
            None => None,
        };
        if let Some((times, divisor)) = per_unit {
            // the first whole unit at or after the instant, on both sides of a half-open range
            let units = i128::from(us).div_euclid(divisor.into()) + i128::from(us.rem_euclid(divisor) != 0);
            return (units * times).to_string();
        }
        match (self.dialect, side) {
            (Dialect::Postgres, _) => {
                format!("{}::timestamptz", self.dialect.literal(&era_text(&time_text(us, us % SECOND_US == 0))))
            }
            // a space sorts before every digit and letter, so no spelling of a time in the range is left out
            (Dialect::Sqlite, Side::Start) => {
                let text = time_text(us.saturating_sub(ZONES_US), true);
                self.dialect.literal(&text.trim_end_matches('Z').replace('T', " "))
            }
            (Dialect::Sqlite, Side::End) => {
                self.dialect.literal(time_text(us.saturating_add(ZONES_US + SECOND_US), true).trim_end_matches('Z'))
            }
        }
    }

    /// The times of the first row, and of the newest one up to a time: one row, NULL where there is none.
    #[must_use]
    pub fn extent(&self, until: i64) -> String {
        let (time, table) = (self.time(), self.from());
        let micros = |aggregate: &str| match (self.dialect, self.time_unit()) {
            (Dialect::Postgres, None) => micros(&format!("{aggregate}({time})::timestamptz")),
            _ => format!("{aggregate}({time})"),
        };
        let dated = self.dated();
        let newest = self.range(None, Some(until.saturating_add(1)));
        // two questions, each of which an index answers by one row
        format!(
            "SELECT (SELECT {} FROM {table}{}{dated}), (SELECT {} FROM {table}{newest}{dated})",
            micros("min"),
            self.range(None, None),
            micros("max")
        )
    }

    /// The instant of what [`SourceRows::extent`] returns, in µs.
    ///
    /// **Errors** `store.value` for what is no time.
    pub fn instant(&self, value: &Value) -> Result<Option<i64>> {
        let scaled = |value: i64, unit| match unit {
            TimeUnit::Second => value.checked_mul(SECOND_US),
            TimeUnit::Millisecond => value.checked_mul(1000),
            TimeUnit::Microsecond => Some(value),
            TimeUnit::Nanosecond => Some(value.div_euclid(1000)),
        };
        let instant = match (value, self.time_unit(), self.dialect) {
            (Value::Null, ..) => return Ok(None),
            (Value::Int64(value), Some(unit), _) => scaled(*value, unit),
            (Value::Int64(us), None, Dialect::Postgres) => Some(*us),
            (Value::String(text), None, Dialect::Sqlite) => Self::nearest(text),
            _ => None,
        };
        instant.map(Some).ok_or_else(|| {
            let text = format!("the column {} of {} holds what is no time", self.source.time, self.source.table);
            Error::new(Code::StoreValue, text)
        })
    }

    /// The time of a text; of one that is no time, where it stands among those that are.
    #[must_use]
    pub fn nearest(text: &str) -> Option<i64> {
        let at = |text: &str| parse_timestamp(text).ok();
        // how much is a time, what makes it one, and what no text of that time is after
        const PARTS: [(usize, &str, &[&str]); 6] = [
            (19, "", &[""]),
            (16, "", &[":59"]),
            (13, ":00", &[":59:59"]),
            (10, "", &["T23:59:59"]),
            (7, "-01", &["-31T23:59:59", "-30T23:59:59", "-29T23:59:59", "-28T23:59:59"]),
            (4, "-01-01", &["-12-31T23:59:59"]),
        ];
        let part = |(length, first, last): (usize, &str, &[&str])| {
            let (begin, rest) = text.split_at_checked(length)?;
            let start = at(&format!("{begin}{first}"))?;
            let end = last.iter().find_map(|last| at(&format!("{begin}{last}")).map(|at| (*last, at)));
            let is_after = |last: &str| match rest.strip_prefix(' ') {
                Some(rest) => last.get(1..).is_some_and(|last| rest > last) && last.starts_with('T'),
                None => rest > last,
            };
            Some(end.filter(|(last, _)| is_after(last)).map_or(start, |(_, end)| end))
        };
        at(text).or_else(|| PARTS.into_iter().find_map(part))
    }

    fn before(&self, before: i64) -> String {
        let time = quoted(&self.source.time);
        let bound = |side| format!("{time} < {}", self.bound(before, side));
        if !self.is_ragged() {
            return bound(Side::End);
        }
        // what is spelled otherwise is deleted when it is surely before
        format!("{} AND {}", bound(Side::End), self.as_spelled(None, Some(before), &bound(Side::Start)))
    }

    /// Whether a text is in a range, to the second: texts in UTC of the usual spellings compare as their times do. Of the
    /// others it is what `otherwise` says.
    fn as_spelled(&self, start: Option<i64>, end: Option<i64>, otherwise: &str) -> String {
        let time = quoted(&self.source.time);
        let zone = format!("substr({time}, 20)");
        let compared = |separator: &str| {
            // without a zone or a fraction: a prefix of all spellings of its second, and before each of them
            let text = |us: i64| {
                let text = time_text(us - us.rem_euclid(SECOND_US), true);
                self.dialect.literal(&text.trim_end_matches('Z').replace('T', separator))
            };
            let start = start.map(|us| format!("{time} >= {}", text(us)));
            let up = |us: i64| us.saturating_add((SECOND_US - us.rem_euclid(SECOND_US)) % SECOND_US);
            let end = end.map(|us| format!("{time} < {}", text(up(us))));
            let bounds: Vec<String> = start.into_iter().chain(end).collect();
            format!("WHEN {time} GLOB '????-??-??{separator}??:??:??*' THEN {}", bounds.join(" AND "))
        };
        format!(
            "CASE WHEN {zone} GLOB '*[+-]*' AND {zone} NOT GLOB '*+00:00' THEN {otherwise} {} {} ELSE {otherwise} END",
            compared("T"),
            compared(" ")
        )
    }

    /// Deletes about so many of the oldest rows before a time; with times in texts of mixed zones, of those that are surely
    /// before.
    #[must_use]
    pub fn delete_before(&self, before: i64, rows: usize) -> String {
        let (time, name, table, before) = (self.time(), quoted(&self.source.time), self.from(), self.before(before));
        format!(
            "DELETE FROM {table} WHERE {before} AND {time} <= (SELECT max(oldest.{name}) FROM \
             (SELECT {time} FROM {table} WHERE {before} ORDER BY {time} LIMIT {rows}) AS oldest)"
        )
    }

    /// Whether [`SourceRows::delete_before`] has rows left to delete: 1 or 0.
    #[must_use]
    pub fn any_before(&self, before: i64) -> String {
        format!("SELECT count(*) FROM (SELECT 1 FROM {} WHERE {} LIMIT 1) AS oldest", self.from(), self.before(before))
    }
}

#[derive(Clone, Copy)]
enum Side {
    Start,
    End,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_no_time_stands_where_its_order_puts_it() {
        for (text, wanted) in [
            ("2026-11-02T07:10:00Z", "2026-11-02T07:10:00Z"),
            ("2026-11-02T07:10:00 or so", "2026-11-02T07:10:00Z"),
            ("2026-11-02T07:10:99Z", "2026-11-02T07:10:59Z"),
            ("2026-11-02T07:61:00Z", "2026-11-02T07:59:59Z"),
            ("2026-11-02T99:00:00Z", "2026-11-02T23:59:59Z"),
            ("2026-11-02 99:00:00Z", "2026-11-02T23:59:59Z"),
            ("2026-11-02 morning", "2026-11-02T23:59:59Z"),
            ("2026-11-02!", "2026-11-02T00:00:00Z"),
            ("2026-02-30", "2026-02-28T23:59:59Z"),
            ("2026-13-01", "2026-12-31T23:59:59Z"),
            ("20000-01-01", "2000-12-31T23:59:59Z"),
        ] {
            assert_eq!(SourceRows::nearest(text), parse_timestamp(wanted).ok(), "{text}");
        }
        assert_eq!(SourceRows::nearest("never"), None);
        assert_eq!(SourceRows::nearest("12"), None);
    }
}
