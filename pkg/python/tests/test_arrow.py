"""Arrow from strangers: what is used is looked at first, and nothing that is wrong changes a rollup."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import c_arrow
import pytest
from c_arrow import Column, Stream, int64, table, texts, views

import isofold

SPEC = {
    "name": "r", "columns": {"ts": "timestamp[us]", "k": "string", "v": "int64"}, "time": "ts", "bucket": "1 hour",
    "group_by": ["k"], "select": {"n": "count(*)", "s": "sum(v)"},
}
THREE = [0, 1, 2]


def rollup() -> isofold.Rollup:
    made = isofold.Rollup(SPEC)
    made.ingest([{"ts": 0, "k": "there", "v": 1}])
    return made


def answer(made: isofold.Rollup) -> dict[Any, Any]:
    return {row["k"]: row["s"] for row in made.query().to_dicts() if row["k"] != "there"}


def of_keys(keys: Column) -> Column:
    return table(3, ts=int64(THREE), k=keys, v=int64([1, 2, 3]))


def codes(format: str, kind: str, values: list[int], valid: bytes | None = None, **fields: Any) -> Column:
    data = [valid, struct.pack(f"<{len(values)}{kind}", *values)]
    return Column(format, data, len(values), dictionary=texts(b"ab", [0, 1, 2]), **fields)


GOOD: dict[str, tuple[Callable[[], Any], dict[Any, Any]]] = {
    "texts": (lambda: of_keys(texts(b"abc", [0, 1, 2, 3])), {"a": 1, "b": 2, "c": 3}),
    "texts in the middle of a buffer": (lambda: of_keys(texts(b"xxab", [2, 3, 3, 4])), {"a": 1, "": 2, "b": 3}),
    "an offset": (lambda: of_keys(Column("u", [None, struct.pack("<5i", 0, 1, 2, 3, 4), b"zabc"], 3, offset=1)), {"a": 1, "b": 2, "c": 3}),
    "bytes of a NULL row that are no text": (
        lambda: of_keys(Column("u", [b"\5", struct.pack("<4i", 0, 1, 2, 3), b"a\xffc"], 3)), {"a": 1, None: 2, "c": 3}
    ),
    "views": (lambda: of_keys(views([b"a", (14, 0, 1), (14, 1, 0)], b"xfourteen bytes", b"fourteen bytes")), {"a": 1, "fourteen bytes": 5}),
    "codes of 64 bits": (lambda: of_keys(codes("l", "q", [0, 1, 0])), {"a": 4, "b": 2}),
    "codes of 8 bits": (lambda: of_keys(codes("C", "B", [0, 1, 0])), {"a": 4, "b": 2}),
    "a code of a NULL row that is none": (lambda: of_keys(codes("i", "i", [0, -7, 1], b"\5")), {"a": 1, None: 2, "b": 3}),
    "a wide code of a NULL row that is none": (lambda: of_keys(codes("L", "Q", [0, 1 << 63, 1], b"\5")), {"a": 1, None: 2, "b": 3}),
    "numbers that lie askew": (lambda: table(2, ts=int64([0, 1], misaligned=True), k=texts(b"ab", [0, 1, 2], misaligned=True), v=int64([1, 2], misaligned=True)), {"a": 1, "b": 2}),
    "a bitmap that the count of NULLs denies": (
        lambda: table(2, ts=int64([0, 1]), k=texts(b"ab", [0, 1, 2]), v=Column("l", [b"\1", struct.pack("<2q", 1, 2)], 2, null_count=0)), {"a": 1, "b": None}
    ),
    "undeclared columns of any kind": (
        lambda: table(1, ts=int64([0]), k=texts(b"a", [0, 1]), v=int64([1]), x=Column("nonsense", [], 7), y=Column("l", [], -5), z=texts(b"", [5, 0])), {"a": 1}
    ),
    "no rows": (lambda: table(0, ts=int64([]), k=Column("u", [None, None, None], 0), v=Column("l", [None, None], 0)), {}),
    "a window of a longer table": (
        lambda: Column("+s", [None], 1, offset=1, children=[int64(THREE, name=b"ts"), texts(b"abc", [0, 1, 2, 3], name=b"k"), int64([1, 2, 3], name=b"v")]), {"b": 2}
    ),
}


@pytest.mark.parametrize("what", GOOD)
def test_what_an_array_may_be_is_read(what: str) -> None:
    data, right = GOOD[what]
    made = rollup()
    made.ingest(data())
    assert answer(made) == right
    assert isofold.Rollup.decode(made.encode()).digest() == made.digest()


BAD: dict[str, tuple[Callable[[], Any], str, str]] = {
    "bytes that are no text": (lambda: of_keys(texts(b"a\xffc", [0, 1, 2, 3])), "ingest.text", "column.k[1]"),
    "half a character": (lambda: of_keys(texts("éé".encode(), [0, 2, 3, 4])), "ingest.text", "column.k[1]"),
    "large texts": (
        lambda: of_keys(Column("U", [None, struct.pack("<4q", 0, 1, 2, 3), b"ab\xff"], 3)), "ingest.text", "column.k[2]"
    ),
    "a negative offset": (lambda: of_keys(texts(b"abc", [0, -100_000_000, 2, 3])), "ingest.length", "column.k"),
    "offsets that fall": (lambda: of_keys(texts(b"abc", [0, 3, 1, 3])), "ingest.length", "column.k"),
    "an offset far out": (lambda: of_keys(texts(b"abc", [0, 1 << 30, 2, 3])), "ingest.length", "column.k"),
    "a wide offset far out": (
        lambda: of_keys(Column("U", [None, struct.pack("<4q", 0, 1 << 62, 2, 3), b"abc"], 3)), "ingest.length", "column.k"
    ),
    "a view out of its buffer": (lambda: of_keys(views([b"a", (100, 0, 1 << 30), b"b"], b"abc")), "ingest.length", "column.k[1]"),
    "a view that ends too late": (lambda: of_keys(views([b"a", b"b", (13, 0, 1)], b"x" * 13)), "ingest.length", "column.k[2]"),
    "a view of a buffer that is not there": (lambda: of_keys(views([(13, 1, 0), b"a", b"b"], b"x" * 13)), "ingest.length", "column.k[0]"),
    "a view of a negative buffer": (lambda: of_keys(views([(13, -1, 0), b"a", b"b"], b"x" * 13)), "ingest.length", "column.k[0]"),
    "a view of a negative length": (lambda: of_keys(views([(-1, 0, 0), b"a", b"b"])), "ingest.length", "column.k[0]"),
    "a view from a negative place": (lambda: of_keys(views([(13, 0, -1), b"a", b"b"], b"x" * 13)), "ingest.length", "column.k[0]"),
    "a view of bytes that are no text": (lambda: of_keys(views([b"\xff", b"a", b"b"])), "ingest.text", "column.k[0]"),
    "a buffer of views of a negative length": (
        lambda: of_keys(Column("vu", [None, bytes(48), b"x", struct.pack("<q", -1)], 3)), "host.argument", "column.k"
    ),
    "too few buffers of views": (lambda: of_keys(Column("vu", [None, bytes(48)], 3)), "host.argument", "column.k"),
    "a code past its dictionary": (lambda: of_keys(codes("l", "q", [0, 1, 2])), "ingest.length", "column.k[2]"),
    "a code of 2^32": (lambda: of_keys(codes("l", "q", [0, 1 << 32, 1])), "ingest.length", "column.k[1]"),
    "an unsigned code of 2^63": (lambda: of_keys(codes("L", "Q", [1 << 63, 1, 1])), "ingest.length", "column.k[0]"),
    "a negative code": (lambda: of_keys(codes("c", "b", [0, -1, 1])), "ingest.length", "column.k[1]"),
    "a negative code of 32 bits": (lambda: of_keys(codes("i", "i", [0, -1, 1])), "ingest.length", "column.k[1]"),
    "a code of 32 bits past its dictionary": (lambda: of_keys(codes("I", "I", [0, 1, 2])), "ingest.length", "column.k[2]"),
    "a dictionary of bytes that are no text": (
        lambda: of_keys(Column("i", [None, bytes(12)], 3, dictionary=texts(b"a\xff", [0, 1, 2]))), "ingest.text", "column.k"
    ),
    "a dictionary of numbers": (
        lambda: of_keys(Column("i", [None, bytes(12)], 3, dictionary=int64([5]))), "ingest.type", "column.k[0]"
    ),
    "a dictionary that is not there": (lambda: of_keys(codes("i", "i", THREE).without_dictionary()), "host.argument", "column.k"),
    "a dictionary that is released": (
        lambda: of_keys(Column("i", [None, bytes(12)], 3, dictionary=texts(b"a", [0, 1]).released())), "host.argument", "column.k"
    ),
    "a negative length": (lambda: table(-1, ts=int64([]), k=texts(b"", [0]), v=int64([])), "host.argument", ""),
    "a negative offset of an array": (lambda: of_keys(texts(b"abc", [0, 1, 2, 3], offset=-1)), "host.argument", "column.k"),
    "a length that nothing has": (lambda: table((1 << 63) - 1, ts=int64([]), k=texts(b"", [0]), v=int64([])), "host.argument", ""),
    "more rows than a batch has": (lambda: table(1 << 40, ts=int64([]), k=texts(b"", [0]), v=int64([])), "ingest.length", ""),
    "an offset past all numbers": (lambda: of_keys(texts(b"abc", [0, 1, 2, 3], offset=(1 << 63) - 1)), "host.argument", "column.k"),
    "a child that is too short": (lambda: of_keys(texts(b"ab", [0, 1, 2])), "host.argument", "column.k"),
    "a buffer that is not there": (lambda: of_keys(Column("u", [None, struct.pack("<4i", 0, 1, 2, 3), None], 3)), "host.argument", "column.k"),
    "too few buffers": (lambda: table(1, ts=int64([0]), k=texts(b"a", [0, 1]), v=int64([1], n_buffers=1)), "host.argument", "column.v"),
    "a negative count of buffers": (lambda: table(1, ts=int64([0]), k=texts(b"a", [0, 1]), v=int64([1], n_buffers=-1)), "host.argument", "column.v"),
    "NULLs without a bitmap": (lambda: table(1, ts=int64([0]), k=texts(b"a", [0, 1]), v=int64([1], null_count=1)), "host.argument", "column.v"),
    "an array that is released": (lambda: of_keys(texts(b"abc", [0, 1, 2, 3])).released(), "host.argument", ""),
    "a child that is released": (lambda: of_keys(texts(b"abc", [0, 1, 2, 3]).released()), "host.argument", "column.k"),
    "fewer children than the schema has": (
        lambda: Column("+s", [None], 1, children=[int64([0], name=b"ts"), texts(b"a", [0, 1], name=b"k"), int64([1], name=b"v")], n_children=2), "host.argument", ""
    ),
    "a child that is NULL": (
        lambda: Column("+s", [None], 1, children=[int64([0], name=b"ts"), texts(b"a", [0, 1], name=b"k"), None]), "host.argument", ""
    ),
    "children that are not there": (lambda: Column("+s", [None], 1, schema_children=3, n_children=3), "host.argument", ""),
    "a row that is NULL as a whole": (
        lambda: Column("+s", [b"\5"], 3, children=[int64(THREE, name=b"ts"), texts(b"abc", [0, 1, 2, 3], name=b"k"), int64(THREE, name=b"v")]), "ingest.time", "column.ts[1]"
    ),
    "a type that the kernel never takes": (
        lambda: table(1, ts=int64([0]), k=texts(b"a", [0, 1]), v=Column("w:16", [None, bytes(16)], 1)), "ingest.type", "column.v[0]"
    ),
    "a column in the place of a table": (lambda: int64(THREE), "host.argument", ""),
    "words of the producer": (lambda: Stream(of_keys(texts(b"abc", [0, 1, 2, 3])), b"the disk is full"), "host.argument", ""),
}


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("what", BAD)
def test_what_no_array_is_is_refused(what: str, threads: int) -> None:
    data, code, path = BAD[what]
    made = rollup()
    before = made.digest()
    with pytest.raises(isofold.Error) as raised:
        made.ingest(data(), threads=threads)
    assert (raised.value.code, raised.value.path) == (code, path), str(raised.value)
    assert made.digest() == before


@pytest.mark.parametrize("threads", [1, 2])
def test_rows_of_a_stream_are_counted_from_its_start(threads: int) -> None:
    batches = [of_keys(texts(b"abc", [0, 1, 2, 3])) for _ in range(4)]
    with pytest.raises(isofold.IngestError) as raised:
        rollup().ingest(Stream(batches[0], *batches, of_keys(texts(b"ab\xff", [0, 1, 2, 3]))), threads=threads)
    assert (raised.value.code, raised.value.path) == ("ingest.text", "column.k[14]")


def test_columns_of_a_mapping_are_looked_at_alike() -> None:
    made = rollup()
    made.ingest({"ts": int64(THREE), "k": texts(b"abc", [0, 1, 2, 3]), "v": int64([1, 2, 3])})
    assert answer(made) == {"a": 1, "b": 2, "c": 3}
    for keys, code in ((texts(b"a\xffc", [0, 1, 2, 3]), "ingest.text"), (table(3, x=int64(THREE)), "host.argument")):
        with pytest.raises(isofold.Error) as raised:
            made.ingest({"ts": int64(THREE), "k": keys, "v": int64([1, 2, 3])})
        assert raised.value.code == code


def test_an_array_is_released_once() -> None:
    released = []

    @c_arrow.ArrayRelease
    def release(array: Any) -> None:
        released.append(array.contents.length)
        array.contents.release = c_arrow.ArrayRelease(0)

    for keys in (texts(b"abc", [0, 1, 2, 3]), texts(b"a\xffc", [0, 1, 2, 3])):
        data = of_keys(keys)
        data.array.release = release
        try:
            rollup().ingest(data)
        except isofold.Error:
            pass
    assert released == [3, 3]
    assert not data.array.release
