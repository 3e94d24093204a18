//! What a catalog may say of a table, and the statements it becomes.

use isofold::refresh::{
    Adoption, Catalog, CatalogSource, Identity, IndexSource, RollupSource, ShapeSource, SqlType, TableSource,
};
use isofold::spec::{Named, SpecSource};
use isofold::sql::{Dialect, KnownColumn, LevelTable};
use isofold::time::BucketSource;
use isofold::{Code, Error, Value};

fn compiled(table: ShapeSource, bucket: BucketSource) -> Result<Catalog, Error> {
    let pairs =
        |pairs: &[(&str, &str)]| pairs.iter().map(|&(name, text)| (name.into(), text.into())).collect::<Vec<_>>();
    let spec = SpecSource {
        name: "daily".into(),
        bucket,
        group_by: vec![Named { name: None, expression: "platform".into() }],
        select: pairs(&[("requests", "count(*)"), ("avg_ms", "avg(ms)"), ("errors", "value_counts(platform)")]),
        ..SpecSource::default()
    };
    Catalog::compile(&CatalogSource {
        source: TableSource {
            table: "logs".into(),
            columns: pairs(&[("ts", "timestamp"), ("platform", "string"), ("ms", "int64")]),
            time: "ts".into(),
            ..TableSource::default()
        },
        rollups: vec![RollupSource { spec, table, ..RollupSource::default() }],
    })
}

fn days() -> BucketSource {
    BucketSource { width: "1 day".into(), ..BucketSource::default() }
}

fn shape() -> ShapeSource {
    let column = |name: &str, sql_type: Option<&str>, default| (name.into(), sql_type.map(Into::into), default);
    ShapeSource {
        name: Some("ops_metrics_daily".into()),
        bucket: Some("bucket_date".into()),
        bucket_type: Some("date".into()),
        computed_at: Some("computed_at".into()),
        columns: vec![
            column("platform", Some("varchar(50)"), None),
            column("requests", None, Some(Value::Int64(0))),
            column("avg_ms", Some("numeric(16, 6)"), None),
        ],
        not_null: vec!["requests".into()],
        identity: Identity::PrimaryKey,
        indexes: vec![IndexSource {
            name: Some("idx_daily".into()),
            columns: vec!["platform".into(), "-bucket_date".into()],
        }],
        comment: Some("one row a day; it's derived".into()),
        comments: vec![("avg_ms".into(), "milliseconds".into())],
        adoption: Adoption::Refused,
    }
}

fn table(dialect: Dialect, shape: ShapeSource) -> LevelTable {
    let catalog = compiled(shape, days()).expect("a catalog");
    let level = &catalog.levels()[0];
    LevelTable::new(dialect, None, &level.spec, &level.table)
}

#[test]
fn what_is_said_becomes_the_statements_of_each_dialect() {
    let postgres = table(Dialect::Postgres, shape());
    assert_eq!(
        postgres.create(),
        "CREATE TABLE \"ops_metrics_daily\" (\"bucket_date\" date NOT NULL, \"platform\" varchar(50) NOT NULL, \
         \"requests\" bigint NOT NULL DEFAULT 0, \"avg_ms\" numeric(16,6), \"errors\" jsonb, \
         \"computed_at\" timestamptz NOT NULL DEFAULT now(), state bytea NOT NULL, PRIMARY KEY (\"bucket_date\", \"platform\"))"
    );
    let names: Vec<String> = postgres.indexes().into_iter().map(|(_, sql)| sql).collect();
    assert_eq!(names, ["CREATE INDEX \"idx_daily\" ON \"ops_metrics_daily\" (\"platform\", \"bucket_date\" DESC)"]);
    assert_eq!(
        postgres.upsert(1),
        "INSERT INTO \"ops_metrics_daily\" (\"bucket_date\", \"platform\", \"requests\", \"avg_ms\", \"errors\", state, \
         \"computed_at\") VALUES ($1::date, $2::text, $3::bigint, $4::double precision, $5::jsonb, $6::bytea, \
         clock_timestamp()) ON CONFLICT (\"bucket_date\", \"platform\") DO UPDATE SET \"requests\" = excluded.\"requests\", \
         \"avg_ms\" = excluded.\"avg_ms\", \"errors\" = excluded.\"errors\", state = excluded.state, \
         \"computed_at\" = excluded.\"computed_at\""
    );
    assert_eq!(postgres.width(), 6);
    assert_eq!(
        postgres.dress(&[], None),
        [
            "COMMENT ON TABLE \"ops_metrics_daily\" IS 'one row a day; it''s derived'",
            "COMMENT ON COLUMN \"ops_metrics_daily\".\"avg_ms\" IS 'milliseconds'"
        ]
    );
    let sqlite = table(Dialect::Sqlite, shape());
    assert!(sqlite.create().starts_with(
        "CREATE TABLE \"ops_metrics_daily\" (\"bucket_date\" TEXT NOT NULL, \"platform\" VARCHAR(50) NOT NULL, "
    ));
    assert!(sqlite.dress(&[], None).is_empty());
    assert_eq!(sqlite.time_text(1_793_491_200_000_000), "2026-11-01");
}

#[test]
fn a_date_tells_a_range_by_the_midnights_inside_it() {
    let table = table(Dialect::Postgres, shape());
    let (noon, hour) = (1_793_491_200_000_000 + 43_200_000_000, 3_600_000_000);
    for (start, end) in
        [(noon, noon + 24 * hour), (noon + 12 * hour, noon + 36 * hour), (noon - 11 * hour, noon + 13 * hour)]
    {
        let sql = table.count(Some(start), Some(end));
        assert!(sql.contains(">= '2026-11-02'::date") && sql.contains("< '2026-11-03'::date"), "{sql}");
    }
}

#[track_caller]
fn refused(change: impl Fn(&mut ShapeSource), bucket: BucketSource, wanted: &[(Code, &str)]) {
    let mut source = shape();
    change(&mut source);
    let error = compiled(source, bucket).expect_err("a problem");
    let found: Vec<(Code, &str)> = error.problems().map(|problem| (problem.code(), problem.path())).collect();
    let path = |path: &str| format!("catalog.rollups[0].table.{path}");
    let wanted: Vec<(Code, String)> = wanted.iter().map(|&(code, at)| (code, path(at))).collect();
    let wanted: Vec<(Code, &str)> = wanted.iter().map(|(code, at)| (*code, at.as_str())).collect();
    assert_eq!(found, wanted, "{error}");
}

#[test]
fn what_no_table_can_have_is_refused_at_its_place() {
    let hours = || BucketSource { width: "1 hour".into(), ..BucketSource::default() };
    let berlin = BucketSource { timezone: Some("Europe/Berlin".into()), ..days() };
    refused(|_| {}, hours(), &[(Code::CatalogInvalid, "bucket.type")]);
    refused(|_| {}, berlin, &[(Code::CatalogInvalid, "bucket.type")]);
    refused(|it| it.bucket_type = Some("time".into()), days(), &[(Code::CatalogInvalid, "bucket.type")]);
    refused(
        |it| it.bucket = Some("Platform".into()),
        days(),
        &[(Code::CatalogDuplicate, "bucket.column"), (Code::CatalogInvalid, "indexes[0].columns[1]")],
    );
    refused(|it| it.computed_at = Some("STATE".into()), days(), &[(Code::CatalogDuplicate, "computed_at")]);
    refused(|it| it.computed_at = Some("requests".into()), days(), &[(Code::CatalogDuplicate, "computed_at")]);
    refused(|it| it.name = Some(String::new()), days(), &[(Code::CatalogName, "name")]);
    refused(|it| it.not_null.push("nothing".into()), days(), &[(Code::CatalogInvalid, "not_null[1]")]);
    refused(
        |it| it.comments.push(("nothing".into(), "x".into())),
        days(),
        &[(Code::CatalogInvalid, "comments.nothing")],
    );
    refused(|it| it.indexes.push(IndexSource::default()), days(), &[(Code::CatalogMissing, "indexes[1].columns")]);
    for (name, sql_type) in [
        ("platform", "integer"),
        ("platform", "text; drop table logs"),
        ("platform", "varchar(0)"),
        ("requests", "text"),
        ("avg_ms", "numeric(3, 4)"),
        ("errors", "text"),
        ("requests", "timestamptz"),
    ] {
        let change = |it: &mut ShapeSource| it.columns = vec![(name.into(), Some(sql_type.into()), None)];
        refused(change, days(), &[(Code::CatalogInvalid, &format!("columns.{name}.type"))]);
    }
    let default = |it: &mut ShapeSource| it.columns = vec![("requests".into(), None, Some(Value::String("0".into())))];
    refused(default, days(), &[(Code::CatalogInvalid, "columns.requests.default")]);
    let state = |it: &mut ShapeSource| it.columns = vec![("state".into(), Some("text".into()), None)];
    refused(state, days(), &[(Code::CatalogInvalid, "columns.state")]);
}

#[test]
fn a_table_that_stands_there_is_told_every_difference() {
    let taken = ShapeSource { adoption: Adoption::Taken, ..shape() };
    let table = table(Dialect::Postgres, taken);
    let known = |name: &str, sql_type: &str| KnownColumn {
        name: name.into(),
        sql_type: sql_type.into(),
        is_required: name == "platform" || name == "owner",
        has_default: false,
        comment: None,
    };
    let fitting = [
        known("bucket_date", "date"),
        known("platform", "character varying(50)"),
        known("requests", "integer"),
        known("avg_ms", "numeric(16,6)"),
        known("errors", "jsonb"),
        known("computed_at", "timestamp with time zone"),
    ];
    // a type that the catalog does not name is any that holds the values
    assert!(table.differences(&fitting).is_empty(), "{:?}", table.differences(&fitting));
    let mut others = fitting.to_vec();
    others[1].sql_type = "character varying(20)".into();
    others[2].sql_type = "text".into();
    others.remove(5);
    others.push(known("owner", "text"));
    assert_eq!(
        table.differences(&others),
        [
            "its column platform is character varying(20), not character varying(50)",
            "its column requests is text, not bigint",
            "it has no column computed_at",
            "its column owner is of somebody else, never NULL and without a default"
        ]
    );
}

#[test]
fn a_type_is_one_that_is_known_and_told_as_the_database_tells_it() {
    for text in ["varchar(50)", "numeric(20,10)", "numeric", "timestamptz", "double precision", "smallint", "date"] {
        let found = SqlType::parse(text).expect(text);
        assert_eq!((found.name(), SqlType::parse(&found.told())), (text.to_owned(), Some(found)));
    }
    for text in [
        "",
        "varchar",
        "varchar()",
        "varchar(-1)",
        "varchar(1",
        "numeric(1,2,3)",
        "numeric(1001)",
        "bytea",
        "text[]",
        "int4range",
    ] {
        assert_eq!(SqlType::parse(text), None, "{text}");
    }
}
