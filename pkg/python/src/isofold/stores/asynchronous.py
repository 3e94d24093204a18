"""The store for programs that run an event loop: FastAPI, aiohttp."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from .pool import MOST
from .store import Store

if TYPE_CHECKING:
    from typing_extensions import Concatenate, ParamSpec

    _Given = ParamSpec("_Given")

_Told = TypeVar("_Told")


def _awaited(
    method: Callable[Concatenate[Store, _Given], _Told],
) -> Callable[Concatenate[AsyncStore, _Given], Coroutine[Any, Any, _Told]]:
    """The operation of a store, on a thread of its own."""

    @functools.wraps(method)
    async def call(self: AsyncStore, /, *arguments: _Given.args, **options: _Given.kwargs) -> _Told:
        run = functools.partial(method, self._store, *arguments, **options)
        return await asyncio.get_running_loop().run_in_executor(self._threads, run)

    return call


class AsyncStore:
    """A store whose operations are awaited; made by :func:`isofold.stores.open_async`.

    Every operation of :class:`Store` that waits for the database has its name, parameters, result and errors here.
    Each runs on a thread and a connection of its own, up to eight at once, so that a long refresh holds up neither the
    loop nor a query. One that is cancelled runs to its end all the same: its transactions are whole.
    """

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

    init = _awaited(Store.init)
    plan = _awaited(Store.plan)
    refresh = _awaited(Store.refresh)
    query = _awaited(Store.query)
    load = _awaited(Store.load)
    check = _awaited(Store.check)
    runs = _awaited(Store.runs)
    columns = _awaited(Store.columns)
    due = _awaited(Store.due)
    invalidate = _awaited(Store.invalidate)
    reset = _awaited(Store.reset)
    prune = _awaited(Store.prune)
    drop = _awaited(Store.drop)
