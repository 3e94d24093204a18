"""The commands on files: fold, inspect, merge."""

from __future__ import annotations

import argparse
import csv
import importlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from .. import Rollup
from ..errors import HostError
from .show import show

#: Rows of a text file that are folded at once.
BATCH_ROWS = 50_000


def add_commands(commands: Any, shared: argparse.ArgumentParser) -> None:
    def command(name: str, run: Any, text: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = commands.add_parser(name, parents=[shared], help=text, description=text)
        parser.set_defaults(command=run)
        return parser

    parser = command("fold", fold, "fold the rows of a file: .csv, .ndjson, .json, .parquet, .arrow")
    parser.add_argument("file")
    parser.add_argument("--spec", required=True, metavar="SPEC", help="the file of the spec")
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="the file of the rollup's bytes")
    parser = command("inspect", inspect, "tell what the bytes of a rollup hold")
    parser.add_argument("file")
    parser = command("merge", merge, "merge the bytes of rollups")
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="the file of the merged rollup's bytes")


def fold(options: argparse.Namespace) -> int:
    rollup = Rollup(Path(options.spec).read_text(encoding="utf-8"))
    rows = 0
    for batch in _batches(Path(options.file), rollup.spec["columns"]):
        rows += rollup.ingest(batch)
        if not options.json and sys.stderr.isatty():
            print(f"\r\033[K{rows} rows", end="", file=sys.stderr, flush=True)
    Path(options.output).write_bytes(rollup.encode())
    _tell(rollup, options)
    return 0


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
    Path(options.output).write_bytes(rollup.encode())
    _tell(rollup, options)
    return 0


def _tell(rollup: Rollup, options: argparse.Namespace) -> None:
    stats = rollup.stats()
    told = {"name": rollup.spec["name"], "groups": stats["groups"], "rows": stats["rows"],
            "first_bucket": stats["first_bucket"], "last_bucket_end": stats["last_bucket_end"], "digest": rollup.digest()}
    show([told], options.json)


def _batches(path: Path, columns: dict[str, str]) -> Iterator[Any]:
    kind = path.suffix.lower()
    if kind == ".csv":
        yield from _csv(path, columns)
    elif kind in (".ndjson", ".jsonl"):
        with path.open(encoding="utf-8") as lines:
            yield from _chunks(json.loads(line) for line in lines if line.strip())
    elif kind == ".json":
        yield json.loads(path.read_text(encoding="utf-8"))
    elif kind in (".parquet", ".arrow", ".feather"):
        yield from _arrow(path, columns)
    else:
        raise HostError("host.argument", f"a .csv, .ndjson, .json, .parquet or .arrow file is expected, got {path.name}")


def _chunks(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    chunk: list[dict[str, Any]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == BATCH_ROWS:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _csv(path: Path, columns: dict[str, str]) -> Iterator[Any]:
    """Texts by the declared types; an empty field is NULL. What cannot be read stays a text, and is refused."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        readers = {name: _reader(kind) for name, kind in columns.items() if name in (reader.fieldnames or ())}
        yield from _chunks({name: read(row[name]) for name, read in readers.items()} for row in reader)


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


def _arrow(path: Path, columns: dict[str, str]) -> Iterator[Any]:
    try:
        dataset: Any = importlib.import_module("pyarrow.dataset")
    except ImportError as error:
        raise HostError("host.argument", f"{path.suffix} files need pyarrow: pip install pyarrow") from error
    source = dataset.dataset(path, format="parquet" if path.suffix.lower() == ".parquet" else "ipc")
    wanted = [name for name in source.schema.names if name in columns]
    yield from source.to_batches(columns=wanted)
