//! What a refresh builds: every changed bucket inside the window, nothing outside of it, and never a bucket of which
//! rows are gone. In UTC, in zones whose clocks change, and in months.

use isofold::refresh::{plan_refresh, Changes, Policy, RefreshPlan, RefreshState, Window};
use isofold::time::{parse_timestamp, shift_back, Bucket, BucketSource, Interval, DAY_US};
use proptest::prelude::*;

const BUCKETS: [(&str, Option<&str>); 6] = [
    ("15 minutes", None),
    ("1 hour", None),
    ("1 hour", Some("Europe/Berlin")),
    ("1 day", Some("Europe/Berlin")),
    ("1 day", Some("America/Sao_Paulo")),
    ("1 month", Some("Australia/Lord_Howe")),
];

fn bucket(width: &str, timezone: Option<&str>) -> Bucket {
    let source = BucketSource { width: width.into(), timezone: timezone.map(Into::into), ..BucketSource::default() };
    Bucket::new(&source).expect("a bucket")
}

fn interval(text: &str) -> Interval {
    Interval::parse(text).expect("an interval")
}

fn at(text: &str) -> i64 {
    parse_timestamp(text).expect("a time")
}

fn hourly(changes: Changes) -> Policy {
    Policy {
        bucket: bucket("1 hour", None),
        start_offset: Some(interval("3 hours")),
        end_offset: interval("0 seconds"),
        changes,
    }
}

fn window(start: &str, end: &str) -> Window {
    Window { start: at(start), end: at(end) }
}

fn built_to(watermark: &str, now: &str) -> RefreshState {
    RefreshState {
        watermark: Some(at(watermark)),
        first: Some(at("2026-11-01")),
        last: Some(at(now)),
        now: at(now),
        ..RefreshState::default()
    }
}

/// Clock changes of both halves of the world, in autumn and spring.
fn around_changes() -> impl Strategy<Value = i64> {
    const DAYS: [&str; 6] = ["2026-03-29", "2026-10-25", "2026-04-04", "2026-10-03", "2018-11-04", "2019-02-17"];
    (prop::sample::select(&DAYS[..]), -40 * DAY_US..40 * DAY_US).prop_map(|(day, off)| at(day) + off)
}

prop_compose! {
    fn cases()(
        place in 0..BUCKETS.len(),
        offset in prop::option::of(prop::sample::select(&["2 hours", "3 days", "2 months"][..])),
        end_offset in prop::sample::select(&["0 seconds", "30 minutes", "1 day"][..]),
        logged in any::<bool>(),
        now in around_changes(),
        behind in prop::option::of(0..90 * DAY_US),
        first in prop::option::weighted(0.9, 0..120 * DAY_US),
        dropped in prop::option::of(0..60 * DAY_US),
        since in prop::option::weighted(0.2, 0..100 * DAY_US),
        ready in prop::option::weighted(0.3, 0..20 * DAY_US),
        changed in prop::collection::vec((-5 * DAY_US..100 * DAY_US, 1..3 * DAY_US), 0..6),
        moved in prop::collection::vec((-5 * DAY_US..100 * DAY_US, 1..3 * DAY_US), 0..3),
        unexplained in prop::option::weighted(0.3, 0..100 * DAY_US),
        last in prop::option::weighted(0.9, 0..20 * DAY_US),
    ) -> (Policy, RefreshState) {
        let (width, zone) = BUCKETS[place];
        let bucket = bucket(width, zone);
        let changes = if logged { Changes::Logged } else { Changes::Unlogged };
        let windows = |changes: Vec<(i64, i64)>| {
            changes.into_iter().map(|(back, length)| Window { start: now - back, end: now - back + length }).collect()
        };
        let state = RefreshState {
            watermark: behind.map(|behind| bucket.start(now - behind).expect("a time of these centuries")),
            invalidations: windows(changed),
            moved: windows(moved),
            unexplained_before: unexplained.map(|back| now - back),
            last: last.map(|back| now - back),
            raw_available_from: dropped.map(|back| now - back),
            first: first.map(|back| now - back),
            ready_until: ready.map(|back| now - back),
            since: since.map(|back| now - back),
            now,
        };
        (Policy { bucket, start_offset: offset.map(interval), end_offset: interval(end_offset), changes }, state)
    }
}

fn has(windows: &[Window], at: i64) -> bool {
    windows.iter().any(|window| (window.start..window.end).contains(&at))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn a_plan_is_what_it_says((policy, state) in cases()) {
        let plan = plan_refresh(&policy, &state).expect("times of these centuries");
        let bucket = &policy.bucket;
        let zone = bucket.zone();
        let until = shift_back(state.now, &policy.end_offset, zone).unwrap().min(state.ready_until.unwrap_or(i64::MAX));
        let reach = policy.start_offset.map(|offset| bucket.start(shift_back(state.now, &offset, zone).unwrap()).unwrap());
        let ready = state.ready_until.unwrap_or(i64::MAX);
        let last = match (state.ready_until, state.last) {
            (Some(_), _) => i64::MAX,
            (None, Some(last)) => bucket.end(bucket.start(last).unwrap()),
            (None, None) => state.watermark.unwrap_or(i64::MAX),
        };
        let new = until.min(last);
        let again = state.watermark.map_or(new, |watermark| new.max(watermark.min(ready)));

        // whole buckets, in order, apart, none of them unfinished, none in both lists
        for windows in [&plan.windows, &plan.refused] {
            for window in windows {
                prop_assert!(window.start < window.end && bucket.is_edge(window.start) && bucket.is_edge(window.end));
                prop_assert!(window.end <= again);
            }
            prop_assert!(windows.windows(2).all(|pair| pair[0].end < pair[1].start));
        }
        prop_assert!(plan.windows.iter().all(|window| !has(&plan.refused, window.start) && !has(&plan.lost, window.start)));

        // each bucket, one by one
        let first = state.first.map_or(again, |first| bucket.start(first).unwrap());
        for start in bucket.iter(state.now - 110 * DAY_US, state.now + 2 * DAY_US) {
            let end = bucket.end(start);
            // what was never built begins with the first bucket of which no row is dropped
            let begins = state.watermark.is_some() || state.raw_available_from.is_none_or(|from| start >= from);
            let there = start >= first && begins;
            let touches = |changes: &[Window]| {
                state.watermark.is_some() && changes.iter().any(|changed| changed.start < end && changed.end > start)
            };
            let (changed, moved) = (touches(&state.invalidations), touches(&state.moved));
            let is_new = state.watermark.is_none_or(|watermark| start >= watermark) && end <= new;
            let asked = is_new
                || end <= again && (policy.changes == Changes::Unlogged && reach.is_some_and(|reach| start >= reach)
                    || state.since.is_some_and(|since| end > since));
            let rows_there = state.raw_available_from.is_none_or(|from| start >= from);
            let explained = rows_there && state.unexplained_before.is_none_or(|from| start >= from);
            let (changed, moved) = (changed && end <= again, moved && end <= again);
            let built = (asked || changed) && explained || moved && rows_there;
            prop_assert_eq!(has(&plan.windows, start), there && built, "bucket {}", start);
            prop_assert_eq!(has(&plan.lost, start), there && !built && (changed || moved), "lost {}", start);
            let refused = asked && !explained || changed && rows_there && !explained;
            prop_assert_eq!(has(&plan.refused, start), there && !built && refused, "refused {}", start);
            if (touches(&state.invalidations) || touches(&state.moved)) && there && state.watermark.is_some_and(|at| end <= at) {
                let told = has(&plan.windows, start) || has(&plan.lost, start) || has(&plan.stale, start);
                prop_assert!(told, "a change that nobody tells of at {}", start);
            }
        }

        // the watermark
        prop_assert!(plan.watermark >= state.watermark);
        if plan.windows.is_empty() && state.watermark.is_none() {
            // rows of which none is in a whole bucket are waited for by nothing
            prop_assert!(plan.watermark.is_none() || plan.watermark == Some(bucket.start(new).unwrap()));
        } else {
            prop_assert_eq!(plan.watermark, state.watermark.max(plan.windows.last().map(|last| last.end)));
        }
        prop_assert!(plan.watermark == state.watermark || plan.watermark.is_some_and(|at| at <= new));
    }

    #[test]
    fn a_second_refresh_of_a_logged_source_has_nothing_to_do((policy, state) in cases()) {
        let policy = Policy { changes: Changes::Logged, ..policy };
        let plan = plan_refresh(&policy, &state).expect("a plan");
        let after = RefreshState { watermark: plan.watermark, invalidations: Vec::new(), moved: Vec::new(), since: None, ..state };
        let again = plan_refresh(&policy, &after).expect("a plan");
        prop_assert_eq!(again.windows, []);
    }
}

#[test]
fn the_current_bucket_is_left_to_the_tail() {
    let plan = plan_refresh(&hourly(Changes::Logged), &built_to("2026-11-20T08:00Z", "2026-11-20T10:59:59Z"));
    let expected = RefreshPlan {
        windows: vec![window("2026-11-20T08:00Z", "2026-11-20T10:00Z")],
        watermark: Some(at("2026-11-20T10:00Z")),
        ..RefreshPlan::default()
    };
    assert_eq!(plan.expect("a plan"), expected);
}

#[test]
fn without_a_log_the_reach_of_start_offset_is_looked_at_again() {
    let plan = plan_refresh(&hourly(Changes::Unlogged), &built_to("2026-11-20T10:00Z", "2026-11-20T10:10Z"));
    assert_eq!(plan.expect("a plan").windows, [window("2026-11-20T07:00Z", "2026-11-20T10:00Z")]);
}

#[test]
fn a_logged_change_is_built_however_old() {
    for changes in [Changes::Logged, Changes::Unlogged] {
        let mut state = built_to("2026-11-20T10:00Z", "2026-11-20T10:10Z");
        state.invalidations = vec![window("2026-11-05T03:20Z", "2026-11-05T04:10Z")];
        let plan = plan_refresh(&hourly(changes), &state).expect("a plan");
        assert_eq!(plan.windows[0], window("2026-11-05T03:00Z", "2026-11-05T05:00Z"));
        assert_eq!((plan.changed, plan.stale), (plan.windows[..1].to_vec(), vec![]));
    }
}

#[test]
fn a_change_whose_rows_are_dropped_is_lost_and_one_that_nobody_explains_is_refused_too() {
    let mut state = built_to("2026-11-20T10:00Z", "2026-11-20T10:10Z");
    state.invalidations = vec![window("2026-11-05T03:20Z", "2026-11-05T04:10Z")];
    state.raw_available_from = Some(at("2026-11-05T04:00Z"));
    let plan = plan_refresh(&hourly(Changes::Logged), &state).expect("a plan");
    assert_eq!(plan.windows, [window("2026-11-05T04:00Z", "2026-11-05T05:00Z")]);
    assert_eq!((plan.lost, plan.refused), (vec![window("2026-11-05T03:00Z", "2026-11-05T04:00Z")], vec![]));
    state.unexplained_before = Some(at("2026-11-06"));
    let plan = plan_refresh(&hourly(Changes::Logged), &state).expect("a plan");
    assert_eq!((plan.windows.len(), plan.lost), (0, vec![window("2026-11-05T03:00Z", "2026-11-05T05:00Z")]));
    assert_eq!(plan.refused, [window("2026-11-05T04:00Z", "2026-11-05T05:00Z")]);
    // rows that were moved out of a bucket were not dropped
    state.moved = vec![window("2026-11-05T04:10Z", "2026-11-05T04:11Z")];
    let plan = plan_refresh(&hourly(Changes::Logged), &state).expect("a plan");
    assert_eq!((plan.windows, plan.refused), (vec![window("2026-11-05T04:00Z", "2026-11-05T05:00Z")], vec![]));
}

#[test]
fn a_clock_that_is_ahead_takes_the_watermark_no_further_than_the_newest_row() {
    let mut state = built_to("2026-11-20T08:00Z", "2026-12-20T10:10Z");
    state.last = Some(at("2026-11-20T10:40Z"));
    let plan = plan_refresh(&hourly(Changes::Logged), &state).expect("a plan");
    assert_eq!(plan.watermark, Some(at("2026-11-20T11:00Z")));
    // and what was built before its end is looked at when it changes
    let mut state = built_to("2026-11-20T11:00Z", "2026-11-20T10:50Z");
    state.invalidations = vec![window("2026-11-20T10:45Z", "2026-11-20T10:46Z")];
    let plan = plan_refresh(&hourly(Changes::Logged), &state).expect("a plan");
    assert_eq!(plan.windows, [window("2026-11-20T10:00Z", "2026-11-20T11:00Z")]);
    assert_eq!((plan.watermark, plan.stale), (Some(at("2026-11-20T11:00Z")), vec![]));
}

#[test]
fn a_refresher_that_was_away_catches_up_from_the_watermark() {
    let plan = plan_refresh(&hourly(Changes::Unlogged), &built_to("2026-11-03T00:00Z", "2026-11-20T10:10Z"));
    assert_eq!(plan.expect("a plan").windows, [window("2026-11-03T00:00Z", "2026-11-20T10:00Z")]);
}

#[test]
fn buckets_of_dropped_rows_are_refused_and_the_rest_is_built() {
    let mut state = built_to("2026-11-20T08:00Z", "2026-11-20T10:10Z");
    state.raw_available_from = Some(at("2026-11-20T08:30Z"));
    let plan = plan_refresh(&hourly(Changes::Unlogged), &state).expect("a plan");
    assert_eq!(plan.refused, [window("2026-11-20T07:00Z", "2026-11-20T09:00Z")]);
    assert_eq!(plan.windows, [window("2026-11-20T09:00Z", "2026-11-20T10:00Z")]);
}

#[test]
fn a_day_of_clock_changes_is_one_window_of_its_own_length() {
    let policy = Policy {
        bucket: bucket("1 day", Some("Europe/Berlin")),
        start_offset: Some(interval("1 day")),
        end_offset: Interval::default(),
        changes: Changes::Logged,
    };
    let mut state = built_to("2026-10-24T22:00Z", "2026-10-26T12:00Z");
    state.first = Some(at("2026-10-01"));
    let plan = plan_refresh(&policy, &state).expect("a plan");
    assert_eq!(plan.windows, [window("2026-10-24T22:00Z", "2026-10-25T23:00Z")]);
}

#[test]
fn a_change_between_the_watermark_and_start_offset_is_built_and_not_stale() {
    let mut state = built_to("2026-11-03T00:00Z", "2026-11-20T10:10Z");
    state.invalidations = vec![window("2026-11-05T03:20Z", "2026-11-05T04:10Z")];
    let plan = plan_refresh(&hourly(Changes::Logged), &state).expect("a plan");
    assert_eq!((plan.windows, plan.stale), (vec![window("2026-11-03T00:00Z", "2026-11-20T10:00Z")], vec![]));
}

#[test]
fn a_change_that_goes_on_past_the_last_whole_bucket_is_built_up_to_it() {
    let mut state = built_to("2026-11-20T10:00Z", "2026-11-20T10:10Z");
    state.invalidations = vec![window("2026-11-20T09:20Z", "2026-11-20T14:10Z")];
    let plan = plan_refresh(&hourly(Changes::Logged), &state).expect("a plan");
    assert_eq!(plan.windows, [window("2026-11-20T09:00Z", "2026-11-20T10:00Z")]);
    assert_eq!((plan.stale, plan.watermark), (vec![], Some(at("2026-11-20T10:00Z"))));
    // a finer rollup that is behind holds back what was built once
    state.ready_until = Some(at("2026-11-20T08:30Z"));
    let plan = plan_refresh(&hourly(Changes::Logged), &state).expect("a plan");
    assert_eq!((plan.windows, plan.watermark), (vec![], Some(at("2026-11-20T10:00Z"))));
    assert_eq!(plan.stale, [window("2026-11-20T09:00Z", "2026-11-20T10:00Z")]);
}

#[test]
fn before_a_first_watermark_changes_are_neither_windows_of_their_own_nor_stale() {
    let mut state = built_to("2026-11-20T10:00Z", "2026-11-20T10:10Z");
    state.watermark = None;
    state.first = Some(at("2026-11-20T02:30Z"));
    state.invalidations =
        vec![window("2026-11-05T03:20Z", "2026-11-05T04:10Z"), window("2026-11-20T01:00Z", "2026-11-20T03:10Z")];
    let plan = plan_refresh(&hourly(Changes::Logged), &state).expect("a plan");
    let expected = RefreshPlan {
        windows: vec![window("2026-11-20T02:00Z", "2026-11-20T10:00Z")],
        watermark: Some(at("2026-11-20T10:00Z")),
        ..RefreshPlan::default()
    };
    assert_eq!(plan, expected);
}

#[test]
fn rows_dropped_up_to_an_edge_leave_the_bucket_from_there_on() {
    let hour = bucket("1 hour", None);
    let all = window("2026-11-20T07:00Z", "2026-11-20T10:00Z");
    let kept = |from: &str| all.kept(&hour, Some(at(from)));
    assert_eq!(kept("2026-11-20T08:00Z"), window("2026-11-20T08:00Z", "2026-11-20T10:00Z"));
    assert_eq!(kept("2026-11-20T08:00:00.000001Z"), window("2026-11-20T09:00Z", "2026-11-20T10:00Z"));
    assert_eq!(kept("2026-11-20T07:59:59.999999Z"), window("2026-11-20T08:00Z", "2026-11-20T10:00Z"));
    assert_eq!((kept("2026-11-20T06:00Z"), all.kept(&hour, None)), (all, all));
    assert!(kept("2026-11-20T10:00Z").is_empty());
}
