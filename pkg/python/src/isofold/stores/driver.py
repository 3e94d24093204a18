"""What a store needs of a database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

#: Rows that are handed to the kernel at once.
BATCH_ROWS = 20_000

Row = tuple[Any, ...]


class Driver(Protocol):
    """A connection that runs the kernel's statements as they are."""

    #: The dialect, as the kernel names it.
    dialect: str

    def session(self) -> AbstractContextManager[None]:
        """The connection in the mode in which ``BEGIN`` and ``COMMIT`` are statements like all others."""
        ...

    def run(self, sql: str, parameters: Sequence[Any]) -> list[Row]:
        """Runs a statement and gives all its rows."""
        ...

    def stream(self, sql: str) -> Iterator[list[Row]]:
        """Runs a statement inside a transaction and gives its rows in batches, holding one at a time."""
        ...

    def rollback(self) -> None:
        """Ends a transaction, where there is one, and never fails."""
        ...

    def is_usable(self) -> bool:
        """Whether the connection is not broken, as far as is known."""
        ...

    def close(self) -> None:
        """Closes the connection."""
        ...
