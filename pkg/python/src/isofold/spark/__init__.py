"""Rollups of data that one machine does not hold: folded, merged and asked on Apache Spark.

The one idea: rows of states are a DataFrame like any other. Partitions are folded where they lie, the states of a group
meet by a shuffle and are merged; what comes out is, group by group and byte by byte, what one machine would have made of
all rows, whatever the number of partitions, their order and how often a task was run again.

Needs ``pip install "isofold[spark]"`` on the driver and on the workers, and nothing on the JVM.
"""

from .frames import coarsen, load, merge, query, rollup
from .store import StoredRollup, merge_into

__all__ = ["StoredRollup", "coarsen", "load", "merge", "merge_into", "query", "rollup"]
