"""Exact worst case over printed bound, where it exceeds one."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from duality.book import style


def counterexamples(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """Powers of the NAG block against k above, sensitivity against the step below."""
    with style.panels(2, 1, 3.2) as (figure, grid):
        power, change = grid[:, 0]
        _ratios(power, recorded, fresh, "power", "k", "upper right", 9)
        style.iterations_axis([power], int(recorded.loc[recorded["bound"] == "power", "k"].max()))
        power.set(title="Norm of the $k$-th power of the NAG block", ylabel="exact / printed bound", yscale="log")
        power.set_yticks([0.5, 1, 2, 4, 8], ["0.5", "1", "2", "4", "8"])
        power.minorticks_off()
        _ratios(change, recorded, fresh, "sensitivity", "gap", "upper left", 1.5)
        change.set(
            title="Sensitivity to the step size, $k = 1$", ylabel="exact / printed bound", yscale="log", xscale="log",
            xlabel=r"distance of the step from the largest one: $1 - s\,(3L+\mu)/4$",
        )  # fmt: skip
        change.invert_xaxis()
        if fresh is not None:
            style.legend(figure, style.run_handles(fresh))
        return figure


def _ratios(
    axes: Axes, recorded: pd.DataFrame, fresh: pd.DataFrame | None, bound: str, x: str, place: Any, room: float
) -> None:
    """A curve per condition number over the printed bound; over the repaired one, its largest value only."""
    chosen = _drawn(recorded, bound)
    axes.axhspan(1, 1e6, color="#f7e3dc", linewidth=0, zorder=0)
    axes.axhline(1, color=style.INK, linewidth=1)
    printed = chosen[chosen["version"] == "printed"]
    for index, (kappa, rows) in enumerate(printed.groupby("kappa")):
        look = {"color": style.ORDERED[index], "linestyle": style.ORDERED_LINES[index]}
        label = f"$\\kappa = {kappa:g}$"
        above = rows[rows["ratio"] > 1].sort_values("k")
        if x == "k" and not above.empty:
            first = above.iloc[0]
            axes.plot(first["k"], first["ratio"], "*", color=style.ORDERED[index], markersize=12, zorder=5)
            label += f", above 1 from $k = {first['k']:g}$"
        axes.plot(rows[x], rows["ratio"], label=label, **look)
        if fresh is not None:
            now = _drawn(fresh, bound)
            now = now[(now["version"] == "printed") & (now["kappa"] == kappa)]
            style.open_markers(axes, style.ORDERED[index], style.ORDERED_MARKERS[index], now[x], now["ratio"])
    repaired = chosen[chosen["version"] == "repaired"].groupby(x)["ratio"].max()
    axes.plot(
        repaired.index, repaired, color=style.MUTED, linewidth=4, alpha=0.5, label="exact / repaired bound", zorder=1
    )
    low, high = printed["ratio"].min(), printed["ratio"].max()
    axes.set_ylim(low / 1.3, high * room)
    axes.legend(loc=place, ncols=2, fontsize=9.5)


def _drawn(table: pd.DataFrame, bound: str) -> pd.DataFrame:
    """All powers; of the sensitivities those at k = 1."""
    return table[(table["bound"] == bound) & ((bound == "power") | (table["k"] == 1))]
