#!/usr/bin/env python3
"""Fails when a file that is published names a folder of the machine that built it, or keeps the names of a debugger.

    python3 tools/no_paths.py target/wheels/isofold-*.whl target/isofold-npm/isofold-*.tgz

Wheels, tarballs and what is compressed inside them are looked into. The folders are this tree, those of the user, of
cargo, rustup, the compiler and the target, and whatever lies in somebody's home.
"""

from __future__ import annotations

import gzip
import io
import os
import re
import struct
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# A name in somebody's home, on any machine.
HOMES = rb"/(?:home|Users)/[A-Za-z0-9_][\w.-]*/|[A-Z]:\\+Users\\+\w"
SHOWN = 60


def folders() -> list[bytes]:
    """The folders of this machine that nothing published may name."""
    home = os.environ.get("HOME") or str(Path.home())
    named = [
        str(ROOT),
        home,
        os.environ.get("CARGO_HOME") or f"{home}/.cargo",
        os.environ.get("RUSTUP_HOME") or f"{home}/.rustup",
        os.environ.get("CARGO_TARGET_DIR", ""),
        toolchain(),
    ]
    absolute = {path for name in named if name.startswith("/") for path in (name.rstrip("/"), os.path.realpath(name))}
    # the system's own folders, such as Debian's compiler has them, are the same everywhere
    return sorted(path.encode() for path in absolute if path not in ("", "/", "/usr"))


def toolchain() -> str:
    try:
        return subprocess.run(["rustc", "--print", "sysroot"], capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def members(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """A file, and all that is packed in it, each under the path that leads there."""
    yield name, content
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for inner in archive.namelist():
                yield from members(f"{name}: {inner}", archive.read(inner))
    elif content.startswith(b"\x1f\x8b"):
        plain = gzip.decompress(content)
        if plain[257:262] == b"ustar":
            with tarfile.open(fileobj=io.BytesIO(plain)) as archive:
                for entry in archive.getmembers():
                    file = archive.extractfile(entry)
                    yield from members(f"{name}: {entry.name}", file.read()) if file else ()
        else:
            yield f"{name}: inside", plain


def paths_in(content: bytes, forbidden: list[bytes]) -> Iterator[str]:
    pattern = re.compile(b"|".join([*(re.escape(path) + rb"(?![\w.-])" for path in forbidden), HOMES]))
    for found in pattern.finditer(content):
        text = content[max(0, found.start() - SHOWN) : found.end() + SHOWN]
        yield re.sub(r"[^\x20-\x7e]+", "·", text.decode("latin-1"))


def keeps_names(content: bytes) -> bool:
    """Whether a program or module has the table of its functions' names that debuggers read."""
    if content.startswith(b"\x7fELF\x02\x01"):
        (table,) = struct.unpack_from("<Q", content, 0x28)
        size, count = struct.unpack_from("<HH", content, 0x3A)
        kinds = (struct.unpack_from("<I", content, table + size * number + 4)[0] for number in range(count))
        return 2 in kinds
    if content.startswith(b"\0asm"):
        return any(name == b"name" or name.startswith(b".debug") for name in custom_sections(content))
    return False


def custom_sections(module: bytes) -> Iterator[bytes]:
    place = 8
    while place < len(module):
        kind = module[place]
        length, place = number_at(module, place + 1)
        if kind == 0:
            size, start = number_at(module, place)
            yield module[start : start + size]
        place += length


def number_at(module: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = module[place]
        value |= (byte & 0x7F) << shift
        shift, place = shift + 7, place + 1
        if byte < 0x80:
            return value, place


def problems(files: list[Path], forbidden: list[bytes]) -> list[str]:
    """A line for each file, or member of a file, that is not as it should be."""
    found = []
    for file in files:
        for name, content in members(str(file), file.read_bytes()):
            paths = list(paths_in(content, forbidden))
            if paths:
                found.append(f"{name} names folders of the machine, {len(paths)} times: {paths[0]}")
            if keeps_names(content):
                found.append(f"{name} is not stripped of names")
    return found


def main(arguments: list[str]) -> int:
    files = [Path(argument) for argument in arguments]
    if not files:
        print("the files to look into are wanted", file=sys.stderr)
        return 2
    found = problems(files, folders())
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
