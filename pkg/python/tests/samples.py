"""What the tests share: one spec and the same rows in every shape."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import isofold

SPEC: dict[str, Any] = {
    "name": "requests_1hour",
    "columns": {
        "ts": "timestamp",
        "model": "string",
        "tokens": "int64",
        "ms": "float64",
        "ok": "bool",
    },
    "time": "ts",
    "bucket": "1 hour",
    "group_by": ["model"],
    "select": {
        "n": "count(*)",
        "total": "sum(tokens)",
        "avg_ms": "avg(ms)",
        "p95": "approx_percentile(0.95, percentile_agg(ms))",
        "users": "approx_count_distinct(tokens)",
        "fine": "bool_and(ok)",
        "counts": "value_counts(model)",
        "latest": "last(ms, ts)",
    },
}

START = datetime(2026, 11, 1, tzinfo=timezone.utc)


def rows(count: int = 500) -> list[dict[str, Any]]:
    """Rows with NULLs, fractions of seconds and a text that is not ASCII."""
    return [
        {
            "ts": START + timedelta(seconds=37 * i, microseconds=i % 1000),
            "model": None if i % 11 == 0 else ["gpt", "claude", "möbius"][i % 3],
            "tokens": None if i % 7 == 0 else i * i % 1013,
            "ms": None if i % 13 == 0 else i * 0.25,
            "ok": None if i % 17 == 0 else i % 5 != 0,
            "not_declared": [i],
        }
        for i in range(count)
    ]


def columns(count: int = 500) -> dict[str, list[Any]]:
    """The same rows by column, without the one that is not declared."""
    return {name: [row[name] for row in rows(count)] for name in SPEC["columns"]}


def folded(data: Any, **options: Any) -> isofold.Rollup:
    rollup = isofold.Rollup(SPEC)
    rollup.ingest(data, **options)
    return rollup
