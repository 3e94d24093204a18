"""The package as installed: names, docs, types, import time."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import isofold
from isofold import errors

API = json.loads((Path(__file__).parents[3] / "bindings" / "facade" / "api.json").read_text(encoding="utf-8"))


def test_every_name_of_the_api_is_exported_with_its_text() -> None:
    classes = [entry for entry in API["classes"] if entry["python"]]
    exported = {entry["python"] for entry in classes + API["values"] if entry["python"]}
    exported |= set(API["python_exceptions"].values())
    assert exported == set(isofold.__all__)
    for entry in classes:
        kind = getattr(isofold, entry["python"])
        assert kind.__doc__ is not None
        assert " ".join(kind.__doc__.split()).startswith(entry["doc"])
        for member in entry["members"]:
            if member["python"] is None:
                continue
            names = {"constructor": "__new__"}
            assert hasattr(kind, names.get(member["kind"], member["python"])) or kind is isofold.Error, member["name"]
            if kind is not isofold.Error and not member["python"].startswith("__"):
                said = getattr(kind, member["python"]).__doc__
                assert " ".join(said.split()).startswith(member["doc"]), member["name"]


def test_nothing_is_exported_that_the_api_does_not_list() -> None:
    for entry in API["classes"]:
        if entry["python"] in ("Rollup", "Result"):
            public = {name for name in vars(getattr(isofold, entry["python"])) if not name.startswith("_")}
            assert public == {m["python"] for m in entry["members"] if m["python"] and not m["python"].startswith("_")}


def test_every_area_has_its_exception() -> None:
    assert {area: kind.__name__ for area, kind in errors.AREAS.items()} == API["python_exceptions"]


def test_importing_imports_no_data_library_and_no_store() -> None:
    heavy = {"numpy", "pandas", "pyarrow", "polars", "json", "sqlite3", "psycopg", "argparse", "isofold.stores"}
    code = f"import sys, isofold; print(sorted({heavy!r} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert loaded == "[]\n"


def test_the_stubs_are_the_module(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    # what Spark is needed for cannot be imported here; it has no stubs
    (tmp_path / "allowed").write_text("isofold\\.spark.*\n")
    options = ["--mypy-config-file", str(Path(__file__).parents[1] / "pyproject.toml"), "--allowlist", str(tmp_path / "allowed")]
    command = [sys.executable, "-m", "mypy.stubtest", "isofold", *options, "--ignore-unused-allowlist"]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    code = readme.split("```python\n")[1].split("```")[0]
    exec(compile(code, "README.md", "exec"), {})
    assert capsys.readouterr().out == "2026-11-01 00:00:00+00:00 gpt 2\n"


def test_the_version_is_that_of_the_kernel() -> None:
    assert isofold.__version__.count(".") == 2
    assert isofold.tzdb_version[:2] == "20"
