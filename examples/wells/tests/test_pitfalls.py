"""What went wrong with these numbers elsewhere, and does not here: a test each."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
import truth
from conftest import NOW_US
from stored import stored

from wells.database import Database
from wells.gauges import GAUGES, NAMES
from wells.readings import DAY_US, HOUR_US, MINUTE_US, Diagnosis, Readings

HOUR = NOW_US // HOUR_US * HOUR_US - 5 * HOUR_US
NOW = truth.instant(NOW_US)
NORMAL = {gauge.name: (gauge.normal_least + gauge.normal_most) / 2 for gauge in GAUGES}


def readings(well: str, count: int = 60, step_us: int = MINUTE_US, first: int = HOUR, **gauges: float) -> Readings:
    """An hour of a well in the middle of its normal range, but for some gauges; NaN is none."""
    values = np.tile([(NORMAL | gauges)[name] for name in NAMES], (count, 1))
    return Readings(np.full(count, well, object), first + np.arange(count, dtype=np.int64) * step_us, values)


def scores(database: Database, now: datetime = NOW) -> dict[str, dict[str, Any]]:
    """The scores in use and the mended ones of each well, in the tables, for the hour of the tests."""
    telemetry, diagnostics = database.stores()
    with telemetry, diagnostics:
        telemetry.refresh(now=now)
        told: dict[str, dict[str, Any]] = {}
        for rollup in ("well_performance_hourly", "well_condition_hourly"):
            for (hour, well), group in stored(database, telemetry, rollup)[0].items():
                if hour == truth.instant(HOUR):
                    told.setdefault(well, {}).update(group)
        return told


def test_efficiency_does_not_saturate(database: Database) -> None:
    flows = {"poor": 1500.0, "fair": 2000.0, "good": 2500.0}
    for well, flow in flows.items():
        database.write(readings(well, flow_rate=flow))
    told = scores(database)
    assert [told[well]["efficiency_score"] for well in flows] == [100.0, 100.0, 100.0]
    efficiencies = [told[well]["efficiency"] for well in flows]
    assert efficiencies == sorted(set(efficiencies))
    assert all(40 < it < 80 for it in efficiencies)


def test_gauges_that_are_missing_do_not_turn_a_score_around(database: Database) -> None:
    nothing = float("nan")
    database.write(readings("no vibration", vibration=nothing))
    database.write(readings("no temperature", motor_temp=nothing))
    database.write(readings("no flow", flow_rate=nothing))
    database.write(readings("no current", motor_current=nothing))
    told = scores(database)
    # the formulas in use say of what they do not know: dead, and best of all
    assert told["no vibration"]["health_score"] == told["no temperature"]["health_score"] == 0
    assert told["no flow"]["efficiency_score"] == 100
    assert told["no current"]["efficiency_score"] == 0
    assert told["no vibration"]["health"] is told["no temperature"]["health"] is None
    assert told["no flow"]["efficiency"] is told["no current"]["efficiency"] is None
    assert told["no flow"]["health"] == told["no current"]["health"] == 100


def test_a_ratio_is_of_readings_that_have_both_of_its_gauges(database: Database) -> None:
    mixed = readings("mixed", flow_rate=2000.0, motor_current=40.0)
    mixed.values[:30, NAMES.index("flow_rate")] = np.nan
    mixed.values[:30, NAMES.index("motor_current")] = 10.0
    database.write(mixed)
    assert scores(database)["mixed"]["flow_per_ampere"] == 50.0


def test_normal_readings_are_no_anomalies(database: Database) -> None:
    database.write(readings("warm", motor_temp=95.0))
    database.write(readings("hot", motor_temp=101.0))
    told = scores(database)
    assert (told["warm"]["anomaly_count"], told["hot"]["anomaly_count"]) == (60, 60)
    assert (told["warm"]["abnormal_readings"], told["hot"]["abnormal_readings"]) == (0, 60)
    assert told["warm"]["health_score"] < told["warm"]["health"] == 100
    assert told["hot"]["health"] == 98


def test_severities_that_have_no_column_are_in_the_total(database: Database) -> None:
    severities = ["critical", "high", "medium", "low", "info", "warning", "CRITICAL"]
    database.diagnose([Diagnosis("W", HOUR + at, f"VSD_ISSUE {at}", 0.5, it) for at, it in enumerate(severities)])
    database.diagnose([Diagnosis("W", HOUR, "Gas flow in the motor: lock", 1.0, "info")])
    telemetry, diagnostics = database.stores()
    with telemetry, diagnostics:
        diagnostics.refresh(now=NOW + timedelta(days=2))
        (day,) = diagnostics.query("diagnostic_summary_daily").to_dicts()
    counts = {name: value for name, value in day.items() if name.endswith("_count")}
    assert day["total_diagnostics"] == 8
    # one diagnosis may be in several columns, and most severities are in none
    assert counts == {
        "critical_count": 1,
        "warning_count": 1,
        "info_count": 2,
        "gas_lock_count": 1,
        "high_vibration_count": 0,
        "motor_overheating_count": 1,
        "flow_anomaly_count": 1,
        "pump_wear_count": 0,
    }


def test_uptime_is_never_above_100(database: Database) -> None:
    database.write(readings("fast", count=3600, step_us=1_000_000))
    database.write(readings("half", count=1800, step_us=1_000_000))
    told = scores(database)
    assert (told["fast"]["uptime_percentage"], told["half"]["uptime_percentage"]) == (6000, 3000)
    assert (told["fast"]["uptime"], told["half"]["uptime"]) == (100, 50)


def test_a_day_is_what_its_rows_say_though_it_is_made_of_hours(database: Database) -> None:
    day = HOUR // DAY_US * DAY_US - DAY_US
    # hours of unequal length around unequal levels: means of means, deviations and medians would all be off
    parts = [
        readings("W", count=1 + 7 * hour, step_us=MINUTE_US // 3, first=day + hour * HOUR_US, flow_rate=1500.0 + hour**2)
        for hour in range(24)
    ]
    rows = Readings.joined(parts)
    rows.values[:, NAMES.index("flow_rate")] += np.arange(len(rows)) % 17 * 3.25
    database.write(rows)
    telemetry, diagnostics = database.stores()
    with telemetry, diagnostics:
        telemetry.refresh(now=NOW)
        database.write(readings("later"))
        telemetry.refresh(now=NOW)
        answer = telemetry.query("telemetry_daily", where="well_id = 'W'", start=truth.instant(day), end=truth.instant(day + DAY_US))
        (told,) = answer.to_dicts()
        assert [segment["from"] for segment in answer.coverage["segments"]] == ["telemetry_daily"]
    must = truth.days(rows)[truth.instant(day), "W"]
    assert truth.differences({("", ""): told}, {("", ""): must}, [name for name in told if name not in ("bucket", "well_id")]) == []


@pytest.mark.parametrize("days_late", [0.2, 2, 6, 20])
def test_a_reading_that_comes_late_is_counted_however_late(database: Database, days_late: float) -> None:
    late = int(NOW_US - days_late * DAY_US) + 1_000_000
    database.write(readings("W", count=30 * 24, step_us=HOUR_US, first=NOW_US - 30 * DAY_US))
    telemetry, diagnostics = database.stores()
    with telemetry, diagnostics:
        telemetry.refresh(now=NOW)
        before = stored(database, telemetry, "telemetry_hourly")[0]
        database.write(readings("W", count=1, first=late))
        report = telemetry.refresh(now=NOW)["rollups"]
        after = stored(database, telemetry, "telemetry_hourly")[0]
    assert report[0]["groups_written"] == 1
    key = (truth.instant(late // HOUR_US * HOUR_US), "W")
    assert after[key]["reading_count"] == before[key]["reading_count"] + 1


def test_the_last_minutes_are_answered_before_they_are_built(database: Database) -> None:
    telemetry, diagnostics = database.stores()
    with telemetry, diagnostics:
        database.write(readings("W", count=1, first=NOW_US - MINUTE_US))
        telemetry.refresh(now=NOW)
        assert stored(database, telemetry, "telemetry_hourly")[0] == {}
        (hour,) = telemetry.query("telemetry_hourly").to_dicts()
        assert (hour["reading_count"], hour["period_end"]) == (1, truth.instant(NOW_US - MINUTE_US))


def test_a_median_is_of_readings_and_not_of_medians(database: Database) -> None:
    day = HOUR // DAY_US * DAY_US - DAY_US
    one = readings("W", count=2, first=day, flow_rate=100.0)
    many = readings("W", count=59, first=day + HOUR_US, flow_rate=2000.0)
    database.write(Readings.joined([one, many]))
    telemetry, diagnostics = database.stores()
    with telemetry, diagnostics:
        (told,) = telemetry.query("telemetry_daily").to_dicts()
    assert told["median_flow_rate"] == pytest.approx(2000, rel=truth.MEDIAN_ERROR)


def test_the_first_refresh_fills_what_the_rows_cover_of_diagnoses_too(database: Database) -> None:
    database.diagnose([Diagnosis("W", HOUR - at * DAY_US, "GAS_LOCK", 0.9, "critical") for at in range(1, 60)])
    telemetry, diagnostics = database.stores()
    with telemetry, diagnostics:
        (report,) = diagnostics.refresh(now=NOW)["rollups"]
        assert (report["status"], report["groups_written"]) == ("ok", 59)


def test_rows_that_are_dropped_take_no_hour_along(database: Database) -> None:
    old = NOW_US - 60 * DAY_US
    database.write(Readings.joined([readings("W", first=old), readings("W", first=NOW_US - DAY_US)]))
    telemetry, diagnostics = database.stores()
    with telemetry, diagnostics:
        telemetry.refresh(now=NOW)
        before = stored(database, telemetry, "telemetry_hourly")[0]
        assert {it["status"] for it in telemetry.prune(now=NOW)["pruned"]} == {"ok"}
        assert len(database.select("SELECT 1 FROM esp_telemetry")) == 60
        telemetry.refresh(now=NOW)
        assert stored(database, telemetry, "telemetry_hourly")[0] == before
        # 90 days later the hour goes too
        database.write(readings("W", count=1, first=NOW_US + 40 * DAY_US))
        later = NOW + timedelta(days=41)
        telemetry.refresh(now=later)
        telemetry.prune(now=later)
        assert min(stored(database, telemetry, "telemetry_hourly")[0]) > (truth.instant(old + DAY_US), "")
