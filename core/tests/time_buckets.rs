//! What buckets, zones and windows promise, by example.

use isofold::error::Code;
use isofold::limits::{MAX_TIME_US, MIN_TIME_US};
use isofold::time::{format_timestamp, parse_timestamp, shift_back, Bucket, BucketSource, Interval, Zone};

fn source(width: &str, timezone: &str, origin: &str, offset: &str) -> BucketSource {
    let given = |text: &str| (!text.is_empty()).then(|| text.to_string());
    BucketSource { width: width.into(), timezone: given(timezone), origin: given(origin), offset: given(offset) }
}

fn bucket(width: &str, timezone: &str) -> Bucket {
    Bucket::new(&source(width, timezone, "", "")).unwrap()
}

fn at(text: &str) -> i64 {
    parse_timestamp(text).unwrap()
}

/// The starts of all buckets that overlap a range, as text.
fn starts(bucket: &Bucket, start: &str, end: &str) -> Vec<String> {
    bucket.iter(at(start), at(end)).map(format_timestamp).collect()
}

fn one_spelling(width: &str, timezone: &str, origin: &str, offset: &str, expected: BucketSource) {
    let bucket = Bucket::new(&source(width, timezone, origin, offset)).unwrap();
    assert_eq!(bucket.source(), expected);
    assert_eq!(Bucket::new(&expected).unwrap(), bucket);
}

#[test]
fn weeks_start_on_monday_and_two_weeks_on_the_third_of_2000() {
    assert_eq!(bucket("1 week", "").start(at("2026-11-01")).unwrap(), at("2026-10-26"));
    assert_eq!(bucket("2 weeks", "").start(at("2020-04-24")).unwrap(), at("2020-04-13"));
}

#[test]
fn time_before_the_origin_is_floored_too() {
    assert_eq!(bucket("1 hour", "").start(-1).unwrap(), at("1969-12-31T23:00:00Z"));
    assert_eq!(bucket("1 year", "").start(at("-0044-03-15")).unwrap(), at("-0044-01-01"));
}

#[test]
fn the_day_clocks_go_forward_has_23_hours() {
    let day = bucket("1 day", "Europe/Berlin");
    let noon = at("2026-03-29T12:00:00+02:00");
    assert_eq!(day.start(noon).unwrap(), at("2026-03-29T00:00:00+01:00"));
    assert_eq!(day.end(noon), at("2026-03-30T00:00:00+02:00"));
}

#[test]
fn an_hour_that_clocks_show_twice_is_two_buckets() {
    let hours = starts(&bucket("1 hour", "Europe/London"), "2025-10-25T23:00:00Z", "2025-10-26T03:00:00Z");
    assert_eq!(hours, ["2025-10-25T23:00:00Z", "2025-10-26T00:00:00Z", "2025-10-26T01:00:00Z", "2025-10-26T02:00:00Z"]);
}

#[test]
fn two_hours_are_three_where_clocks_go_back() {
    let london = starts(&bucket("2 hours", "Europe/London"), "2025-10-25T23:00:00Z", "2025-10-26T05:00:00Z");
    assert_eq!(london, ["2025-10-25T23:00:00Z", "2025-10-26T02:00:00Z", "2025-10-26T04:00:00Z"]);
    // here the edge itself is shown twice, and the later one counts
    let berlin = starts(&bucket("2 hours", "Europe/Berlin"), "2025-10-25T22:00:00Z", "2025-10-26T05:00:00Z");
    assert_eq!(berlin, ["2025-10-25T22:00:00Z", "2025-10-26T01:00:00Z", "2025-10-26T03:00:00Z"]);
}

#[test]
fn a_day_without_midnight_starts_when_its_clocks_do() {
    let days = starts(&bucket("1 day", "Asia/Amman"), "2021-03-25T12:00:00Z", "2021-03-27T12:00:00Z");
    assert_eq!(days, ["2021-03-24T22:00:00Z", "2021-03-25T22:00:00Z", "2021-03-26T21:00:00Z"]);
}

#[test]
fn a_day_to_whose_midnight_clocks_go_back_starts_at_the_first() {
    let days = starts(&bucket("1 day", "America/Havana"), "2025-11-01T12:00:00Z", "2025-11-03T12:00:00Z");
    assert_eq!(days, ["2025-11-01T04:00:00Z", "2025-11-02T04:00:00Z", "2025-11-03T05:00:00Z"]);
    let months = starts(&bucket("1 month", "America/Havana"), "2026-10-31", "2026-11-10");
    assert_eq!(months, ["2026-10-01T04:00:00Z", "2026-11-01T04:00:00Z"]);
    // shorter buckets nest in days: their midnight is the same
    let six = starts(&bucket("6 hours", "America/Havana"), "2025-11-02T03:00:00Z", "2025-11-02T12:00:00Z");
    assert_eq!(six, ["2025-11-01T22:00:00Z", "2025-11-02T04:00:00Z", "2025-11-02T11:00:00Z"]);
}

#[test]
fn a_day_whose_midnight_clocks_go_back_past_starts_at_the_second() {
    // 00:01 back to 23:01 of the day before
    let days = starts(&bucket("1 day", "America/St_Johns"), "2010-11-06T12:00:00Z", "2010-11-08T12:00:00Z");
    assert_eq!(days, ["2010-11-06T02:30:00Z", "2010-11-07T03:30:00Z", "2010-11-08T03:30:00Z"]);
}

#[test]
fn edges_in_a_gap_of_three_hours_move_with_it_up_to_the_next_edge() {
    // 00:01 forward to 03:01 at 16:01 UTC
    let casey =
        |width: &str| starts(&bucket(width, "Antarctica/Casey"), "2020-10-03T15:00:00Z", "2020-10-03T19:00:00Z");
    assert_eq!(
        casey("1 hour"),
        ["2020-10-03T15:00:00Z", "2020-10-03T16:00:00Z", "2020-10-03T17:00:00Z", "2020-10-03T18:00:00Z"]
    );
    assert_eq!(casey("2 hours"), ["2020-10-03T14:00:00Z", "2020-10-03T16:00:00Z", "2020-10-03T17:00:00Z"]);
    assert_eq!(casey("1 day"), ["2020-10-02T16:00:00Z", "2020-10-03T16:00:00Z"]);
}

#[test]
fn a_day_that_a_zone_skips_is_no_bucket() {
    let days = starts(&bucket("1 day", "Pacific/Apia"), "2011-12-29T12:00:00Z", "2012-01-01T00:00:00Z");
    assert_eq!(days, ["2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"]);
}

#[test]
fn an_offset_moves_months_to_the_middle_of_the_month() {
    let billing = Bucket::new(&source("1 month", "", "", "14 days")).unwrap();
    assert_eq!(billing.start(at("2026-03-14T23:59:59Z")).unwrap(), at("2026-02-15"));
    assert_eq!(billing.end(at("2026-03-14T23:59:59Z")), at("2026-03-15"));
}

#[test]
fn the_day_of_an_origin_of_months_is_ignored() {
    let fiscal = Bucket::new(&source("1 year", "", "2019-04-17", "")).unwrap();
    assert_eq!(fiscal.start(at("2026-03-31")).unwrap(), at("2025-04-01"));
    assert_eq!(fiscal.source(), source("1 year", "", "2000-04-01", ""));
}

#[test]
fn an_origin_is_local_unless_it_says_otherwise() {
    let six = Bucket::new(&source("1 day", "Europe/Berlin", "2000-01-01T06:00:00", "")).unwrap();
    assert_eq!(six.start(at("2026-07-01T05:00:00Z")).unwrap(), at("2026-07-01T04:00:00Z"));
    let same = Bucket::new(&source("1 day", "Europe/Berlin", "2026-07-01T04:00:00Z", "")).unwrap();
    assert_eq!(same, six);
}

#[test]
fn one_bucket_has_one_spelling() {
    one_spelling("24 hours", "UTC", "2026-11-01", "48 hours", source("1 day", "", "", ""));
    one_spelling("7 days", "Etc/UTC", "2000-01-02", "", source("1 week", "", "", "6 days"));
    one_spelling("1 hour", "", "", "-15 minutes", source("1 hour", "", "", "45 minutes"));
    one_spelling("12 months", "", "", "-9 months", source("1 year", "", "2000-04-01", ""));
    one_spelling("1 day", "Asia/Tokyo", "2026-11-01", "", source("1 day", "Asia/Tokyo", "", ""));
    one_spelling(
        "1 week",
        "Asia/Tokyo",
        "2026-11-01T06:30:00",
        "-1 hour",
        source("1 week", "Asia/Tokyo", "2000-01-09T06:30:00", "-1 hour"),
    );
    // the origin after the default would be past the year 9999
    one_spelling("19000 years", "", "-5000-06-01", "", source("19000 years", "", "-005000-06-01", ""));
    one_spelling(
        "6000000 days",
        "Asia/Tokyo",
        "1999-01-01",
        "",
        source("6000000 days", "Asia/Tokyo", "1999-01-01", ""),
    );
}

#[test]
fn all_problems_of_a_bucket_are_told_at_once() {
    let problems = Bucket::new(&source("1 parsec", "europe/berlin", "yesterday", "x")).unwrap_err();
    let told: Vec<(Code, &str)> = problems.iter().map(|problem| (problem.code(), problem.path())).collect();
    assert_eq!(
        told,
        [
            (Code::SpecBucket, "width"),
            (Code::SpecTimezone, "timezone"),
            (Code::SpecBucket, "origin"),
            (Code::SpecBucket, "offset"),
        ]
    );
    assert!(problems[1].message().contains("did you mean 'Europe/Berlin'"), "{}", problems[1]);
}

#[test]
fn a_width_is_a_positive_length_of_one_kind() {
    for width in
        ["0 hours", "-1 day", "1 day -1 hour", "1 month 1 day", "19998 years 1 month", "7304000 days 24000 hours"]
    {
        let problems = Bucket::new(&source(width, "", "", "")).unwrap_err();
        assert_eq!((problems[0].code(), problems[0].path()), (Code::SpecBucket, "width"), "{width}");
    }
    let problems = Bucket::new(&source("1 day", "", "", "1 month")).unwrap_err();
    assert_eq!((problems[0].code(), problems[0].path()), (Code::SpecBucket, "offset"));
}

#[test]
fn a_time_out_of_range_is_an_error_that_names_its_row() {
    let day = bucket("1 day", "Europe/Berlin");
    let mut starts = vec![1];
    let (row, error) = day.starts(&[0, MAX_TIME_US - 1, MAX_TIME_US], &mut starts).unwrap_err();
    assert_eq!((row, error.code()), (2, Code::IngestTime));
    assert_eq!(starts, [1]);
    let mut instants = vec![0; 2000];
    instants[1700] = MIN_TIME_US - 1;
    instants[1900] = MAX_TIME_US;
    assert_eq!(day.starts(&instants, &mut starts).unwrap_err().0, 1700);
    assert_eq!(starts, [1]);
    for instant in [i64::MIN, MIN_TIME_US - 1, MIN_TIME_US, MAX_TIME_US, i64::MAX] {
        let day = Bucket::new(&source("1 day", "", "", "1 hour")).unwrap();
        assert_eq!(day.start(instant).unwrap_err().code(), Code::IngestTime, "{instant}");
        assert_eq!(day.cursor().start(instant).unwrap_err().code(), Code::IngestTime, "{instant}");
    }
}

#[test]
fn no_bucket_overflows_at_the_ends_of_time() {
    for width in ["1 microsecond", "1 day", "7304000 days", "1 month", "19998 years"] {
        for timezone in ["", "Asia/Kathmandu", "America/Juneau"] {
            for offset in ["", "-19998 years", "7304000 days", "-7304000 days"] {
                let Ok(bucket) = Bucket::new(&source(width, timezone, "-9999-01-01", offset)) else { continue };
                for instant in [i64::MIN, MIN_TIME_US, -1, MAX_TIME_US - 1, i64::MAX] {
                    let _ = bucket.start(instant);
                    let _ = bucket.is_edge(instant);
                    let _ = bucket.enclosing(instant, i64::MAX);
                    assert!(bucket.end(instant) > instant.clamp(MIN_TIME_US, MAX_TIME_US), "{bucket:?} {instant}");
                }
            }
        }
    }
}

#[test]
fn an_empty_range_has_no_buckets() {
    assert_eq!(bucket("1 day", "").iter(10, 10).count(), 0);
    assert_eq!(bucket("1 day", "").iter(at("2026-01-01"), at("2026-01-01") + 1).count(), 1);
    assert_eq!(bucket("1 day", "").iter(MAX_TIME_US, i64::MAX).count(), 0);
    assert_eq!(bucket("1 year", "Asia/Tokyo").iter(at("9998-06-01"), i64::MAX).count(), 3);
}

#[test]
fn windows_count_days_by_the_calendar_and_hours_by_the_clock() {
    let berlin = Zone::named("Europe/Berlin").unwrap();
    let end = at("2026-03-30T00:00:00+02:00");
    let back = |text: &str| shift_back(end, &Interval::parse(text).unwrap(), &berlin).unwrap();
    assert_eq!(back("1 day"), at("2026-03-29T00:00:00+01:00"));
    assert_eq!(back("24 hours"), at("2026-03-28T23:00:00+01:00"));
    assert_eq!(back("1 month"), at("2026-02-28T00:00:00+01:00"));
    assert_eq!(back("1 month 1 hour"), at("2026-02-27T23:00:00+01:00"));
    let utc = |text: &str, us: i64| shift_back(us, &Interval::parse(text).unwrap(), &Zone::UTC);
    assert_eq!(utc("7 days", at("2026-11-20")).unwrap(), at("2026-11-13"));
    assert_eq!(utc("1 year", at("2024-02-29")).unwrap(), at("2023-02-28"));
    for interval in ["1 day", "1 hour", "19998 years", "7304000 days 19998 years"] {
        assert_eq!(utc(interval, MIN_TIME_US).unwrap_err().code(), Code::RangeInvalid);
    }
}
