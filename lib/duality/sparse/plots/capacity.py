"""The capacity theorem with its parameters: decay and floor, targets by entry, and the weight of MCP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from duality.book import style

PANELS = (
    ("exact", "l1", r"Exact family, $\ell_1$"),
    ("exact", "MCP", "Exact family, MCP"),
    ("random", "l1", r"Random designs, $\ell_1$"),
    ("random", "MCP", "Random designs, MCP"),
)
ERROR, APART, BOUND = style.ORDERED[1], style.ORDERED[3], style.MUTED
CURVES: dict[Any, tuple[str, int, Any]] = {
    ("orthogonal", "entry-wise"): (r"entry-wise, $X^\top X=nI$", 1, "-"),
    ("orthogonal", "uniform"): (r"one target, $X^\top X=nI$", 3, "-"),
    ("Gaussian", "entry-wise"): (r"entry-wise, Gaussian $X$", 1, (0, (3, 2))),
    ("Gaussian", "uniform"): ("one target, Gaussian $X$", 3, (0, (3, 2))),
}


def decay(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """Error, distance from the limit and the bound against the layers since t_0, for every recorded K."""
    with style.panels(2, 2, 2.9, sharey=True) as (figure, grid):
        for axes, (family, penalty, title) in zip(grid.flat, PANELS, strict=True):
            rows = _since(recorded, family, penalty)
            finest = rows[(rows["K"] == rows["K"].min()) & (rows["N"] >= 0)]
            axes.plot(finest["N"], finest["bound"], color=BOUND, linestyle=(0, (1.2, 1.2)))
            for number, (_, part) in enumerate(rows.groupby("K")):
                look = style.ORDERED_LINES[number]
                seen = part[part["distance"] > 2e-12]
                axes.plot(part["N"], part["error"], color=ERROR, linestyle=look, linewidth=1.8)
                axes.plot(seen["N"], seen["distance"], color=APART, linestyle=look, linewidth=1.8)
            line = np.arange(0, 90)
            axes.plot(line, rows["floor"].iloc[0] * rows["factor"].iloc[0] ** line, color=style.INK, linewidth=0.9)
            if fresh is not None:
                points = _since(fresh, family, penalty)
                points = points[(points["N"] % 10 == 0) & (points["distance"] > 2e-12)]
                style.open_markers(axes, ERROR, "o", points["N"], points["error"], markersize=4.5)
                style.open_markers(axes, APART, "s", points["N"], points["distance"], markersize=4.5)
            axes.set(yscale="log", title=title, xlim=(-45, 90), ylim=(1e-11, 30))
        for axes in grid[1]:
            axes.set_xlabel("layers after the path has arrived")
        for axes in grid[:, 0]:
            axes.set_ylabel("worst problem")
        handles = [
            style.handle(r"$\|\beta_T-\beta^*\|$", color=ERROR),
            style.handle("distance from the limit", color=APART),
            style.handle("proved bound", color=BOUND, linestyle=(0, (1.2, 1.2))),
            style.handle("its rate", linewidth=0.9),
            *(
                style.handle(f"$K={K}$", linestyle=style.ORDERED_LINES[i], linewidth=1.4)
                for i, K in enumerate(sorted(recorded["K"].unique()))
            ),
            *style.run_handles(fresh)[1:],
        ]
        style.legend(figure, handles, 4)
        return figure


def _since(table: pd.DataFrame, family: str, penalty: str) -> pd.DataFrame:
    rows = table[(table["family"] == family) & (table["penalty"] == penalty)]
    return rows.assign(N=rows["layers"] - rows["K"] * rows["t0"])


def entrywise(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """The error over sigma sqrt(s/n) against d and against m, with 8 sqrt(2 log M) for comparison."""
    with style.panels(1, 2, 3.2, sharey=True) as (figure, (pair,)):
        for axes, column in zip(pair, ("d", "m"), strict=True):
            for table, draw in ((recorded, _line), (fresh, _points)):
                if table is not None:
                    _each(axes, table, column, draw)
            rows = _part(recorded, column)
            M = np.geomspace(max(2, rows[column].min()), rows[column].max(), 60)
            axes.plot(M, 8 * np.sqrt(2 * np.log(M)), color=style.INK, linewidth=0.9)
            axes.set(xscale="log", ylim=(0, 36))
        pair[0].set_xticks(ticks := [16, 32, 64, 128, 256], [str(tick) for tick in ticks])
        pair[0].minorticks_off()
        pair[0].set(title="One problem", xlabel="variables $d$", ylabel=r"error / $(\sigma\sqrt{s^*/n})$")
        pair[1].set(title="Targets for $m$ problems, $d=16$", xlabel="training problems $m$")
        handles = [
            style.handle(label, color=style.ORDERED[colour], linestyle=look) for label, colour, look in CURVES.values()
        ]
        handles.append(style.handle(r"$8\sqrt{2\,\ln d}$, $8\sqrt{2\,\ln m}$", linewidth=0.9))
        style.legend(figure, [*handles, *style.run_handles(fresh)[1:]], 2)
        return figure


def _part(table: pd.DataFrame, column: str) -> pd.DataFrame:
    if column == "d":
        return table[table["m"] == 1]
    return table[(table["d"] == 16) & (table["design"] == "orthogonal")]


def _each(axes: Axes, table: pd.DataFrame, column: str, draw: Callable[..., None]) -> None:
    for key, part in _part(table, column).groupby(["design", "target"]):
        _, colour, look = CURVES[key]
        draw(axes, part[column], part["error"], style.ORDERED[colour], look)


def _line(axes: Axes, x: pd.Series, y: pd.Series, colour: str, look: Any) -> None:
    axes.plot(x, y, color=colour, linestyle=look, marker="o", markersize=3)


def _points(axes: Axes, x: pd.Series, y: pd.Series, colour: str, look: Any) -> None:
    style.open_markers(axes, colour, "o", x, y)


ROWS: tuple[tuple[str, dict[str, tuple[str, str, Any]]], ...] = (
    ("factor per layer", {"factor": ("measured", ERROR, "-"), "factor bound": ("bound", BOUND, (0, (1.2, 1.2)))}),
    (
        "error of the limit",
        {
            "error": ("measured", ERROR, "-"),
            "printed bound": ("printed bound, absolute values", APART, (0, (6, 1.6))),
            "sharp bound": ("sharper bound", style.ORDERED[2], (0, (5, 1.5, 1.2, 1.5))),
        },
    ),
)


def weights(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """Two settings; above the factor per layer, below the error and its bounds."""
    with style.panels(2, 2, 2.6, sharex=True) as (figure, grid):
        for column, setting in enumerate(("small entries", "large entries")):
            for row, (label, curves) in enumerate(ROWS):
                axes = grid[row, column]
                for name, (_, colour, look) in curves.items():
                    part = _quantity(recorded, setting, name)
                    axes.plot(part["w2"], part["value"], color=colour, linestyle=look)
                    if fresh is not None:
                        points = _quantity(fresh, setting, name)
                        style.open_markers(axes, colour, "o", points["w2"], points["value"], markersize=4.5)
                axes.set_ylabel(label if column == 0 else "")
            grid[0, column].set(title=setting.capitalize(), ylim=(0.72, 0.9))
            grid[1, column].set(xlabel=r"weight of MCP $\tilde w_2$", ylim=(0, None))
        handles = [style.handle("measured", color=ERROR), style.handle("bound", color=BOUND, linestyle=(0, (1.2, 1.2)))]
        handles += [
            style.handle(label, color=colour, linestyle=look)
            for name, (label, colour, look) in ROWS[1][1].items()
            if name != "error"
        ]
        style.legend(figure, [*handles, *style.run_handles(fresh)[1:]], 3)
        return figure


def _quantity(table: pd.DataFrame, setting: str, name: str) -> pd.DataFrame:
    return table[(table["setting"] == setting) & (table["quantity"] == name)]
