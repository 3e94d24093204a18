"""What a task does with the batches of its partition. Runs on the workers.

The one idea: a task holds the states of a bounded number of groups. Folding gives up what it has when that is passed,
since the same group may come again; merging reads groups in order, so that each comes once and what is behind is whole.

Not here: which tasks there are (`frames`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

import isofold

from .errors import telling, wrong_version

#: Groups after which a look at the memory is worth its time.
LOOK_GROUPS = 4096


@dataclass(frozen=True)
class Task:
    """What travels to the workers: the spec as text, the version of the package, and the bounds of a task."""

    spec: str
    version: str
    max_groups: int
    max_bytes: int

    def empty(self) -> isofold.Rollup:
        """Errors: `host.argument` where the worker has another version of the package than the driver."""
        with telling():
            if self.version != isofold.__version__:
                raise wrong_version(self.version, isofold.__version__)
        return isofold.Rollup(self.spec, max_groups=2 * self.max_groups + (1 << 20))

    def of(self, spec: str) -> Task:
        return replace(self, spec=spec)

    def is_full(self, rollup: isofold.Rollup) -> bool:
        return len(rollup) >= self.max_groups or rollup.stats()["memory_bytes"] >= self.max_bytes


def rows_of(rollup: isofold.Rollup) -> Iterator[pa.RecordBatch]:
    """The groups as rows, the states as Spark takes them."""
    if len(rollup) == 0:
        return
    table = pa.table(rollup.rows())
    at = table.schema.get_field_index("state")
    yield from table.set_column(at, "state", table.column(at).cast(pa.binary())).to_batches()


def folded(task: Task, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Rows of states of the rows of a partition, a group perhaps in several."""
    rollup, looked, seen = task.empty(), 0, 0
    for batch in batches:
        with telling(rows_before=seen):
            rollup.ingest(batch, threads=1)
        seen += batch.num_rows
        if len(rollup) - looked >= LOOK_GROUPS:
            looked = len(rollup)
            if task.is_full(rollup):
                yield from rows_of(rollup)
                rollup, looked = task.empty(), 0
    yield from rows_of(rollup)


def merged(task: Task, keys: list[str], batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Rows of states, each group in one, of batches in the order of their groups."""
    for rollup in merged_rollups(task, keys, batches):
        yield from rows_of(rollup)


def merged_rollups(task: Task, keys: list[str], batches: Iterable[pa.RecordBatch]) -> Iterator[isofold.Rollup]:
    rollup, looked = task.empty(), 0
    tail: list[pa.RecordBatch] = []
    for batch in batches:
        if batch.num_rows == 0:
            continue
        start = last_run(batch, keys)
        if start > 0 or not (tail and same_group(tail[-1], batch, keys)):
            # the group of the tail ends in this batch
            whole = [*tail, *([batch.slice(0, start)] if start > 0 else [])]
            if whole:
                with telling():
                    rollup.merge_rows(pa.Table.from_batches(whole))
            tail = []
            if len(rollup) - looked >= LOOK_GROUPS:
                looked = len(rollup)
                if task.is_full(rollup):
                    yield rollup
                    rollup, looked = task.empty(), 0
        tail.append(batch.slice(start))
        if sum(part.num_rows for part in tail) > LOOK_GROUPS:
            # one group in very many rows: they become one
            run = task.empty()
            with telling():
                run.merge_rows(pa.Table.from_batches(tail))
            tail = [part.cast(tail[0].schema) for part in pa.table(run.rows()).select(tail[0].schema.names).to_batches()]
    if tail:
        with telling():
            rollup.merge_rows(pa.Table.from_batches(tail))
    yield rollup


def last_run(batch: pa.RecordBatch, keys: list[str]) -> int:
    """Where the rows of the last group of a batch begin."""
    last = batch.num_rows - 1
    same = None
    for key in keys:
        column, value = batch.column(key), batch.column(key)[last]
        equal = pc.is_null(column) if not value.is_valid else pc.fill_null(pc.equal(column, value), False)
        same = equal if same is None else pc.and_(same, equal)
    # the first row from which on all are the same, since rows come in order
    first: int = pc.index(same, True).as_py()
    return first


def same_group(before: pa.RecordBatch, after: pa.RecordBatch, keys: list[str]) -> bool:
    return all(before.column(key)[0] == after.column(key)[0] for key in keys)


def coarsened(
    task: Task, options: dict[str, Any], batches: Iterable[pa.RecordBatch], selection: dict[str, Any] | None = None
) -> Iterator[pa.RecordBatch]:
    """Rows of states at a coarser bucket or with fewer keys, a group perhaps in several; those that are selected."""
    rollup = task.empty()
    for batch in batches:
        with telling():
            rollup.merge_rows(selected(task, selection, batch) if selection else batch)
        if task.is_full(rollup):
            yield from rows_of(rollup.coarsen(**options))
            rollup = task.empty()
    with telling():
        rows = rollup.coarsen(**options)
    yield from rows_of(rows)


def selected(task: Task, selection: dict[str, Any], batch: pa.RecordBatch) -> pa.RecordBatch:
    """The rows of states whose groups a query without a bucket of its own reads."""
    rollup = task.empty()
    rollup.merge_rows(batch)
    groups = pa.table(rollup.query(select=[], **selection))
    names = groups.column_names
    wanted = set(zip(*(groups.column(name).to_pylist() for name in names)))
    rows = zip(*(batch.column(name).cast(groups.schema.field(name).type).to_pylist() for name in names))
    return batch.filter(pa.array([row in wanted for row in rows], pa.bool_()))


def asked(task: Task, query: dict[str, Any], batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The answer for the groups of a partition."""
    rollup = task.empty()
    for batch in batches:
        with telling():
            rollup.merge_rows(batch)
    with telling():
        yield from pa.table(rollup.query(query)).to_batches()
