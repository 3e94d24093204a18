"""What may be folded: keys that rows lack, options of ingest, and every kind of rows and tables."""

from __future__ import annotations

import dataclasses
from collections import UserDict, namedtuple
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from samples import SPEC, columns, folded, rows

import isofold

SMALL: dict[str, Any] = {
    "name": "small",
    "columns": {"ts": "timestamp[s]", "duration_ms": "float64", "note": {"type": "string", "optional": True}},
    "time": "ts",
    "bucket": "1 hour",
    "select": {"n": "count(*)", "total": "sum(duration_ms)", "notes": "count(note)"},
}


def refused(data: Any, spec: Any = SMALL, **options: Any) -> tuple[str, str, str]:
    rollup = isofold.Rollup(spec)
    with pytest.raises(isofold.Error) as raised:
        rollup.ingest(data, **options)
    assert len(rollup) == 0
    return raised.value.code, raised.value.path, raised.value.message


def small(*batches: Any, **options: Any) -> isofold.Rollup:
    rollup = isofold.Rollup(SMALL)
    for batch in batches:
        rollup.ingest(batch, **options)
    return rollup


def test_a_key_that_a_row_lacks_is_null_whatever_the_batches() -> None:
    full, bare = {"ts": 1, "duration_ms": 2.5, "note": "a"}, {"ts": 2}
    wanted = small([full, {**bare, "duration_ms": None, "note": None}]).digest()
    for batches in ([[full, bare]], [[full], [bare]], [[bare], [full]], [iter([bare, full])]):
        assert small(*batches).digest() == wanted
    many = [full] * 70_000 + [bare] * 70_000
    assert small(many).digest() == small(many[::-1]).digest() == small(iter(many)).digest()


@pytest.mark.parametrize("typed", ["durationMs", "Duration_MS", "duration-ms", "DURATIONMS"])
def test_a_typing_error_is_no_null(typed: str) -> None:
    words = f"no row has duration_ms, but rows have {typed}, which is not declared"
    assert refused([{"ts": 1, typed: 2.0}] * 3) == ("ingest.column", "column.duration_ms", words)
    assert refused([{"TS": 1, typed: 2.0}] * 3) == ("ingest.column", "column.ts", "no row has ts, but rows have TS, which is not declared")
    assert refused(iter([{"ts": 1}, {"ts": 1, typed: 2.0}])) == ("ingest.column", "column.duration_ms", words)
    assert small([{"ts": 1, typed: 2.0}, {"ts": 1, "duration_ms": 3.0}]).query().to_dicts()[0]["total"] == 3.0


def test_strict_refuses_other_keys_and_columns_that_no_row_has() -> None:
    row = {"ts": 1, "duration_ms": 2.0}
    assert len(small([row], strict=True)) == 1
    other = refused([{**row, "extra": 1}], strict=True)
    assert other == ("ingest.column", "column.extra", "the column extra is not declared, declared are duration_ms, note, ts")
    absent = "no row has duration_ms, they have ts"
    assert refused([{"ts": 1}], strict=True) == ("ingest.column", "column.duration_ms", absent)
    assert refused([{"ts": 1}], strict="columns") == ("ingest.column", "column.duration_ms", absent)
    assert len(small([{**row, "extra": 1}], strict="columns")) == 1
    assert len(small([{"ts": 1, "duration_ms": None}], strict=True)) == 1
    assert refused({"ts": [1], "duration_ms": [2.0], "extra": [1]}, strict=True)[:2] == ("ingest.column", "column.extra")
    pa = pytest.importorskip("pyarrow")
    table = pa.table({"ts": [1], "duration_ms": [2.0], "extra": [1]})
    assert refused(table, strict=True)[:2] == ("ingest.column", "column.extra")
    assert len(small(table.drop(["extra"]), strict=True)) == 1
    for wrong in ({"strict": "all"}, {"strict": 1}, {"on_row_error": "raise"}, {"on_row_error": True}):
        assert refused([row], **wrong)[0] == "host.argument"


def test_columns_and_tables_have_what_is_declared_unless_it_is_optional() -> None:
    pa, pd = pytest.importorskip("pyarrow"), pytest.importorskip("pandas")
    wanted = small([{"ts": 1, "duration_ms": 2.0}]).digest()
    here = {"ts": [1], "duration_ms": [2.0]}
    for data in (here, pa.table(here), pd.DataFrame(here)):
        assert small(data).digest() == wanted
    there = {"ts": [1], "durationMs": [2.0], "other": [3]}
    for data in (there, pa.table(there), pd.DataFrame(there)):
        words = "the batch has no column duration_ms, it has ts, durationMs, other"
        assert refused(data) == ("ingest.column", "column.duration_ms", words)


def test_specs_that_differ_in_how_columns_are_read_merge() -> None:
    plain = {**SMALL, "columns": {"ts": "timestamp[ms]", "duration_ms": "float64", "note": "string"}}
    zoned = {**plain, "columns": {**plain["columns"], "ts": {"type": "timestamp", "timezone": "Asia/Tokyo"}}}
    one = small([{"ts": 1, "duration_ms": 2.0}])
    for spec in (plain, zoned):
        other = isofold.Rollup(spec)
        other.ingest([{"ts": "1970-01-01T00:00:01Z", "duration_ms": 3.0}])
        one.merge(other)
        one.merge(other.encode())
        assert isofold.Rollup.decode(other.encode()).spec == other.spec == isofold.Rollup(other.spec).spec
    assert one.query().to_dicts()[0]["total"] == 14.0
    assert one.spec["columns"]["note"] == {"type": "string", "optional": True}


def test_every_kind_of_row() -> None:
    given = [{name: row[name] for name in SPEC["columns"]} for row in rows(40)]
    wanted = folded(given).digest()
    names = list(SPEC["columns"])
    named = namedtuple("named", names)  # type: ignore[misc]
    data = dataclasses.make_dataclass("data", names)
    kinds: list[Any] = [lambda row: named(**row), lambda row: data(**row), UserDict]
    try:
        from pydantic import create_model

        fields: Any = {name: (Any, None) for name in names}
        model = create_model("model", **fields)
        kinds.append(lambda row: model(**row))
    except ImportError:
        pass
    for kind in kinds:
        made = [kind(row) for row in given]
        assert folded(made).digest() == folded(iter(made)).digest() == folded(tuple(made)).digest() == wanted
        assert folded([{**given[0]}, *made[1:]]).digest() == wanted
    assert folded(row for row in given).digest() == wanted
    short = dataclasses.make_dataclass("short", ["ts", "durationMs"])
    assert refused([short(1, 2.0)])[1] == "column.duration_ms"


def test_what_is_no_rows_is_told_what_to_do() -> None:
    named = namedtuple("named", ["ts"])
    for single in ({"ts": 1, "duration_ms": 2.0}, {"ts": "1", "duration_ms": None}, {"ts": datetime.now(), "duration_ms": 1}):
        code, _, words = refused(single)
        assert code == "host.argument" and words.startswith("a column must be a sequence") and words.endswith("one row is wrapped in a list")
    assert refused(named(1))[2] == "a named is one row: wrap it in a list"
    for data in ("rows.csv", b"rows", 5, None, SimpleNamespace(ts=1)):
        assert "a table with an Arrow interface, a mapping of columns or rows" in refused(data)[2]
    assert refused([SimpleNamespace(ts=1)])[2] == "a row must be a mapping or an object, of names and values, got a SimpleNamespace"

    async def coming() -> Any:
        yield {"ts": 1}

    assert "asynchronously" in refused(coming())[2]
    pl = pytest.importorskip("polars")
    assert "collect()" in refused(pl.DataFrame(columns()).lazy(), SPEC)[2]


def test_tables_one_after_the_other(tmp_path: Any, digest: str) -> None:
    pa, pl, pd = pytest.importorskip("pyarrow"), pytest.importorskip("polars"), pytest.importorskip("pandas")
    dataset: Any = pytest.importorskip("pyarrow.dataset")
    parquet: Any = pytest.importorskip("pyarrow.parquet")
    types = {"ts": pa.timestamp("us", tz="UTC"), "tokens": pa.int64(), "ms": pa.float64(), "ok": pa.bool_()}
    table = pa.table({name: pa.array(column, types.get(name)) for name, column in columns().items()})
    assert folded(iter(table.to_batches(max_chunksize=50))).digest() == digest
    assert folded(table.to_batches(max_chunksize=50)).digest() == digest
    parquet.write_table(table, tmp_path / "rows.parquet", row_group_size=100)
    source = dataset.dataset(tmp_path / "rows.parquet")
    assert folded(source).digest() == folded(source.scanner()).digest() == digest
    frame = pl.DataFrame(columns())
    assert folded(iter([frame[:100], frame[100:]])).digest() == digest
    frames = [pd.DataFrame({name: column[at : at + 250] for name, column in columns().items()}) for at in (0, 250)]
    assert sum(isofold.Rollup(SPEC).ingest([one]) for one in frames) == 500
    rollup = isofold.Rollup(SPEC)
    with pytest.raises(isofold.HostError, match="a table is expected after tables, got an int"):
        rollup.ingest(iter([frame, 5]))
    assert len(rollup) == 0


def test_an_iterator_that_raises_changes_nothing() -> None:
    rollup = small([{"ts": 1, "duration_ms": 2.0}])
    before = rollup.digest()

    def failing() -> Iterator[Any]:
        for _ in range(100_000):
            yield {"ts": 1, "duration_ms": 2.0}
        raise LookupError("the connection is gone")

    with pytest.raises(LookupError, match="the connection is gone"):
        rollup.ingest(failing())
    with pytest.raises(isofold.IngestError) as raised:
        rollup.ingest({"ts": at, "duration_ms": "x" if at == 90_000 else 1.0} for at in range(100_000))
    assert raised.value.path == "column.duration_ms[90000]"
    assert rollup.digest() == before


def test_rows_that_do_not_fit_may_be_skipped_and_are_counted() -> None:
    good = [{"ts": at, "duration_ms": float(at)} for at in range(100_000)]
    bad: list[Any] = list(good)
    for at in (7, 70_000, 99_999):
        bad[at] = {"ts": at, "duration_ms": "seven"}
    bad[8] = {"ts": None, "duration_ms": 1.0}
    bad[9] = {"ts": "yesterday", "duration_ms": "x"}
    kept = [row for at, row in enumerate(good) if at not in (7, 8, 9, 70_000, 99_999)]
    for given in (bad, iter(bad), {"ts": [row["ts"] for row in bad], "duration_ms": [row["duration_ms"] for row in bad]}):
        for threads in (1, 2):
            rollup = isofold.Rollup(SMALL)
            report = rollup.ingest(given, on_row_error="skip", threads=threads)
            if not report["rows"]:  # an iterator that the first of both has read
                continue
            assert (report["rows"], report["skipped"]) == (99_995, 5)
            assert {code: problems["count"] for code, problems in report["errors"].items()} == {"ingest.type": 4, "ingest.time": 1}
            first = report["errors"]["ingest.type"]["first"]
            assert [row["row"] for row in first] == [7, 9, 70_000, 99_999]
            assert first[0] == {"row": 7, "path": "column.duration_ms[7]", "message": '"seven" is not a float64'}
            assert rollup.digest() == small(kept).digest()
    assert small([]).ingest([], on_row_error="skip") == {"rows": 0, "skipped": 0, "errors": {}}
    all_bad = isofold.Rollup(SMALL).ingest([{"ts": "x", "duration_ms": 1.0}] * 5000, on_row_error="skip")
    assert all_bad["skipped"] == 5000 and len(all_bad["errors"]["ingest.time"]["first"]) == 10
    # what is wrong with the call is no row's problem
    assert refused({"ts": [1]}, on_row_error="skip")[0] == "ingest.column"
    assert refused([{"ts": 1, "durationMs": 1.0}], on_row_error="skip")[0] == "ingest.column"
    few = isofold.Rollup(SMALL, max_groups=1)
    with pytest.raises(isofold.LimitError):
        few.ingest([{"ts": at * 3600, "duration_ms": 1.0} for at in range(3)], on_row_error="skip")


def test_skipping_an_expression_that_fails_for_a_row() -> None:
    spec = {**SMALL, "columns": {"ts": "timestamp[s]", "x": "int64"}, "select": {"n": "count(*)", "twice": "sum(x * 2)"}}
    rollup = isofold.Rollup(spec)
    report = rollup.ingest([{"ts": 1, "x": 2**62}, {"ts": 1, "x": 4}], on_row_error="skip")
    assert (report["rows"], list(report["errors"])) == (1, ["expr.overflow"])
    assert rollup.query().to_dicts()[0]["twice"] == 8


NEW_YORK: dict[str, Any] = {
    "name": "local",
    "columns": {"ts": {"type": "timestamp", "timezone": "America/New_York"}},
    "time": "ts",
    "bucket": "1 minute",
    "select": {"n": "count(*)"},
}


def instants(spec: Any, data: Any) -> list[str]:
    rollup = isofold.Rollup(spec)
    rollup.ingest(data)
    return [row["bucket"].astimezone(timezone.utc).strftime("%m-%dT%H:%M") for row in rollup.query().to_dicts()]


def test_naive_times_are_read_off_the_clocks_of_the_column() -> None:
    np, pa, pd = pytest.importorskip("numpy"), pytest.importorskip("pyarrow"), pytest.importorskip("pandas")
    pl = pytest.importorskip("polars")
    # before, in and after the gap; before, in and after the overlap: as PostgreSQL reads them
    naive = ["2026-03-08T01:59", "2026-03-08T02:30", "2026-03-08T03:00", "2026-11-01T00:59", "2026-11-01T01:30", "2026-11-01T02:00"]
    right = ["03-08T06:59", "03-08T07:30", "03-08T07:00", "11-01T04:59", "11-01T06:30", "11-01T07:00"]
    times = [datetime.fromisoformat(text) for text in naive]
    given = [
        naive,
        times,
        pa.array(times, pa.timestamp("s")),
        pa.array(times, pa.timestamp("ns")),
        np.array(naive, "M8[ns]"),
        np.array(naive, "M8[m]"),
        np.array(naive, ">M8[us]"),
        pd.Series(times),
        pl.Series(times),
        [pd.Timestamp(time) for time in times],
        [np.datetime64(time) for time in times],
    ]
    for values in given:
        assert instants(NEW_YORK, {"ts": values}) == sorted(right)
    aware = [time.replace(tzinfo=timezone.utc) for time in times]
    utc = sorted(text[5:] for text in naive)
    for values in (aware, pa.array(aware, pa.timestamp("us", tz="Asia/Tokyo")), pd.Series(aware), [text + "Z" for text in naive]):
        assert instants(NEW_YORK, {"ts": values}) == utc
    in_utc = {**NEW_YORK, "columns": {"ts": {"type": "timestamp", "timezone": "UTC"}}}
    assert instants(in_utc, {"ts": naive}) == instants({**NEW_YORK, "columns": {"ts": "timestamp"}}, {"ts": times}) == utc
    day = [datetime(2026, 7, 1).date()]
    for values in (day, ["2026-07-01"], pa.array(day), np.array(day, "M8[D]")):
        assert instants(NEW_YORK, {"ts": values}) == ["07-01T04:00"]


def test_naive_texts_under_buckets_of_a_zone_need_one() -> None:
    spec = {**NEW_YORK, "columns": {"ts": "timestamp"}, "bucket": {"width": "1 day", "timezone": "Europe/Berlin"}}
    code, path, words = refused([{"ts": "2026-07-01T00:30:00"}], spec)
    assert (code, path) == ("ingest.time", "column.ts[0]")
    assert '{"type": "timestamp", "timezone": "Europe/Berlin"}' in words
    for zone, day in (("Europe/Berlin", "06-30T22:00"), ("UTC", "06-30T22:00"), ("America/New_York", "06-30T22:00")):
        told = {**spec, "columns": {"ts": {"type": "timestamp", "timezone": zone}}}
        assert instants(told, [{"ts": "2026-07-01T00:30:00"}]) == [day]
    assert instants(spec, [{"ts": "2026-07-01T00:30:00Z"}, {"ts": datetime(2026, 7, 1, tzinfo=timezone.utc)}]) == ["06-30T22:00"]


@pytest.mark.parametrize("order", ["<", ">"])
def test_numpy_times_of_every_unit_are_instants(order: str) -> None:
    np: Any = pytest.importorskip("numpy")
    spec = {**NEW_YORK, "columns": {"ts": "timestamp[s]"}, "bucket": "1 day"}
    units = "Y M 5M W D h m s ms us ns 2Y 3D 15m 10us 100ns 25s ps 7ps fs as".split()
    for unit in units:
        zero = np.array([0, 1, 7, -1, 1_000], "i8")
        times = zero.astype("i8").view(f"M8[{unit}]").astype(f"{order}M8[{unit}]")
        right = sorted({str(day) for day in times.astype("M8[us]").astype("M8[D]")})
        for values in (times, times[::-1], list(times)):
            rollup = isofold.Rollup(spec)
            rollup.ingest({"ts": values})
            days = sorted(row["bucket"].strftime("%Y-%m-%d") for row in rollup.query().to_dicts())
            assert days == right, unit
    nothing = np.array(["NaT"], f"{order}M8[15m]")
    assert refused({"ts": nothing}, spec)[0] == "ingest.time"
    for unit in ("Y", "ms", "M"):
        assert refused({"ts": np.array([2**62], "i8").view(f"M8[{unit}]")}, spec)[:2] == ("ingest.time", "column.ts[0]")
    lengths = np.array([1, 2], f"{order}m8[s]")
    assert refused({"ts": lengths}, spec) == ("ingest.type", "column.ts[0]", "a timedelta64 is not a timestamp")
    assert refused([{"ts": lengths[0]}], spec)[2] == "a timedelta64 is not a timestamp"
    assert refused({"ts": [timedelta(1)]}, spec)[2] == "a timedelta is not a timestamp"
    pd: Any = pytest.importorskip("pandas")
    assert refused({"ts": pd.Series(lengths.astype("<m8[s]"))}, spec)[2] == "a timedelta64 is not a timestamp"
    integers = np.array([1, -2, 300], f"{order}i4")
    assert small({"ts": integers, "duration_ms": integers.astype(f"{order}f8")}).digest() == small({"ts": [1, -2, 300], "duration_ms": [1.0, -2.0, 300.0]}).digest()


def test_structured_arrays_and_subclasses_of_frames() -> None:
    np, pd = pytest.importorskip("numpy"), pytest.importorskip("pandas")
    array = np.array([(1, 2.5, 7), (2, np.nan, 8)], [("ts", "i4"), ("duration_ms", "f8"), ("extra", "u1")])
    wanted = small({"ts": [1, 2], "duration_ms": [2.5, float("nan")]}).digest()
    assert small(array).digest() == small(array[::-1]).digest() == small(array.view(np.recarray)).digest() == wanted
    assert refused(array, strict=True)[1] == "column.extra"

    class Frame(pd.DataFrame):  # type: ignore[misc]
        pass

    frame = pd.DataFrame({"ts": [1, 2], "duration_ms": [2.5, np.nan]})
    assert small(Frame(frame)).digest() == small(frame).digest() == wanted
    assert small(Frame(frame)).stats()["nan"] == small(frame).stats()["nan"] == {"duration_ms": 1}
