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
from isofold.spark.delta import Delta
from isofold.spark.manifests import Manifests

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


LOGS: dict[str, Any] = {"parquet": Manifests, "delta": Delta}


@pytest.fixture(scope="session")
def table() -> pa.Table:
    return rows(6_000, seed=2)


def states(spark: SparkSession, table: pa.Table) -> DataFrame:
    return spark_rollups.rollup(spark.createDataFrame(table), SPEC)


def digest(stored: StoredRollup) -> str:
    return spark_rollups.load(stored.read(), SPEC).digest()


@pytest.fixture(params=["folder", "hadoop", "delta"])
def stored(request: Any, spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StoredRollup:
    path = str(tmp_path / "rollup with blanks")
    if request.param == "hadoop":
        # the same folder through the client that reaches HDFS and object stores
        monkeypatch.setattr("isofold.spark.store.files", lambda spark, path: files.Hadoop(spark, f"file://{path}"))
    return StoredRollup(spark, path, SPEC, format="delta" if request.param == "delta" else "parquet")


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
    before = dict(stored._log.manifest().days)
    day = table.filter(pa.compute.equal(pa.compute.day(table.column("ts")), 3))
    stored.merge(states(spark, day))
    after = stored._log.manifest().days
    assert sorted(before) == [f"2026-11-0{day}" for day in range(1, 6)]
    assert [name for name in before if before[name] != after[name]] == ["2026-11-03"]


@pytest.mark.parametrize("format", ["parquet", "delta"])
@pytest.mark.parametrize("dies", ["before the manifest", "after the manifest"])
def test_what_dies_in_the_middle_is_there_whole_or_not(spark: SparkSession, tmp_path: Path, table: pa.Table, monkeypatch: pytest.MonkeyPatch, dies: str, format: Any) -> None:
    path = str(tmp_path / "rollup")
    first, second = table.slice(0, 2_500), table.slice(2_500)
    spark_rollups.merge_into(states(spark, first), SPEC, path, batch_id=1, format=format)
    log = LOGS[format]
    follow = log.follow

    def dying(*arguments: Any) -> bool:
        if dies == "after the manifest":
            assert follow(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(log, "follow", dying)
        with pytest.raises(KeyboardInterrupt):
            spark_rollups.merge_into(states(spark, second), SPEC, path, batch_id=2)
    stored = StoredRollup(spark, path, SPEC)
    assert digest(stored) == alone(first if dies == "before the manifest" else table).digest()
    assert spark_rollups.merge_into(states(spark, second), SPEC, path, batch_id=2) == (dies == "before the manifest")
    assert digest(stored) == alone(table).digest()
    stored.vacuum(older_than_s=0)
    assert digest(stored) == alone(table).digest()


@pytest.mark.parametrize("format", ["parquet", "delta"])
def test_two_merges_at_once_lose_nothing(spark: SparkSession, tmp_path: Path, table: pa.Table, monkeypatch: pytest.MonkeyPatch, format: Any) -> None:
    path = str(tmp_path / "rollup")
    first, second = table.slice(0, 2_500), table.slice(2_500)
    log, others = LOGS[format], [second]
    follow = log.follow

    def slow(*arguments: Any) -> bool:
        if others:
            spark_rollups.merge_into(states(spark, others.pop()), SPEC, path, batch_id="quick", format=format)
        return follow(*arguments)

    monkeypatch.setattr(log, "follow", slow)
    assert spark_rollups.merge_into(states(spark, first), SPEC, path, batch_id="slow", format=format)
    stored = StoredRollup(spark, path, SPEC)
    assert stored.batches() == ["quick", "slow"] and digest(stored) == alone(table).digest()


def test_another_spec_is_refused(spark: SparkSession, tmp_path: Path, table: pa.Table) -> None:
    path = str(tmp_path / "rollup")
    spark_rollups.merge_into(states(spark, table.slice(0, 10)), SPEC, path)
    spark_rollups.merge_into(states(spark, table.slice(0, 10)), SPEC, path + "_delta", format="delta")
    for kept in (path, path + "_delta"):
        with pytest.raises(isofold.MergeError) as caught:
            StoredRollup(spark, kept, {**SPEC, "bucket": "1 day"})
        assert caught.value.code == "merge.schema"


def test_a_delta_table_is_one_for_others(spark: SparkSession, tmp_path: Path, table: pa.Table) -> None:
    import deltalake

    path = str(tmp_path / "rollup")
    spark_rollups.merge_into(states(spark, table), SPEC, path, batch_id=7, format="delta")
    # what is there tells the format
    assert not spark_rollups.merge_into(states(spark, table), SPEC, path, batch_id=7)
    read = deltalake.DeltaTable(path)
    rows = read.to_pyarrow_table()
    assert sorted(set(rows.column("isofold_day").to_pylist())) == [f"2026-11-0{day}" for day in range(1, 6)]
    assert sum(rows.column("n").to_pylist()) == table.num_rows
    assert isofold.Rollup.from_rows(SPEC, rows.drop_columns(["isofold_day"])).digest() == alone(table).digest()
    for format, code in (("parquet", "store.table"), ("csv", "host.argument")):
        with pytest.raises(isofold.Error) as caught:
            StoredRollup(spark, path, SPEC, format=format)  # type: ignore[arg-type]
        assert caught.value.code == code
    foreign = str(tmp_path / "foreign")
    deltalake.write_deltalake(foreign, pa.table({"x": [1]}))
    with pytest.raises(isofold.StoreError) as refused:
        StoredRollup(spark, foreign, SPEC)
    assert refused.value.code == "store.table"


def test_a_table_of_the_catalogue_is_its_folder(spark: SparkSession, tmp_path: Path, table: pa.Table) -> None:
    folder = tmp_path / "kept"
    spark.sql(f"create table requests_1hour (n long) using parquet location 'file:{folder}'")
    try:
        assert spark_rollups.merge_into(states(spark, table), SPEC, "requests_1hour", batch_id=1)
        assert not spark_rollups.merge_into(states(spark, table), SPEC, str(folder), batch_id=1)
        assert digest(StoredRollup(spark, "default.requests_1hour", SPEC)) == alone(table).digest()
    finally:
        spark.sql("drop table requests_1hour")
    spark.range(1).createOrReplaceTempView("a_view")
    with pytest.raises(isofold.StoreError) as caught:
        StoredRollup(spark, "a_view", SPEC)
    assert caught.value.code == "store.table"


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
