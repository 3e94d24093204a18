"""What it takes to import isofold and its peers, and how large they are: `python start.py WHEELS` prints one line of JSON."""

import importlib.metadata
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

TIMES = 7
PACKAGES = {"isofold": [], "duckdb": [], "polars": ["polars-runtime-32"], "pandas": ["numpy"], "pyarrow": [],
            "datafusion": ["pyarrow"], "chdb": ["chdb-core"]}  # fmt: skip


def seconds(statement: str) -> float:
    """The median time of a process that runs a statement."""

    def once() -> float:
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", statement], check=True)
        return time.perf_counter() - started

    once()
    return statistics.median(once() for _ in range(TIMES))


def installed(name: str) -> int:
    files = importlib.metadata.files(name) or []
    return sum(Path(file.locate()).stat().st_size for file in files if Path(file.locate()).exists() and file.suffix != ".pyc")


def main() -> None:
    nothing = seconds("pass")
    found: dict[str, dict[str, object]] = {}
    for name, others in PACKAGES.items():
        try:
            sizes = [installed(part) for part in (name, *others)]
        except importlib.metadata.PackageNotFoundError:
            continue
        found[name] = {
            "version": importlib.metadata.version(name),
            "with": others,
            "import_seconds": max(seconds(f"import {name}") - nothing, 0.0),
            "installed_bytes": sum(sizes),
        }
    wheels = {path.name: path.stat().st_size for path in Path(sys.argv[1]).glob("*.whl")}
    print(json.dumps({"python_seconds": nothing, "packages": found, "wheels": wheels}))


if __name__ == "__main__":
    main()
