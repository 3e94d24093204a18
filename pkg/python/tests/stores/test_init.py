"""init changes what differs and nothing else: columns, indexes, triggers, the shape of the own tables."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from databases import NOW, SELECT, Database, catalog, rows

import isofold


def made(database: Database, **select: str) -> isofold.stores.Store:
    store = database.open(with_select(**select))
    store.init()
    return store


def with_select(**select: str) -> dict[str, Any]:
    plan = copy.deepcopy(catalog(changes="trigger"))
    plan["rollups"] = plan["rollups"][:1]
    plan["rollups"][0]["spec"]["select"] = {**SELECT, **select}
    return plan


def plain_equals_states(database: Database, store: isofold.stores.Store, metric: str) -> None:
    stored = database.execute(f'SELECT "{metric}" FROM hours ORDER BY bucket, model')
    right = store.load("hours", end=store.check(now=NOW)["rollups"][0]["watermark"]).rows()
    ordered = sorted(zip(right.column("bucket"), [m or "~" for m in right.column("model")], right.column(metric)))
    found = database.execute(f'SELECT bucket, coalesce(model, \'~\'), "{metric}" FROM hours')
    # SQLite has no booleans
    text = lambda value: str(int(value) if isinstance(value, bool) else value)  # noqa: E731
    assert sorted(text(value) for (value,) in stored) == sorted(text(value) for *_, value in ordered)
    assert len(found) == len(ordered) > 0


def schema_of(database: Database) -> list[tuple[Any, ...]]:
    if database.kind == "sqlite":
        return database.execute("SELECT name, sql, rootpage FROM sqlite_master ORDER BY 1")
    return database.execute(
        "SELECT c.relname, c.xmin::text, c.relfilenode FROM pg_class AS c WHERE c.relnamespace = current_schema()::regnamespace "
        "UNION ALL SELECT t.tgname, t.xmin::text, t.oid FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid "
        "WHERE c.relnamespace = current_schema()::regnamespace UNION ALL SELECT p.proname, p.xmin::text, p.oid FROM pg_proc AS p "
        "WHERE p.pronamespace = current_schema()::regnamespace ORDER BY 1, 3"
    )


def test_a_second_init_changes_nothing_and_waits_for_nobody(database: Database) -> None:
    database.insert(rows(100))
    made(database).refresh(now=NOW)
    before = schema_of(database)
    # a writer that has not ended
    database.execute("BEGIN IMMEDIATE" if database.kind == "sqlite" else "BEGIN")
    database.execute("INSERT INTO requests (model) VALUES ('open')")
    report = database.open(with_select()).init()["rollups"]
    database.execute("ROLLBACK")
    assert [(each["status"], each["added"]) for each in report] == [("there", [])]
    assert schema_of(database) == before


def test_what_is_missing_is_made_again(database: Database) -> None:
    database.insert(rows(400))
    store = made(database)
    store.refresh(now=NOW)
    before = sorted(name for name, *_ in schema_of(database))
    index = next(name for name in before if name.endswith("_key"))
    trigger = next(name for name in before if name.endswith("_update"))
    database.execute(f'DROP INDEX "{index}"')
    database.execute(f'DROP TRIGGER "{trigger}"' + ("" if database.kind == "sqlite" else " ON requests"))
    assert sorted(name for name, *_ in schema_of(database)) != before
    store.init()
    assert sorted(name for name, *_ in schema_of(database)) == before


def test_a_table_that_was_dropped_is_built_again(database: Database) -> None:
    database.insert(rows(400))
    store = made(database)
    store.refresh(now=NOW)
    before = database.stored("hours")
    database.execute("DROP TABLE hours")
    store = made(database)
    assert store.check(now=NOW)["rollups"][0]["status"] == "never"
    store.refresh(now=NOW)
    assert database.stored("hours") == before


def test_a_metric_of_another_meaning_or_type_is_filled_from_the_states(database: Database) -> None:
    database.insert(rows(400))
    made(database, total="count(ms)").refresh(now=NOW)
    for total in ["avg(ms)", "sum(ms) / 1000", "count(*) > 5"]:
        plain_equals_states(database, made(database, total=total), "total")


def test_a_metric_that_is_gone_has_no_column_and_one_that_was_renamed_by_hand_is_filled(database: Database) -> None:
    database.insert(rows(400))
    made(database, total="sum(ms)").refresh(now=NOW)
    store = made(database)
    with pytest.raises(Exception, match="total"):
        database.execute("SELECT total FROM hours")
    database.execute("ALTER TABLE hours RENAME COLUMN avg_ms TO mean_ms")
    store = made(database)
    plain_equals_states(database, store, "avg_ms")


def test_a_column_of_somebody_else_is_not_taken_for_a_metric(database: Database) -> None:
    database.insert(rows(400))
    made(database).refresh(now=NOW)
    database.execute("ALTER TABLE hours ADD COLUMN note text")
    database.execute("UPDATE hours SET note = 'checked'")
    with pytest.raises(isofold.StoreError) as raised:
        made(database, note="sum(ms)")
    assert raised.value.code == "store.table" and "note" in raised.value.message
    # and it is left alone by all that goes on
    made(database, total="sum(ms)").refresh(now=NOW)
    assert database.execute("SELECT DISTINCT note FROM hours") == [("checked",)]


def test_a_process_with_the_catalog_of_before_writes_no_more(database: Database) -> None:
    database.insert(rows(400))
    old = made(database)
    old.refresh(now=NOW)
    new = made(database, total="sum(ms)")
    database.execute("DELETE FROM requests WHERE user_id > 500")
    with pytest.raises(isofold.StoreError) as raised:
        old.refresh(now=NOW)
    assert raised.value.code == "store.version"
    new.refresh(now=NOW)
    plain_equals_states(database, new, "total")


def test_one_name_is_kept_from_one_table_of_rows(database: Database) -> None:
    database.insert(rows(100))
    made(database)
    kind = "TEXT" if database.kind == "sqlite" else "timestamptz"
    database.execute(f"CREATE TABLE clicks (ts {kind}, model text, user_id int, ms float, ok boolean)")
    plan = with_select()
    plan["source"]["table"] = "clicks"
    with pytest.raises(isofold.StoreError) as raised:
        database.open(plan).init()
    assert raised.value.code == "store.table" and "requests" in raised.value.message


def test_tables_of_another_version_are_told_by_a_code(database: Database) -> None:
    made(database)
    database.execute("ALTER TABLE isofold_rollups DROP COLUMN revision")
    store = database.open(with_select())
    for act in (store.refresh, store.check, lambda: store.query("hours")):
        with pytest.raises(isofold.StoreError) as raised:
            act()
        assert raised.value.code == "store.version" and "init" in raised.value.message
    store.init()
    assert store.check(now=NOW)["rollups"][0]["status"] == "fresh"
    database.execute("UPDATE isofold_version SET version = version + 1")
    newer = database.open(with_select())
    for act in (newer.init, newer.refresh, lambda: newer.query("hours")):
        with pytest.raises(isofold.StoreError) as raised:
            act()
        assert raised.value.code == "store.version" and "newer" in raised.value.message


def test_an_own_table_that_was_dropped_by_hand_is_made_again(database: Database) -> None:
    made(database)
    for table in ("isofold_changes", "isofold_schemas", "isofold_version"):
        database.execute(f"DROP TABLE {table}")
        made(database)
        # a connection of SQLite that dropped a table looks for it again when it is asked for by name
        assert len(database.execute(f"SELECT count(*) FROM {table}")) == 1
        database.insert(rows(10))
        database.open(with_select()).refresh(now=NOW)
