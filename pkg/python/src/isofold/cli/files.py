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
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from .. import Rollup
from ..errors import Error, HostError, make
from .show import show

#: Rows of a text file after which their number is told.
BATCH_ROWS = 50_000


def add_commands(commands: Any, shared: argparse.ArgumentParser) -> None:
    def command(name: str, run: Any, text: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = commands.add_parser(name, parents=[shared], help=text, description=text)
        parser.set_defaults(command=run)
        return parser

    parser = command("fold", fold, "fold the rows of files: .csv, .ndjson, .json, .parquet, .arrow")
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--spec", required=True, metavar="SPEC", help="the file of the spec")
    parser.add_argument("--strict", action="store_true", help="refuse columns that the spec does not declare")
    parser.add_argument("--on-row-error", default="stop", metavar="stop|skip", help="what a row does that does not fit")
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="the file of the rollup's bytes")
    parser = command("inspect", inspect, "tell what the bytes of a rollup hold")
    parser.add_argument("file")
    parser = command("merge", merge, "merge the bytes of rollups")
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="the file of the merged rollup's bytes")


def fold(options: argparse.Namespace) -> int:
    rollup = Rollup(Path(options.spec).read_text(encoding="utf-8-sig"))
    reports = []
    for file in options.files:
        data = _data(Path(file), rollup, options.strict)
        try:
            # in a file, a column that no row has is one that is spelled otherwise
            report = rollup.ingest(data, strict=options.strict or "columns", on_row_error=options.on_row_error)
        except Error as error:
            raise _of_file(error, file) if len(options.files) > 1 else error
        reports += [report] if isinstance(report, dict) else []
    _write(Path(options.output), rollup.encode())
    _tell(rollup, options, reports)
    return 0


def _of_file(error: Error, file: str) -> Error:
    """The same error with the name of its file."""
    return make([(one.code, f"{file}: {one.message}", one.path, one.position) for one in error.problems])


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


def _tell(rollup: Rollup, options: argparse.Namespace, reports: Sequence[Any] = ()) -> None:
    stats = rollup.stats()
    told = {"name": rollup.spec["name"], "groups": stats["groups"], "rows": stats["rows"],
            "first_bucket": stats["first_bucket"], "last_bucket_end": stats["last_bucket_end"], "digest": rollup.digest()}
    if reports:
        told["skipped"] = sum(report["skipped"] for report in reports)
        for file, report in zip(options.files, reports):
            for code, problems in report["errors"].items():
                where = f"{file}: " if len(reports) > 1 else ""
                example = "".join(f", the first: {row['message']} ({row['path']})" for row in problems["first"][:1])
                print(f"isofold: {where}{problems['count']} rows are left out for {code}{example}", file=sys.stderr)
    show([told], options.json)


def _data(path: Path, rollup: Rollup, strict: bool) -> Any:
    """What a file holds; strict wants the columns that are not declared, too."""
    kind = path.suffix.lower()
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if kind == ".csv":
        return _counted(_csv(path, rollup, strict))
    if kind in (".ndjson", ".jsonl"):
        return _counted(_lines(path))
    if kind == ".json":
        return _parsed(path.read_text(encoding="utf-8-sig"), path.name)
    if kind in (".parquet", ".arrow", ".feather"):
        return _arrow(path, rollup, strict)
    raise HostError("host.argument", f"a .csv, .ndjson, .json, .parquet or .arrow file is expected, got {path.name}")


def _counted(rows: Iterator[Any]) -> Iterator[Any]:
    """The same rows, telling how many there are to who looks on."""
    if not sys.stderr.isatty():
        return rows

    def told() -> Iterator[Any]:
        for number, row in enumerate(rows, 1):
            if number % BATCH_ROWS == 0:
                print(f"\r\033[K{number} rows", end="", file=sys.stderr, flush=True)
            yield row

    return told()


def _unread(words: str) -> Error:
    """What is handed over in the place of a row that cannot be read: it is refused, or left out and counted, as a bad row."""
    return make([("ingest.row", words, "", None)])


def _lines(path: Path) -> Iterator[Any]:
    with path.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                place = f"line {number} of {path.name}"
                try:
                    row = _parsed(line, place)
                except HostError as error:
                    row = _unread(error.message)
                if not isinstance(row, (dict, Error)):
                    row = _unread(f"{place} is {_KINDS.get(type(row), 'a number')}, a row is an object")
                yield row


#: What JSON calls that which is no object.
_KINDS = {list: "an array", str: "a text", bool: "a boolean", type(None): "null"}


def _no_json(word: str) -> Any:
    raise ValueError(f"{word} is no value of JSON")


def _parsed(text: str, what: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_json)
    except (ValueError, RecursionError) as error:
        raise HostError("host.argument", f"{what} is not JSON: {error}") from None


def _csv(path: Path, rollup: Rollup, strict: bool) -> Iterator[Any]:
    """Texts by the declared types; an empty field is NULL. What cannot be read stays a text, and is refused."""
    types = {name: kind if isinstance(kind, str) else kind["type"] for name, kind in rollup.spec["columns"].items()}
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        try:
            header = next((line for line in reader if line), [])
            for at, name in enumerate(header):
                if name in types and name in header[:at]:
                    raise make([("ingest.column", "the column is given twice", f"column.{name}", None)])
            # without rows: a declared column that the header lacks is refused
            rollup.ingest({name: [] for name in header})
            readers = [(at, name, _reader(types.get(name, "string"))) for at, name in enumerate(header) if strict or name in types]
            for number, line in _records(reader, path.name):
                if isinstance(line, list) and len(line) != len(header):
                    line = _unread(f"line {number} of {path.name} has {len(line)} fields, its header {len(header)}")
                yield {name: read(line[at]) if line[at] else None for at, name, read in readers} if isinstance(line, list) else line
        except csv.Error as error:
            raise HostError("host.argument", f"line {reader.line_num} of {path.name} is not CSV: {error}") from None


def _records(reader: Any, name: str) -> Iterator[tuple[int, list[str] | Error]]:
    """The records after the header with the lines they begin in; one that is broken within its line is an error there."""
    while True:
        line = reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if reader.line_num > line:
                message = f"a quote of line {line} of {name} is not closed in it and takes in the lines up to {reader.line_num}: {error}"
                raise HostError("host.argument", message) from None
            yield line, _unread(f"line {line} of {name} is not CSV: {error}")
        else:
            if record:
                yield line, record


_BOOLEANS = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}
_INTEGER = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|-?inf|-?infinity|nan", re.IGNORECASE)
#: Digits that Python reads as one number without asking.
_MAX_DIGITS = 4300


def _reader(kind: str) -> Callable[[str], Any]:
    if kind == "int64":
        return lambda text: int(text) if len(text) < _MAX_DIGITS and _INTEGER.fullmatch(text) else text
    if kind == "float64":
        return lambda text: float(text) if _NUMBER.fullmatch(text) else text
    if kind == "bool":
        return lambda text: _BOOLEANS.get(text.lower(), text)
    return str


def _arrow(path: Path, rollup: Rollup, strict: bool) -> Iterator[Any]:
    try:
        arrow: Any = importlib.import_module("pyarrow")
        dataset: Any = importlib.import_module("pyarrow.dataset")
    except ImportError as error:
        raise HostError("host.argument", f"{path.suffix} files need pyarrow: pip install pyarrow") from error
    with path.open("rb"):
        pass
    try:
        source = dataset.dataset(path, format="parquet" if path.suffix.lower() == ".parquet" else "ipc")
        # without rows: a declared column that the file lacks is refused
        yield source.schema.empty_table()
        wanted = [name for name in source.schema.names if strict or name in rollup.spec["columns"]]
        for batch in source.to_batches(columns=wanted):
            # a file says what it likes: only here is known how long its buffers are
            batch.validate(full=True)
            yield batch
    except (arrow.ArrowException, OSError) as error:
        raise HostError("host.argument", f"{path.name} cannot be read: {str(error).splitlines()[0]}") from None
