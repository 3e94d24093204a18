from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from os import PathLike
from typing import Any, Literal, Protocol, TypedDict, final, overload, type_check_only

from typing_extensions import CapsuleType

__all__ = ["Result", "Rollup", "Run", "Store", "__version__", "tzdb_version"]

__version__: str
tzdb_version: str

_Time = str | date | datetime
_Bucket = str | Mapping[str, str | None]
_Named = Sequence[str | Mapping[str, str]] | Mapping[str, str]
_Spec = Mapping[str, Any] | str | PathLike[str]
_Bytes = bytes | bytearray | memoryview
_Fill = Literal["locf", "interpolate"] | float | bool | None | Mapping[str, object]
_Parameter = str | float | bool | datetime | None

@type_check_only
class _ArrowStream(Protocol):
    def __arrow_c_stream__(self, requested_schema: object = ...) -> object: ...

@type_check_only
class _ArrowArray(Protocol):
    def __arrow_c_array__(self, requested_schema: object = ...) -> tuple[object, object]: ...

@type_check_only
class _DataFrame(Protocol):
    @property
    def columns(self) -> Any: ...
    def __getitem__(self, key: Any, /) -> Any: ...

@type_check_only
class _Dataset(Protocol):
    def scanner(self) -> Any: ...

# mappings, named tuples, dataclasses, models, tables
_Rows = Iterable[object]
_Columns = Mapping[str, Iterable[object]]
_Table = _ArrowStream | _ArrowArray | _DataFrame | _Dataset | _Columns | _Rows

@type_check_only
class _Stats(TypedDict):
    groups: int
    rows: int
    nan: dict[str, int]
    first_bucket: str | None
    last_bucket_end: str | None
    memory_bytes: int

@type_check_only
class _SkippedRow(TypedDict):
    row: int
    path: str
    message: str

@type_check_only
class _SkippedRows(TypedDict):
    count: int
    first: list[_SkippedRow]

@type_check_only
class _Report(TypedDict):
    rows: int
    skipped: int
    errors: dict[str, _SkippedRows]

@final
class Rollup:
    """A table from (bucket, key) to mergeable states: a function of the multiset of rows folded into it and of its
    spec.

    Makes the empty rollup of a spec.

    The spec may also be the path of a JSON file.

    - `spec`: The spec: an object of the host, or JSON text.
    - `max_groups`: The most groups it may hold, 0 to 2,147,483,648; 1,000,000 unless told otherwise, fewer of
      more than 16 states.

    **Errors** `spec.*`, `expr.*`, `limit.states`, `limit.groups`, `host.argument`.

    >>> import isofold
    >>> rollup = isofold.Rollup({
    ...     "name": "requests_1hour",
    ...     "columns": {"ts": "timestamp", "model": "string", "ms": "float64"},
    ...     "time": "ts", "bucket": "1 hour", "group_by": ["model"],
    ...     "select": {"n": "count(*)", "avg_ms": "avg(ms)"},
    ... })
    >>> times = ["2026-11-01T10:15:00Z", "2026-11-01T11:45:00Z"]
    >>> rollup.ingest({"ts": times, "model": ["o3", "o3"], "ms": [120.0, 80.0]})
    2
    """
    def __new__(cls, spec: _Spec, *, max_groups: int | None = None) -> Rollup: ...
    @staticmethod
    def decode(
        data: _Bytes,
        *,
        max_rows: int | None = None,
        max_groups: int | None = None,
        start: _Time | None = None,
        end: _Time | None = None,
    ) -> Rollup:
        """Reads the bytes that `encode` wrote, trusting nothing in them.

        - `data`: The bytes.
        - `max_rows`: The most rows it may claim, 0 to 2^62; 2^48 unless told otherwise.
        - `max_groups`: The most groups it may hold, 0 to 2,147,483,648; 1,000,000 unless told otherwise, fewer of
          more than 16 states.
        - `start`: The first instant that its buckets may reach, a native date or ISO 8601 text; open when left out.
        - `end`: The first instant after its buckets; open when left out.

        **Returns** The rollup.

        **Cost** Linear in the bytes; memory is at most 96 times as many bytes.

        **Errors** `decode.*`, `limit.*`, `range.*`, `host.argument`.

        >>> isofold.Rollup.decode(rollup.encode()).digest() == rollup.digest()
        True
        """
        ...
    @overload
    def ingest(self, data: _Table, *, threads: int | None = None, strict: bool | Literal["columns"] = False, on_row_error: Literal["skip"]) -> _Report:
        """Folds rows in: all of them, or none when one does not fit.

        Takes any table with `__arrow_c_stream__` or `__arrow_c_array__` (pyarrow, polars, duckdb), a dataset of
        pyarrow, a pandas DataFrame, a structured array of NumPy, a mapping name → column (lists, NumPy arrays,
        Series), or rows in a list or iterator: mappings, named tuples, dataclasses, models of pydantic; also an
        iterator of tables. A key that a row lacks is NULL; a declared column that no row has while rows have a key
        that differs from it in case, `_` or `-` alone is refused. Columns and tables have all declared columns but
        those that are optional. Times without a zone are those of the column's `timezone`, or UTC; they are refused
        where the buckets have a zone and the column says none. What is no row is `ingest.row`. Arrow columns that
        are declared are looked at before they are used (UTF-8, offsets, views, codes, lengths); the Arrow interface
        does not tell how long buffers are, so that is the producer's word. In a row that is NULL as a whole every
        column is NULL. Rows are folded beside the rollup and merged in one step: readers do not wait, and Ctrl-C or
        an iterator that raises before that step leaves the rollup as it was; the `KeyboardInterrupt` then says
        `nothing of this call was folded`. One that comes later says that all rows were folded; one without words is
        raised by Python itself, before the call or after it. The other calls, whose time follows groups and not
        rows, see Ctrl-C when they have ended: with a million groups and six metrics each takes one to three
        seconds, and to stop a merge half way would take a copy of the rollup. Those that change the rollup
        (`merge`, `replace`, `prune`) then say that it was changed.

        - `data`: The rows; keys and columns that the spec does not declare are ignored.
        - `threads`: How many threads may fold, at most those of the machine; all of them for 0 or unless told
          otherwise; the bytes do not depend on it.
        - `strict`: Refuses, when true, keys and columns that are not declared, and declared ones that no row has
          unless they are optional; the latter alone for the text `columns`.
        - `on_row_error`: What a row does that does not fit: it refuses all rows (`stop`, unless told otherwise), or
          is left out and counted (`skip`).

        **Returns** How many rows passed `where`; when rows may be skipped, a report: `rows`, `skipped`, and by code
        in `errors` the `count` and the `first` ten.

        **Cost** Linear in rows × states.

        **Errors** `ingest.*`, `expr.*`, `limit.groups`, `limit.rows`, `host.argument`.

        >>> rollup.ingest([{"ts": "2026-11-01T12:00:00Z", "model": "gpt", "ms": 40.0}])
        1
        """
        ...
    @overload
    def ingest(self, data: _Table, *, threads: int | None = None, strict: bool | Literal["columns"] = False, on_row_error: Literal["stop"] = "stop") -> int:
        """Folds rows in: all of them, or none when one does not fit.

        Takes any table with `__arrow_c_stream__` or `__arrow_c_array__` (pyarrow, polars, duckdb), a dataset of
        pyarrow, a pandas DataFrame, a structured array of NumPy, a mapping name → column (lists, NumPy arrays,
        Series), or rows in a list or iterator: mappings, named tuples, dataclasses, models of pydantic; also an
        iterator of tables. A key that a row lacks is NULL; a declared column that no row has while rows have a key
        that differs from it in case, `_` or `-` alone is refused. Columns and tables have all declared columns but
        those that are optional. Times without a zone are those of the column's `timezone`, or UTC; they are refused
        where the buckets have a zone and the column says none. What is no row is `ingest.row`. Arrow columns that
        are declared are looked at before they are used (UTF-8, offsets, views, codes, lengths); the Arrow interface
        does not tell how long buffers are, so that is the producer's word. In a row that is NULL as a whole every
        column is NULL. Rows are folded beside the rollup and merged in one step: readers do not wait, and Ctrl-C or
        an iterator that raises before that step leaves the rollup as it was; the `KeyboardInterrupt` then says
        `nothing of this call was folded`. One that comes later says that all rows were folded; one without words is
        raised by Python itself, before the call or after it. The other calls, whose time follows groups and not
        rows, see Ctrl-C when they have ended: with a million groups and six metrics each takes one to three
        seconds, and to stop a merge half way would take a copy of the rollup. Those that change the rollup
        (`merge`, `replace`, `prune`) then say that it was changed.

        - `data`: The rows; keys and columns that the spec does not declare are ignored.
        - `threads`: How many threads may fold, at most those of the machine; all of them for 0 or unless told
          otherwise; the bytes do not depend on it.
        - `strict`: Refuses, when true, keys and columns that are not declared, and declared ones that no row has
          unless they are optional; the latter alone for the text `columns`.
        - `on_row_error`: What a row does that does not fit: it refuses all rows (`stop`, unless told otherwise), or
          is left out and counted (`skip`).

        **Returns** How many rows passed `where`; when rows may be skipped, a report: `rows`, `skipped`, and by code
        in `errors` the `count` and the `first` ten.

        **Cost** Linear in rows × states.

        **Errors** `ingest.*`, `expr.*`, `limit.groups`, `limit.rows`, `host.argument`.

        >>> rollup.ingest([{"ts": "2026-11-01T12:00:00Z", "model": "gpt", "ms": 40.0}])
        1
        """
        ...
    def merge(
        self,
        other: Rollup | _Bytes,
        *,
        max_rows: int | None = None,
        max_groups: int | None = None,
        start: _Time | None = None,
        end: _Time | None = None,
    ) -> None:
        """Folds the groups of another rollup in, as if its rows had been folded here.

        - `other`: A rollup with the same states, or the bytes of one.
        - `max_rows`: The most rows the other may bring, 0 to 2^62; of bytes 2^48 unless told otherwise.
        - `max_groups`: The most groups the other may have; of bytes as many as this one may have unless told
          otherwise.
        - `start`: The first instant that its buckets may reach, a native date or ISO 8601 text; open when left out.
        - `end`: The first instant after its buckets; open when left out.

        **Cost** Linear in the groups of the other × states.

        **Errors** `merge.schema`, `limit.groups`, `limit.rows`, `range.*`, `decode.*`, `host.argument`.

        >>> rollup.merge(rollup.encode())
        >>> rollup.stats()["rows"]
        4
        """
        ...
    def coarsen(self, *, bucket: _Bucket | None = None, group_by: Sequence[str] | None = None) -> Rollup:
        """Gives the rollup at a coarser bucket and with fewer keys, byte-equal to folding the rows under that spec.

        - `bucket`: The coarser bucket: a width such as `1 day`, or its width, timezone, origin and offset; the same
          one when left out.
        - `group_by`: The names of the keys to keep; all when left out.

        **Returns** A new rollup.

        **Cost** Linear in groups × states.

        **Errors** `coarsen.bucket`, `coarsen.key`, `spec.bucket`, `spec.timezone`, `host.argument`.

        >>> len(rollup.coarsen(bucket="1 day", group_by=[]))
        1
        """
        ...
    def slice(self, start: _Time | None = None, end: _Time | None = None) -> Rollup:
        """Gives the buckets of a time range.

        - `start`: The first instant, a native date or ISO 8601 text, on the edge of a bucket; open when left out.
        - `end`: The first instant after the range, on the edge of a bucket; open when left out.

        **Returns** A new rollup.

        **Errors** `range.invalid`, `range.edge`, `host.argument`.

        >>> len(rollup.slice("2026-11-01T11:00:00Z"))
        1
        """
        ...
    def replace(
        self,
        start: _Time | None,
        end: _Time | None,
        other: Rollup | _Bytes,
        *,
        max_rows: int | None = None,
        max_groups: int | None = None,
    ) -> None:
        """Puts another rollup's groups in the place of all groups of a time range, as late rows, updates and deletes
        need.

        - `start`: The first instant, a native date or ISO 8601 text, on the edge of a bucket; open when null.
        - `end`: The first instant after the range, on the edge of a bucket; open when null.
        - `other`: A rollup with the same states whose buckets lie in the range, or the bytes of one.
        - `max_rows`: The most rows the other may bring, 0 to 2^62; of bytes 2^48 unless told otherwise.
        - `max_groups`: The most groups the other may have; of bytes as many as this one may have unless told
          otherwise.

        **Errors** `range.*`, `merge.schema`, `limit.groups`, `limit.rows`, `decode.*`, `host.argument`.

        >>> again = isofold.Rollup(rollup.spec)
        >>> rollup.replace("2026-11-01", "2026-11-02", again)
        >>> len(rollup)
        0
        """
        ...
    def prune(self, before: _Time) -> int:
        """Drops the buckets that end at or before a time.

        - `before`: The time: a native date or datetime, or text in ISO 8601.

        **Returns** How many groups were dropped.

        **Errors** `range.invalid`, `host.argument`.

        >>> rollup.prune("2026-11-01T11:00:00Z")
        1
        """
        ...
    def rows(self) -> Result:
        """Gives every group as a row, by bucket and key: the bucket, the keys, the metrics, and the states as bytes in
        the column state, so that a rollup can live in any table.

        **Returns** The rows.

        **Cost** Linear in groups × states, and a sort of the groups.

        **Errors** `spec.duplicate`, `expr.*`, `limit.result`, `store.driver`, `host.argument`.

        >>> row = rollup.rows().to_dicts()[0]
        >>> row["model"], row["n"], type(row["state"]).__name__
        ('o3', 1, 'bytes')
        """
        ...
    @staticmethod
    def from_rows(
        spec: _Spec,
        rows: _ArrowStream | _ArrowArray | _Rows,
        *,
        duplicates: Literal["refuse", "merge"] = "refuse",
        max_rows: int | None = None,
        max_groups: int | None = None,
        start: _Time | None = None,
        end: _Time | None = None,
    ) -> Rollup:
        """Reads rows that `rows` gave back, in any order, trusting nothing in them: their bucket, keys and state;
        metrics are not looked at.

        Takes a sequence of dicts, a table with an Arrow interface, or what `rows` gave.

        - `spec`: The spec under which the rows were written: an object of the host, or JSON text.
        - `rows`: The rows; a timestamp among the keys must be as exact as it was.
        - `duplicates`: What becomes of a group that stands in several rows: `refuse`, unless told otherwise, or
          `merge`.
        - `max_rows`: The most rows it may claim, 0 to 2^62; 2^48 unless told otherwise.
        - `max_groups`: The most groups it may hold, 0 to 2,147,483,648; 1,000,000 unless told otherwise, fewer of
          more than 16 states.
        - `start`: The first instant that its buckets may reach, a native date or ISO 8601 text; open when left out.
        - `end`: The first instant after its buckets; open when left out.

        **Returns** The rollup.

        **Cost** Linear in the bytes.

        **Errors** `decode.*`, `merge.schema`, `ingest.*`, `spec.*`, `expr.*`, `limit.*`, `range.*`, `store.driver`,
        `host.argument`.

        >>> again = isofold.Rollup.from_rows(rollup.spec, rollup.rows())
        >>> again.digest() == rollup.digest()
        True
        """
        ...
    def merge_rows(
        self,
        rows: _ArrowStream | _ArrowArray | _Rows,
        *,
        max_rows: int | None = None,
        max_groups: int | None = None,
        start: _Time | None = None,
        end: _Time | None = None,
    ) -> None:
        """Folds rows in that `rows` of rollups of the same spec gave, in any order, a group as often as it comes: all
        of them, or none when one does not fit.

        Takes a sequence of dicts, a table with an Arrow interface, or what `rows` gave.

        - `rows`: The rows; a timestamp among the keys must be as exact as it was.
        - `max_rows`: The most rows they may bring, 0 to 2^62; 2^48 unless told otherwise.
        - `max_groups`: The most groups they may bring, 0 to 2,147,483,648; as many as the rollup may hold unless
          told otherwise.
        - `start`: The first instant that their buckets may reach, a native date or ISO 8601 text; open when left
          out.
        - `end`: The first instant after their buckets; open when left out.

        **Returns** Nothing.

        **Cost** Linear in the bytes.

        **Errors** `decode.*`, `merge.schema`, `ingest.*`, `limit.*`, `range.*`, `store.driver`, `host.argument`.

        >>> rollup.merge_rows(isofold.Rollup.decode(rollup.encode()).rows())
        >>> rollup.stats()["rows"]
        4
        """
        ...
    def encode(self) -> bytes:
        """Writes the rollup as bytes, the only ones for its content.

        **Returns** The bytes.

        **Cost** Linear in the bytes, and a sort of the groups.

        >>> rollup.encode() == isofold.Rollup.decode(rollup.encode()).encode()
        True
        """
        ...
    def digest(self) -> str:
        """Gives the SHA-256 of `encode`, in hexadecimal, to compare rollups between hosts.

        **Returns** 64 hexadecimal digits.

        >>> len(rollup.digest())
        64
        """
        ...
    def query(
        self,
        query: Mapping[str, Any] | str | None = None,
        /,
        *,
        start: _Time | None = ...,
        end: _Time | None = ...,
        align: Literal["exact", "outer", "inner"] = ...,
        bucket: _Bucket | None = ...,
        timezone: str | None = ...,
        group_by: _Named | None = ...,
        where: str | None = ...,
        select: _Named | None = ...,
        having: str | None = ...,
        order_by: Sequence[str] = ...,
        limit: int | None = ...,
        offset: int = ...,
        gapfill: Mapping[str, _Fill] | None = ...,
        windows: Mapping[str, str] | None = ...,
        compare: Literal["previous"] | None = ...,
        parameters: Sequence[_Parameter] = ...,
        then: Mapping[str, Any] | None = ...,
    ) -> Result:
        """Reads metrics, over stored states alone.

        Takes a dict, JSON text, or the same keys as keywords.

        - `query`: The query: start, end, align, bucket, timezone, group_by, where, select, having, order_by, limit,
          offset, gapfill, windows, compare, parameters, then, decimals.

        **Returns** The result: the bucket's start, the keys, the metrics.

        **Accuracy** Counts and integer sums are exact, other sums, means and variances correctly rounded,
        percentiles within 0.5415 % of the order statistic while dense values spread over at most 16 octaves
        (`percentile_error` tells what is attained; whole numbers to 92 are exact), ranks and histograms such that
        values up to 1.09 % above a bound can count as below it (`count(*) filter (where ms <= 500)` is exact),
        distinct counts exact up to 256 values, then with 1.6 % standard error unless values were crafted against
        the format's fixed hash, never more than the count.

        **Cost** Linear in the groups of the range × the states that the metrics read.

        **Errors** `query.*`, `expr.*`, `range.*`, `coarsen.bucket`, `spec.bucket`, `spec.timezone`, `spec.name`,
        `spec.duplicate`, `spec.missing`, `limit.states`, `limit.result`, `host.argument`.

        >>> result = rollup.query(bucket="1 day", group_by=[], select=["n", "avg_ms"], having="n > 1")
        >>> [(row["n"], row["avg_ms"]) for row in result]
        [(2, 100.0)]
        """
        ...
    def stats(self) -> _Stats:
        """Tells what the rollup holds: groups, rows, NaNs by column, first_bucket, last_bucket_end, memory_bytes.

        **Returns** An object of these numbers; times are ISO 8601 texts.

        >>> stats = rollup.stats()
        >>> stats["groups"], stats["rows"], stats["first_bucket"]
        (2, 2, '2026-11-01T10:00:00Z')
        """
        ...
    @property
    def spec(self) -> dict[str, Any]:
        """The normalised spec.

        >>> rollup.spec["time"]
        'ts'
        """
        ...
    @property
    def canonical(self) -> bool:
        """Whether equal rows always give equal bytes; false when a metric uses `tdigest`.

        >>> rollup.canonical
        True
        """
        ...
    def __len__(self) -> int: ...
    def __bool__(self) -> bool: ...
    def __reduce__(self) -> tuple[Any, tuple[bytes]]: ...

@final
class Result:
    """What a query found: columns of one length, ordered by bucket and key unless told otherwise.

    >>> result = rollup.query(bucket="1 day", select=["n", "avg_ms"])
    >>> len(result)
    1
    """
    def to_dicts(self) -> list[dict[str, Any]]:
        """Gives the rows, each as an object column → value.

        Timestamps are aware UTC datetimes.

        **Returns** One object per row.

        >>> result.to_dicts()[0]["avg_ms"]
        100.0
        """
        ...
    def column(self, name: str) -> list[Any]:
        """Gives the values of one column.

        - `name`: The name of the column.

        **Returns** The values, in the order of the rows.

        **Errors** `host.argument`.

        >>> result.column("avg_ms")
        [100.0]
        """
        ...
    @property
    def columns(self) -> list[str]:
        """The names of the columns: the bucket, the keys, the metrics.

        >>> result.columns
        ['bucket', 'model', 'n', 'avg_ms']
        """
        ...
    @property
    def types(self) -> dict[str, str]:
        """The type of every column by name: those of a spec, list<…> and counts<…>.

        >>> result.types["avg_ms"]
        'float64'
        """
        ...
    @property
    def warnings(self) -> list[dict[str, Any]]:
        """The cells that are NULL because their value does not fit the type of their metric, such as a sum past int64:
        code, message, metric, start of the bucket, key; of more than 100 the number of the others.

        >>> result.warnings
        []
        """
        ...
    @property
    def total_rows(self) -> int:
        """The number of rows that there would be without limit and offset.

        >>> result.total_rows
        1
        """
        ...
    def __len__(self) -> int: ...
    def __bool__(self) -> bool: ...
    def __iter__(self) -> Iterator[dict[str, Any]]: ...
    def __arrow_c_stream__(self, requested_schema: object = None) -> CapsuleType:
        """Gives the result to any reader of Arrow, such as `pyarrow.table`, `polars.DataFrame` or duckdb.

        - `requested_schema`: Ignored: the result has a schema of its own.

        **Returns** A capsule of an Arrow array stream.

        >>> import pyarrow
        >>> pyarrow.table(result).num_rows
        1
        """
        ...

_SqlRow = tuple[Any, ...]

@final
class Store:
    def __new__(cls, catalog: Mapping[str, Any] | str, dialect: str) -> Store: ...
    @property
    def names(self) -> list[str]: ...
    def limit_memory(self, max_bytes: int) -> None: ...
    def schedule(self) -> dict[str, int | None]: ...
    def init(self, options: dict[str, Any]) -> Run: ...
    def plan(self, options: dict[str, Any]) -> Run: ...
    def due(self, options: dict[str, Any]) -> Run: ...
    def runs(self, options: dict[str, Any]) -> Run: ...
    def columns(self, options: dict[str, Any]) -> Run: ...
    def refresh(self, options: dict[str, Any]) -> Run: ...
    def query(self, options: dict[str, Any]) -> Run: ...
    def load(self, options: dict[str, Any]) -> Run: ...
    def check(self, options: dict[str, Any]) -> Run: ...
    def invalidate(self, options: dict[str, Any]) -> Run: ...
    def reset(self, options: dict[str, Any]) -> Run: ...
    def prune(self, options: dict[str, Any]) -> Run: ...
    def drop(self, options: dict[str, Any]) -> Run: ...
    def note_failure(self, rollup: str, code: str, message: str) -> Run: ...

@final
class Run:
    def advance(self, rows: list[_SqlRow]) -> tuple[str, tuple[Any, ...] | None] | None: ...
    def fail(self, code: str, message: str) -> tuple[str, tuple[Any, ...] | None] | None: ...
    def fold(self, rows: list[_SqlRow]) -> None: ...
    def outcome(self) -> Any: ...
    def progress(self) -> dict[str, Any]: ...
