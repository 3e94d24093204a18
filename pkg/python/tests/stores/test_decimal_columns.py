"""Money in databases: numeric in PostgreSQL, texts and numbers in SQLite."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from databases import NOW, Database

import isofold

COLUMNS = {"ts": "timestamp", "price": "decimal(2)", "rate": "decimal(4)"}
SPEC = {
    "name": "sums", "bucket": "1 day", "group_by": ["rate"],
    "select": {"n": "count(*)", "revenue": "sum(price)", "gross": "sum(price * 1.19)", "most": "max(price)", "seen": "value_counts(price, 3)"},
}
DAYS = {"name": "days", "bucket": "1 day", "select": {"revenue": "sum(price)"}}
KINDS = {
    "postgres": ["numeric(12, 2)", "numeric", "text", "double precision"],
    "sqlite": ["TEXT", "NUMERIC", "REAL"],
}
ROWS = [
    {
        "ts": f"2026-11-0{1 + i % 3}T{i % 24:02}:00:00Z",
        "price": None if i % 9 == 0 else f"{(i * 37) % 4000 / 100:.2f}",
        "rate": [None, "0.1900", "0.07", "-1"][i % 4],
    }
    for i in range(120)
]


def catalog() -> dict[str, Any]:
    source = {"table": "sales", "columns": COLUMNS, "time": "ts", "changes": "trigger"}
    return {"source": source, "rollups": [{"spec": SPEC}, {"spec": DAYS, "from": "sums"}]}


@pytest.mark.parametrize("column", range(4))
def test_decimals_are_read_kept_and_given_exactly(database: Database, column: int) -> None:
    kinds = KINDS[database.kind]
    if column >= len(kinds):
        pytest.skip("SQLite has three ways to keep a number")
    time = "timestamptz" if database.kind == "postgres" else "TEXT"
    database.execute(f"CREATE TABLE sales (ts {time}, price {kinds[column]}, rate {kinds[column]})")
    for row in ROWS:
        database.execute("INSERT INTO sales VALUES (%s, %s, %s)", *row.values())
    store = database.open(catalog())
    store.init()
    store.refresh(now=NOW)
    whole = isofold.Rollup({"columns": COLUMNS, "time": "ts", **SPEC})
    whole.ingest(ROWS)
    assert store.load("sums").digest() == whole.digest()

    total = sum(Decimal(row["price"]) for row in ROWS if row["price"] is not None)
    assert store.query("sums", {"bucket": None, "group_by": [], "select": ["sum(price) as r"]}).to_dicts() == [{"r": total}]
    stored = database.execute("SELECT revenue FROM sums WHERE revenue IS NOT NULL")
    expected = Decimal if database.kind == "postgres" else str
    assert stored and all(type(revenue) is expected for (revenue,) in stored)
    assert sum(Decimal(revenue) for (revenue,) in stored) == total

    database.execute("UPDATE sales SET price = %s WHERE rate IS NULL", "1.00")
    store.refresh(now=NOW)
    changed = [{**row, "price": "1.00"} if row["rate"] is None else row for row in ROWS]
    again = isofold.Rollup({"columns": COLUMNS, "time": "ts", **SPEC})
    again.ingest(changed)
    assert store.load("sums").digest() == again.digest()


def test_what_is_no_decimal_of_the_scale_is_refused(database: Database) -> None:
    time = "timestamptz" if database.kind == "postgres" else "TEXT"
    database.execute(f"CREATE TABLE sales (ts {time}, price text, rate text)")
    database.execute("INSERT INTO sales VALUES (%s, %s, %s)", "2026-11-01T00:00:00Z", "1.505", None)
    plan = catalog()
    plan["source"]["on_row_error"] = "stop"
    store = database.open(plan)
    store.init()
    with pytest.raises(isofold.Error, match="more than 2 digits"):
        store.refresh(now=NOW)


def test_sums_past_int64_are_kept_and_given_with_all_digits(database: Database) -> None:
    time, kind = ("timestamptz", "numeric") if database.kind == "postgres" else ("TEXT", "TEXT")
    database.execute(f"CREATE TABLE sales (ts {time}, price {kind}, rate {kind})")
    # each row with its tax fits an int64 of units
    for day in [1] * 200 + [2]:
        database.execute("INSERT INTO sales VALUES (%s, %s, %s)", f"2026-11-0{day}T00:00:00Z", "700000000000000.07", None)
    store = database.open(catalog())
    store.init()
    store.refresh(now=NOW)
    total = Decimal("140000000000000014.00")
    stored = database.execute("SELECT revenue FROM sums ORDER BY bucket")
    assert [Decimal(revenue) for (revenue,) in stored] == [total, Decimal("700000000000000.07")]
    query = {"select": ["revenue", "revenue - 0.01 as less"], "order_by": ["-revenue"], "having": "revenue > 92233720368547759"}
    assert [(row["revenue"], row["less"]) for row in store.query("days", query).to_dicts()] == [(total, total - Decimal("0.01"))]
