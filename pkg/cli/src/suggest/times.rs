//! The form in which texts are times.

use crate::read::time_format::{TimeFormat, Written};
use isofold::time::{parse_timestamp, parse_timestamp_by};
use std::cell::Cell as Flag;

/// Forms that are tried, those of days before months first where both are usual.
const FORMS: [&str; 34] = [
    "%d/%b/%Y:%H:%M:%S %z",
    "%Y/%m/%d %H:%M:%S%.f",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%Y.%m.%d %H:%M:%S%.f",
    "%Y.%m.%d",
    "%Y%m%d %H:%M:%S%.f",
    "%Y%m%d%H%M%S",
    "%Y%m%dT%H%M%S",
    "%Y%m%dT%H%M%S%z",
    "%Y%m%d",
    "%d.%m.%Y %H:%M:%S%.f",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%d.%m.%y %H:%M",
    "%m/%d/%Y %H:%M:%S%.f",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y",
    "%m/%d/%y %H:%M",
    "%d/%m/%Y %H:%M:%S%.f",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
    "%d/%m/%y %H:%M",
    "%d-%m-%Y %H:%M:%S%.f",
    "%d-%m-%Y %H:%M",
    "%d-%m-%Y",
    "%d-%b-%Y %H:%M:%S%.f",
    "%d %b %Y %H:%M:%S",
    "%a, %d %b %Y %H:%M:%S %z",
    "%a, %d %b %Y %H:%M:%S %Z",
    "%a %b %d %H:%M:%S %Y",
    "%b %d, %Y %I:%M:%S %p",
];
/// Forms of a time of day.
const CLOCKS: [&str; 4] = ["%H:%M:%S%.f", "%H:%M", "%I:%M:%S %p", "%I:%M %p"];
/// Forms of a day, before which a time of day may follow in another column.
const DAYS: [&str; 9] =
    ["%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%d-%m-%Y", "%Y%m%d", "%y%m%d", "%d-%b-%Y"];

/// How the texts of a column are times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextTimes {
    /// The form, where it is not ISO 8601.
    pub format: Option<String>,
    /// Another form that fits them all, too.
    pub other: Option<String>,
    /// Whether some have no zone.
    pub is_local: bool,
    /// Whether all are midnights.
    pub are_days: bool,
    /// The times, in µs.
    pub us: Vec<i64>,
}

/// The form in which all texts are times.
pub fn of_texts(texts: &[&str]) -> Option<TextTimes> {
    of_iso(texts).or_else(|| of_forms(texts, &FORMS))
}

fn of_iso(texts: &[&str]) -> Option<TextTimes> {
    let is_local = Flag::new(false);
    let local = |us| {
        is_local.set(true);
        Ok(us)
    };
    let us = texts.iter().map(|text| parse_timestamp_by(text, local).ok()).collect::<Option<Vec<i64>>>()?;
    Some(of_us(None, None, is_local.get(), us))
}

fn of_forms(texts: &[&str], forms: &[&str]) -> Option<TextTimes> {
    let read = |form: &str| {
        let format = TimeFormat::new(form).ok()?;
        texts.iter().map(|text| format.read(text)).collect::<Option<Vec<_>>>()
    };
    let mut fitting = forms.iter().filter_map(|form| Some((*form, read(form)?)));
    let (form, times) = fitting.next()?;
    let other = fitting.find(|(_, found)| *found != times).map(|(form, _)| form.to_owned());
    let is_local = times.iter().any(|time| matches!(time, Written::Local(_)));
    let us = times.into_iter().map(|(Written::Instant(us) | Written::Local(us))| us).collect();
    Some(of_us(Some(form.to_owned()), other, is_local, us))
}

fn of_us(format: Option<String>, other: Option<String>, is_local: bool, us: Vec<i64>) -> TextTimes {
    let are_days = is_local && us.iter().all(|us| us.rem_euclid(86_400_000_000) == 0);
    TextTimes { format, other, is_local, are_days, us }
}

/// Whether texts are times of a day.
pub fn clock_of(texts: &[&str]) -> Option<&'static str> {
    let day = "2000-01-01 ";
    CLOCKS.into_iter().find(|form| {
        let format = TimeFormat::new(&format!("%Y-%m-%d {form}"));
        format.is_ok_and(|format| texts.iter().all(|text| format.read(&format!("{day}{text}")).is_some()))
    })
}

/// The form of the times that days and times of day are together; nothing as a form where that is ISO 8601.
pub fn joined(days: &[&str], clocks: &[&str]) -> Option<TextTimes> {
    let clock = clock_of(clocks)?;
    let texts: Vec<String> = days.iter().zip(clocks).map(|(day, clock)| format!("{day} {clock}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    if !days.iter().all(|day| day.len() >= 6) {
        return None;
    }
    if days.iter().all(|day| day.len() == 10 && parse_timestamp(day).is_ok()) {
        if let Some(times) = of_iso(&texts) {
            return Some(times);
        }
    }
    let forms: Vec<String> = DAYS.iter().map(|day| format!("{day} {clock}")).collect();
    of_forms(&texts, &forms.iter().map(String::as_str).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_times_is_found() {
        for (texts, form) in [
            (&["2026-11-01 10:00", "2026-11-01"][..], None),
            (&["01.02.2026 10:00", "13.02.2026 10:00"], Some("%d.%m.%Y %H:%M")),
            (&["02/13/2026 1:05:00 PM"], Some("%m/%d/%Y %I:%M:%S %p")),
            (&["13/02/2026 23:00"], Some("%d/%m/%Y %H:%M")),
            (&["17/May/2015:10:05:03 +0000"], Some("%d/%b/%Y:%H:%M:%S %z")),
            (&["20260204101500"], Some("%Y%m%d%H%M%S")),
        ] {
            assert_eq!(of_texts(texts).expect("times").format.as_deref(), form, "{texts:?}");
        }
        assert_eq!(of_texts(&["10:00"]), None);
        let ambiguous = of_texts(&["01/02/2026"]).expect("a day");
        assert_eq!(
            (ambiguous.format.as_deref(), ambiguous.other.as_deref(), ambiguous.are_days),
            (Some("%m/%d/%Y"), Some("%d/%m/%Y"), true)
        );
        let both = joined(&["2017-05-16"], &["00:00:00.008"]).expect("a time");
        assert_eq!((both.format, both.us), (None, vec![1_494_892_800_008_000]));
        assert_eq!(joined(&["081109"], &["20:36:15"]).expect("a time").format.as_deref(), Some("%y%m%d %H:%M:%S%.f"));
    }
}
