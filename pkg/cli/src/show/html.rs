//! Answers as a page of charts.
//!
//! The one idea: the page is one file that holds the answer as JSON and draws it with the browser alone; it loads nothing.

use super::{json, text};
use isofold::query::Frame;
use isofold::value::OutputType;
use isofold::Type;
use isofold_facade::json::Json;

const TEMPLATE: &str = include_str!("page.html");

/// The page of an answer.
pub fn page(frame: &Frame, title: &str) -> String {
    let kind = |output_type: OutputType| match output_type {
        OutputType::Scalar(Type::Timestamp) => "time",
        other if text::is_number(other) => "number",
        _ => "text",
    };
    let columns = frame.columns().iter().map(|column| {
        Json::object([("name", Json::from(column.name())), ("kind", Json::from(kind(column.output_type())))])
    });
    let columns = Json::Array(columns.collect()).to_string();
    let data = format!("{{\"columns\":{columns},\"rows\":{}}}", json::rows(frame));
    // no text of the answer ends the script that holds it
    let data = data.replace("</", "<\\/").replace("<!--", "<\\!--");
    let title = title.replace('&', "&amp;").replace('<', "&lt;");
    let (before, rest) = TEMPLATE.split_once("{{title}}").unwrap_or((TEMPLATE, ""));
    let (middle, after) = rest.split_once("{{data}}").unwrap_or((rest, ""));
    [before, &title, middle, &data, after].concat()
}
