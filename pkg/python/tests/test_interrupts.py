"""What comes out of a call that a signal interrupts says whether rows were folded, and is right."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

import isofold

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are sent to the process")

SPEC: dict[str, Any] = {"name": "r", "columns": {"ts": "timestamp[s]", "k": "int64", "v": "float64"}, "time": "ts", "bucket": "1 hour", "group_by": ["k"],
                        "select": {"s": "stddev_samp(v)", "p": "approx_percentile(0.5, percentile_agg(v))"}}
NOTHING = "nothing of this call was folded"


def columns(rows: int) -> dict[str, Any]:
    np = pytest.importorskip("numpy")
    rng = np.random.default_rng(0)
    return {"ts": rng.integers(0, 86_400, rows), "k": rng.integers(0, 50, rows), "v": rng.lognormal(size=rows)}


def seconds(data: Any, threads: int) -> float:
    begun = time.perf_counter()
    isofold.Rollup(SPEC).ingest(data, threads=threads)
    return time.perf_counter() - begun


@pytest.mark.parametrize("threads", [1, 2])
def test_an_interrupted_ingest_never_lies(threads: int) -> None:
    data = columns(300_000)
    whole = min(seconds(data, threads) for _ in range(3))
    seen = set()
    for turn in range(40):
        rollup = isofold.Rollup(SPEC)
        # most of them near the end
        timer = threading.Timer(whole * (0.1 if turn % 4 == 0 else 0.8 + turn / 100), os.kill, (os.getpid(), signal.SIGINT))
        folded = None
        try:
            timer.start()
            folded = rollup.ingest(data, threads=threads)
            timer.join()
            time.sleep(0.05)
            pytest.fail("the signal is lost")
        except KeyboardInterrupt as raised:
            words = str(raised)
            seen.add(words)
            # Python itself raises without words, before a call or after it
            if words == NOTHING:
                assert folded is None and len(rollup) == 0
            elif words:
                assert words == "all rows of this call were folded before it was interrupted" and len(rollup) > 0
        timer.join()
    assert NOTHING in seen


def test_a_signal_in_the_rows_of_an_iterator_leaves_nothing() -> None:
    def rows() -> Iterator[Any]:
        for number in range(100_000):
            if number == 90_000:
                os.kill(os.getpid(), signal.SIGINT)
            yield {"ts": number, "k": 1, "v": 1.0}

    rollup = isofold.Rollup(SPEC)
    with pytest.raises(KeyboardInterrupt, match=NOTHING):
        rollup.ingest(rows())
    assert len(rollup) == 0


class Late(Exception):
    pass


def test_what_a_handler_raises_is_kept_and_noted() -> None:
    def raises(*_: Any) -> None:
        raise Late("too late")

    kept = signal.signal(signal.SIGALRM, raises)
    rollup = isofold.Rollup(SPEC)
    data = columns(4_000_000)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        with pytest.raises(Late) as raised:
            rollup.ingest(data, threads=1)
            time.sleep(0.5)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, kept)
    assert raised.value.args == ("too late",) and len(rollup) == 0
    if sys.version_info >= (3, 11):
        assert raised.value.__notes__ == [NOTHING]


def test_an_interrupted_merge_says_that_it_is_done() -> None:
    rollup, other = isofold.Rollup(SPEC), isofold.Rollup(SPEC)
    many = 200_000
    other.ingest({"ts": [0] * many, "k": list(range(many)), "v": [1.0] * many})
    words = set()
    for _ in range(20):
        timer = threading.Timer(0.005, os.kill, (os.getpid(), signal.SIGINT))
        before = rollup.stats()["rows"]
        try:
            timer.start()
            rollup.merge(other)
            timer.join()
            time.sleep(0.05)
        except KeyboardInterrupt as raised:
            words.add(str(raised))
            if str(raised):
                assert rollup.stats()["rows"] == before + many
        timer.join()
    assert words <= {"", "the rollup was changed before the call was interrupted"}
