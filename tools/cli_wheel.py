#!/usr/bin/env python3
"""Packs a built command into the wheel `isofold-cli`, as maturin would after compiling it once more:

    python3 tools/cli_wheel.py target/isofold-cli/isofold target/cli-wheels
"""

from __future__ import annotations

import base64
import hashlib
import re
import sys
import sysconfig
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "pkg/cli"
# the oldest time that a zip file can tell: equal programs are equal wheels
TIME = (1980, 1, 1, 0, 0, 0)


def main(program: Path, folder: Path) -> None:
    version = re.search(r'^version = "(.+)"$', (ROOT / "Cargo.toml").read_text(encoding="utf-8"), re.MULTILINE)
    about = (PACKAGE / "pyproject.toml").read_text(encoding="utf-8")
    if version is None:
        sys.exit("Cargo.toml tells no version")
    said = dict(re.findall(r'^(description|requires-python|license) = "(.+)"$', about, re.MULTILINE))
    name = f"isofold_cli-{version[1]}"
    tag = f"py3-none-{re.sub('[-.]', '_', sysconfig.get_platform())}"
    licences = ["LICENSE-MIT", "LICENSE-APACHE"]
    metadata = [
        "Metadata-Version: 2.4", "Name: isofold-cli", f"Version: {version[1]}", f"Summary: {said['description']}",
        f"License-Expression: {said['license']}", *(f"License-File: {each}" for each in licences),
        f"Requires-Python: {said['requires-python']}", "Description-Content-Type: text/markdown", "",
        (PACKAGE / "README.md").read_text(encoding="utf-8"),
    ]
    files = {
        f"{name}.data/scripts/{program.name}": program.read_bytes(),
        **{f"{name}.dist-info/licenses/{each}": (ROOT / each).read_bytes() for each in licences},
        f"{name}.dist-info/METADATA": "\n".join(metadata).encode(),
        f"{name}.dist-info/WHEEL": f"Wheel-Version: 1.0\nGenerator: isofold\nRoot-Is-Purelib: false\nTag: {tag}\n".encode(),
    }
    digest = {path: base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode() for path, data in files.items()}
    record = [f"{path},sha256={digest[path]},{len(data)}" for path, data in files.items()]
    files[f"{name}.dist-info/RECORD"] = "\n".join([*record, f"{name}.dist-info/RECORD,,", ""]).encode()
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / f"{name}-{tag}.whl", "w", zipfile.ZIP_DEFLATED) as wheel:
        for path, data in files.items():
            entry = zipfile.ZipInfo(path, TIME)
            entry.external_attr = (0o100755 if "/scripts/" in path else 0o100644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            wheel.writestr(entry, data)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
