"""DuckDB on a native table; keys are ENUMs when they are a dictionary."""

from typing import Any

import duckdb
from contest import HOUR_MS, Rows

SELECT = {
    "simple": "count(*) AS count, sum(cost_usd) AS sum, min(cost_usd) AS min, max(cost_usd) AS max",
    "full": """count(*) AS count, sum(cost_usd) AS sum, avg(duration_ms) AS avg, min(duration_ms) AS min,
        max(duration_ms) AS max, stddev_samp(duration_ms) AS stddev,
        approx_quantile(duration_ms, [0.5, 0.95, 0.99]) AS quantiles,
        approx_count_distinct(user_id) AS users, count(*) FILTER (status_code >= 400) AS errors""",
}


class Contestant:
    version = duckdb.__version__

    def __init__(self, rows: Rows, _: str) -> None:
        self.connection = duckdb.connect()
        self.connection.execute(f"SET threads = {rows.threads}")
        self.connection.execute("SET preserve_insertion_order = true")
        arrow = rows.arrow()
        keys = {"model": "VARCHAR", "user_id": "VARCHAR"}
        if rows.keys == "dictionary":
            told = rows.told()
            for name, values in (("model", told["models"]), ("user_id", told["users"])):
                texts = ", ".join(f"'{value}'" for value in values)
                self.connection.execute(f"CREATE TYPE {name}_key AS ENUM ({texts})")
                keys[name] = f"{name}_key"
        self.connection.register("arrow", arrow)
        self.connection.execute(
            f"""CREATE TABLE requests AS SELECT epoch_ms(ts) AS ts_ms, model::VARCHAR::{keys["model"]} AS model,
            user_id::VARCHAR::{keys["user_id"]} AS user_id, duration_ms, cost_usd, status_code FROM arrow"""
        )
        self.connection.unregister("arrow")

    def run(self, query: str) -> Any:
        sql = f"SELECT ts_ms // {HOUR_MS} AS hour, model, {SELECT[query]} FROM requests GROUP BY 1, 2"
        return self.connection.sql(sql).to_arrow_table()

    def answer(self, result: Any) -> dict[str, Any]:
        columns = {name: result[name].to_pylist() for name in result.column_names}
        columns["hour_ms"] = [hour * HOUR_MS for hour in columns.pop("hour")]
        quantiles = columns.pop("quantiles", None)
        if quantiles is not None:
            columns |= zip(("p50", "p95", "p99"), map(list, zip(*quantiles)))
        return columns
