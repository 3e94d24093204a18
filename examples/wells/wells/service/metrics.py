"""What Prometheus scrapes: requests, readings, refreshes, and how fresh the rollups are."""

from __future__ import annotations

from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The metrics of one application in one process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        every = {"registry": self._registry}
        self.requests = Histogram(
            "wells_request_seconds", "Time of requests", ("method", "route", "status"), buckets=_SECONDS, **every
        )
        self.rows = Counter("wells_rows", "Rows that were answered", ("route",), **every)
        self.readings = Counter("wells_readings", "Readings that were taken, by what became of them", ("became",), **every)
        self.refreshes = Counter("wells_refreshes", "Refreshes by rollup and status", ("rollup", "status"), **every)
        self.failures = Counter("wells_schedule_failures", "Failures of the schedule", **every)
        self._lag = Gauge("wells_rollup_lag_seconds", "From the watermark of a rollup to now", ("rollup",), **every)
        self._groups = Gauge("wells_rollup_groups", "Groups that are stored", ("rollup",), **every)
        self._is_fresh = Gauge("wells_rollup_fresh", "1 where a rollup is fresh or waits for its schedule", ("rollup",), **every)

    def text(self, rollups: list[dict[str, Any]]) -> bytes:
        """The metrics as text, of rollups as the health of the service tells them."""
        for rollup in rollups:
            name = rollup["name"]
            if rollup["lag_seconds"] is not None:
                self._lag.labels(name).set(rollup["lag_seconds"])
            self._groups.labels(name).set(rollup["groups"])
            self._is_fresh.labels(name).set(rollup["status"] == "fresh" or rollup["pending"])
        return generate_latest(self._registry)
