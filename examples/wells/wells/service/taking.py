"""Readings that come by HTTP: what fits, and what is told of what does not."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, create_model

from ..database import EPOCH
from ..gauges import GAUGES, INFINITY, MAX_WELL_ID, NAMES, READING_SECONDS, Gauge
from ..readings import Readings

#: What a name of a well may be; PostgreSQL has no texts with a zero byte.
WELL_ID = {"min_length": 1, "max_length": MAX_WELL_ID, "pattern": r"^[^\x00]+$"}


def _gauge(gauge: Gauge) -> Any:
    bounds: dict[str, float] = {"ge": gauge.least}
    if gauge.most != INFINITY:
        bounds["le"] = gauge.most
    example = (gauge.normal_least + gauge.normal_most) / 2
    says = f"{gauge.title}, in {gauge.unit}; null where the gauge gave nothing"
    return (Annotated[float | None, Field(allow_inf_nan=False, description=says, examples=[example], **bounds)], None)


class _Reading(BaseModel):
    model_config = ConfigDict(extra="forbid")

    well_id: str = Field(**WELL_ID, examples=["WELL-01"])
    timestamp: AwareDatetime = Field(description="when it was measured, with its zone", examples=["2026-11-20T09:00:00Z"])


Reading = create_model("Reading", __base__=_Reading, **{gauge.name: _gauge(gauge) for gauge in GAUGES})


class Taken(BaseModel):
    """What became of a batch: each reading is known by its well and time."""

    received: int = Field(examples=[READING_SECONDS])
    inserted: int = Field(description="those that were not there", examples=[58])
    corrected: int = Field(description="those that were there with other values", examples=[1])
    unchanged: int = Field(description="those that were there as they are", examples=[1])


def twice(batch: list[Any]) -> tuple[int, int] | None:
    """The places of two readings of one well and time, where there are such."""
    seen: dict[Any, int] = {}
    for row, reading in enumerate(batch):
        first = seen.setdefault((reading.well_id, reading.timestamp), row)
        if first != row:
            return first, row
    return None


def to_readings(batch: list[Any]) -> Readings:
    wells = np.array([it.well_id for it in batch], object)
    times = np.array([_microseconds(it.timestamp) for it in batch], np.int64)
    values = [[np.nan if (value := getattr(it, name)) is None else value for name in NAMES] for it in batch]
    return Readings(wells, times, np.array(values, np.float64).reshape(len(batch), len(NAMES)))


def _microseconds(time: Any) -> int:
    since = time - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
