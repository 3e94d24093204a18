"""The commands on files: what is no rows is told in a line, rows are counted from a file's start, files are whole or as they were."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import pytest

import isofold
from isofold import stores
from program import main
from isofold.stores import _named

TIME = "2026-01-01T00:00:00Z"
SPEC: dict[str, Any] = {"name": "r", "columns": {"ts": "timestamp", "f": "float64"}, "time": "ts", "bucket": "1 hour", "select": {"n": "count(*)"}}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "spec.json").write_text(json.dumps(SPEC), encoding="utf-8")
    return tmp_path


def fold(*files: str) -> int:
    return main(["fold", *files, "--spec", "spec.json", "-o", "out", "--json"])


REFUSED: dict[str, tuple[bytes, str]] = {
    "bad.json": (b"[{", "host.argument: bad.json: is not JSON: line 1: the file ends inside of a value"),
    "scalar.json": (b"5", "ingest.row: line 1 of scalar.json: a row must be a mapping"),
    "bad.ndjson": (f'{{"ts":"{TIME}","f":1}}\n{{oops\n'.encode(), "ingest.row: line 2 of bad.ndjson is not JSON"),
    "deep.ndjson": (b"[" * 100_000, "ingest.row: line 1 of deep.ndjson is not JSON"),
    "scalar.ndjson": (b"5\n", "ingest.row: line 1 of scalar.ndjson: a row must be a mapping"),
    "latin.csv": (f"ts,f\n{TIME},caf".encode() + b"\xe9\n", "ingest.text: line 2 of latin.csv is not UTF-8"),
    "long.csv": (b"ts,f\n" + b"x" * 200_000 + b",1\n", "ingest.time: 'xxx"),
    "junk.arrow": (b"hello", "host.argument: junk.arrow: is no Arrow IPC"),
    "junk.parquet": (b"hello", "host.argument: junk.parquet: is no Parquet"),
    "empty.parquet": (b"", "host.argument: empty.parquet: is no Parquet"),
    "a.txt": (b"", "host.argument: a.txt: the name does not tell the format"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_rows_is_told_in_a_line(name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / name).write_bytes(REFUSED[name][0])
    assert fold(name) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"isofold: {REFUSED[name][1]}"), told
    assert "Traceback" not in told
    assert not (folder / "out").exists()


@pytest.mark.parametrize("words", [["fold", ".", "--spec", "spec.json", "-o", "out"], ["fold", "none.csv", "--spec", "spec.json", "-o", "out"],
                                   ["fold", "none.parquet", "--spec", "spec.json", "-o", "out"], ["fold", "a.json", "--spec", "latin", "-o", "out"],
                                   ["fold", "a.json", "--spec", "bad", "-o", "out"], ["inspect", "bad"], ["merge", "bad", "-o", "out"],
                                   ["query", "h", "{oops", "--catalog", "none.json", "--database", "x.db"]])
def test_files_that_are_not_what_they_should_be_are_told(words: list[str], folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bad").write_bytes(b"{oops")
    (folder / "latin").write_bytes(b"{\xe9}")
    (folder / "a.json").write_bytes(b"[]")
    assert main(words) == 1
    told = capsys.readouterr().err
    assert told.startswith("isofold: ") and "Traceback" not in told
    assert not (folder / "out").exists() and not (folder / "x.db").exists()


def test_a_byte_order_mark_is_no_row(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = f'{{"ts":"{TIME}","f":1}}'
    for name, text in (("a.ndjson", row + "\n"), ("a.json", f"[{row}]"), ("a.csv", f"ts,f\n{TIME},1\n")):
        (folder / name).write_text("\ufeff" + text, encoding="utf-8")
        assert fold(name) == 0, capsys.readouterr().err
        assert json.loads(capsys.readouterr().out)[0]["rows"] == 1


def test_texts_of_arrow_files_are_looked_at(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pa = pytest.importorskip("pyarrow")
    (folder / "spec.json").write_text(json.dumps({**SPEC, "columns": {"ts": "timestamp[us]", "k": "string"}, "group_by": ["k"]}), encoding="utf-8")
    good = pa.record_batch({"ts": pa.array([0, 0, 0]), "k": pa.array(["a", "b", "c"])})
    with pa.OSFile("good.arrow", "wb") as sink, pa.ipc.new_file(sink, good.schema) as writer:
        writer.write(good)
    whole = (folder / "good.arrow").read_bytes()
    right = struct.pack("<4i", 0, 1, 2, 3)
    assert whole.count(right + b"abc") == 1
    evil = [struct.pack("<4i", *offsets) for offsets in ([0, 1 << 30, 2, 3], [0, 1, 2, 1 << 30], [0, -(1 << 27), 2, 3], [0, 3, 1, 3])]
    changed = [whole.replace(right + b"abc", offsets + b"abc") for offsets in evil] + [whole.replace(right + b"abc", right + b"a\xffc")]
    for data in changed:
        assert data != whole
        (folder / "evil.arrow").write_bytes(data)
        child = subprocess.run([sys.executable, "-m", "isofold", "fold", "evil.arrow", "--spec", "spec.json", "-o", "out"], capture_output=True, text=True)
        assert (child.returncode, child.stderr[:23]) == (1, "isofold: host.argument:"), child.stderr
    assert fold("good.arrow") == 0


@pytest.mark.parametrize("kind", ["csv", "ndjson"])
def test_rows_are_counted_from_the_start_of_the_file(kind: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = 50_345
    values = ["oops" if row == bad else 1 for row in range(51_000)]
    if kind == "csv":
        text = "ts,f\n" + "".join(f"{TIME},{value}\n" for value in values)
    else:
        text = "".join(json.dumps({"ts": TIME, "f": value}) + "\n" for value in values)
    (folder / f"a.{kind}").write_text(text, encoding="utf-8")
    assert fold(f"a.{kind}") == 1
    assert f"(column.f[{bad}])" in capsys.readouterr().err
    (folder / "good.csv").write_text(f"ts,f\n{TIME},1\n", encoding="utf-8")
    assert fold("good.csv", f"a.{kind}") == 1
    told = capsys.readouterr().err
    assert f"in line {bad + (2 if kind == 'csv' else 1)} of a.{kind}" in told and f"(column.f[{bad + 1}])" in told


def test_several_files_are_folded_all(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a.csv", "b.csv"):
        (folder / name).write_text(f"ts,f\n{TIME},1\n{TIME},2\n", encoding="utf-8")
    assert fold("a.csv", "b.csv") == 0
    assert json.loads(capsys.readouterr().out)[0]["rows"] == 4


@pytest.mark.skipif(sys.platform == "win32", reason="limits of files are of POSIX")
def test_a_write_that_fails_leaves_the_file(folder: Path) -> None:
    keys = {"name": "r", "columns": {"ts": "timestamp[s]", "k": "int64"}, "time": "ts", "bucket": "1 hour", "group_by": ["k"], "select": {"n": "count(*)"}}
    for name, start in (("a", 0), ("b", 10_000)):
        rollup = isofold.Rollup(keys)
        rollup.ingest({"ts": [0] * 20_000, "k": list(range(start, start + 20_000))})
        (folder / name).write_bytes(rollup.encode())
    before = (folder / "a").read_bytes()
    script = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (40960, 40960));"
        "import os; os.execv(sys.executable, [sys.executable, '-m', 'isofold', 'merge', 'a', 'b', '-o', 'a'])"
    )
    child = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (child.returncode, child.stderr[:9]) == (1, "isofold: "), child.stderr
    assert (folder / "a").read_bytes() == before
    assert sorted(path.name for path in folder.iterdir()) == ["a", "b", "spec.json"]
    (folder / "a").chmod(0o640)
    (folder / "link").symlink_to("a")
    assert main(["merge", "a", "b", "-o", "link"]) == 0
    assert (folder / "link").is_symlink() and (folder / "a").stat().st_mode & 0o777 == 0o640
    assert len(isofold.Rollup.decode((folder / "a").read_bytes())) == 30_000


SECRET = "s3cretPW"


@pytest.mark.parametrize("database", [
    f"host=127.0.0.1 port=1 user=boss password={SECRET} dbname=x", f" password = '{SECRET}' host=127.0.0.1 port=1", f"postgresq://boss:{SECRET}@127.0.0.1:1/x",
    f"postgres//boss:{SECRET}@127.0.0.1:1/x", f"postgresql:/boss:{SECRET}@127.0.0.1:1/x", f"POSTGRESQL://boss:{SECRET}@127.0.0.1:1/x",
    f"postgresql://boss:{SECRET}@127.0.0.1:1:2/x", f"postgresql://boss:{SECRET}@127.0.0.1:1/x?nonsense=1", f"postgresql://boss:%zz{SECRET}@127.0.0.1:1/x",
    f"mysql://boss:{SECRET}@127.0.0.1/x", f"//boss:{SECRET}@127.0.0.1/x",
])
def test_no_password_is_a_file_or_printed(database: str, folder: Path) -> None:
    catalog = {"source": {"table": "t", "columns": {"ts": "timestamp"}, "time": "ts"}, "rollups": [{"spec": {"name": "h", "bucket": "1 hour", "select": {"n": "count(*)"}}}]}
    with pytest.raises(isofold.StoreError) as raised:
        stores.open(catalog, database).init()
    assert raised.value.code in ("store.driver", "store.database")
    told = "".join(traceback.format_exception(type(raised.value), raised.value, raised.value.__traceback__))
    assert SECRET not in "\n".join(line for line in told.splitlines() if "stores.open(" not in line)
    assert [path.name for path in folder.iterdir()] == ["spec.json"]


def test_paths_stay_paths(folder: Path) -> None:
    for path in ("app.db", "./a b@c.db", "sqlite:///other.db", "x=y.db", ":memory:"):
        _named(path).close()
    made = sorted(path.name for path in folder.iterdir())
    assert made == ["a b@c.db", "app.db", "other.db", "spec.json", "x=y.db"]
