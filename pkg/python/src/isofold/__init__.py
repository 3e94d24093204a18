"""Rollups that are a function of the multiset of rows: same rows, same bytes, on every host."""

from ._isofold import Result, Rollup, __version__, tzdb_version
from .errors import (
    CatalogError,
    CoarsenError,
    DecodeError,
    Error,
    ExprError,
    HostError,
    IngestError,
    LimitError,
    MergeError,
    QueryError,
    RangeError,
    RefreshError,
    SpecError,
    StoreError,
)

__all__ = [
    "CatalogError",
    "CoarsenError",
    "DecodeError",
    "Error",
    "ExprError",
    "HostError",
    "IngestError",
    "LimitError",
    "MergeError",
    "QueryError",
    "RangeError",
    "RefreshError",
    "Result",
    "Rollup",
    "SpecError",
    "StoreError",
    "__version__",
    "tzdb_version",
]
