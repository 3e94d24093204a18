"""Sets up what the benchmarks need: the peers, isofold itself in each host, and the rows.

The one idea: a peer that cannot be installed is told as absent with its error, and the rest goes on.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TARGET = ROOT / os.environ.get("CARGO_TARGET_DIR", "target")
OUT = ROOT / "target/benchmarks"
ENVIRONMENT = ROOT / ".cache/benchmarks/venv"
PYTHON = ENVIRONMENT / "bin/python"
MODULES = HERE / "js/node_modules"
RUST = TARGET / "release/isofold-benchmarks"
NODE = ["node", "--expose-gc", "--max-old-space-size=12000"]


class Failed(Exception):
    """A program that ended badly, and its last words."""


def called(command: list[object], show: bool = False, **more: object) -> int:
    """Runs a program and returns 0.

    Raises:
        Failed: with the last words of the program.
    """
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=not show, text=True, **more)  # type: ignore[call-overload]
    if done.returncode != 0:
        last = "" if show else (done.stderr or done.stdout).strip()[-2000:]
        raise Failed(f"{' '.join(words[:6])} ended with {done.returncode}\n{last}")
    return 0


def step(name: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {name}", file=sys.stderr, flush=True)


def everything() -> dict[str, str]:
    """Makes all; returns the absent peers with the reason of each."""
    OUT.mkdir(parents=True, exist_ok=True)
    absent = python_environment() | npm_packages()
    step("isofold for Rust")
    called(["cargo", "build", "--quiet", "--release", "--manifest-path", HERE / "rust/Cargo.toml", "--target-dir", TARGET])
    step("isofold for Node and as wasm")
    called(["tools/pack.sh"], cwd=ROOT)
    step("isofold for Python")
    wheel()
    return absent


def python_environment() -> dict[str, str]:
    """The environment with the pinned peers of Python."""
    requirements = HERE / "requirements.txt"
    stamp, wanted = ENVIRONMENT / "stamp.json", hashlib.sha256(requirements.read_bytes()).hexdigest()
    if stamp.exists():
        kept = json.loads(stamp.read_text())
        if kept["requirements"] == wanted:
            return kept["absent"]
    step("the peers of Python")
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    called([sys.executable, "-m", "venv", ENVIRONMENT])
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    absent: dict[str, str] = {}
    try:
        called([*pip, "--requirement", requirements])
    except Failed:
        lines = [line.strip() for line in requirements.read_text().splitlines()]
        for requirement in (line for line in lines if line and not line.startswith("#")):
            try:
                called([*pip, requirement])
            except Failed as failed:
                absent[requirement.split("=")[0].split(">")[0]] = str(failed)
    stamp.write_text(json.dumps({"requirements": wanted, "absent": absent}))
    return absent


def npm_packages() -> dict[str, str]:
    """The pinned peers of JavaScript."""
    lock = HERE / "js/package-lock.json"
    stamp, wanted = MODULES / ".isofold-benchmarks.json", hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.exists() and json.loads(stamp.read_text())["lock"] == wanted:
        return json.loads(stamp.read_text())["absent"]
    step("the peers of JavaScript")
    npm = ["npm", "--no-audit", "--no-fund", "--loglevel=error"]
    absent: dict[str, str] = {}
    try:
        called([*npm, "ci"], cwd=HERE / "js")
    except Failed:
        for name, version in json.loads((HERE / "js/package.json").read_text())["dependencies"].items():
            try:
                called([*npm, "install", "--no-save", "--no-package-lock", f"{name}@{version}"], cwd=HERE / "js")
            except Failed as failed:
                absent[name] = str(failed)
    stamp.write_text(json.dumps({"lock": wanted, "absent": absent}))
    return absent


def wheel() -> None:
    """The wheel of isofold, installed as a user would."""
    wheels = OUT / "wheels"
    shutil.rmtree(wheels, ignore_errors=True)
    pip = [PYTHON, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    # under the flags of `just wheel`, which compiled most of it
    flags = subprocess.run([ROOT / "tools/path-flags.sh"], check=True, capture_output=True, text=True).stdout.rstrip("\n")
    flagged = {**os.environ, "CARGO_ENCODED_RUSTFLAGS": flags}
    called([*pip, "wheel", "--no-deps", "--wheel-dir", wheels, ROOT / "pkg/python"], env=flagged)
    called([*pip, "install", "--force-reinstall", "--no-deps", *wheels.glob("*.whl")])


def rows(count: int) -> Path:
    """The folder of the rows, made when it is missing or made by another program."""
    maker = HERE / "workload.py"
    folder = OUT / f"rows-{count}"
    stamp, wanted = folder / "maker", hashlib.sha256(maker.read_bytes()).hexdigest()
    if not (folder / "rows.json").exists() or not stamp.exists() or stamp.read_text() != wanted:
        step(f"{count:,} rows")
        shutil.rmtree(folder, ignore_errors=True)
        called([PYTHON, maker, folder, count])
        stamp.write_text(wanted)
    return folder
