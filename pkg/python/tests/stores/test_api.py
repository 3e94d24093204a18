"""The stores have the operations and parameters of the one list of names (``bindings/facade/api.json``)."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import pytest

import isofold.stores

STORES = json.loads((Path(__file__).parents[4] / "bindings/facade/api.json").read_text(encoding="utf-8"))["stores"]
[STORE] = STORES["classes"]
OPERATIONS = [*STORES["functions"], *(member for member in STORE["members"] if member["kind"] == "method")]


def test_the_names_are_those_of_the_list() -> None:
    found = {name for name in dir(isofold.stores.Store) if not name.startswith("_")}
    assert found == {member["python"] for member in STORE["members"]}
    assert {"Store", *(function["python"] for function in STORES["functions"])} <= set(isofold.stores.__all__)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation["name"])
def test_the_parameters_are_those_of_the_list(operation: dict[str, Any]) -> None:
    of = isofold.stores if operation in STORES["functions"] else isofold.stores.Store
    parameters = inspect.signature(getattr(of, operation["python"])).parameters
    # a query is given as keywords too
    assert [name for name in parameters if name not in ("self", "options")] == list(operation["params"])
