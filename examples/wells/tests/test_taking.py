"""Readings that come by HTTP: what is taken, how often, and what is told of what does not fit."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import truth
from conftest import NOW_US
from fastapi.testclient import TestClient
from pydantic import SecretStr

from wells.database import Database
from wells.gauges import GAUGES
from wells.service import create_app
from wells.settings import Settings

NOW = truth.instant(NOW_US)
NORMAL = {gauge.name: (gauge.normal_least + gauge.normal_most) / 2 for gauge in GAUGES}


@pytest.fixture
def client(database: Database) -> Iterator[TestClient]:
    settings = Settings(database_url=SecretStr(database.target), schedule=False, poll_seconds=3600, max_readings=500)
    with TestClient(create_app(settings, lambda: NOW)) as client:
        yield client


def batch(count: int = 10, well: str = "W", **changes: Any) -> list[dict[str, Any]]:
    return [
        {"well_id": well, "timestamp": (NOW - timedelta(minutes=at)).isoformat(), **NORMAL, **changes} for at in range(count)
    ]


def became(client: TestClient, rows: list[dict[str, Any]]) -> tuple[int, ...]:
    answer = client.post("/telemetry", json=rows)
    assert answer.status_code == 200, answer.text
    return tuple(answer.json().values())


def test_readings_are_taken_once_and_corrected(client: TestClient, database: Database) -> None:
    rows = batch()
    assert became(client, rows) == (10, 10, 0, 0)
    assert became(client, rows) == (10, 0, 0, 10)
    rows[3] |= {"vibration": 2.5}
    del rows[4]["gor"]
    assert became(client, rows + batch(5, "V")) == (15, 5, 2, 8)
    assert became(client, rows) == (10, 0, 0, 10)
    told = database.select("SELECT count(*), max(vibration), count(gor) FROM esp_telemetry WHERE well_id = 'W'")
    assert told == [(10, 2.5, 9)]


def test_a_time_is_the_same_in_every_zone(client: TestClient) -> None:
    assert became(client, [{"well_id": "W", "timestamp": "2026-11-20T09:00:00.000001Z", "flow_rate": 1}]) == (1, 1, 0, 0)
    assert became(client, [{"well_id": "W", "timestamp": "2026-11-20T14:30:00.000001+05:30", "flow_rate": 1}]) == (1, 0, 0, 1)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"vibration": -0.1}, "vibration"),
        ({"flow_rate": "fast"}, "flow_rate"),
        ({"motor_temp": -50.1}, "motor_temp"),
        ({"motor_temp": 200.1}, "motor_temp"),
        ({"vsd_frequency": 120.1}, "vsd_frequency"),
        ({"timestamp": "2026-11-20T09:00:00"}, "timestamp"),
        ({"timestamp": None}, "timestamp"),
        ({"well_id": ""}, "well_id"),
        ({"well_id": "W" * 51}, "well_id"),
        ({"well_id": "a\0b"}, "well_id"),
        ({"vibratoin": 1.0}, "vibratoin"),
    ],
)
def test_what_does_not_fit_is_named_by_its_row_and_nothing_is_taken(
    client: TestClient, database: Database, change: dict[str, Any], where: str
) -> None:
    rows = batch()
    rows[7] |= change
    answer = client.post("/telemetry", json=rows)
    assert answer.status_code == 422
    assert [problem["loc"] for problem in answer.json()["detail"]] == [["body", 7, where]]
    assert database.select("SELECT count(*) FROM esp_telemetry") == [(0,)]


def test_bounds_belong_to_what_is_taken(client: TestClient) -> None:
    assert became(client, batch(1, motor_temp=-50)) == (1, 1, 0, 0)
    assert became(client, batch(1, motor_temp=200, vsd_frequency=120, vibration=0)) == (1, 0, 1, 0)


def test_two_readings_of_one_well_and_time_are_refused_with_both_rows(client: TestClient) -> None:
    rows = batch(4)
    rows.append({**rows[1], "vibration": 9.0})
    (problem,) = client.post("/telemetry", json=rows).json()["detail"]
    assert (problem["loc"], problem["msg"]) == (["body", 4], "the readings 1 and 4 are of one well and time")


def test_a_batch_has_bounds(client: TestClient) -> None:
    assert became(client, batch(500)) == (500, 500, 0, 0)
    for rows in (batch(501), []):
        assert client.post("/telemetry", json=rows).status_code == 422


def test_writers_at_once_lose_nothing(client: TestClient, database: Database) -> None:
    with ThreadPoolExecutor(8) as threads:
        told = list(threads.map(lambda at: became(client, batch(50, f"W{at % 4}")), range(16)))
    assert sum(inserted for _, inserted, _, _ in told) == 200
    assert database.select("SELECT count(*) FROM esp_telemetry") == [(200,)]
