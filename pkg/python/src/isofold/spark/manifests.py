"""Which files a stored rollup consists of, told by files of our own.

The one idea: one manifest names all files, under a number that only one writer can take.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import isofold

from .files import Files

FORMAT = 1
#: Ids of batches that are remembered, the latest.
REMEMBERED = 10_000
#: The partition of files: the day of a bucket in UTC.
DAY = "isofold_day"


@dataclass(frozen=True)
class Manifest:
    """What a stored rollup consists of: its files by day, and which batches are in it."""

    number: int
    days: Mapping[str, list[str]]
    has: Callable[[str], bool]
    #: The ids that the next one names too, where manifests name them.
    batches: tuple[str, ...] = ()


class Log(Protocol):
    """Manifests, one after the other."""

    def manifest(self) -> Manifest:
        """The last one; number 0 where there is none.

        **Errors** `merge.schema` when it is that of another spec, `store.table` of another format.
        """
        ...

    def follow(self, before: Manifest, days: Mapping[str, list[str]], batch: str | None) -> bool:
        """Makes the manifest after `before`, with these files for their days; False, and nothing done, when another has."""
        ...

    def batches(self) -> list[str]: ...

    def vacuum(self, older_than_s: float) -> int: ...


class Manifests:
    """Manifests as JSON files beside the data."""

    def __init__(self, files: Files, path: str, spec: Mapping[str, Any]) -> None:
        self._files, self._path, self._spec = files, path, spec

    def manifest(self) -> Manifest:
        read = self._read()
        return Manifest(read["number"], read["days"], set(read["batches"]).__contains__, tuple(read["batches"]))

    def follow(self, before: Manifest, days: Mapping[str, list[str]], batch: str | None) -> bool:
        batches = [*before.batches, *([] if batch is None else [batch])][-REMEMBERED:]
        number = before.number + 1
        text = {
            "format": FORMAT,
            "isofold": isofold.__version__,
            "number": number,
            "spec": self._spec,
            "days": {**before.days, **days},
            "batches": batches,
        }
        return self._files.create(_name(number), json.dumps(text).encode())

    def batches(self) -> list[str]:
        batches: list[str] = self._read()["batches"]
        return batches

    def vacuum(self, older_than_s: float) -> int:
        read, now, removed = self._read(), time.time(), 0
        named = {path for paths in read["days"].values() for path in paths} | {_name(read["number"])}
        for path in [*self._files.list("data"), *self._files.list("manifests")]:
            if path not in named and self._files.age_s(path, now) >= older_than_s:
                self._files.remove(path)
                removed += 1
        return removed

    def _read(self) -> dict[str, Any]:
        """The last one."""
        names = [path for path in self._files.list("manifests") if path.endswith(".json") and "/." not in path]
        if not names:
            return {"number": 0, "days": {}, "batches": []}
        read: dict[str, Any] = json.loads(self._files.read(max(names)))
        if read["format"] != FORMAT:
            text = f"{self._path} has the format {read['format']}, this version reads {FORMAT}"
            raise isofold.StoreError("store.table", text, "path")
        if read["spec"] != self._spec:
            raise isofold.MergeError("merge.schema", f"{self._path} keeps a rollup of another spec", "path")
        return read


def _name(number: int) -> str:
    return f"manifests/{number:012}.json"
