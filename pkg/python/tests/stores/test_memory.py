"""Memory of a refresh follows the groups of a window, not the rows of the source."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

#: Ten times the rows of the same thirty days may cost so many MiB more: batches in flight and fuller sketches.
MAX_GROWTH_MIB = 40

CATALOG = {
    "source": {
        "table": "requests",
        "columns": {"ts": "timestamp[ms]", "model": "string", "user_id": "int64", "ms": "float64"},
        "time": "ts",
    },
    "rollups": [
        {
            "spec": {
                "name": "hours",
                "bucket": "1 hour",
                "group_by": ["model"],
                "select": {
                    "requests": "count(*)",
                    "p95_ms": "approx_percentile(0.95, percentile_agg(ms))",
                    "users": "approx_count_distinct(user_id)",
                },
            }
        }
    ],
}

ROWS = """
INSERT INTO requests
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :rows)
SELECT 1793491200000 + i * (30 * 86400000 / :rows), 'model ' || (i * 7919 % 12), i * 40503 % 5000, i * 99991 % 100000 / 7.0 FROM n
"""

REFRESH = """
import json, resource, sys
import isofold.stores
store = isofold.stores.open(json.loads(sys.argv[1]), sys.argv[2])
store.init()
report = store.refresh(now="2026-12-05")["rollups"][0]
print(report["rows_read"], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def peak_mib(path: Path, rows: int) -> int:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("CREATE TABLE requests (ts INTEGER, model TEXT, user_id INTEGER, ms REAL)")
    connection.execute(ROWS, {"rows": rows})
    connection.execute("CREATE INDEX requests_ts ON requests (ts)")
    connection.close()
    command = [sys.executable, "-c", REFRESH, json.dumps(CATALOG), str(path)]
    read, peak = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert int(read) == rows
    return int(peak)


def test_ten_times_the_rows_take_no_more_memory(tmp_path: Path) -> None:
    pytest.importorskip("resource")
    few, many = peak_mib(tmp_path / "few.db", 60_000), peak_mib(tmp_path / "many.db", 600_000)
    assert many - few < MAX_GROWTH_MIB, f"{few} MiB for 60,000 rows, {many} MiB for 600,000"
