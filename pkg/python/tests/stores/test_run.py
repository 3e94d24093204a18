"""``isofold run`` goes on: past what fails, past a lost connection, and ends between two windows when it is told to."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from databases import COLUMNS, POSTGRES, Database, make_postgres, rows


def plan(interval: str, **rollup: Any) -> dict[str, Any]:
    def each(name: str, total: str) -> dict[str, Any]:
        refresh = {"schedule_interval": interval, "start_offset": "20 days"}
        return {"spec": {"name": name, "bucket": "1 minute", "select": {"n": "count(*)", "total": total}}, "refresh": refresh, **rollup}

    return {
        "source": {"table": "requests", "columns": COLUMNS, "time": "ts", "changes": "trigger"},
        "rollups": [each("squares", "sum(user_id * user_id)"), each("minutes", "sum(ms)")],
    }


@contextmanager
def running(database: Database, catalog: dict[str, Any], folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    path, log = folder / "catalog.json", folder / "log"
    path.write_text(json.dumps(catalog))
    command = [sys.executable, "-m", "isofold", "run", "--catalog", str(path), "--database", database.target]
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
        try:
            yield process, log
        finally:
            process.kill()
            process.wait()


def until(condition: Callable[[], bool], seconds: float = 30.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return condition()


def ago(**since: float) -> datetime:
    return datetime.now(timezone.utc) - timedelta(**since)


def test_what_fails_is_tried_again_later_and_the_others_go_on(database: Database, tmp_path: Path) -> None:
    database.insert(rows(3, start=ago(minutes=30)))
    catalog = plan("1 hour", retention="30 days")
    store = database.open(catalog)
    store.init()
    database.execute("UPDATE requests SET user_id = 2000000000")
    catalog["rollups"][0]["spec"]["select"]["total"] = "sum(user_id * user_id * 10)"
    database.open(catalog).init()
    with running(database, catalog, tmp_path) as (process, log):
        assert until(lambda: database.execute("SELECT count(*) FROM minutes")[0][0] > 0)
        time.sleep(2.5)
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    told = log.read_text()
    assert 1 <= told.count("expr.overflow") <= 3, told


def test_a_check_that_fails_keeps_nothing_from_being_refreshed(database: Database, tmp_path: Path) -> None:
    database.insert(rows(3, start=ago(hours=1)))
    catalog = plan("1 second")
    store = database.open(catalog)
    store.init()
    # check cannot read the versions of all specs, and every refresh of that one rollup fails
    database.execute("DROP TABLE squares")
    assert [each["status"] for each in store.check()["rollups"]] == ["error", "never"]
    with running(database, catalog, tmp_path) as (process, log):
        assert until(lambda: database.execute("SELECT sum(n) FROM minutes")[0][0] == 3), log.read_text()
        database.insert(rows(3, start=ago(minutes=30)))
        assert until(lambda: database.execute("SELECT sum(n) FROM minutes")[0][0] == 6), log.read_text()
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert "squares" in log.read_text()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_between_two_windows(database: Database, tmp_path: Path, how: signal.Signals) -> None:
    database.insert(rows(50, start=ago(hours=3)))
    catalog = plan("1 second")
    database.open(catalog).init()
    with running(database, catalog, tmp_path) as (process, log):
        assert until(lambda: database.execute("SELECT count(*) FROM minutes")[0][0] > 0)
        process.send_signal(how)
        assert process.wait(20) == 0, log.read_text()
    assert "Traceback" not in log.read_text()


@pytest.mark.skipif(POSTGRES is None, reason="ISOFOLD_POSTGRES is not set: tools/postgres.sh")
def test_a_lost_connection_is_made_again(tmp_path: Path) -> None:
    database = make_postgres()
    database.insert(rows(3, start=ago(hours=1)))
    catalog = plan("1 second")
    database.open(catalog).init()
    with running(database, catalog, tmp_path) as (process, log):
        assert until(lambda: database.execute("SELECT sum(n) FROM minutes")[0][0] == 3), log.read_text()
        database.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query LIKE %s", "%isofold%"
        )
        database.insert(rows(3, start=ago(minutes=30)))
        assert until(lambda: database.execute("SELECT sum(n) FROM minutes")[0][0] == 6), log.read_text()
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    database.close()


def test_what_was_asked_and_refused_is_no_success(database: Database, tmp_path: Path) -> None:
    database.insert(rows(50, start=ago(hours=30)))
    catalog = plan("1 hour")
    store = database.open(catalog)
    store.init()
    store.refresh()
    ts = ago(hours=29, minutes=30)
    database.execute("DELETE FROM requests WHERE ts < %s", database.time(ts))
    path = tmp_path / "catalog.json"
    path.write_text(json.dumps(catalog))
    command = [sys.executable, "-m", "isofold", "refresh", "--catalog", str(path), "--database", database.target]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
    assert (done.returncode, "refresh.dropped" in done.stderr) == (3, True), done
