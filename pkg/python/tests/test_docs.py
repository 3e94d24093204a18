"""The docstrings: their examples run, and the stubs have the same texts as the module.

What they say is written in ``bindings/facade/api.json``.
"""

from __future__ import annotations

import ast
import doctest
import inspect
import json
from pathlib import Path
from typing import Any

import pytest

import isofold

PACKAGE = Path(__file__).parents[1] / "src" / "isofold"
API = json.loads((Path(__file__).parents[3] / "bindings" / "facade" / "api.json").read_text(encoding="utf-8"))
CLASSES = {entry["python"]: entry for entry in API["classes"] if entry["python"]}


def documented() -> list[tuple[str, str | None]]:
    """Every class and its members that have an example, by their names in Python."""
    found: list[tuple[str, str | None]] = []
    for name, entry in CLASSES.items():
        found.append((name, None))
        found += [(name, m["python"]) for m in entry["members"] if m["python"] and "python" in m.get("examples", {})]
    return found


def docstring(name: str, member: str | None) -> str:
    kind = getattr(isofold, name)
    text = (kind if member is None else getattr(kind, member)).__doc__
    assert text is not None, (name, member)
    return inspect.cleandoc(text)


@pytest.mark.parametrize(("name", "member"), documented())
def test_the_example_of_a_docstring_runs(name: str, member: str | None) -> None:
    # an example goes on from those of its class, and all from that of Rollup
    before = [docstring("Rollup", None)] if name != "Rollup" else []
    before += [docstring(name, None)] if member is not None else []
    variables: dict[str, Any] = {}
    for text in [*before, docstring(name, member)]:
        test = doctest.DocTestParser().get_doctest(text, variables, f"{name}.{member}", None, None)
        assert test.examples, text
        runner = doctest.DocTestRunner(verbose=False)
        test.globs = variables
        said: list[str] = []
        assert runner.run(test, out=said.append, clear_globs=False).failed == 0, "".join(said)


def test_the_stubs_have_the_texts_of_the_module() -> None:
    compared = 0
    for node in ast.parse((PACKAGE / "_isofold.pyi").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef) and node.name in CLASSES:
            assert ast.get_docstring(node) == docstring(node.name, None)
            for member in node.body:
                if isinstance(member, ast.FunctionDef) and (text := ast.get_docstring(member)) is not None:
                    assert text == docstring(node.name, member.name), member.name
                    compared += 1
    assert compared > 15
