"""Each database with a table of requests, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import POSTGRES, Database, make_postgres, make_sqlite


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "postgres" and POSTGRES is None:
        pytest.skip("ISOFOLD_POSTGRES is not set: tools/postgres.sh")
    made = make_sqlite(tmp_path) if request.param == "sqlite" else make_postgres()
    yield made
    made.close()
