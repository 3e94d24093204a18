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
SCORES, CONDITION = "well_performance_hourly", "well_condition_hourly"
#: What is told of all wells, and what they are ranked by.
ALL_WELLS = ("efficiency_score", "health_score", "anomaly_count", "avg_flow_rate", "uptime_percentage")
RANKED = ("efficiency_score", "health_score", "anomaly_count", "uptime_percentage", "max_vibration", "max_temp")


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


@dataclass(frozen=True)
class Page:
    """Which rows of all are answered: so many, after so many."""

    limit: int
    offset: int = 0


@dataclass(frozen=True)
class Rows:
    """The rows of a page, and how many there are in all."""

    rows: list[Row]
    total: int


class Analytics:
    """The answers, from the stores of readings and of diagnoses."""

    def __init__(self, telemetry: AsyncStore, diagnostics: AsyncStore, clock: Callable[[], datetime]) -> None:
        self.telemetry = telemetry
        self.diagnostics = diagnostics
        self.clock = clock

    async def hourly(self, well_id: str, hours: int, page: Page) -> Rows:
        return _timed(await self._well("telemetry_hourly", well_id, self._hours(hours), page, select=list(HOURLY)))

    async def daily(self, well_id: str, days: int, page: Page) -> Rows:
        told = await self._well("telemetry_daily", well_id, self._days(days), page, select=list(DAILY))
        return Rows([{"date": row.pop("bucket").date(), **row} for row in told.rows], told.total)

    async def performance(self, well_id: str, hours: int, page: Page) -> Rows:
        return await self._well("well_performance_hourly", well_id, self._hours(hours), page)

    async def condition(self, well_id: str, hours: int, page: Page) -> Rows:
        """The mended scores: see `wells.scores`."""
        return await self._well("well_condition_hourly", well_id, self._hours(hours), page)

    async def diagnostic_summary(self, well_id: str, days: int, page: Page) -> Rows:
        return await self._well("diagnostic_summary_daily", well_id, self._days(days), page)

    async def all_performance(self, hours: int, page: Page) -> Rows:
        order = ["-bucket", "-efficiency_score", "well_id"]
        window = self._hours(hours)
        return _timed(await self._asked(SCORES, window, select=list(ALL_WELLS), order_by=order, **vars(page)))

    async def efficiency_ranking(self, hours: int, page: Page) -> Rows:
        """Wells by the mean of their hours' scores, each hour counting the same, whatever readings it has."""
        metrics = {
            "avg_efficiency": "avg(efficiency_score)",
            "avg_health": "avg(health_score)",
            "total_anomalies": "sum(anomaly_count)",
            "avg_uptime": "avg(uptime_percentage)",
        }
        return await self._ranked(hours, metrics, page)

    async def health_ranking(self, hours: int, page: Page) -> Rows:
        """Wells by the mean of their hours' scores, each hour counting the same, whatever readings it has."""
        metrics = {
            "avg_health": "avg(health_score)",
            "avg_efficiency": "avg(efficiency_score)",
            "total_anomalies": "sum(anomaly_count)",
            "peak_vibration": "max(max_vibration)",
            "peak_temperature": "max(max_temp)",
        }
        return await self._ranked(hours, metrics, page)

    async def weighted_ranking(self, hours: int, page: Page) -> Rows:
        """Wells by their efficiency over the whole window: every reading counts the same, and hours without any are down."""
        window = self._hours(hours)
        metrics = ["flow_per_ampere", "efficiency", "health", "abnormal_readings", "reading_count"]
        scores = await self._asked(CONDITION, window, bucket=None, select=metrics)
        active = await self._asked(
            CONDITION,
            window,
            select=["active_minutes"],
            then={"group_by": ["well_id"], "select": {"active_minutes": "sum(active_minutes)"}},
        )
        minutes_of = {row["well_id"]: row["active_minutes"] for row in active.rows}
        passed = max(1, math.ceil((min(window.end, self.clock()) - window.start).total_seconds() / 60))
        rows = []
        for score in scores.rows:
            minutes = minutes_of[score["well_id"]]
            rows.append({**score, "active_minutes": minutes, "uptime": min(100.0, minutes * 100 / passed)})
        # a well that nobody can score is the last one
        rows.sort(key=lambda row: (row["efficiency"] is None, -(row["efficiency"] or 0), row["well_id"]))
        return Rows(rows[page.offset : page.offset + page.limit], len(rows))

    async def _ranked(self, hours: int, metrics: dict[str, str], page: Page) -> Rows:
        """Wells by the first of some aggregates over their hours, the best first."""
        order = [f"-{next(iter(metrics))}", "well_id"]
        then = {"group_by": ["well_id"], "select": metrics, "order_by": order, **vars(page)}
        return await self._asked(SCORES, self._hours(hours), select=list(RANKED), then=then)

    async def _well(self, rollup: str, well_id: str, window: Window, page: Page, **options: Any) -> Rows:
        options |= {"where": "well_id = $1", "parameters": [well_id], "order_by": ["-bucket"]}
        return await self._asked(rollup, window, **options, **vars(page))

    async def _asked(self, rollup: str, window: Window, **options: Any) -> Rows:
        store = self.diagnostics if rollup in self.diagnostics.rollups else self.telemetry
        answer = await store.query(rollup, start=window.start, end=window.end, **options)
        return Rows(answer.to_dicts(), answer.total_rows)

    def _hours(self, count: int) -> Window:
        return Window.of(self.clock(), count, HOUR)

    def _days(self, count: int) -> Window:
        return Window.of(self.clock(), count, DAY)


def _timed(told: Rows) -> Rows:
    return Rows([{"timestamp": row.pop("bucket"), **row} for row in told.rows], told.total)
