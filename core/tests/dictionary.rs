//! Batches that share a dictionary fold as batches with texts of their own.

use isofold::batch::Batch;
use isofold::column::{Column, Dictionary, Values};
use isofold::limits::{MAX_KEY_BYTES, MAX_STATE_TEXT_BYTES, MAX_TEXT_BYTES};
use isofold::spec::{Named, Spec, SpecSource};
use isofold::time::BucketSource;
use isofold::{Code, Rollup};
use proptest::prelude::*;
use std::borrow::Cow;
use std::thread::scope;

fn spec(select: &[(&str, &str)], key: Option<&str>) -> Spec {
    let pairs = |pairs: &[(&str, &str)]| pairs.iter().map(|&(name, text)| (name.into(), text.into())).collect();
    Spec::compile(&SpecSource {
        name: "shared".into(),
        columns: pairs(&[("ts", "timestamp"), ("who", "string"), ("wanted", "bool")]),
        time: "ts".into(),
        bucket: BucketSource { width: "1 hour".into(), ..BucketSource::default() },
        group_by: key.map(|key| Named { name: None, expression: key.into() }).into_iter().collect(),
        filter: Some("wanted".into()),
        select: pairs(select),
        keep: Vec::new(),
    })
    .expect("the spec is right")
}

const SELECT: [(&str, &str); 5] = [
    ("people", "approx_count_distinct(who)"),
    ("loud_people", "approx_count_distinct(upper(who))"),
    ("often", "mode(who)"),
    ("last_who", "last(who, ts)"),
    ("first_name", "min(who)"),
];

/// A code, and whether the row has a value and is kept.
type Row = (u32, bool, bool);

fn batch<'a>(rows: &[Row], texts: &Dictionary<'a>) -> Batch<'a> {
    let codes = rows.iter().map(|row| row.0).collect();
    let valid: Vec<bool> = rows.iter().map(|row| row.1).collect();
    Batch::new(rows.len())
        .with("ts", Column::new(Values::Timestamp((0..rows.len() as i64).collect())))
        .with("who", Column::with_validity(Values::String(codes, texts.clone()), valid))
        .with("wanted", Column::new(Values::Bool(rows.iter().map(|row| row.2).collect())))
}

fn text() -> impl Strategy<Value = String> {
    let long = [MAX_KEY_BYTES, MAX_STATE_TEXT_BYTES, MAX_TEXT_BYTES].map(|bytes| "x".repeat(bytes + 1));
    prop_oneof![60 => "[a-d]{0,3}", 1 => proptest::sample::select(long.to_vec())]
}

fn batches() -> impl Strategy<Value = (Vec<String>, Vec<Vec<Row>>)> {
    proptest::collection::vec(text(), 1..40).prop_flat_map(|texts| {
        let row = (0..texts.len() as u32, any::<bool>(), any::<bool>());
        (Just(texts), proptest::collection::vec(proptest::collection::vec(row, 0..60), 1..5))
    })
}

proptest! {
    #[test]
    fn sharing_a_dictionary_changes_neither_bytes_nor_errors((texts, batches) in batches(), by_who: bool) {
        let key = if by_who { "who" } else { "length(who) > 1" };
        let spec = spec(&SELECT, Some(key));
        let (mut sharing, mut apart) = (Rollup::new(spec.clone()), Rollup::new(spec));
        let own = || texts.iter().map(|text| Cow::Owned(text.clone())).collect::<Dictionary<'static>>();
        let shared = own();
        for rows in &batches {
            let found = sharing.ingest(&batch(rows, &shared)).map_err(|error| error.to_string());
            let expected = apart.ingest(&batch(rows, &own())).map_err(|error| error.to_string());
            prop_assert_eq!(found, expected);
        }
        prop_assert_eq!(sharing.encode(), apart.encode());
    }
}

#[test]
fn a_shared_text_that_is_too_long_is_refused_where_a_kept_row_holds_it() {
    let cases = [
        (MAX_TEXT_BYTES, spec(&[("n", "count(*)")], None)),
        (MAX_STATE_TEXT_BYTES, spec(&[("last_who", "last(who, ts)")], None)),
        (MAX_KEY_BYTES, spec(&[("n", "count(*)")], Some("who"))),
    ];
    for (most, spec) in cases {
        let texts = Dictionary::from(vec!["short".into(), "x".repeat(most + 1).into()]);
        let mut rollup = Rollup::new(spec);
        assert_eq!(rollup.ingest(&batch(&[(0, true, true), (1, false, true)], &texts)), Ok(2), "{most}");
        let before = rollup.encode();
        let refused = rollup.ingest(&batch(&[(0, true, true), (1, true, true)], &texts)).expect_err("too long");
        assert_eq!((refused.code(), rollup.encode()), (Code::IngestText, before), "{most}");
        if most != MAX_TEXT_BYTES {
            assert_eq!(rollup.ingest(&batch(&[(0, true, true), (1, true, false)], &texts)), Ok(1), "{most}");
        }
    }
}

#[test]
fn threads_that_share_a_dictionary_count_the_same_texts() {
    let names: Vec<Cow<'_, str>> = (0..5000).map(|name| Cow::Owned(format!("user-{name}"))).collect();
    let texts = Dictionary::from(&names);
    let spec = spec(&SELECT[..1], None);
    let fold = |first: u32| {
        let mut rollup = Rollup::new(spec.clone());
        // fewer rows than texts, and then more
        for count in [700, 9000] {
            let rows: Vec<Row> = (0..count).map(|row| ((first + row * 7) % 5000, true, true)).collect();
            rollup.ingest(&batch(&rows, &texts)).expect("good rows");
        }
        rollup.digest()
    };
    let alone: Vec<String> = (0..4).map(|thread| fold(thread * 11)).collect();
    let together: Vec<String> = scope(|scope| {
        let threads: Vec<_> = (0..4).map(|thread| scope.spawn(move || fold(thread * 11))).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    assert_eq!(together, alone);
}
