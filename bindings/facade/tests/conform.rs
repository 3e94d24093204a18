//! What fits which declared column, and the words when it does not.

use isofold::column::{Column, Values};
use isofold::value::{ColumnType, TimeUnit};
use isofold::{limits, Code};
use isofold_facade::conform::conform;
use isofold_facade::{Cell, Declared, HostColumn, HostValues};

fn declared(name: &str) -> Declared {
    Declared::new("x", ColumnType::from_name(name).expect("a column type"))
}

fn numbers(values: &[f64]) -> HostColumn<'static> {
    HostColumn::new(HostValues::Number(values.iter().map(|x| x.to_bits()).collect()))
}

fn cells<const N: usize>(cells: [Cell<'static>; N]) -> HostColumn<'static> {
    HostColumn::new(HostValues::Mixed(cells.to_vec()))
}

fn texts(codes: &[u32], texts: &[&str]) -> HostColumn<'static> {
    let dictionary = texts.iter().map(|text| (*text).to_owned().into()).collect::<Vec<_>>();
    HostColumn::new(HostValues::Text(codes.to_vec().into(), dictionary.into()))
}

fn int64s(column: &Column<'_>) -> Vec<Option<i64>> {
    let (Values::Int64(v) | Values::Timestamp(v)) = &column.values else { panic!("{column:?}") };
    v.iter().enumerate().map(|(row, value)| column.is_valid(row).then_some(*value)).collect()
}

#[track_caller]
fn fits(column: &HostColumn<'_>, name: &str, expected: &[Option<i64>]) {
    let conformed = conform(column, &declared(name)).expect("fits");
    assert_eq!(int64s(&conformed), expected);
}

#[track_caller]
fn refused(column: &HostColumn<'_>, name: &str, code: Code, text: &str) {
    let error = conform(column, &declared(name)).expect_err("does not fit");
    assert_eq!((error.code(), error.to_string().as_str()), (code, text));
}

#[test]
fn whole_numbers_are_integers_and_others_are_not() {
    fits(&numbers(&[3.0, -0.0, f64::NAN, -9e15]), "int64", &[Some(3), Some(0), None, Some(-9_000_000_000_000_000)]);
    refused(&numbers(&[1.0, 3.5]), "int64", Code::IngestType, "3.5 is not an int64 (column.x[1])");
    refused(&numbers(&[f64::INFINITY]), "int64", Code::IngestType, "inf is not an int64 (column.x[0])");
    fits(&numbers(&[9_007_199_254_740_991.0]), "int64", &[Some((1 << 53) - 1)]);
    let text = "9007199254740992 is too large for a float64 to tell which int64 it is (column.x[1])";
    refused(&numbers(&[1.0, 9_007_199_254_740_992.0]), "int64", Code::IngestType, text);
    let text = "-1e18 is too large for a float64 to tell which int64 it is (column.x[0])";
    refused(&cells([Cell::Number((-1e18f64).to_bits())]), "int64", Code::IngestType, text);
    refused(&texts(&[0], &["12"]), "int64", Code::IngestType, "\"12\" is not an int64 (column.x[0])");
    refused(&cells([Cell::Bool(true)]), "int64", Code::IngestType, "true is not an int64 (column.x[0])");
    let large = HostColumn::new(HostValues::UInt64(vec![7, 1 << 63].into()));
    refused(&large, "int64", Code::IngestType, "9223372036854775808 is not an int64 (column.x[1])");
}

#[test]
fn integers_are_doubles_while_they_are_exact() {
    let column = HostColumn::new(HostValues::Int64(vec![1 << 53, -4].into()));
    let conformed = conform(&column, &declared("float64")).expect("exact");
    let Values::Float64(bits) = &conformed.values else { panic!("{conformed:?}") };
    assert_eq!(bits.as_ref(), [9_007_199_254_740_992f64.to_bits(), (-4f64).to_bits()]);
    let column = HostColumn::new(HostValues::Int64(vec![(1 << 53) + 1].into()));
    let text = "9007199254740993 is not exactly a float64 (column.x[0])";
    refused(&column, "float64", Code::IngestType, text);
}

#[test]
fn a_nan_stays_in_a_column_of_doubles_for_the_kernel_to_count() {
    let column = numbers(&[f64::NAN, 1.0]);
    let conformed = conform(&column, &declared("float64")).expect("doubles");
    assert!(conformed.validity.is_none());
}

#[test]
fn bools_are_bools_or_zero_and_one() {
    let column = cells([Cell::Bool(true), Cell::Int64(0), Cell::Number(1f64.to_bits()), Cell::Null]);
    let conformed = conform(&column, &declared("bool")).expect("bools");
    let Values::Bool(values) = &conformed.values else { panic!("{conformed:?}") };
    assert_eq!(values[..3], [true, false, true]);
    assert_eq!(conformed.validity.as_deref(), Some(&[true, true, true, false][..]));
    refused(&cells([Cell::Int64(2)]), "bool", Code::IngestType, "2 is not a bool (column.x[0])");
}

#[test]
fn strings_are_texts_only() {
    let column = cells([Cell::Text("a".into()), Cell::Null, Cell::Number(f64::NAN.to_bits()), Cell::Text("b".into())]);
    let conformed = conform(&column, &declared("string")).expect("texts");
    assert_eq!(conformed.validity.as_deref(), Some(&[true, false, false, true][..]));
    assert!(conformed.get(3).is_some_and(|text| text == isofold::scalar::Scalar::String("b")));
    refused(&numbers(&[1.0]), "string", Code::IngestType, "1 is not a string (column.x[0])");
}

#[test]
fn a_text_past_the_limit_is_refused_only_where_a_row_holds_it() {
    let long = "x".repeat(limits::MAX_TEXT_BYTES + 1);
    let unused = texts(&[0, 0], &["a", &long]);
    assert!(conform(&unused, &declared("string")).is_ok());
    let used = "a text must have at most 1048576 bytes, got 1048577 (column.x[1])";
    refused(&texts(&[0, 1], &["a", &long]), "string", Code::IngestText, used);
}

#[test]
fn codes_outside_the_dictionary_are_refused_unless_their_row_is_null() {
    let column = texts(&[0, 9], &["a"]);
    let text = "a code must be below the 1 texts of its dictionary, got 9 (column.x[1])";
    refused(&column, "string", Code::IngestLength, text);
    let null = column.with_validity(Some(vec![true, false].into()));
    assert!(conform(&null, &declared("string")).is_ok());
    assert!(conform(&null, &declared("timestamp")).is_err());
}

#[test]
fn times_become_microseconds_floored() {
    let ns = HostColumn::new(HostValues::Timestamp(vec![1999, -1].into(), TimeUnit::Nanosecond));
    fits(&ns, "timestamp", &[Some(1), Some(-1)]);
    let dates = HostColumn::new(HostValues::Date([1.0, 1.0005].map(f64::to_bits).to_vec().into()));
    fits(&dates, "timestamp", &[Some(1000), Some(1000)]);
    fits(&numbers(&[1.5, f64::NAN, -1e-9]), "timestamp[s]", &[Some(1_500_000), None, Some(-1)]);
    let seconds = HostColumn::new(HostValues::Int64(vec![2].into()));
    fits(&seconds, "timestamp[s]", &[Some(2_000_000)]);
    let unit = "2 has no unit, declare the column as timestamp[s], [ms], [us] or [ns] (column.x[0])";
    refused(&seconds, "timestamp", Code::IngestType, unit);
    let invalid = HostColumn::new(HostValues::Date(vec![f64::NAN.to_bits()].into()));
    refused(&invalid, "timestamp", Code::IngestType, "an invalid date is not a timestamp (column.x[0])");
}

#[test]
fn times_outside_the_range_are_refused_unless_null() {
    let us = HostColumn::new(HostValues::Timestamp(vec![0, i64::MAX].into(), TimeUnit::Microsecond));
    let text = "a time must lie in the years -9999 to 9999, got the timestamp 9223372036854775807 µs (column.x[1])";
    refused(&us, "timestamp", Code::IngestTime, text);
    fits(&us.with_validity(Some(vec![true, false].into())), "timestamp", &[Some(0), None]);
    let s = HostColumn::new(HostValues::Timestamp(vec![i64::MAX].into(), TimeUnit::Second));
    assert_eq!(conform(&s, &declared("timestamp")).expect_err("far").code(), Code::IngestTime);
    assert_eq!(conform(&numbers(&[1e300]), &declared("timestamp[ns]")).expect_err("far").code(), Code::IngestTime);
}

#[test]
fn texts_in_iso_8601_are_times() {
    fits(
        &texts(&[0, 1, 0], &["1970-01-01T00:00:01Z", "1970-01-02"]),
        "timestamp",
        &[Some(1_000_000), Some(86_400_000_000), Some(1_000_000)],
    );
    let error = conform(&texts(&[0, 1], &["1970-01-01", "soon"]), &declared("timestamp")).expect_err("no time");
    assert_eq!((error.code(), error.path()), (Code::IngestTime, "column.x[1]"));
    assert!(error.message().starts_with("'soon' is not an ISO 8601 time"), "{error}");
    fits(&cells([Cell::Null, Cell::Text("1970-01-02".into())]), "timestamp", &[None, Some(86_400_000_000)]);
}

#[test]
fn nulls_of_no_type_fit_every_column() {
    let nulls = HostColumn::new(HostValues::Null(2));
    for name in ["bool", "int64", "float64", "string", "timestamp"] {
        let conformed = conform(&nulls, &declared(name)).expect("nulls");
        assert_eq!((conformed.len(), conformed.get(1)), (2, None), "{name}");
    }
}

#[test]
fn a_kind_the_kernel_never_takes_is_named() {
    let lists = HostColumn::new(HostValues::Other(1, "a list".into()));
    for name in ["bool", "int64", "float64", "string", "timestamp"] {
        let error = conform(&lists, &declared(name)).expect_err("lists");
        assert!(error.message().starts_with("a list is not a"), "{error}");
    }
}

#[test]
fn digits_are_a_time_where_the_type_has_a_unit() {
    let column = texts(&[0, 1, 2, 0], &["1793491200000", "-1", "2026-11-01t01:00:00,5 +01"]);
    let us = 1_793_491_200_000_000;
    fits(&column, "timestamp[ms]", &[Some(us), Some(-1000), Some(us + 500_000), Some(us)]);
    fits(&cells([Cell::Text("+2026".into()), Cell::Null]), "timestamp[s]", &[Some(2_026_000_000), None]);
    fits(&texts(&[0], &["-1"]), "timestamp[ns]", &[Some(-1)]);
    let text = "'1793491200' is not an ISO 8601 time such as 2026-11-01T00:00:00Z (column.x[0])";
    refused(&texts(&[0], &["1793491200"]), "timestamp", Code::IngestTime, text);
    for (digits, unit) in
        [("1793491200000", "timestamp[s]"), ("99999999999999999999999999999999999999999", "timestamp[ns]")]
    {
        let text = format!("a time must lie in the years -9999 to 9999, got \"{digits}\" (column.x[0])");
        refused(&texts(&[0], &[digits]), unit, Code::IngestTime, &text);
    }
    for wrong in ["", "+", "12.5", "1_000", " 12", "0x12"] {
        let error = conform(&texts(&[0], &[wrong]), &declared("timestamp[s]")).expect_err(wrong);
        assert_eq!(error.code(), Code::IngestTime, "{wrong}");
    }
}

#[test]
fn a_decimal_is_the_nearest_double() {
    let column = HostColumn::new(HostValues::Decimal(vec![10, -12_345, i128::MAX].into(), 2))
        .with_validity(Some(vec![true, true, true].into()));
    let conformed = conform(&column, &declared("float64")).expect("doubles");
    let Values::Float64(bits) = &conformed.values else { panic!("{conformed:?}") };
    let text = format!("{}e-2", i128::MAX);
    assert_eq!(bits.as_ref(), [0.1, -123.45, text.parse().expect("a double")].map(f64::to_bits));

    let words = ["0.10", "1E+400", "-Infinity", "sNaN12", "9007199254740993"];
    let column = HostColumn::new(HostValues::Mixed(words.map(|word| Cell::Decimal(word.into())).to_vec()));
    let conformed = conform(&column, &declared("float64")).expect("doubles");
    let Values::Float64(bits) = &conformed.values else { panic!("{conformed:?}") };
    let found: Vec<f64> = bits.iter().map(|bits| f64::from_bits(*bits)).collect();
    assert_eq!(found[..3], [0.1, f64::INFINITY, f64::NEG_INFINITY]);
    assert!(found[3].is_nan());
    assert_eq!(found[4], 9_007_199_254_740_992.0);

    let text = "the decimal 0.10 is not a string (column.x[0])";
    refused(&cells([Cell::Decimal("0.10".into())]), "string", Code::IngestType, text);
    let text = "the decimal ten is not a float64 (column.x[0])";
    refused(&cells([Cell::Decimal("ten".into())]), "float64", Code::IngestType, text);
}
