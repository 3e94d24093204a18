"""A second decoder, written from core/src/codec/FORMAT.md alone: encoded rollups as plain Python values.

It does not compile expressions, so it cannot check that a spec is in its normal form or that the schema follows from
it; every other rule of the format it checks.
"""

import hashlib
import struct
import sys

import format_states
from format_relations import Relations
from format_reader import DECIMAL, TYPE_NAMES, Reader, Refused, ascending, order_key, require, xxh64

MAX_ROWS = 1 << 62
ROWS, VALUES, NANS = range(3)
VERSIONS = (1, 2)

# kind: name, which parameters follow ("type", "u8" or "varint")
KINDS = {
    0: ("count", []),
    1: ("sum", []),
    2: ("sum", []),
    3: ("sum_squares", []),
    4: ("sum_squares", []),
    5: ("min", ["type"]),
    6: ("max", ["type"]),
    7: ("percentiles", ["u8"]),
    8: ("distinct", ["u8"]),
    9: ("value_counts", ["type", "varint"]),
    10: ("first", ["type", "type"]),
    11: ("last", ["type", "type"]),
    12: ("exemplar", ["type", "varint"]),
    13: ("bools", []),
    14: ("tdigest", ["varint"]),
    15: ("decimal_percentiles", ["u8"]),
}
BARE_TYPES = {1: "float64", 2: "int64", 3: "float64", 4: "int64"}

READERS = {
    0: lambda reader, rows: format_states.count(reader, rows),
    1: lambda reader, rows: format_states.exact_sum(reader, rows, 1),
    2: lambda reader, rows: format_states.integer_sum(reader, rows, 1),
    3: lambda reader, rows: format_states.exact_sum(reader, rows, 2),
    4: lambda reader, rows: format_states.integer_sum(reader, rows, 2),
    5: format_states.extremum,
    6: format_states.extremum,
    7: format_states.histogram,
    15: lambda reader, rows, scale: format_states.histogram(reader, rows, scale, of_units=True),
    8: format_states.distinct,
    9: format_states.value_counts,
    10: format_states.edge,
    11: format_states.edge,
    12: format_states.exemplar,
    13: format_states.bools,
    14: format_states.tdigest,
}


def decode(data):
    """A rollup as {"spec", "keys", "states", "groups", "digest", "fingerprint"}.

    A group is {"bucket": µs, "keys": [value or None], "states": {text: value}}.
    """
    require(data[:4] == b"isof", "not an encoded rollup")
    require(len(data) >= 13 and data[4] in VERSIONS, "another version")
    body = data[:-8]
    require(xxh64(body, 0) == int.from_bytes(data[-8:], "little"), "the checksum does not hold")
    reader = Reader(body, version=data[4])
    reader.raw(5)
    spec = _spec(reader)
    key_types, states = _schema(reader, spec)
    groups = [{"bucket": bucket, "keys": [], "states": {}} for bucket in _buckets(reader)]
    for data_type in key_types:
        _key(reader, data_type, groups)
    ranks = [(group["bucket"], [(key is None, order_key(key)) for key in group["keys"]]) for group in groups]
    require(all(_before(a, b) for a, b in zip(ranks, ranks[1:])), "groups do not ascend")
    _states(reader, states, groups)
    require(reader.at == len(body), "bytes follow the last state")
    fingerprints = {}
    for version in VERSIONS[: VERSIONS.index(reader.version) + 1]:
        parts = _schema_parts(spec, key_types, states, version)
        whole = b"".join(len(part).to_bytes(8, "little") + part for part in parts)
        fingerprints[version] = hashlib.sha256(whole).hexdigest()
    return {
        "version": reader.version,
        "spec": spec,
        "keys": [TYPE_NAMES[data_type] for data_type in key_types],
        "key_types": key_types,
        "states": states,
        "groups": groups,
        "digest": hashlib.sha256(data).hexdigest(),
        "fingerprint": fingerprints[reader.version],
        "fingerprints": fingerprints,
    }


def decode_record(data, rollup, bucket, keys):
    """The states of the record of one group, {text: value}, under the schema of a decoded rollup."""
    require(len(data) >= 17 and data[0] in rollup["fingerprints"], "another version")
    require(data[1:9].hex() == rollup["fingerprints"][data[0]][:16], "another schema")
    place = zigzag(bucket)
    for data_type, key in zip(rollup["key_types"], keys):
        place += b"\x00" if key is None else b"\x01" + spelled(data_type, key)
    body = data[:-8]
    require(xxh64(place + body, 1) == int.from_bytes(data[-8:], "little"), "the checksum does not hold")
    reader = Reader(body, version=data[0])
    reader.raw(9)
    group = {"states": {}}
    _states(reader, rollup["states"], [group])
    require(reader.at == len(body), "bytes follow the last state")
    return group["states"]


def varint(number):
    out = b""
    while number >= 128:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def zigzag(number):
    return varint(number << 1 if number >= 0 else ~number << 1 | 1)


def spelled(data_type, value):
    """The bytes of a value, section 1."""
    name = TYPE_NAMES[data_type]
    if name == "string":
        return varint(len(value.encode())) + value.encode()
    if name == "float64":
        return struct.pack("<d", value)
    return bytes([value]) if name == "bool" else zigzag(value)


def _before(a, b):
    """Whether one group stands before another; NULL is last and has no order of its own."""
    if a[0] != b[0]:
        return a[0] < b[0]
    for (a_null, a_key), (b_null, b_key) in zip(a[1], b[1]):
        if a_null != b_null:
            return b_null
        if not a_null and a_key != b_key:
            return a_key < b_key
    return False


def _pairs(reader, most):
    return [(reader.text(255), reader.text()) for _ in range(reader.up_to(most))]


def _spec(reader):
    spec = {"name": reader.text(255), "columns": _pairs(reader, 1024)}
    ascending([name for name, _ in spec["columns"]], "columns do not ascend")
    time = reader.up_to(len(spec["columns"]) - 1)
    spec["time"] = spec["columns"][time][0]
    bucket = {"width": reader.text(255)}
    parts = reader.u8()
    require(parts < 8, "a part that no bucket has")
    for bit, part in ((1, "timezone"), (2, "origin"), (4, "offset")):
        if parts & bit:
            bucket[part] = reader.text(255)
    spec["bucket"] = bucket
    spec["group_by"] = _pairs(reader, 16)
    flags = reader.up_to_u8(3 if reader.version >= 2 else 1)
    spec["where"] = reader.text() if flags & 1 else None
    spec["select"] = _pairs(reader, 1024)
    if flags & 2:
        spec["keep"] = [reader.text() for _ in range(reader.up_to(256))]
        require(spec["keep"], "nothing is kept")
        ascending(spec["keep"], "what is kept does not ascend")
    return spec


def _schema(reader, spec):
    key_types = [_type(reader) for _ in spec["group_by"]]
    inputs = [_input(reader) for _ in range(reader.varint())]
    filters = [reader.text() for _ in range(reader.varint())]
    states = [_state(reader, spec, inputs, filters) for _ in range(reader.up_to(256))]
    ascending([state["text"] for state in states], "states do not ascend")
    return key_types, states


def _input(reader):
    """The text of an input and its type, which version 1 does not tell."""
    return reader.text(), TYPE_NAMES[_type(reader)] if reader.version >= 2 else None


def _type(reader):
    data_type = reader.u8()
    if data_type == DECIMAL and reader.version >= 2:
        data_type |= reader.u8() << 8
    require(data_type in TYPE_NAMES, "no such type")
    return data_type


def _state(reader, spec, inputs, filters):
    kind = reader.u8()
    require(kind in KINDS, "no such state")
    name, wanted = KINDS[kind]
    parameters = [{"type": lambda: _type(reader), "u8": reader.u8, "varint": reader.varint}[p]() for p in wanted]
    shown = [TYPE_NAMES[value] if p == "type" else str(value) for p, value in zip(wanted, parameters)]
    shown += [BARE_TYPES[kind]] if kind in BARE_TYPES else []
    sees = reader.up_to(2)
    seen = {"rows": sees == ROWS, "input": None, "nans_of": None, "by": None, "filter": None}
    types = ""
    if sees == VALUES:
        seen["input"], data_type = inputs[reader.up_to(len(inputs) - 1)]
        types += f" of {data_type}"
    elif sees == NANS:
        seen["nans_of"] = spec["columns"][reader.up_to(len(spec["columns"]) - 1)][0]
    if name in ("first", "last"):
        seen["by"], data_type = inputs[reader.up_to(len(inputs) - 1)]
        types += f" by {data_type}"
    chosen = reader.up_to(len(filters))
    text = f"{name}[{', '.join(shown)}]" if shown else name
    arguments = [seen["input"] if sees == VALUES else "*", *([seen["by"]] if seen["by"] else [])]
    text = f"nan_count({seen['nans_of']})" if sees == NANS else f"{text}({', '.join(arguments)})"
    if chosen:
        seen["filter"] = filters[chosen - 1]
        text += f" filter (where {seen['filter']})"
    return {"text": text, "types": types, "kind": kind, "name": name, "parameters": parameters, **seen}


def _buckets(reader):
    buckets = []
    for place in range(reader.varint()):
        if place:
            distance = reader.varint()
            require(distance > 0, "a bucket stands twice")
            start = buckets[-1] + distance
        else:
            start = reader.zigzag()
        groups = reader.varint()
        require(0 < groups <= len(reader.data), "the groups of a bucket")
        buckets += [start] * groups
    return buckets


def _key(reader, data_type, groups):
    values = [reader.value(data_type) for _ in range(reader.varint())]
    ascending(values, "the values of a key do not ascend")
    places = [reader.up_to(len(values)) for _ in groups]
    require(set(range(len(values))) <= set(places), "a value that no group has")
    for group, place in zip(groups, places):
        group["keys"].append(values[place] if place < len(values) else None)


def _states(reader, states, groups):
    counted = next((state for state in states if state["text"] == "count(*)"), None)
    require(counted is not None, "rows are not counted")
    for group in groups:
        group["rows"] = reader.up_to(MAX_ROWS)
        require(group["rows"] > 0, "a group without rows")
        group["states"]["count(*)"] = group["rows"]
        group["relations"] = Relations(group["rows"])
    require(sum(group["rows"] for group in groups) <= MAX_ROWS, "too many rows")
    for state in states:
        if state is counted:
            continue
        for group in groups:
            relations = group["relations"]
            rows = group["rows"] if state["input"] is None else relations.most(state)
            value = READERS[state["kind"]](reader, rows, *state["parameters"])
            relations.add(state, value)
            group["states"][state["text"]] = value
    for group in groups:
        group.pop("relations").check()


def _schema_parts(spec, key_types, states, version):
    bucket = spec["bucket"]
    parts = [f"time {spec['time']}", f"bucket {bucket['width']}"]
    parts += [f"{part} {bucket[part]}" for part in ("timezone", "origin", "offset") if part in bucket]
    keys = zip(spec["group_by"], key_types)
    parts += [f"key {name}[{TYPE_NAMES[data_type]}]: {text}" for (name, text), data_type in keys]
    parts += [f"where {spec['where']}"] if spec["where"] is not None else []
    parts += [f"state {state['text']}{state['types'] if version >= 2 else ''}" for state in states]
    return [part.encode("utf-8") for part in parts]


if __name__ == "__main__":
    import pprint

    try:
        pprint.pprint(decode(open(sys.argv[1], "rb").read()), sort_dicts=False, width=120)
    except Refused as error:
        sys.exit(f"refused: {error}")
