"""What is meant where nothing is said: late rows are found, the time is the database's, and answers tell what they know."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from databases import NOW, START, Database, catalog, rows

import isofold
import isofold.stores

TEXT = "2026-11-04T10:30:00Z"
HOUR = timedelta(hours=1)
WATERMARK = "2026-11-04T10:00:00Z"


def plain() -> dict[str, Any]:
    plan = catalog()
    del plan["rollups"][0]["refresh"]["start_offset"]
    return plan


def test_a_catalog_that_says_nothing_of_changes_finds_late_rows(database: Database) -> None:
    database.insert(rows())
    store = database.open(plain())
    store.init()
    store.refresh(now=NOW)
    database.insert([(START + 5 * HOUR, "late", 1, 5.0, True)])
    assert store.check(now=NOW)["rollups"][0]["status"] == "stale"
    assert store.refresh(now=NOW)["rollups"][0]["groups_written"] == 1


def test_a_view_needs_a_start_offset_and_no_trigger(database: Database) -> None:
    database.insert(rows())
    database.execute("CREATE VIEW seen AS SELECT * FROM requests")
    for plan, code, path in (
        (plain(), "catalog.missing", "catalog.rollups.hours.refresh.start_offset"),
        (catalog(changes="trigger"), "catalog.invalid", "catalog.source.changes"),
    ):
        plan["source"]["table"] = "seen"
        with pytest.raises(isofold.CatalogError) as raised:
            database.open(plan).init()
        assert (raised.value.code, raised.value.path) == (code, path)
    plan = catalog()
    plan["source"]["table"] = "seen"
    store = database.open(plan)
    store.init()
    store.refresh(now=NOW)
    assert store.check(now=NOW)["rollups"][0]["status"] == "unwatched"
    plan = plain()
    plan["source"]["changes"] = "start_offset"
    with pytest.raises(isofold.CatalogError) as raised:
        database.open(plan)
    assert (raised.value.code, raised.value.path) == ("catalog.missing", "catalog.rollups[0].refresh.start_offset")


def test_an_answer_tells_what_of_it_changed_and_is_not_built(database: Database) -> None:
    database.insert(rows())
    store = database.open(catalog())
    store.init()
    store.refresh(now=NOW)
    asked = {"start": START, "end": NOW}
    assert store.query("hours", **asked).coverage["stale"] == []
    database.insert([(START + 5 * HOUR, "late", 1, 5.0, True), (NOW - HOUR / 4, "late", 1, 5.0, True)])
    answer = store.query("hours", tail=False, **asked)
    assert answer.coverage["stale"] == [{"start": "2026-11-01T05:00:00Z", "end": "2026-11-01T06:00:00Z"}]
    assert answer.coverage["lost"] == []
    assert answer.coverage["left_out"] == answer.coverage["missing"] == [{"start": WATERMARK, "end": TEXT}]
    store.refresh(now=NOW)
    assert store.query("hours", **asked).coverage["stale"] == []


def at_noon(database: Database) -> isofold.stores.Store:
    """A store of a database whose clock stands still."""
    if database.kind == "sqlite":
        connection: Any = sqlite3.connect(database.target)

        def strftime(form: str, time: Any, *_: Any) -> str | None:
            if time is None:
                return None
            at = NOW if time == "now" else datetime.fromisoformat(str(time).replace("Z", "+00:00"))
            return {"%s": str(int(at.timestamp())), "%f": f"{at:%S.%f}"[:6]}[form]

        connection.create_function("strftime", -1, strftime)
    else:
        import psycopg

        [(schema,)] = database.execute("SELECT current_schema()")
        database.execute(
            f"CREATE FUNCTION {schema}.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$ SELECT timestamptz '{TEXT}' $$"
        )
        # a function of the database's own comes after ours
        connection = psycopg.connect(database.target.replace(schema, f"{schema}%2Cpg_catalog"), autocommit=True)
    return isofold.stores.open(plain(), connection)


def test_the_time_is_that_of_the_database_unless_it_is_told(database: Database) -> None:
    assert datetime.now(timezone.utc) != NOW
    database.insert(rows())
    with at_noon(database) as store:
        store.init()
        assert store.plan()["now"] == TEXT
        report = store.refresh()
        assert (report["now"], report["rollups"][0]["watermark"]) == (TEXT, WATERMARK)
        assert [store.check()["now"], store.prune()["now"]] == [TEXT, TEXT]
        assert store.due()[0]["due_in_ms"] == 3_600_000
        store.refresh()
        # those of one millisecond are two
        last, first = store.runs("hours")
        assert first["started_at"] == TEXT and last["started_at"][:19] == TEXT[:19]
        early = "2026-11-04T08:30:00Z"
        assert store.check(now=early)["now"] == store.refresh(now=early)["now"] == early
