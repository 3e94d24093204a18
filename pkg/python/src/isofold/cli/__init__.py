"""The command ``isofold``: rollups in a database kept fresh, and rollups in files.

Exit codes: 0 done; 1 a problem, told on stderr with its code; 2 a wrong command line; 3 ``check`` found a rollup that
is not fresh.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from .. import Error, __version__
from . import database, files

PROBLEM = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command line and gives its exit code."""
    parser = _parser()
    parsed = parser.parse_args(arguments)
    try:
        code: int = parsed.command(parsed)
        return code
    except Error as error:
        for problem in error.problems:
            where = f" ({problem.path})" if problem.path else ""
            print(f"isofold: {problem.code}: {problem.message}{where}", file=sys.stderr)
        return PROBLEM
    except BrokenPipeError:
        return PROBLEM
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        print(f"isofold: {error.strerror or error}{where}", file=sys.stderr)
        return PROBLEM
    except UnicodeDecodeError as error:
        print(f"isofold: ingest.text: byte {error.start} of a file is not UTF-8", file=sys.stderr)
        return PROBLEM
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="isofold", description="Rollups that are a function of their rows.")
    parser.add_argument("--version", action="version", version=f"isofold {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--json", action="store_true", help="write JSON instead of a table")
    store = argparse.ArgumentParser(add_help=False, parents=[shared])
    store.add_argument("--catalog", default=os.environ.get("ISOFOLD_CATALOG", "isofold.json"), metavar="FILE",
                       help="the catalog (default: $ISOFOLD_CATALOG or isofold.json)")
    store.add_argument("--database", default=os.environ.get("ISOFOLD_DATABASE"), metavar="URL",
                       help="postgresql://… or the path of an SQLite database (default: $ISOFOLD_DATABASE)")
    database.add_commands(commands, store)
    files.add_commands(commands, shared)
    return parser
