//! What arrives brings no more than its budget, by whichever door; what brings more changes nothing.

use crate::case::{json, Case};

const SPEC: &str = r#"{"name": "budget", "columns": {"ts": "timestamp"}, "time": "ts", "bucket": "1 hour",
                       "select": {"n": "count(*)"}}"#;

/// What is refused.
#[must_use]
pub fn refusals() -> Vec<Case> {
    vec![refused(), of_rows(), of_merged_rows(), impossible()]
}

/// A rollup `two` of three rows in two hours, and `r` with another.
fn start(name: &str) -> Case {
    Case::new(name, SPEC)
        .batch("two", json(r#"{"ts": ["2026-11-01T10:00:00Z", "2026-11-01T10:30:00Z", "2026-11-01T11:00:00Z"]}"#))
        .batch("one", json(r#"{"ts": ["2026-11-01T12:00:00Z"]}"#))
        .start("two", "main")
        .ingest("two", "two")
        .ingest("r", "one")
}

/// What is taken.
#[must_use]
pub fn taken() -> Case {
    let all = r#"{"max_rows": 3, "max_groups": 2, "start": "2026-11-01T10:00:00Z", "end": "2026-11-01T12:00:00Z"}"#;
    start("what_fits_a_budget")
        .merge("r", "two")
        .within(all)
        .merge_bytes("r", "two")
        .within(all)
        .merge_bytes("r", "two")
        .within(r#"{"max_rows": 4611686018427387904, "max_groups": 2147483648, "start": null, "end": null}"#)
        .replace("r", "2026-11-01T10:00:00Z", "2026-11-01T12:00:00Z", "two")
        .within(r#"{"max_rows": 3, "max_groups": 2}"#)
        .check("r")
}

fn refused() -> Case {
    let budgets = [
        r#"{"max_rows": 2}"#,
        r#"{"max_groups": 1}"#,
        r#"{"start": "2026-11-01T10:00:00.000001Z"}"#,
        r#"{"end": "2026-11-01T11:59:59Z"}"#,
    ];
    let refused = budgets.iter().fold(start("what_passes_a_budget"), |case, budget| {
        case.merge("r", "two").within(budget).merge_bytes("r", "two").within(budget)
    });
    budgets[..2]
        .iter()
        .fold(refused, |case, budget| {
            case.replace("r", "2026-11-01T10:00:00Z", "2026-11-01T12:00:00Z", "two").within(budget)
        })
        .check("r")
}

/// Rows of a table, which only hosts with databases read.
fn of_rows() -> Case {
    let budgets = [r#"{"max_rows": 2}"#, r#"{"start": "2026-11-01T11:00:00Z"}"#, r#"{"end": "2026-11-01T11:00:00Z"}"#];
    budgets
        .iter()
        .fold(start("rows_that_pass_a_budget").only_in(&["rust", "python", "native"]), |case, budget| {
            case.from_rows_of("two", "main", "back").within(budget)
        })
        .from_rows_of("two", "main", "back")
        .within(r#"{"max_rows": 3, "start": "2026-11-01T10:00:00Z", "end": "2026-11-01T12:00:00Z"}"#)
        .same("back", "two")
}

/// Rows that are merged into what is there already.
fn of_merged_rows() -> Case {
    let budgets = [r#"{"max_rows": 2}"#, r#"{"max_groups": 1}"#, r#"{"end": "2026-11-01T11:00:00Z"}"#];
    budgets
        .iter()
        .fold(start("rows_to_merge_that_pass_a_budget").only_in(&["rust", "python", "native"]), |case, budget| {
            case.merge_rows("r", "two").within(budget)
        })
        .from_rows_of("two", "main", "back")
        .within(r#"{"duplicates": "last"}"#)
        .check("r")
}

fn impossible() -> Case {
    let budgets = [
        r#"{"max_rows": -1}"#,
        r#"{"max_rows": 9007199254740992000}"#,
        r#"{"max_groups": 4294967296}"#,
        r#"{"start": "2026-11-02", "end": "2026-11-01"}"#,
        r#"{"start": "soon"}"#,
    ];
    budgets
        .iter()
        .fold(start("budgets_that_cannot_be"), |case, budget| {
            case.merge("r", "two").within(budget).merge_bytes("r", "two").within(budget)
        })
        .check("r")
}
