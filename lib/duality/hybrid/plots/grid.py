"""The training experiment against k: training error, error of the energy, and generalization gap."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from duality.book import style

METHODS = ("GD", "NAG")
SPREAD = 1.96  # standard errors on either side of a mean: its 95 % interval


def training(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """Training error and error of the energy for width 16, at the largest number of steps recorded."""
    panels = (
        ("train_loss", "Training error", r"$P_n\,\ell$"),
        ("q_error_square", "Error of the energy", "$P\\,\\|Q_\\theta-Q^*\\|_F^2$"),
    )
    with style.panels(1, 2, 3.2) as (figure, axes):
        for panel, (quantity, title, label) in zip(axes[0], panels, strict=True):
            panel.set(title=title, ylabel=label, yscale="log")
            for method in METHODS:
                curve(panel, _last(recorded, 16, method), quantity, method)
                if fresh is not None:
                    early = recorded[recorded["steps"] == fresh["steps"].max()]
                    _points(panel, early, fresh, quantity, method)
        _finish(figure, axes[0], recorded, fresh)
        return figure


def gaps(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """The generalization gap, one panel per width."""
    recorded = recorded.assign(gap=recorded["loss"] - recorded["train_loss"])
    fresh = None if fresh is None else fresh.assign(gap=fresh["loss"] - fresh["train_loss"])
    widths = sorted(recorded["width"].unique())
    with style.panels(1, len(widths), 3.2) as (figure, axes):
        for panel, width in zip(axes[0], widths, strict=True):
            panel.set(title=f"width {width}")
            for method in METHODS:
                curve(panel, _last(recorded, width, method), "gap", method)
        axes[0, 0].set_ylabel(r"gap $P\ell - P_n\ell$")
        _finish(figure, axes[0], recorded, None)
        return figure


def curve(panel: Axes, rows: pd.DataFrame, quantity: str, method: str) -> None:
    """Mean over the seeds against k, with its interval."""
    grouped = rows.groupby("k")[quantity]
    mean, error = grouped.mean(), SPREAD * grouped.std(ddof=1) / np.sqrt(grouped.count())
    style.line(panel, method, mean.index, mean, linewidth=2)
    panel.fill_between(mean.index, mean - error, mean + error, color=style.LOOKS[method].colour, alpha=0.2, linewidth=0)


def _last(table: pd.DataFrame, width: int, method: str) -> pd.DataFrame:
    here = table[(table["width"] == width) & (table["algorithm"] == method)]
    return here[here["steps"] == here["steps"].max()]


def _points(panel: Axes, early: pd.DataFrame, fresh: pd.DataFrame, quantity: str, method: str) -> None:
    """The recorded means after as few steps as the fresh run has, and the fresh means over them."""
    shared = early.merge(fresh[["width", "seed", "algorithm", "k"]].drop_duplicates())
    for table, draw in ((shared, style.line), (fresh, style.fresh_points)):
        here = table[(table["width"] == 16) & (table["algorithm"] == method)].groupby("k")[quantity].mean()
        draw(panel, method, here.index, here, **({"linewidth": 1} if draw is style.line else {}))


def _finish(figure: Figure, row: np.ndarray, recorded: pd.DataFrame, fresh: pd.DataFrame | None) -> None:
    style.iterations_axis(row, int(recorded["k"].max()), "steps $k$ of the layer")
    handles = style.method_handles(METHODS)
    if fresh is not None:
        few = f"{int(fresh['steps'].max()):,} optimizer steps"
        handles += [style.handle(few, linewidth=1), *style.run_handles(fresh)[1:]]
    style.legend(figure, handles)
