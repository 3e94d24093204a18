//! Files as people have them: `suggest`, then `fold --query` with that spec as it is.
#![expect(clippy::float_arithmetic, reason = "what is expected is computed once more, and compared with room")]

use crate::support::Place;
use serde_json::Value;
use std::fmt::Write as _;

/// What a query finds of a file, folded with the spec that is suggested for it.
#[track_caller]
fn asked(place: &Place, file: &str, query: &str) -> Vec<Value> {
    let suggested = place.run(&["suggest", file, "-o", "spec.json"]);
    assert_eq!(suggested.code, 0, "{}", suggested.err);
    assert!(!suggested.err.contains("does not fold"), "{}", suggested.err);
    place.run(&["fold", file, "--spec", "spec.json", "--query", query, "--json"]).rows()
}

fn close(value: &Value, right: f64) -> bool {
    value.as_f64().is_some_and(|value| (value / right - 1.0).abs() < 0.0055)
}

#[test]
fn a_combined_log() {
    let place = Place::new("log");
    let mut text = String::new();
    for row in 0..200 {
        let (status, bytes) = match row % 20 {
            0 => ("304", "-".to_owned()),
            1 => ("404", "300".to_owned()),
            _ => ("200", (1000 + row).to_string()),
        };
        writeln!(text, "198.51.100.{} - - [17/May/2015:1{}:05:03 +0200] \"GET /p/{row} HTTP/1.1\" {status} {bytes} \"-\" \"Agent \\\"x\\\"\"", row % 40, row % 3).expect("text");
    }
    place.write("access.log", text);
    let rows = asked(
        &place,
        "access.log",
        r#"{"bucket": null, "group_by": ["status"], "select": {"n": "count(*)", "bytes": "sum(bytes)", "ips": "approx_count_distinct(ip)"}}"#,
    );
    let of = |status: i64| rows.iter().find(|row| row["status"] == status).expect("a status").clone();
    assert_eq!(
        (&of(200)["n"], &of(304)["n"], &of(304)["bytes"], &of(404)["bytes"]),
        (&180.into(), &10.into(), &Value::Null, &3000.into())
    );
    let whole = asked(
        &place,
        "access.log",
        r#"{"bucket": null, "group_by": [], "select": {"ips": "approx_count_distinct(ip)", "first": "count(*)"}}"#,
    );
    assert_eq!(whole[0]["ips"], 40);
}

#[test]
fn local_times_and_a_zone_that_is_told() {
    let place = Place::new("local");
    let mut text = String::from("when,rides\n");
    for half in 0..96 {
        writeln!(text, "2014-07-{:02} {:02}:{:02}:00,{half}", 1 + half / 48, half / 2 % 24, half % 2 * 30)
            .expect("text");
    }
    place.write("taxi.csv", text);
    let query = r#"{"bucket": "1 day", "select": {"n": "count(*)", "v": "sum(rides)"}}"#;
    let days = asked(&place, "taxi.csv", query);
    assert_eq!(
        days.iter().map(|day| (day["n"].clone(), day["v"].clone())).collect::<Vec<_>>(),
        [(48.into(), 1128.into()), (48.into(), 3432.into())]
    );
    assert!(place.run(&["suggest", "taxi.csv"]).err.contains("have no zone and are taken as UTC"));
    assert_eq!(place.run(&["suggest", "taxi.csv", "--timezone", "America/New_York", "-o", "spec.json"]).err, "");
    let query = r#"{"bucket": "1 day", "timezone": "America/New_York", "select": {"n": "count(*)"}}"#;
    let days = place.run(&["fold", "taxi.csv", "--spec", "spec.json", "--query", query, "--json"]).rows();
    assert_eq!(
        days.iter().map(|day| day["bucket"].clone()).collect::<Vec<_>>(),
        ["2014-07-01T04:00:00Z", "2014-07-02T04:00:00Z"]
    );
}

#[test]
fn words_for_no_value_and_seconds_since_the_epoch() {
    let place = Place::new("locust");
    let mut text = String::from("Timestamp,Name,Requests/s,50%,95%\n1738153354,Aggregated,0.000000,N/A,N/A\n");
    for row in 1..100 {
        writeln!(text, "{},/path/{},{}.500000,{row},{}", 1_738_153_354 + row, row % 4, row, row * 2).expect("text");
    }
    place.write("stats.csv", text);
    let rows = asked(
        &place,
        "stats.csv",
        r#"{"bucket": null, "group_by": [], "select": {"n": "count(*)", "there": "count(\"50%\")", "max": "max(\"95%\")", "rps": "avg(\"Requests/s\")"}}"#,
    );
    assert_eq!((&rows[0]["n"], &rows[0]["there"]), (&100.into(), &99.into()));
    assert!(close(&rows[0]["max"], 198.0) && close(&rows[0]["rps"], 49.995), "{rows:?}");
}

#[test]
fn nested_objects_of_which_some_have_no_time() {
    let place = Place::new("k6");
    let mut text = String::from(
        "{\"type\":\"Metric\",\"data\":{\"name\":\"duration\",\"type\":\"trend\"},\"metric\":\"duration\"}\n",
    );
    for row in 0..30 {
        writeln!(text, "{{\"metric\":\"duration\",\"type\":\"Point\",\"data\":{{\"time\":\"2024-02-21T16:43:{row:02}.731642359-05:00\",\"value\":{},\"tags\":{{\"url\":\"https://example.org/{}\"}}}}}}", 100 + row, row % 3).expect("text");
    }
    place.write("run.json", text);
    let rows = asked(
        &place,
        "run.json",
        r#"{"bucket": null, "group_by": [], "select": {"n": "count(*)", "avg": "avg(\"data.value\")", "p95": "approx_percentile(0.95, percentile_agg(\"data.value\"))", "urls": "approx_count_distinct(\"data.tags.url\")"}}"#,
    );
    assert_eq!((&rows[0]["n"], &rows[0]["avg"], &rows[0]["urls"]), (&30.into(), &114.5.into(), &3.into()));
    assert!(close(&rows[0]["p95"], 127.55), "{rows:?}");
}

#[test]
fn a_day_and_a_time_of_day_in_two_columns() {
    let place = Place::new("two");
    let mut text = String::from("LineId,Date,Time,Pid,Level,Component\n");
    for row in 0..90 {
        writeln!(
            text,
            "{row},2017-05-16,0{}:{:02}:00.008,{},{},nova.api",
            row / 60,
            row % 60,
            25740 + row % 3,
            if row % 9 == 0 { "WARNING" } else { "INFO" }
        )
        .expect("text");
    }
    place.write("log.csv", text);
    let rows = asked(&place, "log.csv", r#"{"bucket": "1 hour", "group_by": ["Level"], "select": {"n": "count(*)"}}"#);
    let of = |bucket: &str, level: &str| {
        rows.iter().find(|row| row["bucket"] == bucket && row["Level"] == level).map(|row| row["n"].clone())
    };
    assert_eq!(of("2017-05-16T00:00:00Z", "INFO"), Some(53.into()));
    assert_eq!(of("2017-05-16T01:00:00Z", "WARNING"), Some(3.into()));
}

#[test]
fn a_column_for_each_half_hour_and_yes_and_no() {
    let place = Place::new("wide");
    let halves: Vec<String> = (0..48).map(|half| format!("{:02}:{:02} - x", half / 2, half % 2 * 30)).collect();
    let values: Vec<String> = (0..48).map(|half| format!("{:.4}", 0.025 + f64::from(half) * 0.001)).collect();
    let row = |day: u32, is: &str| format!("6000000000,0001,Consumption,2024-07-{day},{is},{}\n", values.join(","));
    place.write(
        "meter.csv",
        format!(
            "NMI,METER,CON/GEN,DATE,ESTIMATED?,{}\n{}{}{}",
            halves.join(","),
            row(15, "No"),
            row(16, "Yes"),
            row(17, "No")
        ),
    );
    let rows = asked(
        &place,
        "meter.csv",
        r#"{"bucket": "1 month", "group_by": ["CON/GEN"], "select": {"est": "count(*) filter (where \"ESTIMATED?\")", "kwh": "total", "first": "sum(\"00:00 - x\")"}}"#,
    );
    assert_eq!((&rows[0]["est"], &rows[0]["CON/GEN"]), (&1.into(), &"Consumption".into()));
    assert!(close(&rows[0]["kwh"], 6.984) && close(&rows[0]["first"], 0.075), "{rows:?}");
}

#[test]
fn semicolons_and_decimal_commas() {
    let place = Place::new("commas");
    let mut text = String::from("timestamp;date;temperature (*C);battery (V)\n");
    for row in 0..120 {
        let minute = row * 10;
        writeln!(
            text,
            "{};2021-02-22T{:02}:{:02}:52+01:00;{},{:02};12,6",
            1_613_948_452 + minute * 60,
            minute / 60,
            minute % 60,
            10 + row % 5,
            row % 100
        )
        .expect("text");
    }
    place.write("weather.csv", text);
    let rows = asked(
        &place,
        "weather.csv",
        r#"{"bucket": "1 day", "timezone": "Europe/Paris", "select": {"n": "count(*)", "t": "avg(\"temperature (*C)\")"}}"#,
    );
    let mean = (0..120).map(|row| f64::from(10 + row % 5) + f64::from(row % 100) / 100.0).sum::<f64>() / 120.0;
    assert_eq!(rows[0]["n"], 120);
    assert!(close(&rows[0]["t"], mean), "{rows:?}");
}

#[test]
fn other_forms_of_times_numbers_and_files() {
    let place = Place::new("forms");
    let count = |file: &str| {
        asked(&place, file, r#"{"bucket": null, "group_by": [], "select": {"n": "count(*)"}}"#)[0]["n"].clone()
    };
    for (name, text) in [
        ("german.csv", "Datum;Wert\n31.12.2025 23:59;1.5\n01.01.2026 00:00;2.5\n"),
        ("american.csv", "date,share\n12/31/2025 11:59:00 PM,5%\n01/01/2026 12:00:00 AM,7.5%\n"),
        ("jmeter.csv", "timeStamp,elapsed,label,responseCode,success\n1700000000000,15,Home,200,true\n1700000001000,20,Home,500,false\n"),
        ("tabs.tsv", "ts\tv\n2026-01-01T00:00:00Z\t1\n2026-01-01T01:00:00Z\t2\n"),
        ("pipes.txt", "at|v\n2026-01-01 00:00|1\n2026-01-01 01:00|2\n"),
        ("spaces.csv", "at, v\n2026-01-01 00:00, 1\n2026-01-01 01:00, 2\n"),
        ("array.json", "[{\"at\": 1700000000, \"v\": 1.5}, {\"at\": 1700000060, \"v\": null}]"),
        ("common.log", "::1 - - [10/Oct/2000:13:55:36 -0700] \"GET / HTTP/1.0\" 200 5\n::1 - - [10/Oct/2000:13:55:37 -0700] \"GET / HTTP/1.0\" 200 -\n"),
        ("epoch.csv", "time,v\n1700000000.25,1\n1700000001.75,2\n"),
    ] {
        place.write(name, text);
        assert_eq!(count(name), 2, "{name}");
    }
    place.write("nothing.csv", "a,b\n1,2\n");
    let refused = place.run(&["suggest", "nothing.csv"]);
    assert!(
        refused.code == 1
            && refused.err.contains("no column of the first 1 rows has times; the columns are a (\"1\"), b (\"2\")"),
        "{}",
        refused.err
    );
}
