"""An application that has the routes of the wells and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fastapi import FastAPI

from ..settings import Settings
from .router import router
from .service import utc_now


def create_app(settings: Settings | None = None, clock: Callable[[], datetime] = utc_now) -> FastAPI:
    """Gives the application: ``uvicorn --factory wells.service:create_app``."""
    app = FastAPI(title="Wells", description="Telemetry of oil wells by hour and day", version="0.1.0")
    app.include_router(router(settings, clock))
    return app
