"""Heat maps of measured over bound: blue is slack, white is equality, red and crossed is a violation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from duality.book import style

ROWS = (
    (("gd-convergence", "GD, error"), ("gd-stability (b)", "GD, stability in $b$")),
    (("gd-sensitivity", "GD, sensitivity"), ("", "")),
    (("gd-stability (Q)", "GD, stability in $Q$"), ("gd-stability-sharp (Q)", "sharpened, $s=1/L$")),
    (("nag-power-bound", "NAG, powers of the block"), ("nag-power-sharp", "repaired")),
    (("nag-convergence", "NAG, error (squares)"), ("nag-convergence-sharp", "sharpened")),
    (("nag-sensitivity", "NAG, sensitivity"), ("nag-sensitivity-repaired", "repaired")),
    (("nag-stability (b)", "NAG, stability in $b$"), ("nag-stability-sharp (b)", "sharpened")),
    (("nag-stability (Q)", "NAG, stability in $Q$"), ("nag-stability-sharp (Q)", "sharpened")),
)
RANGE = 1e3  # colours end there
EQUAL = 1e-6  # numerical equality is no violation
EMPTY = "#d9d9d9"
VIOLATED: style.Options = {
    "linestyle": "none",
    "marker": "x",
    "color": style.INK,
    "markersize": 5.5,
    "markeredgewidth": 1.8,
}
ATTAINED: style.Options = {"linestyle": "none", "marker": ".", "color": style.MUTED, "markersize": 3}
AGAIN: style.Options = {
    "linestyle": "none",
    "marker": "s",
    "color": style.INK,
    "markersize": 9,
    "markerfacecolor": "none",
}


def slack(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """All bounds at the largest printed step."""
    return slack_at(recorded, "largest", fresh)


def slack_at(recorded: pd.DataFrame, step: str, fresh: pd.DataFrame | None = None) -> Figure:
    """All bounds at one step, `largest` or `1/L`; cells that were measured again have a frame."""
    ks, kappas = (sorted(recorded[axis].unique()) for axis in ("k", "kappa"))
    with style.panels(len(ROWS), 2, 1.8, sharex=True, sharey=True) as (figure, grid):
        for pair, titles in zip(grid, ROWS, strict=True):
            for axes, (guarantee, title) in zip(pair, titles, strict=True):
                if not guarantee:
                    axes.set_axis_off()
                    continue
                _map(axes, _table(recorded, guarantee, step, ks, kappas))
                if fresh is not None:
                    _frames(axes, _table(fresh, guarantee, step, ks, kappas))
                axes.set_title(title)
                axes.tick_params(length=0, labelbottom=True, labelleft=axes in grid[:, 0], labelsize=9)
        for axes in grid[:, 0]:
            axes.set_ylabel(r"$\kappa = L/\mu$")
        for axes in grid[-1]:
            axes.set_xlabel("iteration $k$")
        place = grid[1, 1].inset_axes((0.02, 0.36, 0.94, 0.13))
        bar = figure.colorbar(grid[0, 0].collections[0], cax=place, orientation="horizontal")
        bar.set_label("exact worst case / bound")
        bar.ax.minorticks_off()
        marks = [
            style.handle("violated", **VIOLATED),
            style.handle("equal to $10^{-6}$", **ATTAINED | {"markersize": 6}),
            style.handle("too small to divide", **AGAIN | {"markerfacecolor": EMPTY, "color": EMPTY}),
        ]
        if fresh is not None:
            marks.append(style.handle("measured in this run", **AGAIN))
        grid[1, 1].legend(
            handles=marks, loc="upper left", borderaxespad=0, bbox_to_anchor=(-0.03, 1.2), ncols=2, columnspacing=0.8,
            handletextpad=0.2, fontsize=9.5,
        )  # fmt: skip
        return figure


def _table(table: pd.DataFrame, guarantee: str, step: str, ks: list[int], kappas: list[float]) -> pd.DataFrame:
    """Ratios by condition number and k, NaN where nothing was measured; a bound for one step only keeps
    it.
    """
    rows = table[table["guarantee"] == guarantee]
    rows = rows[rows["step"] == (step if (rows["step"] == step).any() else "1/L")]
    return rows.pivot(index="kappa", columns="k", values="ratio").reindex(index=kappas, columns=ks)


def _map(axes: Axes, ratios: pd.DataFrame) -> None:
    axes.set_facecolor(EMPTY)
    sns.heatmap(
        ratios.clip(1 / RANGE, RANGE).rename(index="{:g}".format), cmap="RdBu_r", norm=LogNorm(1 / RANGE, RANGE),
        cbar=False, xticklabels=True, yticklabels=True, rasterized=True, ax=axes,
    )  # fmt: skip
    axes.grid(False)
    sns.despine(ax=axes)  # a heat map of seaborn has no axes lines; the house style has the left and the lower one
    axes.set(xlabel="", ylabel="", ylim=(0, len(ratios)))  # small condition numbers below
    axes.tick_params(rotation=0)
    _mark(axes, ratios > 1 + EQUAL, VIOLATED)
    _mark(axes, abs(ratios - 1) <= EQUAL, ATTAINED)


def _frames(axes: Axes, ratios: pd.DataFrame) -> None:
    _mark(axes, ratios.notna(), AGAIN)


def _mark(axes: Axes, cells: pd.DataFrame, look: style.Options) -> None:
    """The same marker in the middle of each of the cells."""
    i, j = np.nonzero(cells.to_numpy())
    axes.plot(j + 0.5, i + 0.5, **look)
