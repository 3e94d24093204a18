//! Reading `api.json`.

use isofold_facade::json::Json;
use std::path::{Path, PathBuf};

/// A file of this crate.
pub fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The document.
pub fn api() -> Json {
    let text = std::fs::read_to_string(here("api.json")).expect("api.json");
    Json::from_text(&text).expect("api.json is JSON")
}

/// The value of a key, NULL where there is none.
pub fn get<'j>(json: &'j Json, key: &str) -> &'j Json {
    let Json::Object(entries) = json else { panic!("{key} of {json}") };
    entries.iter().find(|(name, _)| name == key).map_or(&Json::Null, |(_, value)| value)
}

/// The text of a key.
pub fn text<'j>(json: &'j Json, key: &str) -> &'j str {
    let Json::Text(text) = get(json, key) else { panic!("{key} of {json}") };
    text
}

/// The array of a key.
pub fn items<'j>(json: &'j Json, key: &str) -> &'j [Json] {
    let Json::Array(items) = get(json, key) else { panic!("{key} of {json}") };
    items
}
