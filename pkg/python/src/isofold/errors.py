"""The exceptions: one class per area of codes, all of them :class:`Error`."""

from __future__ import annotations

Fields = tuple[str, str, str, "int | None"]


class Error(ValueError):
    """A coded error: what was wrong, the value, the limit and the place.

    - `code`: The code, `area.problem`, the same in every host and stable for ever.
    - `message`: What was wrong, for people.
    - `path`: The place, such as `spec.select.p95`, and at its end the row, as in `column.tokens[12]`; empty
      when there is none.
    - `position`: The character inside the text at `path`, from 0, in code points.
    - `problems`: All problems found together, this one first.

    >>> try:
    ...     rollup.query(select=["median_ms"])
    ... except isofold.Error as error:
    ...     print(error.code, error.path)
    query.unknown_name query.select[0]
    """

    def __init__(
        self,
        code: str,
        message: str,
        path: str = "",
        position: int | None = None,
        others: tuple[Error, ...] = (),
    ) -> None:
        super().__init__(code, message, path, position, others)
        self.code = code
        self.message = message
        self.path = path
        self.position = position
        self._others = others

    @property
    def problems(self) -> tuple[Error, ...]:
        """All problems found together, this one first."""
        return (self, *self._others)

    def __str__(self) -> str:
        place = [self.path] if self.path else []
        if self.position is not None:
            place.append(f"character {self.position}")
        where = f" ({', '.join(place)})" if place else ""
        more = f"; and {len(self._others)} more" if self._others else ""
        return f"{self.code}: {self.message}{where}{more}"


class SpecError(Error):
    """A spec is not what a spec has to be."""


class ExprError(Error):
    """An expression cannot be read, checked or computed."""


class IngestError(Error):
    """Rows do not fit the declared columns."""


class LimitError(Error):
    """A bound of the kernel is passed."""


class MergeError(Error):
    """Two rollups cannot be merged."""


class CoarsenError(Error):
    """A rollup cannot be made coarser in that way."""


class RangeError(Error):
    """A time range does not fit the rollup."""


class QueryError(Error):
    """A query is not what a query has to be."""


class DecodeError(Error):
    """Bytes are not an encoded rollup."""


class CatalogError(Error):
    """A catalog is not what a catalog has to be."""


class RefreshError(Error):
    """A rollup cannot be refreshed or read in that way."""


class StoreError(Error):
    """The database or its driver refused, or holds what isofold did not write."""


class HostError(Error):
    """An argument of a call is not what its parameter takes."""


AREAS: dict[str, type[Error]] = {
    "spec": SpecError,
    "expr": ExprError,
    "ingest": IngestError,
    "limit": LimitError,
    "merge": MergeError,
    "coarsen": CoarsenError,
    "range": RangeError,
    "query": QueryError,
    "decode": DecodeError,
    "catalog": CatalogError,
    "refresh": RefreshError,
    "store": StoreError,
    "host": HostError,
}


def make(problems: list[Fields]) -> Error:
    """The exception of the problems that the kernel found together."""
    first, *rest = problems
    return _one(first, tuple(_one(fields) for fields in rest))


def _one(fields: Fields, others: tuple[Error, ...] = ()) -> Error:
    area = fields[0].partition(".")[0]
    return AREAS[area](*fields, others)
