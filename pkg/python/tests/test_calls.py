"""What a call may do while it goes on: be stopped, look at its rollup, ask for threads."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from samples import SPEC, folded, rows

import isofold

HEAVY: dict[str, Any] = {
    "name": "heavy", "columns": {"ts": "timestamp[s]", "k": "int64", "v": "float64"}, "time": "ts", "bucket": "1 hour", "group_by": ["k"],
    "select": {f"m{i}": f"stddev_samp(v + {i}) + approx_percentile(0.5, percentile_agg(v + {i}))" for i in range(40)},
}


def numbers(count: int) -> dict[str, Any]:
    np = pytest.importorskip("numpy")
    return {"ts": np.arange(count) % 864_000, "k": np.arange(count) % 100, "v": (np.arange(count) * 7919 % 10_007).astype(float)}


def chunks(table: Any) -> Any:
    return table.to_reader(max_chunksize=20_000)


def arrow(count: int) -> Any:
    return pytest.importorskip("pyarrow").table(numbers(count))


def stopped(act: Callable[[], Any], after: float) -> float:
    """Runs what Ctrl-C has to end, and gives the seconds from the signal to the end."""
    sent = [0.0]

    def send() -> None:
        sent[0] = time.perf_counter()
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(after, send)
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            act()
            timer.join()
            time.sleep(1)
            pytest.fail("it ended before the signal")
        return time.perf_counter() - sent[0]
    finally:
        timer.cancel()


SHAPES: dict[str, Callable[[int], Any]] = {
    "columns": numbers,
    "a table": arrow,
    "a stream of small batches": lambda count: chunks(arrow(count)),
    "rows": lambda count: ({"ts": i, "k": i % 100, "v": 0.5} for i in range(count)),
    "lists": lambda count: {"ts": range(count), "k": range(count), "v": range(count)},
    # no code of Python's runs in it; it ends, so that a defect fails and does not fill the memory
    "a long column": lambda count: {"ts": itertools.repeat(0, 20 * count), "k": [], "v": []},
}


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("shape", SHAPES)
def test_an_interrupt_ends_an_ingest_and_folds_nothing(shape: str, threads: int) -> None:
    rollup = isofold.Rollup(HEAVY)
    rollup.ingest([{"ts": 0, "k": 1, "v": 2.0}])
    before = rollup.digest()
    # so many rows take many seconds, whatever the machine
    data = SHAPES[shape](1_000_000)
    waited = stopped(lambda: rollup.ingest(data, threads=threads), 0.3)
    assert rollup.digest() == before
    # one block of rows is folded to its end, here with 80 states and no optimiser
    assert waited < 5


def test_a_handler_that_raises_nothing_lets_an_ingest_go_on() -> None:
    seen = []
    kept = signal.signal(signal.SIGINT, lambda *_: seen.append(time.perf_counter()))
    try:
        rollup = isofold.Rollup(HEAVY)
        timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        assert rollup.ingest(numbers(400_000), threads=1) == 400_000
        end = time.perf_counter()
        timer.join()
    finally:
        signal.signal(signal.SIGINT, kept)
    assert len(seen) == 1
    assert seen[0] < end


def test_an_interrupt_inside_a_producer_is_an_interrupt() -> None:
    pa = pytest.importorskip("pyarrow")
    schema = pa.schema([("ts", pa.int64()), ("k", pa.int64()), ("v", pa.float64())])

    def batches() -> Iterator[Any]:
        yield pa.record_batch([[0], [1], [2.0]], schema=schema)
        while True:
            time.sleep(0.01)

    rollup = isofold.Rollup(HEAVY)
    stopped(lambda: rollup.ingest(pa.RecordBatchReader.from_batches(schema, batches())), 0.2)
    assert len(rollup) == 0


LOOKS: dict[str, Callable[[isofold.Rollup], Any]] = {
    "len": len,
    "query": lambda rollup: rollup.query(),
    "digest": lambda rollup: rollup.digest(),
    "stats": lambda rollup: rollup.stats(),
    "merge": lambda rollup: rollup.merge(folded(rows(5))),
    "ingest": lambda rollup: rollup.ingest(rows(5)),
}


class Row:
    """A mapping that no dict is."""

    def __init__(self, row: dict[str, Any], look: Callable[[], Any]) -> None:
        self.row, self.look = row, look

    def keys(self) -> Any:
        return self.row.keys()

    def __getitem__(self, key: str) -> Any:
        self.look()
        return self.row[key]


def by_stream(look: Callable[[], Any]) -> Any:
    pa = pytest.importorskip("pyarrow")
    table = pa.Table.from_pylist([{name: row[name] for name in SPEC["columns"]} for row in rows(12)])

    def batches() -> Iterator[Any]:
        for batch in table.to_batches(max_chunksize=4):
            look()
            yield batch

    return pa.RecordBatchReader.from_batches(table.schema, batches())


def by_rows(look: Callable[[], Any]) -> Any:
    return [Row(row, look) for row in rows(12)]


def by_generator(look: Callable[[], Any]) -> Any:
    for row in rows(12):
        look()
        yield row


def by_capsule(look: Callable[[], Any]) -> Any:
    table = by_stream(lambda: None).read_all()

    class Table:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            look()
            return table.__arrow_c_stream__(requested_schema)

    return Table()


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("shape", [by_stream, by_rows, by_generator, by_capsule])
def test_rows_may_look_at_the_rollup_that_takes_them(shape: Callable[..., Any], look: str) -> None:
    rollup = isofold.Rollup(SPEC)
    done: list[int] = []
    data = shape(lambda: LOOKS[look](rollup))
    thread = threading.Thread(target=lambda: done.append(rollup.ingest(data)), daemon=True)
    thread.start()
    thread.join(60)
    assert done == [12], "it hangs"


def test_readers_do_not_wait_for_an_ingest() -> None:
    pa = pytest.importorskip("pyarrow")
    rollup = isofold.Rollup(HEAVY)
    schema = pa.schema([("ts", pa.int64()), ("k", pa.int64()), ("v", pa.float64())])
    go_on, pulled = threading.Event(), threading.Event()

    def batches() -> Iterator[Any]:
        pulled.set()
        go_on.wait(60)
        yield pa.record_batch([[0], [1], [2.0]], schema=schema)

    thread = threading.Thread(target=rollup.ingest, args=(pa.RecordBatchReader.from_batches(schema, batches()),))
    thread.start()
    assert pulled.wait(60)
    begin = time.perf_counter()
    assert (len(rollup), len(rollup.query())) == (0, 0)
    rollup.ingest([{"ts": 7200, "k": 1, "v": 2.0}])
    waited = time.perf_counter() - begin
    go_on.set()
    thread.join()
    assert waited < 10
    assert len(rollup) == 2


@pytest.mark.parametrize("threads", [0, 1, 3, 20_000, 1 << 40, 1 << 70])
def test_any_whole_number_of_threads_is_taken(threads: int, digest: str) -> None:
    assert folded(rows(), threads=threads).digest() == digest


@pytest.mark.parametrize("threads", [-1, -(1 << 70), 1.5, float("nan"), 2.0, "2", [1]])
def test_what_is_no_number_of_threads_is_refused(threads: Any) -> None:
    with pytest.raises(isofold.HostError) as raised:
        folded(rows(), threads=threads)
    assert raised.value.code == "host.argument"
    assert "threads" in str(raised.value)


def test_threads_that_the_system_does_not_grant_are_not_missed() -> None:
    script = "import isofold, test_calls; r = isofold.Rollup(test_calls.HEAVY); r.ingest(test_calls.numbers(100_000), threads=16); print(r.digest())"
    # no address space has room for such a stack
    few = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env={**os.environ, "RUST_MIN_STACK": str(1 << 60), "PYTHONPATH": os.pathsep.join(sys.path)})
    rollup = isofold.Rollup(HEAVY)
    rollup.ingest(numbers(100_000), threads=1)
    assert few.stdout.strip() == rollup.digest(), few.stderr
