"""The commands on files: fold, inspect, merge."""

from __future__ import annotations

import argparse
import csv
import errno
import importlib
import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from .. import Rollup
from ..errors import Error, HostError, make
from .show import show

#: Rows of a text file that are folded at once.
BATCH_ROWS = 50_000


def add_commands(commands: Any, shared: argparse.ArgumentParser) -> None:
    def command(name: str, run: Any, text: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = commands.add_parser(name, parents=[shared], help=text, description=text)
        parser.set_defaults(command=run)
        return parser

    parser = command("fold", fold, "fold the rows of files: .csv, .ndjson, .json, .parquet, .arrow")
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--spec", required=True, metavar="SPEC", help="the file of the spec")
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="the file of the rollup's bytes")
    parser = command("inspect", inspect, "tell what the bytes of a rollup hold")
    parser.add_argument("file")
    parser = command("merge", merge, "merge the bytes of rollups")
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="the file of the merged rollup's bytes")


def fold(options: argparse.Namespace) -> int:
    rollup = Rollup(Path(options.spec).read_text(encoding="utf-8-sig"))
    columns = rollup.spec["columns"]
    for file in options.files:
        rows = 0
        for count, batch in _batches(Path(file), columns):
            try:
                rollup.ingest(batch)
            except Error as error:
                raise _of_file(error, rows, file if len(options.files) > 1 else "") from None
            rows += count
            if not options.json and sys.stderr.isatty():
                print(f"\r\033[K{rows} rows", end="", file=sys.stderr, flush=True)
    _write(Path(options.output), rollup.encode())
    _tell(rollup, options)
    return 0


def _of_file(error: Error, rows: int, file: str) -> Error:
    """The same error with its rows counted from the start of the file."""

    def moved(problem: Error) -> tuple[str, str, str, int | None]:
        row = re.search(r"\[(\d+)\]$", problem.path) if problem.code != "ingest.column" else None
        path = f"{problem.path[: row.start()]}[{int(row.group(1)) + rows}]" if row else problem.path
        return problem.code, f"{file}: {problem.message}" if file else problem.message, path, problem.position

    return make([moved(problem) for problem in error.problems])


def _write(path: Path, data: bytes) -> None:
    """Writes a file whole or not at all: beside it first, then in its place."""
    path = Path(os.path.realpath(path))
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(beside, path.stat().st_mode & 0o7777 if path.exists() else 0o666 & ~_umask())
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def inspect(options: argparse.Namespace) -> int:
    rollup = Rollup.decode(Path(options.file).read_bytes())
    if options.json:
        print(json.dumps({"digest": rollup.digest(), "stats": rollup.stats(), "spec": rollup.spec}, ensure_ascii=False))
    else:
        _tell(rollup, options)
        print(json.dumps(rollup.spec, indent=2, ensure_ascii=False))
    return 0


def merge(options: argparse.Namespace) -> int:
    first, *others = options.files
    rollup = Rollup.decode(Path(first).read_bytes())
    for other in others:
        rollup.merge(Path(other).read_bytes())
    _write(Path(options.output), rollup.encode())
    _tell(rollup, options)
    return 0


def _tell(rollup: Rollup, options: argparse.Namespace) -> None:
    stats = rollup.stats()
    told = {"name": rollup.spec["name"], "groups": stats["groups"], "rows": stats["rows"],
            "first_bucket": stats["first_bucket"], "last_bucket_end": stats["last_bucket_end"], "digest": rollup.digest()}
    show([told], options.json)


def _batches(path: Path, columns: dict[str, str]) -> Iterator[tuple[int, Any]]:
    """What a file holds, in pieces, each with its number of rows."""
    kind = path.suffix.lower()
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if kind == ".csv":
        yield from _csv(path, columns)
    elif kind in (".ndjson", ".jsonl"):
        with path.open(encoding="utf-8-sig") as lines:
            yield from _chunks(_parsed(line, f"line {number} of {path.name}") for number, line in enumerate(lines, 1) if line.strip())
    elif kind == ".json":
        yield 0, _parsed(path.read_text(encoding="utf-8-sig"), path.name)
    elif kind in (".parquet", ".arrow", ".feather"):
        yield from _arrow(path, columns)
    else:
        raise HostError("host.argument", f"a .csv, .ndjson, .json, .parquet or .arrow file is expected, got {path.name}")


def _parsed(text: str, what: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise HostError("host.argument", f"{what} is not JSON: {error}") from None


def _chunks(rows: Iterator[dict[str, Any]]) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    chunk: list[dict[str, Any]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == BATCH_ROWS:
            yield len(chunk), chunk
            chunk = []
    if chunk:
        yield len(chunk), chunk


def _csv(path: Path, columns: dict[str, str]) -> Iterator[tuple[int, Any]]:
    """Texts by the declared types; an empty field is NULL. What cannot be read stays a text, and is refused."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        try:
            readers = {name: _reader(kind) for name, kind in columns.items() if name in (reader.fieldnames or ())}
            yield from _chunks({name: read(row[name]) for name, read in readers.items()} for row in reader)
        except csv.Error as error:
            raise HostError("host.argument", f"line {reader.line_num} of {path.name} is not CSV: {error}") from None


def _reader(kind: str) -> Any:
    booleans = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}
    by_kind: dict[str, Callable[[str], Any]] = {
        "int64": int,
        "float64": float,
        "bool": lambda text: booleans.get(text.lower(), text),
        "string": str,
    }
    convert = by_kind.get(kind, int if "[" in kind else str)

    def read(text: str | None) -> Any:
        if text is None or text == "":
            return None
        try:
            return convert(text)
        except ValueError:
            return text

    return read


def _arrow(path: Path, columns: dict[str, str]) -> Iterator[tuple[int, Any]]:
    try:
        arrow: Any = importlib.import_module("pyarrow")
        dataset: Any = importlib.import_module("pyarrow.dataset")
    except ImportError as error:
        raise HostError("host.argument", f"{path.suffix} files need pyarrow: pip install pyarrow") from error
    with path.open("rb"):
        pass
    try:
        source = dataset.dataset(path, format="parquet" if path.suffix.lower() == ".parquet" else "ipc")
        wanted = [name for name in source.schema.names if name in columns]
        for batch in source.to_batches(columns=wanted):
            # a file says what it likes: only here is known how long its buffers are
            batch.validate(full=True)
            yield batch.num_rows, batch
    except (arrow.ArrowException, OSError) as error:
        raise HostError("host.argument", f"{path.name} cannot be read: {str(error).splitlines()[0]}") from None
