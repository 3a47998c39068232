"""The plane of convergence and stability with its frontier, and how fast each method climbs it."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from duality.book import style

LABELLED = (1, 2, 5, 10, 20, 50)
NEAREST = 0.09  # labels of one method keep this distance, in units of mu Stab_b
# where a label stands relative to its point, in points
SIDE = {"GD": (-6, -11), "Chebyshev": (5, 4), "heavy ball": (5, 4)}


def tradeoff(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """A row per condition number: the plane on the left; on the right the same stability against k."""
    kappas = sorted(recorded["kappa"].unique())
    with style.panels(len(kappas), 2, 3.1, sharey=True) as (figure, grid):
        for (plane, climb), kappa in zip(grid, kappas, strict=True):
            here = recorded[recorded["kappa"] == kappa]
            now = None if fresh is None else fresh[fresh["kappa"] == kappa]
            _plane(plane, here, now)
            _climb(climb, here, now)
            plane.set_title(f"The plane, $\\kappa = {kappa:g}$")
            climb.set_title(f"The climb, $\\kappa = {kappa:g}$")
        style.note(grid[0, 0], "out of reach\nfrom a zero start", 0.05, 0.08, va="bottom")
        handles = [
            style.handle(name, color=look.colour, marker=look.marker, linestyle=look.line, markersize=5)
            for name, look in style.LOOKS.items()
        ]
        style.legend(figure, [*handles, *style.run_handles(fresh)], 4)
        return figure


def _plane(axes: Axes, table: pd.DataFrame, fresh: pd.DataFrame | None) -> None:
    axes.fill_between([0, 1], [1, 0], color="#e9e9e9", linewidth=0, zorder=0)
    axes.plot([0, 1], [1, 0], color=style.INK, linewidth=1)
    for method in style.LOOKS:
        rows = table[table["method"] == method].sort_values("k")
        width = 1.2 if method == "heavy ball" else 0
        _path(axes, rows["cvg"], rows["stab"], method, width)
        if method in SIDE:
            _labels(axes, rows, method)
        if fresh is not None:
            now = fresh[fresh["method"] == method]
            style.fresh_points(axes, method, now["cvg"], now["stab"])
    axes.set(
        xlim=(0, 1.05 * max(1.0, float(table["cvg"].max()))), ylim=(0, 1.07),
        xlabel=r"worst error Cvg$(k)$", ylabel=r"stability $\mu\,$Stab$_b(k)$",
    )  # fmt: skip


def _climb(axes: Axes, table: pd.DataFrame, fresh: pd.DataFrame | None) -> None:
    for method in style.LOOKS:
        rows = table[table["method"] == method].sort_values("k")
        _path(axes, rows["k"], rows["stab"], method, 1.6)
        if fresh is not None:
            now = fresh[fresh["method"] == method]
            style.fresh_points(axes, method, now["k"], now["stab"])
    style.iterations_axis([axes], int(table["k"].max()))


def _path(axes: Axes, x: pd.Series, y: pd.Series, method: str, width: float) -> None:
    look = style.LOOKS[method]
    style.line(axes, method, x, y, marker=look.marker, markersize=3.5, linewidth=width)


def _labels(axes: Axes, rows: pd.DataFrame, method: str) -> None:
    """k beside some points, as long as they don't crowd."""
    last = -1.0
    for row in rows[rows["k"].isin(LABELLED)].itertuples():
        if row.stab - last >= NEAREST and row.stab < 0.9:
            style.note(
                axes, f"{row.k}", row.cvg, row.stab, xytext=SIDE[method], textcoords="offset points",
                color=style.LOOKS[method].colour,
            )  # fmt: skip
            last = row.stab
