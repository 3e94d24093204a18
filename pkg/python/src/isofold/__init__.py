"""Rollups that are a function of the multiset of rows: same rows, same bytes, on every host."""

from ._isofold import Result, Rollup, __version__, tzdb_version
from .errors import (
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
    SpecError,
)

__all__ = [
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
    "Result",
    "Rollup",
    "SpecError",
    "__version__",
    "tzdb_version",
]
