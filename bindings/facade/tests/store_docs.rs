//! The texts of `api.json` as the stores of every host show them: the docstrings of `isofold.stores`, the comments of
//! `isofold/stores`, and the first sentences of the crate `isofold-stores`.
//!
//! `ISOFOLD_GENERATE=1 cargo test -p isofold-facade --test store_docs` writes them anew.

mod support {
    pub mod api;
    #[expect(dead_code, reason = "what other classes need")]
    pub mod rendered;
    pub mod sources;
}

use isofold_facade::json::Json;
use std::collections::HashSet;
use support::api::{api, get, here, items, text};
use support::rendered::{docstring, tsdoc};
use support::sources::{commented, declares, quoted, read, skip_docstring};

/// Characters of a line of documentation, after its indentation.
const WIDTH: usize = 108;

const PYTHON: [&str; 2] =
    ["../../pkg/python/src/isofold/stores/store.py", "../../pkg/python/src/isofold/stores/__init__.py"];
const TYPESCRIPT: [&str; 2] = ["../../pkg/npm/src/stores/store.ts", "../../pkg/npm/src/stores/index.ts"];
const RUST: [&str; 2] = ["../../pkg/stores/src/store.rs", "../../pkg/stores/src/lib.rs"];

/// The functions, and the members of the class.
fn entries(api: &Json) -> Vec<&Json> {
    let stores = get(api, "stores");
    items(stores, "functions").iter().chain(items(&items(stores, "classes")[0], "members")).collect()
}

fn named<'j>(entries: &[&'j Json], host: &str, is_named: impl Fn(&str) -> bool) -> Option<&'j Json> {
    let named = |entry: &&&Json| matches!(get(entry, host), Json::Text(name) if is_named(name));
    entries.iter().find(named).copied()
}

#[test]
fn what_stores_show_is_what_the_list_says() {
    let api = api();
    let entries = entries(&api);
    let mut stale = Vec::new();
    for (path, wanted) in PYTHON
        .map(|path| (path, python(path, &entries)))
        .into_iter()
        .chain(TYPESCRIPT.map(|path| (path, typescript(path, &entries))))
    {
        if std::env::var_os("ISOFOLD_GENERATE").is_some() {
            std::fs::write(here(path), &wanted).expect("writing the documentation");
        }
        if std::fs::read_to_string(here(path)).unwrap_or_default() != wanted {
            stale.push(path);
        }
    }
    assert!(stale.is_empty(), "{stale:?} are stale: ISOFOLD_GENERATE=1 cargo test -p isofold-facade --test store_docs");
}

#[test]
fn every_operation_of_a_store_is_there_in_every_host() {
    let api = api();
    let mut missing = Vec::new();
    for (host, paths) in [("python", PYTHON), ("js", TYPESCRIPT), ("rust", RUST)] {
        let lines: Vec<String> = paths.iter().flat_map(|path| read(path)).collect();
        for entry in entries(&api) {
            let Json::Text(name) = get(entry, host) else { continue };
            let is_declared = |line: &String| match host {
                "js" => declares(line, name) || line.starts_with(&format!("export function {name}(")),
                "rust" => line.trim_start().starts_with(&format!("pub fn {name}(")),
                _ => line.trim_start().starts_with(&format!("def {name}(")),
            };
            if !lines.iter().any(is_declared) {
                missing.push(format!("{name} in {host}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_rust_store_has_no_method_that_the_list_lacks_and_says_the_same() {
    let api = api();
    let entries = entries(&api);
    // what the language adds: the constructor, a connection alone, and options that others give by name
    let own: HashSet<&str> = ["new", "connect", "refresh_with", "plan_init", "query_with", "load_with"].into();
    for path in RUST {
        let mut doc = String::new();
        for line in read(path) {
            let line = line.trim_start();
            if let Some(text) = line.strip_prefix("///") {
                doc = format!("{doc} {}", text.trim());
                continue;
            }
            let declared = line.strip_prefix("pub fn ").and_then(|rest| rest.split(['(', '<']).next());
            if let Some(name) = declared.filter(|name| !own.contains(name)) {
                let entry = named(&entries, "rust", |listed| listed == name);
                let entry = entry.unwrap_or_else(|| panic!("{path} has {name}, which api.json does not list"));
                assert!(doc.trim_start().starts_with(text(entry, "doc")), "{name} of {path}: {doc}");
            }
            if !line.starts_with("#[") {
                doc.clear();
            }
        }
    }
}

/// A Python file with the docstrings of the operations put in place.
fn python(path: &str, entries: &[&Json]) -> String {
    let mut out: Vec<String> = Vec::new();
    let mut rest = read(path).into_iter().peekable();
    // what the answer of a store has is told by hand
    let mut is_answer = false;
    while let Some(line) = rest.next() {
        if line.starts_with("class ") {
            is_answer = line.starts_with("class Answer");
        }
        let indent = line.len() - line.trim_start().len();
        let name = line.trim_start().strip_prefix("def ").and_then(|line| line.split('(').next()).map(str::to_owned);
        out.push(line);
        let name = name.filter(|_| !is_answer);
        let Some(entry) = name.and_then(|name| named(entries, "python", |listed| listed == name)) else { continue };
        while !out.last().expect("a line").ends_with(':') {
            out.push(rest.next().expect("a signature ends"));
        }
        skip_docstring(&mut rest);
        out.extend(quoted(&docstring(entry, WIDTH), &" ".repeat(indent + 4)));
    }
    out.join("\n") + "\n"
}

/// A TypeScript file with the comments of the operations put in place.
fn typescript(path: &str, entries: &[&Json]) -> String {
    let mut out: Vec<String> = Vec::new();
    let mut inside = false;
    for line in read(path) {
        inside = (inside || line.starts_with("export class Store ")) && line != "}";
        let is_function = |name: &str| line.starts_with(&format!("export function {name}("));
        let found = named(entries, "js", |name| is_function(name) || (inside && declares(&line, name)));
        if let Some(entry) = found {
            let indent = if line.starts_with(' ') { "  " } else { "" };
            commented(&mut out, &tsdoc(entry, WIDTH), indent);
        }
        out.push(line);
    }
    out.join("\n") + "\n"
}
