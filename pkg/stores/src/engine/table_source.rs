//! How the table of a rollup looks, in JSON.

use isofold::refresh::{Adoption, Identity, IndexSource, ShapeSource};
use isofold::{Code, Value};
use isofold_facade::json::{join, Json, Reading};

const KEYS: [&str; 10] =
    ["name", "bucket", "computed_at", "columns", "not_null", "primary_key", "indexes", "comment", "comments", "adopt"];

/// The column of the time at which a group was last written, where it is only asked for.
const COMPUTED_AT: &str = "computed_at";

/// What is said of a table at a path; a text is its name.
pub(super) fn shape_source(reading: &mut Reading, json: &Json, path: &str) -> ShapeSource {
    if let Json::Text(name) = json {
        return ShapeSource { name: Some(name.clone()), ..ShapeSource::default() };
    }
    let mut shape = ShapeSource::default();
    let fields = reading.known(json, path, &KEYS);
    if !matches!(json, Json::Object(_)) {
        return shape;
    }
    let at = |key: &str| join(path, key);
    shape.name = reading.optional_text(&fields, "name", path);
    match fields.present("bucket") {
        None => {}
        Some(Json::Text(column)) => shape.bucket = Some(column.clone()),
        Some(bucket) => {
            let fields = reading.known(bucket, &at("bucket"), &["column", "type"]);
            shape.bucket = reading.optional_text(&fields, "column", &at("bucket"));
            shape.bucket_type = reading.optional_text(&fields, "type", &at("bucket"));
        }
    }
    shape.computed_at = match fields.present("computed_at") {
        None | Some(Json::Bool(false)) => None,
        Some(Json::Bool(true)) => Some(COMPUTED_AT.to_owned()),
        Some(json) => reading.text(json, &at("computed_at")),
    };
    if let Some(columns) = fields.present("columns") {
        for (name, json) in reading.object(columns, &at("columns")).entries() {
            shape.columns.push(column_source(reading, name, json, &join(&at("columns"), name)));
        }
    }
    if let Some(names) = fields.present("not_null") {
        shape.not_null = reading.texts(names, &at("not_null"));
    }
    if flag(reading, fields.present("primary_key"), &at("primary_key")) {
        shape.identity = Identity::PrimaryKey;
    }
    if flag(reading, fields.present("adopt"), &at("adopt")) {
        shape.adoption = Adoption::Taken;
    }
    match fields.present("indexes") {
        None => {}
        Some(Json::Array(indexes)) => {
            for (index, json) in indexes.iter().enumerate() {
                shape.indexes.push(index_source(reading, json, &format!("{}[{index}]", at("indexes"))));
            }
        }
        Some(other) => {
            let text = format!("an array is expected, got {}", other.kind());
            reading.refuse(Code::CatalogInvalid, text, &at("indexes"));
        }
    }
    shape.comment = reading.optional_text(&fields, "comment", path);
    if let Some(comments) = fields.present("comments") {
        shape.comments = reading.pairs(comments, &at("comments"));
    }
    shape
}

fn flag(reading: &mut Reading, json: Option<&Json>, path: &str) -> bool {
    match json {
        None => false,
        Some(Json::Bool(flag)) => *flag,
        Some(other) => {
            let text = format!("true or false is expected, got {}", other.kind());
            reading.refuse(Code::CatalogInvalid, text, path);
            false
        }
    }
}

/// A type, or an object of a type and a default.
fn column_source(
    reading: &mut Reading,
    name: &str,
    json: &Json,
    path: &str,
) -> (String, Option<String>, Option<Value>) {
    if let Json::Text(sql_type) = json {
        return (name.to_owned(), Some(sql_type.clone()), None);
    }
    let fields = reading.known(json, path, &["type", "default"]);
    let sql_type = reading.optional_text(&fields, "type", path);
    let default = match fields.present("default") {
        None => None,
        Some(Json::Bool(value)) => Some(Value::Bool(*value)),
        Some(Json::Int64(value)) => Some(Value::Int64(*value)),
        Some(Json::Number(value)) => Some(Value::Float64(isofold::math::Float64::from_bits(value.to_bits()))),
        Some(Json::Text(text)) => Some(Value::String(text.clone())),
        Some(other) => {
            let text = format!("a default is a number, a text, true or false, got {}", other.kind());
            reading.refuse(Code::CatalogInvalid, text, &join(path, "default"));
            None
        }
    };
    (name.to_owned(), sql_type, default)
}

/// Columns, or an object of columns and a name.
fn index_source(reading: &mut Reading, json: &Json, path: &str) -> IndexSource {
    if let Json::Array(_) = json {
        return IndexSource { name: None, columns: reading.texts(json, path) };
    }
    let fields = reading.known(json, path, &["name", "columns"]);
    let name = reading.optional_text(&fields, "name", path);
    let columns = reading.required_at(&fields, "columns", path);
    let columns = columns.map(|json| reading.texts(json, &join(path, "columns"))).unwrap_or_default();
    IndexSource { name, columns }
}
