//! Every refusal of a reader, by its words: bytes that draw it, and a look into the sources for one that none draws.

mod support {
    pub mod sealed;
}

use isofold::bytes::{Reader, Version, Writer};
use isofold::codec::StoredGroup;
use isofold::column::{Column, Values};
use isofold::spec::{Named, Spec, SpecSource};
use isofold::state::{Edge, Extreme, Rows, StateColumn, StateKind};
use isofold::time::BucketSource;
use isofold::value::Type;
use isofold::{Error, Rollup, Value};
use std::fs;
use std::path::Path;
use support::sealed::sealed;

/// Start of a bucket, in µs.
const HOUR: i64 = 3_600_000_000;
/// More than all rows.
const MANY: u64 = 1 << 62;

/// What was refused, and the words that it was to be refused with.
type Refusal = (Error, &'static str);

fn source() -> SpecSource {
    let pair = |name: &str, text: &str| (name.to_string(), text.to_string());
    SpecSource {
        name: "r".into(),
        columns: vec![pair("k", "int64"), pair("ts", "timestamp")],
        time: "ts".into(),
        bucket: BucketSource { width: "1 hour".into(), ..BucketSource::default() },
        group_by: vec![Named { name: None, expression: "k".into() }],
        filter: None,
        select: vec![pair("n", "count(*)")],
        keep: Vec::new(),
    }
}

fn spec() -> Spec {
    Spec::compile(&source()).expect("a spec")
}

fn decoded(bytes: &[u8], words: &'static str) -> Refusal {
    (Rollup::decode(bytes).err().unwrap_or_else(|| panic!("not refused: {words}")), words)
}

/// Groups that bytes tell of behind a good header: buckets, the key, the rows.
fn of_groups() -> Vec<Refusal> {
    let empty = Rollup::new(spec()).encode();
    // without its checksum, its number of buckets and that of the values of its key: 0
    let header = &empty[..empty.len() - 10];
    let case = |words: &'static str, write: &dyn Fn(&mut Writer)| {
        let mut out = Writer::new();
        out.raw(header);
        write(&mut out);
        decoded(&sealed(out.into_bytes()), words)
    };
    // one bucket of so many groups, the values of the key, the place of each group, its rows
    let groups = |values: &[i64], places: &[u64], rows: &[u64]| {
        let mut out = Writer::new();
        out.varint(1);
        out.zigzag(HOUR);
        out.varint(places.len() as u64);
        out.varint(values.len() as u64);
        values.iter().for_each(|&value| out.zigzag(value));
        places.iter().chain(rows).for_each(|&number| out.varint(number));
        out.into_bytes()
    };
    let group_case = |words, values: &[i64], places: &[u64], rows: &[u64]| {
        case(words, &|out| out.raw(&groups(values, places, rows)))
    };
    let bucket = |start: i64| {
        move |out: &mut Writer| {
            out.varint(1);
            out.zigzag(start);
            out.raw(&[1, 0, 0, 1]);
        }
    };
    let good = [header, &groups(&[4, 5], &[0, 1], &[1, 1])].concat();
    assert!(Rollup::decode(&sealed(good)).is_ok(), "groups as they should be");
    vec![
        case("a bucket stands twice", &|out| {
            out.varint(2);
            out.zigzag(HOUR);
            out.raw(&[1, 0, 1, 0, 0, 0, 1, 1]);
        }),
        case("a bucket lies outside the supported times", &bucket(i64::MAX)),
        case("a bucket lies outside the supported times", &bucket(i64::MIN)),
        case("a bucket does not start on an edge", &bucket(HOUR + 1)),
        case("a bucket has no groups", &|out| {
            out.varint(1);
            out.zigzag(HOUR);
            out.raw(&[0, 0, 0, 0]);
        }),
        group_case("the values of a key do not rise", &[5, 5], &[0, 1], &[1, 1]),
        group_case("the values of a key do not rise", &[5, 4], &[0, 1], &[1, 1]),
        group_case("the place of a key's value must be at most 1, got 2", &[5], &[2], &[1]),
        group_case("a value of a key is in no group", &[4, 5], &[0], &[1]),
        group_case("a value of a key is in no group", &[4, 5], &[1, 2], &[1, 1]),
        group_case("the groups of a bucket do not rise", &[4], &[0, 0], &[1, 1]),
        group_case("the groups of a bucket do not rise", &[4, 5], &[1, 0], &[1, 1]),
        group_case("a group has no rows", &[4], &[0], &[0]),
        group_case("bytes follow the last state", &[4], &[0], &[1, 1]),
        group_case("bytes wanted at byte", &[4], &[0], &[]),
        case("items announced at byte", &|out| out.varint(9)),
        case("a varint is not minimal", &|out| out.raw(&[0x81, 0])),
        case("a varint is not minimal", &|out| out.raw(&[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0])),
        case("a varint passes 64 bits", &|out| out.raw(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2])),
    ]
}

/// The frame around all of it.
fn of_frames() -> Vec<Refusal> {
    let bytes = Rollup::new(spec()).encode();
    let mut version = bytes.clone();
    version[4] = 99;
    let mut flipped = bytes.clone();
    flipped[9] ^= 1;
    vec![
        decoded(b"nothing of the kind", "the bytes do not begin as an encoded rollup does"),
        decoded(&version, "this release reads format versions 1 to 2, the bytes have 99"),
        decoded(&bytes[..9], "the bytes end before their checksum"),
        decoded(&flipped, "the checksum does not hold: the bytes are damaged or cut off"),
    ]
}

/// Headers, written part by part.
fn of_headers() -> Vec<Refusal> {
    let bytes = Rollup::new(spec()).encode();
    let case = |words: &'static str, from: &[u8], to: &[u8]| {
        let at = bytes.windows(from.len()).position(|part| part == from).expect("a part of the header");
        let changed = [&bytes[..at], to, &bytes[at + from.len()..bytes.len() - 8]].concat();
        decoded(&sealed(changed), words)
    };
    let columns = b"\x02\x01k\x05int64\x02ts\x09timestamp\x01";
    vec![
        case("a text is not UTF-8", b"\x01r\x02", b"\x01\xff\x02"),
        case("a length must be at most 255, got 256", b"\x01r\x02", b"\x80\x02r\x02"),
        case("a spec without columns", columns, b"\x00\x00"),
        case("the index of the time must be at most 1, got 2", columns, b"\x02\x01k\x05int64\x02ts\x09timestamp\x02"),
        case("a count in the spec must be at most 1024, got 1025", columns, b"\x81\x08"),
        case("the bucket has a flag that no bucket has", b"\x061 hour\x00", b"\x061 hour\x08"),
        case("the spec has a flag that no spec has", b"\x01k\x01k\x00", b"\x01k\x01k\x04"),
        case(
            "the spec says that it keeps states, and names none",
            b"\x01k\x01k\x00\x01\x01n\x08count(*)",
            b"\x01k\x01k\x02\x01\x01n\x08count(*)\x00",
        ),
        case("the spec is not in its normal form", b"\x08count(*)", b"\x09count( *)"),
        case("the spec in the bytes is refused: ", b"\x08count(*)", b"\x08count(-)"),
        // an input more than the spec has
        case("the states are not those of the spec", b"\x02\x00\x00\x01\x00\x00\x00", b"\x02\x01\x00\x01\x00\x00\x00"),
    ]
}

fn of_records() -> Vec<Refusal> {
    let rollup = |rows: i64| {
        let mut rollup = Rollup::new(spec());
        let batch = isofold::batch::Batch::new(1)
            .with("k", Column::new(Values::Int64(vec![rows].into())))
            .with("ts", Column::new(Values::Timestamp(vec![HOUR].into())));
        rollup.ingest(&batch).expect("a row");
        rollup
    };
    let record = rollup(4).records().remove(0);
    let case = |words: &'static str, times: usize, bucket: i64, keys: &[Value], record: &[u8]| {
        let stored = std::iter::repeat_n(StoredGroup { bucket, keys, record }, times);
        (Rollup::from_records(spec(), stored).err().unwrap_or_else(|| panic!("not refused: {words}")), words)
    };
    // the record with other states under a checksum that holds
    let with = |states: &[u8]| {
        let mut place = Writer::new();
        place.zigzag(HOUR);
        place.raw(&[1, 8]);
        place.raw(&record[..9]);
        place.raw(states);
        let checksum = twox_hash::XxHash64::oneshot(1, place.as_slice());
        [&record[..9], states, &checksum.to_le_bytes()].concat()
    };
    let key = [Value::Int64(4)];
    assert_eq!(with(&[1]), record);
    let mut version = record.clone();
    version[0] = 99;
    vec![
        case("this release reads record versions 1 to 2, the bytes have 99", 1, HOUR, &key, &version),
        case("the record ends before its checksum", 1, HOUR, &key, &record[..12]),
        case("the checksum does not hold: the states are damaged", 1, HOUR, &[Value::Null], &record),
        case("a bucket does not start on an edge", 1, HOUR + 1, &key, &record),
        case("a group has another number of keys than the spec", 1, HOUR, &[], &record),
        case("the key k is int64, got a value of another type", 1, HOUR, &[Value::Bool(true)], &record),
        case("a group stands twice", 2, HOUR, &key, &record),
        case("a group has no rows", 1, HOUR, &key, &with(&[0])),
        case("1 bytes follow the last state", 1, HOUR, &key, &with(&[1, 0])),
    ]
}

const MIN_FLOAT: StateKind = StateKind::Extremum(Extreme::Min, Type::Float64);
const MIN_BOOL: StateKind = StateKind::Extremum(Extreme::Min, Type::Bool);
const MIN_TIME: StateKind = StateKind::Extremum(Extreme::Min, Type::Timestamp);
const MIN_TEXT: StateKind = StateKind::Extremum(Extreme::Min, Type::String);
const COUNTS: StateKind = StateKind::ValueCounts(Type::Int64, 2);
const FIRST: StateKind = StateKind::Edge(Edge::First, Type::Int64, Type::Timestamp);
const SAMPLE: StateKind = StateKind::Exemplar(Type::Int64, 2);

/// A state, its bytes in hex, the rows of its group, the words.
const STATES: &[(StateKind, &str, u64, &str)] = &[
    (StateKind::Count, "02", 1, "a count must be at most 1, got 2"),
    (StateKind::SumFloat, "01", 0, "a sum has more terms than its rows"),
    (StateKind::SumFloat, "0800", 0, "a sum is longer than its rows can make it"),
    (StateKind::SumFloat, "10fc0100d60120f2905f", 1, "a sum starts with a zero byte"),
    (StateKind::SumFloat, "04", 1, "a zero sum has a sign"),
    (StateKind::SumFloat, "08867f04", 1, "the place of a sum must be at most"),
    (StateKind::SumInt, "01", 1, "a zero sum has a sign"),
    (StateKind::SumInt, "0200", 1, "a sum ends with a zero byte"),
    (StateKind::SumInt, "22", 1, "the header of an integer must be at most 33, got 34"),
    (StateKind::SumInt, "050001", 0, "a sum is larger than its rows can make it"),
    (StateKind::SumSquaresInt, "0209", 0, "a sum of squares is negative or larger than its rows can make it"),
    (StateKind::SumSquaresInt, "0309", 1, "a sum of squares is negative or larger than its rows can make it"),
    (StateKind::SumSquaresFloat, "018c0224", 1, "a sum of squares has a sign or infinities"),
    (MIN_FLOAT, "01", 0, "a minimum or maximum is absent or, of at least one row, present"),
    (MIN_FLOAT, "02", 1, "a minimum or maximum is absent or, of at least one row, present"),
    (MIN_FLOAT, "01010000000000f07f", 1, "a float64 is NaN or −0.0"),
    (MIN_FLOAT, "010000000000000080", 1, "a float64 is NaN or −0.0"),
    (MIN_BOOL, "0102", 1, "a bool is 0 or 1"),
    (MIN_TIME, "01ffffffffffffffffff01", 1, "a time lies outside the supported range"),
    (MIN_TEXT, "0101c3", 1, "a text is not UTF-8"),
    (MIN_TEXT, "018120", 1, "a length must be at most 4096, got 4097"),
    (StateKind::Distinct(4), "02", 1, "a distinct count needs more rows than there are"),
    (StateKind::Distinct(4), "8302", MANY, "the form of a distinct count must be at most 258, got 259"),
    (StateKind::Distinct(4), "0201000000000000000100000000000000", 2, "the hashes of a distinct count do not ascend"),
    (StateKind::Distinct(4), "8202400106cf9c5446890f", 400, "a register has a rank that no hash brings"),
    (StateKind::Distinct(4), "82020401062a9c5446890f", 400, "registers are spelled longer than needed"),
    (StateKind::Distinct(4), "8202040006cf9c5446890f", 400, "the codes of registers do not end with their last byte"),
    (StateKind::Distinct(4), "8202040406cf9c5446890f", 400, "the order of the codes is too large"),
    (StateKind::Distinct(4), "81020000", 400, "the codes of registers end early"),
    (StateKind::Distinct(4), "8102100130", 400, "the registers above zero after the first must be at most 15, got 16"),
    (StateKind::Distinct(4), "8102000160", 400, "a register is past the last"),
    (StateKind::Distinct(4), "81020f04ffffffff", 400, "registers are sparse where dense is shorter"),
    (StateKind::Distinct(4), "8202000002ffff", 400, "all registers are zero"),
    (COUNTS, "010100", MANY, "a value occurs never"),
    (COUNTS, "0201060101", MANY, "values are not in ascending order"),
    (COUNTS, "0201010101", MANY, "values are not in ascending order"),
    (COUNTS, "03020201060101", MANY, "values must be at most 2, got 3"),
    (COUNTS, "00020100", 2, "values were dropped below the limit"),
    (COUNTS, "01020200", 1, "the count of a value must be at most 1, got 2"),
    (COUNTS, "00020100", 1, "the rows of other values must be at most 1, got 2"),
    (FIRST, "010000", 0, "a first or last row is absent or, of at least one row, present"),
    (FIRST, "020000", 1, "a first or last row is absent or, of at least one row, present"),
    (SAMPLE, "0201020204", 2, "exemplars are not in the order of their hashes"),
    (SAMPLE, "0201020102", 2, "exemplars are not in the order of their hashes"),
    (SAMPLE, "03010202040206", 9, "exemplars must be at most 2, got 3"),
    (SAMPLE, "01ffffffffffffffffff0102", 9, "the time of an exemplar is outside the supported range"),
    (StateKind::Bools, "03", 1, "truth values must be 0 to 3 and no more than the rows"),
    (StateKind::Bools, "04", 9, "truth values must be 0 to 3 and no more than the rows"),
    (StateKind::TDigest(3), "0200", 1, "the rows of −∞ must be at most 1, got 2"),
    (StateKind::TDigest(3), "010200", 2, "the rows of +∞ must be at most 1, got 2"),
    (
        StateKind::TDigest(3),
        "000001000000000000f07f000000000000f07f000000000000f03f01",
        1,
        "a double of a t-digest must be finite",
    ),
    (
        StateKind::TDigest(3),
        "000001000000000000f03f000000000000f03f000000000000f03f00",
        1,
        "a weight must be an integer above 0",
    ),
    (
        StateKind::TDigest(3),
        "000001000000000000f03f000000000000f03f000000000000f03f02",
        1,
        "the weight of a centroid must be at most 1",
    ),
    (
        StateKind::TDigest(3),
        "000001000000000000f03f0000000000000040000000000000084001",
        1,
        "centroids are not ascending",
    ),
];

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex")).collect()
}

fn of_states() -> Vec<Refusal> {
    let read = |kind: StateKind, bytes: &[u8], rows: u64, words: &'static str| {
        let error = StateColumn::new(kind).read(&mut Reader::new(bytes), rows);
        (error.err().unwrap_or_else(|| panic!("{kind:?} is not refused: {words}")), words)
    };
    let mut refusals: Vec<Refusal> =
        STATES.iter().map(|&(kind, bytes, rows, words)| read(kind, &hex(bytes), rows, words)).collect();
    let centroids = [&[0, 0, 4][..], &[0; 64]].concat();
    refusals.push(read(StateKind::TDigest(3), &centroids, 9, "centroids must be at most 3, got 4"));
    // 400 integers set more registers than the 257 rows that registers need
    let integers: Vec<i64> = (0..400).collect();
    let mut many = StateColumn::new(StateKind::Distinct(12));
    many.grow(1);
    many.update(&Rows::new(&[0; 400], None), Some(&Column::new(Values::Int64(integers.into()))), None, &[0; 400]);
    let mut out = Writer::new();
    many.write(0, &mut out);
    refusals.push(read(StateKind::Distinct(12), out.as_slice(), 257, "more registers are set than there are rows"));
    refusals
}

/// Histograms in version 1, which has no grain.
const HISTOGRAMS: &[(u8, &str, u64, &str)] = &[
    (6, "100001", 9, "a count of a histogram is 0"),
    (6, "1002", 1, "a count of a histogram must be at most 1, got 2"),
    (6, "800001000101", 0, "a histogram counts more rows than there are"),
    (6, "0a0101", 9, "a histogram is coarser than any rows make it"),
    (6, "81000100010101", 9, "a histogram is coarser than its rows make it"),
    (7, "810081e410000101", 9, "no double falls into a bucket of a histogram"),
    (6, "808008000101", 9, "the buckets of a histogram after the first must be at most 1023, got 1024"),
    (6, "800001000103", 9, "the codes of a histogram do not end with their last byte"),
    (6, "800101000101", 9, "the codes of a histogram end early"),
    (6, "800001010101", 9, "the codes of a histogram have another order"),
    (6, "800001400101", 9, "the order of the codes is too large"),
];

/// Histograms in version 2: a value 1.0 whose grain is said to be something else.
const GRAINS: &[(u8, &str, u64, &str)] = &[
    (6, "80800001000101", 1, "a grain has no exponent"),
    (6, "80410001000101", 1, "the values of a histogram cannot have its grain"),
];

fn of_histograms() -> Vec<Refusal> {
    let read = |version, &(scale, bytes, rows, words): &(u8, &str, u64, &'static str)| {
        let bytes = hex(bytes);
        let mut reader = Reader::new(&bytes).of_version(version);
        let read = StateColumn::new(StateKind::Histogram(scale)).read(&mut reader, rows);
        (read.err().unwrap_or_else(|| panic!("not refused: {words}")), words)
    };
    let first = HISTOGRAMS.iter().map(|case| read(Version::V1, case));
    first.chain(GRAINS.iter().map(|case| read(Version::V2, case))).collect()
}

/// Decimals in version 1, and units whose grain has too many fives.
fn of_decimals() -> Vec<Refusal> {
    let mut source = source();
    source.columns[0].1 = "decimal(2)".into();
    let mut bytes = Rollup::new(Spec::compile(&source).expect("a spec")).encode();
    bytes.truncate(bytes.len() - 8);
    bytes[4] = Version::V1.byte();
    let units = hex("80401c0001000101");
    let words = "a grain has more fives than an int64";
    let read = StateColumn::new(StateKind::UnitHistogram(6)).read(&mut Reader::new(&units), 1);
    let fives = (read.err().unwrap_or_else(|| panic!("not refused: {words}")), words);
    vec![decoded(&sealed(bytes), "version 1 has no decimals"), fives]
}

fn refusals() -> Vec<Refusal> {
    let all = [of_frames(), of_headers(), of_groups(), of_records(), of_states(), of_histograms(), of_decimals()];
    all.into_iter().flatten().collect()
}

#[test]
fn every_refusal_has_its_words() {
    let wrong: Vec<String> = refusals()
        .into_iter()
        .filter(|(error, words)| !error.message().contains(words))
        .map(|(error, words)| format!("{} ({}), not {words}", error.message(), error.code()))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The texts with which a source file refuses bytes, as far as they stand there: up to the first value in them.
fn texts(source: &str) -> Vec<String> {
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    let mut texts = Vec::new();
    for start in ["not_canonical(", "invalid(", "varint_up_to(", "Error::new(Code::Decode"] {
        for (at, _) in source.match_indices(start) {
            let call = source[at..].split([';', '}']).next().unwrap_or_default();
            let Some(text) = call.split('"').nth(1) else { continue };
            let longest = text.split(['{', '}']).max_by_key(|part| part.len()).unwrap_or_default();
            if longest.contains(' ') {
                texts.push(longest.to_owned());
            }
        }
    }
    texts
}

#[test]
fn no_refusal_in_the_sources_is_without_bytes_that_draw_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let drawn: Vec<String> = refusals().into_iter().map(|(error, _)| error.message().to_owned()).collect();
    let mut files = vec![root.join("bytes.rs")];
    for folder in ["codec", "math", "scalar", "sketch", "state"] {
        files.extend(fs::read_dir(root.join(folder)).expect("sources").map(|entry| entry.expect("a file").path()));
    }
    let (mut found, mut missing) = (0, Vec::new());
    for file in files.iter().filter(|file| file.extension().is_some_and(|it| it == "rs")) {
        // those of several states at once: `relations.rs`
        if file.ends_with("codec/relations.rs") {
            continue;
        }
        for text in texts(&fs::read_to_string(file).expect("a source")) {
            found += 1;
            if !drawn.iter().any(|message| message.contains(&text)) {
                missing.push(format!("{}: {text}", file.display()));
            }
        }
    }
    assert!(found > 70, "{found} texts");
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
