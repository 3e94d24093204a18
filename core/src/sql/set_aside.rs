//! The rows that do not fit and were left out, counted by rollup, bucket and problem.

use super::own_tables::OwnTables;
use alloc::format;
use alloc::string::String;

impl OwnTables {
    /// Makes the table of the counts: `start_us` is the start of the bucket, `place` the column or expression.
    pub(super) fn create_skipped(&self) -> String {
        let integer = self.dialect().integer();
        format!(
            "CREATE TABLE IF NOT EXISTS {} (rollup text NOT NULL, start_us {integer} NOT NULL, code text NOT NULL, \
             place text NOT NULL, message text NOT NULL, count {integer} NOT NULL, \
             PRIMARY KEY (rollup, start_us, code, place))",
            self.name("skipped")
        )
    }

    /// Counts rows of a bucket: rollup, start, code, place, message, count.
    #[must_use]
    pub fn note_skipped(&self) -> String {
        let p = |number| self.p(number, if number == 2 || number == 6 { "bigint" } else { "text" });
        format!(
            "INSERT INTO {} (rollup, start_us, code, place, message, count) VALUES ({}) \
             ON CONFLICT (rollup, start_us, code, place) DO UPDATE SET message = excluded.message, count = excluded.count",
            self.name("skipped"),
            [p(1), p(2), p(3), p(4), p(5), p(6)].join(", ")
        )
    }

    /// Forgets the counts of buckets that start in a range: rollup, start, end.
    #[must_use]
    pub fn forget_skipped(&self) -> String {
        let [name, start, end] = [self.p(1, "text"), self.p(2, "bigint"), self.p(3, "bigint")];
        format!(
            "DELETE FROM {} WHERE rollup = {name} AND start_us >= {start} AND start_us < {end}",
            self.name("skipped")
        )
    }

    /// What is left out of a rollup, by problem: code, place, message, count, the start of the first bucket, of the last.
    #[must_use]
    pub fn skipped(&self) -> String {
        let name = self.p(1, "text");
        format!(
            "SELECT code, place, min(message), CAST(sum(count) AS bigint), min(start_us), max(start_us) FROM {} \
             WHERE rollup = {name} GROUP BY code, place ORDER BY code, place",
            self.name("skipped")
        )
    }
}
