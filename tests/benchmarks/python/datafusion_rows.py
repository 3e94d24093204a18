"""DataFusion on record batches in memory."""

from typing import Any

import datafusion
import pyarrow
from contest import HOUR_MS, Rows

SELECT = {
    "simple": "count(*) AS count, sum(cost_usd) AS sum, min(cost_usd) AS min, max(cost_usd) AS max",
    "full": """count(*) AS count, sum(cost_usd) AS sum, avg(duration_ms) AS avg, min(duration_ms) AS min,
        max(duration_ms) AS max, stddev_samp(duration_ms) AS stddev, approx_percentile_cont(duration_ms, 0.5) AS p50,
        approx_percentile_cont(duration_ms, 0.95) AS p95, approx_percentile_cont(duration_ms, 0.99) AS p99,
        approx_distinct(user_id) AS users, count(*) FILTER (WHERE status_code >= 400) AS errors""",
}


class Contestant:
    version = datafusion.__version__

    def __init__(self, rows: Rows, _: str) -> None:
        config = datafusion.SessionConfig().with_target_partitions(rows.threads)
        self.context = datafusion.SessionContext(config)
        arrow = rows.arrow()
        arrow = arrow.set_column(0, "ts_ms", arrow["ts"].cast(pyarrow.int64()))
        # approx_distinct takes no dictionary: the users stay text, which is its own best form
        users = arrow.schema.get_field_index("user_id")
        arrow = arrow.set_column(users, "user_id", arrow["user_id"].cast(pyarrow.string()))
        batches = arrow.to_batches()
        shares = [batches[start :: rows.threads] for start in range(rows.threads)]
        self.context.register_record_batches("requests", [share for share in shares if share])

    def run(self, query: str) -> Any:
        sql = f"SELECT ts_ms / {HOUR_MS} AS hour, model, {SELECT[query]} FROM requests GROUP BY 1, 2"
        return self.context.sql(sql).to_arrow_table()

    def answer(self, result: Any) -> dict[str, Any]:
        hours = [hour * HOUR_MS for hour in result["hour"].to_pylist()]
        return {"hour_ms": hours} | {name: result[name] for name in result.column_names if name != "hour"}
