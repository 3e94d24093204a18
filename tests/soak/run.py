"""An operator's week in an hour: refreshers of Python and Node on one PostgreSQL and of Python on one SQLite at once,
writers that insert late, move, delete and truncate, processes and connections that are killed, clocks that are wrong,
prunes, and catalogs that change.

    just soak                            ISOFOLD_SOAK_MINUTES minutes, 60 when it is not set
    just soak --write                    and puts its figures into docs/soak.md

Every half a minute the writers stop and each table is compared with a fold of its rows, before a refresh (nothing that
differs may be `fresh`) and after one (nothing may differ); at the end everything is built again and compared byte for
byte. Anything else ends the soak with exit code 1.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from field import Field

FOLDER = Path(__file__).parent
PAGE = FOLDER.parents[1] / "docs" / "soak.md"


def page(minutes: float, fields: list[Field]) -> str:
    lines = [
        "# The soak",
        "",
        "`just soak` runs refreshers, writers, kills, wrong clocks, prunes and changes of the catalog at once, and compares the",
        "tables with a fold of their rows every half a minute (`tests/soak/run.py`). These are the figures of the last run that was",
        "written here with `just soak --write`.",
        "",
        f"It took {minutes:.0f} minutes.",
        "",
        "| what | " + " | ".join(field.kind for field in fields) + " |",
        "|---|" + "---|" * len(fields),
    ]
    names = [*dict.fromkeys(name for field in fields for name in sorted(field.figures()))]
    for name in names:
        lines.append(f"| {name} | " + " | ".join(f"{field.figures().get(name, 0):,}" for field in fields) + " |")
    return "\n".join([*lines, ""])


def main() -> None:
    minutes = float(os.environ.get("ISOFOLD_SOAK_MINUTES", "60"))
    url = os.environ.get("ISOFOLD_POSTGRES")
    if url is None:
        sys.exit("ISOFOLD_POSTGRES is not set: just soak")
    with tempfile.TemporaryDirectory() as folder:
        fields = [Field("postgres", url, Path(folder), nodes=1), Field("sqlite", f"{folder}/app.db", Path(folder), nodes=0)]
        try:
            began = time.monotonic()
            while time.monotonic() - began < minutes * 60:
                for field in fields:
                    field.live(15)
                    field.judge()
                told = "; ".join(field.told() for field in fields)
                took = time.monotonic() - began
                print(f"{took / 60:5.1f} of {minutes:.0f} min  {told}", flush=True)
            for field in fields:
                field.end()
        finally:
            for field in fields:
                field.stop()
        wrong = [problem for field in fields for problem in field.wrong]
    text = page((time.monotonic() - began) / 60, fields)
    print(text)
    if "--write" in sys.argv[1:] and not wrong:
        PAGE.write_text(text, encoding="utf-8")
    if wrong:
        sys.exit("\n".join(["the soak found:", *wrong]))


if __name__ == "__main__":
    main()
