//! The types of what states see are part of the schema: what counts ids does not count the same ids as text.

use isofold::bytes::Version;
use isofold::spec::{Spec, SpecSource};
use isofold::time::BucketSource;
use isofold::{Code, Rollup};

/// A rollup of two columns, of which `x` has a type.
fn source(data_type: &str, call: &str) -> SpecSource {
    let pair = |name: &str, text: &str| (name.to_string(), text.to_string());
    SpecSource {
        name: "typed".into(),
        columns: vec![pair("t", "timestamp"), pair("x", data_type), pair("y", "float64")],
        time: "t".into(),
        bucket: BucketSource { width: "1 hour".into(), ..BucketSource::default() },
        group_by: Vec::new(),
        filter: None,
        select: vec![pair("m", call)],
        keep: Vec::new(),
    }
}

fn spec(data_type: &str, call: &str) -> Spec {
    Spec::compile(&source(data_type, call)).unwrap_or_else(|error| panic!("{call} of {data_type}: {error}"))
}

const TYPES: [&str; 7] = ["bool", "int64", "float64", "timestamp", "string", "decimal(2)", "decimal(4)"];

/// Calls that take every type, with the types that a refusal names.
const CALLS: [(&str, &str); 6] = [
    ("approx_count_distinct(x)", "distinct[12](x) of {}"),
    ("count(x)", "count(x) of {}"),
    ("mode(x)", "value_counts[{}, 1000](x) of {}"),
    ("min(x)", "min[{}](x) of {}"),
    ("last(y, x)", "last[float64, {}](y, x) of float64 by {}"),
    ("count(x) filter (where y > 1)", "count(x) filter (where y > 1) of {}"),
];

#[test]
fn states_of_inputs_of_two_types_do_not_merge_and_the_refusal_names_both() {
    for (call, words) in CALLS {
        for a in TYPES {
            for b in TYPES {
                let (ours, theirs) = (spec(a, call), spec(b, call));
                let merged = Rollup::new(ours.clone()).merge(&Rollup::new(theirs.clone()));
                assert_eq!(ours.fingerprint() == theirs.fingerprint(), a == b, "{call}");
                let Err(error) = merged else {
                    assert_eq!(a, b, "{call} of {a} and {b}");
                    continue;
                };
                assert_eq!(error.code(), Code::MergeSchema);
                for data_type in [a, b] {
                    let words = words.replace("{}", data_type);
                    // the count of NaNs is what differs first where one is a double
                    let differs = error.message().contains(&words) || a == "float64" || b == "float64";
                    assert!(differs, "{call} of {a} and {b}: {error}");
                }
            }
        }
    }
}

#[test]
fn a_coarser_rollup_does_not_follow_from_states_of_another_type() {
    let (ids, texts) = (spec("int64", "approx_count_distinct(x)"), spec("string", "approx_count_distinct(x)"));
    let lacking = ids.derivation(&texts).expect("one time").lacking().expect("other ids");
    assert_eq!(ids.state_in_words(lacking), "distinct[12](x) of int64");
    let error = Rollup::new(texts).derive(&ids).expect_err("other ids");
    assert_eq!(error.code(), Code::MergeSchema);
    assert!(error.message().ends_with("does not keep distinct[12](x) of int64"), "{error}");
    assert_eq!(ids.derivation(&ids).expect("itself").lacking(), None);
}

#[test]
fn a_key_of_another_type_is_named_with_both() {
    let keyed = |data_type: &str| {
        let mut source = source(data_type, "count(*)");
        source.group_by = vec![isofold::spec::Named { name: None, expression: "x".into() }];
        Spec::compile(&source).expect("a spec")
    };
    let error = keyed("int64").derivation(&keyed("string")).expect_err("other keys");
    assert_eq!(error.message(), "the key x is x of int64 here, x of string there");
}

#[test]
fn version_1_did_not_tell_types() {
    let (ids, texts) = (spec("int64", "approx_count_distinct(x)"), spec("string", "approx_count_distinct(x)"));
    assert_eq!(ids.fingerprint_in(Version::V1), texts.fingerprint_in(Version::V1));
    assert_ne!(ids.fingerprint_in(Version::V2), texts.fingerprint_in(Version::V2));
    assert_eq!(ids.fingerprint_in(Version::CURRENT), ids.fingerprint());
}
