"""Two panels against the condition number: the smallest constant, and the error left inside the stable region."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from duality.book import style

PROVED, KNOWN, FOUND = style.INK, "#0072B2", "#D55E00"
TICKS = [1, 1.5, 2, 3, 5, 10, 20, 50]


def recurrent_region(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """Left c_phi, right the limit error: proved minima as lines, explicit cells dashed, trained cells as crosses."""
    with style.panels(1, 2, 3.6) as (figure, grid):
        left, right = grid[0]
        _curve(left, recorded, "smallest c", PROVED, "-", 2.4)
        _curve(left, recorded, "eq. 80", KNOWN, (0, (5, 3)), 1.6)
        left.axhspan(0, 1, color="#009E73", alpha=0.09, zorder=0)
        style.note(left, r"stable region, $c_\varphi<1$", 7, 0.06, ha="left")
        _curve(right, recorded, "floor", PROVED, "-", 2.4)
        _curve(right, recorded, "explicit cell", KNOWN, (0, (5, 3)), 1.6)
        for axes, quantity in ((left, "trained c"), (right, "trained error")):
            _trained(axes, recorded, quantity)
            if fresh is not None:
                now = fresh[fresh["quantity"] == quantity]
                style.open_markers(axes, FOUND, "o", now["kappa"], now["value"], markersize=8.5)
            axes.axvline(3, color=style.MUTED, linewidth=1, linestyle=":")
            axes.set(xscale="log", xlabel=r"condition number $\kappa$")
            axes.set_xticks(TICKS, [f"{tick:g}" for tick in TICKS])
            axes.minorticks_off()
        left.set(ylim=(0, 2.5), title=r"Constant $c_\varphi$ of a solver")
        right.set(ylim=(-0.03, 1.1), title="Error left in the region")
        handles = [
            style.handle("proved minimum", color=PROVED, linewidth=2.4),
            style.handle("explicit cell", color=KNOWN, linestyle=(0, (5, 3)), linewidth=1.6),
            style.handle("trained cells", color=FOUND, linestyle="none", marker="x"),
        ]
        if fresh is not None:
            hollow = {"linestyle": "none", "marker": "o", "markerfacecolor": "white", "markersize": 8.5}
            handles.append(style.handle("this run", color=FOUND, **hollow))
        style.legend(figure, handles)
        return figure


def _curve(axes: Axes, table: pd.DataFrame, quantity: str, colour: str, line: object, width: float) -> None:
    rows = table[table["quantity"] == quantity].sort_values("kappa")
    axes.plot(rows["kappa"], rows["value"], color=colour, linestyle=line, linewidth=width)


def _trained(axes: Axes, table: pd.DataFrame, quantity: str) -> None:
    rows = table[table["quantity"] == quantity]
    axes.plot(rows["kappa"], rows["value"], "x", color=FOUND, markersize=5, markeredgewidth=1.3)
