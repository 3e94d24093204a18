"""chDB, the engine of ClickHouse in the process, on a table in memory; with exact quantiles and with DDSketch."""

from typing import Any

import chdb
import chdb.session
import pyarrow
from contest import HOUR_MS, Rows

QUANTILES = {"exact": "quantilesExactInclusive(0.5, 0.95, 0.99)", "ddsketch": "quantilesDD(0.01, 0.5, 0.95, 0.99)"}


class Contestant:
    version = f"{chdb.__version__} (ClickHouse {chdb.engine_version})"

    def __init__(self, rows: Rows, variant: str) -> None:
        self.settings = f"SETTINGS max_threads = {rows.threads}"
        self.session = chdb.session.Session()
        key = "LowCardinality(String)" if rows.keys == "dictionary" else "String"
        self.session.query("CREATE DATABASE rows")
        self.session.query(
            f"""CREATE TABLE rows.requests (ts_ms Int64, model {key}, user_id {key}, duration_ms Float64,
            cost_usd Float64, status_code Int32) ENGINE = Memory"""
        )
        arrow = rows.arrow()
        arrow = arrow.set_column(0, "ts_ms", arrow["ts"].cast(pyarrow.int64()))
        arrow = arrow.cast(pyarrow.schema([field.with_type(plain(field.type)) for field in arrow.schema]))
        self.session.query(f"INSERT INTO rows.requests SELECT * FROM Python(arrow) SETTINGS max_insert_threads = 1")
        del arrow
        self.select = {
            "simple": "count() AS count, sum(cost_usd) AS sum, min(cost_usd) AS min, max(cost_usd) AS max",
            "full": f"""count() AS count, sum(cost_usd) AS sum, avg(duration_ms) AS avg, min(duration_ms) AS min,
                max(duration_ms) AS max, stddevSamp(duration_ms) AS stddev, {QUANTILES[variant or "exact"]}(duration_ms) AS q,
                q[1] AS p50, q[2] AS p95, q[3] AS p99, uniqCombined(user_id) AS users,
                countIf(status_code >= 400) AS errors""",
        }

    def run(self, query: str) -> Any:
        sql = f"""SELECT intDiv(ts_ms, {HOUR_MS}) AS hour, toString(model) AS model, {self.select[query]}
            FROM rows.requests GROUP BY hour, rows.requests.model {self.settings}"""
        with pyarrow.ipc.open_file(pyarrow.py_buffer(self.session.query(sql, "Arrow").bytes())) as reader:
            return reader.read_all()

    def answer(self, result: Any) -> dict[str, Any]:
        columns = {name: result[name].to_pylist() for name in result.column_names if name != "q"}
        texts = (value.decode() if isinstance(value, bytes) else value for value in columns["model"])
        return columns | {"hour_ms": [hour * HOUR_MS for hour in columns.pop("hour")], "model": list(texts)}


def plain(kind: pyarrow.DataType) -> pyarrow.DataType:
    return kind.value_type if pyarrow.types.is_dictionary(kind) else kind
