//! What fits a decimal column, and what its results are in JSON.

use isofold::column::Values;
use isofold::value::ColumnType;
use isofold::{Code, Type, Value};
use isofold_facade::conform::conform;
use isofold_facade::{packed_frame, Batch, Cell, ColumnBuilder, Declared, HostColumn, HostValues, Rollup};

fn column<'a>(cells: impl IntoIterator<Item = Cell<'a>>) -> HostColumn<'a> {
    let mut builder = ColumnBuilder::new();
    cells.into_iter().for_each(|cell| builder.push(cell));
    builder.finish()
}

/// The units of a column, `None` where there is none; or code, path and words of the refusal.
fn units(column: &HostColumn<'_>, scale: u8) -> Result<Vec<Option<i64>>, (Code, String, String)> {
    let declared = ColumnType { data_type: Type::Decimal(scale), unit: None };
    let conformed = conform(column, &Declared::new("price", declared))
        .map_err(|error| (error.code(), error.path().to_owned(), error.message().to_owned()))?;
    let Values::Decimal(units, found) = &conformed.values else { panic!("{conformed:?}") };
    assert_eq!(*found, scale);
    Ok((0..units.len()).map(|row| conformed.is_valid(row).then(|| units[row])).collect())
}

fn number(value: f64) -> Cell<'static> {
    Cell::Number(value.to_bits())
}

fn decimal(text: &'static str) -> Cell<'static> {
    Cell::Decimal(text.into())
}

fn text(text: &str) -> Cell<'_> {
    Cell::Text(text.into())
}

#[test]
fn numbers_of_every_kind_are_the_digits_they_are_written_with() {
    let cells = [
        text("19.99"),
        text("-0.5"),
        text("1.500"),
        text("1e1"),
        number(0.1),
        number(1.005e2),
        Cell::Int64(-7),
        Cell::UInt64(7),
        decimal("19.99"),
        decimal("1.5000"),
        decimal("2E+1"),
        Cell::Null,
        text("NaN"),
        number(f64::NAN),
        decimal("sNaN12"),
    ];
    let found = units(&column(cells), 2).expect("they fit");
    let expected = [1999, -50, 150, 1000, 10, 10_050, -700, 700, 1999, 150, 2000];
    assert_eq!(found[..11], expected.map(Some));
    assert_eq!(found[11..], [None; 4]);
}

#[test]
fn columns_of_one_kind_fit_as_their_cells_do() {
    let found = |values: HostValues<'_>| units(&HostColumn::new(values), 1).expect("they fit");
    assert_eq!(found(HostValues::Int64(vec![3, -4].into())), [Some(30), Some(-40)]);
    assert_eq!(found(HostValues::Number(vec![2.5f64.to_bits()].into())), [Some(25)]);
    assert_eq!(found(HostValues::Decimal(vec![250, -10].into(), 2)), [Some(25), Some(-1)]);
    assert_eq!(found(HostValues::Null(2)), [None, None]);
    let texts = HostColumn::from_utf8(vec![1, 0, 1], b"1.52", &[0, 3, 4]).expect("texts");
    assert_eq!(units(&texts, 1), Ok(vec![Some(20), Some(15), Some(20)]));
}

#[test]
fn what_loses_digits_or_is_none_is_refused_with_its_row() {
    for (cell, words) in [
        (text("1.505"), "\"1.505\" has more than 2 digits behind the point"),
        (number(0.125), "0.125 has more than 2 digits behind the point"),
        (decimal("1.505"), "the decimal 1.505 has more than 2 digits behind the point"),
        (
            text("92233720368547758.08"),
            "\"92233720368547758.08\" does not fit decimal(2), which holds up to 92233720368547758.07",
        ),
        (decimal("1E+30"), "the decimal 1E+30 does not fit decimal(2), which holds up to 92233720368547758.07"),
        (number(1e300), "1e300 does not fit decimal(2), which holds up to 92233720368547758.07"),
        (number(f64::INFINITY), "inf is not a decimal(2)"),
        (text("Infinity"), "\"Infinity\" is not a decimal(2)"),
        (text("1,50"), "\"1,50\" is not a decimal(2)"),
        (text(""), "\"\" is not a decimal(2)"),
        (text(" 1"), "\" 1\" is not a decimal(2)"),
        (Cell::Bool(true), "true is not a decimal(2)"),
        (Cell::Other("a list".into()), "a list is not a decimal(2)"),
    ] {
        let refused = units(&column([Cell::Null, text("1"), cell]), 2).expect_err(words);
        assert_eq!(refused, (Code::IngestType, "column.price[2]".to_owned(), words.to_owned()));
    }
}

#[test]
fn other_columns_take_decimals_that_they_can_tell() {
    let fitted = |cells: [Cell<'static>; 2], data_type| {
        let column = column(cells);
        let conformed = conform(&column, &Declared::plain("x", data_type));
        conformed.map(|column| column.get(1).expect("a value").to_value()).map_err(|error| error.code())
    };
    let of = |text| [Cell::Null, decimal(text)];
    let nearest = isofold::math::Float64::from_decimal("0.1").expect("a double");
    assert_eq!(fitted(of("0.1"), Type::Float64), Ok(Value::Float64(nearest)));
    assert_eq!(fitted(of("3.00"), Type::Int64), Ok(Value::Int64(3)));
    assert_eq!(fitted(of("3.01"), Type::Int64), Err(Code::IngestType));
    for data_type in [Type::Bool, Type::String, Type::Timestamp] {
        assert_eq!(fitted(of("1"), data_type), Err(Code::IngestType), "{data_type}");
    }
}

fn sales() -> Rollup {
    let spec = r#"{"name": "sales", "columns": {"ts": "timestamp[s]", "price": "decimal(2)"}, "time": "ts",
        "bucket": "1 hour", "group_by": ["price"], "select": {"total": "sum(price)", "seen": "value_counts(price)"}}"#;
    let mut rollup = Rollup::new(spec).expect("a spec");
    let mut batch = Batch::new(3).expect("small");
    batch.add("ts", HostColumn::new(HostValues::Int64(vec![0, 1, 2].into()))).expect("fits");
    batch.add("price", column([text("0.10"), text("0.1"), Cell::Null])).expect("fits");
    rollup.ingest(&batch).expect("good rows");
    rollup
}

#[test]
fn results_are_numbers_and_texts_where_those_are_asked_for() {
    let rollup = sales();
    let frame = rollup.query(r#"{"order_by": ["price"]}"#).expect("an answer");
    let total = frame.position("total").expect("a metric");
    assert_eq!(frame.values(total), [Value::Decimal(20, 2), Value::Null]);
    assert_eq!(frame.column_json(total).to_string(), "[0.2,null]");
    let packed = packed_frame::packed_output(&frame, total).expect("a column");
    assert_eq!(packed.items, packed_frame::PackedItems::Number(vec![0.2f64.to_bits(), 0]));
    assert!(frame.columns_json().to_string().contains(r#"{"name":"total","type":"decimal(2)"}"#));

    let frame = rollup.query(r#"{"order_by": ["price"], "decimals": "text"}"#).expect("an answer");
    assert_eq!(frame.column_json(total).to_string(), r#"["0.20",null]"#);
    let seen = frame.column_json(frame.position("seen").expect("a metric"));
    assert_eq!(seen.to_string(), r#"[[{"value":"0.10","count":2}],null]"#);
    let error = rollup.query(r#"{"decimals": "number"}"#).expect_err("no such way");
    assert_eq!((error.code(), error.path()), (Code::QueryInvalid, "query.decimals"));
}

#[test]
fn sums_past_int64_come_as_the_nearest_number_or_with_all_digits() {
    let mut rollup = sales();
    let mut batch = Batch::new(2).expect("small");
    batch.add("ts", HostColumn::new(HostValues::Int64(vec![0, 1].into()))).expect("fits");
    batch.add("price", column([text("92233720368547758.07"), text("92233720368547758.07")])).expect("fits");
    rollup.ingest(&batch).expect("good rows");
    let query = |more: &str| {
        let select = r#""bucket": null, "group_by": [], "select": ["sum(price) as total", "total * 1000 as more"]"#;
        rollup.query(format!("{{{select}{more}}}").as_str()).expect("an answer")
    };
    let frame = query("");
    assert_eq!(frame.values(0), [Value::Decimal(2 * i128::from(i64::MAX) + 20, 2)]);
    assert_eq!(frame.column_json(0).to_string(), "[1.8446744073709552e17]");
    let packed = packed_frame::packed_output(&frame, 0).expect("a column");
    assert_eq!(packed.items, packed_frame::PackedItems::Number(vec![184_467_440_737_095_516.34f64.to_bits()]));
    assert_eq!(frame.warnings_json().to_string(), "[]");
    let texts = query(r#", "decimals": "text""#);
    assert_eq!(texts.column_json(0).to_string(), r#"["184467440737095516.34"]"#);
    assert_eq!(texts.column_json(1).to_string(), r#"["184467440737095516340.00"]"#);
}

#[cfg(feature = "rows")]
#[test]
fn rows_of_states_come_back_with_keys_that_are_decimals() {
    let rollup = sales();
    let frame = rollup.rows().expect("rows");
    let states: Vec<&[u8]> = frame.states().expect("states").iter().map(Vec::as_slice).collect();
    let mut batch = Batch::new(frame.len()).expect("small");
    for name in ["bucket", "price"] {
        let column = column(frame.values(frame.position(name).expect("a column")).iter().map(|value| match value {
            Value::Timestamp(us) => Cell::Timestamp(*us, isofold::value::TimeUnit::Microsecond),
            Value::Decimal(units, scale) => Cell::Text(isofold::math::fixed::write(*units, *scale).into()),
            _ => Cell::Null,
        }));
        batch.add(name, column).expect("fits");
    }
    let mut back = Rollup::new(rollup.spec().to_string().as_str()).expect("its spec");
    back.add_rows(&batch, &states, "{}").expect("rows");
    assert_eq!(back.digest(), rollup.digest());
}

#[cfg(feature = "rows")]
#[test]
fn rows_give_decimals_as_texts_where_those_are_asked_for() {
    let spec = r#"{"name": "s", "columns": {"ts": "timestamp[s]", "price": "decimal(2)"}, "time": "ts", "bucket": "1 hour",
        "group_by": ["price"], "select": {"total": "sum(price)", "mean": "avg(price)"}}"#;
    let mut rollup = Rollup::new(spec).expect("a spec");
    let prices = column([text("90071992547409.93"), Cell::Null]);
    let times = HostColumn::new(HostValues::Int64(vec![0, 1].into()));
    rollup
        .ingest(&Batch::from_columns([("ts".to_owned(), times), ("price".to_owned(), prices)]).expect("even"))
        .expect("fits");
    let exact = rollup.rows().expect("rows");
    let texts = rollup.rows_with(r#"{"decimals": "text"}"#).expect("rows");
    let (mut numbers, mut words) = (0, 0);
    for column in 0..exact.width() {
        for (number, word) in exact.values(column).iter().zip(texts.values(column)) {
            match (number, word) {
                (Value::Decimal(..), Value::String(_)) => words += 1,
                (Value::Decimal(..), other) => panic!("{other:?}"),
                _ => numbers += usize::from(number == word),
            }
        }
    }
    assert!(words > 0 && numbers > 0, "{words} {numbers}");
    assert_eq!(texts.states(), exact.states());
    for bad in [r#"{"decimals": "exact"}"#, r#"{"decimal": "text"}"#] {
        assert_eq!(rollup.rows_with(bad).expect_err(bad).code(), Code::HostArgument);
    }
}
