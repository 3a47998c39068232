"""RNN, GD and NAG against k: training error and generalization gap."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from duality.book import style
from duality.hybrid.plots.grid import curve

METHODS = ("GD", "NAG", "RNN")


def rnn(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """Two panels at the largest number of optimizer steps; the fresh run over the recorded one of as few steps."""
    last = recorded[recorded["steps"] == recorded["steps"].max()]
    panels = (
        ("train_loss", "Training error", r"$P_n\,\ell$"),
        ("gap", "Generalization gap", r"$P\ell - P_n\ell$"),
    )
    with style.panels(1, 2, 3.2) as (figure, axes):
        for panel, (quantity, title, label) in zip(axes[0], panels, strict=True):
            panel.set(title=title, ylabel=label)
            panel.set_yscale("log" if quantity == "train_loss" else "symlog", **_linear(quantity))
            for method in METHODS:
                here = last[last["algorithm"] == method]
                curve(panel, here.assign(gap=here["loss"] - here["train_loss"]), quantity, method)
                if fresh is not None:
                    now = fresh[fresh["algorithm"] == method]
                    points = now.assign(gap=now["loss"] - now["train_loss"]).groupby("k")[quantity].mean()
                    style.fresh_points(panel, method, points.index, points)
        style.iterations_axis(axes[0], int(recorded["k"].max()), "steps $k$ of the layer")
        style.legend(figure, style.method_handles(METHODS) + style.run_handles(fresh))
        return figure


def _linear(quantity: str) -> dict[str, float]:
    return {"linthresh": 0.1} if quantity == "gap" else {}
