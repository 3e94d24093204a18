//! Putting documentation into sources, line by line.

use super::api::here;

/// Passes the docstring that stands next, if one does.
pub fn skip_docstring(lines: &mut std::iter::Peekable<impl Iterator<Item = String>>) {
    if !lines.peek().is_some_and(|line| line.trim_start().starts_with("\"\"\"")) {
        return;
    }
    let first = lines.next().expect("peeked");
    if first.matches("\"\"\"").count() < 2 {
        lines.find(|line| line.contains("\"\"\""));
    }
}

/// A docstring as lines of a file.
pub fn quoted(docstring: &str, indent: &str) -> Vec<String> {
    assert!(!docstring.contains("\"\"\"") && !docstring.contains('\\'), "{docstring}");
    let indented = |line: &str| if line.is_empty() { String::new() } else { format!("{indent}{line}") };
    if !docstring.contains('\n') {
        return vec![format!("{indent}\"\"\"{docstring}\"\"\"")];
    }
    let mut lines: Vec<String> = docstring.lines().map(indented).collect();
    lines[0] = format!("{indent}\"\"\"{}", lines[0].trim_start());
    lines.push(format!("{indent}\"\"\""));
    lines
}

/// Whether a line of a class declares a member.
pub fn declares(line: &str, member: &str) -> bool {
    let Some(line) = line.strip_prefix("  ") else { return false };
    let words = ["static ", "async ", "get ", "readonly "];
    let line = words.iter().fold(line, |line, word| line.strip_prefix(word).unwrap_or(line));
    line.strip_prefix(member).is_some_and(|rest| rest.starts_with(['(', ':', '<']))
}

/// Puts a comment in the place of the one that the lines end with.
pub fn commented(out: &mut Vec<String>, lines: &[String], indent: &str) {
    if out.last().is_some_and(|line| line.ends_with("*/")) {
        let start = out.iter().rposition(|line| line.trim_start().starts_with("/**")).expect("a comment begins");
        out.truncate(start);
    }
    if let [line] = lines {
        out.push(format!("{indent}/** {line} */"));
        return;
    }
    out.push(format!("{indent}/**"));
    out.extend(lines.iter().map(|line| format!("{indent} * {line}").trim_end().to_owned()));
    out.push(format!("{indent} */"));
}

/// The lines of a file.
pub fn read(path: &str) -> Vec<String> {
    let text = std::fs::read_to_string(here(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    text.lines().map(str::to_owned).collect()
}
