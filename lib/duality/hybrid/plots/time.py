"""The generalization gap against the number of optimizer steps."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from duality.book import style

DEPTHS: dict[int, style.Options] = {5: {"linewidth": 1.0}, 20: {"linewidth": 2.4}}


def over_time(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """One panel per width; k = 5 thin, k = 20 thick; means over the seeds.

    A fresh run has few of the seeds, whose mean lies elsewhere: it is compared row by row and not drawn.
    """
    widths = sorted(recorded["width"].unique())
    with style.panels(1, len(widths), 3.2) as (figure, axes):
        for panel, width in zip(axes[0], widths, strict=True):
            panel.set(title=f"width {width}", xscale="log", xlabel="optimizer steps")
            for method in ("GD", "NAG"):
                for k, look in DEPTHS.items():
                    mean = _mean(recorded, width, method, k)
                    style.line(panel, method, mean.index, mean, **look)
        axes[0, 0].set_ylabel(r"gap $P\ell - P_n\ell$")
        handles = [
            *style.method_handles(("GD", "NAG")),
            *(style.handle(f"$k = {k}$", **look) for k, look in DEPTHS.items()),
        ]
        style.legend(figure, handles)
        return figure


def _mean(table: pd.DataFrame, width: int, method: str, k: int) -> pd.Series:
    here = table[(table["width"] == width) & (table["algorithm"] == method) & (table["k"] == k)]
    return (here["loss"] - here["train_loss"]).groupby(here["steps"]).mean()
