"""What is published names no folder of the machine that built it: the check finds one wherever it is packed."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOME = os.environ.get("HOME", str(Path.home()))


def checked(name: str, content: bytes, folder: Path) -> subprocess.CompletedProcess[str]:
    file = folder / name
    file.write_bytes(content)
    return subprocess.run([sys.executable, ROOT / "tools/no_paths.py", file], capture_output=True, text=True)


def wheel(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return packed.getvalue()


def tarball(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


@pytest.mark.parametrize("path", [f"{ROOT}/core/src/lib.rs", f"{HOME}/.cargo/registry/src", "/home/somebody/isofold/core"])
def test_a_path_is_found_wherever_it_is_packed(path: str, tmp_path: Path) -> None:
    content = b"\0text before " + path.encode() + b"\0"
    for name, packed in {
        "plain": content,
        "a.whl": wheel("isofold/_isofold.so", content),
        "a.tgz": tarball("package/dist/native/isofold.node", content),
        "a.gz": gzip.compress(content),
        "deep.whl": wheel("a.tgz", tarball("a.whl", wheel("inner", content))),
    }.items():
        found = checked(name, packed, tmp_path)
        assert found.returncode == 1 and path[:20] in found.stderr, (name, found)


def test_what_has_no_paths_passes(tmp_path: Path) -> None:
    content = b"core/src/lib.rs /cargo/registry/src/x /rustc/5980/library ~/.cache https://example.com/home /usr/lib" + f"{HOME}x".encode()
    for name, packed in {"plain": content, "a.whl": wheel("a", content), "a.tgz": tarball("a", content)}.items():
        found = checked(name, packed, tmp_path)
        assert found.returncode == 0, (name, found)


def test_names_of_functions_are_found(tmp_path: Path) -> None:
    named = b"\0asm\1\0\0\0" + b"\0\7\4nameab"
    assert "not stripped" in checked("a.wasm", named, tmp_path).stderr
    assert checked("a.wasm", b"\0asm\1\0\0\0" + b"\0\7\4kindab", tmp_path).returncode == 0
    # Python itself has names or none, as its maker liked; a program that is compiled here has them
    source = tmp_path / "a.c"
    source.write_text("int a(void) { return 1; }")
    for option, code in {"-g": 1, "-s": 0}.items():
        library = tmp_path / "a.so"
        subprocess.run(["cc", "-shared", option, "a.c", "-o", "a.so"], cwd=tmp_path, check=True)
        plain = library.read_bytes().replace(bytes(tmp_path), b"x" * len(bytes(tmp_path)))
        assert checked("b.so", plain, tmp_path).returncode == code
