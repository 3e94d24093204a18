"""What the wasm download consists of, by crate and module: `python wasm_parts.py TARGET` prints one line of JSON.

Code is counted in the module as cargo leaves it, which still has the names of functions; wasm-opt shrinks all parts
alike. What is compressed is told as a share, since parts compress together.
"""

import json
import re
import sys
from collections import Counter
from pathlib import Path

CODE, DATA, CUSTOM, IMPORT = 10, 11, 0, 2


def leb(data: bytes, place: int) -> tuple[int, int]:
    """An unsigned number and the place behind it."""
    value = shift = 0
    while True:
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, place


def sections(data: bytes) -> list[tuple[int, bytes]]:
    found, place = [], 8
    while place < len(data):
        kind = data[place]
        size, start = leb(data, place + 1)
        found.append((kind, data[start : start + size]))
        place = start + size
    return found


def imported(section: bytes) -> int:
    """How many functions come before the module's own."""
    count, place = leb(section, 0)
    functions = 0
    for _ in range(count):
        for _ in range(2):
            size, place = leb(section, place)
            place += size
        kind, place = section[place], place + 1
        if kind == 0:
            functions += 1
            _, place = leb(section, place)
        elif kind == 3:
            place += 2
        else:
            place += kind == 1
            flags, place = leb(section, place)
            for _ in range(1 + (flags & 1)):
                _, place = leb(section, place)
    return functions


def names(section: bytes) -> dict[int, str]:
    """The names of functions, of the custom section `name`."""
    size, place = leb(section, 0)
    if section[place : place + size] != b"name":
        return {}
    place += size
    found = {}
    while place < len(section):
        kind = section[place]
        size, place = leb(section, place + 1)
        end = place + size
        if kind == 1:
            count, place = leb(section, place)
            for _ in range(count):
                index, place = leb(section, place)
                length, place = leb(section, place)
                found[index] = section[place : place + length].decode(errors="replace")
                place += length
        place = end
    return found


LIBRARY = {"core", "alloc", "std", "dlmalloc", "hashbrown", "compiler_builtins", "foldhash", "serde", "serde_json"}


def part(name: str) -> str:
    """The crate of a function, and the module for those of isofold."""
    module = re.search(r"\disofold\d+([a-z_]+)", name)
    if module:
        return f"isofold::{module[1]}"
    if "isofold_facade" in name:
        return "isofold_facade"
    # functions that the glue calls end in a hash of the crate
    if "isofold_wasm" in name or re.search(r"_[0-9a-f]{16}$", name):
        return "isofold_wasm"
    crates = [(int(size), rest) for size, rest in re.findall(r"C[0-9A-Za-z]*_(\d+)_?([A-Za-z]\w*)", name)]
    found = crates[0][1][: crates[0][0]] if crates else "std"
    return "std" if found in LIBRARY else found


def main() -> None:
    target = Path(sys.argv[1])
    way = (target / "isofold-wasm/way").read_text().strip()
    folder = target / ("wasm" if way == "small" else f"wasm-{way}")
    compiled = folder / "wasm32-unknown-unknown/wasm/isofold_wasm.wasm"
    parts: Counter[str] = Counter()
    first, function_names, code = 0, {}, b""
    for kind, section in sections(compiled.read_bytes()):
        if kind == IMPORT:
            first = imported(section)
        elif kind == CODE:
            code = section
        elif kind == DATA:
            parts["data: tables of zones, sketches and texts"] += len(section)
        elif kind == CUSTOM:
            function_names |= names(section)
    count, place = leb(code, 0)
    for index in range(count):
        size, place = leb(code, place)
        parts[part(function_names.get(first + index, "unnamed"))] += size
        place += size
    print(json.dumps(dict(parts.most_common())))


if __name__ == "__main__":
    main()
