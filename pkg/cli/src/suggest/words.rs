//! What the names of columns say.

/// The words of a name, in small letters.
pub fn words_of(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_small = false;
    for character in name.chars() {
        if !character.is_alphanumeric() || character.is_uppercase() && was_small {
            words.push(String::new());
        }
        if character.is_alphanumeric() {
            words.last_mut().into_iter().for_each(|word| word.extend(character.to_lowercase()));
        }
        was_small = character.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

fn has(name: &str, known: &[&str]) -> bool {
    words_of(name).iter().any(|word| known.contains(&word.as_str()))
}

/// Whether a name is one of times.
pub fn is_time(name: &str) -> bool {
    has(
        name,
        &[
            "time",
            "timestamp",
            "ts",
            "date",
            "datetime",
            "epoch",
            "at",
            "when",
            "created",
            "updated",
            "start",
            "started",
            "day",
            "t",
            "unixtime",
        ],
    )
}

/// Whether numbers of this name say which one, and not how many.
pub fn is_id(name: &str) -> bool {
    has(
        name,
        &[
            "id", "ids", "uuid", "guid", "pid", "tid", "nmi", "serial", "number", "no", "nr", "zip", "postcode",
            "phone", "port", "index", "lineid", "userid", "sku", "isbn", "asn",
        ],
    ) || name.len() > 2 && (name.ends_with("Id") || name.ends_with("ID"))
}

/// Whether numbers of this name are codes of a kind.
pub fn is_code(name: &str) -> bool {
    has(
        name,
        &[
            "status",
            "code",
            "statuscode",
            "responsecode",
            "level",
            "severity",
            "class",
            "type",
            "category",
            "year",
            "month",
            "weekday",
            "hour",
            "version",
            "priority",
        ],
    )
}

/// Whether a name is one of the status of an answer of HTTP.
pub fn is_status(name: &str) -> bool {
    has(name, &["status", "statuscode", "code", "responsecode"])
}

/// A name for a metric: small letters, digits and `_`.
pub fn metric_name(prefix: &str, name: &str) -> String {
    let mut metric = prefix.to_owned();
    for word in words_of(name) {
        if !metric.is_empty() {
            metric.push('_');
        }
        metric += &word.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    }
    metric
}

/// A name as expressions write it.
pub fn quoted(name: &str) -> String {
    const KEYWORDS: [&str; 22] = [
        "and", "as", "between", "case", "cast", "else", "end", "false", "filter", "ilike", "in", "is", "like", "not",
        "null", "or", "then", "true", "when", "where", "distinct", "by",
    ];
    let mut characters = name.chars();
    let is_plain = characters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !KEYWORDS.contains(&name.to_ascii_lowercase().as_str());
    if is_plain {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words() {
        assert_eq!(words_of("Requests/s"), ["requests", "s"]);
        assert_eq!(words_of("responseCode_2XX"), ["response", "code", "2xx"]);
        assert_eq!(metric_name("sum", "temperature (*C)"), "sum_temperature_c");
        assert!(is_id("LineId") && is_id("METER SERIAL NUMBER") && !is_id("paid"));
        assert!(is_time("timeStamp") && is_time("created_at") && !is_time("format"));
        assert_eq!(
            (quoted("a_b"), quoted("a\"b"), quoted("end")),
            ("a_b".into(), "\"a\"\"b\"".into(), "\"end\"".into())
        );
    }
}
