"""The command run: refreshes and prunes on the schedule of a catalog until it is stopped.

When a rollup is due is read from the database, so a restart forgets nothing. One that fails is tried again after a second,
then two, four, … up to its schedule; the others go on meanwhile. A connection that is lost is made again.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from .. import stores
from ..errors import Error
from .show import show

#: Seconds between two looks at what is due, so that the clock is noticed.
MAX_SLEEP = 5.0

#: Seconds between two tries to connect, at most.
MAX_PATIENCE = 60.0


class _Stopped(Exception):
    """The window at work when the stop was asked for is done."""


class _Stop:
    """Asked for by SIGTERM or SIGINT."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._window: Any = None

    def ask(self, *_: object) -> None:
        self._asked.set()

    def sleep(self, seconds: float) -> None:
        self._asked.wait(seconds)

    def __bool__(self) -> bool:
        return self._asked.is_set()

    def told(self, progress: dict[str, Any]) -> None:
        """Ends a refresh between two windows."""
        window = progress["rollup"], progress["start"]
        if self and window != self._window:
            raise _Stopped
        self._window = window


class _Attempts:
    """How often the refresh of each rollup failed in a row."""

    def __init__(self, every: dict[str, int]) -> None:
        self._every = every
        #: The refresh before the attempt, how many failed since, and when the next may be.
        self._failed: dict[str, tuple[str | None, int, float]] = {}

    def begin(self, name: str, last: str | None) -> None:
        before, failed, _ = self._failed.get(name, (None, 0, 0.0))
        failed = failed + 1 if before == last else 1
        pause = min(2.0 ** min(failed - 1, 30), self._every[name])
        self._failed[name] = last, failed, time.monotonic() + pause

    def wait(self, name: str, last: str | None) -> float:
        """Seconds until the next attempt; none where the last one succeeded."""
        before, _, after = self._failed.get(name, (None, 0, 0.0))
        return max(after - time.monotonic(), 0.0) if before == last else 0.0


def run(connect: Callable[[], stores.Store], is_json: bool, rounds: int) -> int:
    stop = _Stop()
    kept = {each: signal.signal(each, stop.ask) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        return _run(connect, stop, is_json, rounds)
    except _Stopped:
        return 0
    finally:
        for each, handler in kept.items():
            signal.signal(each, handler)


def _run(connect: Callable[[], stores.Store], stop: _Stop, is_json: bool, rounds: int) -> int:
    first = connect()
    every = {name: seconds or 60 for name, seconds in first.schedule().items()}
    store: stores.Store | None = first
    attempts = _Attempts(every)
    done = failed = 0
    while not stop:
        try:
            if store is None:
                store = connect()
            due, wait = _due(store, attempts)
            failed = 0
            if due:
                _round(store, due, stop, is_json)
                done += 1
                if rounds and done >= rounds:
                    break
        except Error as error:
            _complain(error)
            # the connection may be the reason: the next look has another one
            if store is not None:
                store.close()
            store, wait = None, min(2.0**failed, MAX_PATIENCE)
            failed = min(failed + 1, 30)
        stop.sleep(wait)
    if store is not None:
        store.close()
    return 0


def _round(store: stores.Store, due: list[str], stop: _Stop, is_json: bool) -> None:
    try:
        report = store.refresh(due, on_progress=stop.told)
        if not is_json:
            print(report["now"])
        show(report["rollups"], is_json, hidden=("refused", "lost", "stale"))
    except Error as error:
        # check shows it, and what failed is tried again
        _complain(error)
    store.prune()


def _complain(error: Error) -> None:
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    for problem in error.problems:
        print(f"isofold: {now} {problem}", file=sys.stderr, flush=True)


def _due(store: stores.Store, attempts: _Attempts) -> tuple[list[str], float]:
    """The rollups whose schedule_interval has passed since their last refresh, and the seconds to the next one."""
    due, wait = [], MAX_SLEEP
    # a few rows of one small table: what else may be wrong with a rollup keeps no other from being refreshed
    for each in store.due():
        name, last = each["name"], each["refreshed_at"]
        left = max(attempts.wait(name, last), each["due_in_ms"] / 1000)
        if left <= 0:
            attempts.begin(name, last)
            due.append(name)
        else:
            wait = min(wait, left)
    return due, max(wait, 0.05) if not due else 0.05
