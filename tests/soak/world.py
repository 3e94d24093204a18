"""The rows of a soak in SQLite or PostgreSQL, and what applications do to them."""

from __future__ import annotations

import random
import sqlite3
from datetime import datetime, timedelta, timezone
from typing import Any

#: Rows beyond which writers take more than they bring.
MANY = 12_000
SPAN = timedelta(days=4)

COLUMNS = {"ts": "timestamp", "model": "string", "user_id": "int64", "ms": "float64"}
METRICS = {"n": "count(*)", "total": "sum(ms)", "most": "max(ms)"}
MORE = ({}, {"users": "approx_count_distinct(user_id)"}, {"mean": "avg(ms)", "p95": "approx_percentile(0.95, percentile_agg(ms))"})


def catalog(edit: int = 0) -> dict[str, Any]:
    """The catalog of an edit: its metrics change, and one of its rollups comes and goes."""

    def spec(name: str, bucket: str, more: dict[str, str]) -> dict[str, Any]:
        return {"name": name, "bucket": bucket, "group_by": ["model"], "select": {**METRICS, **more}}

    rollups: list[dict[str, Any]] = [{"spec": spec("hours", "1 hour", MORE[edit % 3])}, {"spec": spec("days", "1 day", {}), "from": "hours"}]
    if edit % 2 == 0:
        rollups.append({"spec": spec("minutes", "5 minutes", {})})
    return {"source": {"table": "requests", "columns": COLUMNS, "time": "ts", "changes": "trigger", "retention": "3 days"}, "rollups": rollups}


def other() -> dict[str, Any]:
    """A second catalog on the same rows."""
    spec = {"name": "quarters", "bucket": "15 minutes", "group_by": ["model"], "select": METRICS}
    return {**catalog(), "rollups": [{"spec": spec}]}


def connect(kind: str, target: str, name: str) -> Any:
    if kind == "sqlite":
        return sqlite3.connect(target, timeout=60, isolation_level=None, check_same_thread=False)
    import psycopg

    return psycopg.connect(target, autocommit=True, application_name=name)


class Rows:
    """What a writer does. Rows of more than two and a half days stay as they are until they are pruned: where the oldest rows
    are deleted, they are taken for dropped."""

    def __init__(self, kind: str, connection: Any, seed: int) -> None:
        self.kind = kind
        self.connection = connection
        self.random = random.Random(seed)

    def run(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        # a modulo is %%, as where there are parameters in PostgreSQL
        if self.kind == "sqlite":
            sql = sql.replace("%s", "?")
        if self.kind == "sqlite" or not parameters:
            sql = sql.replace("%%", "%")
        cursor = self.connection.execute(sql, parameters or ()) if self.kind == "sqlite" else self.connection.execute(sql, parameters or None)
        return cursor.fetchall() if cursor.description else []

    def make(self) -> None:
        types = "ts TEXT, model TEXT, user_id INTEGER, ms REAL" if self.kind == "sqlite" else "ts timestamptz, model text, user_id int, ms float8"
        key = "INTEGER PRIMARY KEY" if self.kind == "sqlite" else "bigserial PRIMARY KEY"
        self.run(f"CREATE TABLE requests (id {key}, {types})")
        self.run("CREATE INDEX requests_ts ON requests (ts)")

    def time(self, at: datetime) -> Any:
        return at.isoformat() if self.kind == "sqlite" else at

    def some_time(self) -> Any:
        now = datetime.now(timezone.utc)
        kind = self.random.random()
        if kind < 0.5:
            return self.time(now - timedelta(seconds=self.random.random() * 90))
        if kind < 0.55:
            return self.time(now + timedelta(seconds=self.random.random() * 1800))
        return self.time(now - SPAN * self.random.random())

    def insert(self, count: int) -> None:
        values = [
            (self.some_time(), self.random.choice(["gpt", "claude", None]), self.random.randrange(300), self.random.randrange(4000) / 4)
            for _ in range(count)
        ]
        places = ", ".join(["(%s, %s, %s, %s)"] * count)
        self.run(f"INSERT INTO requests (ts, model, user_id, ms) VALUES {places}", *(each for row in values for each in row))

    def begin(self) -> None:
        if self.kind == "sqlite":
            self.run("BEGIN IMMEDIATE")
        elif self.random.random() < 0.2:
            self.run("BEGIN ISOLATION LEVEL REPEATABLE READ")
        else:
            self.run("BEGIN")

    def write(self) -> str:
        """One transaction of an application; what it was."""
        later = f"ts > '{(datetime.now(timezone.utc) - SPAN * 5 / 8).isoformat()}'"
        every, rest = self.random.randrange(5, 40), self.random.randrange(5)
        kinds = ("insert", "insert", "insert", "insert", "change", "move", "delete", "range", "replace", "several")
        [(rows,)] = self.run("SELECT count(*) FROM requests")
        kind = self.random.choice(kinds)
        if rows > MANY:
            kind = "truncate" if self.random.random() < 0.1 else "delete"
            every = 3
            rest %= 3
        elif self.random.random() < 0.004:
            kind = "reload"
        self.begin()
        if kind in ("insert", "several"):
            self.insert(self.random.randrange(1, 60))
        if kind in ("change", "several"):
            self.run(f"UPDATE requests SET ms = ms + 1 WHERE id %% {every} = {rest}")
        if kind == "move":
            self.run(f"UPDATE requests SET ts = %s WHERE id %% {every} = {rest} AND {later}", self.some_time())
        if kind in ("delete", "several"):
            self.run(f"DELETE FROM requests WHERE id %% {every} = {rest} AND {later}")
        if kind == "range":
            start = datetime.now(timezone.utc) - SPAN * self.random.random()
            end = start + timedelta(minutes=self.random.randrange(1, 200))
            self.run(f"DELETE FROM requests WHERE ts >= %s AND ts < %s AND {later}", self.time(start), self.time(end))
        if kind == "replace":
            conflict = "ON CONFLICT (id) DO UPDATE SET ts = excluded.ts, ms = excluded.ms"
            verb, conflict = ("INSERT OR REPLACE", "") if self.kind == "sqlite" else ("INSERT", conflict)
            self.run(
                f"{verb} INTO requests (id, ts, model, user_id, ms) SELECT id, %s, model, user_id, ms + 3 FROM requests"
                f" WHERE id %% {every} = {rest} AND {later} {conflict}",
                self.some_time(),
            )
        if kind in ("truncate", "reload"):
            kept = "TRUE" if kind == "reload" else f"NOT {later}"
            self.run(f"CREATE TEMP TABLE kept_rows AS SELECT * FROM requests WHERE {kept}")
            self.run("DELETE FROM requests" if self.kind == "sqlite" else "TRUNCATE requests")
            self.run("INSERT INTO requests SELECT * FROM kept_rows")
            self.run("DROP TABLE kept_rows")
        self.run("COMMIT" if self.random.random() < 0.95 else "ROLLBACK")
        return kind
