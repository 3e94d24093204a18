"""Every refusal is a coded error with its place, and leaves the rollup as it was."""

from __future__ import annotations

import copy
import decimal
import pickle
from typing import Any

import pytest
from samples import SPEC, columns, folded, rows

import isofold

ONE = rows(2)[1]


@pytest.mark.parametrize(
    ("data", "kind", "code", "path", "message"),
    [
        ([ONE, {**ONE, "tokens": 3.5}], "IngestError", "ingest.type", "column.tokens[1]", "3.5 is not an int64"),
        ([{**ONE, "tokens": "3"}], "IngestError", "ingest.type", "column.tokens[0]", '"3" is not an int64'),
        ([{**ONE, "tokens": True}], "IngestError", "ingest.type", "column.tokens[0]", "true is not an int64"),
        ([{**ONE, "tokens": 2**70}], "IngestError", "ingest.type", "column.tokens[0]", f"{2**70} is not an int64"),
        ([{**ONE, "ms": 2**53 + 1}], "IngestError", "ingest.type", "column.ms[0]", f"{2**53 + 1} is not exactly a float64"),
        ([{**ONE, "tokens": decimal.Decimal("1.50")}], "IngestError", "ingest.type", "column.tokens[0]", "the decimal 1.50 is not an int64"),
        ([{**ONE, "ms": [1]}], "IngestError", "ingest.type", "column.ms[0]", "a list is not a float64"),
        ([{**ONE, "model": 4}], "IngestError", "ingest.type", "column.model[0]", "4 is not a string"),
        ([{**ONE, "model": "\ud800"}], "IngestError", "ingest.text", "column.model[0]", "a text that is not Unicode is not a string"),
        ([{**ONE, "ok": 2}], "IngestError", "ingest.type", "column.ok[0]", "2 is not a bool"),
        ([{**ONE, "ts": 5}], "IngestError", "ingest.type", "column.ts[0]", "5 has no unit"),
        ([{**ONE, "ts": "soon"}], "IngestError", "ingest.time", "column.ts[0]", "'soon' is not an ISO 8601 time"),
        ([{**ONE, "ts": None}], "IngestError", "ingest.time", "column.ts[0]", ""),
        ({"ts": [ONE["ts"]]}, "IngestError", "ingest.column", "column.model", "the batch has no column model, it has ts"),
        ({**columns(3), "ms": [1.0]}, "IngestError", "ingest.length", "column.ms", "a column must have the 3 rows"),
        ({**columns(3), "ms": 1.0}, "HostError", "host.argument", "", "a column must be a sequence of values, got a float"),
        ({**columns(3), "ms": "abc"}, "HostError", "host.argument", "", "a column must be a sequence of values, got a str"),
        ([ONE, 5], "IngestError", "ingest.row", "rows[1]", "a row must be a mapping or an object, of names and values, got an int"),
        (5, "HostError", "host.argument", "", "a table with an Arrow interface"),
    ],
)
def test_rows_that_do_not_fit(data: Any, kind: str, code: str, path: str, message: str) -> None:
    rollup = folded(rows(10))
    before = rollup.digest()
    with pytest.raises(isofold.Error) as caught:
        rollup.ingest(data)
    error = caught.value
    assert (type(error).__name__, error.code, error.path) == (kind, code, path)
    assert error.message.startswith(message)
    assert rollup.digest() == before


def test_every_problem_of_a_spec_is_reported() -> None:
    spec = copy.deepcopy(SPEC)
    spec["select"]["total"] = "summ(tokens)"
    spec["select"]["avg_ms"] = "avg(ms"
    with pytest.raises(isofold.ExprError) as caught:
        isofold.Rollup(spec)
    problems = caught.value.problems
    assert [(e.code, e.path) for e in problems] == [
        ("expr.unknown_function", "spec.select.total"),
        ("expr.syntax", "spec.select.avg_ms"),
    ]
    assert problems[1].position == 6
    assert str(caught.value).endswith("; and 1 more")


@pytest.mark.parametrize(
    ("call", "kind", "code"),
    [
        (lambda r: isofold.Rollup("{"), isofold.SpecError, "spec.invalid"),
        (lambda r: isofold.Rollup({}), isofold.SpecError, "spec.missing"),
        (lambda r: isofold.Rollup({"name": object()}), isofold.HostError, "host.argument"),
        (lambda r: isofold.Rollup(SPEC, max_groups=2**40), isofold.LimitError, "limit.groups"),
        (lambda r: isofold.Rollup(SPEC, max_groups=2).ingest(rows()), isofold.LimitError, "limit.groups"),
        (lambda r: isofold.Rollup.decode(r.encode(), max_groups=2), isofold.LimitError, "limit.groups"),
        (lambda r: isofold.Rollup.decode(r.encode(), max_groups=2**40), isofold.LimitError, "limit.groups"),
        (lambda r: isofold.Rollup(SPEC, max_groups=2).merge(r.encode()), isofold.LimitError, "limit.groups"),
        (lambda r: isofold.Rollup.decode(b"nothing"), isofold.DecodeError, "decode.magic"),
        (lambda r: isofold.Rollup.decode(r.encode()[:-1]), isofold.DecodeError, None),
        (lambda r: r.merge(isofold.Rollup({**SPEC, "bucket": "1 day"})), isofold.MergeError, "merge.schema"),
        (lambda r: r.merge("text"), isofold.HostError, "host.argument"),
        (lambda r: r.coarsen(group_by=["city"]), isofold.CoarsenError, "coarsen.key"),
        (lambda r: r.coarsen(bucket="90 minutes"), isofold.CoarsenError, "coarsen.bucket"),
        (lambda r: r.slice("2026-11-01T00:30:00Z"), isofold.RangeError, "range.edge"),
        (lambda r: r.prune(5), isofold.HostError, "host.argument"),
        (lambda r: r.query(colour="red"), isofold.QueryError, "query.unknown_key"),
        (lambda r: r.query({"limit": 1}, limit=2), isofold.HostError, "host.argument"),
        (lambda r: r.query(select=["nothing"]), isofold.QueryError, "query.unknown_name"),
        (lambda r: r.query().column("nothing"), isofold.HostError, "host.argument"),
    ],
)
def test_calls_that_are_refused(call: Any, kind: type[isofold.Error], code: str | None) -> None:
    with pytest.raises(kind) as caught:
        call(folded(rows()))
    assert code is None or caught.value.code == code


def test_a_spec_that_holds_itself_is_refused() -> None:
    spec: dict[str, Any] = {}
    spec["select"] = spec
    with pytest.raises(isofold.HostError):
        isofold.Rollup(spec)


def test_errors_are_value_errors_and_survive_pickling() -> None:
    with pytest.raises(ValueError) as caught:
        isofold.Rollup({"name": 1})
    again = pickle.loads(pickle.dumps(caught.value))
    assert type(again) is isofold.SpecError
    assert str(again) == str(caught.value)
    assert [e.path for e in again.problems] == [e.path for e in caught.value.problems]  # type: ignore[attr-defined]
