//! JSON text laid out for people: what fits on a line stays on it, longer arrays of short items fill lines.

use isofold_facade::json::Json;

const WIDTH: usize = 120;

/// The text of a document, with a line feed at its end.
#[must_use]
pub fn laid_out(json: &Json) -> String {
    let mut text = String::new();
    write(json, 0, 0, &mut text);
    text.push('\n');
    text
}

/// Appends `json`; `column` characters of the line are taken.
fn write(json: &Json, indent: usize, column: usize, out: &mut String) {
    let line = on_one_line(json);
    if column + line.chars().count() < WIDTH {
        out.push_str(&line);
        return;
    }
    match json {
        Json::Array(items) if items.iter().all(is_short) => fill(items, indent + 1, out),
        Json::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                start_line(index, indent + 1, out);
                write(item, indent + 1, indent + 1, out);
            }
            end(indent, ']', out);
        }
        Json::Object(entries) => {
            out.push('{');
            for (index, (key, value)) in entries.iter().enumerate() {
                start_line(index, indent + 1, out);
                let key = Json::Text(key.clone()).to_string();
                out.push_str(&key);
                out.push_str(": ");
                write(value, indent + 1, indent + 3 + key.chars().count(), out);
            }
            end(indent, '}', out);
        }
        _ => out.push_str(&line),
    }
}

fn start_line(index: usize, indent: usize, out: &mut String) {
    out.push_str(if index == 0 { "\n" } else { ",\n" });
    out.push_str(&" ".repeat(indent));
}

fn end(indent: usize, bracket: char, out: &mut String) {
    out.push('\n');
    out.push_str(&" ".repeat(indent));
    out.push(bracket);
}

fn is_short(json: &Json) -> bool {
    match json {
        Json::Array(items) => {
            items.len() <= 4 && items.iter().all(|item| !matches!(item, Json::Array(_) | Json::Object(_)))
        }
        Json::Object(entries) => entries.len() == 1,
        _ => true,
    }
}

fn fill(items: &[Json], indent: usize, out: &mut String) {
    out.push('[');
    let mut column = WIDTH;
    for (index, item) in items.iter().enumerate() {
        let line = on_one_line(item);
        let length = line.chars().count() + 2;
        if column + length > WIDTH {
            start_line(index, indent, out);
            column = indent;
        } else {
            out.push_str(", ");
        }
        out.push_str(&line);
        column += length;
    }
    end(indent - 1, ']', out);
}

fn on_one_line(json: &Json) -> String {
    match json {
        Json::Array(items) => format!("[{}]", items.iter().map(on_one_line).collect::<Vec<_>>().join(", ")),
        Json::Object(entries) if entries.is_empty() => "{}".to_owned(),
        Json::Object(entries) => {
            let entry = |(key, value): &(String, Json)| format!("{}: {}", Json::Text(key.clone()), on_one_line(value));
            format!("{{ {} }}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layout_reads_back_to_the_same_document() {
        let long: Vec<Json> = (0..200).map(|i| Json::Array(vec![Json::Int64(i), Json::from("é\n")])).collect();
        let json = Json::object([("a", Json::Array(long)), ("b", Json::object([("c", Json::Null)]))]);
        let text = laid_out(&json);
        assert_eq!(Json::from_text(&text).expect("JSON"), json);
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
    }
}
