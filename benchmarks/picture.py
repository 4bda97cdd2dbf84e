"""Draws the picture of the README: each ratio against its target, and how the times grow with the rows."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from benchmarks.figures import Figure, Lines

LONGEST_BAR = 2
HELD, MISSED = "#2a6f97", "#c1121f"
SAME_BYTES: dict[Any, Any] = {"svg.hashsalt": "dialer", "svg.fonttype": "none", "font.family": "sans-serif"}
"""The same figures give the same file: no random names of clips, no date, no outlines of whatever fonts there are."""


def draw(path: Path, figures: Sequence[Figure], lines: Lines) -> None:
    """Write an SVG file to *path*."""
    with mpl.rc_context(SAME_BYTES):
        canvas = Canvas(figsize=(10, 4.5 + 0.3 * len(figures)), layout="constrained")
        bars, growth = canvas.subplots(2, 1, height_ratios=(0.3 * len(figures), 4))
        _draw_bars(bars, figures)
        _draw_growth(growth, lines)
        canvas.savefig(path, format="svg", metadata={"Date": None})


def _draw_bars(axes: Axes, figures: Sequence[Figure]) -> None:
    names = [f"{figure.name} ({'≥' if figure.is_least else '≤'} {figure.target:g})" for figure in figures]
    shares = [min(figure.share_of_target, LONGEST_BAR) for figure in figures]
    bars = axes.barh(names, shares, color=[HELD if figure.is_held else MISSED for figure in figures])
    axes.bar_label(bars, [f"{figure.value:.2f}" for figure in figures], padding=3)
    axes.axvline(1, color="black", linewidth=1)
    axes.invert_yaxis()
    axes.set_xlim(0, LONGEST_BAR * 1.1)
    axes.margins(y=0.01)
    axes.set_xlabel(f"share of what the target allows: left of the line it is held (cut at {LONGEST_BAR})")


def _draw_growth(axes: Axes, lines: Lines) -> None:
    for name, seconds in lines.items():
        axes.plot(list(seconds), list(seconds.values()), marker="o", label=name)
    axes.set(xscale="log", yscale="log", xlabel="rows of the sheet", ylabel="seconds of a processor")
    axes.grid(which="major", alpha=0.3)
    axes.legend()
