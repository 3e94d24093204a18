"""The same rows give the same bytes, whichever library holds them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timezone
from decimal import Decimal
from typing import Any

import pytest
from samples import SPEC, columns, folded, rows

import isofold


def of_pyarrow(pa: Any) -> Any:
    return pa.table(
        {
            "ts": pa.array(columns()["ts"], pa.timestamp("us", tz="UTC")),
            "model": pa.array(columns()["model"]),
            "tokens": pa.array(columns()["tokens"]),
            "ms": pa.array(columns()["ms"]),
            "ok": pa.array(columns()["ok"]),
            "price": pa.array([1] * 500, pa.decimal128(10, 2)),
        }
    )


PYARROW: dict[str, Callable[[Any, Any], Any]] = {
    "as it is": lambda pa, t: t,
    "many chunks": lambda pa, t: pa.concat_tables([t.slice(i, 7) for i in range(0, 500, 7)]),
    "a reader": lambda pa, t: t.to_reader(max_chunksize=50),
    "one batch": lambda pa, t: t.combine_chunks().to_batches()[0],
    "a slice of a larger one": lambda pa, t: pa.concat_tables([t, t]).combine_chunks().slice(250, 500),
    "dictionaries": lambda pa, t: t.set_column(1, "model", t["model"].dictionary_encode()),
    "large strings": lambda pa, t: t.set_column(1, "model", t["model"].cast(pa.large_string())),
    "string views": lambda pa, t: t.set_column(1, "model", t["model"].cast(pa.string_view())),
    "narrow integers": lambda pa, t: t.set_column(2, "tokens", t["tokens"].cast(pa.int16())),
    "unsigned integers": lambda pa, t: t.set_column(2, "tokens", t["tokens"].cast(pa.uint64())),
    "whole doubles": lambda pa, t: t.set_column(2, "tokens", t["tokens"].cast(pa.float64())),
    "single floats": lambda pa, t: t.set_column(3, "ms", t["ms"].cast(pa.float32())),
    "half floats": lambda pa, t: t.set_column(3, "ms", t["ms"].cast(pa.float16())),
    "nanoseconds": lambda pa, t: t.set_column(0, "ts", t["ts"].cast(pa.timestamp("ns", tz="UTC"))),
    "no zone": lambda pa, t: t.set_column(0, "ts", t["ts"].cast(pa.timestamp("us"))),
    "another zone": lambda pa, t: t.set_column(0, "ts", t["ts"].cast(pa.timestamp("us", tz="Asia/Amman"))),
}


@pytest.mark.parametrize("shape", PYARROW)
def test_pyarrow(shape: str, digest: str) -> None:
    pa = pytest.importorskip("pyarrow")
    if shape == "string views" and int(pa.__version__.split(".")[0]) < 22:
        pytest.skip(f"pyarrow {pa.__version__} crashes when it exports string views, with itself as the reader too")
    assert folded(PYARROW[shape](pa, of_pyarrow(pa))).digest() == digest


def test_pyarrow_types_the_kernel_never_takes_are_named() -> None:
    pa = pytest.importorskip("pyarrow")
    table = of_pyarrow(pa).drop(["ms"]).append_column("ms", pa.array([b"1"] * 500, pa.binary()))
    with pytest.raises(isofold.IngestError, match=r"Binary is not a float64 \(column.ms\[0\]\)"):
        folded(table)
    with pytest.raises(isofold.HostError, match="a table must have columns"):
        folded(pa.array([1, 2]))


def test_decimals_are_the_nearest_doubles() -> None:
    pa, pl = pytest.importorskip("pyarrow"), pytest.importorskip("polars")
    values = [None if i % 13 == 0 else Decimal(i * i - 2000) / 1000 for i in range(500)]
    doubles = folded({**columns(), "ms": [None if v is None else float(v) for v in values]}).digest()
    given: list[Any] = [values, pl.Series(values, dtype=pl.Decimal(20, 3)), pa.array(values, pa.decimal128(38, 10))]
    given += [pa.array(values, pa.decimal256(70, 30)), pa.array(values, pa.decimal256(76, 60))]
    for column in given:
        assert folded({**columns(), "ms": column}).digest() == doubles
    assert folded([{**row, "ms": value} for row, value in zip(rows(), values)]).digest() == doubles
    table = of_pyarrow(pa)
    for kind in (pa.decimal32(9, 3), pa.decimal64(18, 3), pa.decimal128(20, 3)) if hasattr(pa, "decimal32") else ():
        assert folded(table.set_column(3, "ms", pa.array(values, kind))).digest() == doubles
    words = [Decimal(word) for word in ("NaN", "Infinity", "-Infinity", "1E+400", "-0", "1e-400")]
    both = [folded({name: column[:6] for name, column in columns().items()} | {"ms": ms})
            for ms in (words, [float(word) for word in words])]
    assert both[0].digest() == both[1].digest() and both[0].stats()["nan"] == both[1].stats()["nan"]


def test_dates_are_midnights() -> None:
    pa = pytest.importorskip("pyarrow")
    days = [row["ts"].date() for row in rows()]
    midnights = folded({**columns(), "ts": [day.isoformat() for day in days]}).digest()
    for kind in (pa.date32(), pa.date64()):
        assert folded({**columns(), "ts": pa.array(days, kind)}).digest() == midnights
    assert folded({**columns(), "ts": days}).digest() == midnights


def test_polars(digest: str) -> None:
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame(columns())
    assert folded(frame).digest() == digest
    assert folded(frame.with_columns(pl.col("model").cast(pl.Categorical))).digest() == digest
    assert folded(pl.concat([frame[:100], frame[100:]], rechunk=False)).digest() == digest
    assert folded({name: frame[name] for name in frame.columns}).digest() == digest


def test_pandas(digest: str) -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(columns()).astype({"ok": "object"})
    # a missing float of pandas is NaN, and NaN is counted
    frame["ms"] = frame["ms"].astype("Float64")
    assert folded(frame).digest() == digest
    assert folded(frame.astype({"model": "category"})).digest() == digest
    assert folded(frame.astype({"model": "object", "tokens": "Int64", "ok": "boolean"})).digest() == digest
    assert folded(frame.convert_dtypes(dtype_backend="pyarrow")).digest() == digest
    assert folded(frame.astype({"model": "string[python]"})).digest() == digest
    assert folded(frame.sample(frac=1, random_state=7)).digest() == digest
    zoned = frame.assign(ts=frame["ts"].dt.tz_convert("Europe/Berlin"))
    assert folded(zoned).digest() == digest
    naive = frame.assign(ts=frame["ts"].dt.tz_localize(None))
    assert folded(naive).digest() == digest


def test_a_nan_of_pandas_is_missing_and_counted() -> None:
    pd = pytest.importorskip("pandas")
    plain = folded(pd.DataFrame(columns()).astype({"ok": "object"}))
    missing = sum(row["ms"] is None for row in rows())
    assert plain.stats()["nan"] == {"ms": missing}
    assert plain.query().to_dicts() == folded(rows()).query().to_dicts()


def test_missing_times_of_pandas_are_null() -> None:
    pd = pytest.importorskip("pandas")
    spec = {**SPEC, "select": {"first_ts": "min(seen)"}, "columns": {**SPEC["columns"], "seen": "timestamp"}}
    rollup = isofold.Rollup(spec)
    some = rows(3)
    frame = pd.DataFrame(some).astype({"ok": "object"}).assign(seen=pd.to_datetime([None, some[1]["ts"], None]))
    rollup.ingest(frame)
    rollup.ingest([{**row, "seen": pd.NaT} for row in some])
    result = rollup.query(group_by=[]).to_dicts()
    assert [row["first_ts"] for row in result] == [some[1]["ts"]]


def test_duckdb(digest: str) -> None:
    duckdb = pytest.importorskip("duckdb")
    pa = pytest.importorskip("pyarrow")
    table = of_pyarrow(pa)
    relation = duckdb.from_arrow(table)
    assert folded(relation).digest() == digest
    assert folded(relation.order("ms, tokens")).digest() == digest


def test_numpy(digest: str) -> None:
    np = pytest.importorskip("numpy")
    some = columns()
    arrays = {
        **some,
        "ts": np.array([time.astimezone(timezone.utc).replace(tzinfo=None) for time in some["ts"]], "datetime64[us]"),
        "model": np.array(some["model"], object),
    }
    assert folded(arrays).digest() == digest
    whole = {**some, "tokens": list(range(500)), "ms": [float(i) for i in range(500)], "ok": [True] * 500}
    expected = folded(whole).digest()
    for integers in ("i2", "i4", "i8", "u2", "u4", "u8", "f4", "f8", ">i4"):
        for floats in ("f2", "f4", "f8", "i4"):
            backwards = np.arange(499, -1, -1)
            arrays = {
                **whole,
                "tokens": np.arange(500).astype(integers),
                "ms": backwards.astype(floats)[::-1],
                "ok": np.ones(500, bool),
            }
            assert folded(arrays).digest() == expected, (integers, floats)
    masked = np.ma.masked_array(np.arange(500), [i % 7 == 0 for i in range(500)])
    nulled = [None if i % 7 == 0 else i for i in range(500)]
    assert folded({**whole, "tokens": masked}).digest() == folded({**whole, "tokens": nulled}).digest()


def test_numpy_scalars_in_rows(digest: str) -> None:
    np = pytest.importorskip("numpy")
    wrap: dict[type, Callable[[Any], Any]] = {int: np.int64, float: np.float64, bool: np.bool_, str: np.str_}

    def wrapped(value: Any) -> Any:
        return wrap.get(type(value), lambda same: same)(value)

    assert folded([{name: wrapped(value) for name, value in row.items()} for row in rows()]).digest() == digest
    when = np.datetime64("2026-11-01T00:00:00.123456789", "ns")
    assert folded([{**rows(1)[0], "ts": when}]).digest() == folded([{**rows(1)[0], "ts": str(when)}]).digest()


def test_rows_and_columns(digest: str) -> None:
    assert folded(columns()).digest() == digest
    assert folded({name: tuple(values) for name, values in columns().items()}).digest() == digest
    assert folded(iter(rows())).digest() == digest
    assert folded([{k: v for k, v in row.items() if v is not None} for row in rows()]).digest() == digest
    texts = [{**row, "ts": row["ts"].isoformat()} for row in rows()]
    assert folded(texts).digest() == digest
    naive = [{**row, "ts": row["ts"].replace(tzinfo=None)} for row in rows()]
    assert folded(naive).digest() == digest


def test_rows_of_sqlite(digest: str) -> None:
    import sqlite3

    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    connection.execute("create table requests (ts text, model text, tokens integer, ms real, ok integer)")
    values = [(row["ts"].isoformat(), row["model"], row["tokens"], row["ms"], row["ok"]) for row in rows()]
    connection.executemany("insert into requests values (?, ?, ?, ?, ?)", values)
    assert folded(connection.execute("select * from requests").fetchall()).digest() == digest


def test_threads_do_not_change_the_bytes() -> None:
    many = columns(100_000)
    expected = folded(many, threads=1).digest()
    assert folded(many, threads=4).digest() == expected
    assert folded(many).digest() == expected


def test_no_rows_fit_every_spec() -> None:
    empty = isofold.Rollup(SPEC).digest()
    assert folded([]).digest() == empty
    assert folded({name: [] for name in SPEC["columns"]}).digest() == empty
