"""The commands on a database: init, refresh, check, query, prune, run."""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import Any

from .. import stores
from ..errors import HostError
from . import schedule
from .show import show, show_result

NOT_FRESH = 3


def add_commands(commands: Any, shared: argparse.ArgumentParser) -> None:
    def command(name: str, run: Any, text: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = commands.add_parser(name, parents=[shared], help=text, description=text)
        parser.set_defaults(command=run)
        return parser

    command("init", init, "make the tables, or bring them up to the catalog")
    parser = command("refresh", refresh, "build what is due")
    parser.add_argument("--rollup", action="append", metavar="NAME", help="this rollup only; may be given again")
    parser.add_argument("--since", metavar="T", help="build everything from this time on again")
    parser.add_argument("--force", action="store_true", help="build also where rows seem to have been dropped")
    command("check", check, "how fresh is every rollup; exit code 3 when one is not")
    parser = command("query", query, "answer a query")
    parser.add_argument("rollup", help="the rollup whose metrics are meant")
    parser.add_argument("query", nargs="?", help="the query in JSON; else the options below")
    for name, text in (("start", "first instant"), ("end", "first instant after the range"), ("where", "a condition over keys"),
                       ("having", "a condition over the result"), ("timezone", "zone of the bucket")):
        parser.add_argument(f"--{name}", help=text)
    parser.add_argument("--bucket", help="a width, or 'none' for one row per key")
    for name in ("group-by", "select", "order-by"):
        parser.add_argument(f"--{name}", metavar="A,B", help="names, separated by commas; '' for none")
    parser.add_argument("--limit", type=int, help="at most so many rows")
    command("prune", prune, "drop what the retentions no longer keep")
    parser = command("run", run, "refresh and prune on the schedule of the catalog until stopped")
    parser.add_argument("--rounds", type=int, default=0, metavar="N", help="stop after so many rounds")


def _open(options: argparse.Namespace) -> stores.Store:
    if options.database is None:
        raise HostError("host.argument", "no database is given: --database or $ISOFOLD_DATABASE")
    with open(options.catalog, encoding="utf-8") as file:
        return stores.open(file.read(), options.database)


def init(options: argparse.Namespace) -> int:
    with _open(options) as store:
        show(store.init()["rollups"], options.json)
    return 0


def refresh(options: argparse.Namespace) -> int:
    with _open(options) as store:
        report = store.refresh(options.rollup, since=options.since, force=options.force, on_progress=_progress(options))
        show(report["rollups"], options.json, hidden=("refused", "lost", "stale"))
        refused = [(each["name"], window) for each in report["rollups"] for window in each["refused"]]
        for name, window in refused:
            text = f"{name}: the rows of {window['start']} to {window['end']} are dropped; what is stored is kept"
            print(f"isofold: {window['code']}: {text}", file=sys.stderr)
    return NOT_FRESH if refused else 0


def _progress(options: argparse.Namespace) -> Any:
    if options.json or not sys.stderr.isatty():
        return None
    last = 0.0

    def told(progress: dict[str, Any]) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last > 0.2 and progress["end"]:
            last = now
            text = f"{progress['rollup']} up to {progress['end']}: {progress['rows_read']} rows, {progress['groups_written']} groups"
            print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)

    return told


def check(options: argparse.Namespace) -> int:
    with _open(options) as store:
        report = store.check()["rollups"]
        names = ("name", "status", "watermark", "lag_seconds", "groups", "bytes", "refreshed_at", "error")
        show(report if options.json else [{name: each[name] for name in names} for each in report], options.json)
    return 0 if all(each["status"] == "fresh" for each in report) else NOT_FRESH


def query(options: argparse.Namespace) -> int:
    if options.query is not None:
        try:
            asked = json.loads(options.query)
        except ValueError as error:
            raise HostError("host.argument", f"the query is not JSON: {error}") from None
    else:
        asked = {name: getattr(options, name) for name in ("start", "end", "where", "having", "timezone", "limit")}
        for name in ("group_by", "select", "order_by"):
            value = getattr(options, name)
            asked[name] = None if value is None else [part.strip() for part in value.split(",") if part.strip()]
        asked = {name: value for name, value in asked.items() if value is not None}
        if options.bucket is not None:
            asked["bucket"] = None if options.bucket == "none" else options.bucket
    with _open(options) as store:
        show_result(store.query(options.rollup, asked), options.json)
    return 0


def prune(options: argparse.Namespace) -> int:
    with _open(options) as store:
        show(store.prune()["pruned"], options.json)
    return 0


def run(options: argparse.Namespace) -> int:
    """Refreshes each rollup on its schedule."""
    return schedule.run(lambda: _open(options), options.json, options.rounds)
