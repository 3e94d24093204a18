"""A rollup kept in Parquet files, into which new data is merged.

The one idea: files are never changed. A merge writes the days it touches anew, aside, and then a manifest that names
them, numbered one up, under a name that nobody else can have taken. Who reads, reads what one manifest names; who was
killed before his left nothing but files that no manifest names; a batch whose id a manifest has is merged already.

Not here: how states are folded and merged (`frames`), what a manifest is (`manifests`, or `delta`), file systems (`files`).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

import isofold

from . import frames
from .errors import coded
from .files import files
from .frames import Spec
from .manifests import DAY, Log, Manifests

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: Times that a merge is tried when others merge at the same time.
TRIES = 5
#: The day of a bucket in UTC, whatever the time zone of the session.
_DAY_OF_BUCKET = "date_format(date_add(date'1970-01-01', cast((unix_micros(bucket) - pmod(unix_micros(bucket), 86400000000)) div 86400000000 as int)), 'yyyy-MM-dd')"


class StoredRollup:
    """A rollup in a folder of Parquet files.

    - `spark`: The session.
    - `path`: The folder, on this machine or any URL that Spark reaches. Its storage must not let two writers create one
      file: local disks, HDFS, Azure and Google storage do; of S3 one writer at a time is safe.
      Or the name of a table of the session's catalogue that lies in such a folder.
    - `spec`: The spec of all that is in it.
    - `format`: `parquet`, with manifests of our own, or `delta`: a Delta table, partitioned by day, that whatever reads
      Delta reads (needs `pip install deltalake`, and nothing on the JVM). What is there already is found.
    - `storage_options`: How deltalake reaches an object store, where the environment does not say so.

    **Errors** `merge.schema` when something of another spec is kept there, `spec.*`, `store.driver` without deltalake.
    """

    def __init__(
        self,
        spark: SparkSession,
        path: str,
        spec: Spec,
        *,
        format: Literal["parquet", "delta"] | None = None,
        storage_options: Mapping[str, str] | None = None,
    ) -> None:
        self._spark, self._path = spark, _folder(spark, str(path).rstrip("/"))
        self._files = files(spark, self._path)
        self._spec = isofold.Rollup(spec).spec
        self._log: Log = self._log_of(format, dict(storage_options or {}))
        self._log.manifest()

    def merge(self, states: DataFrame, batch_id: str | int | None = None, *, max_groups: int = frames.MAX_GROUPS) -> bool:
        """Merges rows of states into what is kept; killed at any time, all of it is there afterwards or nothing.

        - `states`: What :func:`isofold.spark.rollup` gave of the new rows.
        - `batch_id`: Names the new rows. Of one that is merged already nothing happens; the latest 10,000 are known.

        **Returns** Whether anything was merged.

        **Errors** Those of the workers, with their code; `host.argument`.
        """
        if batch_id is not None and not isinstance(batch_id, (str, int)):
            raise isofold.HostError("host.argument", f"a batch is named by a text or a number, got {batch_id!r}", "batch_id")
        name = None if batch_id is None else str(batch_id)
        if name is not None and self._log.manifest().has(name):
            return False
        work = f"data/{uuid.uuid4().hex}"
        with coded():
            # evaluated once: which days are new is known from the files
            self._write(states, f"{work}/new")
        new = self._days(f"{work}/new")
        for _ in range(TRIES):
            manifest = self._log.manifest()
            if name is not None and manifest.has(name):
                self._files.remove(work)
                return False
            merged = f"{work}/{manifest.number + 1}"
            kept = [path for day in new for path in manifest.days.get(day, [])]
            parts = [self._read([path for paths in new.values() for path in paths]), self._read(kept)]
            with coded():
                self._write(frames.merge(*[part for part in parts if part is not None], spec=self._spec, max_groups=max_groups), merged) if new else None
            if self._log.follow(manifest, self._days(merged), name):
                self._files.remove(f"{work}/new")
                return True
            # another merge was quicker, and may have written the same days
            self._files.remove(merged)
        self._files.remove(work)
        text = f"others merged into {self._path} at the same time, {TRIES} times; nothing of this batch is in it"
        raise isofold.StoreError("store.database", text, "path")

    def read(self) -> DataFrame:
        """The rows of states: one for each group, with bucket, keys, metrics and states."""
        paths = [path for paths in self._log.manifest().days.values() for path in paths]
        rows = self._read(paths)
        return self._empty() if rows is None else rows

    def batches(self) -> list[str]:
        """The ids of the batches that were merged, the latest last, as far as they are kept."""
        return self._log.batches()

    def vacuum(self, older_than_s: float = 86_400.0) -> int:
        """Removes files that the manifest does not name and manifests before it.

        - `older_than_s`: Seconds; younger ones may be those of a merge or of a reader at work.

        **Returns** How many files were removed.
        """
        return self._log.vacuum(older_than_s)

    def _log_of(self, format: str | None, storage_options: dict[str, str]) -> Log:
        if format not in (None, "parquet", "delta"):
            raise isofold.HostError("host.argument", f"the format is parquet or delta, got {format!r}", "format")
        is_delta, is_ours = bool(self._files.list("_delta_log")), bool(self._files.list("manifests"))
        if (is_delta and format == "parquet") or (is_ours and format == "delta"):
            there = "delta" if is_delta else "parquet"
            raise isofold.StoreError("store.table", f"{self._path} keeps a rollup in the format {there}, not {format}", "format")
        if is_delta or format == "delta":
            from .delta import Delta

            return Delta(self._files, self._path, self._spec, frames.states_schema(self._spec), storage_options)
        return Manifests(self._files, self._path, self._spec)

    def _write(self, states: DataFrame, folder: str) -> None:
        from pyspark.sql import functions as F

        states.withColumn(DAY, F.expr(_DAY_OF_BUCKET)).write.partitionBy(DAY).parquet(f"{self._path}/{folder}")

    def _days(self, folder: str) -> dict[str, list[str]]:
        days: dict[str, list[str]] = {}
        for path in self._files.list(folder):
            _, marked, rest = path.partition(f"/{DAY}=")
            if marked and path.endswith(".parquet"):
                days.setdefault(rest.partition("/")[0], []).append(path)
        return days

    def _read(self, paths: list[str]) -> DataFrame | None:
        if not paths:
            return None
        return self._spark.read.schema(self._empty().schema).parquet(*[f"{self._path}/{path}" for path in paths])

    def _empty(self) -> DataFrame:
        return self._spark.createDataFrame([], frames.states_type(self._spec))


def merge_into(
    states: DataFrame,
    spec: Spec,
    path: str,
    batch_id: str | int | None = None,
    *,
    format: Literal["parquet", "delta"] | None = None,
    storage_options: Mapping[str, str] | None = None,
    max_groups: int = frames.MAX_GROUPS,
) -> bool:
    """Merges rows of states into the rollup that a folder or table keeps: :meth:`StoredRollup.merge` in one call.

    >>> def each(batch, epoch):
    ...     isofold.spark.merge_into(isofold.spark.rollup(batch, spec), spec, "requests_1hour", batch_id=epoch)
    >>> stream.writeStream.foreachBatch(each).option("checkpointLocation", "checkpoint").start()  # doctest: +SKIP
    """
    stored = StoredRollup(states.sparkSession, path, spec, format=format, storage_options=storage_options)
    return stored.merge(states, batch_id, max_groups=max_groups)


def _folder(spark: SparkSession, path: str) -> str:
    """Where a table of the catalogue lies; any other text is a folder already."""
    if "/" in path or "\\" in path or not spark.catalog.tableExists(path):
        return path
    told = {row["col_name"]: row["data_type"] for row in spark.sql(f"describe table extended {_quoted_table(path)}").collect()}
    if not told.get("Location"):
        raise isofold.StoreError("store.table", f"{path} is not a table that lies in a folder", "path")
    return str(told["Location"]).rstrip("/")


def _quoted_table(name: str) -> str:
    return ".".join("`" + part.strip("`") + "`" for part in name.split("."))
