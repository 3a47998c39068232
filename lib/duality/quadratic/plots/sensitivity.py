"""Sensitivity against k on logarithmic axes, one panel per condition number."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from duality.book import style
from duality.quadratic.plots.crossings import crossings

STEPS: dict[str, style.Options] = {"range": {"linewidth": 2.4}, "common": {"linewidth": 1.0}}
GUIDE: style.Options = {"color": style.MUTED, "linestyle": ":", "linewidth": 1.4}
FLOOR = 0.08  # where the curves are cut off


def sensitivity(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """GD and NAG over a range of steps (thick) and at the common step (thin); the maxima and the changes of
    order are marked.
    """
    kappas = sorted(recorded["kappa"].unique())
    with style.panels((len(kappas) + 1) // 2, 2, 2.9) as (figure, grid):
        for axes, kappa in zip(grid.flat, kappas, strict=False):
            here = recorded[recorded["kappa"] == kappa]
            _panel(axes, here)
            if fresh is not None:
                for method in ("GD", "NAG"):
                    now = _curve(fresh[fresh["kappa"] == kappa], method, "range")
                    style.fresh_points(axes, method, now.index, now)
            axes.set(title=f"$\\kappa = {kappa:g}$", yscale="log")
            visible = int(here.loc[here["sens"] > FLOOR, "k"].max())
            style.iterations_axis([axes], visible)
            axes.set(xlim=(0.9, 1.1 * visible), ylim=(FLOOR, 2 * here["sens"].max()))
        for axes in grid[:, 0]:
            axes.set_ylabel(r"Sens$(k)\,/L$")
        for axes in grid.flat[len(kappas) :]:
            axes.set_axis_off()
        handles = [
            *style.method_handles(("GD", "NAG")),
            style.handle("steps $[c_0, s_{\\max}]$", **STEPS["range"]),
            style.handle("common step", **STEPS["common"]),
            style.handle("maximum", linestyle="none", marker="v"),
            style.handle("order changes", **style.CROSS),
            style.handle("Sens = $Lk$", **GUIDE),
            *style.run_handles(fresh),
        ]
        style.legend(figure, handles, 4)
        return figure


def _curve(table: pd.DataFrame, method: str, steps: str) -> pd.Series:
    rows = table[(table["method"] == method) & (table["steps"] == steps)]
    return rows.sort_values("k").set_index("k")["sens"]


def _panel(axes: Axes, table: pd.DataFrame) -> None:
    for steps, look in STEPS.items():
        curves = {method: _curve(table, method, steps) for method in ("GD", "NAG")}
        for method, curve in curves.items():
            style.line(axes, method, curve.index, curve, **look)
            if steps == "range":
                axes.plot(curve.idxmax(), 1.18 * curve.max(), "v", color=style.LOOKS[method].colour, markersize=7)
        both = curves["GD"].index.intersection(curves["NAG"].index)
        for cross in crossings(list(both), list(curves["GD"][both]), list(curves["NAG"][both])):
            axes.plot(cross.k, cross.value, **style.CROSS)
    axes.plot([1, table["k"].max()], [1, table["k"].max()], **GUIDE)
