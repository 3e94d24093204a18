"""Polars, in memory with exact quantiles and streaming with its approximate ones, each the faster way of its engine."""

from typing import Any

import polars
from contest import HOUR_MS, Rows

QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


class Contestant:
    version = polars.__version__

    def __init__(self, rows: Rows, variant: str) -> None:
        self.engine = variant
        frame = polars.from_arrow(rows.arrow())
        keys = polars.Categorical if rows.keys == "dictionary" else polars.String
        moments = polars.col("ts").dt.timestamp("ms").alias("ts_ms")
        typed = [polars.col(name).cast(keys) for name in ("model", "user_id")]
        self.frame = frame.select(moments, *typed, "duration_ms", "cost_usd", "status_code").rechunk()
        assert polars.thread_pool_size() == rows.threads, "POLARS_MAX_THREADS decides"

    def select(self, query: str) -> list[polars.Expr]:
        if query == "simple":
            cost = polars.col("cost_usd")
            return [polars.len().alias("count"), cost.sum().alias("sum"), cost.min().alias("min"), cost.max().alias("max")]
        duration = polars.col("duration_ms")
        if self.engine == "streaming":
            quantiles = [duration.approx_quantile(p).alias(name) for name, p in QUANTILES.items()]
        else:
            quantiles = [duration.quantile(p, interpolation="linear").alias(name) for name, p in QUANTILES.items()]
        return [
            polars.len().alias("count"),
            polars.col("cost_usd").sum().alias("sum"),
            duration.mean().alias("avg"),
            duration.min().alias("min"),
            duration.max().alias("max"),
            duration.std().alias("stddev"),
            *quantiles,
            polars.col("user_id").approx_n_unique().alias("users"),
            (polars.col("status_code") >= 400).sum().alias("errors"),
        ]

    def run(self, query: str) -> Any:
        # whole-number division: the division of doubles puts exact hours into the bucket before
        hour = (polars.col("ts_ms") // HOUR_MS).alias("hour")
        return self.frame.lazy().group_by(hour, "model").agg(self.select(query)).collect(engine=self.engine)

    def answer(self, result: Any) -> dict[str, Any]:
        named = result.with_columns((polars.col("hour") * HOUR_MS).alias("hour_ms"), polars.col("model").cast(polars.String))
        return {name: named[name] for name in named.columns if name != "hour"}
