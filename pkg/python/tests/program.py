"""The command as ``python -m isofold`` starts it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence


def main(words: Sequence[str]) -> int:
    """Runs the command, hands on what it writes, and gives its exit code."""
    done = subprocess.run([sys.executable, "-m", "isofold", *words], capture_output=True, text=True, encoding="utf-8", check=False)
    sys.stdout.write(done.stdout)
    sys.stderr.write(done.stderr)
    return done.returncode
