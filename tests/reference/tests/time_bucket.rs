//! Where buckets begin: TimescaleDB's own answers, and clock changes worked out by hand.

use isofold_reference::bucket::{DAY_US, HOUR_US, MINUTE_US};
use isofold_reference::generate::{Generator, Times, ZONES};
use isofold_reference::truth::{bucket_vectors, data_dir_or_skip};
use isofold_reference::zone::instant_of;
use isofold_reference::{Bucket, Width};

fn width_of(text: &str) -> Width {
    let (number, unit) = text.split_once(' ').expect("a number and a unit");
    let number: i64 = number.parse().expect("a number");
    match unit.trim_end_matches('s') {
        "minute" => Width::Micros(number * MINUTE_US),
        "hour" => Width::Micros(number * HOUR_US),
        "day" => Width::Micros(number * DAY_US),
        "week" => Width::Micros(number * 7 * DAY_US),
        "month" => Width::Months(number),
        "year" => Width::Months(number * 12),
        other => panic!("no unit {other}"),
    }
}

fn bucket(width: &str, zone: &str) -> Bucket {
    Bucket::new(width_of(width)).in_zone(zone)
}

fn assert_start(bucket: &Bucket, instant: &str, start: &str) {
    assert_eq!(bucket.start(instant_of(instant)), instant_of(start), "of {instant}, expected {start}");
}

#[test]
fn every_answer_of_timescaledb_is_matched() {
    let Some(data) = data_dir_or_skip("every_answer_of_timescaledb_is_matched") else { return };
    let vectors = bucket_vectors(&data);
    assert!(vectors.len() > 6000, "{} vectors", vectors.len());
    for vector in vectors {
        let start = bucket(&vector.width, &vector.timezone).start(vector.time_us);
        assert_eq!(start, vector.bucket_us, "{vector:?}");
    }
}

#[test]
fn weeks_begin_on_mondays_and_fortnights_at_the_origin() {
    assert_start(&bucket("1 week", "UTC"), "2026-11-22T23:59:59Z", "2026-11-16T00:00:00Z");
    assert_start(&bucket("2 weeks", "UTC"), "2020-04-24T00:00:00Z", "2020-04-13T00:00:00Z");
}

#[test]
fn instants_before_the_origin_are_floored() {
    assert_start(&bucket("1 day", "UTC"), "1969-12-31T23:59:59.999999Z", "1969-12-31T00:00:00Z");
    assert_start(&bucket("5 months", "UTC"), "1999-12-31T00:00:00Z", "1999-08-01T00:00:00Z");
    assert_start(&bucket("10 years", "UTC"), "1999-12-31T00:00:00Z", "1990-01-01T00:00:00Z");
}

#[test]
fn an_origin_moves_the_edges_and_only_its_month_matters_for_months() {
    let sundays = bucket("1 week", "UTC").from_origin(instant_of("2000-01-02T00:00:00Z"));
    assert_start(&sundays, "2026-11-21T12:00:00Z", "2026-11-15T00:00:00Z");
    let quarters = bucket("3 months", "UTC").from_origin(instant_of("2001-02-17T12:00:00Z"));
    assert_start(&quarters, "2026-04-30T12:00:00Z", "2026-02-01T00:00:00Z");
}

#[test]
fn an_offset_gives_months_from_the_fifteenth() {
    let billing = bucket("1 month", "UTC").shifted(14 * DAY_US);
    assert_start(&billing, "2026-03-14T23:59:59Z", "2026-02-15T00:00:00Z");
    assert_start(&billing, "2026-03-15T00:00:00Z", "2026-03-15T00:00:00Z");
}

#[test]
fn days_in_berlin_last_23_and_25_hours_when_clocks_change() {
    let day = bucket("1 day", "Europe/Berlin");
    assert_start(&day, "2024-03-30T23:00:00Z", "2024-03-30T23:00:00Z");
    assert_start(&day, "2024-03-31T21:59:59Z", "2024-03-30T23:00:00Z");
    assert_start(&day, "2024-03-31T22:00:00Z", "2024-03-31T22:00:00Z");
    assert_start(&day, "2024-10-27T22:59:59Z", "2024-10-26T22:00:00Z");
    assert_start(&day, "2024-10-27T23:00:00Z", "2024-10-27T23:00:00Z");
    assert_start(&bucket("1 month", "Europe/Berlin"), "2024-10-31T22:59:59Z", "2024-09-30T22:00:00Z");
}

#[test]
fn the_repeated_hour_of_new_york_is_two_hours() {
    let hour = bucket("1 hour", "America/New_York");
    assert_start(&hour, "2024-11-03T05:30:00Z", "2024-11-03T05:00:00Z");
    assert_start(&hour, "2024-11-03T06:30:00Z", "2024-11-03T06:00:00Z");
    assert_start(&hour, "2024-03-10T07:30:00Z", "2024-03-10T07:00:00Z");
    // Two hours of wall clock before the change and three of elapsed time over it.
    let two_hours = bucket("2 hours", "America/New_York");
    assert_start(&two_hours, "2024-11-03T06:59:59Z", "2024-11-03T04:00:00Z");
    assert_start(&two_hours, "2024-11-03T07:00:00Z", "2024-11-03T07:00:00Z");
}

#[test]
fn a_midnight_that_clocks_skip_begins_an_hour_later() {
    let day = bucket("1 day", "Asia/Amman");
    assert_start(&day, "2021-03-25T21:59:59Z", "2021-03-24T22:00:00Z");
    assert_start(&day, "2021-03-25T22:00:00Z", "2021-03-25T22:00:00Z");
    assert_start(&day, "2021-03-26T20:59:59Z", "2021-03-25T22:00:00Z");
    assert_start(&day, "2021-03-26T21:00:00Z", "2021-03-26T21:00:00Z");
}

#[test]
fn a_midnight_to_which_clocks_go_back_begins_the_day_the_first_time() {
    // On 2021-10-29 Amman's clocks went from 01:00 back to 00:00.
    let day = bucket("1 day", "Asia/Amman");
    assert_start(&day, "2021-10-28T20:59:59Z", "2021-10-27T21:00:00Z");
    assert_start(&day, "2021-10-28T21:30:00Z", "2021-10-28T21:00:00Z");
    assert_start(&day, "2021-10-28T22:00:00Z", "2021-10-28T21:00:00Z");
    assert_start(&day, "2021-10-29T21:59:59Z", "2021-10-28T21:00:00Z");
    // In St John's they went from 00:01 back to 23:01, and the second midnight begins the day.
    let day = bucket("1 day", "America/St_Johns");
    assert_start(&day, "2010-11-07T02:30:30Z", "2010-11-06T02:30:00Z");
    assert_start(&day, "2010-11-07T03:30:00Z", "2010-11-07T03:30:00Z");
}

#[test]
fn edges_in_a_gap_of_three_hours_move_with_it() {
    // Casey's clocks went from 00:01 to 03:01 on 2020-10-04.
    assert_start(&bucket("1 hour", "Antarctica/Casey"), "2020-10-03T16:30:00Z", "2020-10-03T16:00:00Z");
    assert_start(&bucket("2 hours", "Antarctica/Casey"), "2020-10-03T16:59:00Z", "2020-10-03T16:00:00Z");
    assert_start(&bucket("2 hours", "Antarctica/Casey"), "2020-10-03T18:30:00Z", "2020-10-03T17:00:00Z");
}

#[test]
fn clocks_of_lord_howe_change_by_half_an_hour() {
    let hour = bucket("1 hour", "Australia/Lord_Howe");
    // +11:00 until 2024-04-06 15:00 UTC, then +10:30: 01:30 to 02:00 is shown twice.
    assert_start(&hour, "2024-04-06T14:15:00Z", "2024-04-06T14:00:00Z");
    assert_start(&hour, "2024-04-06T15:15:00Z", "2024-04-06T14:00:00Z");
    assert_start(&hour, "2024-04-06T15:30:00Z", "2024-04-06T15:30:00Z");
    assert_start(&bucket("1 day", "Australia/Lord_Howe"), "2024-04-07T13:29:59Z", "2024-04-06T13:00:00Z");
}

#[test]
fn an_edge_shown_twice_counts_once_unless_whole_buckets_repeat() {
    // Berlin, 03:00 back to 02:00 at 01:00 UTC: the first 02:00 is no edge of two hours, but one of an hour.
    assert_start(&bucket("2 hours", "Europe/Berlin"), "2021-10-31T00:30:00Z", "2021-10-30T22:00:00Z");
    assert_start(&bucket("2 hours", "Europe/Berlin"), "2021-10-31T01:30:00Z", "2021-10-31T01:00:00Z");
    assert_start(&bucket("1 hour", "Europe/Berlin"), "2021-10-31T00:30:00Z", "2021-10-31T00:00:00Z");
    // Amman, 01:00 back to 00:00 at 22:00 UTC: a midnight begins when it is first shown.
    assert_start(&bucket("6 hours", "Asia/Amman"), "2021-10-28T22:30:00Z", "2021-10-28T21:00:00Z");
    assert_start(&bucket("15 minutes", "Asia/Amman"), "2021-10-28T21:30:00Z", "2021-10-28T21:30:00Z");
    // Hours from half past: whole hours repeat, but the clock does not go back to an edge of them.
    let hours = bucket("1 hour", "Asia/Amman").from_origin(instant_of("2000-01-01T00:30:00Z"));
    assert_start(&hours, "2021-10-28T21:45:00Z", "2021-10-28T20:30:00Z");
    assert_start(&hours, "2021-10-28T22:30:00Z", "2021-10-28T22:30:00Z");
}

#[test]
fn an_edge_that_clocks_skip_moves_with_the_gap() {
    // Berlin skips 02:00 to 03:00 on 2024-03-31; of two hours from half past midnight, 02:30 is an edge.
    let bucket = bucket("2 hours", "Europe/Berlin").from_origin(instant_of("2024-03-31T00:30:00Z"));
    assert_start(&bucket, "2024-03-31T01:29:59Z", "2024-03-30T23:30:00Z");
    assert_start(&bucket, "2024-03-31T01:30:00Z", "2024-03-31T01:30:00Z");
    assert_start(&bucket, "2024-03-31T02:30:00Z", "2024-03-31T02:30:00Z");
}

#[test]
fn buckets_follow_each_other() {
    let mut generator = Generator::new(11);
    for round in 0..5_000 {
        let zone = generator.pick(&ZONES);
        let kind = generator.pick(&Times::ALL);
        let time = generator.time(kind);
        let later = time + generator.between(0, 3 * HOUR_US);
        for width in ["15 minutes", "45 minutes", "1 hour", "6 hours", "1 day", "1 week", "1 month", "1 year"] {
            let offset = generator.pick(&[0, 30 * MINUTE_US, -DAY_US]);
            let origin = generator.pick(&[0, 30 * MINUTE_US]);
            let bucket = bucket(width, zone).from_origin(origin).shifted(offset);
            let start = bucket.start(time);
            let place = format!("{width} from {origin} plus {offset} in {zone} of {time}, round {round}");
            assert!(start <= time, "starts after it: {place}");
            assert_eq!(bucket.start(start), start, "starts in another: {place}");
            assert!(start <= bucket.start(later), "a later one starts before: {place}, {later}");
        }
    }
}
