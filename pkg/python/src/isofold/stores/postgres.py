"""PostgreSQL through psycopg 3."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus
from psycopg.rows import tuple_row
from psycopg.types.numeric import NumericBinaryLoader

from ..errors import StoreError
from .driver import BATCH_ROWS, Row

CURSOR = "isofold_rows"

#: A lock that is not given in time, and one that is given to another in a deadlock.
BUSY = ("55P03", "40P01")


class _WholeLoader(NumericBinaryLoader):
    """A numeric as an int where it is whole: what the kernel takes for an int64."""

    def load(self, data: Any) -> Any:
        value = super().load(data)
        return int(value) if value.is_finite() and value == value.to_integral_value() else float(value)


class PostgresDriver:
    """A connection of psycopg."""

    dialect = "postgres"

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    @classmethod
    def connect(cls, url: str) -> PostgresDriver:
        # neither a message nor a chained one repeats the text or its password
        try:
            known = conninfo_to_dict(url)
        except psycopg.Error:
            raise StoreError("store.database", "the URL or connection string of the database cannot be read") from None
        try:
            return cls(psycopg.connect(url, autocommit=True))
        except psycopg.Error as error:
            message = str(error).strip()
        password = known.get("password")
        raise StoreError("store.database", message.replace(str(password), "…") if password else message)

    @contextmanager
    def session(self) -> Iterator[None]:
        connection = self._connection
        if connection.info.transaction_status not in (TransactionStatus.IDLE, TransactionStatus.UNKNOWN):
            raise StoreError("store.database", "the connection is inside a transaction of its own")
        kept = connection.autocommit
        try:
            connection.autocommit = True
        except psycopg.Error as error:
            raise StoreError("store.database", str(error).strip()) from error
        try:
            yield
        finally:
            if not connection.closed:
                connection.autocommit = kept

    def run(self, sql: str, parameters: Sequence[Any]) -> list[Row]:
        try:
            with psycopg.RawCursor(self._connection, row_factory=tuple_row) as cursor:
                cursor.adapters.register_loader("numeric", _WholeLoader)
                # nothing is prepared under a name: a pool of transactions gives the next one to another server
                cursor.execute(sql.encode(), parameters or None, prepare=False, binary=True)
                return cursor.fetchall() if cursor.description is not None else []
        except psycopg.Error as error:
            code = "store.busy" if error.sqlstate in BUSY else "store.database"
            raise StoreError(code, str(error).strip()) from error

    def stream(self, sql: str) -> Iterator[list[Row]]:
        self.run(f"DECLARE {CURSOR} NO SCROLL CURSOR FOR {sql}", ())
        is_more = True
        while is_more:
            rows = self.run(f"FETCH FORWARD {BATCH_ROWS} FROM {CURSOR}", ())
            is_more = len(rows) == BATCH_ROWS
            if rows:
                yield rows
        self.run(f"CLOSE {CURSOR}", ())

    def rollback(self) -> None:
        try:
            if self._connection.info.transaction_status != TransactionStatus.IDLE:
                self._connection.execute("ROLLBACK")
        except psycopg.Error:
            # the server rolls back what a broken connection leaves
            pass

    def is_usable(self) -> bool:
        return self._connection.info.transaction_status == TransactionStatus.IDLE

    def close(self) -> None:
        self._connection.close()
