//! A case: specs, batches of rows, and the verbs that are done with them, in order.
//!
//! The one idea: a case says what is done; what must come out is written into each step by running it once in Rust
//! ([`crate::run`]), reviewed, and from then on demanded of every host.
//!
//! Not here: how values are spelled ([`crate::cell`]).

use isofold_facade::json::Json;

/// Rollups are made under this name unless a step says another.
pub const MAIN: &str = "r";

/// A case on its way into a file.
#[derive(Clone, Debug)]
pub struct Case {
    name: String,
    hosts: Vec<&'static str>,
    forms: Vec<&'static str>,
    specs: Vec<(String, Json)>,
    batches: Vec<(String, Json)>,
    steps: Vec<Json>,
}

/// The document that a text of JSON holds.
///
/// # Panics
/// When the text is not JSON.
#[must_use]
#[track_caller]
pub fn json(text: &str) -> Json {
    Json::from_text(text).unwrap_or_else(|error| panic!("{error:?} in {text}"))
}

/// Columns out of rows: names apart by spaces, rows as a JSON array of arrays.
///
/// # Panics
/// When a row has another number of cells than there are names.
#[must_use]
#[track_caller]
pub fn rows(names: &str, rows: &str) -> Json {
    let names: Vec<&str> = names.split(' ').collect();
    let Json::Array(rows) = json(rows) else { panic!("no array of rows") };
    let mut columns: Vec<Vec<Json>> = vec![Vec::new(); names.len()];
    for row in rows {
        let Json::Array(cells) = row else { panic!("no row: {row}") };
        assert_eq!(cells.len(), names.len(), "{cells:?}");
        columns.iter_mut().zip(cells).for_each(|(column, cell)| column.push(cell));
    }
    Json::object(names.into_iter().zip(columns.into_iter().map(Json::Array)))
}

impl Case {
    /// A case with no rollup yet.
    #[must_use]
    pub fn bare(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            hosts: Vec::new(),
            forms: Vec::new(),
            specs: Vec::new(),
            batches: Vec::new(),
            steps: Vec::new(),
        }
    }

    /// A case with an empty rollup `r` of a spec.
    #[must_use]
    #[track_caller]
    pub fn new(name: &str, spec: &str) -> Self {
        Self::bare(name).spec("main", json(spec)).start(MAIN, "main")
    }

    /// The same case for some hosts alone: `rust`, `python`, `javascript`.
    #[must_use]
    pub fn only_in(mut self, hosts: &[&'static str]) -> Self {
        self.hosts = hosts.to_vec();
        self
    }

    /// The same case with batches handed over in some forms alone: `rows`, `columns`, `arrays`.
    #[must_use]
    pub fn only_as(mut self, forms: &[&'static str]) -> Self {
        self.forms = forms.to_vec();
        self
    }

    /// Names a spec; a text stands for JSON text handed over as it is.
    #[must_use]
    pub fn spec(mut self, name: &str, spec: Json) -> Self {
        self.specs.push((name.to_owned(), spec));
        self
    }

    /// Names a batch.
    #[must_use]
    pub fn batch(mut self, name: &str, columns: Json) -> Self {
        self.batches.push((name.to_owned(), columns));
        self
    }

    fn step(mut self, verb: &str, on: &str, rest: &[(&str, Json)]) -> Self {
        let head = [("do", Json::from(verb)), ("on", Json::from(on))];
        self.steps.push(Json::object(head.into_iter().chain(rest.iter().cloned())));
        self
    }

    /// Makes an empty rollup.
    #[must_use]
    pub fn start(self, rollup: &str, spec: &str) -> Self {
        self.step("new", rollup, &[("spec", spec.into())])
    }

    /// Folds a batch in.
    #[must_use]
    pub fn ingest(self, rollup: &str, batch: &str) -> Self {
        self.step("ingest", rollup, &[("batch", batch.into())])
    }

    /// Folds a batch in with options.
    #[must_use]
    pub fn ingest_with(self, rollup: &str, batch: &str, options: &str) -> Self {
        self.step("ingest", rollup, &[("batch", batch.into()), ("options", json(options))])
    }

    /// Merges another rollup in.
    #[must_use]
    pub fn merge(self, rollup: &str, with: &str) -> Self {
        self.step("merge", rollup, &[("with", with.into())])
    }

    /// Merges the bytes of another rollup in.
    #[must_use]
    pub fn merge_bytes(self, rollup: &str, of: &str) -> Self {
        self.step("merge_bytes", rollup, &[("of", of.into())])
    }

    /// Merges bytes in, given in hex.
    #[must_use]
    pub fn merge_hex(self, rollup: &str, bytes: &[u8]) -> Self {
        self.step("merge_bytes", rollup, &[("bytes", Json::Text(hex(bytes)))])
    }

    /// Decodes so many zeros.
    #[must_use]
    pub fn decode_zeros(self, length: i64, into: &str) -> Self {
        self.step("decode", into, &[("bytes", Json::object([("zeros", Json::Int64(length))]))])
    }

    /// Gives the last step a budget of rows, groups and range.
    #[must_use]
    #[track_caller]
    pub fn within(mut self, budget: &str) -> Self {
        let Some(Json::Object(step)) = self.steps.last_mut() else { panic!("no step to give a budget") };
        step.push(("within".to_owned(), json(budget)));
        self
    }

    /// Coarsens into a new rollup.
    #[must_use]
    #[track_caller]
    pub fn coarsen(self, rollup: &str, options: &str, into: &str) -> Self {
        self.step("coarsen", rollup, &[("options", json(options)), ("into", into.into())])
    }

    /// Cuts a range out into a new rollup.
    #[must_use]
    pub fn slice(self, rollup: &str, start: &str, end: &str, into: &str) -> Self {
        self.step("slice", rollup, &[("start", start.into()), ("end", end.into()), ("into", into.into())])
    }

    /// Puts a rollup in the place of a range.
    #[must_use]
    pub fn replace(self, rollup: &str, start: &str, end: &str, with: &str) -> Self {
        self.step("replace", rollup, &[("start", start.into()), ("end", end.into()), ("with", with.into())])
    }

    /// Drops what ends before an instant.
    #[must_use]
    pub fn prune(self, rollup: &str, before: &str) -> Self {
        self.step("prune", rollup, &[("before", before.into())])
    }

    /// Encodes and decodes into a new rollup.
    #[must_use]
    pub fn recode(self, rollup: &str, into: &str) -> Self {
        self.step("recode", rollup, &[("into", into.into())])
    }

    /// Decodes bytes, given in hex.
    #[must_use]
    pub fn decode(self, bytes: &[u8], into: &str) -> Self {
        self.step("decode", into, &[("bytes", Json::Text(hex(bytes)))])
    }

    /// Demands the states of every group, by bucket and key.
    #[must_use]
    pub fn rows(self, rollup: &str) -> Self {
        self.step("rows", rollup, &[])
    }

    /// Reads the rows of a rollup back into a new one.
    #[must_use]
    pub fn from_rows_of(self, rollup: &str, spec: &str, into: &str) -> Self {
        self.step("from_rows", into, &[("spec", spec.into()), ("of", rollup.into())])
    }

    /// Merges the rows of a rollup in.
    #[must_use]
    pub fn merge_rows(self, rollup: &str, of: &str) -> Self {
        self.step("merge_rows", rollup, &[("of", of.into())])
    }

    /// Reads rows into a new rollup: buckets and keys of a batch, states in hex.
    #[must_use]
    pub fn from_rows(self, spec: &str, batch: &str, states: &[Vec<u8>], into: &str) -> Self {
        let states = Json::Array(states.iter().map(|state| Json::Text(hex(state))).collect());
        self.step("from_rows", into, &[("spec", spec.into()), ("batch", batch.into()), ("states", states)])
    }

    /// Demands size, digest, bytes and stats.
    #[must_use]
    pub fn check(self, rollup: &str) -> Self {
        self.step("check", rollup, &[])
    }

    /// Demands the normal form of the spec.
    #[must_use]
    pub fn check_spec(self, rollup: &str) -> Self {
        self.step("check_spec", rollup, &[])
    }

    /// Demands that two rollups have the same bytes.
    #[must_use]
    pub fn same(self, rollup: &str, with: &str) -> Self {
        self.step("same", rollup, &[("with", with.into())])
    }

    /// Demands the answer to a query.
    #[must_use]
    #[track_caller]
    pub fn query(self, rollup: &str, query: &str) -> Self {
        let query = json(query);
        self.step("query", rollup, &[("query", query)])
    }

    /// Two batches in both orders, in one rollup and in two that are merged, come to the same bytes; then the answer.
    #[must_use]
    pub fn folded_both_ways(self, first: &str, second: &str) -> Self {
        self.ingest(MAIN, first)
            .ingest(MAIN, second)
            .check(MAIN)
            .start("other", "main")
            .ingest("other", second)
            .start("part", "main")
            .ingest("part", first)
            .merge("other", "part")
            .same("other", MAIN)
            .recode(MAIN, "copy")
            .same("copy", MAIN)
            .query("copy", "{}")
    }

    /// The case as it stands in a file, without what comes out.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let mut entries = vec![("name", Json::from(self.name.as_str()))];
        let texts = |texts: &[&'static str]| Json::Array(texts.iter().map(|text| Json::from(*text)).collect());
        if !self.hosts.is_empty() {
            entries.push(("hosts", texts(&self.hosts)));
        }
        if !self.forms.is_empty() {
            entries.push(("forms", texts(&self.forms)));
        }
        entries.push(("specs", Json::Object(self.specs.clone())));
        entries.push(("batches", Json::Object(self.batches.clone())));
        entries.push(("steps", Json::Array(self.steps.clone())));
        Json::object(entries)
    }
}

/// Bytes in hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
