"""Which files a stored rollup consists of, told by the log of a Delta table.

The one idea: a merge is one commit that takes the old files of its days out and the new ones in, at the version after the
one that was read, or not at all. Spark writes and reads the files; deltalake, which needs no JVM, reads and writes the log.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import pyarrow as pa

import isofold

from .files import Files
from .manifests import DAY, Manifest

_BATCH = "isofold.batch"


class Delta:
    """The log of a Delta table, partitioned by the day of the bucket; its description holds the spec."""

    def __init__(self, files: Files, path: str, spec: Mapping[str, Any], states: pa.Schema, storage_options: dict[str, str]) -> None:
        try:
            import deltalake
            import deltalake.exceptions
            import deltalake.transaction
        except ImportError as error:
            raise isofold.StoreError("store.driver", "a Delta table needs the package deltalake: pip install deltalake", "format") from error
        self._lake: Any = deltalake
        self._files, self._path, self._spec, self._options = files, path, spec, storage_options
        self._schema: Any = deltalake.Schema.from_arrow(states.append(pa.field(DAY, pa.string())))

    def manifest(self) -> Manifest:
        table = self._table()
        if table is None:
            return Manifest(0, {}, lambda _: False)
        days: dict[str, list[str]] = {}
        for file in pa.table(table.get_add_actions()).to_pylist():
            days.setdefault(file["partition"][DAY], []).append(unquote(file["path"]))
        # versions begin with 0, where no manifest is
        return Manifest(table.version() + 1, days, lambda batch: table.transaction_version(_application(batch)) is not None)

    def follow(self, before: Manifest, days: Mapping[str, list[str]], batch: str | None) -> bool:
        lake, now_ms = self._lake, int(time.time() * 1000)
        actions: list[Any] = []
        for day, paths in days.items():
            for path in before.days.get(day, []):
                actions.append(lake.transaction.RemoveAction(path, True, now_ms, self._files.size(path), {DAY: day}))
            for path in paths:
                actions.append(lake.transaction.AddAction(path, self._files.size(path), {DAY: day}, now_ms, True, "{}"))
        told = lake.CommitProperties(
            custom_metadata={"isofold": isofold.__version__, **({} if batch is None else {_BATCH: batch})},
            # what was read is the version before, or it is read anew
            max_commit_retries=0,
            app_transactions=None if batch is None else [lake.Transaction(_application(batch), 1, int(time.time() * 1000))],
        )
        try:
            if before.number == 0:
                description = json.dumps(self._spec)
                lake.transaction.create_table_with_add_actions(
                    self._path, self._schema, actions, mode="error", partition_by=[DAY], name=self._spec["name"],
                    description=description, storage_options=self._options or None, commit_properties=told,
                )  # fmt: skip
            else:
                table = lake.DeltaTable(self._path, version=before.number - 1, storage_options=self._options or None)
                table.create_write_transaction(actions, "append", self._schema, partition_by=[DAY], commit_properties=told)
        except (lake.exceptions.CommitFailedError, lake.exceptions.DeltaError):
            # another committed that version; every other reason is one to tell
            after = self._table()
            if after is not None and after.version() + 1 > before.number:
                return False
            raise
        return True

    def batches(self) -> list[str]:
        table = self._table()
        history = [] if table is None else table.history()
        return [commit[_BATCH] for commit in reversed(history) if commit.get(_BATCH) is not None]

    def vacuum(self, older_than_s: float) -> int:
        table = self._table()
        if table is None:
            return 0
        # whole hours, so that nothing younger goes
        hours = -(-int(older_than_s) // 3600)
        return len(table.vacuum(hours, dry_run=False, enforce_retention_duration=False, full=True))

    def _table(self) -> Any:
        if not self._files.list("_delta_log"):
            return None
        table = self._lake.DeltaTable(self._path, storage_options=self._options or None)
        try:
            kept = json.loads(table.metadata().description or "")
        except ValueError:
            kept = None
        if kept is None:
            raise isofold.StoreError("store.table", f"{self._path} is a Delta table that isofold has not made", "path")
        if kept != self._spec:
            raise isofold.MergeError("merge.schema", f"{self._path} keeps a rollup of another spec", "path")
        return table


def _application(batch: str) -> str:
    return f"isofold batch {batch}"
