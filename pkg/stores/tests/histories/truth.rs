//! What the tables of a catalog hold, against a fold of the rows that are there.

use super::catalogs::{Kept, Plan};
use super::world::{Row, World};
use isofold::refresh::{LoadedRows, StoredRow, Window};
use isofold::spec::Spec;
use isofold::{Type, Value};
use isofold_facade::json::spec_source;
use isofold_facade::{Batch, Cell, ColumnBuilder};
use isofold_stores::SqlValue;
use std::collections::{BTreeMap, BTreeSet};

/// A group: the start of its bucket, and its keys.
pub type Place = (i64, String);

/// The specs that a rollup ever had, the newest first.
#[derive(Clone, Debug, Default)]
pub struct Versions(pub BTreeMap<&'static str, Vec<(String, Spec)>>);

impl Versions {
    pub fn put(&mut self, plan: &Plan) {
        for kept in &plan.rollups {
            let all = self.0.entry(kept.name).or_default();
            let spec = match all.iter().position(|(text, _)| *text == kept.spec) {
                Some(at) => all.remove(at),
                None => {
                    let source = spec_source(kept.spec.as_str()).expect("a spec");
                    (kept.spec.clone(), Spec::compile(&source).expect("a spec"))
                }
            };
            all.insert(0, spec);
        }
    }

    pub fn of(&self, name: &str) -> Vec<Spec> {
        self.0[name].iter().map(|(_, spec)| spec.clone()).collect()
    }
}

/// One rollup as it is.
#[derive(Debug)]
pub struct Survey {
    pub watermark: Option<i64>,
    /// Groups before are dropped, and rows.
    pub dropped: Option<i64>,
    pub rows_dropped: Option<i64>,
    pub stored: BTreeMap<Place, Vec<u8>>,
    /// Buckets below the watermark that are not what is there folds to.
    pub bad: Vec<Window>,
}

pub fn batch(rows: &[Row]) -> Vec<(String, isofold_facade::HostColumn<'static>)> {
    let mut columns = vec![ColumnBuilder::new(); 5];
    for row in rows {
        let cells = [
            Cell::Text(isofold::time::format_timestamp(row.us).into()),
            row.model.clone().map_or(Cell::Null, |model| Cell::Text(model.into())),
            row.user.map_or(Cell::Null, Cell::Int64),
            row.ms.map_or(Cell::Null, |ms| Cell::Number(ms.to_bits())),
            row.ok.map_or(Cell::Null, Cell::Bool),
        ];
        columns.iter_mut().zip(cells).for_each(|(column, cell)| column.push(cell));
    }
    let names = ["ts", "model", "user_id", "ms", "ok"].map(str::to_owned);
    names.into_iter().zip(columns.into_iter().map(ColumnBuilder::finish)).collect()
}

/// What the rows fold to that fit.
pub fn folded(spec: &str, rows: &[Row]) -> isofold_facade::Rollup {
    let spec = spec.replace("timestamp[ms]", "timestamp");
    // what is declared is in brackets of its own, before all that is read
    let reads_users = spec.split_once('}').is_some_and(|(_, read)| read.contains("user_id"));
    let rows: Vec<Row> = rows.iter().filter(|row| !(row.is_half && reads_users)).cloned().collect();
    let mut rollup = isofold_facade::Rollup::new(spec.as_str()).expect("a spec");
    rollup.ingest(&Batch::from_columns(batch(&rows)).expect("rows")).expect("they fit");
    rollup
}

fn place(row: &StoredRow) -> Place {
    (row.bucket, format!("{:?}", row.keys))
}

fn states(rollup: &isofold::Rollup) -> BTreeMap<Place, Vec<u8>> {
    rollup.rows().expect("rows").into_iter().map(|row| (place(&row), row.state)).collect()
}

fn key(value: &SqlValue, data_type: Type) -> Value {
    match (value, data_type) {
        (SqlValue::Null, _) => Value::Null,
        (SqlValue::Int64(value), Type::Bool) => Value::Bool(*value == 1),
        (SqlValue::Bool(value), _) => Value::Bool(*value),
        (SqlValue::Text(text), _) => Value::String(text.clone()),
        other => panic!("a key {other:?}"),
    }
}

fn is_same(value: &Value, stored: &SqlValue) -> bool {
    match (value, stored) {
        (Value::Null, SqlValue::Null) => true,
        (Value::Int64(value), SqlValue::Int64(stored)) => value == stored,
        (Value::Float64(value), SqlValue::Float64(stored)) => value.to_bits() == stored.to_bits(),
        _ => false,
    }
}

/// The rows of a table, which has every metric as its `state` says.
fn stored(world: &mut World, kept: &Kept, specs: &[Spec]) -> Vec<StoredRow> {
    let spec = &specs[0];
    let bucket = if world.is_sqlite() { "bucket" } else { "(extract(epoch FROM bucket) * 1000000)::bigint" };
    let named = spec.keys().iter().map(|key| key.name()).chain(spec.metrics().iter().map(|metric| metric.name()));
    let columns: Vec<String> = named.map(|name| format!("\"{name}\"")).collect();
    let columns = [&[bucket.to_owned()], columns.as_slice(), &["state".to_owned()]].concat().join(", ");
    let found = world.run(&format!("SELECT {columns} FROM {} ORDER BY bucket", kept.name));
    let keys = spec.keys().len();
    let mut rows = Vec::new();
    let mut metrics = BTreeMap::new();
    for cells in found {
        let bucket = match &cells[0] {
            SqlValue::Int64(us) => *us,
            SqlValue::Text(text) => isofold::time::parse_timestamp(text).expect("a time"),
            other => panic!("a bucket {other:?}"),
        };
        let types = spec.keys().iter().map(|key| key.data_type());
        let keys_of = cells[1..=keys].iter().zip(types).map(|(value, data_type)| key(value, data_type)).collect();
        let Some(SqlValue::Bytes(state)) = cells.last().cloned() else { panic!("no state") };
        let row = StoredRow { bucket, keys: keys_of, metrics: Vec::new(), state };
        let before = metrics.insert(place(&row), cells[keys + 1..cells.len() - 1].to_vec());
        assert!(before.is_none(), "{} has a group twice: {:?}", kept.name, place(&row));
        rows.push(row);
    }
    let loaded = LoadedRows::new(specs, &rows).expect("states that can be read");
    for part in loaded.parts() {
        for row in part.rows_for(spec).expect("metrics") {
            let told = &metrics[&place(&row)];
            let same = row.metrics.iter().zip(told).all(|(value, stored)| is_same(value, stored));
            assert!(same, "{} {:?}: the state says {:?}, the columns {told:?}", kept.name, place(&row), row.metrics);
        }
    }
    rows
}

/// What is known of the rollups of a catalog, in its order; those without a table are left out.
pub fn survey(
    world: &mut World,
    plan: &Plan,
    versions: &Versions,
    gone: &BTreeSet<&'static str>,
) -> BTreeMap<&'static str, Survey> {
    let rows = world.rows();
    let mut found: BTreeMap<&'static str, Survey> = BTreeMap::new();
    let mut tables: BTreeMap<&'static str, Vec<StoredRow>> = BTreeMap::new();
    for kept in plan.rollups.iter().filter(|kept| !gone.contains(kept.name)) {
        let specs = versions.of(kept.name);
        let table = stored(world, kept, &specs);
        let name = kept.name;
        let known = world.run(&format!(
            "SELECT watermark, dropped_before, rows_dropped_before FROM isofold_rollups WHERE name = '{name}'"
        ));
        let number = |at: usize| match known[0][at] {
            SqlValue::Int64(us) => Some(us),
            _ => None,
        };
        let (watermark, dropped) = (number(0), number(1));
        let have: BTreeMap<Place, Vec<u8>> = table.iter().map(|row| (place(row), row.state.clone())).collect();
        let bucket = specs[0].bucket();
        let (wanted, from): (Vec<BTreeMap<Place, Vec<u8>>>, _) = match kept.from {
            None => {
                let fold = |(text, _): &(String, Spec)| states(&folded(text, &rows).into_kernel());
                (versions.0[name].iter().map(fold).collect(), number(2))
            }
            Some(finer) if gone.contains(finer) => (vec![have.clone()], None),
            Some(finer) => {
                // before the first group of the finer one it cannot be told that nothing was there
                let first = tables[finer].iter().map(|row| row.bucket).min().unwrap_or(i64::MAX);
                let from = found[finer].dropped.unwrap_or(i64::MIN).max(bucket.start(first).unwrap_or(first));
                (derived(&tables[finer], &versions.of(finer), &specs), Some(from))
            }
        };
        let starts: BTreeSet<i64> =
            have.keys().chain(wanted.iter().flat_map(BTreeMap::keys)).map(|(start, _)| *start).collect();
        let from = from.max(dropped);
        let mut bad = Vec::new();
        for start in starts {
            let window = Window { start, end: bucket.end(start) };
            let is_built = watermark.is_some_and(|watermark| window.end <= watermark);
            assert!(is_built || !have.keys().any(|place| place.0 == start), "{name}: {start} is past {watermark:?}");
            let of = |all: &BTreeMap<Place, Vec<u8>>| -> BTreeMap<Place, Vec<u8>> {
                all.range((start, String::new())..(start + 1, String::new()))
                    .map(|(k, v)| (k.clone(), v.clone()))
                    .collect()
            };
            let is_whole = from.is_none_or(|from| start >= from);
            if is_built && is_whole && !matches(&of(&have), &wanted.iter().map(of).collect::<Vec<_>>()) {
                bad.push(window);
            }
        }
        tables.insert(name, table);
        found.insert(name, Survey { watermark, dropped, rows_dropped: number(2), stored: have, bad });
    }
    found
}

/// Whether every group is what some version of the spec makes of the rows, of which one may leave a row out that does not fit it.
fn matches(have: &BTreeMap<Place, Vec<u8>>, wanted: &[BTreeMap<Place, Vec<u8>>]) -> bool {
    let groups: BTreeSet<&Place> = have.keys().chain(wanted.iter().flat_map(BTreeMap::keys)).collect();
    groups.into_iter().all(|place| wanted.iter().any(|wanted| wanted.get(place) == have.get(place)))
}

/// What the groups of the finer table give under each version of a spec, where they keep its states.
fn derived(table: &[StoredRow], finer: &[Spec], specs: &[Spec]) -> Vec<BTreeMap<Place, Vec<u8>>> {
    let mut days: BTreeMap<i64, Vec<StoredRow>> = BTreeMap::new();
    for row in table {
        days.entry(specs[0].bucket().start(row.bucket).expect("a bucket")).or_default().push(row.clone());
    }
    let of = |spec: &Spec| {
        let loaded = days.values().map(|rows| LoadedRows::new(finer, rows).expect("states"));
        let whole = loaded.filter_map(|loaded| loaded.derive(std::slice::from_ref(spec)).ok());
        whole.flat_map(|rollup| states(&rollup)).collect()
    };
    specs.iter().map(of).collect()
}
