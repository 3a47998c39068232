"""The training experiment against k: training error, error of the energy, and generalization gap."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from duality.book import style

METHODS = ("GD", "NAG")
SPREAD = 1.96  # standard errors on either side of a mean: its 95 % interval


def training(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """Training error and error of the energy for width 16, at the largest number of steps recorded.

    A fresh run has few steps: its points lie on the recorded values after as many, drawn as thin lines.
    """
    panels = (
        ("train_loss", "Training error", r"$P_n\,\ell$"),
        ("q_error_square", "Error of the energy", r"$P\,\|Q_\theta-Q^*\|_F^2$"),
    )
    with style.panels(1, 2, 3.2) as (figure, axes):
        for panel, (quantity, title, label) in zip(axes[0], panels, strict=True):
            panel.set(title=title, ylabel=label, yscale="log")
            for method in METHODS:
                curve(panel, _last(recorded, 16, method), quantity, method)
                if fresh is not None:
                    _early(panel, recorded, fresh, quantity, method)
        _finish(figure, axes[0], recorded, fresh)
        return figure


def gaps(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """The generalization gap of one variant, one panel per width."""
    return gaps_of({str(recorded["variant"].iloc[0]): recorded})


def gaps_of(tables: Mapping[str, pd.DataFrame], quantity: str = "gap", label: str = r"gap $P\ell - P_n\ell$") -> Figure:
    """The generalization gap, one row per name of a table and one panel per width; another column on request."""
    widths = sorted({int(width) for table in tables.values() for width in table["width"].unique()})
    with style.panels(len(tables), len(widths), 2.8, sharex=True) as (figure, axes):
        for row, (name, table) in zip(axes, tables.items(), strict=True):
            table = table.assign(gap=table["loss"] - table["train_loss"])
            for panel, width in zip(row, widths, strict=True):
                panel.set_title(f"{name}, width {width}" if len(tables) > 1 else f"width {width}")
                for method in METHODS:
                    curve(panel, _last(table, width, method), quantity, method)
            row[0].set_ylabel(label)
        _finish(figure, axes[-1], next(iter(tables.values())), None)
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


def _early(panel: Axes, recorded: pd.DataFrame, fresh: pd.DataFrame, quantity: str, method: str) -> None:
    """The recorded means after as few steps as the fresh run has, and the fresh means over them."""
    shared = recorded.merge(fresh[["width", "seed", "algorithm", "k", "steps"]].drop_duplicates())
    then, now = (_last(table, 16, method).groupby("k")[quantity].mean() for table in (shared, fresh))
    style.line(panel, method, then.index, then, linewidth=1)
    style.fresh_points(panel, method, now.index, now)


def _finish(figure: Figure, row: np.ndarray, recorded: pd.DataFrame, fresh: pd.DataFrame | None) -> None:
    style.iterations_axis(row, int(recorded["k"].max()), "steps $k$ of the layer")
    handles = style.method_handles(METHODS)
    if fresh is not None:
        few = f"{int(fresh['steps'].max()):,} optimizer steps"
        handles += [style.handle(few, linewidth=1), *style.run_handles(fresh)[1:]]
    style.legend(figure, handles)
