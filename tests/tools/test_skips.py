"""In CI a skipped test fails each runner, unless it is named."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

NODE = """
import { describe, test } from 'node:test'
test('runs', () => {})
describe('around', () => test('a, b [c]', { skip: 'why' }, () => {}))
"""
PYTHON = """
import pytest

def test_runs():
    pass

@pytest.mark.parametrize("kind", ["[c]"])
def test_a(kind):
    pytest.skip("why")

@pytest.mark.xfail(reason="known")
def test_known():
    raise ValueError
"""
RUST = """
test runs ... ok
test around::a ... ignored, why
"""


def ran(command: list[str], folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    quiet = {name: value for name, value in os.environ.items() if not name.startswith(("CI", "NODE_", "PYTEST", "ISOFOLD_ALLOW"))}
    return subprocess.run(command, cwd=folder, env=quiet | settings, capture_output=True, text=True)


def node(folder: Path) -> list[str]:
    (folder / "a.test.mjs").write_text(NODE)
    options = subprocess.run([ROOT / "tools/skips/node-options.sh", folder], check=True, capture_output=True, text=True).stdout
    return ["node", "--test", *options.split(), "a.test.mjs"]


def python(folder: Path) -> list[str]:
    (folder / "test_a.py").write_text(PYTHON)
    return ["env", f"PYTHON={sys.executable}", str(ROOT / "tools/pytest.sh"), "-p", "no:cacheprovider", "test_a.py"]


def rust(folder: Path) -> list[str]:
    (folder / "cargo").write_text(f"#!/bin/sh\ncat <<'END'\n{RUST}\nEND\n")
    (folder / "cargo").chmod(0o755)
    return ["env", f"PATH={folder}:{os.environ['PATH']}", str(ROOT / "tools/cargo-test.sh")]


def shell(_: Path) -> list[str]:
    return ["node", str(ROOT / "tools/skips/skips.mjs"), "the, thing [c]", "why"]


RUNNERS = {
    "node": (node, "around > a, b [c]", "around > a* b [c]"),
    "python": (python, "test_a.py::test_a[[c]]", "test_a.py::*[[c]]"),
    "rust": (rust, "around::a", "around::*"),
    "shell": (shell, "the, thing [c]", "*[c]"),
}


@pytest.mark.parametrize("runner", RUNNERS)
def test_a_skip_fails_in_ci_unless_it_is_named(runner: str, tmp_path: Path) -> None:
    command, name, pattern = RUNNERS[runner]
    words = command(tmp_path)
    at_home = ran(words, tmp_path)
    assert at_home.returncode == 0, at_home.stdout + at_home.stderr
    refused = ran(words, tmp_path, CI="1", ISOFOLD_ALLOW_SKIPS="another, *other")
    assert refused.returncode == 1, refused.stdout + refused.stderr
    said = [line for line in (refused.stdout + refused.stderr).splitlines() if "ISOFOLD_ALLOW_SKIPS" in line]
    assert len(said) == 1 and name in said[0] and "why" in said[0], said
    named = ran(words, tmp_path, CI="1", ISOFOLD_ALLOW_SKIPS=f"another, {pattern}")
    assert named.returncode == 0, named.stdout + named.stderr


def test_every_skip_that_ci_allows_has_a_reason() -> None:
    lines = [line for line in (ROOT / ".ci/skips").read_text().splitlines() if line and not line.startswith("#")]
    assert lines
    for line in lines:
        name, _, reason = line.partition("#")
        assert name.strip() and "," not in name and reason.strip(), line
