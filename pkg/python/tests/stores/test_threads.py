"""One store answers many threads, and programs with an event loop."""

from __future__ import annotations

import asyncio
import inspect
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from databases import NOW, Database, catalog, rows

import isofold.stores


def filled(database: Database) -> isofold.stores.Store:
    database.insert(rows())
    store = database.open(catalog())
    store.init()
    store.refresh(now=NOW)
    return store


def asked(store: isofold.stores.Store) -> list[dict[str, Any]]:
    return store.query("hours", bucket="1 day", group_by=["model"], select=["requests", "p95_ms"]).to_dicts()


def test_a_query_does_not_wait_for_a_refresh_of_another_thread(database: Database) -> None:
    store = filled(database)
    is_at_work, may_end = threading.Event(), threading.Event()

    def pause(progress: dict[str, Any]) -> None:
        is_at_work.set()
        assert may_end.wait(60)

    with ThreadPoolExecutor(2) as threads:
        refreshed = threads.submit(store.refresh, since="2026-11-01", now=NOW, on_progress=pause)
        try:
            assert is_at_work.wait(60)
            assert threads.submit(asked, store).result(30)
        finally:
            may_end.set()
        assert refreshed.result(60)["rollups"][0]["groups_written"] == 0


def test_threads_at_once_get_the_answers_of_one(database: Database) -> None:
    store = filled(database)
    right = asked(store)
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda _: asked(store), range(64)))
    assert all(answer == right for answer in answers)
    # no more connections than eight
    pool = store._pool
    assert pool is not None and len(pool._free) <= 7 and len(pool._free) + pool._left == 7


def test_threads_on_a_connection_that_was_given_wait_for_each_other(database: Database) -> None:
    filled(database)
    given = isofold.stores.open(catalog(), database.target)._driver._connection
    store = isofold.stores.open(catalog(), given)
    right = asked(store)
    with ThreadPoolExecutor(8) as threads:
        assert all(answer == right for answer in threads.map(lambda _: asked(store), range(16)))
    store.close()


def test_connections_that_the_server_ends_are_made_anew(database: Database) -> None:
    if database.kind == "sqlite":
        pytest.skip("SQLite has no connection that could be cut")
    store = filled(database)
    with ThreadPoolExecutor(8) as threads:
        right = list(threads.map(lambda _: asked(store), range(32)))[0]
    database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = current_user")
    with ThreadPoolExecutor(8) as threads:
        runs = [threads.submit(asked, store) for _ in range(32)]
        # each connection may fail once, and no more
        failed = [run for run in runs if isinstance(run.exception(60), isofold.StoreError)]
    assert len(failed) <= 8
    assert all(asked(store) == right for _ in range(8))


def test_a_program_with_a_loop_awaits_what_a_store_does(database: Database) -> None:
    right = asked(filled(database))

    async def work() -> None:
        async with isofold.stores.open_async(catalog(), database.target) as store:
            assert store.rollups == ["hours", "days", "berlin"]
            await store.init()
            refreshing = asyncio.ensure_future(store.refresh(since="2026-11-01", now=NOW))
            query = {"bucket": "1 day", "group_by": ["model"], "select": ["requests", "p95_ms"]}
            answers = await asyncio.gather(*(store.query("hours", query) for _ in range(20)))
            assert all(answer.to_dicts() == right for answer in answers)
            assert (await refreshing)["rollups"][0]["status"] == "ok"
            assert (await store.check(now=NOW))["rollups"][0]["status"] == "fresh"
            with pytest.raises(isofold.Error) as raised:
                await store.query("nothing")
            assert raised.value.code == "refresh.rollup"

    asyncio.run(work())


def test_what_waits_for_the_database_is_awaited() -> None:
    for name, method in inspect.getmembers(isofold.stores.Store, inspect.isfunction):
        if name.startswith("_"):
            continue
        of = getattr(isofold.stores.AsyncStore, name)
        assert list(inspect.signature(of).parameters) == list(inspect.signature(method).parameters), name
        assert inspect.iscoroutinefunction(of) == (name not in ("limit_memory", "schedule")), name
