"""The verbs on the rollups that the Rust contestant left: `python verbs.py FOLDER` prints one line of JSON."""

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import isofold

TIMES = 15


def median(work: Callable[[Any], Any], prepare: Callable[[], Any] = lambda: None) -> float:
    """The middle one of several times; what `prepare` does and what dropping the result costs is not counted."""
    seconds = []
    for _ in range(TIMES + 2):
        given = prepare()
        started = time.perf_counter()
        result = work(given)
        seconds.append(time.perf_counter() - started)
        del result
    return statistics.median(seconds[2:])


def main() -> None:
    left, right, whole = (Path(sys.argv[1], f"{name}.isofold").read_bytes() for name in ("left", "right", "whole"))
    rollup, other = isofold.Rollup.decode(whole), isofold.Rollup.decode(right)
    seconds = {
        "merge": median(lambda into: into.merge(other), lambda: isofold.Rollup.decode(left)),
        "coarsen": median(lambda _: rollup.coarsen(bucket="1 day")),
        "encode": median(lambda _: rollup.encode()),
        "decode": median(lambda _: isofold.Rollup.decode(whole)),
        "query_p95": median(lambda _: rollup.query(bucket=None, select=["p95"]).column("p95")),
        "query_all": median(lambda _: rollup.query().to_dicts()),
    }
    told = {"version": isofold.__version__, "groups": len(rollup), "bytes": len(whole), "digest": rollup.digest()}
    print(json.dumps(told | {"seconds": seconds}))


if __name__ == "__main__":
    main()
