//! Sums past int64 in stores: the cell is NULL and told, the state stays exact, and nothing fails.

use crate::support::{self, databases, folded, Row, NOW};
use isofold::math::Float64;
use isofold::{Code, Value};
use isofold_stores::{open, Refresh};

const COLUMNS: &str = r#"{"ts": "timestamp", "model": "string", "user_id": "int64", "ms": "float64", "ok": "bool"}"#;

fn spec() -> String {
    let select = r#"{"n": "count(*)", "total": "sum(user_id)", "mean": "avg(user_id)"}"#;
    format!(
        r#"{{"name": "hours", "columns": {COLUMNS}, "time": "ts", "bucket": "1 hour", "group_by": ["model"], "select": {select}}}"#
    )
}

fn rows() -> Vec<Row> {
    let row = |(ts, model, user): (&str, &str, i64)| Row {
        ts: format!("2026-11-02T{ts}:00Z"),
        model: Some(model.to_owned()),
        user: Some(user),
        ms: None,
        ok: None,
    };
    let much = |ts| (ts, "much", 1 << 62);
    [much("08:00"), much("08:01"), much("08:02"), ("08:09", "little", 5), much("09:00"), ("09:01", "little", -7)]
        .map(row)
        .to_vec()
}

#[test]
fn sums_past_int64_are_null_and_told_wherever_they_are_read_from() {
    for mut database in databases() {
        database.insert(&rows());
        let catalog = format!(
            r#"{{"source": {{"table": "requests", "columns": {COLUMNS}, "time": "ts", "changes": "trigger"}}, "rollups": [{{"spec": {}}}]}}"#,
            spec()
        );
        let mut store = open(catalog.as_str(), &database.target).expect("a catalog");
        store.init().expect("tables");
        for is_built in [false, true] {
            if is_built {
                let report = store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
                assert_eq!(report.rollups[0].status, "ok");
            }
            for query in [
                "{}",
                r#"{"bucket": null, "group_by": []}"#,
                r#"{"having": "total > 0", "select": ["total"]}"#,
                r#"{"having": "total is null", "select": ["n", "total"], "bucket": "1 day"}"#,
                r#"{"gapfill": {"total": "locf"}, "start": "2026-11-02T07:00:00Z", "end": "2026-11-02T12:00:00Z"}"#,
            ] {
                let answer = store.query("hours", query).expect(query);
                let wanted = support::queried(&spec(), &database.rows, query);
                assert_eq!(format!("{:?}", answer.frame), format!("{wanted:?}"), "{}: {query}", database.kind);
                let warnings = answer.frame.warnings();
                assert!(warnings.iter().all(|it| (it.code, &*it.metric) == (Code::QueryOverflow, "total")));
                assert!(!warnings.is_empty(), "{query}");
            }
        }
        let loaded = store.load("hours", ..).expect("loads");
        assert_eq!(loaded.digest(), folded(&spec(), &database.rows).digest());
        let null = "SELECT count(*) FROM hours WHERE model = 'much' AND n = 3 AND total IS NULL AND mean IS NOT NULL";
        assert_eq!(database.count(null), 1);
        assert_eq!(store.check(NOW).expect("a report").rollups[0].status, "fresh");
        let exact = r#"{"bucket": null, "group_by": [], "select": ["cast(sum(user_id) as float64) as nearest"], "end": "2026-11-02T09:00:00Z"}"#;
        let answer = store.query("hours", exact).expect("an answer");
        let nearest = Float64::from_bits((((3_i128 << 62) + 5) as f64).to_bits());
        assert_eq!(answer.frame.column("nearest").map(|column| column.values()), Some(&[Value::Float64(nearest)][..]));
        assert_eq!(answer.frame.warnings(), []);
    }
}
