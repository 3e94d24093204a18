"""What the routes of one application share: connections, models, metrics, and what runs beside them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timezone
from typing import Any

import isofold.stores

from ..analytics import Analytics
from ..database import connect
from ..settings import Settings
from .live import Live
from .metrics import Metrics
from .models import Models
from .schedule import Schedule


def utc_now() -> datetime:
    return datetime.now(timezone.utc)


class Service:
    """Opens the database, makes what is missing in it, and reads what its tables have."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime] = utc_now) -> None:
        self.settings = settings
        self.clock = clock
        self.database = connect(settings.database_url.get_secret_value())
        self.database.init()
        telemetry, diagnostics = self.database.stores()
        with telemetry, diagnostics:
            self.models = Models(telemetry, diagnostics)
        self.telemetry, self.diagnostics = (
            isofold.stores.open_async(it, self.database.target) for it in self.database.catalogs()
        )
        self.stores = (self.telemetry, self.diagnostics)
        self.analytics = Analytics(self.telemetry, self.diagnostics, clock)
        self.metrics = Metrics()
        self.live = Live(self.telemetry, self.models.performance, settings.poll_seconds)
        self.schedule = Schedule(self.stores, self.metrics, clock, settings.poll_seconds)

    @contextlib.asynccontextmanager
    async def lifespan(self, _: Any) -> AsyncIterator[None]:
        """Runs what runs beside the routes, and closes everything at the end."""
        running = [asyncio.create_task(self.live.run())]
        if self.settings.schedule:
            running.append(asyncio.create_task(self.schedule.run()))
        try:
            yield
        finally:
            self.live.end()
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            for store in self.stores:
                await store.close()
            self.database.close()
