"""What a store keeps of what queries read never changes an answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from databases import NOW, START, Database, catalog, rows

import isofold
from isofold.stores import Store

HOUR = timedelta(hours=1)
QUERIES: list[dict[str, Any]] = [
    {"bucket": None, "select": ["requests", "p95_ms", "users"]},
    {"bucket": "1 day", "start": START + timedelta(hours=5, minutes=30), "end": NOW},
    {"bucket": "1 hour", "group_by": [], "start": START + 7 * HOUR, "end": NOW - 2 * HOUR},
]


def answers(store: Store) -> list[Any]:
    found = [store.query("hours", **query) for query in QUERIES]
    return [(answer.to_dicts(), answer.coverage) for answer in found]


def test_answers_are_those_of_a_store_that_remembers_nothing(database: Database) -> None:
    database.insert(rows())
    remembering, small, forgetful = (database.open(catalog(changes="trigger")) for _ in range(3))
    small.limit_memory(20_000)
    forgetful.limit_memory(0)
    forgetful.init()
    for step in range(9):
        if step % 3 == 0:
            database.insert([(START + (step * 13 % 70) * HOUR, "late", step, 5.0, True)])
        elif step % 3 == 1:
            (forgetful if step % 2 else remembering).refresh(now=NOW, since=START)
        else:
            at = START + step * HOUR
            database.execute("DELETE FROM requests WHERE ts >= %s AND ts < %s", database.time(at), database.time(at + HOUR))
        wanted = answers(forgetful)
        assert answers(remembering) == wanted
        assert answers(small) == wanted


@pytest.mark.parametrize("max_bytes", [-1, 1.5, "1", True, None, 1 << 60])
def test_a_limit_is_a_whole_number(database: Database, max_bytes: Any) -> None:
    with pytest.raises(isofold.Error) as caught:
        database.open(catalog()).limit_memory(max_bytes)
    assert (caught.value.code, caught.value.path) == ("host.argument", "max_bytes")
