"""``python -m isofold``: starts the program ``isofold``, where it is installed (``isofold[cli]``)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Optional

PROGRAM = "isofold.exe" if os.name == "nt" else "isofold"


def find() -> Optional[str]:
    """The program of this environment, of the user, or of the path."""
    user = "nt_user" if os.name == "nt" else "posix_user"
    folders = [sysconfig.get_path("scripts"), str(Path(sys.executable).parent), sysconfig.get_path("scripts", user)]
    found = (Path(folder) / PROGRAM for folder in folders)
    return next((str(path) for path in found if path.is_file()), None) or shutil.which(PROGRAM)


def main() -> int:
    """Runs the program with the words of this process."""
    program = find()
    if program is None:
        print("isofold: host.backend: the program is not installed: pip install 'isofold[cli]'", file=sys.stderr)
        return 1
    words = [program, *sys.argv[1:]]
    if os.name == "posix":
        # the same process, so that signals and exit codes are the program's
        os.execv(program, words)
    return subprocess.run(words, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
