#!/usr/bin/env python3
"""Takes the folders of the machine out of the bills of materials in wheels: tools/wheel_sbom.py target/wheels/*.whl.

maturin names crates that are no packages of a registry by where they lie. Here they lie in /isofold, wherever the tree
is; what a wheel says of its files (RECORD) is made anew.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import sys
import zipfile
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent


def without_paths(content: bytes) -> bytes:
    for root in {str(ROOT), quote(str(ROOT)), quote(str(ROOT), safe="")}:
        content = content.replace(root.encode(), b"/isofold" if "/" in root else b"%2Fisofold")
    return content


def recorded(record: bytes, contents: dict[str, bytes]) -> bytes:
    """The list of files with the digests and sizes of what they contain now."""
    rows = []
    for name, digest, size in csv.reader(io.StringIO(record.decode())):
        if digest:
            hashed = base64.urlsafe_b64encode(hashlib.sha256(contents[name]).digest()).rstrip(b"=").decode()
            digest, size = f"sha256={hashed}", str(len(contents[name]))
        rows.append((name, digest, size))
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    return written.getvalue().encode()


def rewrite(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        entries = archive.infolist()
        contents = {entry.filename: archive.read(entry) for entry in entries}
    for name in contents:
        if ".dist-info/sboms/" in name:
            contents[name] = without_paths(contents[name])
    for name in contents:
        if name.endswith(".dist-info/RECORD"):
            contents[name] = recorded(contents[name], contents)
    made = wheel.with_suffix(".new")
    with zipfile.ZipFile(made, "w") as archive:
        for entry in entries:
            archive.writestr(entry, contents[entry.filename], compress_type=entry.compress_type)
    made.replace(wheel)


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        rewrite(Path(argument))
