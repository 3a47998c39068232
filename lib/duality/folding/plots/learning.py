"""Outcomes of learning through a layer, relative to learning without."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from duality.book import style
from duality.folding.plots.looks import LOOKS

SHIFT = 0.16


def learning(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """One line of dots per problem and method."""
    names = list(dict.fromkeys(recorded["problem"]))
    with style.panels(1, 1, 0.6 * len(names) + 1.6) as (figure, axes):
        panel = axes[0, 0]
        panel.set(xscale="log", xlabel="outcome with the layer / outcome without (smaller is better)")
        panel.axvline(1, color=style.MUTED, linewidth=1.5)
        panel.set_yticks(range(len(names)), names)
        panel.set_ylim(len(names) - 0.5, -0.5)
        methods = [name for name in LOOKS if name in set(recorded["method"])]
        for method, shift in zip(methods, (-SHIFT, SHIFT, 0.0), strict=False):
            for place, name in enumerate(names):
                _dots(panel, ratios(recorded, name, method), place + shift, method, filled=LOOKS[method].colour)
                if fresh is not None:
                    _dots(panel, ratios(fresh, name, method), place + shift, method, filled="white")
        handles = [
            style.handle(name, color=LOOKS[name].colour, marker=LOOKS[name].marker, linestyle="none")
            for name in methods
        ]
        style.legend(figure, [*handles, *style.run_handles(fresh)])
        return figure


def ratios(table: pd.DataFrame, problem: str, method: str) -> pd.Series:
    """The outcome of a method over that without a layer, seed by seed."""
    here = table[table["problem"] == problem].pivot(index="seed", columns="method", values="outcome")
    if method not in here:
        return pd.Series(dtype=float)
    return here[method] / here["without a layer"]


def _dots(panel: Axes, values: pd.Series, height: float, method: str, filled: str) -> None:
    style.open_markers(
        panel, LOOKS[method].colour, LOOKS[method].marker, values, [height] * len(values), markerfacecolor=filled
    )
