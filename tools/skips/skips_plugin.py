"""A plugin of pytest: in CI a test that is skipped fails the run, unless ISOFOLD_ALLOW_SKIPS names it.

Names are pytest's own (tests/test_files.py::test_a[sqlite]), separated by commas, in which * stands for any text.
"""

from __future__ import annotations

import os
import re
from typing import Any

import pytest

_refused: list[str] = []


def is_allowed(name: str) -> bool:
    """Whether the name is one of those that may be skipped, or this is not CI."""
    patterns = (pattern.strip() for pattern in os.environ.get("ISOFOLD_ALLOW_SKIPS", "").split(","))
    return not os.environ.get("CI") or any(
        re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name, re.DOTALL) for pattern in patterns
    )


def _look_at(report: Any) -> None:
    # what is expected to fail is reported as skipped, too
    if report.skipped and not hasattr(report, "wasxfail") and not is_allowed(report.nodeid):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        _refused.append(f"{report.nodeid} ({reason})")


def pytest_runtest_logreport(report: Any) -> None:
    _look_at(report)


def pytest_collectreport(report: Any) -> None:
    _look_at(report)


def pytest_sessionfinish(session: Any) -> None:
    if _refused and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for name in _refused:
        terminalreporter.write_line(f"skipped in CI, where ISOFOLD_ALLOW_SKIPS does not name it: {name}", red=True)
