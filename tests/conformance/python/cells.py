"""How vectors spell values, in Python; see tests/vectors/README.md."""

from __future__ import annotations

import re
import struct
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def cell(spelled: Any) -> Any:
    """The value that a spelling means."""
    if not isinstance(spelled, dict):
        return spelled
    ((kind, value),) = spelled.items()
    if kind == "f64":
        return struct.unpack(">d", bytes.fromhex(value))[0]
    if kind in ("i64", "u64"):
        return int(value)
    if kind == "date":
        return EPOCH + timedelta(milliseconds=value)
    if kind == "text":
        return value[0] * value[1]
    if kind == "other":
        return []
    raise ValueError(f"{kind} is no kind of cell")


def columns(batch: dict[str, Any]) -> dict[str, list[Any]]:
    """The columns of a batch."""

    def cells(column: Any) -> list[Any]:
        if isinstance(column, list):
            return [cell(spelled) for spelled in column]
        start, step, count = column["range"]
        return [start + index * step for index in range(count)]

    return {name: cells(column) for name, column in batch.items()}


def rows(batch: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of a batch."""
    table = columns(batch)
    assert len({len(column) for column in table.values()}) <= 1
    return [dict(zip(table, row)) for row in zip(*table.values())]


def arrays(batch: dict[str, Any]) -> Any:
    """The batch as an Arrow table, a column that Arrow has no type for as a list."""
    import pyarrow

    table = columns(batch)
    try:
        return pyarrow.table({name: pyarrow.array(cells, from_pandas=False) for name, cells in table.items()})
    except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError, OverflowError):
        return table


FORMS = {"columns": columns, "rows": rows, "arrays": arrays}


def data(spelled: Any) -> bytes:
    """The bytes of hex digits, or zeros."""
    return bytes(spelled["zeros"]) if isinstance(spelled, dict) else bytes.fromhex(spelled)


def answers(result: Any) -> list[dict[str, Any]]:
    """The columns of a result as vectors spell them, read both by column and by row."""
    dicts = result.to_dicts()
    assert len(dicts) == len(result)
    found = []
    for name in result.columns:
        kind = result.types[name]
        values = [spell(value, kind) for value in result.column(name)]
        assert [spell(row[name], kind) for row in dicts] == values
        found.append({"name": name, "type": kind, "values": values})
    return found


def spell(value: Any, kind: str) -> Any:
    """A value of a result as vectors spell it."""
    if value is None:
        return None
    outer, _, inner = kind.partition("<")
    if outer == "list":
        return [spell(item, inner[:-1]) for item in value]
    if outer == "counts":
        return [[spell(entry["value"], inner[:-1]), str(entry["count"])] for entry in value]
    if outer == "float64":
        assert isinstance(value, float)
        return struct.pack(">d", value).hex()
    if outer == "int64":
        assert type(value) is int
        return str(value)
    if outer.startswith("decimal("):
        assert isinstance(value, Decimal)
        return f"{value:f}"
    if outer == "timestamp":
        return str(micros(value))
    return value


def micros(instant: Any) -> int:
    """Microseconds since the epoch; years that Python has no datetime for come as ISO 8601 text."""
    if isinstance(instant, str):
        year, rest = re.fullmatch(r"([+-]?\d+)(-.*)", instant).groups()
        # the calendar repeats every 400 years, which are 146097 days
        cycles = (int(year) - 2000) // 400
        within = datetime.fromisoformat(f"{int(year) - 400 * cycles}{rest.replace('Z', '+00:00')}")
        return micros(within) + cycles * 146_097 * 86_400_000_000
    assert instant.tzinfo is not None
    return (instant - EPOCH) // timedelta(microseconds=1)
