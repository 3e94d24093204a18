"""What the triggers of `"changes": "trigger"` cost whoever writes rows: per statement, and per row of a large one.

    tools/postgres.sh PYTHON tests/benchmarks/triggers.py [--write]

Processor time of the server's process (PostgreSQL on Linux) or of this one (SQLite), the least of several rounds: what
else the machine does does not count. Each round writes the same rows without triggers and with them. `--write` puts the
table into docs/refresh.md.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import isofold.stores

ROUNDS = 7
SINGLE, BULK = 4_000, 200_000
PAGE = Path(__file__).parents[2] / "docs" / "refresh.md"
BEGIN, END = "<!-- triggers.py -->", "<!-- /triggers.py -->"


def catalog(rollups: int) -> dict[str, Any]:
    select = {"requests": "count(*)", "total_ms": "sum(ms)"}
    spec = lambda i: {"name": f"r{i}", "bucket": "1 hour", "group_by": ["model"], "select": select}  # noqa: E731
    return {
        "source": {"table": "requests", "columns": {"ts": "timestamp", "model": "string", "ms": "float64"}, "time": "ts", "changes": "trigger"},
        "rollups": [{"spec": spec(i)} for i in range(rollups)],
    }


class Postgres:
    name = "PostgreSQL"

    def __init__(self, url: str) -> None:
        import psycopg

        self.target = url
        self.connection = psycopg.connect(url, autocommit=True)
        row = self.connection.execute("SELECT pg_backend_pid()").fetchone()
        assert row is not None
        self.clock = Path(f"/proc/{row[0]}/schedstat")

    def seconds(self) -> float:
        return int(self.clock.read_text().split()[0]) / 1e9

    def make(self) -> None:
        self.connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        self.connection.execute("CREATE TABLE requests (id bigserial PRIMARY KEY, ts timestamptz, model text, ms float8)")
        self.connection.execute("CREATE INDEX requests_ts ON requests (ts)")

    def clear(self) -> None:
        self.connection.execute("ALTER TABLE requests DISABLE TRIGGER USER; TRUNCATE requests; ALTER TABLE requests ENABLE TRIGGER USER")
        self.connection.execute("DO $$ BEGIN IF to_regclass('isofold_changes') IS NOT NULL THEN TRUNCATE isofold_changes; END IF; END $$")

    def single(self, count: int) -> None:
        # in the server, so that no client counts
        self.connection.execute(
            f"DO $$ BEGIN FOR i IN 1..{count} LOOP INSERT INTO requests (ts, model, ms)"
            " VALUES (timestamptz '2026-11-01Z' + i * interval '1 second', 'gpt', i); END LOOP; END $$"
        )

    def bulk(self, count: int) -> None:
        self.connection.execute(
            "INSERT INTO requests (ts, model, ms) SELECT timestamptz '2026-11-01Z' + i * interval '1 second', 'gpt', i"
            f" FROM generate_series(1, {count}) AS i"
        )


class Sqlite:
    name = "SQLite"

    def __init__(self, folder: str) -> None:
        self.target = f"{folder}/app.db"
        self.connection = sqlite3.connect(self.target, isolation_level=None)

    def seconds(self) -> float:
        return time.process_time()

    def make(self) -> None:
        for (table,) in self.connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            self.connection.execute(f'DROP TABLE "{table}"')
        self.connection.execute("CREATE TABLE requests (id INTEGER PRIMARY KEY, ts TEXT, model TEXT, ms REAL)")
        self.connection.execute("CREATE INDEX requests_ts ON requests (ts)")

    def clear(self) -> None:
        self.connection.execute("BEGIN")
        self.connection.execute("DELETE FROM requests")
        if self.connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'isofold_changes'").fetchone():
            self.connection.execute("DELETE FROM isofold_changes")
        self.connection.execute("COMMIT")

    def single(self, count: int) -> None:
        self.connection.execute("BEGIN")
        for i in range(count):
            at = f"2026-11-01T{i // 3600:02}:{i // 60 % 60:02}:{i % 60:02}Z"
            self.connection.execute("INSERT INTO requests (ts, model, ms) VALUES (?, 'gpt', ?)", (at, i))
        self.connection.execute("COMMIT")

    def bulk(self, count: int) -> None:
        self.connection.execute(
            "INSERT INTO requests (ts, model, ms) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
            " SELECT strftime('%Y-%m-%dT%H:%M:%SZ', 1793491200 + i, 'unixepoch'), 'gpt', i FROM n",
            (count,),
        )


def least(database: Any, write: Callable[[int], None], count: int) -> float:
    """Microseconds for each of so many, the least of the rounds."""
    seen = []
    for _ in range(ROUNDS):
        database.clear()
        before = database.seconds()
        write(count)
        seen.append((database.seconds() - before) / count * 1e6)
    return min(seen)


def measured(database: Any) -> list[tuple[str, float, list[float]]]:
    database.make()
    writes = (("a statement of one row", database.single, SINGLE), (f"a row of a statement of {BULK:,}", database.bulk, BULK))
    plain = [least(database, write, count) for _, write, count in writes]
    with_triggers: list[list[float]] = [[], []]
    for rollups in (1, 4):
        database.make()
        with isofold.stores.open(catalog(rollups), database.target) as store:
            store.init()
        for place, (_, write, count) in enumerate(writes):
            with_triggers[place].append(least(database, write, count))
        with isofold.stores.open(catalog(rollups), database.target) as store:
            store.drop(tables=True)
    return [(name, without, with_them) for (name, _, _), without, with_them in zip(writes, plain, with_triggers)]


def table(databases: list[Any]) -> str:
    lines = ["| µs of processor time | without | with, 1 rollup | with, 4 rollups | the trigger |", "|---|---|---|---|---|"]
    for database in databases:
        for name, without, with_them in measured(database):
            more = max(with_them) - without
            cells = [f"{without:.2f}", *(f"{each:.2f}" for each in with_them), f"+{more:.2f} ({more / without:+.0%})"]
            lines.append(f"| {database.name}, {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = os.environ.get("ISOFOLD_POSTGRES")
        if url is None:
            sys.exit("ISOFOLD_POSTGRES is not set: tools/postgres.sh PYTHON tests/benchmarks/triggers.py")
        text = table([Postgres(url), Sqlite(folder)])
    print(text)
    if "--write" in sys.argv[1:]:
        page = PAGE.read_text(encoding="utf-8")
        before, rest = page.split(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
