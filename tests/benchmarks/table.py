"""Figures as words, and tables of Markdown."""

from collections.abc import Sequence


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table whose first column is words and whose others are figures, unless they hold words."""
    figures = [all(row[place][:1].isdigit() or row[place] == "" for row in rows) for place in range(len(header))]
    rules = ["--:" if is_figure and place > 0 else "---" for place, is_figure in enumerate(figures)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [header, rules, *rows])


def ns(seconds: float, rows: int) -> str:
    each = seconds / rows * 1e9
    return f"{each:,.0f}" if each >= 20 else f"{each:.1f}"


def ms(seconds: float) -> str:
    return f"{seconds * 1000:,.1f}" if seconds >= 0.001 else f"{seconds * 1000:.2f}"


def bytes_(count: float) -> str:
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        # what is told as 1000 of a unit is one of the next
        if count >= 0.9995 * size:
            return f"{count / size:.3g} {unit}" if count < 1000 * size else f"{count / size:,.0f} {unit}"
    return f"{count:.0f} B"
