"""Real rows, cut into any number of partitions and shuffled: the digest of one machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
import pytest
from conftest import alone

import isofold
import isofold.spark as spark_rollups

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DATA = Path(os.environ.get("ISOFOLD_DATA", Path(__file__).parents[3] / "shared" / "data")) / "ops" / "azure_vm_noise.csv.gz"
SPEC: dict[str, Any] = {
    "name": "vm_noise_1day",
    "columns": {"ts": "timestamp", "suite": "string", "region": "string", "sku": "string", "test": "string", "vm_id": "int64", "value": "float64"},
    "time": "ts",
    "bucket": "1 day",
    "group_by": ["suite", "region", "sku"],
    "select": {
        "n": "count(*)",
        "total": "sum(value)",
        "spread": "stddev_samp(value)",
        "p95": "approx_percentile(0.95, percentile_agg(value))",
        "tests": "approx_count_distinct(test)",
        "last_value": "last(value, ts)",
    },
}


@pytest.fixture(scope="session")
def azure(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, isofold.Rollup, int]:
    """A Parquet file of the rows, what one machine makes of them, and how many there are."""
    if not DATA.exists():
        pytest.skip(f"no {DATA.name} at $ISOFOLD_DATA or ../shared/data")
    table = pcsv.read_csv(DATA)
    ts = pc.cast(pc.divide(table.column("ts_ns"), 1000), pa.timestamp("us", "UTC"))
    table = table.select([name for name in SPEC["columns"] if name != "ts"]).append_column("ts", ts)
    path = tmp_path_factory.mktemp("azure") / "rows.parquet"
    pq.write_table(table, path)
    return str(path), alone(table, SPEC), table.num_rows


@pytest.mark.parametrize("partitions", [1, 2, 7, 200])
def test_the_digest_is_that_of_one_machine(spark: SparkSession, azure: tuple[str, isofold.Rollup, int], partitions: int) -> None:
    path, expected, count = azure
    # rows go to partitions in turn, each executor's in another order
    frame = spark.read.parquet(path).repartition(partitions)
    states = spark_rollups.rollup(frame, SPEC, max_groups=5_000)
    loaded = spark_rollups.load(states, SPEC)
    assert (loaded.stats()["rows"], len(loaded), loaded.digest()) == (count, len(expected), expected.digest())
