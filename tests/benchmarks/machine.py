"""What the machine is, as a reader of the figures wants to know it."""

import os
import platform
import subprocess
from pathlib import Path


def told() -> dict[str, str]:
    """Processor, memory, system, and the versions of what runs the contestants."""
    return {
        "processor": processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release().split('-')[0]}, {platform.machine()}",
        "python": platform.python_version(),
        "node": first_line("node", "--version").removeprefix("v"),
        "rust": first_line("rustc", "--version").split(" ")[1],
    }


def processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())


def first_line(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]
    except (OSError, subprocess.CalledProcessError):
        return "unknown 0"


def load() -> float:
    """How many programs wanted a processor in the last minute."""
    return os.getloadavg()[0]
