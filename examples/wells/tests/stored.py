"""What the tables of the rollups have, as plain SQL reads it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import isofold.stores

from wells.database import Database

Groups = dict[tuple[datetime, str], dict[str, Any]]


def stored(database: Database, store: isofold.stores.Store, rollup: str) -> tuple[Groups, list[str]]:
    """The groups of a table by hour or day and well, and the names of its metrics."""
    columns = store.columns(rollup)
    names = [column["name"] for column in columns if column["kind"] != "state"]
    times = {column["name"] for column in columns if column["values"] == "timestamp"}
    groups = {}
    for row in database.select(f"SELECT {', '.join(names)} FROM {rollup}"):
        group = {name: database.time(value) if name in times else value for name, value in zip(names, row)}
        groups[group.pop("bucket"), group.pop("well_id")] = group
    return groups, names[2:]
