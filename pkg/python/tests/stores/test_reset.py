"""A watermark that is set back: rows answer from there on, and the next refresh builds them again."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from databases import NOW, START, Database, catalog, rows, spec

import isofold
import isofold.stores

HOURS = spec("hours", "1 hour", ["model"])


def statuses(store: isofold.stores.Store) -> list[str]:
    return [state["status"] for state in store.check(now=NOW)["rollups"]]


def test_what_nobody_logged_is_built_from_there(database: Database) -> None:
    database.insert(rows())
    store = database.open(catalog(changes="start_offset"))
    store.init()
    store.refresh(now=NOW)
    states = store.check(now=NOW)["rollups"]
    watermark = states[0]["watermark"]
    database.execute("DELETE FROM requests WHERE model = %s", "gpt")
    before = database.stored("hours")

    report = store.reset(START + timedelta(hours=30, minutes=20))
    assert report["reset"] == [
        {"name": "hours", "watermark": "2026-11-02T06:00:00Z"},
        {"name": "berlin", "watermark": "2026-11-01T23:00:00Z"},
        {"name": "days", "watermark": "2026-11-02T00:00:00Z"},
    ]
    assert database.stored("hours") == before
    assert statuses(store) == ["stale"] * 3
    # rows answer what counts as not built
    late = store.query("hours", start="2026-11-02T06:00:00Z", group_by=[], bucket=None, select=["requests"])
    assert late.column("requests") == [sum(row["ts"] is not None for row in database.raw() if _at(row["ts"]) >= START + timedelta(hours=30))]

    assert store.reset("2026-11-01", rollup="hours")["reset"][0] == {"name": "hours", "watermark": "2026-11-01T00:00:00Z"}
    store.refresh(now=NOW)
    end = datetime.fromisoformat(watermark.replace("Z", "+00:00"))
    assert store.load("hours", end=end).digest() == database.folded(HOURS, end).digest()
    assert statuses(store) == [state["status"] for state in states]


def _at(ts: object) -> datetime:
    return datetime.fromisoformat(ts) if isinstance(ts, str) else ts  # type: ignore[return-value]


def test_what_cannot_be_set_back_has_a_code(database: Database) -> None:
    database.insert(rows())
    store = database.open(catalog(changes="start_offset"))
    store.init()
    store.refresh(now=NOW)
    before = statuses(store)
    for code, to, rollup in [
        ("range.invalid", NOW + timedelta(hours=1), "hours"),
        ("range.invalid", "2027-01-01", None),
        ("range.invalid", "soon", None),
        ("refresh.rollup", START, "weeks"),
        ("host.argument", None, None),
    ]:
        with pytest.raises(isofold.Error) as caught:
            store.reset(to, rollup)  # type: ignore[arg-type]
        assert caught.value.code == code, (to, rollup, caught.value)
    assert statuses(store) == before


def test_it_can_be_awaited(database: Database) -> None:
    database.insert(rows())
    store = database.open(catalog(changes="start_offset"))
    store.init()
    store.refresh(now=NOW)

    async def reset() -> dict[str, object]:
        async with isofold.stores.open_async(catalog(changes="start_offset"), database.target) as other:
            return await other.reset(START, "berlin")

    assert asyncio.run(reset()) == {"reset": [{"name": "berlin", "watermark": "2026-10-31T23:00:00Z"}]}
