"""Rollups that keep themselves fresh in the user's own database: SQLite and PostgreSQL.

>>> store = isofold.stores.open(catalog, "app.db")          # or "postgresql://…", or an open connection
>>> store.init()
>>> store.refresh()
>>> store.query("requests_1hour", bucket="1 day").to_dicts()

What is done in which order, and every statement, comes from the kernel; here are connections and cursors.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import StoreError
from .asynchronous import AsyncStore
from .driver import Driver
from .sqlite import SqliteDriver
from .store import Answer, Progress, Store

if TYPE_CHECKING:
    from .postgres import PostgresDriver

__all__ = ["Answer", "AsyncStore", "Progress", "Store", "open", "open_async"]


def open(catalog: Any, database: Any) -> Store:
    """Gives the store of a catalog in a database.

    The database is the path of an SQLite file, a URL (`sqlite:///app.db`, `postgresql://…`), or a connection of
    sqlite3 or psycopg 3 that is in no transaction. The catalog may also be the path of a JSON file.

    - `catalog`: The catalog: an object of the host, or JSON text.
    - `database`: The database, or a connection that nobody else uses meanwhile.

    **Returns** The store.

    **Errors** `catalog.*`, `spec.*`, `expr.*`, `store.driver`, `store.database`.
    """
    driver = _driver(database)
    return Store(catalog, driver, _another(database, driver))


def open_async(catalog: Any, database: Any) -> AsyncStore:
    """Gives the store of a catalog in a database to a program that runs an event loop: its operations are awaited.

    - `catalog`: The catalog, as :func:`open` takes it.
    - `database`: The database, as :func:`open` takes it; a text is best, so that callers have connections of their own.

    **Returns** The store.

    **Errors** `catalog.*`, `spec.*`, `expr.*`, `store.driver`, `store.database`.
    """
    return AsyncStore(open(catalog, database))


def _another(database: Any, driver: Driver) -> Callable[[], Driver] | None:
    """What opens the database once more; nothing where that would be another one."""
    if not isinstance(database, (str, Path)):
        return None
    text = str(database)
    if driver.dialect == "postgres":
        return lambda: _named(text)
    path = text[len("sqlite:///") :] if text.lower().startswith("sqlite:///") else text
    if path in ("", ":memory:"):
        return None
    # whoever goes to another folder meanwhile means the same file
    whole = os.path.abspath(path)
    return lambda: SqliteDriver.connect(whole)


#: The words with which a connection string of libpq begins: ``host=… password=…``.
_LIBPQ = re.compile(r"\s*(host|hostaddr|port|dbname|user|password|passfile|service|servicefile|options|application_name|ssl\w+|connect_timeout)\s*=")

#: What begins like a URL. One letter before the colon is a drive of Windows.
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/")


def _driver(database: Any) -> Driver:
    if isinstance(database, sqlite3.Connection):
        return SqliteDriver(database)
    if isinstance(database, (str, Path)):
        return _named(str(database))
    if type(database).__module__.partition(".")[0] == "psycopg":
        return _postgres_driver()(database)
    raise StoreError("store.driver", f"a path, a URL or a connection is expected, got {type(database).__name__}")


def _named(text: str) -> Driver:
    """The driver of a text. What is no path is never one: it may hold a password, and no message repeats it."""
    url = _URL.match(text)
    scheme = url.group(1).lower() if url else ""
    if _LIBPQ.match(text) or (scheme in ("postgresql", "postgres") and text[len(scheme) :].startswith("://")):
        return _postgres_driver().connect(scheme + text[len(scheme) :])
    if text.lower().startswith("sqlite:///"):
        return SqliteDriver.connect(text[len("sqlite:///") :])
    if url or "//" in text.partition("@")[0] * ("@" in text):
        raise StoreError("store.driver", "a database is the path of an SQLite file, sqlite:///… or postgresql://…; this begins like a URL of neither")
    return SqliteDriver.connect(text)


def _postgres_driver() -> type[PostgresDriver]:
    try:
        from .postgres import PostgresDriver
    except ImportError as error:
        raise StoreError("store.driver", f"PostgreSQL needs psycopg 3: pip install 'isofold[postgres]' ({error})") from error
    return PostgresDriver
