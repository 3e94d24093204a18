"""pandas: exact quantiles and distinct counts, on one thread."""

from typing import Any

import pandas
from contest import HOUR_MS, Rows

QUANTILES = {0.5: "p50", 0.95: "p95", 0.99: "p99"}


class Contestant:
    version = pandas.__version__

    def __init__(self, rows: Rows, _: str) -> None:
        frame = rows.arrow().to_pandas()
        frame["hour"] = frame.pop("ts").astype("datetime64[ms, UTC]").astype("int64")
        self.frame = frame

    def run(self, query: str) -> Any:
        frame = self.frame
        by = frame.groupby([frame["hour"] // HOUR_MS, "model"], sort=False, observed=True)
        if query == "simple":
            return by["cost_usd"].agg(["count", "sum", "min", "max"]).reset_index()
        duration = by["duration_ms"]
        result = duration.agg(["count", "mean", "min", "max", "std"]).rename(columns={"mean": "avg", "std": "stddev"})
        result["sum"] = by["cost_usd"].sum()
        result[list(QUANTILES.values())] = duration.quantile(list(QUANTILES)).unstack().rename(columns=QUANTILES)
        result["users"] = by["user_id"].nunique()
        failed = (frame["status_code"] >= 400).groupby([frame["hour"] // HOUR_MS, frame["model"]], sort=False, observed=True)
        result["errors"] = failed.sum()
        return result.reset_index()

    def answer(self, result: Any) -> dict[str, Any]:
        result = result.assign(hour_ms=result["hour"] * HOUR_MS, model=result["model"].astype(str)).drop(columns="hour")
        return {name: result[name] for name in result.columns}
