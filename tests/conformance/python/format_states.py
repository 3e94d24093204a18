"""The bytes of one group of each state, as section 8 of core/src/codec/FORMAT.md spells them.

Every function takes a `Reader` and the rows of the group and gives plain Python values; what no writer writes is
refused.
"""

import math
from fractions import Fraction
from functools import lru_cache

from format_reader import FLOAT64, Bits, ascending, order_key, payload, require, xxh64

HISTOGRAM_BUCKETS = 1024
DISTINCT_EXACT = 256
FINEST_SCALE = 7
COARSEST_SCALE = -3
MOST_FIVES = 27
COARSEST_GRAIN = 63
FINEST_GRAIN = -63
ROUND_BITS = 32


def count(reader, rows):
    return reader.up_to(rows)


def exact_sum(reader, rows, power):
    """{"sum": Fraction, "infinities": [+, -]} of the sum of value ** power."""
    head = reader.varint()
    length, negative, marks = head >> 3, head >> 2 & 1, head & 3
    require(power == 1 or not (negative or marks), "a sum of squares has a sign or infinities")
    magnitude = 0
    if length:
        place = reader.varint()
        require(place < 1 << 12, "a sum stands too high")
        digits = reader.raw(length)
        require(digits[0] and digits[-1], "a sum begins or ends with a zero byte")
        magnitude = int.from_bytes(digits, "little") << 8 * place
    require(length or not negative, "zero has a sign")
    require(magnitude.bit_length() <= (2098 * power + rows.bit_length() if rows else 0), "a sum is too large")
    require((marks & 1) + (marks >> 1) + (magnitude > 0) <= rows, "a sum has more terms than rows")
    value = Fraction(-magnitude if negative else magnitude, 1 << 1074 * power)
    return {"sum": value, "infinities": [bool(marks & 1), bool(marks & 2)]}


def integer_sum(reader, rows, power):
    head = reader.varint()
    length, negative = head >> 1, head & 1
    require(length <= 24, "a sum is too long")
    digits = reader.raw(length)
    require(not length or digits[-1], "a sum ends with a zero byte")
    require(length or not negative, "zero has a sign")
    magnitude = int.from_bytes(digits, "little")
    if power == 2:
        require(not negative and magnitude <= rows << 126, "a sum of squares is too large")
    else:
        require(magnitude <= rows * ((1 << 63) - (not negative)), "a sum is too large")
    return -magnitude if negative else magnitude


def extremum(reader, rows, data_type):
    if not reader.up_to(1):
        return None
    require(rows > 0, "an extreme of no rows")
    return reader.value(data_type)


def histogram(reader, rows, scale, of_units=False):
    """{"scale", "zeros", "infinities": [+, -], "grain": None or (exponent, octave of long values or None),
    "buckets": {key: count}}, keys as FORMAT.md defines them."""
    head = reader.u8()
    level = head & 15
    attained = scale - level
    require(attained >= COARSEST_SCALE, "a histogram is too coarse")
    specials = []
    for bit in (16, 32, 64):
        specials.append(reader.up_to(rows) if head & bit else 0)
        require(specials[-1] or not head & bit, "a count is 0")
    grain, buckets = (COARSEST_GRAIN, None), {}
    fives = MOST_FIVES if of_units else None
    if head & 128:
        grain = _grain(reader) if reader.version > 1 else None
        if of_units:
            fives = reader.up_to_u8(MOST_FIVES) if grain is not None else None
        buckets = _buckets(reader, attained)
        require(grain is None or _has_grain(buckets, attained, *grain, fives), "a grain that no values have")
    require(sum(specials) + sum(buckets.values()) <= rows, "a histogram counts more than the rows")
    if level:
        require(_most_buckets_finer(buckets, attained) > HISTOGRAM_BUCKETS, "a level that no rows need")
    zeros, lowest, highest = specials
    told = {"scale": attained, "zeros": zeros, "infinities": [highest, lowest], "grain": grain, "buckets": buckets}
    return told | {"fives": fives} if of_units else told


def _grain(reader):
    byte = reader.u8()
    if byte == 0:
        return None
    require(byte & 127, "a grain without an exponent")
    return ((byte & 127) - 64, reader.zigzag() if byte & 128 else None)


def _has_grain(buckets, scale, exponent, long, fives):
    if scale < 0:
        return False
    octave = {key: index_of(key, scale) >> scale for key in buckets}
    if long is not None and long not in octave.values():
        return False
    numbers = {key: round_numbers(key, scale, exponent, octave[key], fives or 0) for key in buckets}
    if not all(first <= last for key, (first, last) in numbers.items() if octave[key] != long):
        return False
    in_long = sum(rows for key, rows in buckets.items() if octave[key] == long)
    # the least step is the grain, and of two neighbours one is odd
    may_have_odd = [key for key in buckets if octave[key] != long or in_long > 1]
    holds_other = lambda key, prime: numbers[key][0] < numbers[key][1] or (
        numbers[key][0] == numbers[key][1] and numbers[key][0] % prime
    )
    odd = any(octave[key] - 31 <= exponent and holds_other(key, 2) for key in may_have_odd)
    if exponent != COARSEST_GRAIN and not odd:
        return False
    return fives in (None, MOST_FIVES) or any(holds_other(key, 5) for key in may_have_odd)


def round_numbers(key, scale, exponent, octave, fives):
    """The first and last r of a bucket whose r * 5 ** fives * 2 ** exponent is an integer below 2 ** 32 times the latter."""
    step = max(exponent, octave - 31)
    return [_multiples_up_to(index_of(key, scale) + end, scale, step) // 5**fives + 1 - end for end in (0, 1)]


def _multiples_up_to(index, scale, step):
    """floor(2 ** (index / 2 ** scale - step)), exactly."""
    power = index - (step << scale)
    if power < 0:
        return 0
    # the root of 2 ** power of order 2 ** scale, which is as many square roots
    root = 1 << power
    for _ in range(scale):
        root = math.isqrt(root)
    return root


def _buckets(reader, scale):
    length = 1 + reader.up_to(HISTOGRAM_BUCKETS - 1)
    key = reader.zigzag() + bias(scale)
    order = reader.u8()
    require(order <= 61, "the order of the codes is too large")
    bits = Bits(reader.sized())
    buckets = {}
    for place in range(length):
        if place:
            key += 1 + bits.golomb(0)
        require(holds_doubles(key, scale), "no double falls into a bucket")
        buckets[key] = 1 + bits.golomb(order)
    bits.end()
    require(order == max(1, sum(buckets.values()) // length).bit_length() - 1, "another order")
    return buckets


def _most_buckets_finer(buckets, scale):
    halves = lambda key: sum(holds_doubles(half, scale + 1) for half in (2 * key, 2 * key + 1))
    return sum(min(halves(key), rows) for key, rows in buckets.items())


def bias(scale):
    return 1 << 11 + scale


def index_of(key, scale):
    """The index of the bucket of magnitudes."""
    return (-1 - key if key < 0 else key) - bias(scale)


def grain_of(values):
    """(exponent, octave of long values or None) of the grain of finite doubles that are not zero, or None."""
    exponent, octaves = COARSEST_GRAIN, set()
    for value in values:
        numerator, denominator = abs(value).as_integer_ratio()
        zeros = (numerator & -numerator).bit_length() - denominator.bit_length()
        if (numerator >> max(zeros, 0)).bit_length() <= ROUND_BITS and zeros >= FINEST_GRAIN:
            exponent = min(exponent, zeros)
        else:
            octaves.add(index_of(key_of(abs(value), 0), 0))
    return None if len(octaves) > 1 else (exponent, *(octaves or {None}))


def fives_of(values):
    """The fives of the grain of finite doubles that are not zero, or None."""
    if grain_of(values) is None:
        return None
    found = [MOST_FIVES]
    for value in values:
        odd = int(abs(value))
        odd //= odd & -odd
        if odd.bit_length() <= ROUND_BITS:
            found.append(next(fives for fives in range(MOST_FIVES) if odd % 5 ** (fives + 1)))
    return min(found)


def key_of(value, scale):
    """The key of a finite double that is not zero, in exact arithmetic."""
    mantissa, exponent = math.frexp(abs(value))
    # abs(value) = mantissa * 2 ** exponent, mantissa in [1/2, 1); compare mantissa ** (2 ** s) with powers of two
    steps = 1 << FINEST_SCALE
    power = Fraction(mantissa) ** steps
    # ceil(log2(power)) in (-steps, 0]
    ceiling = power.numerator.bit_length() - power.denominator.bit_length()
    while Fraction(2) ** ceiling < power:
        ceiling += 1
    while Fraction(2) ** (ceiling - 1) >= power:
        ceiling -= 1
    index = (exponent * steps + ceiling - 1) >> FINEST_SCALE - scale
    return -1 - (index + bias(scale)) if value < 0 else index + bias(scale)


@lru_cache(maxsize=None)
def holds_doubles(key, scale):
    """Whether any double falls into the bucket of a key."""
    index = index_of(key, scale)
    return _units_up_to(index, scale) < _units_up_to(index + 1, scale)


def _units_up_to(index, scale):
    """The largest double not above 2 ** (index / 2 ** scale), as an integer that counts doubles."""
    if scale < 0:
        index, scale = index << -scale, 0
    octave, part = index >> scale, index & (1 << scale) - 1
    if octave >= 1024:
        return (2047 << 52) - 1
    if octave < -1100:
        return 0
    # 2 ** (52 + part / 2 ** scale), cut
    root = 1 << (52 << scale) + part
    for _ in range(scale):
        root = math.isqrt(root)
    if octave >= -1022:
        return (octave + 1022 << 52) + root
    return root >> -1022 - octave


def distinct(reader, rows, precision):
    """{"hashes": sorted list} or {"registers": list of ranks}."""
    form = reader.up_to(DISTINCT_EXACT + 2)
    require(min(form, DISTINCT_EXACT + 1) <= rows, "a distinct count needs more rows")
    if form <= DISTINCT_EXACT:
        hashes = [reader.u64() for _ in range(form)]
        ascending(hashes, "hashes do not ascend")
        return {"hashes": hashes}
    sparse = form == DISTINCT_EXACT + 1
    registers, parameters = _sparse(reader, precision) if sparse else _dense(reader, precision)
    require(max(registers) <= 65 - precision, "a rank that no hash brings")
    require(0 < sum(rank > 0 for rank in registers) <= rows, "registers above zero")
    shortest, smallest, order = _dense_cost(registers)
    is_shorter = _sparse_cost(registers) < shortest
    require(is_shorter == sparse and (sparse or parameters == (smallest, order)), "registers are spelled longer")
    return {"registers": registers}


def sparse_order(registers, above_zero):
    return max(1, registers // above_zero).bit_length() - 1


def _sparse(reader, precision):
    length = 1 + reader.up_to((1 << precision) - 1)
    bits = Bits(reader.sized())
    order = sparse_order(1 << precision, length)
    registers = [0] * (1 << precision)
    at = -1
    for _ in range(length):
        at += 1 + bits.rice(order)
        require(at < len(registers), "a register is past the last")
        registers[at] = 1 + bits.unary()
    bits.end()
    return registers, None


def _dense(reader, precision):
    smallest, order = reader.u8(), reader.u8()
    require(order <= 3, "the order of the codes is too large")
    bits = Bits(reader.sized())
    registers = [smallest + bits.rice(order) for _ in range(1 << precision)]
    bits.end()
    return registers, (smallest, order)


def _sparse_cost(registers):
    places = [place for place, rank in enumerate(registers) if rank]
    order = sparse_order(len(registers), len(places))
    gaps = [place - before - 1 for before, place in zip([-1, *places], places)]
    return sum((gap >> order) + 1 + order + registers[place] for gap, place in zip(gaps, places))


def _dense_cost(registers):
    smallest = min(registers)
    cost = lambda order: sum((rank - smallest >> order) + 1 + order for rank in registers)
    order = min(range(4), key=cost)
    return cost(order), smallest, order


def value_counts(reader, rows, data_type, limit):
    """{"counts": [(value, count)], "others": rows}."""
    length = reader.up_to(limit)
    counts = []
    for _ in range(length):
        value = reader.value(data_type)
        counts.append((value, reader.up_to(rows)))
    ascending([value for value, _ in counts], "values do not ascend")
    require(all(rows_of > 0 for _, rows_of in counts), "a value occurs never")
    others = reader.up_to(rows)
    require(others == 0 or length == limit, "values were dropped below the limit")
    require(sum(rows_of for _, rows_of in counts) + others <= rows, "values of more than the rows")
    return {"counts": counts, "others": others}


def edge(reader, rows, data_type, by_type):
    """(ordering value, value), or None."""
    if not reader.up_to(1):
        return None
    require(rows > 0, "a first or last of no rows")
    return reader.value(by_type), reader.value(data_type)


def exemplar(reader, rows, data_type, k):
    """[(time, value)] in the order of their hashes."""
    samples = []
    for _ in range(reader.up_to(min(k, rows))):
        time_us = reader.time()
        samples.append((time_us, reader.value(data_type, 1024)))
    ranks = [exemplar_rank(data_type, *sample) for sample in samples]
    require(all(a < b for a, b in zip(ranks, ranks[1:])), "exemplars are not in the order of their hashes")
    return samples


def exemplar_rank(data_type, time_us, value):
    digest = xxh64(time_us.to_bytes(8, "little", signed=True) + payload(data_type, value), 6)
    return digest, time_us, order_key(value)


def bools(reader, rows):
    """[a true was seen, a false was seen]."""
    seen = reader.u8()
    require(seen <= 3 and bin(seen).count("1") <= rows, "truth values of more than the rows")
    return [bool(seen & 1), bool(seen & 2)]


def tdigest(reader, rows, size):
    """{"infinities": [+, -], "centroids": [(mean, weight)]} and the extremes where there are centroids."""
    lowest, highest = reader.up_to(rows), reader.up_to(rows)
    result = {"infinities": [highest, lowest], "centroids": []}
    length = reader.up_to(size)
    if length:
        low, high = reader.value(FLOAT64), reader.value(FLOAT64)
        for _ in range(length):
            mean = reader.value(FLOAT64)
            result["centroids"].append((mean, reader.varint()))
        means = [low, *(mean for mean, _ in result["centroids"]), high]
        require(all(math.isfinite(mean) for mean in means), "a double is not finite")
        require(means == sorted(means) and result["centroids"] == sorted(result["centroids"]), "not ascending")
        require(all(w > 0 and int(float(w)) == w for _, w in result["centroids"]), "a weight no double holds")
        result.update(min=low, max=high)
    most = 2 * rows if rows > 1 << 53 else rows
    require(lowest + highest <= rows, "infinities of more than the rows")
    require(lowest + highest + sum(w for _, w in result["centroids"]) <= most, "weights of more than the rows")
    return result
