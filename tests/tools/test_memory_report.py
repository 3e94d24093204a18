"""What valgrind finds in code of this project fails the memory check, what it finds elsewhere does not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = "_isofold.abi3.so"


def report(objects: list[str], other_objects: list[str], state: str = "FINISHED") -> str:
    def stack(names: list[str]) -> str:
        return "<stack>" + "".join(f"<frame><obj>/a/{name}</obj><fn>f</fn></frame>" for name in names) + "</stack>"

    error = f"<error><kind>InvalidRead</kind><what>Invalid read of size 8</what>{stack(objects)}{stack(other_objects)}</error>"
    return f"<valgrindoutput><status><state>{state}</state></status>{error}</valgrindoutput>"


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (report(["libc.so", OURS, "python"], []), 1, "Invalid read of size 8"),
        # memory of ours that Python reads after it is freed
        (report(["python"], [OURS, "python"]), 1, "Invalid read of size 8"),
        (report(["libc.so", "python"], ["python"]), 0, "0 errors in _isofold.abi3.so, 1 in what is not ours"),
        (report(["python"], [], state="RUNNING"), 1, "no run that ended"),
    ],
)
def test_an_error_counts_where_code_of_ours_has_a_part(content: str, code: int, said: str, tmp_path: Path) -> None:
    file = tmp_path / "report.xml"
    file.write_text(content)
    done = subprocess.run([sys.executable, ROOT / "tools/memory_report.py", file, OURS], capture_output=True, text=True)
    assert done.returncode == code and said in done.stdout + done.stderr, done
