"""The targets that isofold set itself, and whether a run reached them."""

from typing import Any

from table import bytes_, ms, ns, table


#: not engines: a loop around states, written for these columns and groups alone
BY_HAND = ("JS loop over typed arrays", "JS loop over objects", "JS loop and sketches-js", "bitrep, Rust")


def section(results: dict[str, Any]) -> str:
    """The table of targets; a figure that this run did not take is left out."""
    lines = [[what, wanted, got, "reached" if reached else "**missed**"] for what, wanted, got, reached in found(results)]
    return "## Targets\n\n" + table(["", "target", "measured", ""], lines) if lines else ""


def found(results: dict[str, Any]) -> list[tuple[str, str, str, bool]]:
    rows, contests = results["rows"], results["contests"]

    def seconds(name: str, query: str, order: str = "time", threads: int = 1) -> float | None:
        contest = contests.get(f"{name}|{order}|dictionary|{threads}")
        return contest["queries"][query]["seconds"] if contest and query in contest["queries"] else None

    lines: list[tuple[str, str, str, bool]] = []

    def at_most(what: str, value: float | None, limit: float) -> None:
        if value is not None:
            lines.append((what, f"≤ {limit:g} ns a row", f"{ns(value, rows)} ns", value / rows * 1e9 <= limit))

    def no_slower(what: str, value: float | None, other: float | None, factor: float = 1.0, words: str = "") -> None:
        if value is not None and other is not None:
            got = f"{ns(value, rows)} against {ns(other, rows)} ns, {other / value:.2f}×"
            lines.append((what, words, got, value * factor <= other))

    rust = "isofold, Rust"
    at_most("full, native, one thread", seconds(rust, "full"), 40)
    at_most("full, native, shuffled rows", seconds(rust, "full", "shuffled"), 80)
    at_most("simple, native, one thread, dictionary keys", seconds(rust, "simple"), 14)
    for query in ("full", "simple"):
        for order in ("time", "shuffled"):
            engines = {
                contest["name"]: contest["queries"][query]["seconds"]
                for contest in contests.values()
                if not contest["is_ours"] and contest["threads"] == 1 and contest["order"] == order
                and contest["keys"] == "dictionary" and query in contest["queries"] and contest["name"] not in BY_HAND
            }  # fmt: skip
            if engines:
                best = min(engines, key=engines.__getitem__)
                words = "2.5× as fast" if (query, order) == ("full", "time") else "ahead"
                factor = 2.5 if words != "ahead" else 1.0
                what = f"{query}, {order if order == 'shuffled' else 'in the order of time'}: the fastest engine, {best}"
                no_slower(what, seconds(rust, query, order), engines[best], factor, words)
    no_slower("simple against the JS loop over typed arrays", seconds(rust, "simple"),
              seconds("JS loop over typed arrays", "simple"), 0.5, "within 2×")  # fmt: skip
    threads = int(results["machine"]["cores"])
    for name in (rust, "isofold, Python from Arrow"):
        one, all_ = seconds(name, "full"), seconds(name, "full", threads=threads)
        if one and all_ and threads > 1:
            words = f"≥ {0.9 * threads:.1f}× one" if threads <= 4 else f"≥ {0.7 * threads:.1f}× one"
            lines.append((f"{threads} threads, {name.split(', ')[1]}", words, f"{one / all_:.2f}×", one / all_ >= 0.9 * threads))
    wasm = seconds("isofold, wasm from typed arrays", "full")
    if wasm and (native := seconds(rust, "full")):
        lines.append(("full in wasm, from typed arrays", "≤ 2.5× native", f"{wasm / native:.2f}×", wasm <= 2.5 * native))
    no_slower("full in wasm against DuckDB-Wasm", wasm, seconds("DuckDB-Wasm", "full"), 2, "2× as fast")
    loop = seconds("JS loop over objects", "simple")
    for name in ("isofold, Node addon from objects", "isofold, wasm from objects"):
        for query in ("full", "simple"):
            words = "no slower than the simple loop"
            no_slower(f"objects, {query}, {name.split(', ')[1]}", seconds(name, query), loop, 1, words)
    if "verbs" in results:
        native = results["verbs"]["Rust"]
        limits = {"merge": 20, "query_p95": 5, "encode": 30, "decode": 30}
        for verb, limit in limits.items():
            value = native["seconds"][verb]
            lines.append((f"{verb.replace('_', ' ')}, {native['groups']:,} groups", f"≤ {limit} ms", f"{ms(value)} ms", value * 1000 <= limit))
        size = native["bytes"] / native["groups"]
        lines.append(("state of the full query, a group, encoded", "≤ 1.5 KiB", bytes_(size), size <= 1536))
    start = results.get("start", {})
    if "javascript" in start:
        size = start["javascript"]["wasm"]["brotli"]
        lines.append(("wasm download, brotli", "≤ 200 kB", bytes_(size), size <= 200_000))
    if "page" in start:
        for name, value in start["page"]["ms"].items():
            if name.startswith("isofold"):
                lines.append((f"first answer in a page, {name}", "≤ 50 ms", f"{value:.0f} ms", value <= 50))
    if "python" in start:
        value = start["python"]["packages"]["isofold"]["import_seconds"] * 1000
        lines.append(("Python import", "≤ 30 ms", f"{value:.0f} ms", value <= 30))
        size = max(start["python"]["wheels"].values())
        lines.append(("wheel", "≤ 3 MB", bytes_(size), size <= 3_000_000))
    return lines
