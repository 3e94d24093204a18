#!/usr/bin/env python3
"""Reads what valgrind wrote about a run, and fails for what happened in code of this project.

    python3 tools/memory_report.py REPORT.xml OBJECT

An error counts when a function of OBJECT, a module of this project, is on its stack, or on that of who allocated or freed
the memory that it is about; a block that is lost, when OBJECT asked for it. V8 and Python have errors of their own, such
as words of strings that are read past their end on purpose; they are counted and told.
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as xml


def stacks(error: xml.Element) -> list[list[str]]:
    """The functions of each stack, ours marked."""
    return [
        [f"{frame.findtext('fn') or frame.findtext('ip')} ({frame.findtext('obj')})" for frame in stack.iter("frame")]
        for stack in error.iter("stack")
    ]


def main(report: str, ours: str) -> int:
    root = xml.parse(report).getroot()
    if root.find("status[state='FINISHED']") is None:
        print(f"{report} tells of no run that ended", file=sys.stderr)
        return 1
    errors = list(root.iter("error"))
    counted = [error for error in errors if any(ours in frame for stack in stacks(error) for frame in stack)]
    for error in counted:
        what = error.findtext("what") or error.findtext("xwhat/text")
        print(f"{error.findtext('kind')}: {what}", *(f"    {frame}" for stack in stacks(error) for frame in stack), sep="\n")
    print(f"{len(counted)} errors in {ours}, {len(errors) - len(counted)} in what is not ours")
    return 1 if counted else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
