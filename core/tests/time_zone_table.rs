//! `src/time/zones.bin` is what chrono-tz says of every zone, rules included.
//!
//! `ISOFOLD_GENERATE=1 cargo test -p isofold --test time_zone_table` writes the file anew.

use chrono::{DateTime, Datelike, NaiveDate, Offset, TimeDelta, TimeZone};
use chrono_tz::{Tz, IANA_TZDB_VERSION, TZ_VARIANTS};
use isofold::bytes::Writer;
use isofold::time::{parse_timestamp, Zone, TZDB_VERSION};
use std::collections::HashMap;
use std::sync::LazyLock;

const SECOND_US: i64 = 1_000_000;
const DAY: i64 = 86_400;
/// The Gregorian calendar begins anew.
const CYCLE: i64 = 146_097 * DAY;

/// A change of clocks; chrono-tz lists them up to the year 2099.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Change {
    at: i64,
    before: i64,
    after: i64,
}

impl Change {
    fn day(&self) -> i64 {
        (self.at + self.before).div_euclid(DAY)
    }

    fn second(&self) -> i64 {
        (self.at + self.before).rem_euclid(DAY)
    }

    fn date(&self) -> NaiveDate {
        DateTime::from_timestamp(self.day() * DAY, 0).unwrap().date_naive()
    }
}

/// The first offset and all changes.
type History = (i64, Vec<Change>);

static HISTORIES: LazyLock<Vec<(&'static str, History)>> = LazyLock::new(|| {
    let mut histories: Vec<_> = TZ_VARIANTS.iter().map(|zone| (zone.name(), history(*zone))).collect();
    histories.sort_unstable_by_key(|(name, _)| *name);
    histories
});

fn seconds(text: &str) -> i64 {
    parse_timestamp(text).unwrap() / SECOND_US
}

fn offset(zone: Tz, instant: i64) -> i64 {
    let naive = DateTime::from_timestamp(instant, 0).unwrap().naive_utc();
    i64::from(zone.offset_from_utc_datetime(&naive).fix().local_minus_utc())
}

/// The first second after `low` with another offset than there; `high` has one.
fn first_other(mut low: i64, mut high: i64, offset: impl Fn(i64) -> i64) -> i64 {
    let before = offset(low);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if offset(middle) == before {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

fn history(zone: Tz) -> History {
    let first = seconds("1800-01-01");
    let mut changes = Vec::new();
    let mut before = offset(zone, first);
    // no zone ever took an offset back within a day
    for day in (first..seconds("2100-01-01")).step_by(DAY as usize) {
        let after = offset(zone, day + DAY);
        if after != before {
            let at = first_other(day, day + DAY, |instant| offset(zone, instant));
            changes.push(Change { at, before, after });
            before = after;
        }
    }
    (offset(zone, first), changes)
}

/// A change in every year, as the table has it.
#[derive(PartialEq, Eq)]
struct Rule {
    month: u32,
    day: u32,
    weekday: u32,
    second: i64,
    jump: i64,
}

impl Rule {
    /// The rule behind changes of as many years as it takes for all of its days to be met.
    fn behind(changes: &[&Change]) -> Self {
        // the end of a month's last Thursday may be in the next month, and is then its 24:00
        let rules = [0, 1].map(|days_late| Self::with(changes, days_late));
        rules.into_iter().find(|rule| changes.iter().all(|change| rule.gives(change))).unwrap()
    }

    fn with(changes: &[&Change], days_late: i64) -> Self {
        let some = changes[0];
        let dates = changes.iter().map(|change| change.date() - TimeDelta::days(days_late));
        let latest = dates.max_by_key(Datelike::day).unwrap();
        Self {
            month: latest.month(),
            day: latest.day().max(7) - 6,
            weekday: latest.weekday().num_days_from_sunday(),
            second: some.second() + days_late * DAY,
            jump: some.after - some.before,
        }
    }

    fn gives(&self, change: &Change) -> bool {
        let date = change.date() - TimeDelta::days(self.second / DAY);
        date.month() == self.month
            && (self.day..self.day + 7).contains(&date.day())
            && date.weekday().num_days_from_sunday() == self.weekday
            && change.second() == self.second % DAY
            && change.after - change.before == self.jump
    }
}

/// The two rules of a zone whose clocks change in the last years of the list, in the order of the year.
fn rules(changes: &[Change]) -> Vec<Rule> {
    let last: Vec<&Change> = changes.iter().filter(|change| change.date().year() >= 2088).collect();
    if last.is_empty() {
        return Vec::new();
    }
    assert_eq!(last.len(), 2 * 12);
    let every_second = |first: usize| last.iter().skip(first).step_by(2).copied().collect::<Vec<_>>();
    vec![Rule::behind(&every_second(0)), Rule::behind(&every_second(1))]
}

/// Quarters of an hour as even numbers, other seconds as odd ones.
fn put_seconds(record: &mut Writer, seconds: i64) {
    let quarters = seconds % 900 == 0;
    record.zigzag(if quarters { seconds / 900 * 2 } else { seconds * 2 + 1 });
}

/// What the table has of zones, like beside like.
#[derive(Default)]
struct Histories {
    outlines: Writer,
    days: Writer,
    turns: Writer,
}

impl Histories {
    fn put(&mut self, (first, changes): &History) {
        let rules = rules(changes);
        let by_rule = (1800..2100).rev().flat_map(|year| rules.iter().rev().map(move |rule| (year, rule)));
        let ruled = changes.iter().rev().zip(by_rule);
        let ruled = ruled.take_while(|(change, (year, rule))| change.date().year() == *year && rule.gives(change));
        // the first change by a rule is listed too, and says when rules begin
        let listed = &changes[..changes.len() - ruled.count().saturating_sub(1)];
        put_seconds(&mut self.outlines, *first);
        self.outlines.varint(listed.len() as u64);
        let mut day = seconds("1800-01-01") / DAY;
        for change in listed {
            self.days.varint(u64::try_from(change.day() - day).unwrap());
            put_seconds(&mut self.turns, change.second());
            put_seconds(&mut self.turns, change.after - change.before);
            day = change.day();
        }
        self.outlines.varint(rules.len() as u64);
        for rule in rules {
            for number in [rule.month, rule.day, rule.weekday] {
                self.outlines.varint(u64::from(number));
            }
            put_seconds(&mut self.outlines, rule.second);
            put_seconds(&mut self.outlines, rule.jump);
        }
    }
}

fn table() -> Vec<u8> {
    let names: String = HISTORIES.iter().map(|(name, _)| format!("{name}\n")).collect();
    let mut table = Writer::new();
    table.sized(names.as_bytes());
    let mut numbers = HashMap::new();
    let mut histories = Histories::default();
    for (_, history) in HISTORIES.iter() {
        let next = numbers.len() as u64 + 1;
        let number = *numbers.entry(history).or_insert(next);
        table.varint(if number == next { 0 } else { number });
        if number == next {
            histories.put(history);
        }
    }
    for part in [histories.outlines, histories.days, histories.turns] {
        table.sized(part.as_slice());
    }
    table.into_bytes()
}

#[test]
fn the_table_is_made_from_the_pinned_release() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/time/zones.bin");
    let expected = table();
    if std::env::var_os("ISOFOLD_GENERATE").is_some() {
        std::fs::write(path, &expected).unwrap();
    }
    assert!(std::fs::read(path).unwrap() == expected, "{path} is not what chrono-tz says");
    assert_eq!(TZDB_VERSION, IANA_TZDB_VERSION);
}

#[test]
fn clocks_change_when_and_as_the_database_says() {
    assert!(HISTORIES.len() > 590);
    for (name, (first, changes)) in HISTORIES.iter() {
        let zone = Zone::named(name).unwrap();
        let at = |instant: i64| zone.offset_us(instant * SECOND_US) / SECOND_US;
        assert_eq!(at(seconds("-9999-01-01")), *first, "{name}");
        for change in changes {
            assert_eq!((at(change.at - 1), at(change.at)), (change.before, change.after), "{name} at {}", change.at);
        }
        // no changes of our own between those of the list
        let ends = changes.iter().skip(1).map(|change| change.at).chain([seconds("2100-01-01")]);
        for (change, end) in changes.iter().zip(ends) {
            assert!((change.at..end).step_by(20 * DAY as usize).all(|instant| at(instant) == change.after), "{name}");
        }
    }
}

#[test]
fn a_local_time_is_read_as_postgresql_reads_it() {
    for (name, (_, changes)) in HISTORIES.iter() {
        let zone = Zone::named(name).unwrap();
        let read = |local: i64| local - zone.to_instant(local * SECOND_US) / SECOND_US;
        for change in changes {
            let (skipped, shown) = (change.at + change.before, change.at + change.after);
            let first = skipped.min(shown);
            assert_eq!(read(first - 1), change.before, "{name} before {}", change.at);
            assert_eq!(read(shown), change.after, "{name} from {}", change.at);
            let between = if skipped < shown { change.before } else { change.after };
            assert_eq!(read(first), between, "{name} around {}", change.at);
            assert_eq!(read(skipped.max(shown) - 1), between, "{name} around {}", change.at);
        }
    }
}

#[test]
fn rules_go_on_with_the_calendar() {
    // one zone of each way to end
    let ends: HashMap<_, _> = HISTORIES.iter().map(|(name, (_, changes))| (end(changes), *name)).collect();
    assert!(ends.len() > 10, "{}", ends.len());
    for name in ends.into_values() {
        let zone = Zone::named(name).unwrap();
        let model = isofold_reference::zone::Zone::named(name);
        let at = |instant: i64| zone.offset_us(instant * SECOND_US) / SECOND_US;
        let agree_at = |instant: i64| {
            let local = model.local(instant * SECOND_US);
            assert_eq!(at(instant), local / SECOND_US - instant, "{name} at {instant}");
            assert_eq!(zone.to_instant(local), model.instant(local), "{name} at {instant}");
        };
        for day in (seconds("2088-01-01")..seconds("2510-01-01")).step_by(DAY as usize) {
            agree_at(day);
            if at(day + DAY) != at(day) {
                let change = first_other(day, day + DAY, at);
                for instant in [change, change + 18 * CYCLE] {
                    agree_at(instant - 1);
                    agree_at(instant);
                }
            }
        }
    }
}

/// The changes of the last year of the list, on the clocks.
fn end(changes: &[Change]) -> Vec<(i64, i64, i64)> {
    let last = changes.iter().filter(|change| change.date().year() == 2099);
    last.map(|change| (change.day(), change.second(), change.after - change.before)).collect()
}
