"""The few things that stored rollups need of a file system.

The one idea: a manifest appears under its name at once and whole, or not at all, and never in the place of another.
Folders of this machine are used as such; any other URL through the Hadoop client that Spark has already.
"""

from __future__ import annotations

import os
import shutil
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class Files(Protocol):
    """Paths are relative to the folder, with slashes."""

    def list(self, folder: str) -> list[str]:
        """All files below a folder; none where it is not there."""
        ...

    def read(self, path: str) -> bytes: ...

    def create(self, path: str, data: bytes) -> bool:
        """Writes a file aside and gives it its name; False, and nothing done, when there is one of that name."""
        ...

    def remove(self, path: str) -> None:
        """Removes a file or a folder with all that is in it."""
        ...

    def age_s(self, path: str, now_s: float) -> float:
        """Seconds since a file was written."""
        ...

    def size(self, path: str) -> int:
        """Bytes."""
        ...


def files(spark: SparkSession, url: str) -> Files:
    parts = urlsplit(url)
    if parts.scheme in ("", "file"):
        return Local(Path(unquote(parts.path) if parts.scheme else url))
    return Hadoop(spark, url)


class Local:
    """A folder of this machine, or one that all machines see under the same name."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def list(self, folder: str) -> list[str]:
        found = (path for path in (self._root / folder).rglob("*") if path.is_file())
        return sorted(path.relative_to(self._root).as_posix() for path in found)

    def read(self, path: str) -> bytes:
        return (self._root / path).read_bytes()

    def create(self, path: str, data: bytes) -> bool:
        target = self._root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
        try:
            with open(aside, "xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            # a link takes no name that is taken, which a rename would
            os.link(aside, target)
        except FileExistsError:
            return False
        finally:
            aside.unlink(missing_ok=True)
        return True

    def remove(self, path: str) -> None:
        target = self._root / path
        if target.is_dir():
            shutil.rmtree(target)
        else:
            target.unlink(missing_ok=True)

    def age_s(self, path: str, now_s: float) -> float:
        return now_s - (self._root / path).stat().st_mtime

    def size(self, path: str) -> int:
        return (self._root / path).stat().st_size


class Hadoop:
    """A folder of HDFS, S3, Azure or Google storage, as the Hadoop client of Spark reaches it."""

    def __init__(self, spark: SparkSession, url: str) -> None:
        self._jvm: Any = spark.sparkContext._jvm
        self._root = url.rstrip("/")
        self._fs = self._path("").getFileSystem(spark.sparkContext._jsc.hadoopConfiguration())

    def _path(self, path: str) -> Any:
        return self._jvm.org.apache.hadoop.fs.Path(f"{self._root}/{path}" if path else self._root)

    def list(self, folder: str) -> list[str]:
        if not self._fs.exists(self._path(folder)):
            return []
        found, paths = self._fs.listFiles(self._path(folder), True), []
        root = self._fs.makeQualified(self._path("")).toString().rstrip("/") + "/"
        while found.hasNext():
            paths.append(found.next().getPath().toString().removeprefix(root))
        return sorted(paths)

    def read(self, path: str) -> bytes:
        stream = self._fs.open(self._path(path))
        try:
            return bytes(self._jvm.org.apache.commons.io.IOUtils.toByteArray(stream))
        finally:
            stream.close()

    def create(self, path: str, data: bytes) -> bool:
        aside = self._path(f"{path}.{uuid.uuid4().hex}.tmp")
        stream = self._fs.create(aside, False)
        try:
            stream.write(bytearray(data))
        finally:
            stream.close()
        # a rename of the Hadoop client does not take the place of a file
        named = not self._fs.exists(self._path(path)) and self._fs.rename(aside, self._path(path))
        if not named:
            self._fs.delete(aside, False)
        return bool(named)

    def remove(self, path: str) -> None:
        self._fs.delete(self._path(path), True)

    def age_s(self, path: str, now_s: float) -> float:
        written_ms: int = self._fs.getFileStatus(self._path(path)).getModificationTime()
        return now_s - written_ms / 1000

    def size(self, path: str) -> int:
        return int(self._fs.getFileStatus(self._path(path)).getLen())
