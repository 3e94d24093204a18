"""What the wells' rollups are asked: hours, days, scores, diagnoses and rankings, the newest first.

A window reaches from an instant back by whole hours or days, and has every bucket that begins inside of it, both ends
included; buckets are whole. What is not built yet is read from rows, in the same answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from isofold.stores import AsyncStore

Row = dict[str, Any]

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

#: What the routes of hours and days tell of each bucket.
MEANS = (
    "avg_flow_rate",
    "min_flow_rate",
    "max_flow_rate",
    "stddev_flow_rate",
    "avg_pip",
    "avg_motor_current",
    "avg_motor_temp",
    "avg_vibration",
    "avg_vsd_frequency",
    "avg_torque",
    "avg_gor",
    "reading_count",
)
HOURLY = (*MEANS, "period_start", "period_end")
DAILY = (*MEANS, "median_flow_rate", "uptime_percentage", "day_start", "day_end")
ALL_WELLS = ("efficiency_score", "health_score", "anomaly_count", "avg_flow_rate", "uptime_percentage")


@dataclass(frozen=True)
class Window:
    """The buckets that begin from `start` up to, and without, `end`."""

    start: datetime
    end: datetime

    @classmethod
    def of(cls, now: datetime, count: int, width: timedelta) -> Window:
        """The buckets that begin in the last `count` hours or days, which `width` says.

        Raises `ValueError` where `count` is less than one.
        """
        if count < 1:
            raise ValueError(f"a window has 1 or more, got {count}")
        first, last = now - count * width, now
        # the first edge that is not before the window, and the first that is after it
        return cls(_EPOCH - (_EPOCH - first) // width * width, _EPOCH + ((last - _EPOCH) // width + 1) * width)

    def query(self) -> dict[str, Any]:
        return {"start": self.start, "end": self.end}


class Analytics:
    """The answers, from the stores of readings and of diagnoses."""

    def __init__(self, telemetry: AsyncStore, diagnostics: AsyncStore, clock: Callable[[], datetime]) -> None:
        self.telemetry = telemetry
        self.diagnostics = diagnostics
        self.clock = clock

    async def hourly(self, well_id: str, hours: int) -> list[Row]:
        return _timed(await self._well("telemetry_hourly", well_id, self._hours(hours), HOURLY))

    async def daily(self, well_id: str, days: int) -> list[Row]:
        rows = await self._well("telemetry_daily", well_id, self._days(days), DAILY)
        return [{"date": row.pop("bucket").date(), **row} for row in rows]

    async def performance(self, well_id: str, hours: int) -> list[Row]:
        return await self._well("well_performance_hourly", well_id, self._hours(hours))

    async def condition(self, well_id: str, hours: int) -> list[Row]:
        """The mended scores: see `wells.scores`."""
        return await self._well("well_condition_hourly", well_id, self._hours(hours))

    async def diagnostic_summary(self, well_id: str, days: int) -> list[Row]:
        window = self._days(days)
        return await self._asked(self.diagnostics, "diagnostic_summary_daily", window, where=_is(well_id), order_by=["-bucket"])

    async def all_performance(self, hours: int) -> list[Row]:
        return _timed(
            await self._asked(
                self.telemetry,
                "well_performance_hourly",
                self._hours(hours),
                select=list(ALL_WELLS),
                order_by=["-bucket", "-efficiency_score", "well_id"],
            )
        )

    async def efficiency_ranking(self, hours: int) -> list[Row]:
        """Wells by the mean of their hours' scores, each hour counting the same, whatever readings it has."""
        wells = await self._scored_hours(hours)
        rows = [
            {
                "well_id": well_id,
                "avg_efficiency": _mean(scored, "efficiency_score"),
                "avg_health": _mean(scored, "health_score"),
                "total_anomalies": sum(row["anomaly_count"] for row in scored),
                "avg_uptime": _mean(scored, "uptime_percentage"),
            }
            for well_id, scored in wells.items()
        ]
        return sorted(rows, key=lambda row: (-row["avg_efficiency"], row["well_id"]))

    async def health_ranking(self, hours: int) -> list[Row]:
        """Wells by the mean of their hours' scores, each hour counting the same, whatever readings it has."""
        wells = await self._scored_hours(hours)
        rows = [
            {
                "well_id": well_id,
                "avg_health": _mean(scored, "health_score"),
                "avg_efficiency": _mean(scored, "efficiency_score"),
                "total_anomalies": sum(row["anomaly_count"] for row in scored),
                "peak_vibration": _most(scored, "max_vibration"),
                "peak_temperature": _most(scored, "max_temp"),
            }
            for well_id, scored in wells.items()
        ]
        return sorted(rows, key=lambda row: (-row["avg_health"], row["well_id"]))

    async def condition_ranking(self, hours: int) -> list[Row]:
        """Wells by their efficiency over the whole window: every reading counts the same, and hours without any are down."""
        window = self._hours(hours)
        scores = await self._asked(
            self.telemetry,
            "well_condition_hourly",
            window,
            bucket=None,
            select=["flow_per_ampere", "efficiency", "health", "abnormal_readings", "reading_count"],
        )
        by_hour = await self._asked(self.telemetry, "well_condition_hourly", window, select=["active_minutes"])
        minutes = max(1, math.ceil((min(window.end, self.clock()) - window.start).total_seconds() / 60))
        rows = []
        for score in scores:
            active = sum(row["active_minutes"] for row in by_hour if row["well_id"] == score["well_id"])
            rows.append({**score, "active_minutes": active, "uptime": min(100.0, active * 100 / minutes)})
        # a well that nobody can score is the last one
        return sorted(rows, key=lambda row: (row["efficiency"] is None, -(row["efficiency"] or 0), row["well_id"]))

    async def _scored_hours(self, hours: int) -> dict[str, list[Row]]:
        select = ["efficiency_score", "health_score", "anomaly_count", "uptime_percentage", "max_vibration", "max_temp"]
        rows = await self._asked(self.telemetry, "well_performance_hourly", self._hours(hours), select=select)
        wells: dict[str, list[Row]] = {}
        for row in rows:
            wells.setdefault(row["well_id"], []).append(row)
        return wells

    async def _well(self, rollup: str, well_id: str, window: Window, select: tuple[str, ...] | None = None) -> list[Row]:
        options = {} if select is None else {"select": list(select)}
        return await self._asked(self.telemetry, rollup, window, where=_is(well_id), order_by=["-bucket"], **options)

    async def _asked(self, store: AsyncStore, rollup: str, window: Window, **options: Any) -> list[Row]:
        rows = (await store.query(rollup, **window.query(), **options)).to_dicts()
        return rows

    def _hours(self, count: int) -> Window:
        return Window.of(self.clock(), count, HOUR)

    def _days(self, count: int) -> Window:
        return Window.of(self.clock(), count, DAY)


def _is(well_id: str) -> str:
    quoted = well_id.replace("'", "''")
    return f"well_id = '{quoted}'"


def _timed(rows: list[Row]) -> list[Row]:
    return [{"timestamp": row.pop("bucket"), **row} for row in rows]


def _mean(rows: list[Row], name: str) -> float:
    return math.fsum(row[name] for row in rows) / len(rows)


def _most(rows: list[Row], name: str) -> float | None:
    return max((row[name] for row in rows if row[name] is not None), default=None)
