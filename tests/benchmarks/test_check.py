"""The checker lets good answers pass and fails each kind of wrong one: `python -m pytest tests/benchmarks`."""

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy
import pytest

import check
from contestants import ISOFOLD, Promise

ROWS = 400


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder: Path = tmp_path_factory.mktemp("rows")
    (folder / "time").mkdir()
    (folder / "rows.json").write_text(json.dumps({"models": ["a", "b"]}))
    row = numpy.arange(ROWS)
    columns = {
        "ts": (row // 200 * check.HOUR_MS).astype("<i8"),
        "model": (row % 2).astype("u1"),
        "user_id": (row % 37).astype("<u4"),
        "duration_ms": (row * 7919 % 1009 + 0.1).astype("<f8"),
        "cost_usd": (row / 7.0).astype("<f8"),
        "status_code": numpy.where(row % 20 == 0, 500, 200).astype("<i4"),
    }
    for name, values in columns.items():
        values.tofile(folder / "time" / f"{name}.bin")
    return check.truth_of(folder)


def exact(truth: dict[str, Any]) -> dict[str, list[Any]]:
    """The answer of somebody who keeps all rows."""
    full = {name: list(values) for name, values in truth["full"].items()}
    durations = full.pop("sorted")
    percentiles = {name: [float(numpy.quantile(rows, p)) for rows in durations] for name, p in check.PLACES.items()}
    hours, models = zip(*truth["keys"])
    return {"hour_ms": list(hours), "model": list(models)} | full | percentiles


def problems(answer: dict[str, list[Any]], truth: dict[str, Any], promise: Promise = Promise("exact")) -> list[str]:
    return check.check(answer, "full", asdict(promise), truth)["problems"]


def test_the_exact_answer_passes_in_any_order_of_groups(truth: dict[str, Any]) -> None:
    answer = exact(truth)
    assert problems(answer, truth) == []
    turned = {name: values[::-1] for name, values in answer.items()}
    assert problems(turned, truth) == []
    assert check.digest(answer) != check.digest(turned)


@pytest.mark.parametrize("name", ["count", "min", "max", "errors", "sum", "avg", "stddev", "p50", "p95", "p99", "users"])
def test_one_wrong_value_is_found(name: str, truth: dict[str, Any]) -> None:
    answer = exact(truth)
    assert len(answer[name]) == 4
    answer[name] = [*answer[name][:3], answer[name][3] * 1.2 + 3]
    assert problems(answer, truth) != []


def test_the_last_bit_of_a_sum_counts_where_sums_are_exact(truth: dict[str, Any]) -> None:
    answer = exact(truth)
    answer["sum"] = [math.nextafter(value, math.inf) for value in answer["sum"]]
    assert [problem.split(" ")[0] for problem in problems(answer, truth)] == ["sum"]
    assert problems(answer, truth, Promise("rounded")) == []


def test_percentiles_are_held_to_the_stated_error(truth: dict[str, Any]) -> None:
    answer = exact(truth)
    answer["p95"] = [value * 1.004 for value in answer["p95"]]
    assert problems(answer, truth, ISOFOLD) == []
    answer["p95"] = [value * 1.03 for value in answer["p95"]]
    assert problems(answer, truth, ISOFOLD) != []


def test_a_group_too_few_is_found(truth: dict[str, Any]) -> None:
    assert problems({name: values[:-1] for name, values in exact(truth).items()}, truth) != []
