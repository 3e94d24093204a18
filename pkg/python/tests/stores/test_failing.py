"""One rollup that fails stops no other, and what is built from it is not said to be fresh."""

from __future__ import annotations

from typing import Any

import pytest
from databases import COLUMNS, NOW, Database, rows

import isofold


OVERFLOW = "sum(user_id * user_id * 9200000000000)"


def plan(total: str = "sum(ms)") -> dict[str, Any]:
    def rollup(name: str, bucket: str, total: str, **rest: Any) -> dict[str, Any]:
        return {"spec": {"name": name, "bucket": bucket, "select": {"n": "count(*)", "total": total}}, **rest}

    return {
        "source": {"table": "requests", "columns": COLUMNS, "time": "ts", "changes": "trigger"},
        "rollups": [
            rollup("squares", "1 hour", OVERFLOW),
            rollup("squares_of_days", "1 day", OVERFLOW, **{"from": "squares"}),
            rollup("hours", "1 hour", total),
        ],
    }


def test_a_rollup_that_fails_stops_no_other(database: Database) -> None:
    store = database.open(plan())
    store.init()
    assert [each["status"] for each in store.check(now=NOW)["rollups"]] == ["fresh"] * 3
    database.insert(rows(500))
    assert [each["status"] for each in store.check(now=NOW)["rollups"]] == ["never"] * 3
    with pytest.raises(isofold.ExprError) as raised:
        store.refresh(now=NOW)
    assert raised.value.code == "expr.overflow" and len(raised.value.problems) == 1
    assert database.execute("SELECT count(*), sum(n) FROM hours")[0] == (11, 500)
    squares, days, hours = store.check(now=NOW)["rollups"]
    assert (squares["status"], hours["status"]) == ("error", "fresh") and days["status"] != "fresh"
    assert "expr.overflow" in squares["error"]
    # what made it fail is gone
    database.execute("DELETE FROM requests WHERE user_id > 1000")
    database.execute("UPDATE requests SET user_id = 1")
    store.refresh(now=NOW)
    assert [each["status"] for each in store.check(now=NOW)["rollups"]] == ["fresh"] * 3


def test_all_that_failed_is_told(database: Database) -> None:
    store = database.open(plan("max(user_id * 10000000000000000)"))
    store.init()
    database.insert(rows(100))
    with pytest.raises(isofold.Error) as raised:
        store.refresh(now=NOW)
    assert [each.code for each in raised.value.problems] == ["expr.overflow", "expr.overflow"]
    assert [each["status"] for each in store.check(now=NOW)["rollups"]] == ["error", "stale", "error"]
