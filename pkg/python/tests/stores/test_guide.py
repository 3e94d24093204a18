"""The guide `docs/refresh.md`, run as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[4] / "docs" / "refresh.md"


def test_the_guide_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = GUIDE.read_text(encoding="utf-8")
    blocks = list(re.finditer(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    assert len(blocks) >= 6
    names: dict[str, object] = {}
    for block in blocks:
        # lines of an error are those of the page
        before = text.count("\n", 0, block.start(1))
        exec(compile("\n" * before + block.group(1), str(GUIDE), "exec"), names)
