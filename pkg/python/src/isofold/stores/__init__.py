"""Rollups that keep themselves fresh in the user's own database: SQLite and PostgreSQL.

>>> store = isofold.stores.open(catalog, "app.db")          # or "postgresql://…", or an open connection
>>> store.init()
>>> store.refresh()
>>> store.query("requests_1hour", bucket="1 day").to_dicts()

What is done in which order, and every statement, comes from the kernel; here are connections and cursors.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import StoreError
from .driver import Driver
from .sqlite import SqliteDriver
from .store import Answer, Progress, Store

if TYPE_CHECKING:
    from .postgres import PostgresDriver

__all__ = ["Answer", "Progress", "Store", "open"]


def open(catalog: Any, database: Any) -> Store:
    """Gives the store of a catalog in a database.

    The database is the path of an SQLite file, a URL (`sqlite:///app.db`, `postgresql://…`), or a connection of
    sqlite3 or psycopg 3 that is in no transaction. The catalog may also be the path of a JSON file.

    - `catalog`: The catalog: an object of the host, or JSON text.
    - `database`: The database, or a connection that nobody else uses meanwhile.

    **Returns** The store.

    **Errors** `catalog.*`, `spec.*`, `expr.*`, `store.driver`, `store.database`.
    """
    return Store(catalog, _driver(database))


def _driver(database: Any) -> Driver:
    if isinstance(database, sqlite3.Connection):
        return SqliteDriver(database)
    if isinstance(database, (str, Path)):
        text = str(database)
        if text.startswith(("postgresql://", "postgres://")):
            return _postgres_driver().connect(text)
        return SqliteDriver.connect(text.removeprefix("sqlite:///") if text.startswith("sqlite:///") else text)
    if type(database).__module__.partition(".")[0] == "psycopg":
        return _postgres_driver()(database)
    raise StoreError("store.driver", f"a path, a URL or a connection is expected, got {type(database).__name__}")


def _postgres_driver() -> type[PostgresDriver]:
    try:
        from .postgres import PostgresDriver
    except ImportError as error:
        raise StoreError("store.driver", f"PostgreSQL needs psycopg 3: pip install 'isofold[postgres]' ({error})") from error
    return PostgresDriver
