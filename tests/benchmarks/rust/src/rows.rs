//! The rows that `workload.py` wrote, as vectors.

use crate::Failure;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// The columns in one order; keys as codes, doubles as bits.
pub struct Rows {
    pub ts_us: Vec<i64>,
    pub model: Vec<u32>,
    pub user: Vec<u32>,
    pub duration_bits: Vec<u64>,
    pub cost_bits: Vec<u64>,
    pub status: Vec<i64>,
    pub models: Vec<String>,
    pub users: Vec<String>,
    pub start_ms: i64,
    pub days: i64,
}

impl Rows {
    pub fn read(folder: &Path, order: &str) -> Result<Self, Failure> {
        let told: Value = serde_json::from_str(&fs::read_to_string(folder.join("rows.json"))?)?;
        let bytes = |name: &str| fs::read(folder.join(order).join(format!("{name}.bin")));
        let words = |name: &str| Ok::<_, Failure>(chunks(&bytes(name)?).map(u64::from_le_bytes).collect::<Vec<_>>());
        let texts = |name: &str| {
            let texts = told[name].as_array().into_iter().flatten();
            texts.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        Ok(Self {
            ts_us: words("ts")?.into_iter().map(|ms| ms as i64 * 1000).collect(),
            model: bytes("model")?.into_iter().map(u32::from).collect(),
            user: chunks(&bytes("user_id")?).map(u32::from_le_bytes).collect(),
            duration_bits: words("duration_ms")?,
            cost_bits: words("cost_usd")?,
            status: chunks(&bytes("status_code")?).map(i32::from_le_bytes).map(i64::from).collect(),
            models: texts("models"),
            users: texts("users"),
            start_ms: told["start_ms"].as_i64().ok_or("rows.json has no start")?,
            days: told["days"].as_i64().ok_or("rows.json has no days")?,
        })
    }

    pub fn len(&self) -> usize {
        self.ts_us.len()
    }
}

fn chunks<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; N]> + '_ {
    bytes.chunks_exact(N).map(|chunk| chunk.try_into().expect("a chunk has its length"))
}
