"""A database of each kind, and what the wells sent."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from wells.database import Database, connect
from wells.readings import DAY_US, HOUR_US, MINUTE_US
from wells.simulator import Field, simulate

POSTGRES = os.environ.get("ISOFOLD_POSTGRES")
ROOT = Path(__file__).parents[3]

#: 2026-11-20T10:37:00Z: the end of what is simulated, and the time of the tests.
NOW_US = 20_777 * DAY_US + 10 * HOUR_US + 37 * MINUTE_US


@pytest.fixture(params=["sqlite", "postgres"], scope="session")
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@contextmanager
def empty(kind: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database of a kind."""
    if kind == "sqlite":
        yield str(folder / "wells.db")
        return
    if POSTGRES is None:
        pytest.skip("ISOFOLD_POSTGRES is not set: tools/postgres.sh")
    schema = f"wells_{uuid.uuid4().hex}"
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}".encode())
        yield f"{POSTGRES}?options=-csearch_path%3D{schema}"
        connection.execute(f"DROP SCHEMA {schema} CASCADE".encode())


@pytest.fixture
def database(kind: str, tmp_path: Path) -> Iterator[Database]:
    with empty(kind, tmp_path) as url:
        made = connect(url)
        made.init()
        yield made
        made.close()


@pytest.fixture(scope="session")
def field() -> Field:
    """Three wells, one of which wears, for four days."""
    return simulate(NOW_US, days=4, wells=3)


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real data sets."""
    folder = Path(os.environ.get("ISOFOLD_DATA", ROOT.parent / "shared" / "data"))
    if not (folder / "iot").is_dir():
        pytest.skip("ISOFOLD_DATA has no iot/petrobras_3w_wells.csv.gz")
    return folder
