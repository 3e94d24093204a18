"""The command and DuckDB on the same files, with the full query of the common workload, one thread each and in one run, in seconds of the processor:

    python3 tests/benchmarks/files.py [--rows 1000000] [--program target/isofold-cli/isofold]

Needs duckdb. Each reads the file from its first byte to the answer; the least of three runs counts.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb

SPEC = {
    "name": "requests",
    "columns": {"ts": "timestamp", "model": "string", "user_id": "int64", "duration_ms": "float64", "cost": "float64", "status": "int64"},
    "time": "ts",
    "bucket": "1 hour",
    "group_by": ["model"],
    "select": {
        "n": "count(*)", "cost": "sum(cost)", "mean": "avg(duration_ms)", "least": "min(duration_ms)", "most": "max(duration_ms)",
        "deviation": "stddev_samp(duration_ms)", "errors": "count(*) filter (where status >= 400)", "users": "approx_count_distinct(user_id)",
        **{f"p{p}": f"approx_percentile(0.{p}, percentile_agg(duration_ms))" for p in (50, 95, 99)},
    },
}
ROWS = """
    SELECT strftime(TIMESTAMP '2026-11-01' + INTERVAL (i * 2592000 // {rows}) SECOND, '%Y-%m-%dT%H:%M:%SZ') AS ts,
        'model-' || (hash(i) % 12)::VARCHAR AS model, (hash(i * 7 + 1) % 50000)::BIGINT AS user_id,
        round(exp(4 + (hash(i * 3 + 2) % 1000000) / 250000.0), 3) AS duration_ms,
        round((hash(i * 5 + 3) % 100000) / 1000000.0, 6) AS cost, CASE WHEN hash(i * 11) % 50 = 0 THEN 500 ELSE 200 END AS status
    FROM range({rows}) AS t(i)
"""
QUERY = """
    SELECT date_trunc('hour', ts) AS bucket, model, count(*), sum(cost), avg(duration_ms), min(duration_ms), max(duration_ms), stddev_samp(duration_ms),
        count(*) FILTER (status >= 400), approx_count_distinct(user_id), approx_quantile(duration_ms, [0.5, 0.95, 0.99])
    FROM {source} GROUP BY ALL
"""
TYPES = "{'ts': 'TIMESTAMP', 'model': 'VARCHAR', 'user_id': 'BIGINT', 'duration_ms': 'DOUBLE', 'cost': 'DOUBLE', 'status': 'BIGINT'}"
SOURCES = {
    "csv": "read_csv('{file}', header = true, auto_detect = false, columns = " + TYPES + ")",
    "ndjson": "read_json('{file}', format = 'newline_delimited', columns = " + TYPES + ")",
    "parquet": "(SELECT ts::TIMESTAMP AS ts, * EXCLUDE ts FROM read_parquet('{file}'))",
}


def least(run: Callable[[], object]) -> float:
    """Seconds of the processor, of this process and its children: others at work change them less than those of a clock."""

    def used() -> float:
        return sum(os.times()[:4])

    seconds = []
    for _ in range(3):
        began = used()
        run()
        seconds.append(used() - began)
    return min(seconds)


def folded(program: str, file: Path, spec: Path, threads: int) -> None:
    """Folds a file."""
    words = [program, "fold", str(file), "--spec", str(spec), "-o", os.devnull, "--threads", str(threads)]
    subprocess.run(words, stdout=subprocess.DEVNULL, check=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--program", default=str(Path(__file__).resolve().parents[2] / "target/isofold-cli/isofold"))
    options = parser.parse_args()
    database = duckdb.connect(config={"threads": 1})
    print("| file | MB | isofold | isofold, two threads | DuckDB |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        spec = Path(folder, "spec.json")
        spec.write_text(json.dumps(SPEC), encoding="utf-8")
        for kind, source in SOURCES.items():
            file = Path(folder, f"rows.{kind}")
            form = {"csv": "FORMAT csv, HEADER", "ndjson": "FORMAT json", "parquet": "FORMAT parquet"}[kind]
            database.execute(f"COPY ({ROWS.format(rows=options.rows)}) TO '{file}' ({form})")
            one = least(lambda: folded(options.program, file, spec, 1))
            two = least(lambda: folded(options.program, file, spec, 2))
            theirs = least(lambda: database.execute(QUERY.format(source=source.replace('{file}', str(file)))).fetchall())
            size = file.stat().st_size / 1e6
            print(f"| {kind} | {size:.0f} | {one:.2f} s | {two:.2f} s | {theirs:.2f} s |")


if __name__ == "__main__":
    main()
