//! Rules for rows: the clocks of a column, rows that are left out, keys that no row has.

use isofold::time::{format_timestamp, parse_timestamp};
use isofold::value::TimeUnit;
use isofold::{Code, Type};
use isofold_facade::declared::Clock;
use isofold_facade::json::ingest_options;
use isofold_facade::{Batch, Cell, Declared, HostColumn, HostValues, Rollup};

fn spec(time: &str, bucket: &str) -> String {
    format!(
        r#"{{"name": "r", "columns": {{"ts": {time}, "x": "int64"}}, "time": "ts", "bucket": {bucket}, "select": {{"n": "count(*)", "s": "sum(x)"}}}}"#
    )
}

fn texts(texts: &[&str]) -> HostColumn<'static> {
    HostColumn::new(HostValues::Mixed(texts.iter().map(|text| Cell::Text((*text).to_owned().into())).collect()))
}

fn batch(columns: [(&str, HostColumn<'static>); 2]) -> Batch<'static> {
    Batch::from_columns(columns.map(|(name, column)| (name.to_owned(), column))).expect("even columns")
}

fn integers(values: &[i64]) -> HostColumn<'static> {
    HostColumn::new(HostValues::Int64(values.to_vec().into()))
}

#[test]
fn a_time_without_a_zone_is_that_of_the_columns_clock() {
    let rollup = Rollup::new(spec(r#"{"type": "timestamp", "timezone": "America/New_York"}"#, r#""1 hour""#).as_str());
    let declared = &rollup.expect("a spec").columns()[0];
    for (local, instant) in [
        ("2026-03-08T02:30:00", "2026-03-08T07:30:00Z"),
        ("2026-11-01T01:30:00", "2026-11-01T06:30:00Z"),
        ("2026-07-01", "2026-07-01T04:00:00Z"),
    ] {
        let us = parse_timestamp(local).expect("a time");
        let column = |values| HostColumn::new(values);
        for column in [
            texts(&[local]),
            HostColumn::from_utf8(vec![0], local.as_bytes(), &[0, local.len() as u32]).expect("a text"),
            column(HostValues::Local(vec![us].into(), TimeUnit::Microsecond)),
            column(HostValues::Local(vec![us / 1_000_000].into(), TimeUnit::Second)),
            column(HostValues::Mixed(vec![Cell::Local(us * 1000, TimeUnit::Nanosecond)])),
            column(HostValues::Timestamp(
                vec![parse_timestamp(instant).expect("a time")].into(),
                TimeUnit::Microsecond,
            )),
            texts(&[instant]),
        ] {
            let conformed = isofold_facade::conform::conform(&column, declared).expect("a time");
            let isofold::column::Values::Timestamp(found) = &conformed.values else { panic!("{conformed:?}") };
            assert_eq!(format_timestamp(found[0]), instant, "{column:?}");
        }
    }
    for edge in [i64::MIN + 1, i64::MAX, isofold::limits::MIN_TIME_US, isofold::limits::MAX_TIME_US - 1] {
        let column = HostColumn::new(HostValues::Local(vec![edge].into(), TimeUnit::Microsecond));
        // near the ends a clock leaves the range; nothing wraps
        if let Err(error) = isofold_facade::conform::conform(&column, declared) {
            assert_eq!(error.code(), Code::IngestTime);
        }
    }
}

#[test]
fn texts_without_a_zone_are_refused_where_buckets_have_one_and_nothing_is_said() {
    let zoned = r#"{"width": "1 day", "timezone": "Europe/Berlin"}"#;
    let mut rollup = Rollup::new(spec(r#""timestamp""#, zoned).as_str()).expect("a spec");
    assert!(matches!(rollup.columns()[0].clock, Clock::Unsaid(_)));
    let naive = batch([("ts", texts(&["2026-07-01T00:30:00"])), ("x", integers(&[1]))]);
    let error = rollup.ingest(&naive).expect_err("whose clock is it");
    assert_eq!((error.code(), error.path()), (Code::IngestTime, "column.ts[0]"));
    assert!(error.message().contains(r#"{"type": "timestamp", "timezone": "Europe/Berlin"}"#), "{error}");
    let said = batch([("ts", texts(&["2026-07-01T00:30:00+02"])), ("x", integers(&[1]))]);
    assert_eq!(rollup.ingest(&said), Ok(1));
    for (time, start) in [("UTC", "2026-06-30T22:00:00Z"), ("America/New_York", "2026-06-30T22:00:00Z")] {
        let time = format!(r#"{{"type": "timestamp", "timezone": "{time}"}}"#);
        let mut rollup = Rollup::new(spec(&time, zoned).as_str()).expect("a spec");
        rollup.ingest(&naive).expect("said");
        assert!(rollup.stats().to_string().contains(&format!(r#""first_bucket":"{start}""#)), "{}", rollup.stats());
    }
}

#[test]
fn native_times_without_a_zone_are_refused_as_texts_are() {
    let zoned = r#"{"width": "1 day", "timezone": "Europe/Berlin"}"#;
    let us = parse_timestamp("2026-07-01T00:30:00").expect("a time");
    let naive = |validity: Option<Vec<bool>>| {
        let units = [
            HostValues::Local(vec![us, us].into(), TimeUnit::Microsecond),
            HostValues::Local(vec![us / 1000, us / 1000].into(), TimeUnit::Millisecond),
            HostValues::Local(vec![us / 1_000_000; 2].into(), TimeUnit::Second),
            HostValues::Local(vec![us * 1000; 2].into(), TimeUnit::Nanosecond),
            HostValues::Mixed(vec![Cell::Local(us, TimeUnit::Microsecond); 2]),
        ];
        units.map(|values| HostColumn::new(values).with_validity(validity.clone().map(Into::into)))
    };
    for (time, shown) in [(r#""timestamp""#, "timestamp"), (r#""timestamp[ns]""#, "timestamp[ns]")] {
        let mut rollup = Rollup::new(spec(time, zoned).as_str()).expect("a spec");
        for (validity, row) in [(None, 0), (Some(vec![false, true]), 1)] {
            for column in naive(validity) {
                let error = rollup.ingest(&batch([("ts", column), ("x", integers(&[1, 2]))])).expect_err("whose clock");
                assert_eq!((error.code(), error.path()), (Code::IngestTime, format!("column.ts[{row}]").as_str()));
                let remedy = format!(r#"{{"type": "{shown}", "timezone": "Europe/Berlin"}}"#);
                assert!(error.message().starts_with("the time 2026-07-01T00:30:00 has no zone"), "{error}");
                assert!(error.message().contains(&remedy), "{error}");
            }
        }
        let instant = HostColumn::new(HostValues::Timestamp(vec![us, us].into(), TimeUnit::Microsecond));
        assert_eq!(rollup.ingest(&batch([("ts", instant), ("x", integers(&[1, 2]))])), Ok(2));
    }
    // no bucket needs to know
    let mut plain = Rollup::new(spec(r#""timestamp""#, r#""1 day""#).as_str()).expect("a spec");
    for column in naive(None) {
        assert_eq!(plain.ingest(&batch([("ts", column), ("x", integers(&[1, 2]))])), Ok(2));
    }
}

#[test]
fn rows_that_could_not_be_read_refuse_the_call_or_are_counted() {
    let spec = spec(r#""timestamp[s]""#, r#""1 hour""#);
    let rows = 150_000;
    let bad = [0, 70_000, 70_001, 149_999];
    let mut all = batch([("ts", integers(&vec![1; rows])), ("x", integers(&vec![1; rows]))]);
    bad.iter().for_each(|row| all.refuse(*row, isofold_facade::unread::no_row("a number")));
    for threads in [1, 3] {
        let mut rollup = Rollup::new(spec.as_str()).expect("a spec");
        let mut ingest = rollup.start_ingest(threads);
        ingest.fold(&batch([("ts", integers(&[1])), ("x", integers(&[1]))])).expect("a row");
        let error = ingest.fold(&all).expect_err("the first row of the batch");
        assert_eq!((error.code(), error.path()), (Code::IngestRow, "rows[1]"));

        let options = ingest_options(r#"{"on_row_error": "skip"}"#, threads).expect("options");
        let mut ingest = rollup.start_ingest_with(&options);
        ingest.fold(&all).expect("skipping");
        let report = rollup.finish_report(ingest).expect("no limit");
        assert_eq!((report.rows, report.skipped.count()), (rows - bad.len(), 4));
        let json = report.json().to_string();
        assert!(json.contains(r#""row":70000,"path":"rows[70000]""#), "{json}");
    }
    let mut none = batch([("ts", HostColumn::new(HostValues::Null(1))), ("x", HostColumn::new(HostValues::Null(1)))]);
    none.refuse(0, isofold_facade::unread::unread("line 1 is broken"));
    let options = ingest_options(r#"{"on_row_error": "skip", "strict": "columns"}"#, 1).expect("options");
    let mut rollup = Rollup::new(spec.as_str()).expect("a spec");
    let mut ingest = rollup.start_ingest_with(&options);
    ingest.fold(&none).expect("skipping");
    // of what could not be read no keys are known
    assert_eq!(rollup.finish_report(ingest).expect("no row").skipped.count(), 1);
}

#[test]
fn rows_are_left_out_by_themselves_alone() {
    let spec = spec(r#""timestamp[s]""#, r#""1 hour""#);
    let rows = 200_000;
    let is_bad = |row: usize| row % 9973 == 5;
    let cells = (0..rows).map(|row| if is_bad(row) { Cell::Bool(true) } else { Cell::Int64(row as i64) });
    let all = batch([
        ("ts", integers(&(0..rows as i64).collect::<Vec<_>>())),
        ("x", HostColumn::new(HostValues::Mixed(cells.collect()))),
    ]);
    let good: Vec<i64> = (0..rows).filter(|row| !is_bad(*row)).map(|row| row as i64).collect();
    let mut wanted = Rollup::new(spec.as_str()).expect("a spec");
    wanted.ingest(&batch([("ts", integers(&good)), ("x", integers(&good))])).expect("good rows");

    for threads in [1, 3] {
        let options = ingest_options(r#"{"on_row_error": "skip"}"#, threads).expect("options");
        for parts in [1, 7] {
            let mut rollup = Rollup::new(spec.as_str()).expect("a spec");
            let mut ingest = rollup.start_ingest_with(&options);
            for part in 0..parts {
                let declared = rollup.columns();
                ingest.fold(&all.block(&declared, part * rows / parts..(part + 1) * rows / parts)).expect("skipping");
            }
            let report = rollup.finish_report(ingest).expect("no limit");
            assert_eq!((report.rows, report.skipped.count() as usize), (good.len(), rows - good.len()));
            let json = report.json().to_string();
            assert!(
                json.contains(
                    r#""first":[{"row":5,"path":"column.x[5]","message":"true is not an int64"},{"row":9978,"#
                ),
                "{json}"
            );
            assert_eq!(rollup.digest(), wanted.digest());
        }
    }
    let error = Rollup::new(spec.as_str()).expect("a spec").ingest(&all).expect_err("one bad row refuses all");
    assert_eq!(error.path(), "column.x[5]");
}

#[test]
fn what_is_wrong_with_a_call_is_no_rows_problem() {
    let rollup = Rollup::new(spec(r#""timestamp[s]""#, r#""1 hour""#).as_str()).expect("a spec");
    let options = ingest_options(r#"{"on_row_error": "skip"}"#, 1).expect("options");
    let mut ingest = rollup.start_ingest_with(&options);
    let mut short = Batch::new(1).expect("one row");
    short.add("x", HostColumn::new(HostValues::Mixed(vec![Cell::Bool(true)]))).expect("one row");
    assert_eq!(ingest.fold(&short).expect_err("no time at all").code(), Code::IngestColumn);
    let few = Rollup::new(spec(r#""timestamp[s]""#, r#""1 hour""#).as_str()).expect("a spec");
    let few = few.with_max_groups(1).expect("one group");
    let mut ingest = few.start_ingest_with(&options);
    let error = ingest.fold(&batch([("ts", integers(&[0, 9000])), ("x", integers(&[1, 2]))])).expect_err("two groups");
    assert_eq!(error.code(), Code::LimitGroups);
}

#[test]
fn keys_are_decided_when_the_call_ends() {
    let nulls = || batch([("ts", integers(&[1])), ("x", HostColumn::new(HostValues::Null(1)))]);
    let mut rollup = Rollup::new(spec(r#""timestamp[s]""#, r#""1 hour""#).as_str()).expect("a spec");
    let mut ingest = rollup.start_ingest(1);
    ingest.see_keys(["ts", "X"]);
    ingest.fold(&nulls()).expect("a row");
    let error = rollup.finish_ingest(ingest.clone()).expect_err("X is no x");
    assert_eq!((error.code(), error.path()), (Code::IngestColumn, "column.x"));
    ingest.see_keys(["x"]);
    assert_eq!(rollup.finish_ingest(ingest), Ok(1));
    let declared = Declared::plain("x", Type::Int64);
    assert!(!declared.is_optional);
}
