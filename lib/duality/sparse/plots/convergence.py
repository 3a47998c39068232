"""Recovery error against wall-clock time."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from duality.book import style
from duality.sparse.plots.looks import LOOKS

ORACLE = "told support and signs"


def convergence(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """One panel per number of variables: a curve per training, APF as points, the informed estimator's floor."""
    sizes = sorted(set(recorded["d"]))
    with style.panels(len(sizes), 1, 2.9) as (figure, axes):
        for d, panel in zip(sizes, axes[:, 0], strict=True):
            _panel(panel, recorded[recorded["d"] == d], None if fresh is None else fresh[fresh["d"] == d])
            panel.set_title(f"{d:,} variables")
        axes[-1, 0].set_xlabel("seconds for 100 problems at once")
        shown = [name for name in LOOKS if name in set(recorded["method"])]
        handles = [
            style.handle(
                name, color=LOOKS[name].colour, linestyle=LOOKS[name].line,
                marker=LOOKS[name].marker if LOOKS[name].line == "none" else None,
            )
            for name in shown
        ]  # fmt: skip
        handles.append(style.handle(ORACLE, color=style.MUTED, linestyle="--"))
        style.legend(figure, [*handles, *style.run_handles(fresh)], columns=3)
        return figure


def _panel(panel: Axes, recorded: pd.DataFrame, fresh: pd.DataFrame | None) -> None:
    curves = recorded[recorded["part"] == "curve"]
    for (name, _), rows in curves.groupby(["method", "seed"], sort=False):
        look = LOOKS[name]
        panel.plot(
            rows["seconds"].clip(lower=1e-3), rows["value"], color=look.colour, linestyle=look.line,
            marker=look.marker if look.line == "none" else None,
        )  # fmt: skip
        if fresh is not None:
            new = fresh[(fresh["part"] == "curve") & (fresh["method"] == name)]
            style.open_markers(panel, look.colour, look.marker, new["seconds"].clip(lower=1e-3), new["value"])
    floor = recorded[(recorded["method"] == ORACLE) & (recorded["part"] == "problem")]["value"]
    if len(floor):
        panel.axhline(floor.mean(), color=style.MUTED, linestyle="--")
    panel.set(xscale="log", ylabel=r"mean $\|\beta-\beta^*\|_2$", ylim=(0.8, 6.2))
