"""What Spark makes of rows is what one machine makes of them, however they are cut up and in whatever order."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from conftest import SPEC, alone, rows

import isofold
import isofold.spark as spark_rollups

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.fixture(scope="session")
def table() -> pa.Table:
    return rows(20_000)


def sorted_rows(table: pa.Table) -> list[dict[str, Any]]:
    return sorted(table.to_pylist(), key=lambda row: [(value is None, str(value)) for value in row.values()])


@pytest.mark.parametrize(("partitions", "salt"), [(1, None), (2, None), (7, 3), (200, None)])
def test_the_digest_is_that_of_one_machine(spark: SparkSession, table: pa.Table, partitions: int, salt: int | None) -> None:
    shuffled = spark.createDataFrame(table).repartition(partitions, "tokens").orderBy("unused") if partitions < 200 else spark.createDataFrame(table).repartition(200)
    # fewer groups at a time than there are, so that partitions are folded in pieces
    states = spark_rollups.rollup(shuffled, SPEC, max_groups=500, salt=salt)
    expected = alone(table)
    loaded = spark_rollups.load(states, SPEC)
    assert (len(loaded), loaded.digest()) == (len(expected), expected.digest())


def test_rows_have_the_metrics_of_their_groups(spark: SparkSession, table: pa.Table) -> None:
    states = spark_rollups.rollup(spark.createDataFrame(table), SPEC)
    found = states.toArrow()
    expected = pa.table(alone(table).rows())
    assert found.num_rows == expected.num_rows
    at = expected.schema.get_field_index("state")
    expected = expected.set_column(at, "state", expected.column("state").cast(pa.binary()))
    assert sorted_rows(found.cast(expected.schema)) == sorted_rows(expected)


def test_merged_halves_are_the_whole(spark: SparkSession, table: pa.Table) -> None:
    halves = [spark_rollups.rollup(spark.createDataFrame(part), SPEC) for part in (table.slice(0, 7_000), table.slice(7_000))]
    merged = spark_rollups.merge(*halves, spec=SPEC, max_groups=300)
    assert spark_rollups.load(merged, SPEC).digest() == alone(table).digest()


def test_one_group_of_everything(spark: SparkSession, table: pa.Table) -> None:
    spec = {**SPEC, "group_by": [], "bucket": "1 month"}
    states = spark_rollups.rollup(spark.createDataFrame(table).repartition(40), spec, salt=4)
    assert spark_rollups.load(states, spec).digest() == alone(table, spec).digest()


def test_coarser_is_what_one_machine_coarsens(spark: SparkSession, table: pa.Table) -> None:
    states = spark_rollups.rollup(spark.createDataFrame(table), SPEC)
    expected = alone(table).coarsen(bucket="1 day", group_by=["status"])
    coarse = spark_rollups.coarsen(states, SPEC, bucket="1 day", group_by=["status"], max_groups=100)
    assert spark_rollups.load(coarse, expected.spec).digest() == expected.digest()
    with pytest.raises(isofold.Error) as caught:
        spark_rollups.load(spark_rollups.coarsen(states, SPEC, bucket={"width": "1 day", "timezone": "Asia/Kolkata"}), SPEC)
    assert caught.value.code == "coarsen.bucket"


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"bucket": "1 day", "group_by": ["model"]},
        {"bucket": None, "group_by": [], "select": ["p95", "n"]},
        {"where": "model = 'opus' and status >= 429", "bucket": "1 day", "select": ["n", "ms_sum"]},
        {"start": "2026-11-02", "end": "2026-11-03T05:00:00Z", "group_by": [], "select": ["users"]},
        {"start": "2026-10-30", "end": "2026-11-03", "bucket": "1 day", "group_by": ["model"], "select": ["n"], "gapfill": {"n": 0}},
        {"having": "n > 60", "select": ["n"]},
        {"bucket": "1 day", "timezone": "America/New_York", "group_by": ["status"], "select": ["n"]},
    ],
)
def test_answers_are_those_of_one_machine(spark: SparkSession, table: pa.Table, query: dict[str, Any]) -> None:
    states = spark_rollups.rollup(spark.createDataFrame(table), SPEC)
    expected = pa.table(alone(table).query(query))
    found = spark_rollups.query(states, SPEC, **query).toArrow()
    assert found.column_names == expected.column_names and expected.num_rows > 0
    assert sorted_rows(found.cast(expected.schema)) == sorted_rows(expected)


def test_empty_partitions_and_no_rows(spark: SparkSession, table: pa.Table) -> None:
    few = spark.createDataFrame(table.slice(0, 3)).repartition(20)
    assert spark_rollups.load(spark_rollups.rollup(few, SPEC), SPEC).digest() == alone(table.slice(0, 3)).digest()
    none = spark_rollups.rollup(few.where("status = 1"), SPEC)
    assert spark_rollups.load(none, SPEC).digest() == isofold.Rollup(SPEC).digest()
    asked: dict[str, Any] = {"bucket": None, "group_by": [], "select": ["n", "p95"]}
    total = [row.asDict() for row in spark_rollups.query(none, SPEC, **asked).collect()]
    assert total == isofold.Rollup(SPEC).query(asked).to_dicts() == [{"n": 0, "p95": None}]


def test_times_and_decimals_of_spark(spark: SparkSession) -> None:
    spec = {"name": "x", "columns": {"ts": "timestamp", "cost": "float64"}, "time": "ts", "bucket": "1 day", "select": {"n": "count(*)", "cost": "sum(cost)"}}
    sql = "select timestamp_ntz'2026-11-01 23:30:00' as ts, cast('1.10' as decimal(10, 2)) as cost"
    one = spark_rollups.load(spark_rollups.rollup(spark.sql(sql), spec), spec).query().to_dicts()
    assert [(row["bucket"].isoformat(), row["n"], row["cost"]) for row in one] == [("2026-11-01T00:00:00+00:00", 1, 1.1)]
    # an instant is one, whatever the zone of the session
    zoned = spark.sql("select timestamp'2026-11-01 23:30:00' as ts, cast(2 as decimal(38, 18)) as cost")
    two = spark_rollups.load(spark_rollups.rollup(zoned, spec), spec).query().to_dicts()
    assert [(row["bucket"].isoformat(), row["cost"]) for row in two] == [("2026-11-02T00:00:00+00:00", 2.0)]


def test_a_bad_row_is_told_with_code_and_place(spark: SparkSession) -> None:
    good = [("2026-11-01T00:00:00Z", "o3", 200, 1.0, 1)] * 30
    names = ["ts", "model", "status", "ms", "tokens"]
    frame = spark.createDataFrame([*good, ("soon", "o3", 200, 1.0, 1)], names).coalesce(1)
    with pytest.raises(isofold.IngestError) as caught:
        spark_rollups.load(spark_rollups.rollup(frame, SPEC), SPEC)
    assert (caught.value.code, caught.value.path) == ("ingest.time", "column.ts[30]")
    assert "'soon'" in caught.value.message and "(in partition 0)" in caught.value.message
    for broken, code in ((frame.drop("ms"), "ingest.column"), (frame.withColumn("ms", frame.model), None)):
        if code is not None:
            with pytest.raises(isofold.Error) as caught:
                spark_rollups.rollup(broken, SPEC)
            assert caught.value.code == code
    with pytest.raises(isofold.Error) as caught:
        spark_rollups.query(frame, SPEC, order_by=["n"])
    assert caught.value.code == "host.argument"


def test_workers_of_another_version_are_refused(spark: SparkSession, table: pa.Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isofold, "__version__", "0.0.1")
    states = spark_rollups.rollup(spark.createDataFrame(table.slice(0, 3)), SPEC)
    with pytest.raises(isofold.Error) as caught:
        spark_rollups.load(states, SPEC)
    assert caught.value.code == "host.argument" and "0.0.1" in caught.value.message


def test_an_executor_that_is_killed_changes_nothing(spark: SparkSession, table: pa.Table, tmp_path: Any) -> None:
    flag = str(tmp_path / "killed")

    def executor() -> int:
        """The process of Java above this worker of Python."""
        at = os.getpid()
        while True:
            with open(f"/proc/{at}/stat") as file:
                stat = file.read()
            if "(java)" in stat:
                return at
            at = int(stat.rpartition(")")[2].split()[1])

    def killing(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            if batch.num_rows and not os.path.exists(flag):
                open(flag, "x").close()
                os.kill(executor(), signal.SIGKILL)
            yield batch

    frame = spark.createDataFrame(table).repartition(6)
    states = spark_rollups.rollup(frame.mapInArrow(killing, frame.schema), SPEC)
    assert spark_rollups.load(states, SPEC).digest() == alone(table).digest()
    assert os.path.exists(flag)


def test_workers_hold_no_more_than_their_bound(spark: SparkSession) -> None:
    spec = {"name": "x", "columns": {"ts": "timestamp", "id": "int64", "ms": "float64"}, "time": "ts", "bucket": "1 hour", "group_by": ["id"], "select": {"n": "count(*)", "p95": "approx_percentile(0.95, percentile_agg(ms))"}}
    frame = spark.range(0, 1_000_000, numPartitions=2).selectExpr("timestamp'2026-11-01 00:00:00' as ts", "id", "cast(id % 1000 as double) as ms")
    assert spark_rollups.rollup(frame, spec).count() == 1_000_000

    def resident(_: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import resource

        yield pa.record_batch({"kib": [resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]})

    # workers are used again: these are the ones that folded and merged
    most = spark.range(0, 8, numPartitions=8).mapInArrow(resident, "kib long").agg({"kib": "max"}).collect()[0][0]
    assert most <= 1 << 20, f"{most} KiB"
