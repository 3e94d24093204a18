"""Decimals: exact in, exact out."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import isofold

PAGE = Path(__file__).parents[3] / "docs/decimals.md"
SPEC = {
    "name": "sales", "columns": {"ts": "timestamp[s]", "price": "decimal(2)"}, "time": "ts", "bucket": "1 hour", "group_by": ["price"],
    "select": {"total": "sum(price)", "mean": "avg(price)", "seen": "value_counts(price)", "some": "exemplar(price, 2)"},
}
PRICES = ["19.99", None, "0.10", "-3.00", "92233720368547758.07"]


def folded(prices: Any, name: str = "price") -> isofold.Rollup:
    rollup = isofold.Rollup(SPEC)
    rollup.ingest({"ts": list(range(len(prices))), name: prices})
    return rollup


def test_the_page_runs() -> None:
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    assert len(blocks) == 1
    exec(blocks[0], {})


def test_decimals_come_in_as_they_are_and_out_as_decimals() -> None:
    decimals = [None if text is None else Decimal(text) for text in PRICES]
    rollup = folded(decimals)
    assert rollup.digest() == folded(PRICES).digest()
    rows = {row["price"]: row for row in rollup.query().to_dicts()}
    assert set(rows) == set(decimals)
    for price in decimals:
        if price is not None:
            row = rows[price]
            assert (row["total"], row["seen"], row["some"]) == (price, [{"value": price, "count": 1}], [price])
            assert str(row["total"]) == str(price)
            assert row["mean"] == float(price)
    result = rollup.query({"select": ["total"]})
    assert result.types == {"bucket": "timestamp", "price": "decimal(2)", "total": "decimal(2)"}
    assert all(value is None or type(value) is Decimal for value in result.column("total"))
    texts = rollup.query({"select": ["total"], "decimals": "text"}).column("total")
    assert sorted(text for text in texts if text is not None) == sorted(text for text in PRICES if text is not None)
    missing = folded([Decimal("NaN"), Decimal("1.5")]).query({"select": ["total"]}).column("total")
    assert missing == [Decimal("1.50"), None]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (Decimal("1.505"), "the decimal 1.505 has more than 2 digits behind the point"),
        ("1.505", '"1.505" has more than 2 digits behind the point'),
        (0.125, "0.125 has more than 2 digits behind the point"),
        (Decimal("1E+20"), r"the decimal 1E\+20 does not fit decimal\(2\)"),
        (10**17, r"100000000000000000 does not fit decimal\(2\)"),
        (Decimal("Infinity"), r"the decimal Infinity is not a decimal\(2\)"),
        (True, r"true is not a decimal\(2\)"),
        ("abc", r'"abc" is not a decimal\(2\)'),
    ],
)
def test_what_does_not_fit_is_refused_with_its_row(value: Any, words: str) -> None:
    rollup = isofold.Rollup(SPEC)
    with pytest.raises(isofold.IngestError, match=rf"{words}.*\(column.price\[1\]\)") as caught:
        rollup.ingest([{"ts": 0, "price": 1}, {"ts": 1, "price": value}])
    assert caught.value.code == "ingest.type"
    assert rollup.stats()["rows"] == 0


def test_arrow_decimals_come_in_and_out() -> None:
    pa = pytest.importorskip("pyarrow")
    prices = [Decimal("19.99"), None, Decimal("0.10"), Decimal("-3.00")]
    digest = folded(prices).digest()
    kinds = [pa.decimal128(10, 2), pa.decimal128(38, 4), pa.decimal256(76, 20)]
    kinds += [pa.decimal32(9, 2), pa.decimal64(18, 3)] if hasattr(pa, "decimal32") else []
    for kind in kinds:
        assert folded(pa.array(prices, kind)).digest() == digest, kind
        assert folded(pa.chunked_array([pa.array([], kind), pa.array(prices, kind)])).digest() == digest, kind
    assert folded(pa.array(prices, kinds[0]).dictionary_encode()).digest() == digest
    table = pa.table(folded(prices).query({"group_by": [], "select": ["sum(price) as total", "seen", "mean"]}))
    assert table.schema.field("total").type == pa.decimal128(38, 2)
    assert table.schema.field("seen").type.value_type.field("value").type == pa.decimal128(38, 2)
    assert table["total"].to_pylist() == [Decimal("17.09")]
    keys = pa.table(folded(prices).query({"select": ["total"]}))
    back = isofold.Rollup({**SPEC, "columns": {"bucket": "timestamp", "price": "decimal(2)"}, "time": "bucket"})
    back.ingest(keys)
    assert back.stats()["rows"] == 4


def test_sums_past_int64_come_out_with_all_digits() -> None:
    prices = ["92233720368547758.07", "92233720368547758.07", "0.20"]
    query = {"bucket": None, "group_by": [], "select": ["sum(price) as total", "total * 100000 as more"], "having": "total > 1"}
    result = folded(prices).query(query)
    expected = {"total": Decimal("184467440737095516.34"), "more": Decimal("18446744073709551634000.00")}
    assert (result.to_dicts(), result.warnings) == ([expected], [])
    assert [str(value) for value in result.column("more")] == ["18446744073709551634000.00"]
    pa = pytest.importorskip("pyarrow")
    table = pa.table(result)
    assert table.schema.field("total").type == pa.decimal128(38, 2)
    assert table.to_pylist() == [expected]


def test_polars_and_pandas_decimals_are_taken() -> None:
    prices = [Decimal("19.99"), None, Decimal("0.10")]
    digest = folded(prices).digest()
    polars = pytest.importorskip("polars")
    assert folded(polars.Series(prices, dtype=polars.Decimal(20, 4))).digest() == digest
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"ts": [0, 1, 2], "price": prices})
    rollup = isofold.Rollup(SPEC)
    rollup.ingest(frame)
    assert rollup.digest() == digest
