"""The blocks of docs/distributed.md run as they stand there, in one session."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import isofold

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PAGE = Path(__file__).parents[2] / "docs" / "distributed.md"


def test_the_page_runs(spark: SparkSession, tmp_path: Path) -> None:
    from dask.distributed import Client, LocalCluster

    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 3
    names: dict[str, Any] = {"spark": spark, "isofold": isofold, "folder": str(tmp_path / "kept")}
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster):
        for block in blocks:
            exec(compile(block, str(PAGE), "exec"), names)
