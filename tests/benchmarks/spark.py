"""The same aggregate on Spark by its own functions and by isofold, and by isofold on one machine, in one run.

    tools/spark.sh | xargs -I python python tests/benchmarks/spark.py [--rows N] [--write]

Requests of thirty days in Parquet files; by hour and model: how many, their sum, three percentiles and the distinct
users. Each way runs several times over rows in another order; what differs between its runs is counted. `--write` puts
the table into docs/distributed.md.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import isofold
import isofold.spark as rollups

RUNS, FILES, MODELS, HOURS = 3, 16, 12, 30 * 24
PAGE = Path(__file__).parents[2] / "docs" / "distributed.md"
BEGIN, END = "<!-- spark.py -->", "<!-- /spark.py -->"
SPEC: dict[str, Any] = {
    "name": "requests_1hour",
    "columns": {"ts": "timestamp", "model": "string", "user_id": "int64", "ms": "float64"},
    "time": "ts",
    "bucket": "1 hour",
    "group_by": ["model"],
    "select": {
        "n": "count(*)",
        "total": "sum(ms)",
        "p50": "approx_percentile(0.5, percentile_agg(ms))",
        "p95": "approx_percentile(0.95, percentile_agg(ms))",
        "p99": "approx_percentile(0.99, percentile_agg(ms))",
        "users": "approx_count_distinct(user_id)",
    },
}
SPARKS_OWN = """
    select date_trunc('hour', ts) as bucket, model, count(*) as n, sum(ms) as total,
           percentile_approx(ms, array(0.5, 0.95, 0.99)) as p, approx_count_distinct(user_id) as users
    from {rows} group by 1, 2
"""


def write_rows(folder: Path, rows: int) -> None:
    random = np.random.default_rng(1)
    start = 1_793_491_200_000_000
    for file in range(FILES):
        count = rows // FILES
        ts = start + random.integers(0, HOURS * 3_600_000_000, count)
        model = pa.array([f"model-{i}" for i in range(MODELS)]).take(pa.array(random.integers(0, MODELS, count)))
        table = {"ts": pa.array(ts, pa.timestamp("us", "UTC")), "model": model, "user_id": random.zipf(1.3, count) % 1_000_000, "ms": random.lognormal(6, 1, count)}
        pq.write_table(pa.table(table), folder / f"{file:02}.parquet")


def exact_p95(folder: Path) -> dict[Any, tuple[float, float]]:
    """The order statistic, and as `percentile_cont` interpolates."""
    table = pq.read_table(folder)
    hour = table.column("ts").to_numpy().astype("datetime64[h]").astype(np.int64)
    model = np.unique(table.column("model").to_numpy(zero_copy_only=False), return_inverse=True)
    group = hour * MODELS + model[1]
    ms = table.column("ms").to_numpy()
    order = np.lexsort((ms, group))
    group, ms = group[order], ms[order]
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    counts = np.diff(np.r_[starts, len(group)])
    ranked = ms[starts + np.ceil(0.95 * counts).astype(np.int64) - 1]
    place = 0.95 * (counts - 1)
    low = np.floor(place).astype(np.int64)
    below, above = ms[starts + low], ms[starts + np.minimum(low + 1, counts - 1)]
    between = below + (above - below) * (place - low)
    names = [(int(key // MODELS), str(model[0][key % MODELS])) for key in group[starts]]
    return dict(zip(names, zip(ranked.tolist(), between.tolist())))


def hour_of(row: dict[str, Any]) -> int:
    return int(row["bucket"].timestamp()) // 3600


def session(folder: Path) -> Any:
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    (folder / "events").mkdir()
    made = (
        SparkSession.builder.master("local-cluster[2,1,2048]")
        .config("spark.ui.enabled", "false")
        .config("spark.executor.memory", "2g")
        .config("spark.sql.shuffle.partitions", "8")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.eventLog.enabled", "true")
        .config("spark.eventLog.compress", "false")
        .config("spark.eventLog.rolling.enabled", "false")
        .config("spark.eventLog.dir", f"file://{folder}/events")
        .getOrCreate()
    )
    made.sparkContext.setLogLevel("OFF")
    return made


def events(folder: Path) -> Iterator[dict[str, Any]]:
    for path in (folder / "events").rglob("*"):
        if path.is_file() and not path.name.startswith("."):
            yield from map(json.loads, path.read_text().splitlines())


def shuffled_bytes(folder: Path) -> dict[str, int]:
    """Bytes that each group of jobs has written for a shuffle."""
    group_of: dict[int, str] = {}
    total: dict[str, int] = {}
    for event in events(folder):
        if event["Event"] == "SparkListenerStageSubmitted":
            group_of[event["Stage Info"]["Stage ID"]] = (event.get("Properties") or {}).get("spark.jobGroup.id", "")
        elif event["Event"] == "SparkListenerTaskEnd" and event.get("Task Metrics"):
            written = event["Task Metrics"]["Shuffle Write Metrics"]["Shuffle Bytes Written"]
            group = group_of.get(event["Stage ID"], "")
            total[group] = total.get(group, 0) + written
    return total


def differing(runs: list[dict[Any, tuple[Any, ...]]]) -> int:
    """Cells that are not the same in all runs."""
    first = runs[0]
    return sum(any(run[key][place] != cell for run in runs[1:]) for key, row in first.items() for place, cell in enumerate(row))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=8_000_000)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "rows").mkdir()
        write_rows(folder / "rows", options.rows)
        exact = exact_p95(folder / "rows")
        spark = session(folder)
        source = spark.read.parquet(str(folder / "rows"))

        def own(run: int) -> dict[Any, tuple[Any, ...]]:
            found = spark.sql(SPARKS_OWN, rows=source).toArrow().to_pylist()
            return {(hour_of(row), row["model"]): (row["n"], row["total"], *row["p"], row["users"]) for row in found}

        def ours(run: int) -> dict[Any, tuple[Any, ...]]:
            found = rollups.rollup(source, SPEC).drop("state").toArrow().to_pylist()
            return {(hour_of(row), row["model"]): tuple(row[name] for name in SPEC["select"]) for row in found}

        def alone(threads: int) -> Callable[[int], dict[Any, tuple[Any, ...]]]:
            def fold(run: int) -> dict[Any, tuple[Any, ...]]:
                rollup = isofold.Rollup(SPEC)
                for path in sorted((folder / "rows").iterdir(), reverse=run % 2 == 1):
                    for batch in pq.ParquetFile(path).iter_batches(1 << 16):
                        rollup.ingest(batch, threads=threads)
                return {(hour_of(row), row["model"]): tuple(row[name] for name in SPEC["select"]) for row in rollup.query().to_dicts()}

            return fold

        ways = {
            "Spark's `percentile_approx`, `approx_count_distinct`": own,
            "`isofold.spark.rollup`, states included": ours,
            "isofold in one process, one thread": alone(1),
            "isofold in one process, two threads": alone(2),
        }
        source.count()
        told: dict[str, dict[str, Any]] = {}
        for way, call in ways.items():
            spark.sparkContext.setJobGroup(way, way)
            seconds, answers = [], []
            for run in range(RUNS):
                # files in another order are partitions in another order
                if call in (own, ours):
                    paths = sorted(str(path) for path in (folder / "rows").iterdir())
                    source = spark.read.parquet(*(paths[run * 5 :] + paths[: run * 5]))
                begun = time.perf_counter()
                answers.append(call(run))
                seconds.append(time.perf_counter() - begun)
            # Spark gives an order statistic, isofold interpolates
            worst = max(abs(row[3] / exact[key][call is not own] - 1) for key, row in answers[0].items())
            told[way] = {"seconds": min(seconds), "differ": differing(answers), "cells": 6 * len(answers[0]), "worst": worst, "answers": answers[0]}
        same = told["`isofold.spark.rollup`, states included"]["answers"] == told["isofold in one process, one thread"]["answers"]
        if not same:
            sys.exit("isofold on Spark and alone differ")
        spark.stop()
        shuffled = shuffled_bytes(folder)
        text = page(options.rows, told, shuffled)
    print(text)
    if options.write:
        whole = PAGE.read_text(encoding="utf-8")
        before, rest = whole.split(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}", encoding="utf-8")


def page(rows: int, told: dict[str, dict[str, Any]], shuffled: dict[str, int]) -> str:
    groups = MODELS * HOURS
    lines = [
        f"{rows:,} rows in {FILES} Parquet files, {groups:,} groups, two executors of one core each (the one process has the same two"
        f" cores); the least of {RUNS} runs, each over the files in another order. Errors are those of the 95th percentile against the exact one: the order statistic for Spark, interpolated for isofold.",
        "",
        "| | seconds | answers that change between runs | largest error of p95 | bytes shuffled, per group and partition |",
        "|---|---|---|---|---|",
    ]
    for way, found in told.items():
        moved = shuffled.get(way, 0) / RUNS
        share = f"{moved / groups / FILES:,.0f}" if moved else "none"
        differ = f"{found['differ']:,} of {found['cells']:,}"
        lines.append(f"| {way} | {found['seconds']:.1f} | {differ} | {found['worst']:.2%} | {share} |")
    ours = told["`isofold.spark.rollup`, states included"]
    row_s = 2 * ours["seconds"] / rows
    group_bytes = shuffled["`isofold.spark.rollup`, states included"] / RUNS / groups / FILES
    cores, nodes, whole, partitions = 16, 100, 10**12, 8_000
    hours = whole * row_s / (cores * nodes) / 3600
    lines += [
        "",
        f"On paper, from these figures: {row_s * 1e6:.2f} µs of a core for a row, reading Parquet and starting tasks included. 10¹² rows on"
        f" {nodes} nodes of {cores} cores are {whole * row_s / 3600:,.0f} core hours, {hours:.1f} hours on the clock when nothing waits. With {partitions:,}"
        f" partitions, each of which has all {groups:,} groups, at most {group_bytes * groups * partitions / 1e9:,.0f} GB are shuffled"
        f" ({group_bytes:,.0f} bytes a group and partition), whatever the number of rows.",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
