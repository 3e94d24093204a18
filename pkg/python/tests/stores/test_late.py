"""Late data: inserts, updates and deletes, inside and outside the window, known by trigger, by hand or not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from databases import NOW, START, Database, catalog, rows, spec

HOUR = timedelta(hours=1)
WATERMARK = NOW.replace(minute=0)
#: `start_offset` of the catalog is 6 hours.
PLACES = {"inside": WATERMARK - 3 * HOUR, "outside": START + 5 * HOUR}


def change(database: Database, kind: str, at: object) -> None:
    start, end = database.time(at), database.time(at + HOUR)
    if kind == "insert":
        database.insert([(at, "late", 1, 5.0, True)])
    elif kind == "update":
        database.execute("UPDATE requests SET ms = 1 WHERE ts >= %s AND ts < %s", start, end)
    elif kind == "move":
        # out of one hour and into another
        database.execute("UPDATE requests SET ts = %s WHERE ts >= %s AND ts < %s", database.time(at - HOUR), start, end)
    else:
        database.execute("DELETE FROM requests WHERE ts >= %s AND ts < %s", start, end)


@pytest.mark.parametrize("kind", ["insert", "update", "move", "delete"])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("way", ["trigger", "invalidate", "start_offset"])
def test_what_a_refresh_finds_and_what_check_shows(database: Database, way: str, place: str, kind: str) -> None:
    database.insert(rows())
    store = database.open(catalog(changes="trigger" if way == "trigger" else "start_offset"))
    store.init()
    store.refresh(now=NOW)
    before = database.stored("hours")
    at = PLACES[place]
    change(database, kind, at)
    touched = (at - HOUR if kind == "move" else at, at + HOUR)
    if way == "invalidate":
        store.invalidate(*touched)
    hours, days = spec("hours", "1 hour", ["model"]), spec("days", "1 day", ["model"])

    def is_right() -> bool:
        return (
            store.load("hours", end=WATERMARK).digest() == database.folded(hours, WATERMARK).digest()
            and store.load("days", end=WATERMARK.replace(hour=0)).digest() == database.folded(days, WATERMARK.replace(hour=0)).digest()
        )

    text = lambda time: time.isoformat().replace("+00:00", "Z")  # noqa: E731
    [state, *_] = store.check(now=NOW)["rollups"]
    known = way != "start_offset"
    # what nobody tells of cannot be shown, and so nothing there is said to be fresh
    assert state["stale"] == ([{"start": text(touched[0]), "end": text(touched[1])}] if known else [])
    assert state["status"] == ("stale" if known else "unwatched")
    store.refresh(now=NOW)
    if place == "outside" and not known:
        assert database.stored("hours") == before and not is_right()
        store.refresh(since=START, now=NOW)
    assert is_right()
    state = store.check(now=NOW)["rollups"][0]
    unseen = [] if way == "trigger" else [{"start": "2026-11-01T00:00:00Z", "end": "2026-11-04T04:00:00Z"}]
    assert (state["status"], state["unwatched"]) == ("unwatched" if unseen else "fresh", unseen)
    assert all(each["groups_written"] == 0 for each in store.refresh(since=START, now=NOW)["rollups"])


def test_a_told_change_is_built_however_old(database: Database) -> None:
    database.insert(rows())
    plan = catalog(changes="start_offset")
    plan["rollups"][0]["refresh"]["start_offset"] = "1 minute"
    store = database.open(plan)
    store.init()
    store.refresh(now=NOW)
    change(database, "update", START)
    assert store.refresh(now=NOW)["rollups"][0]["rows_read"] == 0
    store.invalidate(START, START + HOUR, rollup="hours")
    report = store.refresh(now=NOW)["rollups"]
    assert 0 < report[0]["rows_read"] < 60 and report[1]["groups_written"] > 0
    assert store.load("hours", end=WATERMARK).digest() == database.folded(spec("hours", "1 hour", ["model"]), WATERMARK).digest()
