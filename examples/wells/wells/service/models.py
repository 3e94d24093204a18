"""What the routes answer, as pydantic knows it: made of the columns that the tables of the rollups have."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from isofold.stores import Store
from pydantic import BaseModel, Field, create_model

from .. import analytics, catalog
from ..gauges import BY_NAME

_TYPES: dict[str, Any] = {"float64": float, "int64": int, "string": str, "timestamp": datetime}
_NOMINAL = {"telemetry_daily": "1440", "well_performance_hourly": "60"}

_MOMENT = datetime.fromisoformat("2026-11-20T09:00:00Z")
_EXAMPLES: dict[str, Any] = {"string": "WELL-01", "timestamp": _MOMENT, "int64": 60}


def _example(name: str, values: str) -> Any:
    if values in _EXAMPLES:
        return 0 if values == "int64" and not name.endswith("reading_count") else _EXAMPLES[values]
    gauge = BY_NAME.get(name.partition("_")[2])
    return 90.0 if gauge is None else (gauge.normal_least + gauge.normal_most) / 2


class Models:
    """The models of the rollups of stores; each is made once."""

    def __init__(self, telemetry: Store, diagnostics: Store) -> None:
        self._columns = {
            rollup: {column["name"]: column for column in store.columns(rollup) if column["kind"] in ("bucket", "key", "metric")}
            for store in (telemetry, diagnostics)
            for rollup in store.rollups
        }
        hours, performance = "telemetry_hourly", "well_performance_hourly"
        self.hourly = self._model("Hour", hours, analytics.HOURLY, timestamp=self._field(hours, "bucket"))
        day = (date, Field(description="the day, in UTC", examples=[_MOMENT.date()]))
        self.daily = self._model("Day", "telemetry_daily", analytics.DAILY, date=day)
        self.performance = self._model("Performance", performance)
        self.condition = self._model("Condition", "well_condition_hourly")
        self.diagnostics = self._model("DiagnosticSummary", "diagnostic_summary_daily")
        self.all_performance = self._model(
            "WellHour",
            performance,
            analytics.ALL_WELLS,
            timestamp=self._field(performance, "bucket"),
            well_id=self._field(performance, "well_id"),
        )

    def _model(self, title: str, rollup: str, names: Iterable[str] | None = None, **first: Any) -> type[BaseModel]:
        chosen = self._columns[rollup] if names is None else names
        return create_model(title, **first, **{name: self._field(rollup, name) for name in chosen})

    def _field(self, rollup: str, name: str) -> Any:
        column = self._columns[rollup][name]
        kind = _TYPES[column["values"]]
        # a count, a bucket and a key are always there; what a gauge gives may not be
        is_there = column["kind"] != "metric" or column["values"] in ("int64", "timestamp")
        says = Field(description=catalog.comment(name, _NOMINAL.get(rollup, "")), examples=[_example(name, column["values"])])
        return (kind if is_there else kind | None, says)


class EfficiencyRank(BaseModel):
    """A well among the others, by efficiency: means of the hours' scores, each hour counting the same."""

    well_id: str = Field(examples=["WELL-01"])
    avg_efficiency: float = Field(description="mean of `efficiency_score`", examples=[100.0])
    avg_health: float = Field(description="mean of `health_score`", examples=[81.5])
    total_anomalies: int = Field(description="sum of `anomaly_count`", examples=[12])
    avg_uptime: float = Field(description="mean of `uptime_percentage` over hours that have readings", examples=[99.2])


class HealthRank(BaseModel):
    """A well among the others, by health: means of the hours' scores, each hour counting the same."""

    well_id: str = Field(examples=["WELL-01"])
    avg_health: float = Field(description="mean of `health_score`", examples=[81.5])
    avg_efficiency: float = Field(description="mean of `efficiency_score`", examples=[100.0])
    total_anomalies: int = Field(description="sum of `anomaly_count`", examples=[12])
    peak_vibration: float | None = Field(description="greatest vibration, in g", examples=[1.4])
    peak_temperature: float | None = Field(description="greatest motor temperature, in °C", examples=[96.0])


class ConditionRank(BaseModel):
    """A well among the others, by mended scores of the whole window: each reading counts the same."""

    well_id: str = Field(examples=["WELL-01"])
    flow_per_ampere: float | None = Field(description=catalog.comment("flow_per_ampere"), examples=[44.0])
    efficiency: float | None = Field(description=catalog.comment("efficiency"), examples=[61.6])
    health: float | None = Field(description=catalog.comment("health"), examples=[100.0])
    abnormal_readings: int = Field(description=catalog.comment("abnormal_readings"), examples=[0])
    reading_count: int = Field(description=catalog.comment("reading_count"), examples=[1440])
    active_minutes: int = Field(description="minutes of the window that have a reading", examples=[1440])
    uptime: float = Field(description="those minutes in percent of all that passed, hours without readings too", examples=[99.9])
