"""What is no row, no name, no count and no time of a zone: a code, the place, and what to do, for every form of rows."""

from __future__ import annotations

import dataclasses
import json
from collections import namedtuple
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

import isofold
from program import main

SPEC: dict[str, Any] = {"name": "r", "columns": {"ts": "timestamp[s]", "k": "string"}, "time": "ts", "bucket": "1 hour", "group_by": ["k"], "select": {"n": "count(*)"}}
ROW = {"ts": 1, "k": "a"}


def refused(data: Any, spec: Any = SPEC, **options: Any) -> isofold.Error:
    rollup = isofold.Rollup(spec)
    with pytest.raises(isofold.Error) as raised:
        rollup.ingest(data, **options)
    assert len(rollup) == 0
    return raised.value


@pytest.mark.parametrize("thing, words", [
    (5, "an int"), (3.5, "a float"), (True, "a bool"), ("a", "a str: read it as JSON first"), (b"a", "a bytes: read it"), (None, "a NoneType: leave it out"),
    ([1, 2], "a list: name its values"), ((1, 2), "a tuple: name its values"), (dict, "a type: give what it makes"), ({1}, "a set"), (print, "a builtin"),
])
def test_what_is_no_row_is_a_rows_problem(thing: Any, words: str) -> None:
    error = refused([ROW, thing])
    assert (error.code, error.path) == ("ingest.row", "rows[1]")
    assert error.message.startswith(f"a row must be a mapping or an object, of names and values, got {words}")
    rollup = isofold.Rollup(SPEC)
    report = rollup.ingest(iter([thing, ROW, thing, ROW]), on_row_error="skip")
    assert (report["rows"], report["errors"]["ingest.row"]["count"]) == (2, 2)
    assert [row["row"] for row in report["errors"]["ingest.row"]["first"]] == [0, 2]
    assert isofold.Rollup(SPEC).ingest([thing], on_row_error="skip", strict=True)["skipped"] == 1


def test_rows_are_counted_from_the_first_batch() -> None:
    rows: list[Any] = [ROW] * 150_000
    rows[140_000] = None
    assert refused(rows).path == "rows[140000]"
    rows[140_001] = {**ROW, 5: 1}
    rows[140_000] = ROW
    assert refused(rows, strict=True).path == "rows[140001]"


def test_a_reader_tells_why_a_row_cannot_be_read() -> None:
    error = refused([ROW, isofold.HostError("host.argument", "record 7 is damaged")])
    assert (error.code, error.path, error.message) == ("ingest.row", "rows[1]", "record 7 is damaged")


def test_stored_rows_that_are_none_are_told_too() -> None:
    rollup = isofold.Rollup(SPEC)
    rollup.ingest([ROW])
    rows = rollup.rows().to_dicts()
    for load in (lambda given: isofold.Rollup.from_rows(SPEC, given), rollup.merge_rows):
        with pytest.raises(isofold.IngestError) as raised:
            load([*rows, 5])
        assert (raised.value.code, raised.value.path) == ("ingest.row", "rows[1]")


@pytest.mark.parametrize("key", [1, None, ("a", "b"), "\ud800", "k\udfff"])
def test_strict_takes_names_that_are_texts(key: Any) -> None:
    pd = pytest.importorskip("pandas")
    for data, path in (([ROW, {**ROW, key: 2}], "rows[1]"), (iter([{**ROW, key: 2}]), "rows[0]"), ({"ts": [1], "k": ["a"], key: [2]}, "")):
        assert isofold.Rollup(SPEC).ingest([ROW, {**ROW, key: 2}]) == 2
        error = refused(data, strict=True)
        assert (error.code, error.path) == ("ingest.column", path)
        assert error.message.startswith(f"the name of a column must be a text, {key!r} is ")
    if not isinstance(key, (str, tuple)):
        error = refused(pd.DataFrame([[1, "a", 2]], columns=["ts", "k", key]), strict=True)
        assert error.code == "ingest.column"


def test_strict_sees_the_names_of_every_form_of_rows() -> None:
    np = pytest.importorskip("numpy")
    wide = dataclasses.make_dataclass("wide", ["ts", "k", "extra"])
    for data in ([wide(1, "a", 2)], [namedtuple("row", "ts k extra")(1, "a", 2)], np.array([(1, "a", 2)], [("ts", "i8"), ("k", "U1"), ("extra", "i8")])):
        assert isofold.Rollup(SPEC).ingest(data) == 1
        assert refused(data, strict=True).path == "column.extra"


def test_what_a_model_takes_besides_its_fields_is_there() -> None:
    class Model:
        """As pydantic has it, of a model with `extra="allow"`."""

        model_fields = {"ts": None}

        def __init__(self, ts: int, **extra: Any) -> None:
            self.ts = ts
            self.__pydantic_extra__ = extra

    rollup = isofold.Rollup(SPEC)
    assert rollup.ingest([Model(1, k="b")], strict=True) == 1
    assert rollup.query().to_dicts()[0]["k"] == "b"
    assert refused([Model(1, k="b", other=1)], strict=True).path == "column.other"


def test_a_field_that_was_never_set_is_null() -> None:
    @dataclasses.dataclass
    class Row:
        ts: int
        k: str = dataclasses.field(init=False)

    rollup = isofold.Rollup(SPEC)
    assert rollup.ingest([Row(1)]) == 1
    assert rollup.query().to_dicts()[0]["k"] is None


@pytest.mark.parametrize("threads", [True, False, 1.0, "2", [1]])
def test_what_is_no_number_is_no_number_of_threads(threads: Any) -> None:
    error = refused([ROW], threads=threads)
    assert (error.code, error.path) == ("host.argument", "threads")


@pytest.mark.parametrize("count", [True, -1, 1.5, "9", 1 << 70])
def test_what_is_no_count_is_no_limit(count: Any) -> None:
    for make in (lambda: isofold.Rollup(SPEC, max_groups=count), lambda: isofold.Rollup.from_rows(SPEC, [], max_groups=count)):
        with pytest.raises(isofold.HostError) as raised:
            make()
        assert (raised.value.code, raised.value.path) == ("host.argument", "max_groups")


def test_frames_whose_names_do_not_tell_the_column_are_named() -> None:
    pd = pytest.importorskip("pandas")
    error = refused(pd.DataFrame([[1, 2, "a"]], columns=["ts", "ts", "k"]))
    assert (error.code, error.path, error.message) == ("ingest.column", "column.ts", "the column is given twice")
    assert isofold.Rollup(SPEC).ingest(pd.DataFrame([[1, "a", 2, 3]], columns=["ts", "k", "x", "x"])) == 1
    error = refused(pd.DataFrame([[1, "a"]], columns=pd.MultiIndex.from_tuples([("a", "ts"), ("a", "k")])))
    assert error.code == "ingest.column" and "2 levels, such as ('a', 'ts')" in error.message
    frame = pd.DataFrame([[1, 2]], columns=["x", "y"])
    assert refused({"ts": [1], "k": frame}).message == "a column must be a sequence of values, got a DataFrame"


class Exporter:
    def __init__(self, make: Any) -> None:
        self.make = make

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self.make()


class ArrayExporter:
    def __init__(self, make: Any) -> None:
        self.make = make

    def __arrow_c_array__(self, requested_schema: Any = None) -> Any:
        return self.make()


def test_a_bad_arrow_interface_is_told_with_its_cause() -> None:
    pa = pytest.importorskip("pyarrow")

    def fails() -> Any:
        raise RuntimeError("no rows today")

    for exporter in (Exporter, ArrayExporter):
        error = refused(exporter(fails))
        assert error.code == "host.argument" and "raised RuntimeError: no rows today" in error.message
        assert isinstance(error.__cause__, RuntimeError)
    swapped = pa.array([1]).__arrow_c_array__()[::-1]
    for data in (Exporter(lambda: 5), Exporter(lambda: swapped[0]), ArrayExporter(lambda: 5), ArrayExporter(lambda: (1,)), ArrayExporter(lambda: (1, 2)), ArrayExporter(lambda: swapped)):
        assert refused(data).code == "host.argument"
        assert refused({"ts": [1], "k": data}).code == "host.argument"
    own = isofold.SpecError("spec.name", "mine")

    def raises() -> Any:
        raise own

    assert refused(Exporter(raises)) is own

    def stops() -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match="nothing of this call was folded"):
        isofold.Rollup(SPEC).ingest(Exporter(stops))


BERLIN: dict[str, Any] = {**SPEC, "columns": {"ts": "timestamp[ms]"}, "group_by": [], "bucket": {"width": "1 day", "timezone": "Europe/Berlin"}}


def naive() -> list[Any]:
    np, pa, pd = pytest.importorskip("numpy"), pytest.importorskip("pyarrow"), pytest.importorskip("pandas")
    when = datetime(2026, 7, 1, 0, 30)
    arrays = [np.array(["2026-07-01T00:30"], f"M8[{unit}]") for unit in ("s", "ms", "us", "ns", "m")]
    frames = [pd.Series([when]), pd.DataFrame({"ts": [when]})["ts"], pd.Series([when], dtype="timestamp[us][pyarrow]")]
    single = [[when], [when.date()], [None, when], [pd.Timestamp(when)], [np.datetime64(when)], ["2026-07-01T00:30"], ["2026-07-01"]]
    return [*arrays, *frames, *single, pa.array([when]), pa.array([when], pa.timestamp("ns")), pa.array([when.date()]), pa.chunked_array([[when]])]


def test_naive_times_of_every_kind_need_a_clock_under_buckets_of_a_zone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pa = pytest.importorskip("pyarrow")
    remedy = '{"type": "timestamp[ms]", "timezone": "Europe/Berlin"} (or "UTC")'
    for values in naive():
        row = len(values) - 1
        error = refused({"ts": values}, BERLIN)
        assert (error.code, error.path) == ("ingest.time", f"column.ts[{row}]"), values
        assert remedy in error.message and "has no zone" in error.message
        said = {**BERLIN, "columns": {"ts": {"type": "timestamp[ms]", "timezone": "Europe/Berlin"}}}
        rollup = isofold.Rollup(said)
        assert rollup.ingest({"ts": values[row:]}) == 1
        assert rollup.query().to_dicts()[0]["bucket"] == datetime(2026, 6, 30, 22, tzinfo=timezone.utc)
    when = datetime(2026, 7, 1, tzinfo=timezone.utc)
    for values in ([when], pa.array([when], pa.timestamp("us", "UTC")), [1782864000000], [1782864000000.0], ["2026-07-01T00:00:00Z"], ["1782864000000"]):
        assert isofold.Rollup(BERLIN).ingest({"ts": values}) == 1
    (tmp_path / "spec.json").write_text(json.dumps(BERLIN), encoding="utf-8")
    table = pa.table({"ts": pa.array([when.replace(tzinfo=None)])})
    pytest.importorskip("pyarrow.parquet").write_table(table, tmp_path / "a.parquet")
    with pa.OSFile(str(tmp_path / "a.arrow"), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write(table)
    (tmp_path / "a.csv").write_text("ts\n2026-07-01 00:30\n", encoding="utf-8")
    (tmp_path / "a.ndjson").write_text('{"ts": "2026-07-01"}\n', encoding="utf-8")
    for kind in ("parquet", "arrow", "csv", "ndjson"):
        assert main(["fold", str(tmp_path / f"a.{kind}"), "--spec", str(tmp_path / "spec.json"), "-o", str(tmp_path / "out")]) == 1
        told = capsys.readouterr().err
        assert told.startswith("isofold: ingest.time: ") and remedy in told


def fold(folder: Path, name: str, text: str, *words: str) -> int:
    (folder / "spec.json").write_text(json.dumps(SPEC), encoding="utf-8")
    (folder / name).write_text(text, encoding="utf-8")
    return main(["fold", str(folder / name), "--spec", str(folder / "spec.json"), "-o", str(folder / "out"), "--json", *words])


BROKEN = {
    "a.csv": ("ts,k\n1,a\n2\n3,b,c\n\n4,\"x\"y\n5,\"a\nb\"\n6,b\n", 3, 3, "line 3 of a.csv has 1 fields, its header 2"),
    "a.ndjson": ('{"ts":1,"k":"a"}\n\n{oops\n[1]\n"x"\n7\nnull\n{"ts":2,"k":"a"}\n', 2, 5, "line 3 of a.ndjson is not JSON"),
    "a.json": ('[{"ts":1,"k":"a"}, 5, {"ts":2,"k":"a"}]', 2, 1, "line 1 of a.json: a row must be a mapping or an object"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_lines_that_cannot_be_read_are_rows_problems(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text, rows, skipped, words = BROKEN[name]
    words = words.replace(name, str(tmp_path / name))
    assert fold(tmp_path, name, text) == 1
    assert capsys.readouterr().err.startswith(f"isofold: ingest.row: {words}")
    assert fold(tmp_path, name, text, "--on-row-error", "skip") == 0
    told = capsys.readouterr()
    assert json.loads(told.out)[0]["rows"] == rows and json.loads(told.out)[0]["skipped"] == skipped
    assert told.err.startswith(f"isofold: {skipped} rows are left out for ingest.row, the first: {words}")


@pytest.mark.parametrize("text", ["ts,k\n1,\"a\n2,b\n3,c\n", "ts,k\n1,\"a\n2,b\n3,\"c\n4,d\n"])
def test_a_quote_that_takes_in_other_lines_is_not_left_out(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fold(tmp_path, "q.csv", text, "--on-row-error", "skip") == 1
    assert capsys.readouterr().err.startswith(f"isofold: host.argument: {tmp_path / 'q.csv'}: a quote of line 2 is not closed in it and takes in the lines up to 4: ")
    assert not (tmp_path / "out").exists()
