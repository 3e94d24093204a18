//! Bytes that are refused, and rollups at their limits.
//!
//! The one idea: bytes are damaged after a good encoding was made, and the checksum is put right where the damage lies
//! deeper.

use super::errors::{changed, refused, GOOD, NAMES, SPEC};
use crate::case::{json, rows, Case};
use crate::run::batch_of;
use isofold_facade::json::Json;
use isofold_facade::Rollup;
use twox_hash::XxHash64;

const MAGIC_BYTES: usize = 4;
const CHECKSUM_BYTES: usize = 8;
const CHECKSUM_SEED: u64 = 0;

/// The cases of this file.
#[must_use]
pub fn cases() -> Vec<Case> {
    [damaged(), damaged_rows(), limits()].concat()
}

fn encoded(spec: &str, cells: &str) -> Vec<u8> {
    let mut rollup = Rollup::new(spec).expect("a good spec");
    rollup.ingest(&batch_of(&rows(NAMES, cells)).expect("a good batch")).expect("good rows");
    rollup.encode()
}

/// The bytes changed by `change`, with a checksum that holds.
fn resealed(bytes: &[u8], change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut body = bytes[..bytes.len() - CHECKSUM_BYTES].to_vec();
    change(&mut body);
    let checksum = XxHash64::oneshot(CHECKSUM_SEED, &body);
    body.extend_from_slice(&checksum.to_le_bytes());
    body
}

/// Rows of a table whose states are damaged, or stand beside another bucket or key.
fn damaged_rows() -> Vec<Case> {
    const SPEC: &str = r#"{"name": "n", "columns": {"ts": "timestamp", "model": "string", "x": "int64"}, "time": "ts",
        "bucket": "1 hour", "group_by": ["model"], "select": {"n": "count(*)", "sum": "sum(x)"}}"#;
    let place = |bucket: &str, model: &str| rows("bucket model", &format!(r#"[["{bucket}", {model}]]"#));
    let mut rollup = Rollup::new(SPEC).expect("a good spec");
    let batch = rows("ts model x", r#"[["2026-11-01T05:30:00Z", "o3", 7]]"#);
    rollup.ingest(&batch_of(&batch).expect("a good batch")).expect("a good row");
    let frame = rollup.rows().expect("rows");
    let [good] = frame.states().expect("states") else { panic!("one group") };
    let with = |at: usize, byte: u8| {
        let mut state = good.clone();
        state[at] ^= byte;
        state
    };
    let case = |name: &str, bucket: &str, model: &str, states: &[Vec<u8>]| {
        Case::bare(name)
            .spec("main", json(SPEC))
            .batch("row", place(bucket, model))
            .from_rows("main", "row", states, "r")
    };
    let (hour, o3) = ("2026-11-01T05:00:00Z", r#""o3""#);
    let twice = rows("bucket model", &format!(r#"[["{hour}", {o3}], ["{hour}", {o3}]]"#));
    let other = json(&SPEC.replace("sum(x)", "max(x)"));
    let cases = vec![
        case("a_row_that_is_good", hour, o3, std::slice::from_ref(good)).check("r"),
        case("a_row_without_bytes", hour, o3, &[Vec::new()]),
        case("a_row_cut_short", hour, o3, &[good[..good.len() - 1].to_vec()]),
        case("a_row_of_a_future_version", hour, o3, &[with(0, 64)]),
        case("a_row_with_a_flipped_bit", hour, o3, &[with(good.len() / 2, 4)]),
        case("a_row_in_another_bucket", "2026-11-01T06:00:00Z", o3, std::slice::from_ref(good)),
        case("a_row_between_buckets", "2026-11-01T05:30:00Z", o3, std::slice::from_ref(good)),
        case("a_row_of_another_key", hour, "null", std::slice::from_ref(good)),
        case("a_row_whose_key_is_of_another_type", hour, "3", std::slice::from_ref(good)),
        Case::bare("a_row_that_stands_twice").spec("main", json(SPEC)).batch("row", twice).from_rows(
            "main",
            "row",
            &[good.clone(), good.clone()],
            "r",
        ),
        Case::bare("a_row_of_another_schema").spec("main", other).batch("row", place(hour, o3)).from_rows(
            "main",
            "row",
            std::slice::from_ref(good),
            "r",
        ),
        Case::new("rows_with_a_column_called_state", &SPEC.replace(r#""sum""#, r#""state""#)).rows("r"),
    ];
    cases.into_iter().map(|case| case.only_in(&["rust", "python", "native"])).collect()
}

fn damaged() -> Vec<Case> {
    let good = encoded(SPEC, GOOD);
    let decoded = |name: &str, bytes: &[u8]| Case::bare(name).decode(bytes, "r");
    let with = |place: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[place] = byte;
        bytes
    };
    vec![
        decoded("no_bytes", &[]),
        decoded("bytes_of_something_else", b"PAR1 and so on, for some time"),
        decoded("a_version_of_the_future", &with(MAGIC_BYTES, 99)),
        decoded("bytes_cut_after_the_version", &good[..MAGIC_BYTES + 3]),
        decoded("bytes_cut_in_the_middle", &good[..good.len() / 2]),
        decoded("a_flipped_bit", &with(good.len() / 2, good[good.len() / 2] ^ 4)),
        decoded("states_cut_off_under_a_good_checksum", &resealed(&good, |body| body.truncate(body.len() - 2))),
        decoded("bytes_after_the_end", &resealed(&good, |body| body.push(0))),
        decoded("a_name_that_is_not_utf8", &resealed(&good, |body| body[MAGIC_BYTES + 2] = 0xff)),
        Case::new("merging_bytes_that_are_damaged", SPEC)
            .batch("good", rows(NAMES, GOOD))
            .ingest("r", "good")
            .merge_hex("r", &with(good.len() / 2, good[good.len() / 2] ^ 4))
            .check("r"),
    ]
}

fn limits() -> Vec<Case> {
    let keys: Vec<Json> = (0..17).map(|index| Json::Text(format!("i + {index} as k{index}"))).collect();
    let metrics: Vec<String> = (0..300).map(|index| format!(r#""m{index}": "max(i + {index})""#)).collect();
    vec![
        refused("more_keys_than_a_spec_has", changed(r#"["k"]"#, &Json::Array(keys).to_string())),
        refused("more_states_than_a_spec_has", changed(r#""n": "count(*)""#, &metrics.join(", "))),
        groups(),
        rows_beyond_counting(),
        // a gibibyte is more than a wasm host may be given
        Case::bare("more_bytes_than_a_rollup_has")
            .only_in(&["rust", "python", "native"])
            .decode_zeros((1 << 30) + 1, "r"),
    ]
}

/// One second a group, and one group too many; the rollup stays as it was.
fn groups() -> Case {
    let spec = r#"{"name": "groups", "columns": {"ts": "timestamp[s]"}, "time": "ts", "bucket": "1 second", "select": {"n": "count(*)"}}"#;
    Case::new("more_groups_than_a_rollup_holds", spec)
        .only_as(&["columns"])
        .batch("few", json(r#"{"ts": {"range": [0, 1, 10]}}"#))
        .batch("many", json(r#"{"ts": {"range": [0, 1, 1000001]}}"#))
        .ingest("r", "few")
        .ingest("r", "many")
        .check("r")
}

/// A rollup of 2^62 rows takes no more; bytes may claim 2^48, and merged with itself that is doubled.
fn rows_beyond_counting() -> Case {
    let spec = r#"{"name": "rows", "columns": {"ts": "timestamp"}, "time": "ts", "bucket": "1 hour", "select": {"n": "count(*)"}}"#;
    let mut one = Rollup::new(spec).expect("a good spec");
    let batch = json(r#"{"ts": ["2026-11-01"]}"#);
    one.ingest(&batch_of(&batch).expect("a good batch")).expect("a good row");
    let claiming = |varint: &[u8]| {
        resealed(&one.encode(), |body| {
            assert_eq!(body.pop(), Some(1), "the count of the one group stands last");
            body.extend(varint);
        })
    };
    let claimed = claiming(&[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40]);
    let case = Case::new("more_rows_than_a_rollup_counts", spec)
        .batch("one", batch)
        .decode(&claiming(&[0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40]), "too_many")
        .decode(&claimed, "full");
    (0..14)
        .fold(case, |case, _| case.merge("full", "full"))
        .query("full", "{}")
        .ingest("full", "one")
        .merge("full", "full")
        .ingest("r", "one")
        .merge("r", "full")
        .check("r")
        .check("full")
}
