"""Every column of every aggregate is what its rows say: to the bit, standard deviations to the last place,
and medians within what is told of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import truth
from conftest import NOW_US
from stored import stored

from wells import petrobras
from wells.database import Database
from wells.readings import DAY_US, Diagnosis, Readings
from wells.simulator import Field

#: Every hour that has a row is built by then, and every day before the one of the last row.
LATER = truth.instant(NOW_US + 2 * DAY_US)
COLUMNS = {
    "telemetry_hourly": 25,
    "telemetry_daily": 35,
    "well_performance_hourly": 17,
    "well_condition_hourly": 7,
    "diagnostic_summary_daily": 14,
}


def compare(database: Database, readings: Readings, diagnoses: Sequence[Diagnosis]) -> None:
    hourly, performance, condition = truth.hours(readings)
    expected = [hourly, truth.days(readings), performance, condition, truth.diagnoses(diagnoses)]
    stores = database.stores()
    for store in stores:
        assert {it["status"] for it in store.refresh(now=LATER)["rollups"]} == {"ok"}
    for (name, count), must in zip(COLUMNS.items(), expected):
        store = stores[name in stores[1].rollups]
        answer = store.query(name)
        watermark = datetime.fromisoformat(answer.coverage["watermark"])
        # what is not stored yet is answered from rows
        everything = {(row.pop("bucket"), row.pop("well_id")): row for row in answer.to_dicts()}
        built, columns = stored(database, store, name)
        assert len(columns) == count
        assert len(everything) >= len(built) > 0
        assert truth.differences(everything, must, columns)[:10] == [], name
        must = {key: group for key, group in must.items() if key[0] < watermark}
        assert truth.differences(built, must, columns)[:10] == [], name
    for store in stores:
        store.close()


def test_simulated_wells(database: Database, field: Field) -> None:
    database.write(field.on_time)
    database.diagnose(field.diagnoses)
    stores = database.stores()
    for store in stores:
        store.refresh(now=LATER)
        store.close()
    # what comes later, or once more, changes hours and days that are built
    assert database.write(field.late).inserted == len(field.late) > 0
    assert database.write(field.corrections).corrected == len(field.corrections) > 0
    compare(database, field.final(), field.diagnoses)


def test_real_wells(database: Database, data: Path) -> None:
    readings, diagnoses = petrobras.read(data, NOW_US)
    assert len(readings) == 521_070
    assert database.write(readings).inserted == len(readings)
    database.diagnose(diagnoses)
    compare(database, readings, diagnoses)


def test_each_table_has_its_key_its_indexes_and_comments(database: Database) -> None:
    for store in database.stores():
        store.close()
    for rollup in [it for each in database.catalogs() for it in each["rollups"]]:
        assert set(rollup["table"]["comments"]) == {"bucket", "well_id", *rollup["spec"]["select"]}
    if database.target.startswith("postgres"):
        found = database.select("SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema()")
        comments = database.select(
            "SELECT count(*) FROM pg_description JOIN pg_class ON pg_class.oid = objoid"
            " WHERE relnamespace = current_schema()::regnamespace AND relname IN"
            " ('telemetry_hourly', 'telemetry_daily', 'well_performance_hourly', 'well_condition_hourly', 'diagnostic_summary_daily')"
        )
        # of each table, its bucket, its well and its metrics
        assert comments == [(sum(COLUMNS.values()) + 3 * len(COLUMNS),)]
    else:
        found = database.select("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
    indexes = " ".join(text for (text,) in found).replace('"', "").lower()
    for name in COLUMNS:
        table = indexes.split(name, 1)[1]
        assert "(well_id, bucket desc)" in table
    for column in ("(efficiency_score desc", "(health_score desc", "(critical_count desc"):
        assert column in indexes
