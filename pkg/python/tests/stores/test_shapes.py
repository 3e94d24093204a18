"""Tables as users have them: names of every kind, columns of every type, and queries with every option."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from databases import NOW, Database

import isofold
import isofold.stores

KINDS = {
    "sqlite": '"When" TEXT, "user" TEXT, "Select" TEXT, price NUMERIC, "isOk" BOOLEAN, big INTEGER, "group" TEXT, small INT',
    "postgres": '"When" timestamp, "user" uuid, "Select" jsonb, price numeric(10,6), "isOk" boolean, big numeric, "group" text, small smallint',
}
COLUMNS = {
    "When": "timestamp", "user": "string", "Select": "string", "price": "float64",
    "isOk": "bool", "big": "int64", "group": "string", "small": "int64",
}
SELECT = {
    "n": "count(*)", "Sum": "sum(price)", "max big": "max(big)", "ok": 'bool_and("isOk")', "order": 'mode("Select")',
    "it's": "sum(small)", "First": 'min("When")', "last": 'last("group", "When")',
}
KEYS = [{"User": '"user"'}, {"group": '"group"'}, {"select": '"isOk"'}]
ROWS = [
    {
        "When": f"2026-11-{1 + i // 40:02} {i % 24:02}:15:00",
        "user": str(uuid.UUID(int=i % 3)),
        "Select": json.dumps({"a": i % 2}),
        "price": i + 0.123456,
        "isOk": None if i % 7 == 0 else i % 2 == 0,
        "big": i * 10**15,
        "group": None if i % 5 == 0 else ['x\'"y', "back\\slash", "%s ? $1"][i % 3],
        "small": i % 100 - 50,
    }
    for i in range(200)
]


def plan(schema: str | None) -> dict[str, Any]:
    source = {"table": "Order", "columns": COLUMNS, "time": "When", "changes": "trigger"}
    hours = {"name": "Order Hours", "bucket": "1 hour", "group_by": KEYS, "select": SELECT}
    days = {"name": "select", "bucket": "1 day", "group_by": ["group"], "select": {"n": "count(*)", "Sum": "sum(price)"}}
    return {
        "source": source if schema is None else {**source, "schema": schema},
        "rollups": [{"spec": hours}, {"spec": days, "from": "Order Hours"}],
    }


@pytest.fixture(params=["qualified", "plain"])
def store(request: pytest.FixtureRequest, database: Database) -> isofold.stores.Store:
    schema = None
    if request.param == "qualified":
        schema = "main" if database.kind == "sqlite" else 'My "Schema'
        if database.kind == "postgres":
            database.execute('DROP SCHEMA IF EXISTS "My ""Schema" CASCADE')
            database.execute('CREATE SCHEMA "My ""Schema"')
            database.execute('SET search_path TO "My ""Schema"')
    database.execute(f'CREATE TABLE "Order" ({KINDS[database.kind]})')
    for row in ROWS:
        database.execute(f'INSERT INTO "Order" VALUES ({", ".join(["%s"] * 8)})', *row.values())
    store = database.open(plan(schema))
    store.init()
    store.refresh(now=NOW)
    return store


def whole() -> isofold.Rollup:
    rollup = isofold.Rollup({"columns": COLUMNS, "time": "When", **plan(None)["rollups"][0]["spec"]})
    rollup.ingest(ROWS)
    return rollup


def test_names_and_types_of_every_kind_are_read_as_they_are(store: isofold.stores.Store) -> None:
    assert store.load("Order Hours").digest() == whole().digest()
    assert store.load("select").digest() == whole_days().digest()


def whole_days() -> isofold.Rollup:
    rollup = isofold.Rollup({"columns": COLUMNS, "time": "When", **plan(None)["rollups"][1]["spec"]})
    rollup.ingest(ROWS)
    return rollup


@pytest.mark.parametrize(
    "query",
    [
        {"where": '"group" is not null', "having": "n > 3", "order_by": ["-n", "group"], "bucket": "1 day", "group_by": ["group"]},
        {"bucket": None, "group_by": ["group"], "windows": {"last_12h": "12 hours"}, "end": "2026-11-04T06:00:00Z", "select": ["n"]},
        {
            "bucket": "6 hours", "group_by": [], "select": ["n", "Sum"], "gapfill": {"n": 0, "Sum": "locf"},
            "start": "2026-10-31T12:00:00Z", "end": "2026-11-08T12:00:00Z",
        },
        {"bucket": "6 hours", "group_by": ["group"], "gapfill": {"Sum": "interpolate"}, "start": "2026-11-01", "end": "2026-11-07", "select": ["Sum"]},
        {"gapfill": {"n": "locf", "Sum": "interpolate", "it's": 0}, "start": "2026-11-02T03:00:00Z", "end": "2026-11-04T09:00:00Z"},
        {"group_by": ["User"], "gapfill": {"last": "locf"}, "where": "\"select\" is null", "start": "2026-11-03T10:00:00Z", "end": "2026-11-04T02:00:00Z"},
        {"group_by": [], "gapfill": {"First": "locf", "Sum": "interpolate"}, "start": "2026-11-06", "end": "2026-11-06T03:00:00Z", "select": ["First", "Sum"]},
        {"where": "\"group\" = 'x''\"y' or \"group\" like 'back%'", "bucket": None, "group_by": ["User", "select"]},
        {"bucket": "1 day", "timezone": "Asia/Kolkata", "group_by": [], "select": ["n"], "limit": 3, "offset": 1, "order_by": ["-bucket"]},
        {"bucket": None, "group_by": [], "select": [{"each": '"Sum" / n'}, {"most": '"max big"'}]},
    ],
    ids=["having", "windows", "locf", "interpolate", "neighbours", "of_a_key", "of_none", "where", "zone", "expressions"],
)
def test_every_option_of_a_query_answers_as_the_rows_do(store: isofold.stores.Store, query: dict[str, Any]) -> None:
    if query.get("timezone"):
        # edges of half an hour are no edges of hours in UTC
        with pytest.raises(isofold.Error) as raised:
            whole().query(query)
        with pytest.raises(isofold.Error) as stored:
            store.query("Order Hours", query)
        assert stored.value.code == raised.value.code
        return
    assert store.query("Order Hours", query).to_dicts() == whole().query(query).to_dicts()


def test_a_column_that_no_type_takes_is_an_error_with_a_code(database: Database) -> None:
    database.execute(f'CREATE TABLE lists (ts {"TEXT" if database.kind == "sqlite" else "timestamptz"}, "values" {"BLOB" if database.kind == "sqlite" else "int[]"})')
    database.execute("INSERT INTO lists VALUES (%s, %s)", database.time(NOW.replace(hour=1)), b"x" if database.kind == "sqlite" else [1])
    source = {"table": "lists", "columns": {"ts": "timestamp", "values": "int64"}, "time": "ts"}
    if database.kind == "sqlite":
        # any row may hold any value there
        source["on_row_error"] = "stop"
    store = database.open({"source": source, "rollups": [{"spec": {"name": "sums", "bucket": "1 hour", "select": {"s": 'sum("values")'}}}]})
    store.init()
    with pytest.raises(isofold.IngestError) as raised:
        store.refresh(now=NOW)
    assert (raised.value.code, raised.value.path) == ("ingest.type", "column.values[0]")
    assert database.execute("SELECT count(*) FROM sums") == [(0,)]


def test_numbers_without_a_limit_are_integers_where_they_are_whole(database: Database) -> None:
    if database.kind == "sqlite":
        pytest.skip("SQLite has no numbers without a limit")
    database.execute("CREATE TABLE amounts (ts timestamptz, amount numeric)")
    source = {"table": "amounts", "columns": {"ts": "timestamp", "amount": "int64"}, "time": "ts", "on_row_error": "stop"}
    store = database.open({"source": source, "rollups": [{"spec": {"name": "sums", "bucket": "1 hour", "select": {"s": "sum(amount)"}}}]})
    store.init()
    database.execute("INSERT INTO amounts VALUES (%s, 9007199254740993), (%s, -3.000)", NOW.replace(hour=1), NOW.replace(hour=1))
    store.refresh(now=NOW)
    assert database.execute("SELECT s FROM sums") == [(9007199254740990,)]
    for bad in ("0.5", "'NaN'", "'Infinity'", "9223372036854775808"):
        database.execute(f"UPDATE amounts SET amount = {bad}")
        if bad == "'NaN'":
            # missing, as everywhere
            store.refresh(since="2026-11-01", now=NOW)
            assert database.execute("SELECT s FROM sums") == [(None,)]
            continue
        with pytest.raises(isofold.IngestError):
            store.refresh(since="2026-11-01", now=NOW)
