"""The floor of the printed approximation ability, and equal losses with unequal energies."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from duality.book import style


def _lines(axes: Axes, table: pd.DataFrame, x: str, y: str) -> None:
    for name, rows in table.groupby("method", sort=False):
        style.line(axes, str(name), rows[x], rows[y])


def floor(table: pd.DataFrame, level: float) -> Figure:
    """Worst loss of the best constant energy against k, and the level that no model is below."""
    with style.panels(1, 1, 3.0) as (figure, axes):
        panel = axes[0, 0]
        _lines(panel, table, "k", "loss")
        panel.axhline(level, color=style.MUTED, linestyle=":", linewidth=1.2)
        style.note(panel, "floor", 1, level * 1.02, va="bottom")
        panel.set(xlabel="steps $k$", ylabel="worst loss, best model", ylim=(0, None))
        style.legend(figure, style.method_handles(table["method"].unique()))
        return figure


def equal_loss(losses: pd.DataFrame, marks: Mapping[str, tuple[float, float]], distances: pd.DataFrame) -> Figure:
    """Left the loss over the energy with one marked point (energy, loss) per method, right distances against k."""
    with style.panels(1, 2, 3.0) as (figure, axes):
        left, right = axes[0]
        _lines(left, losses, "energy", "loss")
        for name, (energy, loss) in marks.items():
            style.fresh_points(left, name, [energy], [loss])
        _lines(right, distances, "k", "distance")
        left.set(xlabel=r"energy $\lambda_\theta$", ylabel="loss", title="Equal loss")
        right.set(xlabel="steps $k$", ylabel="distance", title="Largest, at no loss")
        style.legend(figure, style.method_handles(losses["method"].unique()))
        return figure
