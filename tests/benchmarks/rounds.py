"""Runs the contestants in turns, checks what they answer, and keeps the medians."""

import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import machine
import setup
from contestants import Entry

TIMEOUT_SECONDS = 900


def run(entries: list[Entry], folder: Path, count: int, absent: dict[str, str]) -> dict[str, Any]:
    """All rounds: medians by entry, every run, and what is wrong."""
    present = [entry for entry in entries if entry.contestant.needs not in absent]
    runs: dict[str, list[dict[str, Any]]] = {entry.label: [] for entry in present}
    failed: dict[str, str] = {}
    answers = setup.OUT / "answers"
    answers.mkdir(exist_ok=True)
    problems: list[str] = []
    for turn in range(count):
        # back and forth, so that nobody always runs after the same one
        for number, entry in enumerate(present if turn % 2 == 0 else reversed(present), 1):
            if entry.label in failed:
                continue
            progress(f"round {turn + 1} of {count}, {number} of {len(present)}: {entry.label}")
            try:
                runs[entry.label].append(one(entry, folder, answers))
            except (setup.Failed, subprocess.TimeoutExpired, json.JSONDecodeError) as error:
                failed[entry.label] = str(error)
                problems.append(f"{entry.label}: {error}")
                print(f"\n{entry.label}: {error}", file=sys.stderr)
        checked(present, runs, folder, answers, problems)
    print(file=sys.stderr)
    problems += differing(present, runs)
    medians = {entry.label: told(entry, runs[entry.label]) for entry in present if runs[entry.label]}
    return {"contests": medians, "failed": failed, "problems": problems, "runs": runs}


def one(entry: Entry, folder: Path, answers: Path) -> dict[str, Any]:
    """What one process tells, and what the system tells of it."""
    contestant = entry.contestant
    start: list[object] = {
        "rust": [setup.RUST],
        "python": [setup.PYTHON, setup.HERE / "python/contest.py"],
        "node": [*setup.NODE, setup.HERE / "js/contest.mjs"],
    }[contestant.host]
    out = answers / f"{entry.label.replace('|', '-').replace(' ', '-').replace(',', '')}.json"
    options = {
        "folder": folder,
        "order": entry.order,
        "keys": entry.keys,
        "threads": entry.threads,
        "queries": contestant.queries,
        "answers": out,
    }
    words = [str(word) for word in start + [contestant.program]]
    words += [str(word) for name, value in options.items() for word in (f"--{name}", value)]
    threads = {name: str(entry.threads) for name in ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "TOKIO_WORKER_THREADS")}
    load = machine.load()
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | threads)
    printed, complained = process.communicate(timeout=TIMEOUT_SECONDS)
    if process.returncode != 0:
        raise setup.Failed(f"ended with {process.returncode}\n{complained.strip()[-1500:]}")
    return json.loads(printed.strip().splitlines()[-1]) | {"file": str(out), "load": load}


def checked(
    entries: list[Entry], runs: dict[str, list[dict[str, Any]]], folder: Path, answers: Path, problems: list[str]
) -> None:
    """Adds to the last run of each what the checker finds, and drops the answers."""
    given = {}
    for entry in entries:
        if runs[entry.label] and "file" in runs[entry.label][-1]:
            given[entry.label] = {"file": runs[entry.label][-1].pop("file"), "promise": asdict(entry.contestant.promise)}
    request = answers / "request.json"
    request.write_text(json.dumps(given))
    words = [str(word) for word in (setup.PYTHON, setup.HERE / "check.py", folder, request)]
    found = json.loads(subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout)
    for label, queries in found.items():
        runs[label][-1]["checks"] = queries
        problems += [f"{label}, {query}: {text}" for query, check in queries.items() for text in check["problems"]]
    for entry in given.values():
        Path(entry["file"]).unlink()


def told(entry: Entry, runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Medians of an entry."""
    contestant = entry.contestant
    queries = {}
    for query in runs[0]["queries"]:
        costs = [run["queries"][query] for run in runs]
        checks = [run["checks"][query] for run in runs if "checks" in run]
        medians = {name: statistics.median(cost[name] for cost in costs) for name in costs[0]}
        queries[query] = medians | {
            "least_seconds": min(cost["seconds"] for cost in costs),
            "answers": sorted({check["hash"] for check in checks}),
            "errors": checks[0]["errors"] if checks else {},
        }
    return {
        "name": contestant.name,
        "host": contestant.host,
        "is_ours": contestant.is_ours,
        "note": contestant.note,
        "version": runs[0]["version"],
        "order": entry.order,
        "keys": entry.keys,
        "threads": entry.threads,
        "loaded_bytes": statistics.median(run["loaded_bytes"] for run in runs),
        "load": statistics.median(run["load"] for run in runs),
        "queries": queries,
    }


def differing(entries: list[Entry], runs: dict[str, list[dict[str, Any]]]) -> list[str]:
    """What breaks the law: an answer of isofold that differs from another, whatever the host, order and threads."""
    answers: dict[str, dict[str, str]] = {}
    for entry in (entry for entry in entries if entry.contestant.is_ours):
        for run in runs[entry.label]:
            for query, check in run.get("checks", {}).items():
                answers.setdefault(query, {})[check["hash"]] = entry.label
    return [f"isofold answers {query} in {len(by)} ways: {by}" for query, by in answers.items() if len(by) > 1]


def verbs(folder: Path) -> dict[str, Any]:
    """The verbs on one rollup, in every host."""
    setup.step("verbs")
    out = setup.OUT / "rollups"
    out.mkdir(exist_ok=True)
    rust = [setup.RUST, "verbs", "--folder", folder, "--out", out]
    others = {
        "Node addon": [*setup.NODE, setup.HERE / "js/verbs.mjs", "addon", out],
        "wasm in Node": [*setup.NODE, setup.HERE / "js/verbs.mjs", "wasm", out],
        "Python": [setup.PYTHON, setup.HERE / "python/verbs.py", out],
    }
    return {"Rust": printed(rust)} | {name: printed(words) for name, words in others.items()}


def start(absent: dict[str, str]) -> dict[str, Any]:
    """Sizes and what it takes to a first answer."""
    setup.step("sizes and starts")
    found = {}
    for name, words in {
        "python": [setup.PYTHON, setup.HERE / "python/start.py", setup.OUT / "wheels"],
        "javascript": ["node", setup.HERE / "js/sizes.mjs", setup.TARGET],
        "page": ["node", setup.HERE / "js/pages.mjs"],
        "wasm": [setup.PYTHON, setup.HERE / "wasm_parts.py", setup.TARGET],
    }.items():
        try:
            found[name] = printed(words)
        except setup.Failed as error:
            absent[f"start: {name}"] = str(error)
            print(error, file=sys.stderr)
    return found


def printed(words: list[object]) -> Any:
    """The JSON that a program prints last."""
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
    if done.returncode != 0:
        raise setup.Failed(f"{words[0]} {words[1]} ended with {done.returncode}\n{done.stderr.strip()[-1500:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
    else:
        print(f"{time.strftime('%H:%M:%S')}  {text}", file=sys.stderr, flush=True)
