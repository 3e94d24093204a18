"""What the rollups must say, worked out apart: rows grouped by pandas, arithmetic in fractions, nothing of isofold."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from wells.gauges import NAMES
from wells.readings import DAY_US, HOUR_US, MINUTE_US, Diagnosis, Readings

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
#: What is told of a median: it is that close to the true one.
MEDIAN_ERROR = 0.005415

Groups = dict[tuple[datetime, str], dict[str, Any]]


def instant(time_us: int) -> datetime:
    return EPOCH + timedelta(microseconds=int(time_us))


class Exact:
    """The values of a gauge, as whole numbers of one unit, a power of two."""

    def __init__(self, values: Sequence[float]) -> None:
        ratios = [value.as_integer_ratio() for value in values]
        self.unit = max((below for _, below in ratios), default=1)
        whole = [above * (self.unit // below) for above, below in ratios]
        self.count, self.total, self.squares = len(whole), sum(whole), sum(it * it for it in whole)

    def mean(self) -> float | None:
        return float(Fraction(self.total, self.count * self.unit)) if self.count else None

    def stddev(self) -> float | None:
        if self.count < 2:
            return None
        above = self.count * self.squares - self.total**2
        return root(Fraction(above, self.count * (self.count - 1) * self.unit**2))


def root(square: Fraction) -> float:
    """The double nearest to a square root."""
    if not square:
        return 0.0
    scale = max(0, 160 - square.numerator.bit_length() + square.denominator.bit_length()) // 2 * 2
    whole = math.isqrt((square.numerator << scale) // square.denominator)
    # the root is no whole number of such small units but by chance, which the odd last bit tells from a tie
    is_exact = Fraction(whole * whole, 1 << scale) == square
    return float(Fraction(2 * whole + (not is_exact), 2 << scale // 2))


def _grouped(wells: Any, times: Any, width: int) -> Iterable[tuple[tuple[datetime, str], Any]]:
    frame = pd.DataFrame({"well": wells, "bucket": times // width * width})
    for (bucket, well), rows in frame.groupby(["bucket", "well"]).indices.items():
        yield (instant(bucket), well), rows


def _present(values: Any) -> list[float]:
    return values[~np.isnan(values)].tolist()


def hours(readings: Readings) -> tuple[Groups, Groups, Groups]:
    """`telemetry_hourly`, `well_performance_hourly` and `well_condition_hourly`."""
    told: tuple[Groups, Groups, Groups] = ({}, {}, {})
    for key, rows in _grouped(readings.wells, readings.times, HOUR_US):
        group = readings[rows]
        everything = _measures(group)
        everything |= {f"period_{end}": everything[f"day_{end}"] for end in ("start", "end")}
        told[0][key] = everything
        told[1][key] = everything | _performance(group, everything)
        told[2][key] = everything | _condition(group, everything)
    return told


def days(readings: Readings) -> Groups:
    """`telemetry_daily`."""
    told = {}
    for key, rows in _grouped(readings.wells, readings.times, DAY_US):
        told[key] = _measures(readings[rows])
        told[key]["uptime_percentage"] = len(rows) * 100.0 / 1440
    return told


def _measures(group: Readings) -> dict[str, Any]:
    measured: dict[str, Any] = {
        "reading_count": len(group),
        "day_start": instant(group.times.min()),
        "day_end": instant(group.times.max()),
    }
    for column, name in enumerate(NAMES):
        values = _present(group.values[:, column])
        exact = Exact(values)
        measured[f"avg_{name}"], measured[f"stddev_{name}"] = exact.mean(), exact.stddev()
        measured[f"min_{name}"], measured[f"max_{name}"] = min(values, default=None), max(values, default=None)
        measured[f"median_{name}"] = float(np.median(values)) if values else None
    return measured


def _performance(group: Readings, of: dict[str, Any]) -> dict[str, Any]:
    flow, current, vibration, temp = (of[f"avg_{it}"] for it in ("flow_rate", "motor_current", "vibration", "motor_temp"))
    efficiency = 0.0
    if current is not None and current > 0:
        efficiency = 100.0 if flow is None else min(100.0, 10 * flow / current)
    health = 0.0
    if vibration is not None and temp is not None:
        health = 100 - min(100.0, 5 * vibration + 0.5 * max(0.0, temp - 60))
    return {
        "efficiency_score": efficiency,
        "health_score": health,
        "avg_temp": temp,
        "max_temp": of["max_motor_temp"],
        "flow_stability": of["stddev_flow_rate"],
        "frequency_stability": of["stddev_vsd_frequency"],
        "uptime_percentage": len(group) * 100.0 / 60,
        "anomaly_count": _above(group, 90),
    }


def _condition(group: Readings, of: dict[str, Any]) -> dict[str, Any]:
    flow, current = (group.values[:, NAMES.index(it)] for it in ("flow_rate", "motor_current"))
    pumping = ~np.isnan(flow) & (current > 0)
    per_ampere = None
    if pumping.any() and (mean := Exact(current[pumping].tolist()).mean()):
        per_ampere = Exact(flow[pumping].tolist()).mean() / mean
    vibration, temp = of["avg_vibration"], of["avg_motor_temp"]
    health = None
    if vibration is not None and temp is not None:
        health = 100 - min(100.0, 20 * max(0.0, vibration - 1.5) + 2 * max(0.0, temp - 100))
    active = len(set((group.times // MINUTE_US).tolist()))
    return {
        "flow_per_ampere": per_ampere,
        "efficiency": None if per_ampere is None else per_ampere * 1.4,
        "health": health,
        "abnormal_readings": _above(group, 100),
        "active_minutes": active,
        "uptime": active * 100.0 / 60,
    }


def _above(group: Readings, temp: float) -> int:
    vibration, heat, variance = (group.values[:, NAMES.index(it)] for it in ("vibration", "motor_temp", "flow_variance"))
    # a comparison with NaN is false, as one with NULL is not true
    return int(((vibration > 5.0) | (heat > temp) | (variance > 20)).sum())


def diagnoses(rows: Sequence[Diagnosis]) -> Groups:
    """`diagnostic_summary_daily`."""
    told: Groups = {}
    wells, times = np.array([it.well for it in rows], object), np.array([it.time for it in rows], np.int64)
    for key, chosen in _grouped(wells, times, DAY_US):
        group = [rows[at] for at in chosen]
        names = [it.diagnosis.lower() for it in group]
        confidences = [it.confidence for it in group]
        told[key] = {
            "total_diagnostics": len(group),
            **{f"{it}_count": sum(row.severity == it for row in group) for it in ("critical", "warning", "info")},
            "gas_lock_count": sum("gas" in it and "lock" in it[it.index("gas") + 3 :] for it in names),
            "high_vibration_count": sum("vibration" in it for it in names),
            "motor_overheating_count": sum("motor" in it for it in names),
            "flow_anomaly_count": sum("flow" in it for it in names),
            "pump_wear_count": sum("pump" in it and "wear" in it[it.index("pump") + 4 :] for it in names),
            "avg_confidence": Exact(confidences).mean(),
            "min_confidence": min(confidences),
            "max_confidence": max(confidences),
            "day_start": instant(min(it.time for it in group)),
            "day_end": instant(max(it.time for it in group)),
        }
    return told


def differences(found: Groups, truth: Groups, columns: Sequence[str]) -> list[str]:
    """Where the groups of a table are not what they must be: to the bit, standard deviations to the last
    place, medians within what is told of them."""
    told = [f"{key} is missing" for key in truth.keys() - found.keys()]
    told += [f"{key} has no rows" for key in found.keys() - truth.keys()]
    for key in truth.keys() & found.keys():
        for column in columns:
            is_, must = found[key][column], truth[key][column]
            if column.startswith("median_") and is_ is not None and must is not None:
                is_same = abs(is_ - must) <= MEDIAN_ERROR * abs(must)
            elif column.startswith("stddev_") or column.endswith("_stability"):
                # the root of a variance that is rounded already
                is_same = is_ == must or (None not in (is_, must) and abs(is_ - must) <= math.ulp(must))
            else:
                is_same = is_ == must and type(is_) is type(must)
            if not is_same:
                told.append(f"{key} {column}: {is_!r} instead of {must!r}")
    return told
