//! The commands on a database: SQLite always, PostgreSQL where the tests have one.

use crate::support::Place;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Stdio;
use std::time::{Duration, Instant};

const CATALOG: &str = r#"{"source": {"table": "requests", "columns": {"ts": "timestamp", "model": "string", "ms": "float64"}, "time": "ts"},
    "rollups": [{"spec": {"name": "hours", "bucket": "1 hour", "group_by": ["model"], "select": {"n": "count(*)", "avg_ms": "avg(ms)"}},
                 "refresh": {"schedule_interval": "1 hour"}}]}"#;

fn filled(name: &str) -> Place {
    let place = Place::new(name);
    place.write("isofold.json", CATALOG);
    let rows = rusqlite::Connection::open(place.path().join("app.db")).expect("a database");
    rows.execute_batch(
        "CREATE TABLE requests (ts TEXT, model TEXT, ms REAL);
         INSERT INTO requests VALUES ('2026-11-01T10:15:00Z', 'o3', 120.0), ('2026-11-01T11:45:00Z', 'o3', 80.0), ('2026-11-01T11:50:00Z', 'gpt', 900.0)",
    )
    .expect("rows");
    place
}

fn on<'w>(words: &[&'w str]) -> Vec<&'w str> {
    [words, &["--database", "app.db"]].concat()
}

#[test]
fn a_store_is_kept_by_commands() {
    let place = filled("store");
    let run = |words: &[&str]| place.run(&on(words));
    assert!(run(&["refresh"]).err.starts_with("isofold: store.table"));
    let dry = run(&["init", "--dry-run"]);
    assert!(dry.out.contains("CREATE TABLE") && run(&["check"]).code == 1, "{}", dry.err);
    assert_eq!(run(&["init", "--json"]).rows()[0]["status"], "made");
    assert_eq!(run(&["check", "--json"]).code, 3);
    assert_eq!(run(&["plan", "--json"]).rows()[0]["rows_to_read"], 3);
    let refreshed = run(&["refresh", "--json"]);
    assert_eq!((&refreshed.rows()[0]["rows_read"], &refreshed.rows()[0]["groups_written"]), (&3.into(), &3.into()));
    assert_eq!(run(&["check", "--json"]).rows()[0]["status"], "fresh");
    let day = run(&["query", "hours", "--bucket", "1 day", "--group-by", "", "--select", "n", "--json"]);
    assert_eq!(day.rows()[0]["n"], 3);
    assert!(day.out.contains("\"coverage\":{\"segments\""));
    assert_eq!(
        run(&["query", "hours", r#"{"bucket": null, "group_by": ["model"], "select": ["avg_ms"]}"#, "--csv"]).out,
        "model,avg_ms\ngpt,900\no3,100\n"
    );
    assert_eq!(
        run(&["invalidate", "--start", "2026-11-01", "--end", "2026-11-02", "--json"]).rows()[0]["invalidated"],
        "hours"
    );
    assert!(run(&["query", "hours", "--bucket", "1 day"])
        .err
        .contains("isofold: not known to be as the rows are: 2026-11-01T00:00:00Z"));
    assert_eq!(run(&["prune"]).code, 0);
    assert_eq!(run(&["export", "hours", "-o", "hours.iso", "--json"]).rows()[0]["rows"], 3);
    assert_eq!(
        place.run(&["query", "hours.iso", "--bucket", "none", "--group-by", "", "--select", "n", "--csv"]).out,
        "n\n3\n"
    );
    assert_eq!(
        run(&["reset", "--to", "2026-11-01T11:00:00Z", "--json"]).rows()[0]["watermark"],
        "2026-11-01T11:00:00Z"
    );
    assert_eq!(run(&["runs", "--json"]).rows().len(), 1);
    assert_eq!(run(&["drop", "--tables", "--json"]).rows()[0]["table"], "dropped");
    assert_eq!(
        place.run(&["check"]).err,
        "isofold: host.argument: no database is given: --database or $ISOFOLD_DATABASE\n"
    );
}

#[test]
fn a_table_gets_a_catalog() {
    let place = filled("table");
    let suggested = place.run(&on(&["suggest", "--table", "requests", "-o", "isofold.json"]));
    assert_eq!(suggested.code, 0, "{}", suggested.err);
    for words in [&["init"][..], &["refresh"]] {
        let told = place.run(&on(words));
        assert_eq!(told.code, 0, "{words:?}: {}", told.err);
    }
    let catalog = std::fs::read_to_string(place.path().join("isofold.json")).expect("a catalog");
    let name = serde_json::from_str::<serde_json::Value>(&catalog).expect("JSON")["rollups"][0]["spec"]["name"]
        .as_str()
        .expect("a name")
        .to_owned();
    let all = place.run(&on(&[
        "query",
        &name,
        r#"{"bucket": null, "group_by": [], "select": ["count", "sum_ms"]}"#,
        "--csv",
    ]));
    assert_eq!(all.out, "count,sum_ms\n3,1100\n", "{}", all.err);
    let refused = place.run(&on(&["suggest", "--table", "nothing"]));
    assert!(refused.err.starts_with("isofold: catalog.name: the database has no table nothing"), "{}", refused.err);
}

#[test]
fn run_serves_figures_and_ends_when_it_is_told_to() {
    let place = filled("run");
    assert_eq!(place.run(&on(&["init"])).code, 0);
    assert_eq!(place.run(&on(&["run", "--rounds", "1", "--json"])).rows()[0]["rows_read"], 3);
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
    assert!(place.run(&on(&["reset", "--to", "2026-11-01T10:00:00Z"])).err.is_empty());
    let database = rusqlite::Connection::open(place.path().join("app.db")).expect("a database");
    database.execute_batch("UPDATE isofold_rollups SET refreshed_at = 0").expect("it is due");
    let address = format!("127.0.0.1:{port}");
    let mut child =
        place.command(&on(&["run", "--metrics", &address])).stdout(Stdio::piped()).spawn().expect("the program");
    let mut line = String::new();
    let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
    out.read_line(&mut line).expect("the time of a round");
    let began = Instant::now();
    let figures = loop {
        let mut figures = String::new();
        let asked = TcpStream::connect(&address).and_then(|mut stream| {
            stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n")?;
            stream.read_to_string(&mut figures)
        });
        if asked.is_ok() && figures.contains("isofold_fresh{") || began.elapsed() > Duration::from_secs(30) {
            break figures;
        }
        std::thread::sleep(Duration::from_millis(100));
    };
    assert!(figures.contains("isofold_fresh{catalog=\"isofold.json\",rollup=\"hours\"} 1"), "{figures}");
    assert!(figures.contains("isofold_rows_read_total{catalog=\"isofold.json\",rollup=\"hours\"} 3"), "{figures}");
    let told = std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("kill");
    assert!(told.success() && child.wait().expect("an end").success());
}

#[test]
fn no_password_is_told_and_no_file_is_named_by_one() {
    let place = Place::new("passwords");
    place.write("isofold.json", CATALOG);
    for database in [
        "host=127.0.0.1 port=1 user=boss password=s3cretPW dbname=x",
        "postgresql://boss:s3cretPW@127.0.0.1:1/x",
        "postgres//boss:s3cretPW@127.0.0.1:1/x",
        "postgresql:/boss:s3cretPW@127.0.0.1:1/x",
        "POSTGRESQL://boss:s3cretPW@127.0.0.1:1/x",
        "postgresql://boss:s3cretPW@127.0.0.1:1:2/x",
    ] {
        let told = place.run(&["init", "--database", database]);
        assert_eq!(told.code, 1, "{database}");
        assert!(told.err.starts_with("isofold: store.") && !told.err.contains("s3cretPW"), "{}", told.err);
        assert_eq!(std::fs::read_dir(place.path()).expect("a folder").count(), 1, "{database}");
    }
}

#[test]
fn postgresql_is_asked_as_sqlite_is() {
    let Ok(url) = std::env::var("ISOFOLD_POSTGRES") else {
        isofold_reference::skip::skipped("the command on PostgreSQL", "ISOFOLD_POSTGRES names no server");
        return;
    };
    let schema = format!("cli_{}", std::process::id());
    let mut client = postgres::Client::connect(&url, postgres::NoTls).expect("a server");
    client
        .batch_execute(&format!(
            "CREATE SCHEMA {schema}; SET search_path TO {schema};
             CREATE TABLE requests (ts timestamptz, model text, ms double precision, price numeric);
             INSERT INTO requests VALUES ('2026-11-01T10:15:00Z', 'o3', 120, 0.5), ('2026-11-01T11:45:00Z', 'o3', 80, 0.25)"
        ))
        .expect("rows");
    let place = Place::new("postgres");
    let run = |words: &[&str]| {
        let mut command = place.command(&[words, &["--database", &url]].concat());
        crate::support::done(
            command.env("PGOPTIONS", format!("-c search_path={schema}")).output().expect("the program"),
        )
    };
    let suggested = run(&["suggest", "--table", "requests", "-o", "isofold.json"]);
    assert_eq!(suggested.code, 0, "{}", suggested.err);
    for words in [&["init"][..], &["refresh"]] {
        let told = run(words);
        assert_eq!(told.code, 0, "{words:?}: {}", told.err);
    }
    let all = run(&[
        "query",
        "requests_1minute",
        r#"{"bucket": null, "group_by": [], "select": ["count", "sum_ms", "sum_price"]}"#,
        "--csv",
    ]);
    assert_eq!(all.out, "count,sum_ms,sum_price\n2,200,0.75\n", "{}", all.err);
    client.batch_execute(&format!("DROP SCHEMA {schema} CASCADE")).expect("it goes");
}
