"""The store for programs that run an event loop: FastAPI, aiohttp."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .._isofold import Rollup
from .pool import MOST
from .store import Answer, Progress, Store

#: What waits for no database, or ends the store.
_AT_ONCE = ("close", "limit_memory", "rollups", "schedule")


class AsyncStore:
    """A store whose operations are awaited; made by :func:`isofold.stores.open_async`.

    Every operation of :class:`Store` that waits for the database has its name, parameters, result and errors here.
    Each runs on a thread and a connection of its own, up to eight at once, so that a long refresh holds up neither the
    loop nor a query. One that is cancelled runs to its end all the same: its transactions are whole.
    """

    if TYPE_CHECKING:

        async def init(self, *, dry_run: bool = False) -> dict[str, Any]: ...

        async def plan(
            self,
            rollups: Sequence[str] | str | None = None,
            *,
            since: datetime | str | None = None,
            until: datetime | str | None = None,
            force: bool = False,
            now: datetime | str | None = None,
        ) -> dict[str, Any]: ...

        async def refresh(
            self,
            rollups: Sequence[str] | str | None = None,
            *,
            since: datetime | str | None = None,
            until: datetime | str | None = None,
            force: bool = False,
            now: datetime | str | None = None,
            on_progress: Progress | None = None,
        ) -> dict[str, Any]: ...

        async def query(
            self, rollup: str, query: dict[str, Any] | None = None, /, *, tail: bool = True, **options: Any
        ) -> Answer: ...

        async def load(
            self,
            rollup: str,
            start: datetime | str | None = None,
            end: datetime | str | None = None,
            *,
            tail: bool = True,
        ) -> Rollup: ...

        async def check(self, *, now: datetime | str | None = None) -> dict[str, Any]: ...

        async def runs(self, rollup: str | None = None, *, limit: int = 100) -> list[dict[str, Any]]: ...

        async def due(self, *, now: datetime | str | None = None) -> list[dict[str, Any]]: ...

        async def invalidate(
            self,
            start: datetime | str | None = None,
            end: datetime | str | None = None,
            *,
            rollup: str | None = None,
        ) -> dict[str, Any]: ...

        async def prune(self, *, now: datetime | str | None = None) -> dict[str, Any]: ...

        async def drop(self, *, tables: bool = False) -> dict[str, Any]: ...

    def __init__(self, store: Store) -> None:
        self._store = store
        self._threads = ThreadPoolExecutor(MOST + 1, thread_name_prefix="isofold")

    @property
    def rollups(self) -> list[str]:
        """The names of the rollups, each after the one it is built from."""
        return self._store.rollups

    def limit_memory(self, max_bytes: int) -> None:
        """Keeps at most so many bytes of what queries read: see :meth:`Store.limit_memory`."""
        self._store.limit_memory(max_bytes)

    def schedule(self) -> dict[str, int | None]:
        """Tells the seconds between two refreshes of each rollup, nothing for one without a `schedule_interval`."""
        return self._store.schedule()

    async def close(self) -> None:
        """Waits for what runs, and closes the connections."""
        await asyncio.get_running_loop().run_in_executor(None, self._threads.shutdown)
        self._store.close()

    async def __aenter__(self) -> AsyncStore:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def _awaited(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    async def call(self: AsyncStore, *arguments: Any, **options: Any) -> Any:
        run = functools.partial(method, self._store, *arguments, **options)
        return await asyncio.get_running_loop().run_in_executor(self._threads, run)

    return call


for _name, _method in inspect.getmembers(Store, inspect.isfunction):
    if not _name.startswith("_") and _name not in _AT_ONCE:
        setattr(AsyncStore, _name, _awaited(_method))
del _name, _method
