"""A trial of the application over HTTP, as it is served: every route, new readings, and what they change."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from datetime import datetime, timezone
from typing import Any

import uvicorn

from .gauges import GAUGES
from .service import create_app
from .service.router import ANALYTICS
from .settings import Settings

WELL = "WELL-01"
ROUTES = (
    f"/wells/{WELL}/hourly",
    f"/wells/{WELL}/daily",
    f"/wells/{WELL}/performance",
    f"/wells/{WELL}/condition",
    f"/diagnostics/summary?well_id={WELL}",
    "/wells/performance/all",
    "/wells/ranking/efficiency",
    "/wells/ranking/health",
    "/wells/ranking/weighted",
)


class Failed(Exception):
    """What the application answered is not what it must."""


def run(settings: Settings) -> int:
    """Serves on a free port, asks, and ends: 0 where all is well, 1 with what is not."""
    server = uvicorn.Server(uvicorn.Config(create_app(settings), host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise Failed("the server did not start")
            time.sleep(0.05)
        port = server.servers[0].sockets[0].getsockname()[1]
        _ask(f"http://127.0.0.1:{port}")
    except Failed as failure:
        print(f"failed: {failure}", flush=True)
        return 1
    finally:
        server.should_exit = True
        thread.join()
    print("all well", flush=True)
    return 0


def _ask(base: str) -> None:
    for route in ROUTES:
        status, headers, rows = _call(base + ANALYTICS + route)
        _require(status == 200 and len(rows) > 0, f"{route}: {status}, {rows!r:.200}")
        again, _, _ = _call(base + ANALYTICS + route, headers={"If-None-Match": headers["ETag"]})
        _require(again == 304, f"{route}: {again} for rows that are known")
        print(f"{route}: {len(rows)} of {headers['X-Total-Count']} rows", flush=True)
    _take(base)
    status, _, told = _call(base + "/health")
    _require(status == 200 and len(told["rollups"]) == 5, f"/health: {status}, {told!r:.200}")
    status, _, told = _call(base + "/monitoring")
    _require(all(rollup["rows"] > 0 and rollup["last_error"] is None for rollup in told), f"/monitoring: {told!r:.500}")
    status, _, told = _call(base + "/openapi.json")
    _require(status == 200 and "/telemetry" in told["paths"], f"/openapi.json: {status}")


def _take(base: str) -> None:
    """A reading of a new well is in the next answer; once more it changes nothing."""
    now = datetime.now(timezone.utc)
    well = f"TRIAL-{now:%Y%m%d%H%M%S%f}"
    gauges = {gauge.name: (gauge.normal_least + gauge.normal_most) / 2 for gauge in GAUGES}
    body = json.dumps([{"well_id": well, "timestamp": now.isoformat(), **gauges}]).encode()
    for became in ("inserted", "unchanged"):
        status, _, told = _call(base + "/telemetry", body, {"Content-Type": "application/json"})
        _require(status == 200 and told[became] == 1, f"/telemetry: {status}, {told!r:.200}")
    _, _, rows = _call(f"{base}{ANALYTICS}/wells/{well}/hourly")
    _require([row["reading_count"] for row in rows] == [1], f"the reading is not answered: {rows!r:.200}")
    print("/telemetry: a reading came, and came once", flush=True)


def _call(url: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> tuple[int, Any, Any]:
    request = urllib.request.Request(url, body, headers or {})
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, response.headers, json.load(response)
    except urllib.error.HTTPError as error:
        text = error.read().decode()
        return error.code, error.headers, text


def _require(is_so: bool, message: str) -> None:
    if not is_so:
        raise Failed(message)
