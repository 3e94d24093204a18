//! A catalog in JSON.

use super::table_source::shape_source;
use isofold::refresh::{CatalogSource, Changes, RollupSource, RowErrors, TableSource};
use isofold::spec::SpecSource;
use isofold::{Code, Result};
use isofold_facade::json::{join, spec_source, Codes, Document, Fields, Json, Reading};

const SOURCE_KEYS: [&str; 7] = ["table", "schema", "columns", "time", "retention", "changes", "on_row_error"];
const ROLLUP_KEYS: [&str; 5] = ["spec", "table", "from", "refresh", "retention"];
const REFRESH_KEYS: [&str; 3] = ["start_offset", "end_offset", "schedule_interval"];

/// What a catalog in JSON says. A spec without columns or time has those of the source.
///
/// **Errors** `catalog.*`, `spec.*`: all problems of the document.
pub fn catalog_source(document: &(impl Document + ?Sized)) -> Result<CatalogSource> {
    let json = document.json(&Codes::CATALOG)?;
    let mut reading = Reading::new(Codes::CATALOG);
    let mut catalog = CatalogSource::default();
    let fields = reading.known(&json, "", &["source", "rollups"]);
    if !matches!(*json, Json::Object(_)) {
        return reading.finish(catalog);
    }
    let mut inherited = Vec::new();
    if let Some(source) = reading.required(&fields, "source") {
        let fields = reading.known(source, "source", &SOURCE_KEYS);
        for key in ["columns", "time"] {
            inherited.extend(fields.get(key).map(|value| (key, value)));
        }
        catalog.source = table_source(&mut reading, source, &fields);
    }
    match reading.required(&fields, "rollups") {
        Some(Json::Array(rollups)) => {
            for (index, json) in rollups.iter().enumerate() {
                let path = format!("rollups[{index}]");
                catalog.rollups.push(rollup_source(&mut reading, json, &path, &inherited));
            }
        }
        Some(other) => {
            let text = format!("an array is expected, got {}", other.kind());
            reading.refuse(Code::CatalogInvalid, text, "rollups");
        }
        None => {}
    }
    reading.finish(catalog)
}

fn table_source(reading: &mut Reading, json: &Json, fields: &Fields<'_>) -> TableSource {
    let mut source = TableSource::default();
    if !matches!(json, Json::Object(_)) {
        return source;
    }
    if let Some(table) = reading.required_at(fields, "table", "source") {
        source.table = reading.text(table, "source.table").unwrap_or_default();
    }
    if let Some(columns) = reading.required_at(fields, "columns", "source") {
        source.columns = reading.pairs(columns, "source.columns");
    }
    if let Some(time) = reading.required_at(fields, "time", "source") {
        source.time = reading.text(time, "source.time").unwrap_or_default();
    }
    source.schema = reading.optional_text(fields, "schema", "source");
    source.retention = reading.optional_text(fields, "retention", "source");
    source.changes = match reading.optional_text(fields, "changes", "source").as_deref() {
        None => None,
        Some("trigger") => Some(Changes::Logged),
        Some("start_offset") => Some(Changes::Unlogged),
        Some(other) => {
            let text = format!("changes are found by \"trigger\" or \"start_offset\", got {other:?}");
            reading.refuse(Code::CatalogInvalid, text, "source.changes");
            None
        }
    };
    source.row_errors = match reading.optional_text(fields, "on_row_error", "source").as_deref() {
        None | Some("skip") => RowErrors::Skip,
        Some("stop") => RowErrors::Stop,
        Some(other) => {
            let text = format!("a row that does not fit is met by \"skip\" or \"stop\", got {other:?}");
            reading.refuse(Code::CatalogInvalid, text, "source.on_row_error");
            RowErrors::Skip
        }
    };
    source
}

fn rollup_source(reading: &mut Reading, json: &Json, path: &str, inherited: &[(&str, &Json)]) -> RollupSource {
    let mut rollup = RollupSource::default();
    let fields = reading.known(json, path, &ROLLUP_KEYS);
    if !matches!(json, Json::Object(_)) {
        return rollup;
    }
    if let Some(spec) = reading.required_at(&fields, "spec", path) {
        rollup.spec = spec_with(reading, spec, path, inherited);
    }
    if let Some(table) = fields.present("table") {
        rollup.table = shape_source(reading, table, &join(path, "table"));
    }
    rollup.from = reading.optional_text(&fields, "from", path);
    rollup.retention = reading.optional_text(&fields, "retention", path);
    if let Some(refresh) = fields.present("refresh") {
        let path = join(path, "refresh");
        let fields = reading.known(refresh, &path, &REFRESH_KEYS);
        rollup.start_offset = reading.optional_text(&fields, "start_offset", &path);
        rollup.end_offset = reading.optional_text(&fields, "end_offset", &path);
        rollup.schedule_interval = reading.optional_text(&fields, "schedule_interval", &path);
    }
    rollup
}

fn spec_with(reading: &mut Reading, spec: &Json, path: &str, inherited: &[(&str, &Json)]) -> SpecSource {
    let whole = match spec {
        Json::Object(entries) => {
            let absent = inherited.iter().filter(|(key, _)| !entries.iter().any(|(known, _)| known == key));
            let absent = absent.map(|(key, value)| ((*key).to_owned(), (*value).clone()));
            Json::Object(entries.iter().cloned().chain(absent).collect())
        }
        other => other.clone(),
    };
    spec_source(&whole).unwrap_or_else(|error| {
        reading.adopt(&error, path);
        SpecSource::default()
    })
}
