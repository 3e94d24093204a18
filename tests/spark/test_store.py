"""A rollup in Parquet files: every batch is in it once or not at all, whatever dies in between."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from conftest import SPEC, alone, rows

import isofold
import isofold.spark as spark_rollups
from isofold.spark import StoredRollup, files

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


@pytest.fixture(scope="session")
def table() -> pa.Table:
    return rows(6_000, seed=2)


def states(spark: SparkSession, table: pa.Table) -> DataFrame:
    return spark_rollups.rollup(spark.createDataFrame(table), SPEC)


def digest(stored: StoredRollup) -> str:
    return spark_rollups.load(stored.read(), SPEC).digest()


@pytest.fixture(params=["folder", "hadoop"])
def stored(request: Any, spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StoredRollup:
    path = str(tmp_path / "rollup with blanks")
    if request.param == "hadoop":
        # the same folder through the client that reaches HDFS and object stores
        monkeypatch.setattr("isofold.spark.store.files", lambda spark, path: files.Hadoop(spark, f"file://{path}"))
    return StoredRollup(spark, path, SPEC)


def test_batches_are_merged_once(spark: SparkSession, stored: StoredRollup, table: pa.Table) -> None:
    assert digest(stored) == isofold.Rollup(SPEC).digest()
    first, second = table.slice(0, 2_500), table.slice(2_500)
    assert stored.merge(states(spark, first), batch_id="first")
    assert digest(stored) == alone(first).digest()
    assert stored.merge(states(spark, second), batch_id="second")
    assert not stored.merge(states(spark, first), batch_id="first")
    assert digest(stored) == alone(table).digest() and stored.batches() == ["first", "second"]
    # without a name nothing is known of it
    assert stored.merge(states(spark, first))
    assert digest(stored) == alone(pa.concat_tables([table, first])).digest()
    assert not stored.merge(states(spark, table.slice(0, 0)), batch_id="second")
    before = len(list(Path(stored._path).rglob("*.parquet")))
    assert stored.vacuum() == 0 and stored.vacuum(older_than_s=0) > 0
    assert len(list(Path(stored._path).rglob("*.parquet"))) < before
    assert digest(stored) == alone(pa.concat_tables([table, first])).digest()


def test_days_that_a_batch_does_not_touch_keep_their_files(spark: SparkSession, stored: StoredRollup, table: pa.Table) -> None:
    stored.merge(states(spark, table))
    before = dict(stored._manifest().days)
    day = table.filter(pa.compute.equal(pa.compute.day(table.column("ts")), 3))
    stored.merge(states(spark, day))
    after = stored._manifest().days
    assert sorted(before) == [f"2026-11-0{day}" for day in range(1, 6)]
    assert [name for name in before if before[name] != after[name]] == ["2026-11-03"]


@pytest.mark.parametrize("dies", ["before the manifest", "after the manifest"])
def test_what_dies_in_the_middle_is_there_whole_or_not(spark: SparkSession, tmp_path: Path, table: pa.Table, monkeypatch: pytest.MonkeyPatch, dies: str) -> None:
    path = str(tmp_path / "rollup")
    first, second = table.slice(0, 2_500), table.slice(2_500)
    spark_rollups.merge_into(states(spark, first), SPEC, path, batch_id=1)
    create = StoredRollup._create

    def dying(self: StoredRollup, manifest: Any) -> bool:
        if dies == "after the manifest":
            create(self, manifest)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(StoredRollup, "_create", dying)
        with pytest.raises(KeyboardInterrupt):
            spark_rollups.merge_into(states(spark, second), SPEC, path, batch_id=2)
    stored = StoredRollup(spark, path, SPEC)
    assert digest(stored) == alone(first if dies == "before the manifest" else table).digest()
    assert spark_rollups.merge_into(states(spark, second), SPEC, path, batch_id=2) == (dies == "before the manifest")
    assert digest(stored) == alone(table).digest()
    stored.vacuum(older_than_s=0)
    assert digest(stored) == alone(table).digest()


def test_two_merges_at_once_lose_nothing(spark: SparkSession, tmp_path: Path, table: pa.Table, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "rollup")
    first, second = table.slice(0, 2_500), table.slice(2_500)
    create, others = StoredRollup._create, [second]

    def slow(self: StoredRollup, manifest: Any) -> bool:
        if others:
            spark_rollups.merge_into(states(spark, others.pop()), SPEC, path, batch_id="quick")
        return create(self, manifest)

    monkeypatch.setattr(StoredRollup, "_create", slow)
    assert spark_rollups.merge_into(states(spark, first), SPEC, path, batch_id="slow")
    stored = StoredRollup(spark, path, SPEC)
    assert stored.batches() == ["quick", "slow"] and digest(stored) == alone(table).digest()


def test_another_spec_is_refused(spark: SparkSession, tmp_path: Path, table: pa.Table) -> None:
    path = str(tmp_path / "rollup")
    spark_rollups.merge_into(states(spark, table.slice(0, 10)), SPEC, path)
    with pytest.raises(isofold.MergeError) as caught:
        StoredRollup(spark, path, {**SPEC, "bucket": "1 day"})
    assert caught.value.code == "merge.schema"


def test_a_stream_that_dies_in_a_batch_goes_on(spark: SparkSession, tmp_path: Path, table: pa.Table) -> None:
    import pyarrow.parquet as pq

    source, path = tmp_path / "source", str(tmp_path / "rollup")
    source.mkdir()
    for part in range(4):
        pq.write_table(table.slice(part * 1_500, 1_500), source / f"{part}.parquet")
    schema = spark.read.parquet(str(source)).schema
    dies = [1, 2]

    def each(batch: DataFrame, epoch: int) -> None:
        merged = spark_rollups.merge_into(spark_rollups.rollup(batch, SPEC), SPEC, path, batch_id=epoch)
        # the batch is in the rollup, the checkpoint does not say so yet
        if merged and epoch in dies:
            dies.remove(epoch)
            raise RuntimeError("dies")

    for _ in range(3):
        stream = spark.readStream.schema(schema).option("maxFilesPerTrigger", 1).parquet(str(source))
        query = stream.writeStream.foreachBatch(each).option("checkpointLocation", str(tmp_path / "checkpoint")).trigger(availableNow=True).start()
        try:
            query.awaitTermination()
        except Exception as raised:
            assert "dies" in str(raised)
    stored = StoredRollup(spark, path, SPEC)
    assert not dies and stored.batches() == ["0", "1", "2", "3"]
    assert digest(stored) == alone(table).digest()
