"""Both sides of the contraction and of the main theorem for the turning class."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from duality.book import style

TITLES = {0: "Any function of $x$", 1: "Few bins, many bins"}
REPAIRED, PRINTED = style.ORDERED[2], style.ORDERED[3]


def contraction(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """Left: any function; right: functions that are constant on a number of bins."""
    with style.panels(1, 2, 3.6, sharey=True) as (figure, grid):
        free, binned = grid[0]
        _curve(free, recorded, 0, "left", style.INK, "-")
        _bounds(free, recorded, 0)
        counts = [count for count in sorted(recorded["bins"].unique()) if count]
        for index, count in enumerate(counts):
            look = style.ORDERED_LINES[index]
            _curve(binned, recorded, count, "left", style.INK, look)
            _curve(binned, recorded, count, "repaired", REPAIRED, look, linewidth=1.2)
            _label(binned, _rows(recorded, count, "left"), f"{count}")
        _curve(binned, recorded, counts[0], "printed", PRINTED, (0, (6, 1.6)))
        if fresh is not None:
            for axes, shown in ((free, [0]), (binned, counts)):
                rows = fresh[fresh["bins"].isin(shown) & (fresh["quantity"] == "left")]
                style.open_markers(axes, style.INK, "o", rows["n"], rows["value"])
        for axes, title in zip(grid[0], TITLES.values(), strict=True):
            axes.set(xscale="log", yscale="log", xlabel="samples $n$", title=title)
        free.set_ylabel("Rademacher complexity, bounds")
        free.set_ylim(1e-3, 60)
        handles = [
            style.handle("losses"),
            style.handle("printed main theorem", color=PRINTED, linestyle=(0, (6, 1.6))),
            style.handle("repaired", color=REPAIRED),
        ]
        style.legend(figure, [*handles, *style.run_handles(fresh)], 3)
        return figure


def _rows(table: pd.DataFrame, bins: int, quantity: str) -> pd.DataFrame:
    return table[(table["bins"] == bins) & (table["quantity"] == quantity)].sort_values("n")


def _curve(axes: Axes, table: pd.DataFrame, bins: int, quantity: str, colour: str, line: Any, **options: Any) -> None:
    rows = _rows(table, bins, quantity)
    axes.plot(rows["n"], rows["value"], color=colour, linestyle=line, **options)
    if quantity == "left":
        axes.fill_between(
            rows["n"],
            rows["value"] - 2 * rows["se"],
            rows["value"] + 2 * rows["se"],
            color=colour,
            alpha=0.15,
            linewidth=0,
        )


def _label(axes: Axes, rows: pd.DataFrame, text: str) -> None:
    """The number of bins at the third point from the right, above the curve."""
    point = rows.iloc[max(len(rows) - 3, 0)]
    style.note(axes, text, point["n"], point["value"], xytext=(4, 4), textcoords="offset points")


def _bounds(axes: Axes, table: pd.DataFrame, bins: int) -> None:
    _curve(axes, table, bins, "printed", PRINTED, (0, (6, 1.6)))
    _curve(axes, table, bins, "repaired", REPAIRED, "-")
    first = 801
    axes.axvline(first, color=style.MUTED, linewidth=1, linestyle=":")
    style.note(axes, f"$n = {first}$", first, 2e-3, xytext=(4, 0), textcoords="offset points")
