"""Stable steps against the condition number."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from duality.book import style


def regions(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """Exact limits (thick), printed ranges (thin), and limits found by bisection (markers)."""
    with style.panels(1, 1, 3.8) as (figure, grid):
        axes = grid[0, 0]
        for method in ("GD", "NAG"):
            rows = recorded[recorded["method"] == method].sort_values("kappa")
            look = style.LOOKS[method]
            for limit, width in (("exact", 2.6), ("printed", 1.1)):
                curve = rows[rows["limit"] == limit]
                style.line(axes, method, curve["kappa"], curve["sL"], linewidth=width)
            found = rows[rows["limit"] == "bisection"]
            axes.plot(found["kappa"], found["sL"], look.marker, color=look.colour, markersize=5, zorder=4)
            if fresh is not None:
                now = fresh[(fresh["method"] == method) & (fresh["limit"] == "bisection")]
                style.fresh_points(axes, method, now["kappa"], now["sL"], markersize=8.5, zorder=3)
        axes.axvline(2, color=style.MUTED, linewidth=1, linestyle=":")
        style.note(axes, "NAG allows\nlarger steps", 1.93, 0.42, ha="right")
        style.note(axes, "GD allows\nlarger steps", 2.07, 0.42)
        ticks = [1, 1.5, 2, 3, 5, 10, 20, 50, 100]
        axes.set(
            xscale="log", xlabel=r"condition number $\kappa = L/\mu$", ylabel="largest step times $L$",
            ylim=(0.3, 4.2), title="Stable steps",
        )  # fmt: skip
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
        handles = [
            *style.method_handles(("GD", "NAG")),
            style.handle("exact", linewidth=2.6),
            style.handle("printed range", linewidth=1.1),
            style.handle("bisection", linestyle="none", marker="o", markersize=5),
        ]
        if fresh is not None:
            hollow = {"linestyle": "none", "marker": "o", "markerfacecolor": "white", "markersize": 8.5}
            handles.append(style.handle("this run", **hollow))
        style.legend(figure, handles)
        return figure
