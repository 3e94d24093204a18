"""Readings by column: what the simulator makes, files give and databases take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .gauges import NAMES

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US


@dataclass
class Readings:
    """Readings, one a row."""

    wells: NDArray[np.object_]
    #: Microseconds since 1970, UTC.
    times: NDArray[np.int64]
    #: A column for each of :data:`wells.gauges.NAMES`; NaN where a gauge gave nothing.
    values: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.times)

    def __getitem__(self, chosen: Any) -> Readings:
        return Readings(self.wells[chosen], self.times[chosen], self.values[chosen])

    @classmethod
    def joined(cls, parts: Sequence[Readings]) -> Readings:
        if not parts:
            return cls(np.empty(0, object), np.empty(0, np.int64), np.empty((0, len(NAMES))))
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("wells", "times", "values")))

    def rows(self, at_once: int = 20_000) -> Iterator[list[tuple[Any, ...]]]:
        """The rows as tuples of Python's own values, some at a time."""
        for first in range(0, len(self), at_once):
            part = slice(first, first + at_once)
            values = self.values[part].astype(object)
            values[np.isnan(self.values[part])] = None
            yield list(zip(self.wells[part].tolist(), self.times[part].tolist(), *values.T.tolist()))


@dataclass
class Diagnosis:
    """A row of ``diagnostic_results``."""

    well: str
    #: Microseconds since 1970, UTC.
    time: int
    diagnosis: str
    confidence: float
    severity: str
