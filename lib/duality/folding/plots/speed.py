"""Time per problem against the batch size, one panel per problem."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from duality.book import style
from duality.folding.plots.looks import LOOKS

EACH = "ms per problem"


def speed(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """One line per method; fresh points are open."""
    names = list(dict.fromkeys(recorded["problem"]))
    across = min(2, len(names))
    down = -(-len(names) // across)
    with style.panels(down, across, 2.5, sharex=True) as (figure, axes):
        for panel in axes.flat[len(names) :]:
            panel.set_visible(False)
        for name, panel in zip(names, axes.flat, strict=False):
            panel.set(xscale="log", yscale="log", title=name[0].upper() + name[1:])
            for method, rows in _drawn(recorded, name):
                look = LOOKS[method]
                panel.plot(
                    rows["batch"], rows[EACH], color=look.colour, linestyle=look.line, marker=look.marker, markersize=4
                )
            for method, rows in _drawn(fresh, name):
                style.open_markers(panel, LOOKS[method].colour, LOOKS[method].marker, rows["batch"], rows[EACH])
        for panel in axes[-1]:
            panel.set_xlabel("problems in a batch")
        for panel in axes[:, 0]:
            panel.set_ylabel("ms per problem")
        shown = [name for name in LOOKS if name in set(recorded["method"])]
        handles = [
            style.handle(name, color=LOOKS[name].colour, linestyle=LOOKS[name].line, marker=LOOKS[name].marker)
            for name in shown
        ]
        style.legend(figure, [*handles, *style.run_handles(fresh)], columns=3)
        return figure


def _drawn(table: pd.DataFrame | None, problem: str) -> list[tuple[str, pd.DataFrame]]:
    """The rows of each method on a problem that were answered."""
    if table is None:
        return []
    here = table[(table["problem"] == problem) & table[EACH].notna()]
    return [(str(method), rows) for method, rows in here.groupby("method", sort=False)]
