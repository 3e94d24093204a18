//! Imports point one way, and no file grows past what can be read.

use std::fs;
use std::path::{Path, PathBuf};

/// From the ground up; a layer may use those before it.
const LAYERS: [&str; 20] = [
    "error", "limits", "secret", "sort", "bytes", "math", "value", "column", "scalar", "time", "sketch", "expr",
    "state", "spec", "batch", "table", "query", "codec", "refresh", "sql",
];

/// Neighbours of one height that must not know each other.
const STRANGERS: [(&str, &str); 3] = [("codec", "query"), ("sketch", "time"), ("state", "expr")];

const MAX_LINES: usize = 600;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn files_below(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
    let skipped = ["target", "node_modules", "dist", ".cache", ".git", ".next", ".venv"];
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.expect("a folder can be listed").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if !skipped.contains(&name.as_str()) {
                files_below(&path, endings, found);
            }
        } else if endings.iter().any(|ending| name.ends_with(ending)) {
            found.push(path);
        }
    }
}

/// The modules that a line names as `crate::module`.
fn modules_named(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices("crate::").map(|(at, found)| {
        let rest = &line[at + found.len()..];
        &rest[..rest.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(rest.len())]
    })
}

#[test]
fn imports_point_one_way() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let rank = |name: &str| LAYERS.iter().position(|layer| *layer == name);
    let mut files = Vec::new();
    files_below(&source, &[".rs"], &mut files);
    let mut wrong = Vec::new();
    for file in &files {
        let inside = file.strip_prefix(&source).expect("it was found there");
        let layer = inside.iter().next().expect("a file has a name").to_string_lossy().replace(".rs", "");
        let Some(own) = rank(&layer) else { continue };
        let text = fs::read_to_string(file).expect("source is readable");
        // tests at the end of a file may look further
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (number, line) in code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            for used in modules_named(line) {
                let stranger = STRANGERS.contains(&(layer.as_str(), used));
                if rank(used).is_some_and(|used| used > own) || stranger {
                    wrong.push(format!("{}:{}: {layer} may not use {used}", inside.display(), number + 1));
                }
            }
        }
    }
    assert!(files.len() > 20, "found only {} files", files.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn sorting_is_in_one_place() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    files_below(&source, &[".rs"], &mut files);
    let mut wrong = Vec::new();
    for file in files.iter().filter(|file| !file.ends_with("sort.rs")) {
        let text = fs::read_to_string(file).expect("source is readable");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (number, line) in code.lines().enumerate() {
            // each use of the standard library's sorts is three kilobytes of the download
            let sorts = [".sort()", ".sort_by", ".sort_unstable", ".sort_by_cached_key", ".select_nth_unstable"];
            if sorts.iter().any(|sort| line.contains(sort)) {
                wrong.push(format!("{}:{}: only sort.rs may call sorts", file.display(), number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_file_is_too_long_to_read() {
    let mut files = Vec::new();
    files_below(&workspace(), &[".rs", ".py", ".ts", ".tsx", ".js", ".mjs", ".sh"], &mut files);
    let lines = |file: &PathBuf| fs::read_to_string(file).map_or(0, |text| text.lines().count());
    let long: Vec<String> = files
        .iter()
        .map(|file| (file, lines(file)))
        .filter(|(_, lines)| *lines > MAX_LINES)
        .map(|(file, lines)| format!("{}: {lines} lines", file.display()))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}
