"""isofold on an Arrow table."""

import json
from pathlib import Path
from typing import Any

import isofold
import pyarrow
from contest import QUERIES, Rows

SPECS = Path(__file__).resolve().parents[1] / "specs"


class Contestant:
    version = isofold.__version__

    def __init__(self, rows: Rows, _: str) -> None:
        self.table = rows.arrow()
        self.threads = rows.threads
        self.specs = {query: json.loads((SPECS / f"{query}.json").read_text()) for query in QUERIES}

    def run(self, query: str) -> Any:
        rollup = isofold.Rollup(self.specs[query])
        rollup.ingest(self.table, threads=self.threads)
        return pyarrow.table(rollup.query())

    def answer(self, result: Any) -> dict[str, Any]:
        hours = result["bucket"].cast(pyarrow.int64()).to_numpy() // 1000
        return {"hour_ms": hours} | {name: result[name] for name in result.column_names if name != "bucket"}
