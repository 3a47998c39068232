"""Worst case over the whole class divided by the bound for quadratics, one panel per guarantee."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from duality.book import style

PANELS = (
    ("gd-convergence", "GD, error"),
    ("nag-convergence", "NAG, error"),
    ("gd-sensitivity", "GD, sensitivity"),
    ("nag-sensitivity", "NAG, sensitivity"),
    ("gd-stability", "GD, stability in $b$"),
    ("nag-stability", "NAG, stability in $b$"),
    ("nag-remark-rate", "NAG, Lyapunov rate"),
)
BOLD: style.Options = {"linewidth": 2.0}
HIGHEST = 3.4
STAR: style.Options = {"linestyle": "none", "marker": "*", "markersize": 12, "zorder": 5}
SHARP: style.Options = {"linewidth": 1.0, "alpha": 0.9}


def offclass(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """Left gradient descent, right NAG; above the line at one a bound fails off the quadratic class."""
    kappas = sorted(recorded.loc[recorded["source"] == "program", "kappa"].unique())
    with style.panels(4, 2, 2.25) as (figure, grid):
        for axes, (guarantee, title) in zip(grid.flat, PANELS, strict=False):
            _panel(axes, recorded, fresh, guarantee, kappas)
            axes.set_title(title)
        for axes in grid[:, 0]:
            axes.set_ylabel("worst case / bound")
        grid[1, 1].set(yscale="log", ylim=(5e-3, 5))
        last = grid[-1, -1]
        last.set_axis_off()
        handles = [
            style.handle(f"$\\kappa = {kappa:g}$", color=style.ORDERED[i], linestyle=style.ORDERED_LINES[i])
            for i, kappa in enumerate(kappas)
        ]
        handles += [
            style.handle("over the exact quadratic value", **SHARP),
            style.handle("exact counterexample", **STAR),
        ]
        hollow = [] if fresh is None else style.run_handles(fresh)
        last.legend(handles=handles + hollow, loc="center left", handlelength=2.6, bbox_to_anchor=(-0.05, 0.5))
        return figure


def _panel(axes: Axes, recorded: pd.DataFrame, fresh: pd.DataFrame | None, guarantee: str, kappas: list[float]) -> None:
    axes.axhspan(1, 1e6, color="#f7e3dc", linewidth=0, zorder=0)
    axes.axhline(1, color=style.INK, linewidth=1)
    drawn = [1.0]
    for name, look in ((guarantee, BOLD), (f"{guarantee}-sharp", SHARP)):
        for index, kappa in enumerate(kappas):
            rows = _of(recorded, name, "program", kappa)
            axes.plot(
                rows["k"], rows["ratio"], color=style.ORDERED[index], linestyle=style.ORDERED_LINES[index], **look
            )
            drawn += list(rows["ratio"])
            if fresh is not None:
                now = _of(fresh, name, "program", kappa)
                style.open_markers(
                    axes, style.ORDERED[index], style.ORDERED_MARKERS[index], now["k"], now["ratio"], markersize=5
                )
        stars = recorded[(recorded["guarantee"] == name) & (recorded["source"] == "counterexample")]
        for star in stars.itertuples():
            axes.plot(star.k, star.ratio, color=style.INK, **STAR)
            style.note(
                axes, f"$\\kappa={star.kappa:g}$, $k={star.k}$", star.k, star.ratio, ha="right", color=style.INK,
                xytext=(-5, 8 if name == guarantee else 24), textcoords="offset points",
            )  # fmt: skip
            drawn.append(star.ratio)
    axes.set_ylim(0, min(1.35 * max(drawn), HIGHEST))
    style.iterations_axis([axes], int(max(recorded.loc[recorded["guarantee"] == guarantee, "k"])))


def _of(table: pd.DataFrame, guarantee: str, source: str, kappa: float) -> pd.DataFrame:
    rows = table[(table["guarantee"] == guarantee) & (table["source"] == source) & (table["kappa"] == kappa)]
    return rows.sort_values("k")
