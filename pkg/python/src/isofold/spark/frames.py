"""Rollups as DataFrames of rows of states.

The one idea: fold where rows lie, shuffle states by their group, merge. Nothing is collected on the driver but by `load`.

Not here: what a task does (`task`), rollups kept in files (`store`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from inspect import signature
from math import isqrt
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema

import isofold

from . import task as tasks
from .errors import coded
from .task import Task

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.types import StructType

Spec = Mapping[str, Any] | str

#: Groups that a task holds, unless told otherwise.
MAX_GROUPS = 100_000
#: Bytes of states that a task holds, about.
MAX_BYTES = 256 << 20
#: Partitions from which on a group of all of them is merged in two steps.
SKEWED_PARTITIONS = 256


def rollup(df: DataFrame, spec: Spec, *, max_groups: int = MAX_GROUPS, salt: int | None = None) -> DataFrame:
    """Folds a DataFrame: one row for each group, with its bucket, keys, metrics and states.

    - `df`: The rows. Columns that the spec does not declare are not read.
    - `spec`: The spec, as for :class:`isofold.Rollup`.
    - `max_groups`: Groups that a task holds at a time; a partition with more is folded in several pieces.
    - `salt`: Into how many parts the states of one group are split before they are merged to one, for keys that very
      many partitions share; the square root of the partitions from 256 on, unless told otherwise.

    **Returns** The rows of :meth:`isofold.Rollup.rows` of one machine, in no order.

    **Errors** `spec.*`, `expr.*` at once; `ingest.*` and `limit.*` from the workers when the DataFrame is used (inside
    the exception of Spark; :func:`load` and :func:`merge_into` raise the coded error itself).

    >>> isofold.spark.rollup(spark.read.parquet("requests"), spec).write.parquet("requests_1hour")  # doctest: +SKIP
    """
    made, task = _opened(spec, max_groups)
    wanted = [name for name in df.columns if name in made.spec["columns"]]
    # what can be said of the columns is said before a job is run
    for name, column in made.spec["columns"].items():
        if name not in wanted and not (isinstance(column, Mapping) and column.get("optional")):
            text = f"the column is declared and not there, among {', '.join(df.columns)}"
            raise isofold.IngestError("ingest.column", text, f"column.{name}")
    isofold.Rollup(spec).ingest(pa.RecordBatch.from_pylist([], _arrow(df.select(*map(_column, wanted)).schema)))
    states = _states(made)
    folded = _mapped(df.select(*map(_column, wanted)), states, lambda batches: tasks.folded(task, batches))
    return _merged(folded, made, task, salt)


def merge(*parts: DataFrame, spec: Spec, max_groups: int = MAX_GROUPS, salt: int | None = None) -> DataFrame:
    """Merges rows of states of the same spec, as if all their rows had been folded together.

    - `parts`: DataFrames that `rollup`, `merge` or `StoredRollup.read` gave, or tables with the columns bucket, the keys,
      and state; metrics are not read.

    **Returns** One row for each group.

    **Errors** As `rollup`; `decode.*`, `merge.schema` from the workers.
    """
    made, task = _opened(spec, max_groups)
    return _merged(_union(parts, made), made, task, salt)


def coarsen(
    df: DataFrame,
    spec: Spec,
    *,
    bucket: str | Mapping[str, Any] | None = None,
    group_by: Sequence[str] | None = None,
    max_groups: int = MAX_GROUPS,
    salt: int | None = None,
) -> DataFrame:
    """Gives rows of states at a coarser bucket and with fewer keys.

    - `df`: Rows of states of `spec`.
    - `bucket`, `group_by`: As for :meth:`isofold.Rollup.coarsen`.

    **Returns** Rows of states of the spec ``isofold.Rollup(spec).coarsen(bucket=…, group_by=…).spec``.

    **Errors** As `merge`; `coarsen.*`, at once or from the workers.
    """
    made, task = _opened(spec, max_groups)
    options: dict[str, Any] = {key: value for key, value in (("bucket", bucket), ("group_by", group_by)) if value is not None}
    coarse = made.coarsen(**options)
    rows = _mapped(_union([df], made), _states(coarse), lambda batches: tasks.coarsened(task, options, batches))
    return _merged(rows, coarse, task.of(json.dumps(coarse.spec)), salt)


def query(df: DataFrame, spec: Spec, *, max_groups: int = MAX_GROUPS, salt: int | None = None, **asked: Any) -> DataFrame:
    """Reads metrics from rows of states, each group of the answer by one task.

    - `df`: Rows of states of `spec`.
    - `asked`: The keys of :meth:`isofold.Rollup.query`: start, end, bucket, group_by (names of keys), where, select,
      having, gapfill. For order_by, limit and offset use those of the DataFrame; windows are for one machine
      (``load(df, spec).query(…)``).

    **Returns** The answer, in no order.

    **Errors** `query.*`, `host.argument` at once; those of `merge` from the workers.
    """
    made, task = _opened(spec, max_groups)
    for name in ("order_by", "limit", "offset", "windows"):
        if asked.get(name) is not None:
            text = f"{name} is not for DataFrames: order and cut the answer with Spark's own words, or load(df, spec).query(…)"
            raise isofold.HostError("host.argument", text, name)
    names = _keys(made) if asked.get("group_by") is None else list(asked["group_by"])
    if not all(isinstance(name, str) and name in _keys(made) for name in names):
        raise isofold.HostError("host.argument", "group_by takes the names of keys", "group_by")
    rest = {**asked, "group_by": names}
    # what is wrong with the query is said before a job is run; of no rows every answer has the same columns
    shape = pa.table(made.query(rest)).schema
    first: dict[str, Any] = {"group_by": names}
    if rest.get("timezone") is None and rest.get("bucket") is not None:
        first["bucket"] = rest["bucket"]
    selection = {key: rest.pop(key) for key in ("where",) if key in rest}
    if asked.get("gapfill") is None:
        selection |= {key: rest.pop(key) for key in ("start", "end", "align") if key in rest}
    coarse = made.coarsen(**first)
    coarse_task = task.of(json.dumps(coarse.spec))
    rows = _mapped(_union([df], made), _states(coarse), lambda batches: tasks.coarsened(task, first, batches, selection))
    rows = _merged(rows, coarse, coarse_task, salt)
    # a line of gaps, a bucket of all of time and one of another zone need what is beside each other
    is_apart = asked.get("gapfill") is None and rest.get("timezone") is None and rest.get("bucket", "") is not None
    together = [*(["bucket"] if is_apart else []), *names]
    rows = rows.repartition(*map(_column, together)) if together else rows.repartition(1)
    return _mapped(rows, shape, lambda batches: tasks.asked(coarse_task, rest, batches))


def load(df: DataFrame, spec: Spec, *, max_groups: int | None = None) -> isofold.Rollup:
    """Brings rows of states to the driver, as the rollup of one machine.

    - `max_groups`: The most groups the rollup may hold, as for :class:`isofold.Rollup`.

    **Returns** The rollup; its digest is that of one machine that folded all rows.

    **Errors** `limit.groups`, `decode.*`, `merge.schema`, and the coded errors of the workers.
    """
    made = isofold.Rollup(spec, **({} if max_groups is None else {"max_groups": max_groups}))
    with coded():
        rows = df.select("bucket", *map(_column, _keys(made)), "state").toArrow()
    made.merge_rows(rows)
    return made


def _opened(spec: Spec, max_groups: int) -> tuple[isofold.Rollup, Task]:
    if not isinstance(max_groups, int) or not 1 <= max_groups <= 1 << 30:
        raise isofold.HostError("host.argument", f"max_groups must be from 1 to {1 << 30}, got {max_groups}", "max_groups")
    made = isofold.Rollup(spec)
    return made, Task(json.dumps(made.spec), isofold.__version__, max_groups, MAX_BYTES)


def _keys(made: isofold.Rollup) -> list[str]:
    names: list[str] = pa.table(made.query(select=[])).column_names
    return names[1:]


def _states(made: isofold.Rollup) -> pa.Schema:
    """The schema of rows of states as the workers give them."""
    schema = pa.table(made.rows()).schema
    return schema.set(schema.get_field_index("state"), pa.field("state", pa.binary()))


def states_schema(spec: Spec) -> pa.Schema:
    """The columns of rows of states."""
    return _states(isofold.Rollup(spec))


def states_type(spec: Spec) -> StructType:
    """The columns of rows of states, as Spark's."""
    return from_arrow_schema(states_schema(spec))


def _merged(rows: DataFrame, made: isofold.Rollup, task: Task, salt: int | None) -> DataFrame:
    keys = ["bucket", *_keys(made)]
    states = _states(made)
    parts = rows.rdd.getNumPartitions() if salt is None and not _is_connect(rows) else 0
    salt = isqrt(parts) if salt is None and parts >= SKEWED_PARTITIONS else salt
    grouped = list(map(_column, keys))
    merge = lambda batches: tasks.merged(task, keys, batches)  # noqa: E731
    if salt is not None and salt > 1:
        by = F.pmod(F.spark_partition_id(), F.lit(salt))
        salted = rows.withColumn("__isofold_salt", by).repartition(*grouped, "__isofold_salt")
        rows = _mapped(salted.drop("__isofold_salt").sortWithinPartitions(*grouped), states, merge)
    return _mapped(rows.repartition(*grouped).sortWithinPartitions(*grouped), states, merge)


def _union(parts: Iterable[DataFrame], made: isofold.Rollup) -> DataFrame:
    columns = ["bucket", *_keys(made), "state"]
    united: DataFrame | None = None
    for part in parts:
        rows = part.select(*map(_column, columns))
        united = rows if united is None else united.unionByName(rows)
    if united is None:
        raise isofold.HostError("host.argument", "nothing is given to be merged", "parts")
    return united


def _mapped(df: DataFrame, schema: pa.Schema | StructType, work: Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]) -> DataFrame:
    wanted = from_arrow_schema(schema) if isinstance(schema, pa.Schema) else schema
    names = [field.name for field in wanted.fields]

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in work(batches):
            yield batch.select(names)

    return df.mapInArrow(run, wanted)


def _arrow(schema: StructType) -> pa.Schema:
    # Spark 3.5 has UTC there
    zone = {"timezone": "UTC"} if "timezone" in signature(to_arrow_schema).parameters else {}
    return to_arrow_schema(schema, **zone)


def _column(name: str) -> Any:
    return F.col(_quoted(name))


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _is_connect(df: DataFrame) -> bool:
    return type(df).__module__.startswith("pyspark.sql.connect")
