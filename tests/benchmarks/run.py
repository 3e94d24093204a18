#!/usr/bin/env python3
"""Measures isofold and the engines that a user would pick instead, in one run on the same rows.

    just bench-peers                          # the published size: 5,000,000 rows, about an hour on a quiet machine
    just bench-peers --rows 20000             # a trial: everything once, in a minute, to see that it works
    just bench-peers --only isofold,duckdb    # contestants whose names hold one of the words
    just bench-peers --report                 # docs/benchmarks.md and its pictures again, from docs/benchmarks.json

Sets up the peers itself in .cache/benchmarks and target/benchmarks. Contestants take turns, each run in a process of
its own; what is told is the median of the rounds. Only a full run of the published size writes to docs/.
"""

import argparse
import json
import os
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import contestants
import machine
import rounds
import setup

PUBLISHED_ROWS = 5_000_000
TRIAL_ROWS = 100_000
ROUNDS = 5
PARTS = ("rows", "verbs", "start")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=PUBLISHED_ROWS)
    parser.add_argument("--rounds", type=int, help="5, and 1 of a trial")
    parser.add_argument("--only", default="", help="words, one of which a contestant's name must hold")
    parser.add_argument("--parts", default=",".join(PARTS), help="of rows, verbs and start")
    parser.add_argument("--report", action="store_true", help="write the page again from docs/benchmarks.json")
    given = parser.parse_args()
    os.chdir(setup.ROOT)

    if given.report:
        setup.python_environment()
        return report(setup.ROOT / "docs")

    started = time.monotonic()
    only = [word.strip() for word in given.only.split(",") if word.strip()]
    parts = given.parts.split(",")
    is_trial = given.rows <= TRIAL_ROWS
    count = given.rounds or (1 if is_trial else ROUNDS)
    absent = setup.everything()
    folder = setup.rows(given.rows)
    results: dict[str, Any] = {"date": date.today().isoformat(), "rows": given.rows, "rounds": count}
    results |= {"machine": machine.told(), "absent": absent}
    entries = contestants.entries(only, os.cpu_count() or 1, is_trial) if "rows" in parts else []
    results |= rounds.run(entries, folder, count, absent)
    if "verbs" in parts:
        results["verbs"] = rounds.verbs(folder)
    if "start" in parts:
        results["start"] = rounds.start(absent)

    whole = given.rows == PUBLISHED_ROWS and not only and set(parts) == set(PARTS) and count >= ROUNDS
    out = setup.ROOT / "docs" if whole else setup.OUT / f"report-{given.rows}"
    out.mkdir(parents=True, exist_ok=True)
    (setup.OUT / "results.json").write_text(json.dumps(results, indent=1))
    (out / "benchmarks.json").write_text(json.dumps(summary(results), indent=1) + "\n")
    code = report(out)
    for problem in results["problems"]:
        print(f"WRONG: {problem}", file=sys.stderr)
    print(f"{out / 'benchmarks.md'}, in {(time.monotonic() - started) / 60:.0f} minutes")
    return 1 if results["problems"] else code


def summary(results: dict[str, Any]) -> dict[str, Any]:
    """The results without those of single runs."""
    return {name: value for name, value in results.items() if name != "runs"}


def report(folder: Path) -> int:
    return setup.called([setup.PYTHON, setup.HERE / "report.py", folder], show=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except setup.Failed as failed:
        sys.exit(f"bench-peers: {failed}")
