"""What the states of one group say of one another, section 8.12 of core/src/codec/FORMAT.md."""

import math
from fractions import Fraction

from format_reader import order_key, require, value_hash
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
        self.of.setdefault(same, []).append((state, value))

    def check(self):
        for same, states in self.of.items():
            one = {state["name"]: value for state, value in states}
            ends = one.get("min"), one.get("max")
            of = lambda *names: [(state, value) for state, value in states if state["name"] in names]
            if None not in ends:
                histograms = [value for _, value in of("percentiles", "decimal_percentiles")]
                _check_range(*ends, self.seen[same][1], histograms)
                for _, digest in of("tdigest"):
                    require(_digest_ends(digest) == [float(end) for end in ends], "ends that are not of the t-digest")
            for first, row in of("first"):
                for last in (value for state, value in of("last") if state["by"] == first["by"]):
                    _check_order(row, last)
            _check_values(ends, of("min", "max"), of("first", "last", "value_counts", "exemplar", "bools"), of("distinct"))
            if "sum" in one:
                _check_sums(ends, one["sum"], one.get("sum_squares"), self.seen[same])


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


def _digest_ends(digest):
    places = [-math.inf] if digest["infinities"][1] else []
    places += [digest["min"], digest["max"]] if digest["centroids"] else []
    places += [math.inf] if digest["infinities"][0] else []
    return [places[0], places[-1]]


def _check_order(first, last):
    if first is None or last is None:
        require(first is last, "a first row without a last")
    else:
        require([order_key(part) for part in first] <= [order_key(part) for part in last], "a last before the first")


def _check_values(ends, extremes, holders, distincts):
    different = []
    if ends[0] is not None and ends[0] == ends[1]:
        different.append(1)
    seen = [(state, value) for state, value in extremes if value is not None]
    for state, value in holders:
        held, is_all = _held(state["name"], value)
        keys = [order_key(one) for one in held]
        require(ends[0] is None or all(order_key(ends[0]) <= key for key in keys), "a value below the minimum")
        require(ends[1] is None or all(order_key(ends[1]) >= key for key in keys), "a value above the maximum")
        if is_all and held:
            require(all(end is None or order_key(end) in keys for end in ends), "an end that is none of all values")
            different.append(len(held))
        seen += [(state, one) for one in held]
    for distinct, value in distincts:
        for state, one in seen:
            data_type = 1 if state["name"] == "bools" else state["parameters"][0]
            require(_has_place(value, value_hash(data_type, one)), "a value without a place")
        least = len(value["hashes"]) if "hashes" in value else 257
        require(all(least <= most for most in different), "more distinct values than there are")


def _held(name, value):
    """Values that were certainly seen, and whether these are all different ones."""
    if name == "value_counts":
        return [one for one, _ in value["counts"]], value["others"] == 0
    if name == "bools":
        return [one for one, seen in zip((True, False), value) if seen], True
    if name == "exemplar":
        whole = lambda one: not isinstance(one, str) or len(one.encode("utf-8")) < 1021
        return [one for _, one in value if whole(one)], False
    return [] if value is None else [value[1]], False


def _has_place(distinct, hashed):
    if "hashes" in distinct:
        return hashed in distinct["hashes"]
    precision = len(distinct["registers"]).bit_length() - 1
    rest = hashed << precision & MANY - 1 | 1 << precision - 1
    return distinct["registers"][hashed >> 64 - precision] >= 65 - rest.bit_length()


def _check_sums(ends, total, squares, seen):
    """Sums of numbers that are finite, between ends of which some may be infinite or unknown."""
    infinities = [False, False]
    if isinstance(total, dict):
        total, infinities = total["sum"], total["infinities"]
        squares = squares and squares["sum"]
    low, high = ends
    require(high is None or infinities[0] == (high == math.inf), "an infinity that is no maximum")
    require(low is None or infinities[1] == (low == -math.inf), "an infinity that is no minimum")
    least, most = seen[0], seen[1] - sum(infinities)
    if squares is not None:
        require(most * Fraction(squares) >= Fraction(total) ** 2, "a sum of squares is too small")
    require(total == 0 or (low != math.inf and high != -math.inf), "a sum of no finite values")
    least = 1 if any(infinities) else max(least, 1 + (None not in ends and low != high))
    low, high = (None if end is None or math.isinf(end) else Fraction(end) for end in ends)
    for most_one, other, sign in ((high, low, 1), (low, high, -1)):
        if most_one is not None:
            count = least if most_one * sign < 0 else most
            bound = count * most_one if other is None else max(count - 1, 0) * most_one + other
            require(total * sign <= bound * sign, "a sum beyond its ends")
    if squares is not None and low is not None and high is not None and least == most:
        require((low + high) * total - most * low * high >= squares, "a sum of squares is too large")
