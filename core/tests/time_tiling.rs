//! Buckets tile the time line, in every zone and around every change of its clocks.

use chrono::{Datelike, NaiveDate};
use chrono_tz::TZ_VARIANTS;
use isofold::time::{parse_timestamp, Bucket, BucketSource, Zone};
use proptest::prelude::*;

const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

const WIDTHS: [&str; 20] = [
    "1 second",
    "1 minute",
    "7 minutes",
    "15 minutes",
    "20 minutes",
    "45 minutes",
    "1 hour",
    "2 hours",
    "3 hours",
    "5 hours",
    "6 hours",
    "12 hours",
    "1 day",
    "3 days",
    "1 week",
    "2 weeks",
    "1 month",
    "1 quarter",
    "1 year",
    "5 years",
];

fn bucket(width: &str, timezone: &str, origin: Option<&str>, offset: Option<&str>) -> Bucket {
    Bucket::new(&BucketSource {
        width: width.into(),
        timezone: Some(timezone.into()),
        origin: origin.map(Into::into),
        offset: offset.map(Into::into),
    })
    .unwrap()
}

/// The first change of a zone's clocks after an instant, or the instant when there is none for 20 years.
fn next_change(zone: &Zone, from: i64) -> i64 {
    let offset = zone.offset_us(from);
    let Some(day) = (1..7300).find(|day| zone.offset_us(from + day * DAY) != offset) else { return from };
    let (mut low, mut high) = (from + (day - 1) * DAY, from + day * DAY);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if zone.offset_us(middle) == offset {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

fn years() -> std::ops::Range<i64> {
    parse_timestamp("1840-01-01").unwrap()..parse_timestamp("2550-01-01").unwrap()
}

prop_compose! {
    fn any_bucket()(
        width in prop::sample::select(&WIDTHS[..]),
        zone in prop::sample::select(&TZ_VARIANTS[..]),
        origin in prop::option::weighted(0.2, prop::sample::select(&["2001-02-03", "1999-12-31T23:30:00+05:45"][..])),
        offset in prop::option::weighted(0.3, prop::sample::select(&["14 days", "-90 minutes", "1 second"][..])),
    ) -> Bucket {
        bucket(width, zone.name(), origin, offset)
    }
}

fn near_a_change(bucket: &Bucket, from: i64, mut distances: Vec<i64>) -> Vec<i64> {
    let change = next_change(bucket.zone(), from);
    distances.sort_unstable();
    distances.into_iter().map(|distance| change + distance).collect()
}

fn distance() -> impl Strategy<Value = i64> {
    prop_oneof![
        (-3 * HOUR..3 * HOUR),
        (-26 * HOUR..26 * HOUR),
        (-12i64..12).prop_map(|quarters| quarters * 15 * MINUTE),
        -2i64..2,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn every_instant_lies_in_exactly_one_bucket(
        bucket in any_bucket(),
        from in years(),
        distances in prop::collection::vec(distance(), 12),
    ) {
        let instants = near_a_change(&bucket, from, distances);
        let mut before = i64::MIN;
        for &instant in &instants {
            let start = bucket.start(instant).unwrap();
            let end = bucket.end(instant);
            prop_assert!(start <= instant && instant < end, "{start} <= {instant} < {end}");
            prop_assert_eq!(bucket.start(start).unwrap(), start);
            prop_assert!(bucket.is_edge(end));
            prop_assert_eq!(bucket.start(end - 1).unwrap(), start);
            prop_assert_eq!(bucket.end(end - 1), end);
            prop_assert!(before <= start, "starts fall from {before} to {start} at {instant}");
            prop_assert_eq!(bucket.enclosing(start, end), Some(start));
            prop_assert_eq!(bucket.enclosing(start, end + 1), None);
            prop_assert_eq!(bucket.enclosing(start - 1, end), None);
            before = start;
        }
    }

    #[test]
    fn a_column_gets_the_starts_of_its_rows(
        bucket in any_bucket(),
        from in years(),
        near in prop::collection::vec(distance(), 1..1500),
        far in prop::collection::vec(years(), 20),
    ) {
        let mut instants = near_a_change(&bucket, from, near);
        // once in order and once again, so that remembered buckets are met
        let again: Vec<i64> = instants.iter().rev().step_by(3).copied().collect();
        instants.extend(far);
        instants.extend(again);
        let mut starts = vec![7];
        bucket.starts(&instants, &mut starts).unwrap();
        let expected: Vec<i64> = instants.iter().map(|&instant| bucket.start(instant).unwrap()).collect();
        prop_assert_eq!(&starts[1..], &expected[..]);
    }

    #[test]
    fn walking_over_a_range_meets_every_bucket_once(bucket in any_bucket(), from in years(), reach in 1..40 * HOUR) {
        let change = next_change(bucket.zone(), from);
        let buckets: Vec<i64> = bucket.iter(change - reach, change + reach).take(50).collect();
        prop_assert_eq!(buckets[0], bucket.start(change - reach).unwrap());
        for pair in buckets.windows(2) {
            prop_assert_eq!(bucket.end(pair[0]), pair[1]);
        }
        if buckets.len() < 50 {
            prop_assert_eq!(buckets[buckets.len() - 1], bucket.start(change + reach - 1).unwrap());
        }
    }

    #[test]
    fn the_one_spelling_of_a_bucket_is_the_same_bucket(bucket in any_bucket()) {
        let source = bucket.source();
        let again = Bucket::new(&source).unwrap();
        prop_assert_eq!(&again, &bucket);
        prop_assert_eq!(again.source(), source);
    }

    #[test]
    fn hours_nest_in_days_months_and_years_of_their_zone(
        zone in prop::sample::select(&TZ_VARIANTS[..]),
        coarse in prop::sample::select(&["2 hours", "6 hours", "1 day", "1 week", "1 month", "1 year"][..]),
        from in parse_timestamp("1972-01-01").unwrap()..parse_timestamp("2037-01-01").unwrap(),
        distance in distance(),
    ) {
        let fine = bucket("1 hour", zone.name(), None, None);
        let coarse = bucket(coarse, zone.name(), None, None);
        let instant = next_change(fine.zone(), from) + distance;
        let start = fine.start(instant).unwrap();
        prop_assert_eq!(coarse.enclosing(start, fine.end(start)), Some(coarse.start(instant).unwrap()));
    }

    #[test]
    fn months_are_those_of_the_calendar(
        instant in parse_timestamp("-009000-01-01").unwrap()..parse_timestamp("9999-12-31").unwrap(),
        months in 1i64..40,
        origin in 1i32..4000,
    ) {
        let text = format!("{origin:04}-05-17");
        let bucket = bucket(&format!("{months} months"), "UTC", Some(&text), None);
        let date = chrono::DateTime::from_timestamp_micros(instant).unwrap().date_naive();
        let of = |year: i32, month0: u32| i64::from(year) * 12 + i64::from(month0);
        let since = of(date.year(), date.month0()) - of(origin, 4);
        let month = of(origin, 4) + since.div_euclid(months) * months;
        let first = |month: i64| {
            let date = NaiveDate::from_ymd_opt(month.div_euclid(12) as i32, month.rem_euclid(12) as u32 + 1, 1);
            date.unwrap().and_hms_opt(0, 0, 0).unwrap().and_utc().timestamp_micros()
        };
        prop_assert_eq!(bucket.start(instant).unwrap(), first(month));
        prop_assert_eq!(bucket.end(instant), first(month + months));
    }

    #[test]
    fn a_local_time_means_the_last_instant_that_shows_it(
        zone in prop::sample::select(&TZ_VARIANTS[..]),
        from in years(),
        distance in distance(),
    ) {
        let zone = Zone::named(zone.name()).unwrap();
        let change = next_change(&zone, from);
        let local = change + zone.offset_us(change) + distance;
        let instant = zone.to_instant(local);
        let offsets = (-64..64).map(|quarters| zone.offset_us(local + quarters * 15 * MINUTE));
        let last = offsets.map(|offset| local - offset).filter(|&at| at + zone.offset_us(at) == local).max();
        match last {
            Some(last) => prop_assert_eq!(instant, last),
            // in a gap: as far after the jump as the local time is after its beginning
            None => prop_assert!(zone.offset_us(instant) > local - instant),
        }
    }
}

/// The instants between which a midnight is repeated because clocks went back to it, and the zones' names.
fn repeated_midnights() -> Vec<(&'static str, i64, i64)> {
    let mut found = Vec::new();
    for variant in TZ_VARIANTS {
        let zone = Zone::named(variant.name()).unwrap();
        let mut from = parse_timestamp("1960-01-01").unwrap();
        while from < parse_timestamp("2037-01-01").unwrap() {
            let change = next_change(&zone, from);
            if change == from {
                // none for 20 years
                from += 7000 * DAY;
                continue;
            }
            let jump = zone.offset_us(change - 1) - zone.offset_us(change);
            if jump > 0 && (change + zone.offset_us(change)).rem_euclid(DAY) == 0 {
                found.push((variant.name(), change - jump, change));
            }
            from = change;
        }
    }
    found
}

#[test]
fn days_have_the_rows_of_their_local_date_where_clocks_go_back_to_midnight() {
    let midnights = repeated_midnights();
    for zone in ["Atlantic/Azores", "America/Havana", "Asia/Amman", "Asia/Jerusalem", "Antarctica/Casey"] {
        assert!(midnights.iter().any(|(name, _, _)| *name == zone), "{zone} of {} changes", midnights.len());
    }
    for (name, first, second) in midnights {
        let day = bucket("1 day", name, None, None);
        let date = |at: i64| (at + day.zone().offset_us(at)).div_euclid(DAY);
        for at in (first - 3 * HOUR..second + 3 * HOUR).step_by(10 * MINUTE as usize) {
            let start = day.start(at).unwrap();
            assert_eq!(date(start), date(at), "{name} {at}");
            assert_eq!(date(start - 1), date(at) - 1, "{name} {at}");
        }
        assert_eq!((day.start(first).unwrap(), day.start(second).unwrap()), (first, first), "{name}");
        for (fine, coarse) in [("6 hours", "1 day"), ("1 hour", "1 day"), ("1 day", "1 week"), ("1 day", "1 month")] {
            let (fine, coarse) = (bucket(fine, name, None, None), bucket(coarse, name, None, None));
            for edge in coarse.iter(first - DAY, second + DAY) {
                assert!(fine.is_edge(edge), "{name} {coarse:?} {edge}");
            }
        }
    }
}
