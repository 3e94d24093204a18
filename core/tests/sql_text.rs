//! Every statement of a catalog in both dialects, word for word: `tests/vectors/sql`.
//!
//! `ISOFOLD_GENERATE=1 cargo test -p isofold --test sql_text` writes the files anew.

use isofold::query::{needs, QuerySource, Side};
use isofold::refresh::{Catalog, CatalogSource, Changes, RollupSource, RowErrors, TableSource, Window};
use isofold::spec::{Named, Spec, SpecSource};
use isofold::sql::{Dialect, Followed, HeldTypes, LevelTable, LogTriggers, OwnTables, SourceRows, Taker};
use isofold::time::{parse_timestamp, BucketSource};
use isofold::value::ColumnType;
use std::path::{Path, PathBuf};

fn catalog(time: &str, schema: Option<&str>) -> Catalog {
    let rollup = |name: &str, width: &str, from: Option<&str>| RollupSource {
        spec: SpecSource {
            name: name.into(),
            bucket: BucketSource { width: width.into(), ..BucketSource::default() },
            group_by: ["model", "tier", "since", "paid", "ratio"]
                .map(|key| Named { name: None, expression: key.into() })
                .to_vec(),
            select: [
                ("requests", "count(*)"),
                ("avg \"ms\"", "avg(ms)"),
                ("first_seen", "min(since)"),
                ("all_paid", "bool_and(paid)"),
                ("last_model", "last(model, ts)"),
                ("top", "topn(value_counts(model), 3)"),
            ]
            .map(|(name, text)| (name.into(), text.into()))
            .to_vec(),
            ..SpecSource::default()
        },
        from: from.map(Into::into),
        ..RollupSource::default()
    };
    let columns = [
        ("ts", time),
        ("model", "string"),
        ("tier", "int64"),
        ("since", "timestamp"),
        ("paid", "bool"),
        ("ratio", "float64"),
        ("ms", "float64"),
    ];
    Catalog::compile(&CatalogSource {
        source: TableSource {
            table: "requests' \"raw\"\\".into(),
            schema: schema.map(Into::into),
            columns: columns.map(|(name, text)| (name.into(), text.into())).to_vec(),
            time: "ts".into(),
            retention: None,
            changes: Some(Changes::Logged),
            row_errors: RowErrors::Skip,
        },
        rollups: vec![
            rollup("hours", "1 hour", None),
            rollup("da'ys", "1 day", Some("hours")),
            rollup("ticks", "250 ms", None),
        ],
    })
    .expect("a catalog")
}

fn held_types(dialect: Dialect) -> HeldTypes {
    let types = ["text", "bigint", "timestamp with time zone", "boolean", "double precision"];
    let held = ["model", "tier", "since", "paid", "ratio"].into_iter().zip(types);
    let rows: Vec<[Option<&str>; 4]> = match dialect {
        Dialect::Postgres => held.map(|(name, held)| [Some(name), Some(held), Some("exact"), Some("UTF8")]).collect(),
        Dialect::Sqlite => vec![[None, None, None, Some("UTF-8")]],
    };
    HeldTypes::read(&rows)
}

fn columns(spec: &Spec) -> Vec<(String, ColumnType)> {
    spec.columns().iter().map(|column| (column.name().into(), column.column_type())).collect()
}

fn statements(dialect: Dialect, catalog: &Catalog) -> Vec<String> {
    let source = catalog.source();
    let schema = source.schema.as_deref();
    let (start, end) = (parse_timestamp("2026-11-01T05:30:00.25Z").ok(), parse_timestamp("2026-11-02").ok());
    let unique = [vec!["id".into()], vec!["model".into(), "ts".into()]];
    let own = OwnTables::new(dialect, schema);
    let mut all = own.create();
    all.extend([own.register(), own.keep_schema(), own.rollups(), own.schemas(), own.changes()]);
    all.extend([own.columns(), own.relation(source)]);
    for (table, column, had, add) in own.later_columns() {
        all.extend([format!("-- {table}.{column}"), had, add]);
    }
    all.extend([own.known(source, None, &[]), own.known(source, Some(&["hours", "da'ys"]), &[]), own.now()]);
    all.extend([own.revise(), own.members(), own.fresh_catalog().into(), own.put_into_catalog()]);
    all.extend([
        own.lost(),
        own.note_lost(),
        own.tell_lost(),
        own.forget_lost(),
        own.find_lost(),
        own.take_own_changes(),
    ]);
    all.extend(own.spread_changes());
    all.extend([
        own.take_changes(),
        own.log_change(),
        own.move_watermark(),
        own.set_watermark_back(),
        own.note_refresh(),
    ]);
    all.push(own.refreshed());
    all.extend([own.note_run(), own.forget_runs(), own.runs()]);
    all.extend([own.note_skipped(), own.forget_skipped(), own.skipped()]);
    all.extend([own.note_dropped(), own.note_rows_dropped(), own.forget()]);
    all.extend([own.version_columns(), own.complete(), own.version(), own.found_schema()]);
    all.extend(own.set_version().into_iter().chain(own.unregister()));
    all.extend(own.wait_briefly().into_iter().chain(own.pause()).chain(own.drop()));
    all.extend(own.begin_planning());
    all.extend(own.begin(["hours", "da'ys"]));
    all.extend(own.begin_reading());
    for level in catalog.levels() {
        let table = LevelTable::new(dialect, schema, &level.spec, &level.table);
        all.push(table.create());
        all.extend(table.indexes().into_iter().map(|(_, statement)| statement));
        all.extend(table.add_columns().into_iter().map(|(_, statement)| statement));
        all.extend([table.known_indexes(), table.drop_column("la\"te"), table.drop()]);
        all.extend([
            table.columns(),
            table.rows(start, end, None),
            table.rows(None, None, None),
            table.count(start, end),
            table.extent(),
        ]);
        for keys in [&[][..], &[0], &[1, 2, 4]] {
            all.extend([
                table.nearest(keys, None, end, Side::Before),
                table.nearest(keys, start, None, Side::After),
                table.nearest(keys, None, None, Side::After),
            ]);
        }
        let keys = [Vec::new(), vec![(0, true), (1, false)], vec![(2, false), (3, false), (4, false)]];
        all.push(table.rows_near(&keys.map(|keys| (Window { start: 0, end: 3_600_000_000 }, keys))));
        all.extend([
            table.first_bucket(start),
            table.upsert(2),
            table.delete(),
            table.delete_before(0, 100),
            table.any_before(0),
            table.size(),
        ]);
    }
    let rows = SourceRows::new(dialect, source);
    all.extend([rows.read(&source.columns, (start, end), None), rows.read(&source.columns[..1], (None, end), None)]);
    all.push(rows.held_types());
    let spec = &catalog.levels()[0].spec;
    let filter = "model = 'o''ne\\' and (model like '50\\%%' or tier in (1, 2) or not paid) and ratio > 0.1 and \
                  since < timestamp '2026-11-01' and length(model) < 9";
    let query = QuerySource { filter: Some(filter.into()), ..QuerySource::default() };
    let ours = needs(spec, &query).expect("a query").filter.expect("a condition");
    let held = held_types(dialect);
    let condition = rows.condition(&spec.over_rows(&ours), &columns(spec), &held).expect("some of it");
    all.push(rows.read(&source.columns[..1], (start, end), Some(&condition)));
    let named = Taker { name: Some("takes_0".into()), range: (None, end), condition: Some(&condition) };
    let all_of_it = Taker { name: None, range: (start, end), condition: None };
    all.push(rows.read_together(&source.columns[..1], (start, end), &[named.clone(), all_of_it]));
    let other = Taker { name: Some("takes_1".into()), range: (start, None), ..named.clone() };
    all.push(rows.read_together(&source.columns[..1], (None, None), &[named, other]));
    let table = LevelTable::new(dialect, schema, spec, &catalog.levels()[0].table);
    let of_groups = table.condition(&ours, spec, &held).expect("some of it");
    all.extend([
        table.held_types(),
        table.rows(start, end, Some(&of_groups)),
        table.rows(None, None, Some(&of_groups)),
    ]);
    all.extend([rows.count((start, end), None), rows.count((None, end), Some(&condition)), rows.count_outside()]);
    all.extend([rows.extent(0), rows.delete_before(0, 100), rows.any_before(0)]);
    let triggers = LogTriggers::new(
        dialect,
        catalog,
        Followed { own_schema: schema.or(Some("own")), unique: if dialect == Dialect::Sqlite { &unique } else { &[] } },
    );
    all.extend(LogTriggers::unique(dialect, source).into_iter().chain(triggers.below()));
    all.extend(triggers.bring_below("public.\"part\""));
    all.push(triggers.extent_below(source, "part"));
    all.push(triggers.known());
    all.extend(triggers.bring(&[]));
    all.extend(triggers.drop(&[[Some("isofold_log_insert"), None, None]]));
    all
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/sql").join(name)
}

#[test]
fn every_statement_is_the_committed_text() {
    for (dialect, name, time, schema) in [
        (Dialect::Postgres, "postgres.sql", "timestamp", Some("my schema")),
        (Dialect::Postgres, "postgres_epoch_ms.sql", "timestamp[ms]", None),
        (Dialect::Sqlite, "sqlite.sql", "timestamp", None),
        (Dialect::Sqlite, "sqlite_epoch_ns.sql", "timestamp[ns]", Some("main")),
    ] {
        let text = statements(dialect, &catalog(time, schema)).join(";\n\n") + ";\n";
        if std::env::var_os("ISOFOLD_GENERATE").is_some() {
            std::fs::create_dir_all(file("")).expect("a folder");
            std::fs::write(file(name), &text).expect("a file");
        }
        let committed = std::fs::read_to_string(file(name)).unwrap_or_default();
        assert!(committed == text, "{name} is stale: ISOFOLD_GENERATE=1 cargo test -p isofold --test sql_text");
    }
}

#[test]
fn a_text_never_leaves_its_quotes() {
    for dialect in [Dialect::Postgres, Dialect::Sqlite] {
        for statement in statements(dialect, &catalog("timestamp", None)) {
            let mut rest = statement.as_str();
            // whatever stands outside of quotes is ours: no name of the catalog does
            while let Some(open) = rest.find(['\'', '"']) {
                let quote = &rest[open..=open];
                assert!(!rest[..open].contains("raw") && !rest[..open].contains("ys"), "{statement}");
                let inside = &rest[open + 1..];
                let mut close = 0;
                while let Some(at) = inside[close..].find(quote) {
                    close += at;
                    if inside[close + 1..].starts_with(quote) {
                        close += 2;
                    } else {
                        break;
                    }
                }
                rest = &inside[close + 1..];
            }
        }
    }
}
