//! What a group costs, in memory and in bytes, by how many rows it has.

use crate::isofold_rows::{spec, Contestant};
use crate::rows::Rows;
use crate::Failure;
use serde_json::{json, Value};

const HOUR_US: i64 = 3_600_000_000;
/// Rows of a group, and how many groups of them are measured: enough that what a rollup has once does not count.
const SIZES: [(usize, usize); 4] = [(1, 8_640), (10, 8_640), (100, 8_640), (10_000, 240)];

/// For each size, bytes a group in memory and encoded.
pub fn bytes_by_rows(rows: &Rows) -> Result<Vec<Value>, Failure> {
    let mut found = Vec::new();
    for (size, groups) in SIZES {
        let regrouped = regrouped(rows, size, groups);
        let contestant = Contestant::new(&regrouped, 1)?;
        for query in ["simple", "full"] {
            let rollup = contestant.fold_all(&spec(query)?)?;
            let count = rollup.len() as f64;
            found.push(json!({
                "query": query,
                "rows": size,
                "memory_bytes": rollup.stats().memory_bytes as f64 / count,
                "encoded_bytes": rollup.encode().len() as f64 / count,
            }));
        }
    }
    Ok(found)
}

/// Rows with the values of `rows`, over and over, in groups of one size.
fn regrouped(rows: &Rows, size: usize, groups: usize) -> Rows {
    let models = rows.models.len();
    let group = |row: usize| row / size;
    let from = |row: usize| row % rows.len();
    let all = 0..size * groups;
    Rows {
        ts_us: all.clone().map(|row| rows.start_ms * 1000 + (group(row) / models) as i64 * HOUR_US).collect(),
        model: all.clone().map(|row| (group(row) % models) as u32).collect(),
        user: all.clone().map(|row| rows.user[from(row)]).collect(),
        duration_bits: all.clone().map(|row| rows.duration_bits[from(row)]).collect(),
        cost_bits: all.clone().map(|row| rows.cost_bits[from(row)]).collect(),
        status: all.map(|row| rows.status[from(row)]).collect(),
        models: rows.models.clone(),
        users: rows.users.clone(),
        ..*rows
    }
}
