"""The tables of rows in SQLite and PostgreSQL, and what writes to them.

Everything here waits for the database; a program with an event loop calls it on a thread.
"""

from __future__ import annotations

import sqlite3
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, NamedTuple

import isofold.stores
import psycopg
import psycopg_pool

from . import catalog
from .gauges import MAX_WELL_ID, NAMES
from .readings import Diagnosis, Readings

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

_COLUMNS = ", ".join(("well_id", "timestamp", *NAMES))
_GAUGES = ", ".join(f"{name} double precision" for name in NAMES)
_SET = ", ".join(f"{name} = given.{name}" for name in NAMES)

# what the catalogs cannot say of their tables: an index of some rows
_CRITICAL = (
    "CREATE INDEX IF NOT EXISTS diagnostic_summary_daily_critical ON diagnostic_summary_daily (critical_count DESC)"
    " WHERE critical_count > 0"
)


def _tables(identity: str, time: str, now: str) -> list[str]:
    return [
        f"CREATE TABLE IF NOT EXISTS esp_telemetry (id {identity}, well_id varchar({MAX_WELL_ID}) NOT NULL,"
        f" timestamp {time} NOT NULL, {_GAUGES}, created_at {time} NOT NULL DEFAULT {now}, UNIQUE (well_id, timestamp))",
        "CREATE INDEX IF NOT EXISTS esp_telemetry_time ON esp_telemetry (timestamp DESC)",
        f"CREATE TABLE IF NOT EXISTS diagnostic_results (id {identity}, well_id varchar({MAX_WELL_ID}) NOT NULL,"
        f" timestamp {time} NOT NULL, diagnosis varchar(50) NOT NULL, confidence double precision NOT NULL,"
        f" severity varchar(20) NOT NULL, actions text, telemetry_snapshot text, resolution_time varchar(50), notes text,"
        f" created_at {time} NOT NULL DEFAULT {now}, UNIQUE (well_id, timestamp, diagnosis))",
        "CREATE INDEX IF NOT EXISTS diagnostic_results_time ON diagnostic_results (timestamp DESC)",
        "CREATE INDEX IF NOT EXISTS diagnostic_results_severity ON diagnostic_results (severity, timestamp DESC)",
    ]


class Written(NamedTuple):
    """What became of readings that were written."""

    inserted: int
    corrected: int
    unchanged: int


class Database(ABC):
    """The tables of rows in one database; made by :func:`connect`."""

    #: What :func:`isofold.stores.open` takes.
    target: str
    #: How the columns of times are read.
    time_type: str

    @abstractmethod
    def init(self) -> None:
        """Makes the tables that are missing."""

    @abstractmethod
    def write(self, readings: Readings) -> Written:
        """Writes readings in one transaction: new ones are inserted, others take the values that are given now.

        A reading is known by its well and time; one that is as it was before changes nothing.
        """

    @abstractmethod
    def diagnose(self, diagnoses: Sequence[Diagnosis]) -> None:
        """Writes diagnoses; one of the same well, time and name is there once."""

    @abstractmethod
    def select(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a statement without parameters."""

    @abstractmethod
    def time(self, value: Any) -> datetime | None:
        """An instant, of what a column of times has."""

    def close(self) -> None:
        """Closes the connections."""

    def catalogs(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The catalogs of readings and of diagnoses."""
        return catalog.telemetry(self.time_type), catalog.diagnostics(self.time_type)

    def stores(self) -> tuple[isofold.stores.Store, isofold.stores.Store]:
        """The stores of readings and of diagnoses, whose tables are there then."""
        telemetry, diagnostics = (isofold.stores.open(it, self.target) for it in self.catalogs())
        telemetry.init()
        diagnostics.init()
        self._execute(_CRITICAL)
        return telemetry, diagnostics

    @abstractmethod
    def _execute(self, *statements: str) -> None:
        """Runs statements in one transaction."""


def connect(url: str) -> Database:
    """Gives the database of a URL: ``postgresql://…``, or the path of an SQLite file."""
    return Postgres(url) if url.startswith(("postgresql://", "postgres://")) else Sqlite(url.removeprefix("sqlite:///"))


class Sqlite(Database):
    """Times are microseconds since 1970, which an index answers."""

    time_type = "timestamp[us]"

    def __init__(self, path: str) -> None:
        self.target = path
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        # one connection for all threads: there is one writer at a time, and it waits here instead of in the file
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise

    def _execute(self, *statements: str) -> None:
        with self._transaction() as connection:
            for statement in statements:
                connection.execute(statement)

    def init(self) -> None:
        now = "(cast((julianday('now') - 2440587.5) * 86400000000 as integer))"
        self._execute(*_tables("integer PRIMARY KEY", "integer", now))

    def write(self, readings: Readings) -> Written:
        marks = ", ".join("?" * (2 + len(NAMES)))
        given = ", ".join(f"?{at} AS {name}" for at, name in enumerate(("well_id", "timestamp", *NAMES), 1))
        differs = " OR ".join(f"esp_telemetry.{name} IS NOT given.{name}" for name in NAMES)
        insert = f"INSERT INTO esp_telemetry ({_COLUMNS}) VALUES ({marks}) ON CONFLICT DO NOTHING"
        correct = (
            f"UPDATE esp_telemetry SET {_SET} FROM (SELECT {given}) AS given WHERE esp_telemetry.well_id = given.well_id"
            f" AND esp_telemetry.timestamp = given.timestamp AND ({differs})"
        )
        inserted = corrected = 0
        with self._transaction() as connection:
            for rows in readings.rows():
                new = connection.executemany(insert, rows).rowcount
                inserted += new
                if new < len(rows):
                    corrected += connection.executemany(correct, rows).rowcount
        return Written(inserted, corrected, len(readings) - inserted - corrected)

    def diagnose(self, diagnoses: Sequence[Diagnosis]) -> None:
        with self._transaction() as connection:
            connection.executemany(
                "INSERT INTO diagnostic_results (well_id, timestamp, diagnosis, confidence, severity) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                ((it.well, it.time, it.diagnosis, it.confidence, it.severity) for it in diagnoses),
            )

    def select(self, sql: str) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(sql).fetchall()

    def time(self, value: Any) -> datetime | None:
        # columns of rows have microseconds, those of rollups texts
        if value is None or isinstance(value, str):
            return None if value is None else datetime.fromisoformat(value)
        return EPOCH + timedelta(microseconds=value)

    def close(self) -> None:
        self._connection.close()


class Postgres(Database):
    """PostgreSQL 15 or newer."""

    time_type = "timestamp"

    def __init__(self, url: str) -> None:
        self.target = url
        self._pool = psycopg_pool.ConnectionPool(url, min_size=1, max_size=4, open=True)

    def _execute(self, *statements: str) -> None:
        with self._pool.connection() as connection:
            # two processes that start at once make each table once
            connection.execute("SELECT pg_advisory_xact_lock(hashtext('isofold wells'))")
            for statement in statements:
                connection.execute(statement)

    def init(self) -> None:
        self._execute(*_tables("bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "timestamptz", "now()"))

    def write(self, readings: Readings) -> Written:
        inserted = corrected = 0
        with self._pool.connection() as connection:
            connection.execute(f"CREATE TEMPORARY TABLE given ON COMMIT DROP AS SELECT {_COLUMNS} FROM esp_telemetry LIMIT 0")
            with connection.cursor().copy(f"COPY given ({_COLUMNS}) FROM STDIN") as copy:
                for row in _timed(readings.rows()):
                    copy.write_row(row)
            inserted = connection.execute(
                f"INSERT INTO esp_telemetry ({_COLUMNS}) SELECT {_COLUMNS} FROM given ORDER BY timestamp ON CONFLICT DO NOTHING"
            ).rowcount
            if inserted < len(readings):
                old, new = (", ".join(f"{table}.{name}" for name in NAMES) for table in ("esp_telemetry", "given"))
                corrected = connection.execute(
                    f"UPDATE esp_telemetry SET {_SET} FROM given WHERE esp_telemetry.well_id = given.well_id"
                    f" AND esp_telemetry.timestamp = given.timestamp AND ({old}) IS DISTINCT FROM ({new})"
                ).rowcount
        return Written(inserted, corrected, len(readings) - inserted - corrected)

    def diagnose(self, diagnoses: Sequence[Diagnosis]) -> None:
        rows = [(it.well, _instant(it.time), it.diagnosis, it.confidence, it.severity) for it in diagnoses]
        with self._pool.connection() as connection, connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO diagnostic_results (well_id, timestamp, diagnosis, confidence, severity)"
                " VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
                rows,
            )

    def select(self, sql: str) -> list[tuple[Any, ...]]:
        with self._pool.connection() as connection:
            return connection.execute(sql.encode()).fetchall()

    def time(self, value: Any) -> datetime | None:
        return value

    def close(self) -> None:
        self._pool.close()


def _instant(time_us: int) -> datetime:
    return EPOCH + timedelta(microseconds=time_us)


def _timed(parts: Iterable[list[tuple[Any, ...]]]) -> Iterator[tuple[Any, ...]]:
    for rows in parts:
        for well, time, *values in rows:
            yield well, _instant(time), *values


#: What a driver raises where a database fails.
FAILURES = (psycopg.Error, sqlite3.Error, psycopg_pool.PoolTimeout)
