"""The trigger logs every change of a row, however its time is written, and no writer fails because of it."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from databases import NOW, START, Database

import isofold.stores

SPELLINGS = [
    "2026-11-02 05:10:00",
    "2026-11-02T05:10",
    "2026-11-02T05:10:00.250Z",
    "2026-11-02T05:10:00+0000",
    "2026-11-02T05:10:00+00",
    "2026-11-02T10:40:00+0530",
    "2026-11-02T10:40:00+05:30",
    "2026-11-02T05:59:59.9996Z",
    "2026-11-02T05:59:59.999999+00:00",
]


def plan(table: str = "requests", column: str = "timestamp", **changes: Any) -> dict[str, Any]:
    hours = {"name": "hours", "bucket": "1 hour", "select": {"n": "count(*)", "total": "sum(ms)"}}
    return {
        "source": {"table": table, "columns": {"ts": column, "ms": "float64"}, "time": "ts", "changes": "trigger", **changes},
        "rollups": [{"spec": hours}],
    }


@pytest.mark.parametrize("text", SPELLINGS)
def test_a_text_of_any_spelling_is_logged_in_its_hour(tmp_path: Path, text: str) -> None:
    path = tmp_path / "app.db"
    rows = sqlite3.connect(path, isolation_level=None)
    rows.execute("CREATE TABLE requests (ts TEXT, ms REAL)")
    rows.execute("INSERT INTO requests VALUES ('2026-11-01T00:00:00Z', 1.0), ('2026-11-03T23:59:00Z', 1.0)")
    with isofold.stores.open(plan(), path) as store:
        store.init()
        store.refresh(now=NOW)
        rows.execute("INSERT INTO requests VALUES (?, 2.0)", [text])
        [hours] = store.check(now=NOW)["rollups"]
        [due] = hours["due"]
        assert due["start"] == "2026-11-02T05:00:00Z" and due["end"] in ("2026-11-02T06:00:00Z", "2026-11-02T07:00:00Z")
        assert store.refresh(now=NOW)["rollups"][0]["groups_written"] == 1
        rows.execute("UPDATE requests SET ms = 3.0 WHERE ts = ?", [text])
        assert store.refresh(now=NOW)["rollups"][0]["groups_written"] == 1
        rows.execute("DELETE FROM requests WHERE ts = ?", [text])
        assert store.refresh(now=NOW)["rollups"][0]["groups_deleted"] == 1
    rows.close()


def test_a_text_that_only_the_kernel_reads_changes_everything(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    rows = sqlite3.connect(path, isolation_level=None)
    rows.execute("CREATE TABLE requests (ts TEXT, ms REAL)")
    rows.execute("INSERT INTO requests VALUES ('2026-11-01T00:00:00Z', 1.0), ('2026-11-03T23:59:00Z', 1.0)")
    with isofold.stores.open(plan(), path) as store:
        store.init()
        store.refresh(now=NOW)
        rows.execute("INSERT INTO requests VALUES ('+002026-11-02T05:10:00Z', 2.0)")
        [(start, end)] = rows.execute("SELECT start_us, end_us FROM isofold_changes")
        assert start < -(10**17) and end > 10**17
    rows.close()


def test_the_first_row_is_built_though_another_text_sorts_before_it(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    rows = sqlite3.connect(path, isolation_level=None)
    rows.execute("CREATE TABLE requests (ts TEXT, ms REAL)")
    texts = ["2026-11-01T04:00:00+05:00", "2026-11-01T00:00:00Z", "2026-11-01 23:00:00", "2026-11-02T00:00:00Z"]
    rows.executemany("INSERT INTO requests VALUES (?, 1.0)", [[text] for text in texts])
    with isofold.stores.open(plan(), path) as store:
        store.init()
        assert store.refresh(now=NOW)["rollups"][0]["groups_written"] == 4
    rows.close()


@pytest.mark.parametrize(("unit", "ticks"), [("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9)])
@pytest.mark.parametrize("at", [datetime(2026, 11, 2, 5, 59, 59, 999_999, timezone.utc), datetime(1969, 12, 31, 23, 59, 59, 999_999, timezone.utc)])
def test_a_number_is_logged_in_its_hour(database: Database, unit: str, ticks: int, at: datetime) -> None:
    kind = "INTEGER" if database.kind == "sqlite" else "bigint"
    database.execute(f"CREATE TABLE ticks (ts {kind}, ms double precision)")
    us = (at - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(microseconds=1)
    # of a ns column the last of the µs, which the kernel floors
    value = us * 1000 + 999 if unit == "ns" else us * ticks // 10**6
    store = database.open(plan("ticks", f"timestamp[{unit}]"))
    store.init()
    database.execute("INSERT INTO ticks VALUES (%s, 1.0)", value - 3600 * ticks)
    store.refresh(now=NOW)
    database.execute("INSERT INTO ticks VALUES (%s, 2.0)", value)
    assert store.refresh(now=NOW)["rollups"][0]["groups_written"] == 1
    database.execute("DELETE FROM ticks WHERE ts = %s", value)
    assert store.refresh(now=NOW)["rollups"][0]["groups_deleted"] == 1


@pytest.mark.parametrize("kind", ["timestamptz", "timestamp", "date"])
def test_the_zone_of_a_session_moves_no_change(database: Database, kind: str) -> None:
    if database.kind == "sqlite":
        pytest.skip("SQLite has no zones")
    database.execute(f"CREATE TABLE zoned (ts {kind}, ms double precision)")
    store = database.open(plan("zoned"))
    store.init()
    database.execute("SET TIME ZONE 'UTC'")
    database.execute("INSERT INTO zoned VALUES ('2026-11-01', 1.0)")
    store.refresh(now=NOW)
    database.execute("SET TIME ZONE 'Asia/Kolkata'")
    late = "2026-11-02 00:00:00+00" if kind == "timestamptz" else "2026-11-02"
    database.execute("INSERT INTO zoned VALUES (%s, 2.0)", late)
    assert store.refresh(now=NOW)["rollups"][0]["groups_written"] == 1
    [answer] = store.query("hours", start="2026-11-02", end="2026-11-02T01:00:00Z").to_dicts()
    assert (answer["n"], answer["total"]) == (1, 2.0)
    database.execute("DELETE FROM zoned WHERE ts = %s", late)
    assert store.refresh(now=NOW)["rollups"][0]["groups_deleted"] == 1


def test_a_time_that_is_no_instant_fails_no_writer(database: Database) -> None:
    odd = [None] if database.kind == "sqlite" else [None, "infinity", "-infinity"]
    database.insert([(START, "gpt", 1, 1.0, True)])
    store = database.open(plan())
    store.init()
    for ts in odd:
        database.execute("INSERT INTO requests (ts, ms) VALUES (%s, 1.0)", ts)
    database.execute("UPDATE requests SET ms = 2.0 WHERE ts IS NULL")
    database.execute("DELETE FROM requests WHERE ts IS NULL OR ms = 1.0 AND model IS NULL")
    assert store.refresh(now=NOW)["rollups"][0]["groups_written"] == 1


def test_a_table_with_a_hostile_name_is_followed(database: Database) -> None:
    table = "Order \\ 'raw' \"select\""
    quoted = '"' + table.replace('"', '""') + '"'
    kind = "TEXT" if database.kind == "sqlite" else "timestamptz"
    database.execute(f"CREATE TABLE {quoted} (ts {kind}, ms double precision)")
    store = database.open(plan(table, retention="30 days"))
    store.init()
    insert = f"INSERT INTO {quoted} VALUES (%s, 1.0)"
    database.execute(insert, database.time(START))
    store.refresh(now=NOW)
    database.execute(insert, database.time(START))
    assert store.refresh(now=NOW)["rollups"][0]["groups_written"] == 1
    assert store.prune(now=NOW)["pruned"][0]["name"] == table
