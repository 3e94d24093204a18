"""Python: `python_host.py SPEC.json ROWS.arrow` prints a report as one line of JSON."""

import json
import platform
import statistics
import sys
import time

import isofold
import pyarrow.ipc as ipc

REPEATED_BELOW_SECONDS = 3
REPEATS = 3


def main():
    spec_path, data_path = sys.argv[1:]
    table = ipc.open_file(data_path).read_all()
    seconds = []
    while not seconds or (seconds[0] < REPEATED_BELOW_SECONDS and len(seconds) < REPEATS):
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
