"""A rollup kept in Parquet files, into which new data is merged.

The one idea: files are never changed. A merge writes the days it touches anew, aside, and then a manifest that names
them, numbered one up, under a name that nobody else can have taken. Who reads, reads what one manifest names; who was
killed before his left nothing but files that no manifest names; a batch whose id a manifest has is merged already.

Not here: how states are folded and merged (`frames`), file systems (`files`).
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import isofold

from . import frames
from .errors import coded
from .files import files
from .frames import Spec

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

FORMAT = 1
#: Ids of batches that are remembered, the latest.
REMEMBERED = 10_000
#: Times that a merge is tried when others merge at the same time.
TRIES = 5
_DAY = "isofold_day"
#: The day of a bucket in UTC, whatever the time zone of the session.
_DAY_OF_BUCKET = "date_format(date_add(date'1970-01-01', cast((unix_micros(bucket) - pmod(unix_micros(bucket), 86400000000)) div 86400000000 as int)), 'yyyy-MM-dd')"


@dataclass(frozen=True)
class Manifest:
    """What a stored rollup consists of."""

    number: int
    days: Mapping[str, list[str]]
    batches: list[str]


class StoredRollup:
    """A rollup in a folder of Parquet files.

    - `spark`: The session.
    - `path`: The folder, on this machine or any URL that Spark reaches. Its storage must not let two writers create one
      file: local disks, HDFS, Azure and Google storage do; of S3 one writer at a time is safe.
    - `spec`: The spec of all that is in it.

    **Errors** `merge.schema` when something of another spec is kept there, `spec.*`.
    """

    def __init__(self, spark: SparkSession, path: str, spec: Spec) -> None:
        self._spark, self._path = spark, str(path).rstrip("/")
        self._files = files(spark, self._path)
        self._spec = isofold.Rollup(spec).spec
        self._manifest()

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
        if name is not None and name in self._manifest().batches:
            return False
        work = f"data/{uuid.uuid4().hex}"
        with coded():
            # evaluated once: which days are new is known from the files
            self._write(states, f"{work}/new")
        new = self._days(f"{work}/new")
        for _ in range(TRIES):
            manifest = self._manifest()
            if name is not None and name in manifest.batches:
                self._files.remove(work)
                return False
            merged = f"{work}/{manifest.number + 1}"
            kept = [path for day in new for path in manifest.days.get(day, [])]
            parts = [self._read([path for paths in new.values() for path in paths]), self._read(kept)]
            with coded():
                self._write(frames.merge(*[part for part in parts if part is not None], spec=self._spec, max_groups=max_groups), merged) if new else None
            days = {**manifest.days, **self._days(merged)}
            batches = [*manifest.batches, *([] if name is None else [name])][-REMEMBERED:]
            if self._create(Manifest(manifest.number + 1, days, batches)):
                self._files.remove(f"{work}/new")
                return True
            # another merge was quicker, and may have written the same days
            self._files.remove(merged)
        self._files.remove(work)
        text = f"others merged into {self._path} at the same time, {TRIES} times; nothing of this batch is in it"
        raise isofold.StoreError("store.database", text, "path")

    def read(self) -> DataFrame:
        """The rows of states: one for each group, with bucket, keys, metrics and states."""
        paths = [path for paths in self._manifest().days.values() for path in paths]
        rows = self._read(paths)
        return self._empty() if rows is None else rows

    def batches(self) -> list[str]:
        """The ids of the batches that were merged, the latest last."""
        return self._manifest().batches

    def vacuum(self, older_than_s: float = 86_400.0) -> int:
        """Removes files that the manifest does not name and manifests before it.

        - `older_than_s`: Seconds; younger ones may be those of a merge or of a reader at work.

        **Returns** How many files were removed.
        """
        manifest, now, removed = self._manifest(), time.time(), 0
        named = {path for paths in manifest.days.values() for path in paths} | {_name(manifest.number)}
        for path in [*self._files.list("data"), *self._files.list("manifests")]:
            if path not in named and self._files.age_s(path, now) >= older_than_s:
                self._files.remove(path)
                removed += 1
        return removed

    def _manifest(self) -> Manifest:
        names = [path for path in self._files.list("manifests") if path.endswith(".json") and "/." not in path]
        if not names:
            return Manifest(0, {}, [])
        read: dict[str, Any] = json.loads(self._files.read(max(names)))
        if read["format"] != FORMAT:
            text = f"{self._path} has the format {read['format']}, this version reads {FORMAT}"
            raise isofold.StoreError("store.table", text, "path")
        if read["spec"] != self._spec:
            raise isofold.MergeError("merge.schema", f"{self._path} keeps a rollup of another spec", "path")
        return Manifest(read["number"], read["days"], read["batches"])

    def _create(self, manifest: Manifest) -> bool:
        text = {"format": FORMAT, "isofold": isofold.__version__, "number": manifest.number, "spec": self._spec, "days": manifest.days, "batches": manifest.batches}
        return self._files.create(_name(manifest.number), json.dumps(text).encode())

    def _write(self, states: DataFrame, folder: str) -> None:
        from pyspark.sql import functions as F

        states.withColumn(_DAY, F.expr(_DAY_OF_BUCKET)).write.partitionBy(_DAY).parquet(f"{self._path}/{folder}")

    def _days(self, folder: str) -> dict[str, list[str]]:
        days: dict[str, list[str]] = {}
        for path in self._files.list(folder):
            _, marked, rest = path.partition(f"/{_DAY}=")
            if marked and path.endswith(".parquet"):
                days.setdefault(rest.partition("/")[0], []).append(path)
        return days

    def _read(self, paths: list[str]) -> DataFrame | None:
        if not paths:
            return None
        return self._spark.read.schema(self._empty().schema).parquet(*[f"{self._path}/{path}" for path in paths])

    def _empty(self) -> DataFrame:
        return self._spark.createDataFrame([], frames.states_type(self._spec))


def merge_into(states: DataFrame, spec: Spec, path: str, batch_id: str | int | None = None, *, max_groups: int = frames.MAX_GROUPS) -> bool:
    """Merges rows of states into the rollup that a folder keeps: :meth:`StoredRollup.merge` in one call.

    >>> def each(batch, epoch):
    ...     isofold.spark.merge_into(isofold.spark.rollup(batch, spec), spec, "requests_1hour", batch_id=epoch)
    >>> stream.writeStream.foreachBatch(each).option("checkpointLocation", "checkpoint").start()  # doctest: +SKIP
    """
    return StoredRollup(states.sparkSession, path, spec).merge(states, batch_id, max_groups=max_groups)


def _name(number: int) -> str:
    return f"manifests/{number:012}.json"
