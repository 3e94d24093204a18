"""Taking isofold out of a database: nothing of it is left, and what others need stays."""

from __future__ import annotations

from typing import Any

import pytest
from databases import NOW, Database, catalog, rows, spec

import isofold


def things(database: Database) -> set[str]:
    """The tables, indexes, triggers and functions that are there."""
    if database.kind == "sqlite":
        return {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
    here = "current_schema()::regnamespace"
    return {
        name
        for (name,) in database.execute(
            f"SELECT relname::text FROM pg_class WHERE relnamespace = {here} UNION SELECT proname FROM pg_proc WHERE pronamespace = {here} "
            f"UNION SELECT tgname FROM pg_trigger WHERE tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = {here})"
        )
    }


def other() -> dict[str, Any]:
    plan = catalog(changes="trigger")
    plan["rollups"] = [{"spec": spec("quarters", "15 minutes", [])}]
    return plan


@pytest.mark.parametrize("tables", [False, True])
def test_nothing_is_left_but_what_is_kept(database: Database, tables: bool) -> None:
    before = things(database)
    database.insert(rows(200))
    store = database.open(catalog(changes="trigger"))
    store.init()
    store.refresh(now=NOW, since="2026-11-01")
    stored = database.stored("hours")
    names = ["hours", "days", "berlin"]
    assert store.drop(tables=tables) == {"dropped": names if tables else [], "kept": [] if tables else names}
    left = things(database) - before
    if tables:
        assert not left
    else:
        assert {"hours", "days", "berlin"} <= left and not {name for name in left if "changes" in name or "log" in name}
        assert database.stored("hours") == stored
    database.insert(rows(10))
    database.execute("DELETE FROM requests")
    with pytest.raises(isofold.StoreError) as raised:
        store.refresh(now=NOW)
    assert raised.value.code == "store.table"
    # a second time there is nothing to drop, and a table of that name is somebody else's
    assert store.drop(tables=True) == {"dropped": [], "kept": []}
    assert tables or database.stored("hours") == stored


def test_what_another_catalog_needs_stays(database: Database) -> None:
    database.insert(rows(200))
    store, second = database.open(catalog(changes="trigger")), database.open(other())
    for each in (store, second):
        each.init()
        each.refresh(now=NOW, since="2026-11-01")
    store.drop(tables=True)
    database.execute("DELETE FROM requests WHERE user_id > 500")
    second.refresh(now=NOW)
    assert database.stored("quarters") and second.check(now=NOW)["rollups"][0]["status"] == "fresh"
    assert second.load("quarters").digest() == database.folded(other()["rollups"][0]["spec"]).digest()
    # a catalog without a trigger does not take away that of others
    plan = catalog()
    database.open(plan).init()
    database.execute("DELETE FROM requests WHERE user_id > 100")
    second.refresh(now=NOW)
    assert second.load("quarters").digest() == database.folded(other()["rollups"][0]["spec"]).digest()
