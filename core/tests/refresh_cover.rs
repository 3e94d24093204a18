//! Which rollups answer which part of a range: a tiling by whole buckets, the coarsest first.

use isofold::query::{BucketChoice, QuerySource};
use isofold::refresh::{cover, Catalog, CatalogSource, Coverage, LevelState, RollupSource, TableSource, Window};
use isofold::spec::{Named, SpecSource};
use isofold::time::{format_timestamp, parse_timestamp, Bucket, BucketSource, DAY_US};
use isofold::{limits, Code};
use proptest::prelude::*;

fn at(text: &str) -> i64 {
    parse_timestamp(text).expect("a time")
}

fn rollup(name: &str, width: &str, keys: &[&str], from: Option<&str>) -> RollupSource {
    let select = [("n", "count(*)"), ("p95", "approx_percentile(0.95, percentile_agg(ms))")];
    RollupSource {
        spec: SpecSource {
            name: name.into(),
            bucket: BucketSource { width: width.into(), ..BucketSource::default() },
            group_by: keys.iter().map(|key| Named { name: None, expression: (*key).into() }).collect(),
            select: select.map(|(name, text)| (name.into(), text.into())).to_vec(),
            ..SpecSource::default()
        },
        from: from.map(Into::into),
        ..RollupSource::default()
    }
}

fn source(rollups: Vec<RollupSource>) -> CatalogSource {
    let columns = [("ts", "timestamp"), ("model", "string"), ("user", "string"), ("ms", "float64")];
    CatalogSource {
        source: TableSource {
            table: "requests".into(),
            columns: columns.map(|(name, text)| (name.into(), text.into())).to_vec(),
            time: "ts".into(),
            ..TableSource::default()
        },
        rollups,
    }
}

fn catalog() -> Catalog {
    Catalog::compile(&source(vec![
        rollup("minutes", "1 minute", &["model", "user"], None),
        rollup("hours", "1 hour", &["model"], Some("minutes")),
        rollup("days", "1 day", &["model"], Some("hours")),
    ]))
    .expect("a catalog")
}

fn built_to(times: [&str; 3]) -> [LevelState; 3] {
    times.map(|time| LevelState { watermark: Some(at(time)), available_from: None })
}

fn whole(start: &str, end: &str, keys: &[&str]) -> QuerySource {
    QuerySource {
        start: Some(start.into()),
        end: Some(end.into()),
        bucket: BucketChoice::Whole,
        group_by: Some(keys.iter().map(|key| Named { name: None, expression: (*key).into() }).collect()),
        ..QuerySource::default()
    }
}

fn told(catalog: &Catalog, coverage: &Coverage) -> Vec<String> {
    let name = |level: Option<usize>| level.map_or("rows", |level| catalog.levels()[level].spec.name());
    let time = |us| format_timestamp(us)[5..16].to_owned();
    let tell = |(name, w): (&str, Window)| format!("{name} {} {}", time(w.start), time(w.end));
    coverage.segments.iter().map(|segment| tell((name(segment.level), segment.window))).collect()
}

#[test]
fn the_coarsest_takes_what_it_can_and_finer_ones_the_edges() {
    let catalog = catalog();
    let states = built_to(["2026-11-20T10:42Z", "2026-11-20T10:00Z", "2026-11-20"]);
    let query = whole("2026-11-17T21:58:30Z", "2026-11-20T10:50:00Z", &["model"]);
    let coverage = cover(catalog.levels(), &states, 0, None, &query).expect("a cover");
    assert_eq!(
        told(&catalog, &coverage),
        [
            "rows 11-17T21:58 11-17T21:59",
            "minutes 11-17T21:59 11-17T22:00",
            "hours 11-17T22:00 11-18T00:00",
            "days 11-18T00:00 11-20T00:00",
            "hours 11-20T00:00 11-20T10:00",
            "minutes 11-20T10:00 11-20T10:42",
            "rows 11-20T10:42 11-20T10:50",
        ]
    );
}

#[test]
fn a_key_a_bucket_or_a_state_that_a_rollup_has_not_rules_it_out() {
    let catalog = catalog();
    let states = built_to(["2026-11-20", "2026-11-20", "2026-11-20"]);
    let by_user = cover(catalog.levels(), &states, 0, None, &whole("2026-11-18", "2026-11-20", &["user"]));
    assert_eq!(told(&catalog, &by_user.expect("a cover")), ["minutes 11-18T00:00 11-20T00:00"]);
    let hourly = BucketSource { width: "3 hours".into(), ..BucketSource::default() };
    let query = QuerySource { bucket: BucketChoice::Coarser(hourly), ..whole("2026-11-18", "2026-11-20", &["model"]) };
    let coverage = cover(catalog.levels(), &states, 2, None, &query).expect("a cover");
    assert_eq!(told(&catalog, &coverage), ["hours 11-18T00:00 11-20T00:00"]);
}

#[test]
fn what_is_dropped_is_missing_and_coarser_rollups_remember_longer() {
    let catalog = catalog();
    let mut states = built_to(["2026-11-20", "2026-11-20", "2026-11-20"]);
    states[0].available_from = Some(at("2026-11-19"));
    states[1].available_from = Some(at("2026-11-10"));
    let query = whole("2026-11-08T12:00Z", "2026-11-19T12:30Z", &["model"]);
    let coverage = cover(catalog.levels(), &states, 1, Some(at("2026-11-19T06:00Z")), &query).expect("a cover");
    assert_eq!(
        told(&catalog, &coverage),
        ["days 11-09T00:00 11-19T00:00", "hours 11-19T00:00 11-19T12:00", "minutes 11-19T12:00 11-19T12:30",]
    );
    assert_eq!(coverage.missing, [Window { start: at("2026-11-08T12:00Z"), end: at("2026-11-09") }]);
}

#[test]
fn a_window_before_the_end_cuts_the_parts() {
    let catalog = catalog();
    let states = built_to(["2026-11-20", "2026-11-20", "2026-11-20"]);
    let query = QuerySource {
        windows: vec![("last_6h".into(), "6 hours".into())],
        ..whole("2026-11-18", "2026-11-20", &["model"])
    };
    let coverage = cover(catalog.levels(), &states, 1, None, &query).expect("a cover");
    assert_eq!(
        told(&catalog, &coverage),
        ["days 11-18T00:00 11-19T00:00", "hours 11-19T00:00 11-19T18:00", "hours 11-19T18:00 11-20T00:00",]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn parts_tile_the_range_on_their_own_edges(
        marks in prop::array::uniform3(prop::option::of(0..30 * DAY_US)),
        dropped in prop::array::uniform3(prop::option::of(20 * DAY_US..40 * DAY_US)),
        rows in prop::option::of(0..40 * DAY_US),
        start in 0..40 * DAY_US,
        length in 0..20 * DAY_US,
    ) {
        let catalog = catalog();
        let now = at("2026-11-20T10:42:17.5Z");
        let states: Vec<LevelState> = (0..3).map(|level| {
            let bucket = catalog.levels()[level].spec.bucket();
            let edge = |back: i64| bucket.start(now - back).expect("a time");
            LevelState { watermark: marks[level].map(edge), available_from: dropped[level].map(edge) }
        }).collect();
        let range = Window { start: now - start, end: now - start + length };
        let query = whole(&format_timestamp(range.start), &format_timestamp(range.end), &["model"]);
        let rows_from = rows.map(|back| now - back);
        let coverage = cover(catalog.levels(), &states, 0, rows_from, &query).expect("a cover");
        let mut all: Vec<Window> = coverage.segments.iter().map(|segment| segment.window).chain(coverage.missing.clone()).collect();
        all.sort_unstable();
        let mut reached = range.start;
        for window in all {
            prop_assert_eq!(window.start, reached);
            reached = window.end;
        }
        prop_assert!(reached == range.end || range.is_empty());
        for segment in &coverage.segments {
            let Some(level) = segment.level else {
                prop_assert!(rows_from.is_none_or(|from| segment.window.start >= from));
                continue;
            };
            let (bucket, state) = (catalog.levels()[level].spec.bucket(), states[level]);
            prop_assert!(bucket.is_edge(segment.window.start) && bucket.is_edge(segment.window.end));
            prop_assert!(state.watermark.is_some_and(|watermark| segment.window.end <= watermark));
            prop_assert!(state.available_from.is_none_or(|from| segment.window.start >= from));
        }
    }
}

#[test]
fn buckets_nest_where_every_coarse_edge_is_a_fine_one() {
    let bucket = |width: &str, zone: Option<&str>| {
        let source = BucketSource { width: width.into(), timezone: zone.map(Into::into), ..BucketSource::default() };
        Bucket::new(&source).expect("a bucket")
    };
    for (fine, coarse, expected) in [
        (("1 minute", None), ("1 hour", None), true),
        (("1 hour", None), ("1 month", None), true),
        (("1 day", None), ("1 month", None), true),
        (("1 week", None), ("1 month", None), false),
        (("7 minutes", None), ("1 hour", None), false),
        (("1 hour", None), ("1 day", Some("Europe/Berlin")), true),
        (("1 hour", None), ("1 day", Some("Asia/Kolkata")), false),
        (("15 minutes", None), ("1 day", Some("Asia/Kolkata")), true),
        (("1 day", None), ("1 day", Some("Europe/Berlin")), false),
        (("1 day", Some("Europe/Berlin")), ("1 month", Some("Europe/Berlin")), true),
        // half an hour off until 2016, and in none of the years from 2024 on
        (("1 hour", None), ("1 day", Some("America/Caracas")), false),
    ] {
        assert_eq!(
            bucket(fine.0, fine.1).nests(&bucket(coarse.0, coarse.1), None, None),
            expected,
            "{fine:?} {coarse:?}"
        );
    }
    // weeks from the first day of a century, whose next is no first day of a week
    let from_2000 = |width: &str| {
        let origin = Some("2000-01-01".into());
        Bucket::new(&BucketSource { width: width.into(), origin, ..BucketSource::default() }).expect("a bucket")
    };
    assert!(!from_2000("1 week").nests(&from_2000("100 years"), None, None));
    assert!(from_2000("1 day").nests(&from_2000("100 years"), None, None));
    // hours of UTC are those of Caracas in a range of today, and were not in 2015
    let (hours, days) = (bucket("1 hour", None), bucket("1 day", Some("America/Caracas")));
    let at = |text| Some(parse_timestamp(text).expect("a time"));
    assert!(hours.nests(&days, at("2024-01-01T00:00:00Z"), at("2024-03-01T00:00:00Z")));
    assert!(!hours.nests(&days, at("2015-01-01T00:00:00Z"), at("2015-03-01T00:00:00Z")));
}

#[test]
fn of_equal_buckets_the_one_with_fewer_keys_answers() {
    for order in [["wide", "narrow"], ["narrow", "wide"]] {
        let keys = |name: &str| if name == "wide" { &["model", "user"][..] } else { &["model"][..] };
        let rollups = order.map(|name| rollup(name, "1 hour", keys(name), None)).to_vec();
        let catalog = Catalog::compile(&source(rollups)).expect("a catalog");
        let state = LevelState { watermark: Some(at("2026-11-20")), available_from: None };
        let query = whole("2026-11-18", "2026-11-20", &["model"]);
        let coverage = cover(catalog.levels(), &[state; 2], 0, None, &query).expect("a cover");
        assert_eq!(told(&catalog, &coverage), ["narrow 11-18T00:00 11-20T00:00"]);
    }
}

#[test]
fn an_open_range_is_answered_from_the_first_group_there_may_be() {
    let catalog = catalog();
    let states = built_to(["2026-11-20T10:42Z", "2026-11-20T10:00Z", "2026-11-20"]);
    let query = QuerySource { start: None, end: None, ..whole("", "", &["model"]) };
    let coverage = cover(catalog.levels(), &states, 2, None, &query).expect("a cover");
    let window = |start: i64, end: &str| Window { start, end: at(end) };
    let segments: Vec<_> = coverage.segments.iter().map(|segment| (segment.level, segment.window)).collect();
    assert_eq!(
        segments,
        [
            (Some(2), window(limits::MIN_TIME_US, "2026-11-20")),
            (Some(1), window(at("2026-11-20"), "2026-11-20T10:00Z")),
            (Some(0), window(at("2026-11-20T10:00Z"), "2026-11-20T10:42Z")),
            (None, Window { start: at("2026-11-20T10:42Z"), end: limits::MAX_TIME_US }),
        ]
    );
}

#[test]
fn an_open_range_needs_no_edge_at_the_start_of_all_time() {
    let catalog = Catalog::compile(&source(vec![rollup("five_days", "5 days", &["model"], None)])).expect("a catalog");
    assert!(!catalog.levels()[0].spec.bucket().is_edge(limits::MIN_TIME_US));
    let state = LevelState { watermark: Some(at("2026-11-12")), available_from: None };
    let query = QuerySource { start: None, end: Some("2026-11-12".into()), ..whole("", "", &["model"]) };
    let coverage = cover(catalog.levels(), &[state], 0, None, &query).expect("a cover");
    let segments: Vec<_> = coverage.segments.iter().map(|segment| (segment.level, segment.window)).collect();
    assert_eq!(segments, [(Some(0), Window { start: limits::MIN_TIME_US, end: at("2026-11-12") })]);
}

#[test]
fn a_finer_choice_wins_where_it_leaves_less_unanswered() {
    let rollups = vec![rollup("weeks", "1 week", &["model"], None), rollup("five_days", "5 days", &["model"], None)];
    let catalog = Catalog::compile(&source(rollups)).expect("a catalog");
    let state = LevelState { watermark: Some(at("2026-11-30")), available_from: None };
    // two buckets of five days; a week of them leaves three days that no bucket of five fits in
    let query = whole("2026-11-02", "2026-11-12", &["model"]);
    let coverage = cover(catalog.levels(), &[state; 2], 0, Some(at("2026-12-01")), &query).expect("a cover");
    assert_eq!(told(&catalog, &coverage), ["five_days 11-02T00:00 11-12T00:00"]);
    assert_eq!(coverage.missing, []);
}

#[test]
fn the_coarser_choice_stays_where_a_finer_one_leaves_as_much_unanswered() {
    let catalog = catalog();
    let mut states = built_to(["2026-11-20", "2026-11-20", "2026-11-20"]);
    // nobody keeps the rows of the edge at the start: what days leave out, hours do too
    states[0].available_from = Some(at("2026-11-18"));
    states[1].available_from = Some(at("2026-11-18"));
    let query = whole("2026-11-17T12:00Z", "2026-11-20", &["model"]);
    let rows = Some(at("2026-11-20"));
    let coverage = cover(catalog.levels(), &states, 2, rows, &query).expect("a cover");
    assert_eq!(told(&catalog, &coverage), ["days 11-18T00:00 11-20T00:00"]);
    assert_eq!(coverage.missing, [Window { start: at("2026-11-17T12:00Z"), end: at("2026-11-18") }]);
}

#[test]
fn all_problems_of_a_catalog_are_told_at_once() {
    let mut bad = source(vec![
        rollup("days", "1 day", &["model", "user"], Some("hours")),
        rollup("hours", "1 hour", &["model"], None),
        rollup("hours", "1 fortnight", &["model"], Some("years")),
        rollup("isofold_x", "1 hour", &["model"], Some("nowhere")),
    ]);
    bad.source.table = "a\0b".into();
    bad.source.retention = Some("1 day".into());
    bad.rollups[1].start_offset = Some("3 days".into());
    bad.rollups[1].end_offset = Some("-1 hour".into());
    bad.rollups[1].spec.select.push(("N".into(), "count(ms)".into()));
    let error = Catalog::compile(&bad).expect_err("a bad catalog");
    let problems: Vec<String> =
        error.problems().map(|problem| format!("{} {}", problem.code(), problem.path())).collect();
    for expected in [
        "catalog.name catalog.source.table",
        "catalog.interval catalog.rollups[1].refresh.end_offset",
        "catalog.duplicate catalog.rollups[1].spec.N",
        "spec.bucket catalog.rollups[2].spec.bucket.width",
        "catalog.name catalog.rollups[3].spec.name",
        "catalog.duplicate catalog.rollups[2].spec.name",
        "catalog.from catalog.rollups[0].from",
        "catalog.from catalog.rollups[3].from",
        "catalog.retention catalog.rollups.hours.refresh.start_offset",
    ] {
        assert!(problems.iter().any(|problem| problem == expected), "{expected} is not in {problems:#?}");
    }
    let none = Catalog::compile(&source(Vec::new())).expect_err("no rollups");
    assert_eq!(none.code(), Code::CatalogMissing);
}
