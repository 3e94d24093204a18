//! What the clocks of one zone showed, show and will show.
//!
//! The one idea: spells of one offset, in order; an offset is a binary search. A rule for each year is written out for
//! a little more than 400 years, after which the calendar, weekdays too, begins anew: a later time is looked up as the
//! time whole cycles of 400 years before.
//!
//! Not here: names of zones, and which record is whose ([`super::zone_table`]).

use alloc::vec;
use alloc::vec::Vec;

use super::civil::Date;
use crate::bytes::Reader;
use crate::error::Result;

const DAY_S: i64 = 86_400;
/// 146,097 days, which are whole weeks.
const CYCLE_S: i64 = 146_097 * DAY_S;
/// Years for which rules are written out: a cycle, and more than the days by which a local time is off at either end.
const RULED_YEARS: i64 = 402;
/// 1800-01-01, before any place kept the time of a zone.
const FIRST_DAY: i64 = -62_091;
const QUARTER_S: i64 = 900;
/// Earlier than all times, and far enough from the end of an i64 to have an offset added.
const EVER: i64 = i64::MIN / 2;

/// From when clocks have an offset from UTC, both in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Spell {
    from: i64,
    offset: i64,
}

/// A change of clocks in every year: the first such weekday of the month that is not before a day.
struct Rule {
    month: i64,
    day: i64,
    /// 0 is Sunday.
    weekday: i64,
    /// Of the day, on the clocks that are about to change; a day's end may be meant, with a second past it.
    second: i64,
    jump: i64,
}

/// The offsets of a zone.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Clocks {
    /// Never empty, and the first has always been.
    spells: Vec<Spell>,
    /// From this second on, clocks show what they show [`CYCLE_S`] before.
    repeat_from: i64,
}

/// What zones have one after the other.
pub(super) struct History<'a> {
    /// An [`Outline`] each.
    pub outlines: Reader<'a>,
    /// For each change the days since the one before, and for the first since 1800; days and seconds are those of the
    /// clocks about to change.
    pub days: Reader<'a>,
    /// For each change the second of the day and the jump.
    pub turns: Reader<'a>,
}

impl History<'_> {
    /// Leaves out so many changes.
    ///
    /// **Errors**: what [`Reader`] refuses.
    pub fn pass(&mut self, changes: u64) -> Result<()> {
        for _ in 0..changes {
            self.days.varint()?;
            self.turns.varint()?;
            self.turns.varint()?;
        }
        Ok(())
    }
}

/// A zone without its changes.
pub(super) struct Outline {
    offset: i64,
    changes: u64,
    rules: Vec<Rule>,
}

impl Outline {
    /// Reads the first offset, the number of changes, up to the first by a rule, and the rules, two or none.
    ///
    /// **Errors**: what [`Reader`] refuses.
    pub fn read(outlines: &mut Reader<'_>) -> Result<Self> {
        let (offset, changes) = (seconds(outlines)?, outlines.varint()?);
        let mut rules = Vec::new();
        for _ in 0..outlines.count(5)? {
            rules.push(Rule {
                month: outlines.varint()? as i64,
                day: outlines.varint()? as i64,
                weekday: outlines.varint()? as i64,
                second: seconds(outlines)?,
                jump: seconds(outlines)?,
            });
        }
        Ok(Self { offset, changes, rules })
    }

    /// How many changes the zone has in the [`History`].
    pub fn changes(&self) -> u64 {
        self.changes
    }
}

impl Clocks {
    /// Reads the next zone.
    ///
    /// **Errors**: what [`Reader`] refuses.
    pub fn read(histories: &mut History<'_>) -> Result<Self> {
        let outline = Outline::read(&mut histories.outlines)?;
        let mut clocks = Self { spells: vec![Spell { from: EVER, offset: outline.offset }], repeat_from: i64::MAX };
        let mut day = FIRST_DAY;
        for _ in 0..outline.changes {
            day += histories.days.varint()? as i64;
            let second = seconds(&mut histories.turns)?;
            clocks.change(day, second, seconds(&mut histories.turns)?);
        }
        if !outline.rules.is_empty() {
            clocks.follow(&outline.rules, day);
        }
        Ok(clocks)
    }

    /// Adds a change after all others.
    fn change(&mut self, day: i64, second: i64, jump: i64) {
        let offset = self.last().offset;
        self.spells.push(Spell { from: day * DAY_S + second - offset, offset: offset + jump });
    }

    /// Writes out the rules, which are in the order of the year, from the day after the last change on.
    fn follow(&mut self, rules: &[Rule], last_day: i64) {
        let first = Date::from_days(last_day).year;
        for year in first..=first + RULED_YEARS {
            for rule in rules {
                let day = rule.day_in(year);
                if day > last_day {
                    self.change(day, rule.second, rule.jump);
                }
            }
        }
        self.repeat_from = Date { year: first + RULED_YEARS, month: 1, day: 1 }.to_days() * DAY_S;
    }

    fn last(&self) -> Spell {
        self.spells.last().copied().unwrap_or(Spell { from: EVER, offset: 0 })
    }

    /// Whether clocks have always shown UTC.
    pub fn are_utc(&self) -> bool {
        self.spells.len() == 1 && self.last().offset == 0
    }

    /// The offset at an instant.
    #[inline]
    pub fn offset_at(&self, instant_s: i64) -> i64 {
        let instant_s = self.in_written_years(instant_s);
        self.offset_before(self.spells.partition_point(|spell| spell.from <= instant_s))
    }

    /// The offset to read a local time with: that of the last spell that begins, by its own clocks, at or before it.
    ///
    /// A time that clocks show twice lies in two spells, of which this is the later; one that they skip lies in none
    /// and after the beginning of the spell before the gap.
    pub fn offset_of_local(&self, local_s: i64) -> i64 {
        let local_s = self.in_written_years(local_s);
        self.offset_before(self.spells.partition_point(|spell| spell.from + spell.offset <= local_s))
    }

    #[inline]
    fn in_written_years(&self, time_s: i64) -> i64 {
        if time_s < self.repeat_from {
            time_s
        } else {
            self.repeat_from - CYCLE_S + (time_s - self.repeat_from) % CYCLE_S
        }
    }

    /// The offset of the spell before the spell with an index.
    #[inline]
    fn offset_before(&self, index: usize) -> i64 {
        self.spells.get(index.wrapping_sub(1)).map_or(0, |spell| spell.offset)
    }
}

impl Rule {
    fn day_in(&self, year: i64) -> i64 {
        let earliest = Date { year, month: self.month, day: self.day }.to_days();
        // day 0 was a Thursday
        earliest + (self.weekday - (earliest + 4)).rem_euclid(7)
    }
}

/// Seconds, of which quarters of an hour take the even numbers.
fn seconds(record: &mut Reader<'_>) -> Result<i64> {
    let number = record.zigzag()?;
    let half = number >> 1;
    Ok(if number & 1 == 0 { half * QUARTER_S } else { half })
}
