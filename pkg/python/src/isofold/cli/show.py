"""What a command writes: JSON for programs, a table for people."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Any

from ..stores import Answer


def show(rows: list[dict[str, Any]], as_json: bool, hidden: tuple[str, ...] = ()) -> None:
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    _table([{name: value for name, value in row.items() if name not in hidden} for row in rows])


def show_result(answer: Answer, as_json: bool) -> None:
    rows = [{name: _plain(value) for name, value in row.items()} for row in answer]
    if as_json:
        print(json.dumps({"rows": rows, "coverage": answer.coverage}, ensure_ascii=False))
    else:
        _table(rows, answer.columns)
    for words, windows in (("nothing is kept of", "missing"), ("not known to be as the rows are:", "stale")):
        for window in answer.coverage[windows]:
            print(f"isofold: {words} {window['start'] or 'the past'} to {window['end'] or 'now'}", file=sys.stderr)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def _table(rows: list[dict[str, Any]], columns: list[str] | None = None) -> None:
    names = columns if columns is not None else list(rows[0]) if rows else []
    cells = [[_text(row[name]) for name in names] for row in rows]
    widths = [max([len(name), *(len(row[at]) for row in cells)]) for at, name in enumerate(names)]
    for row in [names, *cells]:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip())


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
