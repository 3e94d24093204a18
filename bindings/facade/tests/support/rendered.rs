//! The texts of `api.json` as each host's documentation has them.

use super::api::{get, items, text};
use isofold_facade::json::Json;

/// Options of calls, which JavaScript takes in one object.
const OPTIONS: [&str; 6] = ["max_groups", "threads", "strict", "on_row_error", "bucket", "group_by"];

/// Options that JavaScript spells as JSON does.
const JSON_OPTIONS: [&str; 2] = ["on_row_error", "group_by"];

/// A Python docstring, in lines of at most `width`.
pub fn docstring(entry: &Json, width: usize) -> String {
    let mut paragraphs = said(entry, "python_note", width);
    paragraphs.extend(parameters(entry, width));
    paragraphs.extend(titled(entry, &[("returns", "Returns"), ("accuracy", "Accuracy"), ("cost", "Cost")], width));
    let errors = codes(entry);
    if !errors.is_empty() {
        paragraphs.push(wrapped(&format!("**Errors** {errors}."), "", width));
    }
    let example = example(entry, "python");
    if !example.is_empty() {
        paragraphs.push(example.join("\n"));
    }
    paragraphs.join("\n\n")
}

/// The Python docstring of a class: what it is, how one is made, an example.
pub fn class_docstring(class: &Json, width: usize) -> String {
    let mut paragraphs = vec![wrapped(text(class, "doc"), "", width)];
    let constructor = items(class, "members").iter().find(|member| text(member, "kind") == "constructor");
    if let Some(constructor) = constructor {
        paragraphs.push(docstring(constructor, width));
    }
    if text(class, "name") == "Error" {
        let fields = items(class, "members").iter();
        let fields = fields.map(|member| bullet(text(member, "python"), text(member, "doc"), width));
        paragraphs.push(fields.collect::<Vec<_>>().join("\n"));
    }
    paragraphs.extend([example(class, "python").join("\n")].into_iter().filter(|example| !example.is_empty()));
    paragraphs.join("\n\n")
}

/// The lines of a TSDoc comment, each at most `width`, without the frame of the comment.
pub fn tsdoc(entry: &Json, width: usize) -> Vec<String> {
    let mut paragraphs = said(entry, "js_note", width);
    paragraphs.extend(titled(entry, &[("accuracy", "Accuracy"), ("cost", "Cost")], width));
    let mut tags = Vec::new();
    if let Json::Object(params) = get(entry, "params") {
        for (name, doc) in params {
            let Json::Text(doc) = doc else { panic!("{name} of {entry}") };
            // what goes into the kernel as JSON keeps its spelling
            let camel = if JSON_OPTIONS.contains(&name.as_str()) { name.clone() } else { camel(name) };
            let is_option = match get(entry, "js_options") {
                Json::Array(options) => options.contains(&Json::from(name.as_str())),
                _ => OPTIONS.contains(&name.as_str()),
            };
            let name = if is_option { format!("options.{camel}") } else { camel };
            tags.push(wrapped(&format!("@param {name} {doc}"), "  ", width));
        }
    }
    if let Json::Text(returns) = get(entry, "returns") {
        tags.push(wrapped(&format!("@returns {returns}"), "  ", width));
    }
    let errors = codes(entry);
    if !errors.is_empty() {
        tags.push(wrapped(&format!("@throws {errors}."), "  ", width));
    }
    let example = example(entry, "js");
    if !example.is_empty() {
        tags.push(format!("@example\n```ts\n{}\n```", example.join("\n")));
    }
    if !tags.is_empty() {
        paragraphs.push(tags.join("\n"));
    }
    paragraphs.join("\n\n").lines().map(str::to_owned).collect()
}

/// The lines of a Rust doc comment: the sentence, what the method says itself, the example.
pub fn rustdoc(entry: &Json, own: &str, width: usize) -> Vec<String> {
    let mut paragraphs = vec![wrapped(text(entry, "doc"), "", width)];
    paragraphs.extend(Some(own.to_owned()).filter(|own| !own.is_empty()));
    let shared = r#"# mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/requests.rs")); }"#;
    let before = format!("```\n{shared}\n# let mut rollup = example::requests();");
    let after = "# Ok::<(), isofold::Error>(())\n```";
    paragraphs.push(format!("{before}\n{}\n{after}", example(entry, "rust").join("\n")));
    paragraphs.join("\n\n").lines().map(str::to_owned).collect()
}

/// The sentence that every host begins with, and what the note of a host adds.
fn said(entry: &Json, note: &str, width: usize) -> Vec<String> {
    let notes = [get(entry, "doc"), get(entry, note)];
    notes
        .iter()
        .filter_map(|json| if let Json::Text(text) = json { Some(wrapped(text, "", width)) } else { None })
        .collect()
}

fn parameters(entry: &Json, width: usize) -> Option<String> {
    let Json::Object(params) = get(entry, "params") else { return None };
    let lines = params.iter().map(|(name, doc)| match doc {
        Json::Text(doc) => bullet(name, doc, width),
        other => panic!("{other}"),
    });
    Some(lines.collect::<Vec<_>>().join("\n")).filter(|lines| !lines.is_empty())
}

fn bullet(name: &str, doc: &str, width: usize) -> String {
    wrapped(&format!("- `{name}`: {doc}"), "  ", width)
}

fn titled(entry: &Json, titles: &[(&str, &str)], width: usize) -> Vec<String> {
    let line = |(key, title): &(&str, &str)| match get(entry, key) {
        Json::Text(text) => Some(wrapped(&format!("**{title}** {text}"), "", width)),
        _ => None,
    };
    titles.iter().filter_map(line).collect()
}

fn codes(entry: &Json) -> String {
    let Json::Array(errors) = get(entry, "errors") else { return String::new() };
    errors.iter().map(|error| error.to_string().replace('"', "`")).collect::<Vec<_>>().join(", ")
}

fn example(entry: &Json, host: &str) -> Vec<String> {
    let lines = match get(entry, "examples") {
        Json::Object(_) => get(get(entry, "examples"), host),
        _ => &Json::Null,
    };
    let Json::Array(lines) = lines else { return Vec::new() };
    let line = |json: &Json| if let Json::Text(line) = json { line.clone() } else { panic!("{json} is no line") };
    lines.iter().map(line).collect()
}

/// A name as JavaScript spells it.
fn camel(name: &str) -> String {
    let mut parts = name.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |name, part| format!("{name}{}{}", part[..1].to_uppercase(), &part[1..]))
}

/// The text in lines of at most `width` characters, all but the first after `indent`.
fn wrapped(text: &str, indent: &str, width: usize) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("begun with one");
        if line.trim().is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(format!("{indent}{word}"));
        }
    }
    lines.join("\n")
}
