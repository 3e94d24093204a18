"""``python -m isofold`` starts the program, or says how to get it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from program import main

from isofold import __main__ as entry


def test_the_program_is_started_and_its_exit_code_kept(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("isofold ")
    assert main(["nonsense"]) == 2


def test_what_is_not_installed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(entry.sysconfig, "get_path", lambda *_: str(tmp_path))
    monkeypatch.setattr(os, "environ", {**os.environ, "PATH": str(tmp_path)})
    assert entry.main() == 1
    assert capsys.readouterr().err == "isofold: host.backend: the program is not installed: pip install 'isofold[cli]'\n"
