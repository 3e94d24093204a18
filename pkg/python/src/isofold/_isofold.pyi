from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from os import PathLike
from typing import Any, Literal, Protocol, TypedDict, final, type_check_only

from typing_extensions import CapsuleType

__all__ = ["Result", "Rollup", "__version__", "tzdb_version"]

__version__: str
tzdb_version: str

_Time = str | date | datetime
_Bucket = str | Mapping[str, str | None]
_Named = Sequence[str | Mapping[str, str]] | Mapping[str, str]
_Spec = Mapping[str, Any] | str | PathLike[str]
_Bytes = bytes | bytearray | memoryview
_Fill = Literal["locf", "interpolate"] | float | bool | None | Mapping[str, object]

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

_Rows = Iterable[Mapping[str, object]]
_Columns = Mapping[str, Iterable[object]]
_Table = _ArrowStream | _ArrowArray | _DataFrame | _Columns | _Rows

@type_check_only
class _Stats(TypedDict):
    groups: int
    rows: int
    nan: dict[str, int]
    first_bucket: str | None
    last_bucket_end: str | None
    memory_bytes: int

@final
class Rollup:
    def __new__(cls, spec: _Spec, *, max_groups: int | None = None) -> Rollup: ...
    @staticmethod
    def decode(data: _Bytes, *, max_groups: int | None = None) -> Rollup: ...
    def ingest(self, data: _Table, *, threads: int | None = None) -> int: ...
    def merge(self, other: Rollup | _Bytes) -> None: ...
    def coarsen(self, *, bucket: _Bucket | None = None, group_by: Sequence[str] | None = None) -> Rollup: ...
    def slice(self, start: _Time | None = None, end: _Time | None = None) -> Rollup: ...
    def replace(self, start: _Time | None, end: _Time | None, other: Rollup | _Bytes) -> None: ...
    def prune(self, before: _Time) -> int: ...
    def encode(self) -> bytes: ...
    def digest(self) -> str: ...
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
    ) -> Result: ...
    def stats(self) -> _Stats: ...
    @property
    def spec(self) -> dict[str, Any]: ...
    @property
    def canonical(self) -> bool: ...
    def __len__(self) -> int: ...
    def __bool__(self) -> bool: ...
    def __reduce__(self) -> tuple[Any, tuple[bytes]]: ...

@final
class Result:
    def to_dicts(self) -> list[dict[str, Any]]: ...
    def column(self, name: str) -> list[Any]: ...
    @property
    def columns(self) -> list[str]: ...
    @property
    def types(self) -> dict[str, str]: ...
    def __len__(self) -> int: ...
    def __bool__(self) -> bool: ...
    def __iter__(self) -> Iterator[dict[str, Any]]: ...
    def __arrow_c_stream__(self, requested_schema: object = None) -> CapsuleType: ...
