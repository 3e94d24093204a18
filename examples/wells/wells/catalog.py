"""What is kept of readings and diagnostics: five rollups in two catalogs, one for each table of rows.

The day is made of the states of the hour, so what only the day shows (`median`, further standard deviations) is kept by
the hour without a column.
"""

from __future__ import annotations

from typing import Any

from . import scores
from .gauges import BY_NAME, NAMES

READINGS = "esp_telemetry"
DIAGNOSTICS = "diagnostic_results"

_WORDS = {"avg": "avg({})", "min": "min({})", "max": "max({})", "median": "median({})", "stddev": "stddev_samp({})"}
_TITLES = {"avg": "mean", "min": "least", "max": "greatest", "median": "median", "stddev": "sample standard deviation"}

HOURLY_REFRESH = {"start_offset": "2 hours", "end_offset": "15 minutes", "schedule_interval": "15 minutes"}
DAILY_REFRESH = {"start_offset": "3 days", "end_offset": "1 hour", "schedule_interval": "1 hour"}
KEPT = "90 days"


def _measured(gauge: str, words: str) -> dict[str, str]:
    return {f"{word}_{gauge}": _WORDS[word].format(gauge) for word in words.split()}


def _of_gauges(words: str, *gauges: str) -> dict[str, str]:
    return {name: text for gauge in gauges for name, text in _measured(gauge, words).items()}


_HOURLY = {
    **_measured("flow_rate", "avg min max stddev"),
    **_of_gauges("avg min max", "pip", "motor_current", "motor_temp", "vibration", "torque"),
    **_of_gauges("avg", "vsd_frequency", "flow_variance", "gor"),
    "reading_count": "count(*)",
    "period_start": "min(timestamp)",
    "period_end": "max(timestamp)",
}

_DAILY = {
    **_measured("flow_rate", "avg min max median stddev"),
    **_of_gauges("avg min max stddev", "pip", "motor_current", "motor_temp", "vibration"),
    **_of_gauges("avg min max", "vsd_frequency", "torque", "gor"),
    **_of_gauges("avg", "flow_variance"),
    "reading_count": "count(*)",
    "day_start": "min(timestamp)",
    "day_end": "max(timestamp)",
    "uptime_percentage": "reading_count * 100.0 / 1440",
}

_PERFORMANCE = {
    **_of_gauges("avg", "flow_rate", "motor_current", "motor_temp", "vsd_frequency"),
    "efficiency_score": scores.EFFICIENCY_SCORE,
    **_of_gauges("avg max", "vibration"),
    "avg_temp": "avg_motor_temp",
    "max_temp": "max(motor_temp)",
    "health_score": scores.HEALTH_SCORE,
    "flow_stability": "stddev_samp(flow_rate)",
    "frequency_stability": "stddev_samp(vsd_frequency)",
    "reading_count": "count(*)",
    "uptime_percentage": "reading_count * 100.0 / 60",
    "anomaly_count": f"count(*) filter (where {scores.ANOMALY})",
    "period_start": "min(timestamp)",
    "period_end": "max(timestamp)",
}

_CONDITION = {
    "flow_per_ampere": scores.FLOW_PER_AMPERE,
    "efficiency": "flow_per_ampere * " + scores.EFFICIENCY_SCALE,
    "health": scores.HEALTH,
    "abnormal_readings": f"count(*) filter (where {scores.ABNORMAL})",
    "active_minutes": scores.ACTIVE_MINUTES,
    "uptime": "active_minutes * 100.0 / 60",
    "reading_count": "count(*)",
}

_DIAGNOSIS_WORDS = {
    "gas_lock_count": "%gas%lock%",
    "high_vibration_count": "%vibration%",
    "motor_overheating_count": "%motor%",
    "flow_anomaly_count": "%flow%",
    "pump_wear_count": "%pump%wear%",
}

_DIAGNOSTIC = {
    "total_diagnostics": "count(*)",
    **{f"{it}_count": f"count(*) filter (where severity = '{it}')" for it in ("critical", "warning", "info")},
    **{name: f"count(*) filter (where diagnosis ilike '{text}')" for name, text in _DIAGNOSIS_WORDS.items()},
    **_of_gauges("avg min max", "confidence"),
    "day_start": "min(timestamp)",
    "day_end": "max(timestamp)",
}

_COMMENTS = {
    "bucket": "start of the hour or day, in UTC",
    "well_id": "the well",
    "reading_count": "readings, whatever gauges they have",
    "period_start": "first reading of the hour",
    "period_end": "last reading of the hour",
    "day_start": "first row of the day",
    "day_end": "last row of the day",
    "total_diagnostics": "diagnoses of any severity",
    "avg_temp": "mean motor temperature once more, in °C",
    "max_temp": "greatest motor temperature, in °C",
    "flow_stability": "sample standard deviation of the flow rate, in bbl/day; larger is less stable",
    "frequency_stability": "sample standard deviation of the drive's frequency, in Hz; larger is less stable",
    **{f"{it}_count": f"diagnoses with the severity {it}" for it in ("critical", "warning", "info")},
    **{name: f"diagnoses with a text like {text}, in any case" for name, text in _DIAGNOSIS_WORDS.items()},
    **{f"{word}_confidence": f"{_TITLES[word]} confidence, 0 to 1" for word in ("avg", "min", "max")},
    **scores.COMMENTS,
}


def comment(column: str, nominal: str = "") -> str:
    """What a column of a rollup holds; `nominal` is the count that is 100 % of `uptime_percentage`."""
    if column == "uptime_percentage":
        return f"readings × 100 ÷ {nominal}: more than 100 where readings come faster than one a minute"
    if column in _COMMENTS:
        return _COMMENTS[column]
    word, _, name = column.partition("_")
    gauge = BY_NAME[name]
    return f"{_TITLES[word]} {gauge.title}, in {gauge.unit}"


def _table(select: dict[str, str], says: str, nominal: str = "", *further: str) -> dict[str, Any]:
    return {
        "columns": {"well_id": "varchar(50)"},
        "not_null": ["well_id"],
        "primary_key": True,
        "indexes": [["well_id", "-bucket"], *([f"-{column}"] for column in further)],
        "comment": says,
        "comments": {column: comment(column, nominal) for column in ("bucket", "well_id", *select)},
    }


def _rollup(
    name: str, bucket: str, select: dict[str, str], table: dict[str, Any], keep: list[str] | None = None, **further: Any
) -> dict[str, Any]:
    spec = {"name": name, "bucket": bucket, "group_by": ["well_id"], "select": select, "keep": keep or []}
    refresh = HOURLY_REFRESH if bucket == "1 hour" else DAILY_REFRESH
    return {"spec": spec, "table": table, "refresh": refresh, "retention": KEPT, **further}


_OF_HOURS = {"from": "telemetry_hourly"}
#: What the day and the scores read of the hour, and the hour does not show.
_HOURLY_KEEPS = [
    *_of_gauges("median", "flow_rate").values(),
    *_of_gauges("stddev", "pip", "motor_current", "motor_temp", "vibration", "vsd_frequency").values(),
    *_of_gauges("min max", "vsd_frequency", "gor").values(),
    _PERFORMANCE["anomaly_count"],
    _CONDITION["abnormal_readings"],
    _CONDITION["active_minutes"],
    *scores.STATES,
]

_TELEMETRY_ROLLUPS = [
    _rollup("telemetry_hourly", "1 hour", _HOURLY, _table(_HOURLY, "readings of a well by hour"), keep=_HOURLY_KEEPS),
    _rollup("telemetry_daily", "1 day", _DAILY, _table(_DAILY, "readings of a well by day", "1440"), **_OF_HOURS),
    _rollup(
        "well_performance_hourly",
        "1 hour",
        _PERFORMANCE,
        _table(_PERFORMANCE, "scores of a well by hour", "60", "efficiency_score", "health_score"),
        **_OF_HOURS,
    ),
    _rollup("well_condition_hourly", "1 hour", _CONDITION, _table(_CONDITION, "mended scores of a well by hour"), **_OF_HOURS),
]
_DIAGNOSTIC_ROLLUPS = [
    _rollup("diagnostic_summary_daily", "1 day", _DIAGNOSTIC, _table(_DIAGNOSTIC, "diagnoses of a well by day")),
]


def telemetry(time_type: str) -> dict[str, Any]:
    """The catalog of readings; `time_type` is what the database keeps times as."""
    columns = {"well_id": "string", "timestamp": time_type, **dict.fromkeys(NAMES, "float64")}
    return _catalog(READINGS, columns, "30 days", _TELEMETRY_ROLLUPS)


def diagnostics(time_type: str) -> dict[str, Any]:
    """The catalog of diagnoses; `time_type` is what the database keeps times as."""
    columns = {"well_id": "string", "timestamp": time_type, "diagnosis": "string", "confidence": "float64", "severity": "string"}
    return _catalog(DIAGNOSTICS, columns, "90 days", _DIAGNOSTIC_ROLLUPS)


def _catalog(table: str, columns: dict[str, str], kept: str, rollups: list[dict[str, Any]]) -> dict[str, Any]:
    source = {"table": table, "columns": columns, "time": "timestamp", "changes": "trigger", "retention": kept}
    return {"source": source, "rollups": rollups}
