"""Numbers, texts, values and packed bits as core/src/codec/FORMAT.md spells them, and its hash."""

import struct

MASK = (1 << 64) - 1
MIN_TIME_US = -377_705_116_800_000_000
MAX_TIME_US = 253_402_300_800_000_000
BOOL, INT64, FLOAT64, TIMESTAMP, STRING, DECIMAL = range(1, 7)
TYPE_NAMES = {BOOL: "bool", INT64: "int64", FLOAT64: "float64", TIMESTAMP: "timestamp", STRING: "string"}
# that of a decimal has the scale above the code
TYPE_NAMES |= {DECIMAL | scale << 8: f"decimal({scale})" for scale in range(19)}


class Refused(ValueError):
    """The bytes are not the one spelling of a rollup."""


def require(holds, why):
    if not holds:
        raise Refused(why)


class Reader:
    """Takes numbers, texts and values from the front."""

    def __init__(self, data, version):
        self.data = data
        self.at = 0
        self.version = version

    def raw(self, count):
        require(self.at + count <= len(self.data), "the bytes end early")
        taken = self.data[self.at : self.at + count]
        self.at += count
        return taken

    def u8(self):
        return self.raw(1)[0]

    def u64(self):
        return int.from_bytes(self.raw(8), "little")

    def varint(self):
        value, shift = 0, 0
        while True:
            byte = self.u8()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                require(byte != 0 or shift == 7, "a varint is not minimal")
                require(value <= MASK, "a varint passes 64 bits")
                return value
            require(shift < 70, "a varint passes 64 bits")

    def up_to(self, most):
        value = self.varint()
        require(value <= most, f"{value} is more than {most}")
        return value

    def up_to_u8(self, most):
        value = self.u8()
        require(value <= most, f"{value} is more than {most}")
        return value

    def zigzag(self):
        value = self.varint()
        return (value >> 1) ^ -(value & 1)

    def sized(self):
        return self.raw(self.varint())

    def text(self, most=None):
        data = self.sized()
        require(most is None or len(data) <= most, "a text is too long")
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Refused("a text is not UTF-8") from error

    def time(self):
        time_us = self.zigzag()
        require(MIN_TIME_US <= time_us < MAX_TIME_US, "a time is outside the years -9999 to 9999")
        return time_us

    def value(self, data_type, most=4096):
        """A value as bool, int, float or str; a timestamp as int, a decimal as its units."""
        if data_type == BOOL:
            return self.up_to(1) == 1
        if data_type == INT64 or data_type & 0xFF == DECIMAL:
            return self.zigzag()
        if data_type == TIMESTAMP:
            return self.time()
        if data_type == STRING:
            return self.text(most)
        value = struct.unpack("<d", self.raw(8))[0]
        require(value == value and bits_of(value) != 1 << 63, "a double is NaN or -0.0")
        return value


class Bits:
    """Takes codes from packed bits, the lowest bit of a byte first."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def bit(self):
        byte, place = divmod(self.at, 8)
        require(byte < len(self.data), "the codes end early")
        self.at += 1
        return self.data[byte] >> place & 1

    def bits(self, count):
        return sum(self.bit() << place for place in range(count))

    def unary(self):
        zeros = 0
        while not self.bit():
            zeros += 1
        return zeros

    def rice(self, order):
        low = self.bits(order)
        return self.unary() << order | low

    def golomb(self, order):
        below = self.unary() + order
        require(below <= 62, "a code is too long")
        return (1 << below | self.bits(below)) - (1 << order)

    def end(self):
        require((self.at + 7) // 8 == len(self.data), "bytes follow the codes")
        require(self.at % 8 == 0 or self.data[-1] >> self.at % 8 == 0, "the codes are not filled with zeros")


def bits_of(value):
    return struct.unpack("<Q", struct.pack("<d", value))[0]


def order_key(value):
    """A key by which values of one type are ordered."""
    return value.encode("utf-8") if isinstance(value, str) else value


def ascending(values, why):
    keys = [order_key(value) for value in values]
    require(all(a < b for a, b in zip(keys, keys[1:])), why)


def payload(data_type, value):
    """What a hash sees of a value."""
    if data_type == BOOL:
        return bytes([value])
    if data_type == FLOAT64:
        return struct.pack("<d", value)
    if data_type == STRING:
        return value.encode("utf-8")
    return struct.pack("<q", value)


def value_hash(data_type, value):
    return xxh64(payload(data_type, value), data_type & 0xFF)


PRIMES = (
    11400714785074694791,
    14029467366897019727,
    1609587929392839161,
    9650029242287828579,
    2870177450012600261,
)


def _rotated(value, by):
    return (value << by | value >> (64 - by)) & MASK


def _round(lane, word):
    return _rotated((lane + word * PRIMES[1]) & MASK, 31) * PRIMES[0] & MASK


def xxh64(data, seed):
    """XXH64, from its specification."""
    one, two, three, four, five = PRIMES
    at = 0
    if len(data) >= 32:
        lanes = [(seed + one + two) & MASK, (seed + two) & MASK, seed, (seed - one) & MASK]
        while at + 32 <= len(data):
            words = struct.unpack_from("<4Q", data, at)
            lanes = [_round(lane, word) for lane, word in zip(lanes, words)]
            at += 32
        result = sum(_rotated(lane, by) for lane, by in zip(lanes, (1, 7, 12, 18))) & MASK
        for lane in lanes:
            result = ((result ^ _round(0, lane)) * one + four) & MASK
    else:
        result = (seed + five) & MASK
    result = (result + len(data)) & MASK
    while at + 8 <= len(data):
        (word,) = struct.unpack_from("<Q", data, at)
        result = (_rotated(result ^ _round(0, word), 27) * one + four) & MASK
        at += 8
    if at + 4 <= len(data):
        (word,) = struct.unpack_from("<I", data, at)
        result = (_rotated(result ^ word * one & MASK, 23) * two + three) & MASK
        at += 4
    for byte in data[at:]:
        result = _rotated(result ^ byte * five & MASK, 11) * one & MASK
    for shift, prime in ((33, two), (29, three)):
        result = (result ^ result >> shift) * prime & MASK
    return result ^ result >> 32
