"""The service as HTTP clients see it, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import truth
from conftest import NOW_US, empty
from fastapi import FastAPI
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from wells.analytics import DAILY, HOURLY, Window
from wells.database import Database, connect
from wells.readings import DAY_US, HOUR_US
from wells.service import create_app, router
from wells.settings import Settings
from wells.simulator import Field

NOW = truth.instant(NOW_US)
BASE = "/api/v1/analytics"
HOURS, DAYS = timedelta(hours=1), timedelta(days=1)


def settings_of(database: Database) -> Settings:
    return Settings(database_url=SecretStr(database.target), schedule=False, poll_seconds=3600)


def fill(database: Database, field: Field) -> None:
    """Readings, of which the rollups have what was there a day ago."""
    for part in (field.on_time, field.late, field.corrections):
        database.write(part)
    database.diagnose(field.diagnoses)
    for store in database.stores():
        with store:
            store.refresh(now=NOW - DAYS)


@pytest.fixture(scope="session")
def client(kind: str, field: Field, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """An application that is only read."""
    with empty(kind, tmp_path_factory.mktemp("service")) as url:
        database = connect(url)
        database.init()
        fill(database, field)
        with TestClient(create_app(settings_of(database), lambda: NOW)) as client:
            yield client
        database.close()


@pytest.fixture
def changing(database: Database, field: Field) -> Iterator[TestClient]:
    """An application whose readings a test may change."""
    fill(database, field)
    with TestClient(create_app(settings_of(database), lambda: NOW)) as client:
        yield client


@pytest.fixture(scope="module")
def hours(field: Field) -> tuple[truth.Groups, truth.Groups, truth.Groups]:
    return truth.hours(field.final())


def written(value: Any) -> Any:
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


def expected(groups: truth.Groups, names: tuple[str, ...], well: str, start: datetime, key: str) -> list[dict[str, Any]]:
    rows = sorted((bucket for bucket, of in groups if of == well and start <= bucket <= NOW), reverse=True)
    return [{key: written(at), **{name: written(groups[at, well][name]) for name in names}} for at in rows]


def same(answered: list[dict[str, Any]], must: list[dict[str, Any]]) -> bool:
    """Equal, but for what is only told to the last place, or within a bound."""
    if [list(row) for row in answered] != [list(row) for row in must]:
        return False
    loose = {name: 1e-15 for row in must for name in row if name.startswith("stddev") or name.endswith("stability")}
    loose["median_flow_rate"] = truth.MEDIAN_ERROR
    return all(
        row[name] == value or (name in loose and value is not None and row[name] == pytest.approx(value, rel=loose[name]))
        for row, want in zip(answered, must)
        for name, value in want.items()
    )


def test_hours_of_a_well(client: TestClient, hours: Any) -> None:
    answer = client.get(f"{BASE}/wells/WELL-02/hourly")
    must = expected(hours[0], HOURLY, "WELL-02", NOW - 24 * HOURS, "timestamp")
    assert answer.status_code == 200
    assert len(must) > 15
    assert same(answer.json(), must)
    week = client.get(f"{BASE}/wells/WELL-02/hourly?hours=168").json()
    assert same(week, expected(hours[0], HOURLY, "WELL-02", NOW - 168 * HOURS, "timestamp"))


def test_days_of_a_well(client: TestClient, field: Field) -> None:
    days = truth.days(field.final())
    must = expected(days, DAILY, "WELL-03", NOW - 2 * DAYS, "date")
    must = [row | {"date": row["date"][:10]} for row in must]
    assert len(must) == 2
    assert same(client.get(f"{BASE}/wells/WELL-03/daily?days=2").json(), must)


def test_scores_of_a_well(client: TestClient, hours: Any) -> None:
    for route, groups, count in (("performance", hours[1], 19), ("condition", hours[2], 9)):
        answered = client.get(f"{BASE}/wells/WELL-01/{route}").json()
        assert len(answered[0]) == count
        names = tuple(name for name in answered[0] if name not in ("bucket", "well_id"))
        must = expected(groups, names, "WELL-01", NOW - 24 * HOURS, "bucket")
        assert same([{name: row[name] for name in row if name != "well_id"} for row in answered], must)


def test_diagnoses_of_a_well(client: TestClient, field: Field) -> None:
    days = truth.diagnoses(field.diagnoses)
    answered = client.get(f"{BASE}/diagnostics/summary?well_id=WELL-03").json()
    assert len(answered[0]) == 16
    names = tuple(name for name in answered[0] if name not in ("bucket", "well_id"))
    must = expected(days, names, "WELL-03", NOW - 30 * DAYS, "bucket")
    assert [{name: row[name] for name in row if name != "well_id"} for row in answered] == must
    assert client.get(f"{BASE}/diagnostics/summary").status_code == 422


def test_all_wells_the_newest_hours_first_then_the_best(client: TestClient, hours: Any) -> None:
    answer = client.get(f"{BASE}/wells/performance/all")
    rows = answer.json()
    must = [
        (written(at), well, group["efficiency_score"])
        for (at, well), group in hours[1].items()
        if NOW - 24 * HOURS <= at <= NOW
    ]
    must.sort(key=lambda row: row[1])
    must.sort(key=lambda row: (row[0], row[2]), reverse=True)
    assert sorted(must) == sorted((row["timestamp"], row["well_id"], row["efficiency_score"]) for row in rows)
    order = [(row["timestamp"], row["efficiency_score"]) for row in rows]
    assert order == sorted(order, reverse=True)
    assert list(rows[0]) == [
        "timestamp", "well_id", "efficiency_score", "health_score", "anomaly_count", "avg_flow_rate", "uptime_percentage",
    ]  # fmt: skip


def test_rankings(client: TestClient, hours: Any) -> None:
    wells: dict[str, list[dict[str, Any]]] = {}
    for (at, well), group in hours[1].items():
        if NOW - 48 * HOURS <= at <= NOW:
            wells.setdefault(well, []).append(group)
    mean = lambda well, name: sum(group[name] for group in wells[well]) / len(wells[well])  # noqa: E731
    for route, score, source in (("efficiency", "avg_efficiency", "efficiency_score"), ("health", "avg_health", "health_score")):
        rows = client.get(f"{BASE}/wells/ranking/{route}?hours=48").json()
        assert {row["well_id"] for row in rows} == set(wells)
        assert [row[score] for row in rows] == sorted((row[score] for row in rows), reverse=True)
        for row in rows:
            well = row["well_id"]
            assert row[score] == pytest.approx(mean(well, source), rel=1e-12)
            assert row["total_anomalies"] == sum(group["anomaly_count"] for group in wells[well])
    assert rows[0]["peak_vibration"] == max(group["max_vibration"] for group in wells[rows[0]["well_id"]])
    best = client.get(f"{BASE}/wells/ranking/health?hours=48&limit=1")
    assert best.json() == rows[:1]
    assert best.headers["x-total-count"] == "3"


def test_the_mended_ranking_counts_readings_and_minutes(client: TestClient, field: Field) -> None:
    rows = client.get(f"{BASE}/wells/ranking/weighted?hours=24").json()
    final = field.final()
    first = NOW_US // HOUR_US * HOUR_US - 23 * HOUR_US
    for row in rows:
        chosen = final[(final.wells == row["well_id"]) & (final.times >= first)]
        minutes = len(set((chosen.times // 60_000_000).tolist()))
        assert row["reading_count"] == len(chosen)
        assert row["active_minutes"] == minutes
        assert row["uptime"] == min(100.0, minutes * 100 / (23 * 60 + 37))
        pumping = chosen.values[(chosen.values[:, 2] > 0) & (chosen.values[:, 0] >= 0)]
        assert row["flow_per_ampere"] == pytest.approx(pumping[:, 0].mean() / pumping[:, 2].mean(), rel=1e-12)
    assert [row["efficiency"] for row in rows] == sorted((row["efficiency"] for row in rows), reverse=True)


def test_bounds_are_those_of_the_routes(client: TestClient) -> None:
    bounds = {
        "/wells/W/hourly": ("hours", 168, 10_000),
        "/wells/W/daily": ("days", 90, 1000),
        "/wells/W/performance": ("hours", 168, 10_000),
        "/wells/W/condition": ("hours", 168, 10_000),
        "/diagnostics/summary": ("days", 90, 1000),
        "/wells/performance/all": ("hours", 168, 10_000),
        "/wells/ranking/efficiency": ("hours", 168, 500),
        "/wells/ranking/health": ("hours", 168, 500),
        "/wells/ranking/weighted": ("hours", 168, 500),
    }
    for route, (span, most, most_rows) in bounds.items():
        for name, last in ((span, most), ("limit", most_rows)):
            for value, status in ((0, 422), (1, 200), (last, 200), (last + 1, 422), ("x", 422)):
                assert client.get(BASE + route, params={"well_id": "W", name: value}).status_code == status, (route, name, value)


def test_the_service_itself_refuses_windows_of_nothing() -> None:
    with pytest.raises(ValueError, match="a window has 1 or more, got 0"):
        Window.of(NOW, 0, HOURS)


def test_a_window_has_both_of_its_ends() -> None:
    edge = truth.instant(NOW_US // HOUR_US * HOUR_US)
    assert Window.of(edge, 24, HOURS) == Window(edge - 24 * HOURS, edge + HOURS)
    assert Window.of(edge + timedelta(seconds=1), 24, HOURS) == Window(edge - 23 * HOURS, edge + HOURS)
    day = truth.instant(NOW_US // DAY_US * DAY_US)
    assert Window.of(NOW, 1, DAYS) == Window(day, day + DAYS)


def test_wells_that_nobody_knows_are_empty_whatever_their_names(client: TestClient) -> None:
    for name in ("nobody", "o'hara", "a%b", "né", "x' or well_id <> '"):
        answer = client.get(f"{BASE}/wells/{name}/hourly")
        assert (answer.status_code, answer.json(), answer.headers["x-total-count"]) == (200, [], "0")
    assert client.get(f"{BASE}/wells/{'x' * 51}/hourly").status_code == 422
    assert client.get(f"{BASE}/wells/%00/hourly").status_code == 422


def test_pages_say_how_much_there_is_and_where(client: TestClient) -> None:
    everything = client.get(f"{BASE}/wells/WELL-01/hourly").json()
    url, pages = f"{BASE}/wells/WELL-01/hourly?limit=7", []
    while url:
        answer = client.get(url)
        assert answer.headers["x-total-count"] == str(len(everything))
        pages += answer.json()
        url = answer.links.get("next", {}).get("url", "")
    assert pages == everything
    assert answer.links["prev"]["url"].endswith(f"offset={len(everything) // 7 * 7 - 7}")
    assert "link" not in client.get(f"{BASE}/wells/WELL-01/hourly").headers
    last = 1_000_000_000
    for offset, status in ((-1, 422), (last, 200), (last + 1, 422)):
        assert client.get(f"{BASE}/wells/WELL-01/hourly", params={"offset": offset}).status_code == status
    for route in ("efficiency", "health", "weighted"):
        everything = client.get(f"{BASE}/wells/ranking/{route}").json()
        second = client.get(f"{BASE}/wells/ranking/{route}?limit=1&offset=1")
        assert (second.json(), second.headers["x-total-count"]) == (everything[1:2], "3")


def test_rows_that_are_known_are_not_sent_again_until_they_change(changing: TestClient) -> None:
    url = f"{BASE}/wells/WELL-01/hourly"
    etag = changing.get(url).headers["etag"]
    for known in (etag, f'"other", W/{etag}', "*"):
        answer = changing.get(url, headers={"if-none-match": known})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
    reading = {"well_id": "WELL-01", "timestamp": (NOW - 2 * HOURS).isoformat(), "flow_rate": 1.0}
    assert changing.post("/telemetry", json=[reading]).json()["inserted"] == 1
    answer = changing.get(url, headers={"if-none-match": etag})
    assert answer.status_code == 200
    assert answer.headers["etag"] != etag


def test_a_database_that_fails_is_500_and_unhealthy(changing: TestClient, database: Database) -> None:
    database._execute("DROP TABLE esp_telemetry")
    answer = changing.get(f"{BASE}/wells/WELL-01/hourly")
    assert (answer.status_code, answer.json()) == (500, {"detail": "Database error occurred"})
    answer = changing.post("/telemetry", json=[{"well_id": "W", "timestamp": NOW.isoformat()}])
    assert (answer.status_code, answer.json()) == (500, {"detail": "Database error occurred"})
    database._execute("DROP TABLE isofold_rollups")
    answer = changing.get("/health")
    assert (answer.status_code, answer.json()["status"]) == (503, "failed")


def test_health_monitoring_and_metrics(changing: TestClient) -> None:
    answer = changing.get("/health")
    rollups = {rollup["name"]: rollup for rollup in answer.json()["rollups"]}
    assert answer.status_code == 200
    # it is a day that nobody refreshed
    assert answer.json()["status"] == "degraded"
    assert len(rollups) == 5
    assert rollups["telemetry_hourly"]["status"] == "stale"
    assert rollups["telemetry_hourly"]["watermark"] == "2026-11-19T10:00:00Z"
    told = {rollup["name"]: rollup for rollup in changing.get("/monitoring").json()}
    hourly = told["telemetry_hourly"]
    assert hourly["rows"] == rollups["telemetry_hourly"]["groups"] > 100
    assert (hourly["earliest"], hourly["latest"]) == ("2026-11-16T10:00:00Z", "2026-11-19T10:00:00Z")
    assert (hourly["last_refresh"], hourly["next_refresh"]) == (written(NOW - DAYS), written(NOW))
    changing.post("/telemetry", json=[{"well_id": "W", "timestamp": NOW.isoformat()}])
    changing.get(f"{BASE}/wells/WELL-01/hourly?limit=3")
    changing.get(f"{BASE}/wells/WELL-01/hourly?limit=0")
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(changing.get("/metrics").text)
        for sample in family.samples
    }
    route = f"{BASE}/wells/{{well_id}}/hourly"
    assert samples["wells_request_seconds_count", "GET", route, "200"] == 1
    assert samples["wells_request_seconds_count", "GET", route, "422"] == 1
    assert samples["wells_rows_total", route] == 3
    assert samples["wells_readings_total", "inserted"] == 1
    assert samples["wells_rollup_fresh", "telemetry_hourly"] == 0
    assert samples["wells_rollup_lag_seconds", "telemetry_hourly"] > 80_000


def test_a_team_includes_the_router_in_one_line(database: Database) -> None:
    reading = {"well_id": "W", "timestamp": NOW.isoformat()}
    app = FastAPI()
    app.include_router(router(settings_of(database), lambda: NOW), prefix="/oil")
    with TestClient(app) as client:
        assert client.post("/oil/telemetry", json=[reading]).json()["inserted"] == 1
        assert len(client.get(f"/oil{BASE}/wells/W/hourly").json()) == 1
    # what the router opened ends with the application
    answer = client.get(f"/oil{BASE}/wells/W/hourly")
    assert (answer.status_code, answer.json()) == (500, {"detail": "Internal server error"})


def test_the_schema_has_what_the_tables_have(client: TestClient) -> None:
    told = client.get("/openapi.json").json()
    performance = told["components"]["schemas"]["Performance"]["properties"]
    assert len(performance) == 19
    assert performance["reading_count"] == {
        "type": "integer",
        "title": "Reading Count",
        "description": "readings, whatever gauges they have",
        "examples": [60],
    }
    for model in told["components"]["schemas"].values():
        if "Error" not in model["title"]:
            for name, field in model["properties"].items():
                assert "examples" in field or "description" in field or name in ("status", "rollups", "last_refresh"), name
