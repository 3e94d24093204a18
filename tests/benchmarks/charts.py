"""Bars of nanoseconds a row, isofold highlighted, one picture a query.

The axis is linear and begins at zero, so that a bar twice as long is twice as slow. It ends at a few times the median;
a longer bar is cut there and tells its figure.
"""

import statistics
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as pyplot  # noqa: E402 - the backend has to be chosen first
from table import ns  # noqa: E402

#: order and one thread (1) or all (2), as columns of tables
PLACES = [("time", 1), ("shuffled", 1), ("time", 2), ("shuffled", 2)]
#: how many times the median the axis ends at
MEDIANS = 5
OURS, OURS_LIGHT = "#c2410c", "#fdba74"
THEIRS, THEIRS_LIGHT = "#64748b", "#cbd5e1"


def draw(contests: list[dict[str, Any]], rows: int, folder: Path) -> dict[str, str]:
    """Draws a picture for each query; returns their names."""
    return {query: name for query in ("full", "simple") if (name := one(contests, rows, folder, query))}


def one(contests: list[dict[str, Any]], rows: int, folder: Path, query: str) -> str | None:
    bars: dict[str, dict[str, Any]] = {}
    for contest in contests:
        if contest["keys"] == "dictionary" and contest["threads"] == 1 and query in contest["queries"]:
            bar = bars.setdefault(contest["name"], {"ours": contest["is_ours"]})
            bar[contest["order"]] = contest["queries"][query]["seconds"] / rows * 1e9
    shown = sorted((item for item in bars.items() if "time" in item[1]), key=lambda item: -item[1]["time"])
    if not shown:
        return None
    end = MEDIANS * statistics.median(bar["time"] for _, bar in shown)
    figure, axes = pyplot.subplots(figsize=(9, 0.42 * len(shown) + 1.4), layout="constrained")
    figure.set_facecolor("white")
    for place, (_, bar) in enumerate(shown):
        dark, light = (OURS, OURS_LIGHT) if bar["ours"] else (THEIRS, THEIRS_LIGHT)
        draw_bar(axes, place + 0.2, bar["time"], end, (dark, "white"))
        if "shuffled" in bar:
            draw_bar(axes, place - 0.2, bar["shuffled"], end, (light, "#0f172a"))
    axes.set_yticks(range(len(shown)), [name for name, _ in shown])
    for label, (_, bar) in zip(axes.get_yticklabels(), shown):
        label.set_color(OURS if bar["ours"] else "#0f172a")
        label.set_fontweight("bold" if bar["ours"] else "normal")
    axes.set_xlim(0, end)
    axes.margins(y=0.01)
    axes.set_xlabel("ns a row; dark: in the order of time, light: shuffled; longer bars are cut", fontsize=9)
    figure.suptitle(f"The {query} query over {rows:,} rows on one thread: shorter is faster", fontsize=11)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="x", color="#e2e8f0", linewidth=0.8)
    axes.set_axisbelow(True)
    name = f"benchmarks-{query}.png"
    figure.savefig(folder / name, dpi=130, metadata={"Software": None})
    pyplot.close(figure)
    return name


def draw_bar(axes: pyplot.Axes, place: float, value: float, end: float, colors: tuple[str, str]) -> None:
    """A bar with its figure: after its end, or inside the end of one that is cut."""
    color, on_bar = colors
    axes.barh(place, min(value, end), 0.36, color=color)
    text = ns(value / 1e9, 1)
    if value < 0.94 * end:
        axes.annotate(f" {text}", (value, place), va="center", fontsize=7)
    else:
        axes.annotate(f"{text} ▸ ", (min(value, end), place), va="center", ha="right", fontsize=7, color=on_bar)
