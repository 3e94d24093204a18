"""Python: `python_host.py SPEC.json ROWS.arrow` prints a report as one line of JSON."""

import json
import platform
import statistics
import sys
import time

import isofold
import pyarrow.ipc as ipc


def is_repeated(seconds):
    """Whether to fold again: a few times and for a second, so that neither a first run nor one pause decides."""
    return sum(seconds) < (3 if len(seconds) < 3 else 1)


def main():
    spec_path, data_path = sys.argv[1:]
    table = ipc.open_file(data_path).read_all()
    seconds = []
    while is_repeated(seconds):
        started = time.perf_counter()
        rollup = isofold.Rollup(spec_path)
        rollup.ingest(table)
        seconds.append(time.perf_counter() - started)
    report = {
        "version": platform.python_version(),
        "backend": "native",
        "rows": table.num_rows,
        "groups": len(rollup),
        "bytes": len(rollup.encode()),
        "digest": rollup.digest(),
        "seconds": statistics.median_low(seconds),
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
