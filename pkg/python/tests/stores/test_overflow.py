"""Sums past int64: the cell is NULL and told, the state stays exact, and nothing fails."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from databases import NOW, Database

import isofold

COLUMNS = {"ts": "timestamp", "k": "string", "big": "int64"}
SPEC = {
    "name": "sums", "bucket": "1 hour", "group_by": ["k"],
    "select": {"n": "count(*)", "total": "sum(big)", "mean": "avg(big)", "twice": "2 * total"},
}
BIG = 2**62
START = datetime(2026, 11, 3, 8, tzinfo=timezone.utc)
ROWS: list[tuple[datetime, str, int]] = [
    *((START + timedelta(minutes=i), "much", BIG) for i in range(3)),
    (START + timedelta(minutes=9), "little", 5),
    (START + timedelta(hours=1), "much", BIG),
    (START + timedelta(hours=1, minutes=1), "little", -7),
    # the day before is over
    (START + timedelta(hours=17), "little", 1),
]
#: Of the first hour.
TOTAL = 3 * BIG


def made(database: Database) -> tuple[isofold.stores.Store, isofold.Rollup]:
    kinds = "ts timestamptz, k text, big bigint" if database.kind == "postgres" else "ts TEXT, k TEXT, big INTEGER"
    database.execute(f"CREATE TABLE events ({kinds})")
    for ts, key, big in ROWS:
        database.execute("INSERT INTO events VALUES (%s, %s, %s)", database.time(ts), key, big)
    source = {"table": "events", "columns": COLUMNS, "time": "ts", "changes": "trigger"}
    days = {"name": "days", "bucket": "1 day", "select": {"total": "sum(big)"}}
    store = database.open({"source": source, "rollups": [{"spec": SPEC}, {"spec": days, "from": "sums"}]})
    store.init()
    whole = isofold.Rollup({"columns": COLUMNS, "time": "ts", **SPEC})
    whole.ingest([{"ts": ts, "k": key, "big": big} for ts, key, big in ROWS])
    return store, whole


def test_refresh_keeps_the_exact_state_and_null_in_the_column(database: Database) -> None:
    store, whole = made(database)
    report = store.refresh(now=NOW)
    assert [rollup["status"] for rollup in report["rollups"]] == ["ok", "ok"]
    assert store.load("sums").digest() == whole.digest()
    columns = database.execute("SELECT k, n, total, mean FROM sums ORDER BY bucket, k")
    assert columns == [("little", 1, 5, 5.0), ("much", 3, None, float(BIG)), ("little", 1, -7, -7.0), ("much", 1, BIG, float(BIG)), ("little", 1, 1, 1.0)]
    assert database.execute("SELECT total FROM days") == [(None,)]
    assert [state["status"] for state in store.check(now=NOW)["rollups"]] == ["fresh", "fresh"]
    exact = store.query("sums", bucket=None, select=[{"nearest": "cast(sum(big) as float64)"}])
    assert exact.to_dicts() == [{"k": "little", "nearest": -1.0}, {"k": "much", "nearest": float(4 * BIG)}]
    assert exact.warnings == []


def test_answers_name_code_metric_bucket_and_key(database: Database) -> None:
    store, whole = made(database)
    queries: list[dict[str, Any]] = [
        {},
        {"bucket": None, "group_by": []},
        {"having": "total > 0", "select": ["total"]},
        {"having": "total is null", "select": ["n", "total"]},
        {"bucket": "1 day", "select": ["total"]},
        {"gapfill": {"total": "locf"}, "select": ["total"], "start": "2026-11-03T07:00:00Z", "end": "2026-11-03T12:00:00Z"},
        {"bucket": None, "windows": {"late": "1 hour"}, "end": "2026-11-03T10:00:00Z", "select": ["total"]},
    ]
    for is_built in (False, True):
        if is_built:
            store.refresh(now=NOW)
        for query in queries:
            answer, wanted = store.query("sums", query), whole.query(query)
            assert answer.to_dicts() == wanted.to_dicts(), query
            assert answer.warnings == answer.result.warnings == wanted.warnings, query
    [first, second] = store.query("sums").warnings
    assert (first["code"], first["metric"], first["key"]) == ("query.overflow", "total", {"k": "much"})
    assert first["bucket"] == whole.query().warnings[0]["bucket"] and str(TOTAL) in first["message"]
    assert (second["code"], second["metric"], second["key"]) == ("expr.overflow", "twice", {"k": "much"})

