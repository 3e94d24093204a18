//! Data sets of real telemetry as batches of the core.

use isofold::batch::Batch;
use isofold::column::{Column, Values};
use isofold::spec::{Named, Spec, SpecSource};
use isofold::time::BucketSource;
use isofold::Rollup;
use isofold_reference::truth::Table;
use std::borrow::Cow;
use std::collections::HashMap;

/// Rows of one batch.
const BATCH_ROWS: usize = 1 << 16;

/// A column name as an expression spells it.
pub fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

/// Some columns of a data set; texts are coded once.
pub struct Telemetry {
    /// The time of each row.
    pub times_us: Vec<i64>,
    /// The columns by name.
    pub columns: Vec<(String, Stored)>,
}

/// One column.
pub enum Stored {
    /// Codes, of which the largest is NULL, and the texts.
    Texts(Vec<u32>, Vec<Cow<'static, str>>),
    /// Values, and which of them are there.
    Integers(Vec<i64>, Vec<bool>),
    /// Bits, and which of them are there.
    Doubles(Vec<u64>, Vec<bool>),
}

impl Telemetry {
    /// The named columns, as text or as numbers; a column of numbers without a fraction is one of integers.
    pub fn new(table: &Table, texts: &[&str], numbers: &[&str]) -> Self {
        let times = table.ints("ts_ns").map(|time| time.expect("a time").div_euclid(1000));
        let text = |name: &&str| (name.to_string(), texts_of(table.texts(name)));
        let number = |name: &&str| (name.to_string(), numbers_of(table, name));
        let columns = texts.iter().map(text).chain(numbers.iter().map(number)).collect();
        Self { times_us: times.collect(), columns }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.times_us.len()
    }

    /// A spec over all columns, with the time `ts`.
    pub fn spec(&self, bucket: BucketSource, keys: &[Named], select: Vec<(String, String)>) -> SpecSource {
        let column = |(name, stored): &(String, Stored)| (name.clone(), stored.type_name().into());
        SpecSource {
            name: "telemetry".into(),
            columns: self.columns.iter().map(column).chain([("ts".into(), "timestamp".into())]).collect(),
            time: "ts".into(),
            bucket,
            group_by: keys.to_vec(),
            filter: None,
            select,
            keep: Vec::new(),
        }
    }

    /// A rollup of all rows.
    pub fn fold(&self, source: &SpecSource) -> Rollup {
        let spec = Spec::compile(source).unwrap_or_else(|error| panic!("{error}"));
        let mut rollup = Rollup::new(spec);
        for start in (0..self.len()).step_by(BATCH_ROWS) {
            let end = (start + BATCH_ROWS).min(self.len());
            let times = Column::new(Values::Timestamp(Cow::Borrowed(&self.times_us[start..end])));
            let batch = self.columns.iter().fold(Batch::new(end - start).with("ts", times), |batch, (name, stored)| {
                batch.with(name.as_str(), stored.column(start, end))
            });
            rollup.ingest(&batch).unwrap_or_else(|error| panic!("{error}"));
        }
        rollup
    }
}

impl Stored {
    fn type_name(&self) -> &'static str {
        match self {
            Stored::Texts(..) => "string",
            Stored::Integers(..) => "int64",
            Stored::Doubles(..) => "float64",
        }
    }

    fn column(&self, start: usize, end: usize) -> Column<'_> {
        match self {
            Stored::Texts(codes, texts) => {
                let present: Vec<bool> = codes[start..end].iter().map(|code| *code != u32::MAX).collect();
                let values = Values::String(Cow::Borrowed(&codes[start..end]), texts.into());
                Column::with_validity(values, present)
            }
            Stored::Integers(values, present) => {
                Column::with_validity(Values::Int64(Cow::Borrowed(&values[start..end])), &present[start..end])
            }
            Stored::Doubles(values, present) => {
                Column::with_validity(Values::Float64(Cow::Borrowed(&values[start..end])), &present[start..end])
            }
        }
    }
}

/// A column of texts.
pub fn texts_of<'t>(cells: impl Iterator<Item = Option<&'t str>>) -> Stored {
    let mut texts: Vec<Cow<'static, str>> = Vec::new();
    let mut known: HashMap<&str, u32> = HashMap::new();
    let codes = cells
        .map(|cell| match cell {
            None => u32::MAX,
            Some(text) => *known.entry(text).or_insert_with(|| {
                texts.push(Cow::Owned(text.to_string()));
                texts.len() as u32 - 1
            }),
        })
        .collect();
    Stored::Texts(codes, texts)
}

fn numbers_of(table: &Table, name: &str) -> Stored {
    let present = table.texts(name).map(|text| text.is_some()).collect();
    let is_integer = |text: Option<&str>| text.is_none_or(|text| text.parse::<i64>().is_ok());
    if table.texts(name).all(is_integer) {
        return Stored::Integers(table.ints(name).map(Option::unwrap_or_default).collect(), present);
    }
    Stored::Doubles(table.floats(name).map(|value| value.unwrap_or_default().to_bits()).collect(), present)
}
