"""Groups as rows of any table: what `rows` gives is what `from_rows` takes, whatever carries it in between."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timezone
from typing import Any

import pyarrow as pa
import pytest
from samples import SPEC, rows

import isofold


@pytest.fixture
def rollup() -> isofold.Rollup:
    made = isofold.Rollup(SPEC)
    made.ingest(rows(500))
    return made


def test_a_row_has_the_bucket_the_keys_the_metrics_and_the_states(rollup: isofold.Rollup) -> None:
    found = rollup.rows()
    assert found.columns == [*rollup.query().columns, "state"] and found.types["state"] == "bytes"
    assert [{key: value for key, value in row.items() if key != "state"} for row in found] == rollup.query().to_dicts()
    assert found.column("state") == [row["state"] for row in found.to_dicts()]


@pytest.mark.parametrize("carried", [lambda rows: rows, lambda rows: rows.to_dicts()[::-1], lambda rows: iter(rows), lambda rows: pa.table(rows)])
def test_rows_come_back_in_any_order_and_form(rollup: isofold.Rollup, carried: Any) -> None:
    again = isofold.Rollup.from_rows(rollup.spec, carried(rollup.rows()))
    assert again.digest() == rollup.digest()
    again.ingest(rows(20))
    rollup.ingest(rows(20))
    assert again.digest() == rollup.digest()


def halves() -> tuple[isofold.Rollup, list[pa.Table]]:
    """A rollup of all rows, and the rows of states of both halves, which share groups."""
    whole = isofold.Rollup(SPEC)
    whole.ingest(rows(500))
    tables = []
    for part in (rows(500)[::2], rows(500)[1::2]):
        half = isofold.Rollup(SPEC)
        half.ingest(part)
        tables.append(pa.table(half.rows()))
    return whole, tables


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.binary_view()])
def test_rows_of_several_rollups_merge_by_group(kind: pa.DataType) -> None:
    whole, tables = halves()
    at = tables[0].column_names.index("state")
    both = pa.concat_tables(table.set_column(at, "state", table.column("state").cast(kind)) for table in tables)
    merged = isofold.Rollup.from_rows(SPEC, both, duplicates="merge")
    assert merged.digest() == whole.digest()
    again = isofold.Rollup(SPEC)
    assert again.merge_rows(both.slice(1)) is None
    again.merge_rows(both.slice(0, 1).to_pylist())
    for nothing in (both.slice(0, 0), [], both.slice(0, 0).to_batches()):
        again.merge_rows(nothing)
    assert again.digest() == whole.digest()
    with pytest.raises(isofold.Error) as caught:
        isofold.Rollup.from_rows(SPEC, both)
    assert caught.value.code == "decode.canonical" and caught.value.path.startswith("row[")


def test_rows_that_cannot_be_merged_change_nothing() -> None:
    whole, [table, _] = halves()
    before = whole.digest()
    state = table.column_names.index("state")
    damaged = table.set_column(state, "state", pa.array([*table.column("state").to_pylist()[:-1], b"\2"]))
    missing = table.set_column(state, "state", pa.array([*table.column("state").to_pylist()[:-1], None], pa.binary()))
    for code, given in {
        "decode.truncated": damaged,
        "host.argument": missing,
        "ingest.column": table.drop_columns(["state"]),
    }.items():
        with pytest.raises(isofold.Error) as caught:
            whole.merge_rows(given)
        assert caught.value.code == code
    with pytest.raises(isofold.Error) as caught:
        whole.merge_rows(table, max_rows=1)
    assert caught.value.code == "limit.rows"
    assert whole.digest() == before


def test_a_table_of_a_database_keeps_a_rollup() -> None:
    spec = {"name": "n", "columns": {"ts": "timestamp", "model": "string"}, "time": "ts", "bucket": "1 hour", "group_by": ["model"], "select": {"n": "count(*)"}}
    rollup = isofold.Rollup(spec)
    rollup.ingest([{"ts": datetime(2026, 11, 1, hour, tzinfo=timezone.utc), "model": model} for hour in range(3) for model in ("a", None)])
    table = sqlite3.connect(":memory:")
    table.row_factory = sqlite3.Row
    table.execute("CREATE TABLE t (bucket TEXT, model TEXT, n INTEGER, state BLOB)")
    table.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", [(row["bucket"].isoformat(), row["model"], row["n"], row["state"]) for row in rollup.rows()])
    half = isofold.Rollup.from_rows(spec, table.execute("SELECT * FROM t WHERE model IS NULL").fetchall())
    assert len(half) == 3
    half.merge(isofold.Rollup.from_rows(spec, table.execute("SELECT bucket, model, state FROM t WHERE model = 'a'").fetchall()))
    assert half.digest() == rollup.digest()


def test_what_is_no_row_is_refused_with_a_code(rollup: isofold.Rollup) -> None:
    good = rollup.rows().to_dicts()
    for code, given in {
        "ingest.row": [5],
        "decode.truncated": [{**good[0], "state": b""}],
        "decode.checksum": [{**good[0], "state": good[1]["state"]}],
        "ingest.column": [{"state": good[0]["state"]}],
    }.items():
        with pytest.raises(isofold.Error) as raised:
            isofold.Rollup.from_rows(rollup.spec, given)
        assert raised.value.code == code
    for given in ("text", {"bucket": []}, 5):
        with pytest.raises(isofold.Error) as raised:
            isofold.Rollup.from_rows(rollup.spec, given)  # type: ignore[arg-type]
        assert raised.value.code == "host.argument"
    with pytest.raises(isofold.Error) as raised:
        isofold.Rollup.from_rows(rollup.spec, good, max_groups=1)
    assert raised.value.code == "limit.groups"
    with pytest.raises(isofold.HostError, match="no state"):
        isofold.Rollup.from_rows(rollup.spec, [{key: value for key, value in good[0].items() if key != "state"}])
