"""What may go wrong while a store works: kills, two at once, broken connections, full disks, late transactions."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from databases import NOW, START, Database, catalog, rows

import isofold
import isofold.stores

#: Kills for each database: 100 with ISOFOLD_KILLS=100, as `just kills` has it.
KILLS = int(os.environ.get("ISOFOLD_KILLS", "8"))

REFRESHER = """
import json, sys
import isofold.stores
with isofold.stores.open(json.loads(sys.argv[1]), sys.argv[2]) as store:
    print("ready", flush=True)
    store.refresh(since=sys.argv[3] or None, now=sys.argv[4])
"""


def refresher(database: Database, plan: dict[str, Any], since: str) -> subprocess.Popen[str]:
    arguments = [json.dumps(plan), database.target, since, NOW.isoformat()]
    process = subprocess.Popen([sys.executable, "-c", REFRESHER, *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    return process


def assert_right(database: Database, store: isofold.stores.Store) -> None:
    for each, end in (("hours", NOW.replace(minute=0)), ("days", NOW.replace(hour=0, minute=0))):
        made = next(rollup["spec"] for rollup in catalog()["rollups"] if rollup["spec"]["name"] == each)
        assert store.load(each, end=end).digest() == database.folded(made, end).digest(), each


def test_a_kill_at_any_point_loses_and_doubles_nothing(database: Database) -> None:
    database.insert(rows())
    plan = catalog(changes="trigger")
    del plan["rollups"][0]["refresh"]["start_offset"]
    store = database.open(plan)
    store.init()
    generator = random.Random(7)
    store.refresh(now=NOW)
    took = time.perf_counter()
    store.refresh(since=START, now=NOW)
    took = time.perf_counter() - took
    killed = number = 0
    while killed < KILLS:
        number += 1
        assert number < 10 * KILLS, f"only {killed} of {number} refreshers were hit"
        at = START + timedelta(seconds=generator.randrange(80 * 3600))
        if number % 2:
            database.execute("UPDATE requests SET ms = ms + 1 WHERE ts >= %s", database.time(at))
        else:
            database.execute("DELETE FROM requests WHERE id = %s", generator.randrange(4000))
            database.insert([(at, f"late {number}", number, 1.5, True)])
        process = refresher(database, plan, START.isoformat() if number % 3 == 0 else "")
        time.sleep(generator.random() * took)
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        # PostgreSQL ends the transaction of a killed client when it next speaks to it
        store.refresh(now=NOW)
        assert_right(database, store)
        assert all(each["groups_written"] == 0 for each in store.refresh(since=START, now=NOW)["rollups"])


def test_two_refreshers_at_once_wait_for_each_other(database: Database) -> None:
    database.insert(rows())
    plan = catalog()
    store = database.open(plan)
    store.init()
    processes = [refresher(database, plan, START.isoformat()) for _ in range(3)]
    assert [process.wait(timeout=120) for process in processes] == [0, 0, 0]
    assert_right(database, store)
    assert all(each["groups_written"] == 0 for each in store.refresh(since=START, now=NOW)["rollups"])


class Breaking:
    """A driver that fails after some statements or batches, as a connection does that is cut."""

    def __init__(self, driver: Any, after: int) -> None:
        self.driver = driver
        self.left = after
        self.dialect = driver.dialect

    def __getattr__(self, name: str) -> Any:
        return getattr(self.driver, name)

    def _step(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise isofold.StoreError("store.database", "the connection is cut")

    def run(self, sql: str, parameters: Any) -> Any:
        self._step()
        return self.driver.run(sql, parameters)

    def stream(self, sql: str) -> Any:
        for batch in self.driver.stream(sql):
            self._step()
            yield batch


def test_a_failure_at_every_single_statement_leaves_what_was_or_what_should_be(database: Database) -> None:
    database.insert(rows(300, step=600))
    plan = catalog(changes="trigger")
    store = database.open(plan)
    store.init()
    whole = store._driver
    for after in range(1, 60):
        database.insert([(START + timedelta(minutes=after), "late", after, 1.0, True)])
        store._driver = Breaking(whole, after)
        try:
            store.refresh(now=NOW)
        except isofold.StoreError:
            pass
        store._driver = whole
        if after % 6 == 0:
            store.refresh(since=START, now=NOW)
            assert_right(database, store)


def test_a_connection_that_the_server_ends_is_an_error_with_a_code(database: Database) -> None:
    if database.kind == "sqlite":
        pytest.skip("SQLite has no connection that could be cut")
    database.insert(rows())
    store = database.open(catalog())
    store.init()

    def cut(progress: dict[str, Any]) -> None:
        if progress["rows_read"] > 100:
            database.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND application_name = 'cut'"
            )

    store._driver._connection.execute("SET application_name = 'cut'")
    with pytest.raises(isofold.StoreError) as raised:
        store.refresh(now=NOW, on_progress=cut)
    assert raised.value.code == "store.database"
    again = database.open(catalog())
    again.refresh(now=NOW)
    assert_right(database, again)


def test_a_full_disk_is_an_error_with_a_code_and_nothing_half_written(tmp_path: Path) -> None:
    from databases import make_sqlite

    database = make_sqlite(tmp_path)
    database.insert(rows())
    store = database.open(catalog())
    store.init()
    store.refresh(now=NOW - timedelta(days=2))
    before = database.stored("hours")
    connection = store._driver._connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(isofold.StoreError, match="full"):
        store.refresh(now=NOW)
    stored = database.stored("hours")
    assert stored[: len(before)] == before
    connection.execute("PRAGMA max_page_count = 1000000")
    store.refresh(now=NOW)
    assert_right(database, store)
    database.close()


def test_a_transaction_that_commits_after_its_bucket_was_built_is_not_lost(database: Database) -> None:
    if database.kind == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    import psycopg

    database.insert(rows())
    store = database.open(catalog(changes="trigger"))
    store.init()
    with psycopg.connect(database.target) as slow:
        slow.execute("INSERT INTO requests (ts, model, user_id, ms, ok) VALUES (%s, 'slow', 1, 1, true)", [NOW - timedelta(hours=2)])
        store.refresh(now=NOW)
        slow.commit()
    assert store.refresh(now=NOW)["rollups"][0]["groups_written"] == 1
    assert_right(database, store)


def test_writers_go_on_while_a_refresh_works(database: Database) -> None:
    database.insert(rows())
    store = database.open(catalog(changes="trigger"))
    store.init()
    failed: list[Exception] = []

    def write() -> None:
        try:
            if database.kind == "sqlite":
                import sqlite3

                own = Database("sqlite", database.target, sqlite3.connect(database.target, timeout=60, isolation_level=None))
            else:
                import psycopg

                own = Database("postgres", database.target, psycopg.connect(database.target, autocommit=True))
            for number in range(40):
                own.insert([(START + timedelta(hours=number), "writer", number, 2.0, True)])
            own.connection.close()
        except Exception as error:
            failed.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    while writer.is_alive():
        store.refresh(now=NOW)
    writer.join()
    store.refresh(since=START, now=NOW)
    assert failed == []
    assert_right(database, store)


class Interrupted:
    """A driver before whose first transaction that writes something else happens."""

    def __init__(self, driver: Any, first: Any, skip: int) -> None:
        self.driver = driver
        self.first = first
        self.skip = skip
        self.dialect = driver.dialect

    def __getattr__(self, name: str) -> Any:
        return getattr(self.driver, name)

    def run(self, sql: str, parameters: Any) -> Any:
        if sql in ("BEGIN IMMEDIATE", "BEGIN ISOLATION LEVEL READ COMMITTED"):
            if self.skip == 0:
                self.first()
            self.skip -= 1
        return self.driver.run(sql, parameters)


@pytest.mark.parametrize("rollup", ["hours", "days"])
def test_what_is_dropped_after_the_plan_was_made_empties_nothing(database: Database, rollup: str) -> None:
    database.insert(rows())
    plan = catalog(retention="2 days")
    plan["rollups"][0]["retention"] = "60 hours"
    store, other = database.open(plan), database.open(plan)
    store.init()
    store.refresh(now=NOW)
    kept = database.stored("days")
    oldest = [row for row in database.stored("hours") if str(row[0]) >= ("2026-11-01T22" if database.kind == "sqlite" else "2026-11-01 22")]
    store._driver = Interrupted(store._driver, lambda: other.prune(now=NOW), 0)
    store.refresh(rollup, since=START, now=NOW)
    assert database.stored("days") == kept
    assert database.stored("hours") == oldest
    refused = store.refresh(rollup, since=START, now=NOW)["rollups"][0]
    assert refused["status"] == "refused" and refused["refused"][0]["code"] == "refresh.dropped"
