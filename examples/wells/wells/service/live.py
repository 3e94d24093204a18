"""Hours as they are built: server-sent events, whoever builds them.

A process looks at the stored hours once in some seconds, for all who listen. The id of an event is the watermark, so a
listener that comes back is told what it missed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

from isofold import Error
from isofold.stores import AsyncStore
from pydantic import BaseModel, TypeAdapter

_log = logging.getLogger(__name__)

ROLLUP = "well_performance_hourly"
#: Events that wait for a listener; one that is slower ends, and comes back with what it saw last.
MOST_WAITING = 64
#: How far back a listener is told what it missed.
MISSED = timedelta(days=7)
KEEP_ALIVE_SECONDS = 15.0

Event = tuple[datetime, str]


class Live:
    """Those who listen, and the watermark that they were told."""

    def __init__(self, store: AsyncStore, model: type[BaseModel], poll_seconds: float) -> None:
        self._store = store
        self._rows = TypeAdapter(list[model])  # type: ignore[valid-type]
        self._poll_seconds = poll_seconds
        self._watermark: datetime | None = None
        self._listeners: set[asyncio.Queue[Event | None]] = set()

    async def run(self) -> None:
        """Looks for new hours until it is cancelled."""
        while True:
            try:
                await self.look()
            except Error:
                _log.exception("looking for new hours failed, and goes on")
            await asyncio.sleep(self._poll_seconds)

    async def look(self) -> None:
        """Tells those who listen of the hours that were built since the last look."""
        before = self._watermark
        watermark, text = await self._since(before)
        if watermark is None or watermark == before:
            return
        self._watermark = watermark
        # a watermark that was set back is no new hour, and neither are those before the first look
        if before is not None and watermark > before:
            for queue in list(self._listeners):
                try:
                    queue.put_nowait((watermark, text))
                except asyncio.QueueFull:
                    self._dismiss(queue)

    def end(self) -> None:
        """Ends all streams."""
        for queue in list(self._listeners):
            self._dismiss(queue)

    async def listen(self, seen: datetime | None) -> AsyncIterator[str]:
        """The text of the events from now on, after those since what a listener saw."""
        queue: asyncio.Queue[Event | None] = asyncio.Queue(MOST_WAITING)
        self._listeners.add(queue)
        try:
            yield ": hours of all wells as they are built\n\n"
            if seen is not None:
                watermark, text = await self._since(seen)
                if watermark is not None and watermark > seen:
                    seen = watermark
                    yield _event(watermark, text)
            while True:
                try:
                    event = await asyncio.wait_for(queue.get(), KEEP_ALIVE_SECONDS)
                except asyncio.TimeoutError:
                    yield ": nothing new\n\n"
                    continue
                if event is None:
                    return
                if seen is None or event[0] > seen:
                    yield _event(*event)
        finally:
            self._listeners.discard(queue)

    def _dismiss(self, queue: asyncio.Queue[Event | None]) -> None:
        self._listeners.discard(queue)
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)

    async def _since(self, before: datetime | None) -> tuple[datetime | None, str]:
        """The watermark, and the stored hours from a time up to it as JSON."""
        latest = await self._store.query(ROLLUP, bucket=None, group_by=[], select=["reading_count"], tail=False)
        told = latest.coverage["watermark"]
        if told is None:
            return None, "[]"
        watermark = datetime.fromisoformat(told)
        if before is None or watermark <= before:
            return watermark, "[]"
        start = max(before, watermark - MISSED)
        answer = await self._store.query(ROLLUP, start=start, end=watermark, order_by=["bucket", "well_id"], tail=False)
        rows: list[Any] = self._rows.validate_python(answer.to_dicts())
        return watermark, self._rows.dump_json(rows).decode()


def _event(watermark: datetime, text: str) -> str:
    return f"id: {watermark.isoformat()}\nevent: hours\ndata: {text}\n\n"
