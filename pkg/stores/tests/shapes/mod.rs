//! Tables that look as their catalog says, and tables that stood there before.

use crate::support::{databases, folded, micros, rows, spec, Database, Row, NOW};
use isofold::Code;
use isofold_stores::{open, Refresh, RollupTables, Store};

const SOURCE: &str = r#"{"table": "requests", "columns": {"ts": "timestamp", "model": "string", "user_id": "int64", "ms": "float64", "ok": "bool"},
    "time": "ts", "changes": "trigger"}"#;

const HOURLY: &str = r#"{"name": "metrics_hourly", "bucket": "bucket_start", "computed_at": true, "primary_key": true,
    "columns": {"model": "varchar(50)", "requests": {"type": "integer", "default": 0}, "avg_ms": {"type": "numeric(16,6)"}},
    "not_null": ["requests", "failures"], "indexes": [{"name": "idx_hourly", "columns": ["model", "-bucket_start"]}],
    "comment": "hours", "comments": {"avg_ms": "of all requests that have one, in ms", "bucket_start": "UTC"}}"#;

const DAILY: &str =
    r#"{"bucket": {"column": "bucket_date", "type": "date"}, "computed_at": "written", "indexes": [["-bucket_date"]]}"#;

fn named(name: &str, bucket: &str) -> String {
    spec(name, bucket).replace(r#""group_by""#, r#""where": "model is not null", "group_by""#)
}

fn catalog(hourly: &str, daily: &str) -> String {
    let (hours, days) = (named("hours", "1 hour"), named("days", "1 day"));
    format!(
        r#"{{"source": {SOURCE}, "rollups": [{{"spec": {hours}, "table": {hourly}}}, {{"spec": {days}, "table": {daily}, "from": "hours"}}]}}"#
    )
}

fn built(database: &mut Database, catalog: &str) -> Store {
    let mut store = open(catalog, &database.target).expect("a catalog");
    store.init().expect("tables");
    store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
    store
}

fn late(ts: &str) -> Row {
    Row { ts: ts.into(), model: Some("late".into()), user: Some(1), ms: Some(2.0), ok: Some(true) }
}

#[test]
fn tables_look_as_their_catalog_says_and_are_what_the_rows_fold_to() {
    for mut database in databases() {
        database.insert(&rows());
        let mut store = built(&mut database, &catalog(HOURLY, DAILY));
        let (hours, days) = (named("hours", "1 hour"), named("days", "1 day"));
        let check = |store: &mut Store, database: &Database| {
            for (name, spec, end) in [("hours", &hours, "2026-11-03T10:00:00Z"), ("days", &days, "2026-11-03")] {
                let wanted = folded(spec, &database.rows).slice(None, micros(end)).expect("on edges");
                assert_eq!(
                    store.load(name, ..end).expect("loads").digest(),
                    wanted.digest(),
                    "{} {name}",
                    database.kind
                );
            }
        };
        check(&mut store, &database);
        let told = store.columns("days").expect("columns").columns;
        let kinds: Vec<(&str, &str, &str)> =
            told.iter().map(|it| (it.name.as_str(), it.kind.as_str(), it.values.as_deref().unwrap_or("-"))).collect();
        assert_eq!(
            kinds[..3],
            [("bucket_date", "bucket", "timestamp"), ("model", "key", "string"), ("requests", "metric", "int64")]
        );
        assert_eq!(kinds[kinds.len() - 2..], [("written", "computed_at", "timestamp"), ("state", "state", "-")]);
        let told = store.columns("hours").expect("columns").columns;
        let types: Vec<&str> = told.iter().take(5).map(|it| it.sql_type.as_str()).collect();
        match database.kind {
            "sqlite" => assert_eq!(types, ["TEXT", "VARCHAR(50)", "INTEGER", "INTEGER", "NUMERIC(16,6)"]),
            _ => assert_eq!(
                types,
                ["timestamp with time zone", "character varying(50)", "integer", "bigint", "numeric(16,6)"]
            ),
        }
        assert_eq!(database.text("SELECT CAST(min(bucket_date) AS text) FROM days"), "2026-11-01");
        if database.kind == "postgres" {
            assert_eq!(database.text("SELECT obj_description('metrics_hourly'::regclass)"), "hours");
            assert_eq!(
                database.text("SELECT string_agg(indexname::text, ' ' ORDER BY indexname) FROM pg_indexes WHERE tablename = 'metrics_hourly'"),
                "idx_hourly metrics_hourly_pkey"
            );
            assert_eq!(database.count("SELECT count(*) FROM information_schema.columns WHERE table_name = 'metrics_hourly' AND table_schema = current_schema() AND is_nullable = 'NO'"), 6);
        }
        // a second init has nothing to do
        assert_eq!(store.plan_init().expect("a plan").statements, Vec::<String>::new(), "{}", database.kind);

        let written = database.text("SELECT CAST(max(computed_at) AS text) FROM metrics_hourly");
        database.insert(&[late("2026-11-01T05:10:00Z")]);
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        check(&mut store, &database);
        assert_eq!(database.count("SELECT count(*) FROM metrics_hourly WHERE model = 'late'"), 1);
        let later = database.text("SELECT CAST(computed_at AS text) FROM metrics_hourly WHERE model = 'late'");
        assert!(later > written, "{later} is after {written}");
        // one that is moved to another hour leaves its group
        database.execute("UPDATE requests SET ts = '2026-11-02T05:10:00Z' WHERE model = 'late'");
        database
            .rows
            .iter_mut()
            .filter(|row| row.model.as_deref() == Some("late"))
            .for_each(|row| row.ts = "2026-11-02T05:10:00Z".into());
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        check(&mut store, &database);
        // ragged ranges, neighbours and conditions ask the table by its own column
        let query = r#"{"start": "2026-11-01T05:30:00Z", "end": "2026-11-03T09:00:00Z", "bucket": "1 hour", "group_by": ["model"], "where": "model = 'gpt'", "select": ["requests"], "gapfill": {"requests": "locf"}}"#;
        assert!(!store.query("hours", query).expect("an answer").frame.is_empty());
        let whole = r#"{"bucket": null, "group_by": [], "select": ["requests"], "start": "2026-11-01T12:00:00Z", "end": "2026-11-03"}"#;
        let answer = store.query("days", whole).expect("an answer");
        let from: Vec<&str> = answer.coverage.segments.iter().map(|segment| segment.from.as_str()).collect();
        assert_eq!(from, ["hours", "days"]);
        let inside = database
            .rows
            .iter()
            .filter(|row| row.model.is_some() && ("2026-11-01T12".."2026-11-03").contains(&row.ts.as_str()));
        let inside = i64::try_from(inside.count()).expect("a count");
        assert_eq!(answer.frame.column("requests").expect("a column").values(), [isofold::Value::Int64(inside)]);
    }
}

#[test]
fn a_table_that_stands_there_is_taken_where_it_fits_and_its_other_rows_give_way() {
    for mut database in databases() {
        database.insert(&rows());
        let (text, int, real, json) = match database.kind {
            "sqlite" => ("TEXT", "INTEGER", "REAL", "TEXT"),
            _ => ("varchar(40)", "integer", "double precision", "jsonb"),
        };
        let time = if database.kind == "sqlite" { "TEXT" } else { "timestamptz" };
        let truth = if database.kind == "sqlite" { "INTEGER" } else { "boolean" };
        let make = |last: &str| {
            format!(
                "CREATE TABLE old (bucket_start {time} NOT NULL, model {text} NOT NULL, requests {int} DEFAULT 0, failures {int}, \
                 avg_ms {real}, p95_ms {real}, users {int}, top {json}, ever_ok {truth}, last_seen {time}, note {text}{last}, \
                 PRIMARY KEY (bucket_start, model))"
            )
        };
        let catalog = |adopt: bool| {
            let hours = named("hours", "1 hour");
            let table = format!(r#"{{"name": "old", "bucket": "bucket_start", "adopt": {adopt}}}"#);
            format!(r#"{{"source": {SOURCE}, "rollups": [{{"spec": {hours}, "table": {table}}}]}}"#)
        };
        let refused = |database: &Database, catalog: &str| {
            open(catalog, &database.target).expect("a catalog").init().expect_err("refused")
        };
        database.execute(&make(""));
        assert_eq!(refused(&database, &catalog(false)).code(), Code::StoreTable);
        database.execute("DROP TABLE old");
        database.execute(&make(" NOT NULL").replace("avg_ms", "mean_ms"));
        let error = refused(&database, &catalog(true));
        let problems: Vec<&str> = error.problems().map(|problem| problem.message()).collect();
        assert_eq!(
            problems,
            [
                "the table old cannot be taken: it has no column avg_ms",
                "the table old cannot be taken: its column note is of somebody else, never NULL and without a default"
            ],
            "{}",
            database.kind
        );
        database.execute("DROP TABLE old");
        database.execute(&make(""));
        database.execute(
            "INSERT INTO old (bucket_start, model, requests, note) VALUES ('2026-11-01T05:00:00Z', 'gpt', 999, 'job'),
             ('2026-11-01T06:00:00Z', 'gone', 5, 'job'), ('2026-09-01T06:00:00Z', 'old', 7, 'job')",
        );
        let mut store = built(&mut database, &catalog(true));
        let wanted = folded(&named("hours", "1 hour"), &database.rows).slice(None, micros("2026-11-03T10:00:00Z"));
        let loaded = store.load("hours", .."2026-11-03T10:00:00Z").expect("loads");
        assert_eq!(loaded.digest(), wanted.expect("on edges").digest(), "{}", database.kind);
        assert_eq!(database.count("SELECT count(*) FROM old WHERE model = 'gone'"), 0);
        // from before the first row nothing is known, and what was there stays
        assert_eq!(database.count("SELECT count(*) FROM old WHERE state IS NULL"), 1);
        assert_eq!(store.plan_init().expect("a plan").statements, Vec::<String>::new(), "{}", database.kind);
        let told = store.columns("hours").expect("columns").columns;
        assert!(told.iter().any(|it| (it.name.as_str(), it.kind.as_str()) == ("note", "other")));
        let gone = store.drop(RollupTables::Drop).expect("a report");
        assert_eq!((gone.dropped.len(), gone.kept), (0, vec!["hours".to_owned()]));
        assert!(database.count("SELECT count(*) FROM old") > 100);
    }
}

#[test]
fn what_a_catalog_says_later_of_a_table_is_brought_and_what_cannot_be_is_refused() {
    for mut database in databases() {
        database.insert(&rows());
        let plain = r#""hours""#;
        built(&mut database, &catalog(plain, r#""days""#));
        let more = r#"{"computed_at": true, "indexes": [["-requests"]], "comments": {"requests": "all"}, "not_null": ["requests"]}"#;
        if database.kind == "sqlite" {
            // SQLite makes no column NOT NULL that is there
            let error = open(catalog(more, r#""days""#).as_str(), &database.target).expect("a catalog").init();
            assert_eq!(error.expect_err("refused").code(), Code::StoreTable);
            let more = more.replace(r#", "not_null": ["requests"]"#, "");
            let mut store = built(&mut database, &catalog(&more, r#""days""#));
            assert_eq!(store.plan_init().expect("a plan").statements, Vec::<String>::new());
        } else {
            let mut store = built(&mut database, &catalog(more, r#""days""#));
            assert_eq!(store.plan_init().expect("a plan").statements, Vec::<String>::new());
            assert_eq!(database.count("SELECT count(*) FROM hours WHERE computed_at IS NULL"), 0);
        }
        let other = catalog(r#"{"bucket": "bucket_start"}"#, r#""days""#);
        let error = open(other.as_str(), &database.target).expect("a catalog").init().expect_err("another column");
        assert_eq!(error.code(), Code::StoreTable);
    }
}
