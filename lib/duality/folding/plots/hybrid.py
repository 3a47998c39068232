"""Unrolled, folded and too early folded hybrid models against the number of steps."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from duality.book import style
from duality.folding.hybrid_limit import bound_curves, limit_bound

METHODS = ("GD", "NAG")
BALLS = 100.0  # the Lambda of the panel on the bound
SIZES = {100: 1.0, 1_000_000: 2.4}  # samples, and how they are drawn
END = 330  # where the axis has its infinity
TICKS = {1: "1", 2: "2", 5: "5", 10: "10", 20: "20", 40: "40", 160: "160", END: r"$\infty$"}
EARLY_LINE = (0, (1.2, 1.2))


def hybrid(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """Training error, error of the energy, gap (means over the seeds after the last step), and the repaired bound.

    A fresh run has few seeds and few steps, and its means lie elsewhere: it is compared row by row and not drawn.
    """
    final = recorded[recorded["steps"] == recorded["steps"].max()]
    final = final.assign(gap=final["loss"] - final["train_loss"])
    with style.panels(2, 2, 2.9) as (figure, grid):
        shown = {"train_loss": "Training error", "energy": "Error of the energy", "gap": "Gap"}
        for axes, (quantity, title) in zip(grid.flat, shown.items(), strict=False):
            _models(axes, final, quantity)
            axes.set(title=title, yscale="log" if quantity != "gap" else "linear")
        _bounds(grid[1, 1])
        for axes in grid.flat:
            axes.set_xscale("log")
            axes.set_xticks(list(TICKS), list(TICKS.values()), fontsize=9)
            axes.minorticks_off()
            axes.set_xlim(0.9, 1.15 * END)
        for axes in grid[1]:
            axes.set_xlabel("steps $k$")
        handles = [
            *style.method_handles(METHODS),
            style.handle("folded", linestyle="none", marker="*", markersize=11),
            style.handle("folded at $x_k$, too early", linestyle=EARLY_LINE),
        ]
        style.legend(figure, handles)
        return figure


def _models(axes: Axes, table: pd.DataFrame, quantity: str) -> None:
    for method in METHODS:
        colour = style.LOOKS[method].colour
        here = table[table["method"] == method].groupby(["way", "k"])[quantity].mean()
        unrolled, early = here["unrolled"], here["too early"]
        style.line(axes, method, unrolled.index, unrolled)
        axes.plot(early.index, early, color=colour, linestyle=EARLY_LINE)
        level = float(here["folded"].iloc[0])
        axes.plot(END, level, color=colour, marker="*", markersize=11, linestyle="none", alpha=0.8)


def _bounds(axes: Axes) -> None:
    ks = [2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 26, 32, 40, 60, 80, 120, 160]
    for n, width in SIZES.items():
        end = limit_bound(n, 0.0, BALLS)
        for method, bound in bound_curves(ks, n, BALLS).items():
            style.line(axes, method, ks, np.asarray(bound) / end, linewidth=width)
        axes.plot(END, 1, color=style.INK, marker="*", markersize=11, linestyle="none")
    axes.set(yscale="log", title="Repaired bound / its limit", ylim=(0.02, 30))
    style.note(axes, "$n = 10^6$", 12, 14)
    style.note(axes, "$n = 100$", 10, 0.25)
