"""What the states of one group say of one another, section 8.12 of core/src/codec/FORMAT.md."""

import math
from fractions import Fraction

from format_reader import order_key, require
from format_states import key_of

MANY = 1 << 64


class Relations:
    """Narrows down the numbers of values while the states of a group are read, and checks the rest at the end."""

    def __init__(self, rows):
        self.rows = rows
        self.seen = {}
        self.of = {}

    def most(self, state):
        return self.seen.get(_same(state), (0, self.rows))[1]

    def add(self, state, value):
        if state["input"] is None:
            return
        same = _same(state)
        known = self.seen.get(same, (0, self.rows))
        told = _seen(state["name"], value)
        self.seen[same] = least, most = max(known[0], told[0]), min(known[1], told[1])
        require(least <= most, "states of the same values saw different numbers of them")
        self.of.setdefault(same, []).append((state["name"], value))

    def check(self):
        for same, states in self.of.items():
            one = dict(states)
            if "min" in one and "max" in one and one["min"] is not None:
                _check_range(one["min"], one["max"], self.seen[same][1], [v for name, v in states if name in ("percentiles", "decimal_percentiles")])
            if "sum_squares" in one and "sum" in one:
                _check_moments(one["sum"], one["sum_squares"], self.seen[same][1])


def _same(state):
    return state["input"], state["filter"]


def _seen(name, value):
    """At least and at most how many values there were."""
    if name == "count":
        return value, value
    if name in ("percentiles", "decimal_percentiles"):
        total = value["zeros"] + sum(value["infinities"]) + sum(value["buckets"].values())
        return total, total
    if name == "value_counts":
        total = value["others"] + sum(count for _, count in value["counts"])
        return total, total
    if name in ("min", "max"):
        return _at_least(value is not None)
    if name == "distinct":
        return _at_least(len(value["hashes"]) if "hashes" in value else 257)
    if name == "exemplar":
        return _at_least(len(value))
    if name == "bools":
        return _at_least(sum(value))
    if name == "tdigest":
        return _at_least(bool(value["centroids"]) or sum(value["infinities"]) > 0)
    return (int(value is not None), MANY) if name in ("first", "last") else (0, MANY)


def _at_least(count):
    return int(count), MANY if count else 0


def _check_range(low, high, most, histograms):
    require(order_key(low) < order_key(high) and most > 1 or low == high, "a minimum is no minimum")
    for histogram in histograms:
        places = sorted(_place(key) for key in histogram["buckets"])
        places += [(0, 0)] if histogram["zeros"] else []
        places += [(3, 0)] if histogram["infinities"][0] else []
        places += [(-3, 0)] if histogram["infinities"][1] else []
        ends = [_place_of(float(end), histogram["scale"]) for end in (low, high)]
        require(not places or ends == [min(places), max(places)], "an end lies in no end of the histogram")


def _place(key):
    return (-1 if key < 0 else 1, key)


def _place_of(value, scale):
    if value == 0 or math.isinf(value):
        return (0 if value == 0 else math.copysign(3, value), 0)
    return _place(key_of(value, scale))


def _check_moments(total, squares, most):
    if isinstance(total, dict):
        total, squares, most = total["sum"], squares["sum"], most - sum(total["infinities"])
    require(most * Fraction(squares) >= Fraction(total) ** 2, "a sum of squares is too small")
