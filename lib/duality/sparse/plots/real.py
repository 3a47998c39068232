"""Errors on real data relative to the lasso."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from duality.book import style
from duality.sparse.plots.looks import LOOKS

METHODS = ("PLISA", "APF", "ALISTA", "RNN", "RNN-l1")
NAMES = {"thp1": "Gene (THP-1)", "parkinsons": "Parkinsons", "school": "School"}


def real(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """One panel per data set, a row of dots per method."""
    sets = list(dict.fromkeys(recorded["data"]))
    with style.panels(len(sets), 1, 1.7, sharex=True) as (figure, axes):
        for name, panel in zip(sets, axes[:, 0], strict=True):
            old, new = ratios(recorded, name), None if fresh is None else ratios(fresh, name)
            for place, method in enumerate(METHODS):
                look = LOOKS[method]
                dots = {"linestyle": "none", "marker": look.marker, "color": look.colour}
                panel.plot(old[method], [place] * len(old), **dots)
                if new is not None and method in new:
                    style.open_markers(panel, look.colour, look.marker, new[method], [place] * len(new))
            panel.axvline(1, color=style.MUTED, linewidth=1.5)
            panel.set_yticks(range(len(METHODS)), METHODS)
            panel.set(xscale="log", ylim=(len(METHODS) - 0.5, -0.5), title=NAMES.get(name, name))
        axes[-1, 0].set_xlabel("held-out error / that of the lasso")
        if fresh is not None:
            style.legend(figure, style.run_handles(fresh))
        return figure


def ratios(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Errors over that of the lasso, one row per split."""
    wide = table[table["data"] == name].pivot(index="split", columns="method", values="error")
    return wide.div(wide["lasso"], axis=0) if len(wide) else wide
