"""The golden bytes, read by the second decoder, hold what their rows say when they are folded by hand."""

import json
import math
import pathlib
import re
import struct
from fractions import Fraction

import format_states
import pytest
from format_decoder import decode
from format_reader import BOOL, FLOAT64, STRING, TYPE_NAMES, Refused, order_key, value_hash, xxh64

REPOSITORY = pathlib.Path(__file__).parents[3]
# those of earlier versions lie in folders of their own
GOLDEN = sorted((REPOSITORY / "tests/vectors/golden").glob("**/*.isofold"))
CODES = {name: code for code, name in TYPE_NAMES.items()}


def types_of(rollup):
    return {name: CODES[data_type] for name, data_type in rollup["spec"]["columns"]}


def cell(data_type, spelled):
    if spelled is None:
        return None
    if data_type == FLOAT64:
        return struct.unpack(">d", bytes.fromhex(spelled))[0]
    return spelled if data_type in (BOOL, STRING) else int(spelled)


def rows_of(described, types):
    columns = {name: [cell(types[name], spelled) for spelled in cells] for name, cells in described["columns"].items()}
    rows = [dict(zip(columns, cells)) for cells in zip(*columns.values())]
    return [row | {"bucket": bucket} for row, bucket in zip(rows, described["buckets"])]


CONDITIONS = {
    None: lambda row: True,
    "success": lambda row: row["success"] is True,
    "not success": lambda row: row["success"] is False,
}


def fold(state, rows, types):
    """A state of rows, from its definition."""
    rows = [row for row in rows if CONDITIONS[state["filter"]](row)]
    if state["rows"]:
        return len(rows)
    if state["nans_of"]:
        return None
    column, by = state["input"], state["by"]
    rows = [row for row in rows if row[column] is not None and (by is None or row[by] is not None)]
    values = [row[column] for row in rows]
    data_type = types[column]
    parameters = state["parameters"]
    if state["name"] == "count":
        return len(values)
    if state["name"] in ("sum", "sum_squares"):
        return fold_sum(values, data_type, 2 if state["name"] == "sum_squares" else 1)
    if state["name"] in ("min", "max"):
        return {"min": min, "max": max}[state["name"]](values, key=order_key, default=None)
    if state["name"] == "percentiles":
        return fold_histogram([float(value) for value in values], parameters[0])
    if state["name"] == "decimal_percentiles":
        values = [float(value) for value in values]
        told = fold_histogram(values, parameters[0])
        return told | {"fives": None if told["grain"] is None else format_states.fives_of([v for v in values if v])}
    if state["name"] == "distinct":
        return fold_distinct({value_hash(data_type, value) for value in values}, parameters[0])
    if state["name"] == "value_counts":
        return fold_counts(values, data_type, parameters[1])
    if state["name"] in ("first", "last"):
        pairs = [(row[by], row[column]) for row in rows]
        choose = {"first": min, "last": max}[state["name"]]
        return choose(pairs, key=lambda pair: tuple(map(order_key, pair)), default=None)
    if state["name"] == "exemplar":
        samples = {(row["ts"], row[column]) for row in rows}
        return sorted(samples, key=lambda sample: format_states.exemplar_rank(data_type, *sample))[: parameters[1]]
    if state["name"] == "bools":
        return [True in values, False in values]
    raise AssertionError(state["name"])


def fold_sum(values, data_type, power):
    if data_type != FLOAT64:
        return sum(value**power for value in values)
    finite = sum(Fraction(value) ** power for value in values if math.isfinite(value))
    seen = [math.inf in values, -math.inf in values] if power == 1 else [False, False]
    return {"sum": finite, "infinities": seen}


def fold_histogram(values, scale):
    finite = [value for value in values if math.isfinite(value) and value]
    while True:
        buckets = {}
        for value in finite:
            key = format_states.key_of(value, scale)
            buckets[key] = buckets.get(key, 0) + 1
        if len(buckets) <= 1024:
            infinities = [values.count(math.inf), values.count(-math.inf)]
            grain = format_states.grain_of(finite) if scale >= 0 else None
            zeros = values.count(0.0)
            return {"scale": scale, "zeros": zeros, "infinities": infinities, "grain": grain, "buckets": buckets}
        scale -= 1


def fold_distinct(hashes, precision):
    if len(hashes) <= 256:
        return {"hashes": sorted(hashes)}
    registers = [0] * (1 << precision)
    for digest in hashes:
        rest = digest << precision & (1 << 64) - 1
        rank = min(64 - rest.bit_length(), 64 - precision) + 1
        register = digest >> 64 - precision
        registers[register] = max(registers[register], rank)
    return {"registers": registers}


def fold_counts(values, data_type, limit):
    counts = {value: values.count(value) for value in set(values)}
    ranked = sorted(counts, key=lambda value: (value_hash(data_type, value), order_key(value)))
    kept = sorted(ranked[:limit], key=order_key)
    return {"counts": [(value, counts[value]) for value in kept], "others": sum(counts[v] for v in ranked[limit:])}


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_bytes_hold_what_the_rows_say(path):
    described = json.loads(path.with_suffix(".json").read_text())
    rollup = decode(path.read_bytes())
    assert rollup["digest"] == described["digest"]
    assert rollup["fingerprint"] == described["fingerprint"]
    keys = [name for name, _ in rollup["spec"]["group_by"]]
    groups = {}
    for row in filter(CONDITIONS[rollup["spec"]["where"]], rows_of(described, types_of(rollup))):
        groups.setdefault((row["bucket"], *(row[key] for key in keys)), []).append(row)
    assert [(group["bucket"], *group["keys"]) for group in rollup["groups"]] == sorted(
        groups, key=lambda group: (group[0], [(key is None, 0 if key is None else order_key(key)) for key in group[1:]])
    )
    checked = 0
    for group in rollup["groups"]:
        rows = groups[(group["bucket"], *group["keys"])]
        for state in rollup["states"]:
            told, expected = group["states"][state["text"]], None
            if state["name"] == "tdigest":
                expected = told
                check_tdigest(told, [row["value"] for row in rows if row["value"] is not None])
            elif state["nans_of"]:
                # NULL doubles come as NaN into these rollups
                expected = sum(row[state["nans_of"]] is None for row in rows)
            else:
                expected = fold(state, rows, types_of(rollup))
                if rollup["version"] == 1 and state["name"] == "percentiles" and expected["buckets"]:
                    # nobody noted it then
                    expected["grain"] = None
            assert told == expected, (state["text"], group["bucket"], group["keys"])
            checked += 1
    assert checked == len(rollup["states"]) * len(groups)


def test_golden_bytes_are_of_the_version_of_their_folder():
    versions = {path.parent.name: decode(path.read_bytes())["version"] for path in GOLDEN}
    assert versions == {"golden": 2, "v1": 1}


def check_tdigest(told, values):
    finite = [value for value in values if math.isfinite(value)]
    assert told["infinities"] == [values.count(math.inf), values.count(-math.inf)]
    assert sum(weight for _, weight in told["centroids"]) == len(finite)
    assert (told["min"], told["max"]) == (min(finite), max(finite))


def test_every_state_is_in_the_golden_bytes():
    kinds = {(state["kind"], *state["parameters"]) for path in GOLDEN for state in decode(path.read_bytes())["states"]}
    assert {kind for kind, *_ in kinds} == set(range(16))
    for kind in (5, 6, 9, 12):
        types = {parameters[0] for its_kind, *parameters in kinds if its_kind == kind}
        assert len(types) >= 4, f"kind {kind} of few types"


def test_states_past_their_limits_are_in_the_golden_bytes():
    (group,) = decode((REPOSITORY / "tests/vectors/golden/past_limits.isofold").read_bytes())["groups"]
    states = group["states"]
    assert states["percentiles[6](value)"]["scale"] < 6
    for precision in (4, 12, 16):
        assert len(states[f"distinct[{precision}](value)"]["registers"]) == 1 << precision
    assert states["value_counts[float64, 20](value)"]["others"] > 0


def test_the_example_of_the_format_is_the_golden_one():
    text = (REPOSITORY / "core/src/codec/FORMAT.md").read_text()
    lines = text.split("## 10. Examples")[1].split("```")[1].splitlines()
    spelled = " ".join(re.match(r"(?:[0-9a-f]{2} )*", line + " ").group() for line in lines)
    assert bytes.fromhex(spelled) == (REPOSITORY / "tests/vectors/golden/example.isofold").read_bytes()


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_damaged_bytes_are_refused(path):
    data = path.read_bytes()
    step = max(1, len(data) // 100)
    for at in range(0, len(data), step):
        for damaged in (data[:at], data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]):
            with pytest.raises(Refused):
                decode(damaged)
        if at > 13 and at != len(data) - 8:
            with pytest.raises(Refused):
                decode(data[:at] + xxh64(data[:at], 0).to_bytes(8, "little"))


def test_hashes_are_those_of_the_published_function():
    assert xxh64(b"", 0) == 0xEF46DB3751D8E999
    assert xxh64(b"a", 0) == 0xD24EC4F1A98C6E5B
    assert xxh64(b"abc", 0) == 0x44BC2CF5AD770999
    assert xxh64(b"Nobody inspects the spammish repetition", 0) == 0xFBCEA83C8A378BF1
