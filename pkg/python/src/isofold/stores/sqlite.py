"""SQLite through Python's own ``sqlite3``."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..errors import StoreError
from .driver import BATCH_ROWS, Row

#: Seconds for which one writer waits for another.
BUSY_SECONDS = 60


class SqliteDriver:
    """A connection of ``sqlite3``."""

    dialect = "sqlite"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @classmethod
    def connect(cls, path: str) -> SqliteDriver:
        try:
            return cls(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False))
        except sqlite3.Error as error:
            raise StoreError("store.database", f"{path}: {error}") from error

    @contextmanager
    def session(self) -> Iterator[None]:
        connection = self._connection
        if connection.in_transaction:
            raise StoreError("store.database", "the connection is inside a transaction of its own")
        kept = connection.isolation_level, connection.row_factory, connection.text_factory
        connection.isolation_level, connection.row_factory, connection.text_factory = None, None, str
        try:
            yield
        finally:
            connection.isolation_level, connection.row_factory, connection.text_factory = kept

    def run(self, sql: str, parameters: Sequence[Any]) -> list[Row]:
        try:
            return self._connection.execute(sql, parameters).fetchall()
        except sqlite3.Error as error:
            raise _refused(error) from error

    def stream(self, sql: str) -> Iterator[list[Row]]:
        given = 0
        try:
            try:
                for rows in self._batches(sql):
                    yield rows
                    given += len(rows)
            except sqlite3.OperationalError as error:
                if "decode to UTF-8" not in str(error):
                    raise
                # the same rows come again in this transaction; a text that is none is a row's problem, which the kernel names
                self._connection.text_factory = _marked
                for rows in self._batches(sql):
                    given -= len(rows)
                    if given < 0:
                        yield rows
        except sqlite3.Error as error:
            raise _refused(error) from error
        finally:
            self._connection.text_factory = str

    def _batches(self, sql: str) -> Iterator[list[Row]]:
        cursor = self._connection.execute(sql)
        while rows := cursor.fetchmany(BATCH_ROWS):
            yield rows

    def rollback(self) -> None:
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error:
            # a connection that cannot roll back holds nothing that it could commit
            pass

    def is_usable(self) -> bool:
        return not self._connection.in_transaction

    def close(self) -> None:
        self._connection.close()


def _marked(text: bytes) -> str:
    """A text, with what is not UTF-8 as what is no Unicode."""
    return text.decode("utf-8", "surrogateescape")


def _refused(error: sqlite3.Error) -> StoreError:
    # Python tells the code since 3.11
    is_busy = isinstance(error, sqlite3.OperationalError) and "is locked" in str(error)
    return StoreError("store.busy" if is_busy else "store.database", str(error))
