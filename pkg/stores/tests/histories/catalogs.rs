//! The catalogs of a history.

use super::step::History;

/// What the refreshers without a trigger look at again, in minutes.
pub const LOOKED_AT: i64 = 30 * 60;

const METRICS: [&str; 4] = [
    r#""n": "count(*)", "total": "sum(ms)", "p95": "approx_percentile(0.95, percentile_agg(ms))""#,
    r#""n": "count(*)", "total": "sum(ms)", "p95": "approx_percentile(0.95, percentile_agg(ms))", "users": "approx_count_distinct(user_id)""#,
    r#""n": "count(*)", "total": "sum(ms)", "mean": "avg(ms)", "most": "max(ms)""#,
    r#""n": "sum(ms) / 2.0", "total": "sum(ms)", "rows": "count(*)""#,
];

/// Of what is built from a rollup: what every one of its groups keeps.
const OF_STATES: [&str; 2] =
    [r#""n": "count(*)", "total": "sum(ms)""#, r#""n": "count(*)", "total": "sum(ms)", "mean": "avg(ms)""#];

fn columns(history: &History, kind: &str) -> String {
    let time = if history.is_other_shape && kind == "sqlite" { "timestamp[ms]" } else { "timestamp" };
    format!(r#"{{"ts": "{time}", "model": "string", "user_id": "int64", "ms": "float64", "ok": "bool"}}"#)
}

/// A rollup of a catalog.
#[derive(Clone, Debug)]
pub struct Kept {
    pub name: &'static str,
    /// The spec as rows are folded under it.
    pub spec: String,
    /// The rollup that it is built from.
    pub from: Option<&'static str>,
}

/// A catalog.
#[derive(Clone, Debug)]
pub struct Plan {
    pub json: String,
    pub rollups: Vec<Kept>,
}

fn plan(history: &History, kind: &str, retention: &str, mut rollups: Vec<(Kept, &str)>) -> Plan {
    let columns = columns(history, kind);
    for (kept, _) in &mut rollups {
        kept.spec = format!(r#"{{"name": "{}", "columns": {columns}, "time": "ts", {}}}"#, kept.name, kept.spec);
    }
    let offset = if history.is_logged { "" } else { r#""start_offset": "30 hours", "# };
    let each = rollups.iter().map(|(kept, more)| {
        let from = kept.from.map(|from| format!(r#", "from": "{from}""#)).unwrap_or_default();
        let offset = if kept.from.is_none() { offset } else { "" };
        format!(r#"{{"spec": {}{from}, "refresh": {{{offset}"end_offset": "0 minutes"}}{more}}}"#, kept.spec)
    });
    let each: Vec<String> = each.collect();
    let changes = if history.is_logged { "trigger" } else { "start_offset" };
    let json = format!(
        r#"{{"source": {{"table": "requests", "columns": {columns}, "time": "ts", "changes": "{changes}"{retention}}}, "rollups": [{}]}}"#,
        each.join(", ")
    );
    Plan { json, rollups: rollups.into_iter().map(|(kept, _)| kept).collect() }
}

/// The catalog of some rollups, each a bit, with one of four sets of metrics.
pub fn first(history: &History, kind: &str, rollups: u8, metrics: u8) -> Plan {
    let select = METRICS[usize::from(metrics % 4)];
    let kept = |name, bucket: &str, keys: &str, from: Option<&'static str>| {
        let select = if from.is_some() { OF_STATES[usize::from(metrics % 2)] } else { select };
        let spec = format!(r#""bucket": {bucket}, "group_by": [{keys}], "select": {{{select}}}"#);
        Kept { name, spec, from }
    };
    let mut all = vec![(kept("hours", r#""1 hour""#, r#""model""#, None), "")];
    if rollups & 1 != 0 {
        all.push((kept("days", r#""1 day""#, r#""model""#, Some("hours")), ""));
    }
    if rollups & 2 != 0 {
        all.push((kept("berlin", r#"{"width": "1 day", "timezone": "Europe/Berlin"}"#, "", None), ""));
    }
    if rollups & 4 != 0 {
        let mut quarters = kept("quarters", r#""15 minutes""#, r#""ok""#, None);
        quarters.spec.push_str(r#", "where": "user_id > 3 and (model = 'b' or ms < 300.25 or ok)""#);
        all.push((quarters, r#", "retention": "2 days""#));
    }
    plan(history, kind, r#", "retention": "3 days""#, all)
}

/// The second catalog on the same table.
pub fn second(history: &History, kind: &str) -> Plan {
    let spec = format!(r#""bucket": "1 hour", "group_by": [], "select": {{{}}}"#, METRICS[2]);
    plan(history, kind, r#", "retention": "2 days""#, vec![(Kept { name: "others", spec, from: None }, "")])
}
