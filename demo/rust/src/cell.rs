//! A value of a result as a person reads it in a table.

use isofold::time::format_timestamp;
use isofold::Value;

/// Characters of a text that a table shows.
const MAX_TEXT: usize = 32;

/// The text of a value: digits in groups of three, as many decimals as tell something.
pub fn cell(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Int64(number) => grouped(&number.to_string()),
        Value::Float64(number) => float(f64::from_bits(number.to_bits())),
        Value::Decimal(units, scale) => isofold::math::fixed::write(*units, *scale),
        Value::Timestamp(us) => minutes(&format_timestamp(*us)),
        Value::String(text) if text.chars().count() <= MAX_TEXT => text.clone(),
        Value::String(text) => text.chars().take(MAX_TEXT - 1).chain(['…']).collect(),
        Value::List(values) => values.iter().map(cell).collect::<Vec<_>>().join(" "),
        Value::Counts(counts) => {
            counts.iter().map(|(value, count)| format!("{}×{count}", cell(value))).collect::<Vec<_>>().join(" ")
        }
    }
}

/// Whether a value is a number, which stands right in its column.
pub fn is_number(value: &Value) -> bool {
    matches!(value, Value::Int64(_) | Value::Float64(_) | Value::Decimal(..))
}

fn float(number: f64) -> String {
    let size = number.abs();
    if !number.is_finite() {
        return if number > 0.0 { "∞" } else { "−∞" }.to_owned();
    }
    if size >= 1e12 || (size > 0.0 && size < 1e-4) {
        return format!("{number:.3e}");
    }
    let decimals = if size >= 1000.0 {
        0
    } else if size >= 1.0 || size == 0.0 {
        2
    } else {
        4
    };
    grouped(&format!("{number:.decimals$}"))
}

/// Puts a comma between each three digits before the point.
fn grouped(number: &str) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("−", digits));
    let (whole, fraction) = digits.find('.').map_or((digits, ""), |point| digits.split_at(point));
    let mut text = sign.to_owned();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text + fraction
}

/// `2026-11-08T23:00:00Z` as `2026-11-08 23:00`; a midnight as the day.
fn minutes(timestamp: &str) -> String {
    let text = timestamp.trim_end_matches('Z').replace('T', " ");
    let text = text.strip_suffix(":00").unwrap_or(&text);
    text.strip_suffix(" 00:00").unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use isofold::math::Float64;

    fn float64(number: f64) -> String {
        cell(&Value::Float64(Float64::from_bits(number.to_bits())))
    }

    #[test]
    fn numbers_are_grouped_and_cut_to_what_tells_something() {
        assert_eq!(cell(&Value::Int64(-1_234_567)), "−1,234,567");
        assert_eq!(cell(&Value::Int64(999)), "999");
        assert_eq!(float64(12_345.678), "12,346");
        assert_eq!(float64(123.456), "123.46");
        assert_eq!(float64(0.012_345), "0.0123");
        assert_eq!(float64(-1.180_116e42), "-1.180e42");
        assert_eq!(float64(f64::NEG_INFINITY), "−∞");
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(cell(&Value::String("é".repeat(32))), "é".repeat(32));
        assert_eq!(cell(&Value::String("é".repeat(33))), "é".repeat(31) + "…");
    }

    #[test]
    fn times_are_cut_to_minutes_and_midnights_to_days() {
        assert_eq!(cell(&Value::Timestamp(1_793_620_800_000_000)), "2026-11-02 12:00");
        assert_eq!(cell(&Value::Timestamp(1_793_577_600_000_000)), "2026-11-02");
        assert_eq!(cell(&Value::Timestamp(1_793_577_601_000_000)), "2026-11-02 00:00:01");
    }
}
