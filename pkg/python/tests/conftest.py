"""What every shape of the same rows has to give."""

from __future__ import annotations

import pytest
from samples import folded, rows


@pytest.fixture(scope="session")
def digest() -> str:
    """What every shape of the rows has to give."""
    return folded(rows()).digest()
