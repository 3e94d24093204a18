"""Runs one Python contestant in this process: loads the rows, runs each query once to warm up, then once for the time.

    python contest.py NAME --folder FOLDER --order time --keys dictionary --threads 1 --answers FILE

prints one line of JSON; the answers go to FILE. Loading is not timed: every contestant holds the rows in the form it
likes best before the clock starts, and has handed its result over as columns when the clock stops.
"""

import argparse
import gc
import importlib
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

QUERIES = ("simple", "full")
# past this a first run decides nothing that a second one would not
WARM_UP_SECONDS = 5.0
HOUR_MS = 3_600_000


@dataclass
class Rows:
    """Where the rows lie and in which form they are wanted."""

    folder: Path
    order: str
    keys: str
    threads: int

    def arrow(self) -> Any:
        """The rows as an Arrow table in memory, cut into batches as Parquet's row groups would be."""
        import pyarrow
        import pyarrow.ipc

        with pyarrow.OSFile(str(self.folder / self.order / f"{self.keys}.arrow")) as file:
            return pyarrow.ipc.open_file(file).read_all()

    def told(self) -> dict[str, Any]:
        """What is known of all rows."""
        return json.loads((self.folder / "rows.json").read_text())


def memory(name: str) -> int:
    """Bytes of this process: `VmRSS` now, `VmHWM` at most since the last call of `forget_peak`."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    return 0


def forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def timed(contestant: Any, query: str) -> tuple[Any, dict[str, float]]:
    """The result of a query and what it cost."""
    started = time.perf_counter()
    result = contestant.run(query)
    if time.perf_counter() - started < WARM_UP_SECONDS:
        del result
        gc.collect()
        forget_peak()
        started_cpu, started = time.process_time(), time.perf_counter()
        result = contestant.run(query)
        seconds, cpu = time.perf_counter() - started, time.process_time() - started_cpu
    else:
        seconds, cpu = time.perf_counter() - started, time.process_time()
    return result, {"seconds": seconds, "cpu_seconds": cpu, "peak_bytes": memory("VmHWM")}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--order", required=True)
    parser.add_argument("--keys", required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--answers", type=Path, required=True)
    parser.add_argument("--queries", default=",".join(QUERIES))
    given = parser.parse_args()

    rows = Rows(given.folder, given.order, given.keys, given.threads)
    module, _, variant = given.name.partition(":")
    started = time.perf_counter()
    contestant = importlib.import_module(f"{module}_rows").Contestant(rows, variant)
    gc.collect()
    report: dict[str, Any] = {
        "version": contestant.version,
        "load_seconds": time.perf_counter() - started,
        "loaded_bytes": memory("VmRSS"),
        "queries": {},
    }
    answers = {}
    for query in given.queries.split(","):
        result, report["queries"][query] = timed(contestant, query)
        answers[query] = {name: as_list(values) for name, values in contestant.answer(result).items()}
        del result
    given.answers.write_text(json.dumps(answers))
    print(json.dumps(report))


def as_list(values: Any) -> list[Any]:
    for method in ("to_pylist", "to_list", "tolist"):
        if hasattr(values, method):
            return getattr(values, method)()
    return list(values)


if __name__ == "__main__":
    main()
