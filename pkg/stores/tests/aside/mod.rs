//! Rows that do not fit: left out whole, counted, and in nobody's way.

use crate::support::{catalog, databases, folded, micros, rows, spec, Database, Row, NOW};
use isofold::Code;
use isofold_stores::{open, Refresh, Skipped, Store};

const WATERMARK: &str = "2026-11-03T10:00:00Z";

fn with(mode: &str) -> String {
    catalog("trigger").replace(r#""changes":"#, &format!(r#""on_row_error": "{mode}", "changes":"#))
}

fn built(database: &mut Database, catalog: &str) -> Store {
    database.insert(&rows());
    let mut store = open(catalog, &database.target).expect("a catalog");
    store.init().expect("tables");
    store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
    store
}

fn assert_whole(store: &mut Store, rows: &[Row]) {
    let wanted = folded(&spec("hours", "1 hour"), rows).slice(None, micros(WATERMARK)).expect("on edges");
    assert_eq!(store.load("hours", ..WATERMARK).expect("loads").digest(), wanted.digest());
}

fn skipped(store: &mut Store) -> Vec<Skipped> {
    let report = store.check(NOW).expect("a report").rollups.remove(0);
    assert_eq!(report.status, "fresh");
    report.skipped
}

#[test]
fn a_row_that_does_not_fit_is_left_out_counted_by_bucket_and_counted_anew() {
    for mut database in databases() {
        let mut store = built(&mut database, &with("skip"));
        let long = "k".repeat(5000);
        if database.kind == "postgres" {
            database.execute("ALTER TABLE requests ALTER model TYPE text");
        }
        for (time, model, user) in [
            ("2026-11-01T05:10:00Z", "odd", "0.5"),
            ("2026-11-01T05:20:00Z", "odd", "1.5"),
            ("2026-11-02T07:10:00Z", "odd", "2.5"),
            ("2026-11-02T07:10:00Z", long.as_str(), "1"),
        ] {
            database.execute(&format!("INSERT INTO requests VALUES ('{time}', '{model}', {user}, 1.0, NULL)"));
        }
        let report = store.refresh(&Refresh::new().now(NOW)).expect("a refresh").rollups.remove(0);
        assert_eq!((report.rows_skipped, report.groups_written), (4, 0), "{}", database.kind);
        let rows = database.rows.clone();
        assert_whole(&mut store, &rows);
        let told = skipped(&mut store);
        let told: Vec<_> = told
            .iter()
            .map(|it| {
                (it.code.as_str(), it.path.as_str(), it.rows, it.first_bucket.as_deref(), it.last_bucket.as_deref())
            })
            .collect();
        let (first, last) = (Some("2026-11-01T05:00:00Z"), Some("2026-11-02T07:00:00Z"));
        assert_eq!(
            told,
            [("ingest.text", "spec.group_by.model", 1, last, last), ("ingest.type", "column.user_id", 3, first, last)]
        );
        assert_eq!(database.count("SELECT count(*) FROM isofold_skipped"), 3);
        // nothing stale is left behind, and nothing is counted twice
        let again = store.refresh(&Refresh::new().now(NOW).since("2026-11-01")).expect("again").rollups.remove(0);
        assert_eq!((again.rows_skipped, again.groups_written), (4, 0));
        // what is mended is folded
        database.execute("DELETE FROM requests WHERE user_id = 2.5 OR length(model) > 9");
        database.execute("UPDATE requests SET user_id = 7 WHERE user_id = 0.5");
        database.rows.push(Row {
            ts: "2026-11-01T05:10:00Z".into(),
            model: Some("odd".into()),
            user: Some(7),
            ms: Some(1.0),
            ok: None,
        });
        let report = store.refresh(&Refresh::new().now(NOW)).expect("a refresh").rollups.remove(0);
        assert_eq!((report.rows_skipped, report.groups_written), (1, 1));
        let rows = database.rows.clone();
        assert_whole(&mut store, &rows);
        assert_eq!(skipped(&mut store).iter().map(|it| it.rows).sum::<u64>(), 1);
    }
}

#[test]
fn a_time_that_no_bucket_has_is_counted_and_stops_nothing() {
    for mut database in databases() {
        let mut store = built(&mut database, &with("skip"));
        let (odd, outside) = match database.kind {
            "sqlite" => {
                // the last one stands among times, and is in the bucket of the part that is one
                let odd =
                    ["'-0044-03-15T00:00:00Z'", "'never'", "x'00'", "12", "'20000-01-01'", "'2026-11-02T07:61:00Z'"];
                (odd.to_vec(), 5)
            }
            _ => (vec!["'infinity'", "'-infinity'", "'0044-03-15 BC'", "'20000-01-01'"], 4),
        };
        for time in &odd {
            database.execute(&format!("INSERT INTO requests VALUES ({time}, 'odd', 1, 1.0, NULL)"));
        }
        database.execute("INSERT INTO requests VALUES (NULL, 'odd', 1, 1.0, NULL)");
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        let rows = database.rows.clone();
        assert_whole(&mut store, &rows);
        let told = skipped(&mut store);
        assert!(told.iter().all(|it| it.code == "ingest.time" && it.path == "column.ts"), "{told:?}");
        assert_eq!(
            database.count("SELECT count FROM isofold_skipped WHERE start_us < 0"),
            outside,
            "{}",
            database.kind
        );
        let inside = i64::from(database.kind == "sqlite");
        assert_eq!(
            database.count("SELECT CAST(sum(count) AS bigint) FROM isofold_skipped WHERE start_us > 1700000000000000 OR start_us < 0"),
            outside + inside
        );
        database.execute("DELETE FROM requests WHERE model = 'odd'");
        store.refresh(&Refresh::new().now(NOW)).expect("a refresh");
        assert_eq!(skipped(&mut store), []);
        assert_whole(&mut store, &rows);
    }
}

#[test]
fn a_row_that_is_to_stop_the_refresh_does_and_an_overflow_always() {
    for mut database in databases() {
        let mut store = built(&mut database, &with("stop"));
        database.make_a_row_that_does_not_fit();
        let error = store.refresh(&Refresh::new().now(NOW)).expect_err("does not fit");
        assert_eq!((error.code(), error.path().starts_with("column.user_id[")), (Code::IngestType, true));
        assert_eq!(store.check(NOW).expect("a report").rollups[0].status, "error");
        database.mend();
        database
            .execute("INSERT INTO requests VALUES ('2026-11-03T09:00:00Z', 'odd', 9223372036854775807, NULL, NULL)");
        let text =
            with("skip").replace(r#""last_seen": "max(ts)""#, r#""last_seen": "max(ts)", "most": "max(user_id * 3)""#);
        let mut store = open(text.as_str(), &database.target).expect("a catalog");
        store.init().expect("columns");
        let error = store.refresh(&Refresh::new().now(NOW).since("2026-11-01")).expect_err("overflows");
        assert_eq!(error.code(), Code::ExprOverflow, "{error}");
        assert_eq!(store.check(NOW).expect("a report").rollups[0].skipped, []);
    }
}

#[test]
fn a_column_of_another_type_is_the_catalogs_fault_and_empties_nothing() {
    for mut database in databases().into_iter().skip(1) {
        let mut store = built(&mut database, &with("skip"));
        let before = database.states("hours");
        database.execute("ALTER TABLE requests ALTER user_id TYPE text");
        let error = store.refresh(&Refresh::new().now(NOW).since("2026-11-01")).expect_err("a text");
        assert_eq!(error.code(), Code::IngestType);
        assert_eq!(database.states("hours"), before);
    }
}
