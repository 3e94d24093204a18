"""Queries across levels, ragged edges and the real-time tail: the answer is that of the rows themselves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from databases import COLUMNS, NOW, START, Database, catalog, rows, spec

import isofold
import isofold.stores


@pytest.fixture
def store(database: Database) -> isofold.stores.Store:
    database.insert(rows(4600))
    store = database.open(catalog())
    store.init()
    store.refresh(now=NOW)
    return store


def of_rows(database: Database, start: datetime, end: datetime, **query: Any) -> list[dict[str, Any]]:
    """The answer of the rows of a range, folded as they are."""
    inside = [row for row in database.raw() if start <= datetime.fromisoformat(str(row["ts"])) < end]
    rollup = isofold.Rollup({"columns": COLUMNS, "time": "ts", **spec("all", "1 hour", ["model"])})
    rollup.ingest(inside)
    return rollup.query(**query).to_dicts()


def test_a_ragged_range_over_all_levels_is_exact(database: Database, store: isofold.stores.Store) -> None:
    start, end = START + timedelta(hours=7, minutes=13, seconds=5.5), NOW + timedelta(minutes=20)
    for query in (
        {"bucket": None, "group_by": ["model"]},
        {"bucket": None, "group_by": [], "where": "model is not null"},
        {"bucket": "1 day", "group_by": []},
        {"bucket": "1 hour", "group_by": ["model"], "select": ["p95_ms", "users", {"third": "requests / 3"}]},
    ):
        answer = store.query("hours", start=start, end=end, **query)
        assert answer.to_dicts() == of_rows(database, start, end, **query), query
        assert answer.coverage["missing"] == []


def test_the_coarsest_rollup_that_can_answers_and_says_so(store: isofold.stores.Store) -> None:
    answer = store.query("hours", bucket=None, group_by=[], start="2026-11-01T22:30:00Z", end="2026-11-04T10:15:00Z")
    assert [(each["from"], each["start"], each["end"]) for each in answer.coverage["segments"]] == [
        ("rows", "2026-11-01T22:30:00Z", "2026-11-01T23:00:00Z"),
        ("berlin", "2026-11-01T23:00:00Z", "2026-11-03T23:00:00Z"),
        ("hours", "2026-11-03T23:00:00Z", "2026-11-04T10:00:00Z"),
        ("rows", "2026-11-04T10:00:00Z", "2026-11-04T10:15:00Z"),
    ] or answer.coverage["segments"][1]["from"] in ("days", "hours")


@pytest.mark.parametrize("align", ["outer", "inner"])
def test_a_range_is_moved_onto_edges_as_in_memory(database: Database, store: isofold.stores.Store, align: str) -> None:
    start, end = START + timedelta(hours=7, minutes=13), NOW + timedelta(minutes=20)
    held = database.folded(spec("hours", "1 hour", ["model"]))
    for query in ({"bucket": "1 hour"}, {"bucket": None, "group_by": [], "windows": {"last": "90 minutes"}}):
        asked = {"start": start, "end": end, "align": align, "select": ["requests", "p95_ms"], **query}
        assert store.query("hours", **asked).to_dicts() == held.query(**asked).to_dicts(), query


def test_rows_past_the_watermark_are_seen_at_once(database: Database, store: isofold.stores.Store) -> None:
    query = {"bucket": None, "group_by": [], "select": ["requests"]}
    before = store.query("days", **query).column("requests")[0]
    database.insert([(NOW, "new", 1, 1.0, True), (NOW + timedelta(days=400), "future", 1, 1.0, True)])
    assert store.query("days", **query).column("requests") == [before + 2]


def test_windows_before_the_end_are_cut_where_they_start(database: Database, store: isofold.stores.Store) -> None:
    end = datetime.fromisoformat("2026-11-04T10:05:00+00:00")
    answer = store.query(
        "hours", bucket=None, group_by=["model"], select=["requests"], end=end, windows={"last_24h": "24 hours"}
    )
    last = {row["model"]: row["requests"] for row in of_rows(database, end - timedelta(hours=24), end, bucket=None)}
    assert {row["model"]: row["requests_last_24h"] for row in answer} == last


def test_a_store_that_was_never_refreshed_answers_from_rows(database: Database) -> None:
    database.insert(rows(500))
    store = database.open(catalog())
    store.init()
    answer = store.query("days", bucket=None, group_by=[], select=["requests"])
    assert answer.column("requests") == [500]
    assert [each["from"] for each in answer.coverage["segments"]] == ["rows"]
    assert [each["status"] for each in store.check(now=NOW)["rollups"]][0] == "never"


def test_problems_have_codes(database: Database, store: isofold.stores.Store) -> None:
    for code, call in {
        "refresh.rollup": lambda: store.query("weeks"),
        "query.unknown_key": lambda: store.query("hours", buckets=1),
        "range.edge": lambda: store.load("hours", end="2026-11-01T00:30:00Z"),
        "range.invalid": lambda: store.invalidate("2026-11-02", "2026-11-01"),
        "store.table": lambda: database.open(
            {**catalog(), "rollups": [{"spec": spec("weeks", "1 week", [])}]}
        ).refresh(now=NOW),
        "catalog.invalid": lambda: database.open("[]" if False else {"source": 1, "rollups": []}),
        "store.driver": lambda: isofold.stores.open(catalog(), 5),
    }.items():
        with pytest.raises(isofold.Error) as raised:
            call()
        assert raised.value.code == code
    # what is kept here is kept of other rows
    elsewhere = {"source": {**catalog()["source"], "table": "nowhere"}, "rollups": catalog()["rollups"]}
    with pytest.raises(isofold.Error) as raised:
        database.open(elsewhere).refresh(now=NOW)
    assert raised.value.code == "store.table"


def test_a_connection_of_the_user_stays_as_it_was(database: Database) -> None:
    database.insert(rows(300))
    if database.kind == "sqlite":
        import sqlite3

        connection: Any = sqlite3.connect(database.target)
        connection.row_factory = sqlite3.Row
    else:
        import psycopg

        connection = psycopg.connect(database.target)
    store = isofold.stores.open(catalog(), connection)
    store.init()
    store.refresh(now=NOW)
    assert connection.execute("SELECT count(*) AS n FROM hours").fetchone()[0] > 0
    if database.kind == "sqlite":
        assert connection.isolation_level == "" and connection.row_factory is sqlite3.Row
    else:
        assert connection.autocommit is False
        with pytest.raises(isofold.StoreError, match="inside a transaction"):
            store.check(now=NOW)
    connection.close()
