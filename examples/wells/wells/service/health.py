"""How the service is: whether the database answers, how fresh each rollup is, and what the schedule did and will do."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from isofold import Error
from isofold.stores import AsyncStore
from pydantic import BaseModel, Field

_log = logging.getLogger(__name__)


class RollupHealth(BaseModel):
    """How fresh a rollup is."""

    name: str = Field(examples=["telemetry_hourly"])
    status: Literal["fresh", "stale", "never", "unwatched", "error"]
    pending: bool = Field(description="what is stale waits for the schedule, and needs nobody")
    watermark: datetime | None = Field(description="everything before it is built")
    lag_seconds: float | None = Field(description="how long after its time a bucket waits to be built")
    groups: int = Field(description="groups that are stored")
    error: str | None = Field(description="what the last refresh failed with")


class Health(BaseModel):
    """How the service is."""

    status: Literal["ok", "degraded", "failed"] = Field(
        description="`degraded` where a rollup needs somebody; `failed` where the database does not answer"
    )
    rollups: list[RollupHealth]


class Monitoring(BaseModel):
    """A rollup as an operator looks at it."""

    name: str = Field(examples=["telemetry_hourly"])
    rows: int = Field(description="groups that are stored")
    bytes: int = Field(description="bytes of their states")
    earliest: datetime | None = Field(description="start of the first bucket")
    latest: datetime | None = Field(description="end of the last bucket")
    last_refresh: datetime | None
    last_error: str | None = Field(description="what the last refresh failed with")
    next_refresh: datetime = Field(description="when it is due; now, where it is")


async def health(stores: Sequence[AsyncStore], now: datetime) -> Health:
    try:
        rollups = [_rollup(told) for store in stores for told in (await store.check(now=now))["rollups"]]
    except Error:
        _log.exception("the database does not answer")
        return Health(status="failed", rollups=[])
    needs_somebody = any(rollup.status != "fresh" and not rollup.pending for rollup in rollups)
    return Health(status="degraded" if needs_somebody else "ok", rollups=rollups)


def _rollup(told: dict[str, object]) -> RollupHealth:
    return RollupHealth.model_validate(told | {"error": None if told["error"] is None else str(told["error"])})


async def monitoring(stores: Sequence[AsyncStore], now: datetime) -> list[Monitoring]:
    told = []
    for store in stores:
        due = {rollup["name"]: rollup["due_in_ms"] for rollup in await store.due(now=now)}
        for rollup in (await store.check(now=now))["rollups"]:
            told.append(
                Monitoring(
                    name=rollup["name"],
                    rows=rollup["groups"],
                    bytes=rollup["bytes"],
                    earliest=rollup["first_bucket"],
                    latest=rollup["last_bucket_end"],
                    last_refresh=rollup["refreshed_at"],
                    last_error=None if rollup["error"] is None else str(rollup["error"]),
                    next_refresh=now + timedelta(milliseconds=due[rollup["name"]]),
                )
            )
    return told
