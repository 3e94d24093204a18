"""A session on two executors of their own, made-up rows, and what one machine makes of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

import isofold

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SPEC: dict[str, Any] = {
    "name": "requests_1hour",
    "columns": {"ts": "timestamp", "model": "string", "status": "int64", "ms": "float64", "tokens": "int64"},
    "time": "ts",
    "bucket": "1 hour",
    "group_by": ["model", "status"],
    "select": {
        "n": "count(*)",
        "ms_sum": "sum(ms)",
        "ms_sd": "stddev_samp(ms)",
        "p95": "approx_percentile(0.95, percentile_agg(ms))",
        "users": "approx_count_distinct(tokens)",
        "first_ms": "first(ms, ts)",
        "top": "mode(model)",
        "models": "value_counts(model)",
        "sample": "exemplar(tokens, 2)",
    },
}


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    os.environ["PYSPARK_PYTHON"] = sys.executable
    from pyspark.sql import SparkSession

    made = (
        SparkSession.builder.master("local-cluster[2,1,1024]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.memory", "1g")
        .config("spark.sql.shuffle.partitions", "3")
        .config("spark.sql.session.timeZone", "America/New_York")
        .config("spark.speculation", "true")
        .config("spark.sql.ansi.enabled", "true")
        .getOrCreate()
    )
    made.sparkContext.setLogLevel("OFF")
    yield made
    made.stop()


def rows(count: int, seed: int = 1) -> pa.Table:
    """Requests of five days; every eighth has no model, some milliseconds are NaN."""
    random = np.random.default_rng(seed)
    start = int(datetime(2026, 11, 1, tzinfo=timezone.utc).timestamp())
    ms = random.lognormal(4, 1, count)
    ms[::97] = np.nan
    models = np.array(["o3", "opus", None, "gpt", "o3", "o3", "o3", "o3"], object)
    return pa.table(
        {
            "ts": pa.array((start + random.integers(0, 5 * 86_400, count)) * 1_000_000, pa.timestamp("us", "UTC")),
            "model": pa.array(models[random.integers(0, 8, count)], pa.string()),
            "status": random.choice([200, 200, 200, 429, 500], count),
            "ms": ms,
            "tokens": random.integers(0, 5_000, count),
            "unused": random.integers(0, 9, count),
        }
    )


def alone(table: pa.Table, spec: dict[str, Any] = SPEC) -> isofold.Rollup:
    rollup = isofold.Rollup(spec)
    rollup.ingest(table)
    return rollup
