"""Refreshes that are due, and what the retentions no longer keep."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from isofold import Error
from isofold.stores import AsyncStore

from .metrics import Metrics

_log = logging.getLogger(__name__)

PRUNE_EVERY = timedelta(hours=1)


class Schedule:
    """Does what is due. Several processes may: one waits for the other, and finds nothing to do."""

    def __init__(
        self, stores: Sequence[AsyncStore], metrics: Metrics, clock: Callable[[], datetime], poll_seconds: float
    ) -> None:
        self._stores = stores
        self._metrics = metrics
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._pruned: datetime | None = None

    async def run(self) -> None:
        """Goes on until it is cancelled; what fails is told, counted, and tried again."""
        while True:
            try:
                await self.once()
            except Error:
                _log.exception("the schedule failed, and goes on")
                self._metrics.failures.inc()
            await asyncio.sleep(self._poll_seconds)

    async def once(self) -> None:
        """Refreshes what is due now, and prunes once an hour."""
        now = self._clock()
        for store in self._stores:
            due = [rollup["name"] for rollup in await store.due(now=now) if rollup["due_in_ms"] == 0]
            if due:
                for rollup in (await store.refresh(due, now=now))["rollups"]:
                    self._metrics.refreshes.labels(rollup["name"], rollup["status"]).inc()
                    _log.info("refreshed %s: %s", rollup["name"], rollup)
        if self._pruned is None or now - self._pruned >= PRUNE_EVERY:
            for store in self._stores:
                await store.prune(now=now)
            self._pruned = now
