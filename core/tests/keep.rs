//! States that no metric shows, and those that follow from a finer rollup whose key tells which rows they see.

mod support {
    pub mod everything;
    pub mod rows;
    pub mod sealed;
}

use isofold::query::{query_parts, BucketChoice, Part, QuerySource};
use isofold::spec::{Named, Spec, SpecSource};
use isofold::{Code, Rollup};
use isofold_reference::generate::Generator;
use isofold_reference::Row;
use support::everything::everything;
use support::rows::fold;
use support::sealed::sealed;

fn keys(names: &[&str]) -> Vec<Named> {
    names.iter().map(|&name| Named { name: None, expression: name.into() }).collect()
}

fn kept(keep: &[&str]) -> SpecSource {
    SpecSource {
        select: vec![("requests".into(), "count(*)".into())],
        keep: keep.iter().map(|&text| text.into()).collect(),
        ..everything("1 hour", None)
    }
}

fn some_rows(seed: u64, count: usize) -> Vec<Row> {
    let mut generator = Generator::new(seed);
    let shape = generator.shape();
    (0..count).map(|_| generator.row(&shape)).collect()
}

/// Every aggregate of a spec that sees all rows, seeing those that a condition is true of.
fn filtered(source: &SpecSource, condition: &str) -> Vec<(String, String)> {
    let names: Vec<&str> = source.select.iter().map(|(name, _)| name.as_str()).collect();
    let is_plain = |text: &str| !text.contains("filter") && !names.iter().any(|name| text.contains(name));
    let filter = |text: &str| {
        // the argument of an accessor is the aggregate
        let at = text.rfind(" / ").unwrap_or(text.len());
        let (call, rest) = text.split_at(at);
        let inner = ["percentile_agg(", "value_counts("].iter().filter_map(|name| call.find(name)).find(|&at| at > 0);
        let end = inner.map_or(call.len(), |at| at + call[at..].find(')').map_or(0, |end| end + 1));
        format!("{} filter (where {condition}){}{rest}", &call[..end], &call[end..])
    };
    let plain = source.select.iter().filter(|(_, text)| is_plain(text));
    plain.map(|(name, text)| (name.clone(), filter(text))).collect()
}

#[test]
fn what_is_kept_has_one_spelling_and_no_column() {
    let source = kept(&["percentile_agg( value )", "avg(tokens)", "percentile_agg(value)"]);
    let spec = Spec::compile(&source).expect("a spec");
    assert_eq!(spec.keep(), ["avg(tokens)", "percentile_agg(value)"]);
    assert_eq!(Spec::compile(&spec.source()).expect("the same").source(), spec.source());
    let metrics: Vec<&str> = spec.metrics().iter().map(|metric| metric.name()).collect();
    assert_eq!(metrics, ["requests"]);

    let shown = SpecSource {
        select: [("requests", "count(*)"), ("p", "median(value)"), ("mean", "avg(tokens)")]
            .map(|(name, text)| (name.into(), text.into()))
            .to_vec(),
        keep: Vec::new(),
        ..source
    };
    assert_eq!(Spec::compile(&shown).expect("a spec").fingerprint(), spec.fingerprint());
}

#[test]
fn bytes_tell_what_is_kept() {
    let source =
        kept(&["tdigest(value)", "value_counts(model, 7)", "approx_count_distinct(model) filter (where success)"]);
    let rollup = fold(&source, &some_rows(3, 200), 64);
    let back = Rollup::decode(&rollup.encode()).expect("canonical");
    assert_eq!((back.encode(), back.spec().source()), (rollup.encode(), rollup.spec().source()));
    assert_eq!(back.spec().keep().len(), 3);

    let rollup = fold(&kept(&[]), &[], 1);
    let (mut bytes, filter) = (rollup.encode(), rollup.spec().filter().expect("a condition").text().to_owned());
    let at = bytes.windows(filter.len()).position(|part| part == filter.as_bytes()).expect("the condition") - 2;
    assert_eq!(bytes[at], 1);
    bytes.truncate(bytes.len() - 8);
    bytes[at] = 3;
    assert!(Rollup::decode(&sealed(bytes.clone())).is_err(), "what follows is no list of states");
    bytes[at] = 5;
    assert_eq!(Rollup::decode(&sealed(bytes)).map_err(|error| error.code()).err(), Some(Code::DecodeInvalid));
}

#[test]
fn queries_and_coarser_rollups_read_what_is_kept() {
    let rows = some_rows(5, 400);
    let fine = fold(&kept(&["percentile_agg(value)", "sum(tokens)"]), &rows, 64);
    let shown = SpecSource {
        group_by: keys(&["model"]),
        select: [("p95", "approx_percentile(0.95, percentile_agg(value))"), ("tokens", "sum(tokens)")]
            .map(|(name, text)| (name.into(), text.into()))
            .to_vec(),
        ..everything("1 day", None)
    };
    let coarse = fold(&shown, &rows, 64);
    assert_eq!(fine.derive(coarse.spec()).expect("it follows").encode(), coarse.encode());

    let query = |select: Vec<Named>| QuerySource {
        select: Some(select),
        bucket: BucketChoice::Whole,
        group_by: Some(keys(&["model"])),
        ..QuerySource::default()
    };
    let named = |(name, text): &(String, String)| Named { name: Some(name.clone()), expression: text.clone() };
    let ad_hoc = fine.query(&query(shown.select.iter().map(named).collect())).expect("both are kept");
    let stored = coarse.query(&query(keys(&["p95", "tokens"]))).expect("both are shown");
    for name in ["model", "p95", "tokens"] {
        assert_eq!(ad_hoc.column(name).map(|it| it.values()), stored.column(name).map(|it| it.values()), "{name}");
    }
}

#[test]
fn what_is_no_state_is_not_kept() {
    for (keep, code) in [
        ("sum(value) / 2", Code::ExprArguments),
        ("value", Code::ExprArguments),
        ("requests", Code::ExprArguments),
        ("approx_percentile(0.5, percentile_agg(value))", Code::ExprArguments),
        ("abs(1)", Code::ExprArguments),
        ("sum(model)", Code::ExprType),
        ("sum(nothing)", Code::ExprUnknownName),
        ("percentile_agg(", Code::ExprSyntax),
    ] {
        let error = Spec::compile(&kept(&["sum(value)", keep])).expect_err(keep);
        assert_eq!((error.code(), error.path()), (code, "spec.keep[1]"), "{keep}");
    }
    let many: Vec<String> = (0..257).map(|at| format!("sum(value + {at})")).collect();
    let error = Spec::compile(&kept(&many.iter().map(String::as_str).collect::<Vec<_>>())).expect_err("too many");
    assert_eq!((error.code(), error.path()), (Code::LimitStates, "spec.keep"));
}

#[test]
fn a_state_of_some_rows_follows_from_one_of_all_where_keys_tell_which() {
    for (seed, condition) in [
        "success",
        "not success or provider is null",
        "provider = 'provider-1' and success is not true",
        "coalesce(success, false) and length(provider) > 2",
    ]
    .into_iter()
    .enumerate()
    {
        let rows = some_rows(seed as u64 + 11, 500);
        let fine = SpecSource { group_by: keys(&["provider", "model", "success"]), ..everything("1 hour", None) };
        let select = filtered(&fine, condition);
        assert!(select.len() > 50, "{}", select.len());
        let coarse = SpecSource { group_by: keys(&["model"]), select, ..everything("1 day", None) };
        let (fine, coarse) = (fold(&fine, &rows, 64), fold(&coarse, &rows, 64));
        let derived = fine.derive(coarse.spec()).expect("it follows");
        assert_eq!(derived.encode(), coarse.encode(), "{condition}");

        // and as parts of a query
        let query = QuerySource { bucket: BucketChoice::Whole, ..QuerySource::default() };
        let parts = vec![Part { rollup: &fine, from: None }];
        let of_fine = query_parts(coarse.spec(), parts, &query).expect("it follows");
        assert_eq!(format!("{:?}", of_fine), format!("{:?}", coarse.query(&query).expect("a query")), "{condition}");
    }
}

#[test]
fn a_condition_over_what_is_no_key_follows_from_nothing() {
    let rows = some_rows(1, 50);
    let select = |text: &str| vec![("n".to_owned(), text.to_owned())];
    let coarse =
        |text: &str| SpecSource { group_by: keys(&["model"]), select: select(text), ..everything("1 day", None) };
    let mut fine = everything("1 hour", None);
    fine.select = select("count(*)");
    // another expression under the name of a column is no key that tells it
    fine.group_by.push(Named { name: Some("success".into()), expression: "tokens > 3".into() });
    let fine = fold(&fine, &rows, 64);
    for text in [
        "count(*) filter (where success)",
        "count(*) filter (where tokens > 3)",
        "sum(tokens) filter (where model = 'a')",
    ] {
        let error = fine.derive(&Spec::compile(&coarse(text)).expect(text)).expect_err(text);
        assert_eq!(error.code(), Code::MergeSchema, "{text}");
    }
    let by_model = coarse("count(*) filter (where model = 'a' or provider is null)");
    assert_eq!(
        fine.derive(&Spec::compile(&by_model).expect("a spec")).expect("both are keys").encode(),
        fold(&by_model, &rows, 64).encode()
    );
}
