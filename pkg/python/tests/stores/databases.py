"""A table of requests in SQLite and in PostgreSQL, and the catalog of its rollups."""

from __future__ import annotations

import os
import sqlite3
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

import isofold
import isofold.stores

POSTGRES = os.environ.get("ISOFOLD_POSTGRES")

COLUMNS = {"ts": "timestamp", "model": "string", "user_id": "int64", "ms": "float64", "ok": "bool"}
START = datetime(2026, 11, 1, tzinfo=timezone.utc)
NOW = datetime(2026, 11, 4, 10, 30, tzinfo=timezone.utc)

SELECT = {
    "requests": "count(*)",
    "failures": "count(*) filter (where not ok)",
    "avg_ms": "avg(ms)",
    "p95_ms": "approx_percentile(0.95, percentile_agg(ms))",
    "users": "approx_count_distinct(user_id)",
    "top": "topn(value_counts(user_id), 2)",
}


def spec(name: str, bucket: Any, keys: list[str], **changes: Any) -> dict[str, Any]:
    return {"name": name, "bucket": bucket, "group_by": keys, "select": SELECT, **changes}


def catalog(**source: Any) -> dict[str, Any]:
    return {
        "source": {"table": "requests", "columns": COLUMNS, "time": "ts", **source},
        "rollups": [
            {"spec": spec("hours", "1 hour", ["model"]), "refresh": {"start_offset": "6 hours", "schedule_interval": "1 hour"}},
            {"spec": spec("days", "1 day", ["model"]), "from": "hours"},
            {"spec": spec("berlin", {"width": "1 day", "timezone": "Europe/Berlin"}, []), "from": "hours"},
        ],
    }


Row = tuple[datetime, "str | None", "int | None", "float | None", "bool | None"]


def rows(count: int = 4000, start: datetime = START, step: float = 75.25) -> list[Row]:
    return [
        (
            start + timedelta(seconds=step * i, microseconds=i % 7),
            None if i % 11 == 0 else ["gpt", "claude", "o'möbius\\"][i % 3],
            None if i % 7 == 0 else i * i % 1013,
            None if i % 13 == 0 else i * 0.25,
            None if i % 17 == 0 else i % 5 != 0,
        )
        for i in range(count)
    ]


class Database:
    """The table, and a store of it."""

    def __init__(self, kind: str, target: Any, connection: Any) -> None:
        self.kind = kind
        self.target = target
        self.connection = connection
        self.opened: list[isofold.stores.Store] = []

    def execute(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        if self.kind == "sqlite":
            cursor = self.connection.execute(sql.replace("%s", "?"), parameters)
        else:
            cursor = self.connection.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []

    def time(self, at: datetime) -> Any:
        return at.isoformat() if self.kind == "sqlite" else at

    def insert(self, rows: list[Row]) -> None:
        values = [(self.time(ts), *rest) for ts, *rest in rows]
        sql = "INSERT INTO requests (ts, model, user_id, ms, ok) VALUES (%s, %s, %s, %s, %s)"
        if self.kind == "sqlite":
            self.connection.execute("BEGIN IMMEDIATE")
            self.connection.executemany(sql.replace("%s", "?"), values)
            self.connection.execute("COMMIT")
        else:
            with self.connection.cursor() as cursor:
                cursor.executemany(sql, values)

    def open(self, catalog: Any) -> isofold.stores.Store:
        store = isofold.stores.open(catalog, self.target)
        self.opened.append(store)
        return store

    def raw(self) -> list[dict[str, Any]]:
        found = []
        cast = "" if self.kind == "sqlite" else "::double precision"
        for ts, model, user_id, ms, ok in self.execute(f"SELECT ts, model, user_id, ms{cast}, ok FROM requests"):
            found.append({"ts": ts, "model": model, "user_id": user_id, "ms": ms, "ok": None if ok is None else bool(ok)})
        return found

    def folded(self, spec: dict[str, Any], end: datetime | None = None) -> isofold.Rollup:
        """What the rows give when they are folded from the first to the last, up to a time."""
        rollup = isofold.Rollup({"columns": COLUMNS, "time": "ts", **spec})
        rollup.ingest(self.raw())
        return rollup.slice(end=end) if end else rollup

    def stored(self, name: str) -> list[tuple[Any, ...]]:
        return self.execute(f'SELECT * FROM "{name}" ORDER BY 1, 2')

    def close(self) -> None:
        for store in self.opened:
            store.close()
        self.connection.close()


def make_sqlite(folder: Path) -> Database:
    path = folder / f"{uuid.uuid4().hex}.db"
    connection = sqlite3.connect(path, timeout=60, isolation_level=None)
    connection.execute("CREATE TABLE requests (id INTEGER PRIMARY KEY, ts TEXT, model TEXT, user_id INTEGER, ms REAL, ok INTEGER)")
    connection.execute("CREATE INDEX requests_ts ON requests (ts)")
    return Database("sqlite", str(path), connection)


def make_postgres() -> Database:
    psycopg = pytest.importorskip("psycopg")
    schema = f"t_{uuid.uuid4().hex}"
    connection = psycopg.connect(POSTGRES, autocommit=True)
    connection.execute(f"CREATE SCHEMA {schema}")
    connection.execute(f"SET search_path TO {schema}")
    connection.execute(
        "CREATE TABLE requests (id bigserial PRIMARY KEY, ts timestamptz, model varchar(40), user_id int, ms numeric(12, 4), ok boolean)"
    )
    connection.execute("CREATE INDEX requests_ts ON requests (ts)")
    return Database("postgres", f"{POSTGRES}?options=-csearch_path%3D{schema}", connection)
