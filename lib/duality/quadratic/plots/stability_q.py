"""Brackets of the stability in Q against k, with the bounds of the theorems."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from duality.book import style

BOUND_LOOKS: dict[str, style.Options] = {
    "printed": {"color": style.INK, "linewidth": 1.3, "linestyle": (0, (5, 1.5, 1.2, 1.5))},
    "sharp": {"color": style.MUTED, "linewidth": 1.6, "linestyle": (0, (1.2, 1.2))},
}
# the sharpened bound of GD holds for steps up to 1/L, so that is where GD is drawn
DRAWN = {"GD": "1/L", "NAG": "largest"}
STEP_NAMES = {"1/L": "s = 1/L", "largest": r"s = 4/(3L+\mu)"}


def stability_q(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """A row per condition number, a column per method."""
    kappas = sorted(recorded["kappa"].unique())
    with style.panels(len(kappas), 2, 2.9, sharey="row") as (figure, grid):
        for row, kappa in zip(grid, kappas, strict=True):
            for axes, method in zip(row, DRAWN, strict=True):
                _panel(axes, _of(recorded, kappa, method), method)
                if fresh is not None:
                    now = _of(fresh, kappa, method)
                    lower = now[(now["quantity"] == "lower") & (now["k"] >= 2)]
                    style.fresh_points(axes, method, lower["k"], lower["value"])
                axes.set_title(f"{method}, $\\kappa = {kappa:g}$, ${STEP_NAMES[DRAWN[method]]}$", fontsize=10.5)
            row[0].set_ylabel(r"$\mu\,$Stab$_Q(k)$")
            style.iterations_axis(row, int(recorded["k"].max()))
        handles = [
            style.handle(f"worst case, {name}", color=style.LOOKS[name].colour, linestyle=style.LOOKS[name].line)
            for name in DRAWN
        ]
        handles += [style.handle(f"{version} bound", **look) for version, look in BOUND_LOOKS.items()]
        style.legend(figure, [*handles, *style.run_handles(fresh)], 3 if fresh is not None else 4)
        return figure


def _of(table: pd.DataFrame, kappa: float, method: str) -> pd.DataFrame:
    return table[(table["kappa"] == kappa) & (table["method"] == method) & (table["step"] == DRAWN[method])]


def _panel(axes: Axes, rows: pd.DataFrame, method: str) -> None:
    """The bracket as a band between its ends, the lower one as a line; from k = 2 on, where it is not 0."""
    wide = rows[rows["k"] >= 2].pivot(index="k", columns="quantity", values="value")
    colour = style.LOOKS[method].colour
    axes.fill_between(wide.index, wide["lower"], wide["upper"], color=colour, alpha=0.35, linewidth=0)
    style.line(axes, method, wide.index, wide["lower"])
    for version, look in BOUND_LOOKS.items():
        if version in wide:
            axes.plot(wide.index, wide[version], **look)
    axes.set_yscale("log")
