"""The store: a catalog in a database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from .._isofold import Result, Rollup, Run
from .._isofold import Store as Kernel
from ..errors import Error, HostError
from .driver import Driver
from .pool import Pool

#: Told after every step of a refresh: ``rollup``, ``start``, ``end``, ``rows_read``, ``groups_written``.
Progress = Callable[[dict[str, Any]], None]


class Answer:
    """The result of a query and what it was read from.

    - ``result``: the :class:`isofold.Result`; its methods are here too.
    - ``coverage``: ``segments`` (``from`` a rollup or ``rows``, ``start``, ``end``); ``missing``, ranges of which nothing
      is kept any more, or nothing was asked (``left_out``: ``tail=False``); ``stale``, ranges of stored groups that
      changed and are not built again yet, or of which it is not known that they did not; ``lost``, ranges of stored
      groups that changed after their rows were dropped; and the ``watermark`` of the rollup that was asked.
    """

    def __init__(self, result: Result, coverage: dict[str, Any]) -> None:
        self.result = result
        self.coverage = coverage

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return self.result.columns

    @property
    def types(self) -> dict[str, str]:
        """The type of every column by name."""
        return self.result.types

    @property
    def warnings(self) -> list[dict[str, Any]]:
        """The cells that are NULL because their value does not fit the type of their metric, such as a sum past int64."""
        return self.result.warnings

    @property
    def total_rows(self) -> int:
        """The number of rows without `limit` and `offset`."""
        return self.result.total_rows

    def to_dicts(self) -> list[dict[str, Any]]:
        """The rows, each as a dict."""
        return self.result.to_dicts()

    def column(self, name: str) -> list[Any]:
        """The values of a column."""
        return self.result.column(name)

    def __len__(self) -> int:
        return len(self.result)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.result.to_dicts())

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.result.__arrow_c_stream__(requested_schema)


class Store:
    """A catalog in a database; made by :func:`isofold.stores.open`.

    Threads may share it: where it opened the database itself, callers at once have connections of their own, up to eight;
    on a connection that it was given they wait for each other.
    """

    def __init__(self, catalog: Any, driver: Driver, connect: Callable[[], Driver] | None = None) -> None:
        self._kernel = Kernel(_catalog(catalog), driver.dialect)
        self._driver = driver
        self._lock = threading.Lock()
        self._pool = None if connect is None else Pool(connect)

    @property
    def rollups(self) -> list[str]:
        """The names of the rollups, each after the one it is built from."""
        return self._kernel.names

    def limit_memory(self, max_bytes: int) -> None:
        """Keeps at most so many bytes of what queries read, for the queries that follow; 0 keeps none.

        Answers are the same. The default is 64 MiB.

        - `max_bytes`: A whole number, 0 or more.

        **Errors** `host.argument`.
        """
        if isinstance(max_bytes, bool) or not isinstance(max_bytes, int) or not 0 <= max_bytes < 1 << 53:
            raise HostError("host.argument", f"max_bytes must be a whole number, 0 or more, got {max_bytes!r}", "max_bytes")
        self._kernel.limit_memory(max_bytes)

    def schedule(self) -> dict[str, int | None]:
        """Tells the seconds between two refreshes of each rollup, nothing for one without a `schedule_interval`."""
        return self._kernel.schedule()

    def init(self, *, dry_run: bool = False) -> dict[str, Any]:
        """Makes the tables, adds the columns of new metrics and fills them from the states that are stored.

        - `dry_run`: Whether that is only told: nothing is changed, and nothing is locked.

        **Returns** For each rollup its name, status (made or there), added columns and filled groups; and the
        statements that change tables, indexes, triggers and functions.

        **Errors** `store.*`, `host.argument`.
        """
        return self._report(self._kernel.init({"dry_run": dry_run}))

    def plan(
        self,
        rollups: Sequence[str] | str | None = None,
        *,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
        force: bool = False,
        now: datetime | str | None = None,
    ) -> dict[str, Any]:
        """Tells what a refresh would build, and how many rows it would read, which are counted.

        - `rollups`: One name or several; all when left out.
        - `since`: Everything from here on would be built again, however old.
        - `until`: Nothing from here on would be built.
        - `force`: Windows would be built also where rows seem to have been dropped.
        - `now`: The time; that of the database when left out.

        **Returns** For each rollup its name, what it is built from, the windows with the rows of each, the rows of
        all, where the watermark would be, and the windows that would be refused, are lost or stay stale.

        **Errors** `refresh.rollup`, `range.invalid`, `store.*`, `host.argument`.
        """
        return self._report(self._kernel.plan(_asked(rollups, since, until, force, now)))

    def refresh(
        self,
        rollups: Sequence[str] | str | None = None,
        *,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
        force: bool = False,
        now: datetime | str | None = None,
        on_progress: Progress | None = None,
    ) -> dict[str, Any]:
        """Builds what is due, window by window, each in one transaction that writes only what changed. One that fails
        stops no other; all that failed is told at the end.

        - `rollups`: One name or several; all when left out.
        - `since`: Everything from here on is built again, however old.
        - `until`: Nothing from here on is built, in whole buckets.
        - `force`: Builds windows also where rows seem to have been dropped.
        - `now`: The time; that of the database when left out.
        - `on_progress`: Told after every step how far the refresh is.

        **Returns** For each rollup its name, status, rows read and skipped, groups written and deleted,
        transactions, ms, watermark, and the windows that were refused, are lost to retention, or stay stale.

        **Cost** Memory for the groups of a window, however many rows it has.

        **Errors** `ingest.*`, `expr.*`, `limit.*`, `refresh.rollup`, `range.invalid`, `store.*`, `host.argument`.
        """
        run = self._kernel.refresh(_asked(rollups, since, until, force, now))
        try:
            return self._report(run, on_progress)
        except Error as error:
            self._note(run, error)
            raise

    def query(self, rollup: str, query: dict[str, Any] | None = None, /, *, tail: bool = True, **options: Any) -> Answer:
        """Answers a query from the coarsest rollups that can, from finer ones at its edges, and from rows past them.

        - `rollup`: The name of the rollup.
        - `query`: The query, as a rollup takes it; its range may start and end anywhere.
        - `tail`: Whether what is not built is read from rows. If not, stored groups alone answer, the rest is
          missing, and who asks needs no rights on the rows.

        **Returns** The result, and its coverage: what answered which part, of what nothing is kept any more
        (`missing`) or was asked (`left_out`), and which ranges are `stale` (changed and not built yet, or not known
        not to be) or `lost` (changed after their rows were dropped).

        **Errors** `query.*`, `expr.*`, `range.*`, `refresh.rollup`, `limit.*`, `store.*`, `host.argument`.
        """
        run = self._kernel.query({"rollup": rollup, "query": options if query is None else query, "tail": tail})
        return Answer(*self._drive(run))

    def load(
        self,
        rollup: str,
        start: datetime | str | None = None,
        end: datetime | str | None = None,
        *,
        tail: bool = True,
    ) -> Rollup:
        """Loads a rollup: what is stored up to the watermark, and rows from there on.

        - `rollup`: The name of the rollup.
        - `start`: The first instant, on the edge of a bucket; open when left out.
        - `end`: The first instant after the range, on the edge of a bucket; open when left out.
        - `tail`: Whether what is not built is read from rows; if not, it is not in the rollup.

        **Returns** The rollup.

        **Errors** `refresh.schema`, `refresh.rollup`, `range.*`, `limit.*`, `store.*`, `host.argument`.
        """
        loaded: Rollup = self._drive(self._kernel.load({"rollup": rollup, "tail": tail, **_bounds(start, end)}))
        return loaded

    def check(self, *, now: datetime | str | None = None) -> dict[str, Any]:
        """Tells how fresh every rollup is: status, watermark, lag, size, what is due, stale or lost, the last error.

        - `now`: The time; that of the database when left out.

        **Returns** For each rollup its state; the status is fresh, stale, never, unwatched or error. What is stale
        is `pending` while it waits for the next refresh of its schedule. `unwatched` has the ranges whose rows may
        change with nobody seeing it. `skipped` has the rows that do not fit, by code and place. What is lost is
        told once.

        **Errors** `store.*`, `range.invalid`, `host.argument`.
        """
        return self._report(self._kernel.check(_at(now)))

    def runs(self, rollup: str | None = None, *, limit: int = 100) -> list[dict[str, Any]]:
        """Tells of the newest refreshes, of one rollup or of all, the newest first.

        - `rollup`: The name of a rollup; all when left out.
        - `limit`: How many at most; the database keeps the last 1000 of each rollup.

        **Returns** For each its rollup, `started_at`, `ended_at`, rows read, groups written, and what ended it.

        **Errors** `refresh.rollup`, `store.*`, `host.argument`.
        """
        options: dict[str, Any] = {"limit": limit} if rollup is None else {"rollup": rollup, "limit": limit}
        runs: list[dict[str, Any]] = self._report(self._kernel.runs(options))["runs"]
        return runs

    def columns(self, rollup: str) -> list[dict[str, Any]]:
        """Tells what the table of a rollup has: the columns in their order.

        - `rollup`: The name of a rollup.

        **Returns** For each its `name`, its `type` as the database tells it, its `kind` (`bucket`, `key`, `metric`,
        `computed_at`, `state`, or `other` for what is not isofold's) and its `values`: what it holds, as the types
        of a result say it.

        **Errors** `refresh.rollup`, `store.table`, `store.*`, `host.argument`.
        """
        columns: list[dict[str, Any]] = self._report(self._kernel.columns({"rollup": rollup}))["columns"]
        return columns

    def due(self, *, now: datetime | str | None = None) -> list[dict[str, Any]]:
        """Tells when each rollup was last refreshed, and when it is due by its schedule, from one small table.

        - `now`: The time; that of the database when left out.

        **Returns** For each rollup its name, `refreshed_at` and `due_in_ms`: 0 where it is due. One without a
        `schedule_interval` is due every minute.

        **Errors** `store.*`, `range.invalid`, `host.argument`.
        """
        due: list[dict[str, Any]] = self._report(self._kernel.due(_at(now)))["rollups"]
        return due

    def invalidate(
        self,
        start: datetime | str | None = None,
        end: datetime | str | None = None,
        *,
        rollup: str | None = None,
    ) -> dict[str, Any]:
        """Tells that rows of a range changed: the next refresh that reaches it builds it again.

        - `start`: The first instant; open when left out.
        - `end`: The first instant after the range; open when left out.
        - `rollup`: The name of a rollup; all that are built from rows when left out.

        **Returns** The names of the rollups that will look at it.

        **Errors** `refresh.rollup`, `range.invalid`, `store.*`, `host.argument`.
        """
        options: dict[str, Any] = _bounds(start, end)
        if rollup is not None:
            options["rollup"] = rollup
        return self._report(self._kernel.invalidate(options))

    def reset(self, to: datetime | str, rollup: str | None = None) -> dict[str, Any]:
        """Sets the watermark of a rollup back to the bucket of a time, and of what is built from it: the next refresh
        builds from there. What is stored stays.

        - `to`: The time; its bucket is not after the watermark.
        - `rollup`: The name of a rollup; all when left out.

        **Returns** For each rollup whose watermark moved its name and the watermark.

        **Errors** `range.invalid`, `refresh.rollup`, `refresh.dropped`, `store.*`, `host.argument`.
        """
        options: dict[str, Any] = {"to": to}
        if rollup is not None:
            options["rollup"] = rollup
        return self._report(self._kernel.reset(options))

    def prune(self, *, now: datetime | str | None = None) -> dict[str, Any]:
        """Drops what the retentions no longer keep, some rows in each transaction, and nothing that is not built into
        all that needs it, in whatever catalog.

        - `now`: The time; that of the database when left out.

        **Returns** For each table with a retention its name, status (ok or held_back) and up to where it was
        dropped.

        **Errors** `store.*`, `range.invalid`, `host.argument`.
        """
        return self._report(self._kernel.prune(_at(now)))

    def drop(self, *, tables: bool = False) -> dict[str, Any]:
        """Takes isofold out of the database: its triggers, their function and its own tables.

        - `tables`: Whether the tables of the rollups go too; they stay unless told.

        **Returns** The names of the rollups whose tables were dropped, and of those whose tables were kept.

        **Errors** `store.*`, `host.argument`.
        """
        return self._report(self._kernel.drop({"tables": tables}))

    def close(self) -> None:
        """Closes the connections."""
        self._driver.close()
        if self._pool is not None:
            self._pool.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _report(self, run: Run, on_progress: Progress | None = None) -> dict[str, Any]:
        report: dict[str, Any] = self._drive(run, on_progress)
        return report

    def _drive(self, run: Run, on_progress: Progress | None = None) -> Any:
        with self._connected() as driver, driver.session():
            try:
                step = run.advance([])
                while step is not None:
                    step = _step(run, driver, *step)
                    if on_progress is not None:
                        on_progress(run.progress())
                return run.outcome()
            except BaseException:
                driver.rollback()
                raise

    @contextmanager
    def _connected(self) -> Iterator[Driver]:
        """A connection that nobody else uses meanwhile: the store's own where it is free, and made anew where it broke."""
        if self._pool is not None and not self._lock.acquire(blocking=False):
            with self._pool.driver() as driver:
                yield driver
            return
        if self._pool is None:
            self._lock.acquire()
        try:
            if self._pool is not None and not self._driver.is_usable():
                self._driver.close()
                self._driver = self._pool.connect()
            yield self._driver
        finally:
            self._lock.release()

    def _note(self, run: Run, error: Error) -> None:
        try:
            self._drive(self._kernel.note_failure(run.progress()["rollup"], error.code, str(error)))
        except Error:
            # the database that failed cannot be told so
            pass


def _step(run: Run, driver: Driver, sql: str, parameters: Any) -> Any:
    """Does a step and gives the next one; one that failed may be followed by what does not depend on it."""
    rows: list[Any] = []
    try:
        if parameters is None:
            for batch in driver.stream(sql):
                run.fold(batch)
        else:
            rows = driver.run(sql, parameters)
    except Error as error:
        driver.rollback()
        try:
            return run.fail(error.code, error.message)
        except Error as told:
            raise told from error
    return run.advance(rows)


def _catalog(catalog: Any) -> Any:
    if isinstance(catalog, Path) or (isinstance(catalog, str) and not catalog.lstrip().startswith("{")):
        return Path(catalog).read_text(encoding="utf-8")
    return catalog


def _at(now: datetime | str | None) -> dict[str, Any]:
    """The time, where it is told."""
    return {} if now is None else {"now": now}


def _asked(
    rollups: Sequence[str] | str | None,
    since: datetime | str | None,
    until: datetime | str | None,
    force: bool,
    now: datetime | str | None,
) -> dict[str, Any]:
    options: dict[str, Any] = {**_at(now), "force": force}
    if rollups is not None:
        options["rollups"] = [rollups] if isinstance(rollups, str) else list(rollups)
    return options | {key: value for key, value in (("since", since), ("until", until)) if value is not None}


def _bounds(start: datetime | str | None, end: datetime | str | None) -> dict[str, Any]:
    return {key: value for key, value in (("start", start), ("end", end)) if value is not None}
