"""Compares answers with the exact truth, each within the error that its contestant states.

    python check.py FOLDER ANSWERS.json      # {label: {"file": …, "promise": {…}}}

prints JSON: by label and query, the problems found, the largest errors, and a hash of the answer. The truth is computed
once, with integers of any length, and kept beside the rows.
"""

import hashlib
import json
import math
import pickle
import sys
from pathlib import Path
from typing import Any

import numpy

HOUR_MS = 3_600_000
PLACES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
ROUNDED = 1e-9


def truth_of(folder: Path) -> dict[str, Any]:
    """The truth about the rows of a folder."""
    kept = folder / "truth.pickle"
    if not kept.exists():
        print("computing the exact truth", file=sys.stderr)
        kept.write_bytes(pickle.dumps(compute(folder)))
    return pickle.loads(kept.read_bytes())


def compute(folder: Path) -> dict[str, Any]:
    told = json.loads((folder / "rows.json").read_text())

    def column(name: str, kind: str) -> numpy.ndarray:
        return numpy.fromfile(folder / "time" / f"{name}.bin", dtype=kind)

    hours = column("ts", "<i8") // HOUR_MS
    group = hours * len(told["models"]) + column("model", "u1")
    places = numpy.argsort(group, kind="stable")
    keys, starts = numpy.unique(group[places], return_index=True)
    ends = numpy.append(starts[1:], len(group))
    cost, duration = column("cost_usd", "<f8")[places], column("duration_ms", "<f8")[places]
    status, user = column("status_code", "<i4")[places], column("user_id", "<u4")[places]
    simple: dict[str, list[Any]] = {name: [] for name in ("count", "sum", "min", "max")}
    full: dict[str, list[Any]] = {
        name: [] for name in ("count", "sum", "avg", "min", "max", "stddev", "users", "errors", "sorted")
    }
    whole, exponent = as_integers(duration)
    for start, end in zip(starts.tolist(), ends.tolist()):
        rows = slice(start, end)
        costs, durations = cost[rows], numpy.sort(duration[rows])
        total = math.fsum(costs)
        mean, deviation = moments(whole[start:end], exponent)
        add(simple, count=end - start, sum=total, min=costs.min(), max=costs.max())
        add(full, count=end - start, sum=total, avg=mean, min=durations[0], max=durations[-1], stddev=deviation,
            users=len(numpy.unique(user[rows])), errors=int((status[rows] >= 400).sum()), sorted=durations)  # fmt: skip
    models = told["models"]
    names = [(int(key) // len(models) * HOUR_MS, models[int(key) % len(models)]) for key in keys]
    return {"keys": names, "simple": simple, "full": full}


def add(columns: dict[str, list[Any]], **values: Any) -> None:
    for name, value in values.items():
        columns[name].append(value)


def as_integers(values: numpy.ndarray) -> tuple[list[int], int]:
    """Integers and one power of two that the doubles are."""
    fractions, exponents = numpy.frexp(values)
    least = int(exponents.min()) - 53
    mantissas = (fractions * 2.0**53).astype(numpy.int64).tolist()
    return [mantissa << (exponent - 53 - least) for mantissa, exponent in zip(mantissas, exponents.tolist())], least


def moments(values: list[int], exponent: int) -> tuple[float, float | None]:
    """The mean and the square root of the sample variance, each correctly rounded."""
    count, total = len(values), sum(values)
    mean = ratio(total, count, exponent)
    if count == 1:
        return mean, None
    squares = sum(value * value for value in values)
    return mean, math.sqrt(ratio(count * squares - total * total, count * (count - 1), 2 * exponent))


def ratio(dividend: int, divisor: int, exponent: int) -> float:
    # the division of Python's integers is correctly rounded
    return dividend / (divisor << -exponent) if exponent < 0 else (dividend << exponent) / divisor


def check(answer: dict[str, list[Any]], query: str, promise: dict[str, Any], truth: dict[str, Any]) -> dict[str, Any]:
    """What is wrong with an answer."""
    keys = list(zip(map(int, answer["hour_ms"]), answer["model"]))
    places = sorted(range(len(keys)), key=keys.__getitem__)
    columns = {name: [values[place] for place in places] for name, values in answer.items()}
    problems: list[str] = []
    expected = truth[query]
    if [keys[place] for place in places] != truth["keys"]:
        return {"problems": [f"{len(keys)} groups that are not the {len(truth['keys'])} wanted"], "errors": {}, "hash": ""}
    errors: dict[str, float] = {}
    for name in ("count", "min", "max", "errors"):
        if name in expected and [float(value) for value in columns[name]] != list(map(float, expected[name])):
            problems.append(f"{name} is not exact")
    for name in ("sum", "avg", "stddev"):
        if name in expected:
            worst = max(map(relative, columns[name], expected[name]))
            errors[name] = worst
            if worst > (0 if promise["sums"] == "exact" else ROUNDED):
                problems.append(f"{name} is off by {worst:.3g}")
    if query == "full":
        problems += percentiles(columns, expected, promise["percentiles"], errors)
        problems += distinct(columns["users"], expected["users"], promise, errors)
    return {"problems": problems, "errors": errors, "hash": digest(columns)}


def missing(value: Any) -> bool:
    return value is None or value != value


def relative(value: Any, expected: Any) -> float:
    if missing(value) or missing(expected):
        # a deviation of one row is NULL in SQL and 0 or NaN elsewhere
        return 0.0 if missing(expected) else math.inf
    return abs(value - expected) / abs(expected) if expected else abs(value)


def percentiles(
    columns: dict[str, list[Any]], expected: dict[str, Any], promise: tuple[str, float], errors: dict[str, float]
) -> list[str]:
    """Values against the two order statistics that a percentile lies between, or ranks against the rank wanted."""
    kind, bound = promise
    problems = []
    for name, p in PLACES.items():
        by_value = by_rank = inside = 0.0
        for value, rows in zip(columns[name], expected["sorted"]):
            if missing(value):
                inside = math.inf
                continue
            place = p * (len(rows) - 1)
            low, high = rows[math.floor(place)], rows[math.ceil(place)]
            exact = low + (high - low) * (place - math.floor(place))
            by_value = max(by_value, abs(value - exact) / exact)
            inside = max(inside, (low - value) / low, (value - high) / high)
            left, right = numpy.searchsorted(rows, value, "left"), numpy.searchsorted(rows, value, "right")
            # the steps of a small group are no error of the method
            by_rank = max(by_rank, (left - 1) / len(rows) - p, p - (right + 1) / len(rows))
        found = {"exact": by_value, "relative": inside, "rank": by_rank}[kind]
        errors[name] = found
        if found > max(bound, ROUNDED):
            problems.append(f"{name} is off by {found:.3g} ({kind}), stated is {bound}")
    return problems


def distinct(counts: list[Any], expected: list[int], promise: dict[str, Any], errors: dict[str, float]) -> list[str]:
    found, wanted = numpy.array(counts, float), numpy.array(expected, float)
    off = numpy.abs(found - wanted) / wanted
    exact = off[wanted <= promise["distinct_exact"]]
    spread = float(numpy.sqrt(numpy.mean(off**2)))
    errors |= {"users, largest": float(off.max()), "users, spread": spread}
    bound = promise["distinct"]
    # the largest of thousands of groups lies far out; one count off is within every error
    if exact.any() or spread > 1.5 * bound + ROUNDED and (numpy.abs(found - wanted) > 1).any():
        return [f"users are off by {spread:.3g}, stated is {bound}"]
    return [f"users are off by {off.max():.3g} in one group"] if off.max() > 8 * bound and (abs(found - wanted) > 1).any() else []


def digest(columns: dict[str, list[Any]]) -> str:
    """A hash of the bits of an answer, in the order of its keys."""
    words = hashlib.sha256()
    for name in sorted(columns):
        plain = (value if isinstance(value, str) else "null" if missing(value) else float(value).hex() for value in columns[name])
        words.update(f"{name}:{','.join(plain)}\n".encode())
    return words.hexdigest()


def main() -> None:
    folder, given = Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text())
    truth = truth_of(folder)
    found = {}
    for label, entry in given.items():
        answers = json.loads(Path(entry["file"]).read_text())
        found[label] = {query: check(answer, query, entry["promise"], truth) for query, answer in answers.items()}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
