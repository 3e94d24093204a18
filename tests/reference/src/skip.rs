//! Tests that this machine cannot run.
//!
//! The one idea: a machine without data or a server says so and goes on, but in CI a test that does nothing fails,
//! unless it is named there. Node and Python read the same two variables (`tools/skips`).

/// Tells that a test, or a part of it, does nothing here, and why.
///
/// # Panics
/// Where `CI` is set and `ISOFOLD_ALLOW_SKIPS` does not name it: names separated by commas, in which `*` stands for any
/// text.
pub fn skipped(name: &str, reason: &str) {
    let variable = |name| std::env::var(name).unwrap_or_default();
    assert!(
        variable("CI").is_empty() || is_named(name, &variable("ISOFOLD_ALLOW_SKIPS")),
        "skipped in CI, where ISOFOLD_ALLOW_SKIPS does not name it: {name} ({reason})"
    );
    println!("skipped: {name}, {reason}");
}

fn is_named(name: &str, patterns: &str) -> bool {
    patterns.split(',').any(|pattern| matches(pattern.trim(), name))
}

fn matches(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == name };
    name.strip_prefix(start).is_some_and(|tail| {
        let mut places = (0..=tail.len()).filter(|place| tail.is_char_boundary(*place));
        places.any(|place| matches(rest, &tail[place..]))
    })
}

#[cfg(test)]
mod tests {
    use super::is_named;

    #[test]
    fn a_skip_is_allowed_by_its_name_or_a_pattern() {
        for patterns in ["other, the test", "the*", "*test", "*e t*", "*", "the test"] {
            assert!(is_named("the test", patterns), "{patterns}");
        }
        for patterns in ["", "the", "the tests", "other", "*tests", "test*", "t*x"] {
            assert!(!is_named("the test", patterns), "{patterns}");
        }
    }
}
