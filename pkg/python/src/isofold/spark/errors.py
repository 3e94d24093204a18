"""Coded errors on their way from a worker to the driver.

The one idea: Spark carries the text of an exception and nothing else, so the code and the place travel in the text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

import isofold

_MARK = "isofold-error "
_TOLD = re.compile(re.escape(_MARK) + r"(\{.*?\})(?=$|\n)", re.MULTILINE)


class TaskError(RuntimeError):
    """A coded error in a task, with the number of its partition."""


def wrong_version(driver: str, worker: str) -> isofold.Error:
    message = f"the driver has isofold {driver} and this worker {worker}: both must have the same"
    return isofold.HostError("host.argument", message, "spark")


@contextmanager
def telling(rows_before: int = 0) -> Iterator[None]:
    """Lets coded errors of a task through to the driver, with their partition and the rows before in it."""
    try:
        yield
    except isofold.Error as error:
        from pyspark import TaskContext

        context = TaskContext.get()
        partition = None if context is None else context.partitionId()
        told = {"code": error.code, "message": error.message, "path": error.path, "partition": partition, "rows_before": rows_before}
        raise TaskError(_MARK + json.dumps(told)) from error


def error_in(text: str) -> isofold.Error | None:
    """The coded error in the text of an exception of Spark; None where there is none."""
    found = _TOLD.search(text)
    if found is None:
        return None
    told = json.loads(found[1])
    message, path = told["message"], re.sub(r"\[(\d+)\]$", lambda row: f"[{int(row[1]) + told['rows_before']}]", told["path"])
    if told["partition"] is not None:
        message += f" (in partition {told['partition']})"
    by_area = {area.removesuffix("Error").lower(): getattr(isofold, area) for area in isofold.__all__ if area.endswith("Error")}
    made = by_area.get(told["code"].partition(".")[0], isofold.Error)(told["code"], message, path)
    assert isinstance(made, isofold.Error)
    return made


@contextmanager
def coded() -> Iterator[None]:
    """Turns what a job of Spark raises into the coded error that ended it, if one did."""
    try:
        yield
    except isofold.Error:
        raise
    except Exception as raised:
        error = error_in(str(raised))
        if error is None:
            raise
        raise error from raised
