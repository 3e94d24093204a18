"""Writes benchmarks.md and its pictures from benchmarks.json: `python report.py FOLDER`.

What people wrote, in `page/`, is taken over as it stands; all else is made from the figures.
"""

import json
import sys
from pathlib import Path
from typing import Any

import charts
import targets
from table import bytes_, ms, ns, table

PAGE = Path(__file__).resolve().parent / "page"
QUERIES = {
    "full": "count, sum of costs, mean, minimum, maximum and deviation of durations, their p50, p95 and p99, distinct users, errors",
    "simple": "count, sum, minimum and maximum of costs",
}
VERBS = {
    "merge": "merge half of the rows into the other half",
    "coarsen": "coarsen hours to days",
    "encode": "encode",
    "decode": "decode",
    "query_p95": "p95 of 30 days by model (12 rows)",
    "query_all": "all metrics by hour and model",
}


def main() -> None:
    folder = Path(sys.argv[1])
    results = json.loads((folder / "benchmarks.json").read_text())
    rows = results["rows"]
    contests = list(results["contests"].values())
    parts = [head(results)]
    if contests:
        pictures = charts.draw(contests, rows, folder)
        parts += [targets.section(results), *(query_section(query, contests, rows, pictures.get(query)) for query in QUERIES)]
        parts += [text_section(contests, rows), answers_section(contests)]
    if "verbs" in results:
        parts += [verbs_section(results["verbs"]), states_section(results["verbs"])]
    if "start" in results:
        parts.append(start_section(results["start"]))
    parts += [(PAGE / name).read_text().strip() for name in ("missed.md", "loops.md", "limits.md")]
    parts.append(absent_section(results))
    (folder / "benchmarks.md").write_text("\n\n".join(part for part in parts if part) + "\n")


def head(results: dict[str, Any]) -> str:
    machine, rows = results["machine"], results["rows"]
    loads = sorted(contest["load"] for contest in results["contests"].values())
    load = f" Programs that wanted a processor before a run, in the median: {loads[len(loads) // 2]:.1f}." if loads else ""
    versions = {}
    for contest in results["contests"].values():
        if not contest["is_ours"] and not contest["name"].startswith("JS loop over"):
            versions[contest["name"]] = contest["version"].removeprefix("v")
    peers = "; ".join(f"{name} {version}" for name, version in versions.items())
    return f"""# Benchmarks

Made by `just bench-peers` on {results["date"]}; made again from the figures by `just bench-peers --report`.

{rows:,} rows of 30 days, one-hour buckets × 12 models = 8,640 groups. {rounds(results["rounds"])}: the contestants take
turns, each run in a process of its own with one run to warm up; rows are in memory when the clock starts, and the
answer is there as columns when it stops. Every answer is compared with the exact truth.

{machine["processor"]}, {machine["cores"]} cores, {machine["memory"]}; {machine["system"]}; Rust {machine["rust"]}, Python
{machine["python"]}, Node {machine["node"]}. {peers}.{load}"""


def rounds(count: int) -> str:
    return "One round" if count == 1 else f"Medians of {count} rounds"


def picked(contests: list[dict[str, Any]], keys: str) -> dict[str, dict[tuple[str, int], dict[str, Any]]]:
    """By name, then by order and whether on all threads."""
    found: dict[str, dict[tuple[str, int], dict[str, Any]]] = {}
    for contest in contests:
        if contest["keys"] == keys:
            found.setdefault(contest["name"], {})[contest["order"], min(contest["threads"], 2)] = contest
    return found


def named(name: str, is_ours: bool) -> str:
    return f"**{name}**" if is_ours else name


def query_section(query: str, contests: list[dict[str, Any]], rows: int, picture: str | None) -> str:
    lines = []
    for name, by in picked(contests, "dictionary").items():
        first = by.get(("time", 1))
        if first is None or query not in first["queries"]:
            continue
        cells = [ns(by[place]["queries"][query]["seconds"], rows) if place in by else "" for place in charts.PLACES]
        cost = first["queries"][query]
        memory = [bytes_(first["loaded_bytes"]), bytes_(max(cost["peak_bytes"] - first["loaded_bytes"], 0))]
        note = first["note"]
        lines.append((cost["seconds"], [named(name, first["is_ours"]), *cells, *memory, note]))
    lines.sort(key=lambda line: line[0])
    threads = max((contest["threads"] for contest in contests), default=1)
    header = ["ns a row", "1 thread", "shuffled", f"{threads} threads", "shuffled", "memory with the rows", "and at most"]
    shown = f"![{query}: nanoseconds a row]({picture})\n\n" if picture else ""
    return f"## The {query} query\n\n{QUERIES[query].capitalize()}.\n\n{shown}" + table([*header, "how"], [line for _, line in lines])


def text_section(contests: list[dict[str, Any]], rows: int) -> str:
    lines = []
    for name, by in picked(contests, "text").items():
        first = by[("time", 1)]
        last = by.get(("time", 2))
        cells = [ns(entry["queries"][query]["seconds"], rows) if entry else "" for query in QUERIES for entry in (first, last)]
        lines.append([named(name, first["is_ours"]), *cells])
    header = ["ns a row", "full, 1 thread", "all threads", "simple, 1 thread", "all threads"]
    return "## Keys as plain text\n\nThe same with models and users as plain text, not as a dictionary.\n\n" + table(header, lines)


def answers_section(contests: list[dict[str, Any]]) -> str:
    """How many answers each gave, over orders, threads, forms of keys and rounds."""
    found: dict[str, dict[str, Any]] = {}
    for contest in contests:
        for query, told in contest["queries"].items():
            entry = found.setdefault(contest["name"], {"ours": contest["is_ours"], "answers": {}, "errors": {}})
            entry["answers"].setdefault(query, set()).update(told["answers"])
            for name, error in told["errors"].items():
                entry["errors"][name] = max(entry["errors"].get(name, 0.0), error)
    lines = []
    for name, entry in found.items():
        errors = entry["errors"]
        percentiles = max((errors.get(name, 0.0) for name in ("p50", "p95", "p99")), default=0.0)
        cells = [str(len(entry["answers"].get(query, ()))) or "" for query in QUERIES]
        lines.append([named(name, entry["ours"]), *cells, f"{errors.get('sum', 0):.1g}", f"{percentiles:.2%}",
                      f"{errors.get('users, largest', 0):.1%}"])  # fmt: skip
    ours = {answer for entry in found.values() if entry["ours"] for answer in entry["answers"].get("full", ())}
    one = f"All forms of isofold together gave {len(ours)} answer{'' if len(ours) == 1 else 's'} to the full query. " if ours else ""
    header = ["", "answers, full", "simple", "largest error of a sum", "of a percentile", "of a distinct count"]
    return (
        f"## How many answers\n\n{one}How many different answers each gave to the same question about the same rows, over "
        "both orders, all numbers of threads and all rounds; and its largest relative errors in any group (of percentiles: "
        "beyond the two order statistics around them; of t-digest and KLL, in rank).\n\n" + table(header, lines)
    )


def verbs_section(verbs: dict[str, Any]) -> str:
    first = next(iter(verbs.values()))
    lines = [[words, *(ms(host["seconds"][verb]) for host in verbs.values())] for verb, words in VERBS.items()]
    digests = {host["digest"] for host in verbs.values()}
    same = "the same digest in all" if len(digests) == 1 else "DIFFERENT digests"
    size = f"{first['groups']:,} groups of the full query, {bytes_(first['bytes'])} encoded, {same}"
    return f"## Verbs on a rollup\n\n{size}. In milliseconds:\n\n" + table(["", *verbs], lines)


def states_section(verbs: dict[str, Any]) -> str:
    lines: dict[int, list[str]] = {}
    for state in verbs["Rust"]["states"]:
        row = lines.setdefault(state["rows"], [f"{state['rows']:,}"])
        row += [f"{state['memory_bytes']:,.0f}", f"{state['encoded_bytes']:,.0f}"]
    header = ["rows a group", "simple: bytes in memory", "encoded", "full: bytes in memory", "encoded"]
    return "## Bytes of a group\n\n" + table(header, list(lines.values()))


def start_section(start: dict[str, Any]) -> str:
    parts = ["## Download and start"]
    if "javascript" in start:
        found, pages = start["javascript"], start.get("page", {"ms": {}, "browser": ""})
        lines = [
            [named(name, "isofold" in name), bytes_(size["raw"]), bytes_(size["gzip"]), bytes_(size["brotli"]),
             f"{pages['ms'][name]:.0f} ms" if name in pages["ms"] else ""]
            for name, size in found["downloads"].items()
        ]  # fmt: skip
        words = f"What a browser downloads, and the time to a first answer over 1,000 rows once it has (Chromium {pages['browser']})."
        parts += [words, table(["", "raw", "gzip", "brotli", "first answer"], lines)]
        lines = [
            [named(name, "isofold" in name), size["version"], bytes_(size["unpacked"])] for name, size in found["installed"].items()
        ]
        parts += ["Installed from npm:", table(["", "version", "bytes"], lines)]
    if "wasm" in start and "javascript" in start:
        whole = sum(start["wasm"].values())
        largest = list(start["wasm"].items())[:14]
        rest = whole - sum(size for _, size in largest)
        lines = [[name, bytes_(size), f"{size / whole:.0%}"] for name, size in [*largest, ("all else", rest)]]
        wasm = start["javascript"]["wasm"]
        words = f"What the wasm consists of ({bytes_(wasm['raw'])}, {bytes_(wasm['brotli'])} with brotli), before wasm-opt:"
        parts += [words, table(["part", "bytes", "share"], lines)]
    if "python" in start:
        found = start["python"]
        lines = [
            [named(name, name == "isofold"), told["version"], f"{told['import_seconds'] * 1000:.0f} ms",
             bytes_(told["installed_bytes"]), ", ".join(told["with"])]
            for name, told in found["packages"].items()
        ]  # fmt: skip
        wheels = ", ".join(f"{name}: {bytes_(size)}" for name, size in found["wheels"].items())
        parts += [f"Python: the time of `import` over that of an empty program, and installed sizes. {wheels}.",
                  table(["", "version", "import", "bytes", "with"], lines)]  # fmt: skip
    return "\n\n".join(parts)


def absent_section(results: dict[str, Any]) -> str:
    reasons = results["absent"] | results["failed"]
    if not reasons:
        return ""
    lines = [f"- {name}: {reason.strip().splitlines()[-1]}" for name, reason in reasons.items()]
    return "## Absent from this run\n\n" + "\n".join(lines)


if __name__ == "__main__":
    main()
