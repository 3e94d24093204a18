//! Files fold as their rows do, and what cannot be read is told with its place.

use crate::support::{done, Place};
use isofold_facade::{Batch, Cell, ColumnBuilder, Rollup};
use std::fs;
use std::io::Write;
use std::process::Stdio;

const SPEC: &str = r#"{"name": "r", "columns": {"ts": "timestamp", "k": "string", "i": "int64", "f": "float64", "b": "bool"},
    "time": "ts", "bucket": "1 hour", "group_by": ["k"],
    "select": {"n": "count(*)", "s": "sum(i)", "f": "sum(f)", "b": "bool_or(b)", "nf": "count(f)"}}"#;
const T: &str = "2026-11-01T10:00:00Z";

fn folded(place: &Place, file: &str, more: &[&str]) -> crate::support::Done {
    place.run(&[&["fold", file, "--spec", "spec.json", "-o", "out.iso", "--json"], more].concat())
}

/// The digest of the same rows as a host would hand them over.
fn digest(rows: &[[Cell<'static>; 4]]) -> String {
    let mut rollup = Rollup::new(SPEC).expect("a spec");
    let mut columns = vec![ColumnBuilder::new(); 5];
    for row in rows {
        columns[0].push(Cell::Text(T.into()));
        for (column, cell) in columns[1..].iter_mut().zip(row) {
            column.push(cell.clone());
        }
    }
    let names = ["ts", "k", "i", "f", "b"].map(str::to_owned);
    let batch =
        Batch::from_columns(names.into_iter().zip(columns.into_iter().map(ColumnBuilder::finish))).expect("rows");
    rollup.ingest(&batch).expect("rows that fit");
    rollup.digest()
}

fn rows() -> Vec<[Cell<'static>; 4]> {
    let number = |number: f64| Cell::Number(number.to_bits());
    vec![
        [Cell::Text("a".into()), Cell::Int64(i64::MAX), number(1e-3), Cell::Bool(true)],
        [Cell::Text("b,\"x\"\ny".into()), Cell::Int64(i64::MIN), number(0.5), Cell::Bool(false)],
        [Cell::Text("é😀".into()), Cell::Null, Cell::Null, Cell::Null],
        [Cell::Null, Cell::Int64(9_007_199_254_740_993), number(-1.25e300), Cell::Bool(true)],
    ]
}

#[test]
fn one_rule_for_every_text_gives_the_digest_of_the_rows() {
    let place = Place::new("rules");
    place.write("spec.json", SPEC);
    let csv = format!("\u{feff}ts,k,i,f,b\r\n{T},a,9223372036854775807,1e-3,true\r\n\r\n{T},\"b,\"\"x\"\"\ny\",-9223372036854775808,.5,f\r\n{T},é😀,,,\r\n{T},,9007199254740993,-1.25e300,YES");
    place.write("a.csv", &csv);
    let right = digest(&rows());
    assert_eq!(folded(&place, "a.csv", &[]).digest(), right);
    place.write("a.tsv", csv.replace(',', "\t").replace("b\t\"\"x", "b,\"\"x"));
    assert_eq!(folded(&place, "a.tsv", &["--threads", "1"]).digest(), right);
    place.write("a.txt", csv.replace("\r\n", "\r"));
    assert_eq!(folded(&place, "a.txt", &["--format", "csv"]).digest(), right);
    let objects = [
        format!(r#"{{"ts":"{T}","k":"a","i":9223372036854775807,"f":0.001,"b":true}}"#),
        format!(r#"{{"b":0,"ts":"{T}","k":"b,\"x\"\ny","i":-9223372036854775808,"f":0.5}}"#),
        format!(r#"{{"ts":"{T}","k":"é\ud83d\ude00","more":{{"x":[1]}}}}"#),
        format!(r#"{{"ts":"{T}","i":9007199254740993,"f":-1.25e300,"b":1,"k":null}}"#),
    ];
    for (name, text) in [
        ("a.ndjson", objects.join("\n\r\n")),
        ("lines.json", objects.join("\n")),
        ("array.json", format!(" [{}\n]", objects.join(",\n"))),
        ("pretty.json", objects.join("\n").replace(",\"", ",\n  \"")),
    ] {
        place.write(name, text);
        assert_eq!(folded(&place, name, &[]).digest(), right, "{name}");
    }
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(csv.as_bytes()).expect("bytes");
    place.write("a.csv.gz", gzip.finish().expect("gzip"));
    assert_eq!(folded(&place, "a.csv.gz", &[]).digest(), right);
    place.write("b.csv.zst", zstd::encode_all(csv.as_bytes(), 1).expect("zstd"));
    assert_eq!(folded(&place, "b.csv.zst", &[]).digest(), right);

    let mut child = place
        .command(&["fold", "-", "--format", "csv", "--spec", "spec.json", "-o", "out.iso", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program");
    child.stdin.take().expect("a pipe").write_all(csv.as_bytes()).expect("bytes");
    assert_eq!(done(child.wait_with_output().expect("an end")).digest(), right);
}

#[test]
fn several_files_and_patterns_are_one_fold_or_none() {
    let place = Place::new("several");
    place.write("spec.json", SPEC);
    for name in ["a.csv", "b.csv"] {
        place.write(name, format!("ts,k,i,f,b\n{T},x,1,1,\n{T},y,2,2,\n"));
    }
    place.write("c.ndjson", format!("{{\"ts\":\"{T}\",\"k\":\"x\",\"i\":1,\"f\":1,\"b\":null}}\n"));
    let told = place.run(&["fold", "?.csv", "c.ndjson", "--spec", "spec.json", "-o", "all.iso", "--json"]);
    assert_eq!(told.rows()[0]["rows"], 5);
    place.write("bad.csv", format!("ts,k,i,f,b\n\n{T},x,1,1,\n{T},x,oops,1,\n"));
    let refused = place.run(&["fold", "a.csv", "bad.csv", "--spec", "spec.json", "-o", "none.iso"]);
    assert_eq!(refused.code, 1);
    assert!(
        refused.err.starts_with("isofold: ingest.type: \"oops\" is not an int64, in line 4 of bad.csv (column.i[3])"),
        "{}",
        refused.err
    );
    assert!(!place.path().join("none.iso").exists());
    assert!(place.run(&["fold", "z*.csv", "--spec", "spec.json"]).err.contains("no file matches"), "a pattern");
}

#[test]
fn the_row_of_an_error_is_counted_from_the_start_whatever_the_blocks() {
    let place = Place::new("lines");
    place.write("spec.json", r#"{"name": "r", "columns": {"ts": "timestamp[s]", "f": "float64"}, "time": "ts", "bucket": "1 hour", "select": {"n": "count(*)"}}"#);
    let bad = 620_345;
    let cell = |row: usize| if row == bad { "oops".to_owned() } else { "1".to_owned() };
    let csv: String = (0..700_000).map(|row| format!("{row},{}\n", cell(row))).collect();
    place.write(
        "x.csv",
        format!("ts,f\n\"1\n\",\n{csv}").replacen("\"1\n\",\n", "\"1\",\"\n\"\n", 1).replacen("\"\n\"", "\"\"", 1),
    );
    let told = folded(&place, "x.csv", &[]);
    assert!(told.err.contains("in line 620348 of x.csv (column.f[620346])"), "{}", told.err);
    let skipped = folded(&place, "x.csv", &["--on-row-error", "skip"]);
    assert_eq!((skipped.rows()[0]["rows"].as_u64(), skipped.rows()[0]["skipped"].as_u64()), (Some(700_000), Some(1)));
    assert!(
        skipped.err.contains(
            "1 rows are left out for ingest.type, the first: \"oops\" is not a float64, in line 620348 of x.csv"
        ),
        "{}",
        skipped.err
    );
}

#[test]
fn what_cannot_be_read_is_told_with_its_place_and_a_remedy() {
    let place = Place::new("refusals");
    place.write("spec.json", r#"{"name": "r", "columns": {"ts": "timestamp", "f": "float64"}, "time": "ts", "bucket": "1 hour", "select": {"n": "count(*)"}}"#);
    let row = format!("{T},1");
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("bad.json", b"[{".to_vec(), "host.argument: bad.json: is not JSON"),
        ("scalar.json", b"5".to_vec(), "ingest.row: line 1 of scalar.json: a row must be a mapping or an object, of names and values, got a number"),
        ("bad.ndjson", format!("{{\"ts\":\"{T}\",\"f\":1}}\n{{oops\n").into_bytes(), "ingest.row: line 2 of bad.ndjson is not JSON"),
        ("deep.ndjson", b"[".repeat(100_000), "ingest.row: line 1 of deep.ndjson is not JSON"),
        ("latin.csv", [format!("ts,f,s\n{row},caf").as_bytes(), b"\xe9\n"].concat(), "ingest.text: line 2 of latin.csv is not UTF-8: iconv"),
        ("utf16.csv", b"\xff\xfet\0s\0".to_vec(), "ingest.text: utf16.csv: the text is UTF-16: iconv"),
        ("short.csv", format!("ts,f\n{row}\n{T}\n").into_bytes(), "ingest.row: line 3 of short.csv has 1 fields, its header 2"),
        ("surplus.csv", format!("ts,f\n{T},1,5\n").into_bytes(), "ingest.row: line 2 of surplus.csv has 3 fields, its header 2 (a field that holds"),
        ("quote.csv", format!("ts,f\n{T},\"1\n{row}\n").into_bytes(), "host.argument: quote.csv: a quote of line 2 is not closed in it and takes in the lines up to 3"),
        ("semi.csv", b"ts;f\n1;1\n".to_vec(), "ingest.column: semi.csv has no column \"f\", its header has \"ts;f\"; --delimiter ';'"),
        ("typo.csv", format!("ts,F\n{row}\n").into_bytes(), "ingest.column: typo.csv has no column \"f\", its header has \"ts\", \"F\"; {\"from\": \"F\"}"),
        ("twice.csv", format!("ts,f,f\n{row},1\n").into_bytes(), "ingest.column: f stands in the header of twice.csv twice, as the fields 2 and 3"),
        ("null.csv", format!("ts,f\n{T},N/A\n").into_bytes(), "ingest.type: \"N/A\" is not a float64, in line 2 of null.csv; --null 'N/A'"),
        ("comma.csv", format!("ts,f\n{T},\"1,5\"\n").into_bytes(), "ingest.type: \"1,5\" is not a float64, in line 2 of comma.csv; --decimal ','"),
        ("time.csv", b"ts,f\n1.2.2026,1\n".to_vec(), "ingest.time: '1.2.2026' is not an ISO 8601 time such as 2026-11-01T00:00:00Z, in line 2 of time.csv; --time-format"),
        ("empty.csv", Vec::new(), "host.argument: empty.csv: the file is empty"),
        ("junk.parquet", b"hello".to_vec(), "host.argument: junk.parquet: is no Parquet"),
        ("junk.arrow", b"hello".to_vec(), "host.argument: junk.arrow: is no Arrow IPC"),
        ("a.txt", b"x".to_vec(), "host.argument: a.txt: the name does not tell the format: --format"),
    ];
    for (name, bytes, right) in cases {
        place.write(name, bytes);
        let told = folded(&place, name, &[]);
        assert_eq!(told.code, 1, "{name}");
        assert!(told.err.starts_with(&format!("isofold: {right}")), "{name}: {}", told.err);
        assert!(!place.path().join("out.iso").exists(), "{name}");
    }
    for words in [
        &["fold", ".", "--spec", "spec.json"][..],
        &["fold", "none.csv", "--spec", "spec.json"],
        &["inspect", "a.txt"],
        &["merge", "a.txt", "-o", "out.iso"],
    ] {
        let told = place.run(words);
        assert_eq!(
            (told.code, told.err.starts_with("isofold: "), told.err.contains("panicked")),
            (1, true, false),
            "{words:?}"
        );
    }
    assert_eq!(place.run(&["refesh"]).code, 2);
}

#[test]
fn a_fold_shows_its_answer_in_every_form() {
    let place = Place::new("shows");
    place.write("spec.json", SPEC);
    place.write(
        "a.csv",
        format!("ts,k,i,f,b\n{T},a,9007199254740993,0.1,t\n{T},b,2,2,\n2026-11-01T11:00:00Z,a,1,1,f\n"),
    );
    let print = |more: &[&str]| place.run(&[&["fold", "a.csv", "--spec", "spec.json"], more].concat());
    let table = print(&["--bucket", "none", "--group-by", "k", "--select", "s,n"]);
    assert_eq!(
        table.out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()).collect::<Vec<_>>(),
        [vec!["k", "s", "n"], vec!["a", "9007199254740994", "2"], vec!["b", "2", "1"]],
        "{}",
        table.out
    );
    let query = r#"{"bucket": null, "group_by": [], "select": ["s", {"mean": "f / nf"}]}"#;
    assert_eq!(print(&["--query", query, "--csv"]).out, "s,mean\n9007199254740996,1.0333333333333334\n");
    assert!(print(&["--query", query, "--json"]).out.contains("\"s\":9007199254740996"));
    let arrow =
        place.command(&["fold", "a.csv", "--spec", "spec.json", "--arrow", "--query", query]).output().expect("bytes");
    let batches = arrow_ipc::reader::StreamReader::try_new(&arrow.stdout[..], None).expect("a stream");
    assert_eq!(batches.map(|batch| batch.expect("a batch").num_rows()).sum::<usize>(), 1);
    assert!(print(&["--chart"]).out.contains('█'));
    assert!(print(&["--chart", "--bucket", "none"]).out.contains('█'));
    assert_eq!(print(&["--html", "page.html"]).code, 0);
    let page = fs::read_to_string(place.path().join("page.html")).expect("a page");
    assert!(page.contains("9007199254740993") && !page.contains("{{"));

    assert_eq!(print(&["-o", "a.iso"]).code, 0);
    let asked = place.run(&["query", "a.iso", "a.iso", query, "--json"]);
    assert_eq!(asked.rows()[0]["s"].to_string(), "18014398509481992");
    assert_eq!(print(&["--query", query, "--limit", "1"]).code, 2);
}

#[test]
fn a_file_that_cannot_be_written_is_as_it_was() {
    let place = Place::new("writes");
    place.write("spec.json", SPEC);
    place.write("a.csv", format!("ts,k,i,f,b\n{T},a,1,1,t\n"));
    assert_eq!(place.run(&["fold", "a.csv", "--spec", "spec.json", "-o", "missing/a.iso"]).code, 1);
    assert_eq!(folded(&place, "a.csv", &[]).code, 0);
    let before = fs::read(place.path().join("out.iso")).expect("bytes");
    let merged = place.run(&["merge", "out.iso", "out.iso", "-o", "out.iso", "--json"]);
    assert_eq!(merged.rows()[0]["rows"], 2);
    assert_ne!(fs::read(place.path().join("out.iso")).expect("bytes"), before);
    let left = fs::read_dir(place.path())
        .expect("a folder")
        .filter(|entry| entry.as_ref().is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with('.')));
    assert_eq!(left.count(), 0);
}
