"""Errors and generalization gap against depth."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from duality.book import style

COLOURS = {"train": "#009E73", "test": "#D55E00"}
SEED = {"color": "#0072B2", "linewidth": 0.6, "alpha": 0.45}


def gap(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """Above the two errors, below the gap, one column per setting."""
    settings = list(dict.fromkeys(recorded["setting"]))
    with style.panels(2, len(settings), 2.7, sharex=True) as (figure, axes):
        for column, setting in enumerate(settings):
            upper, lower = axes[:, column]
            here = recorded[recorded["setting"] == setting]
            means = here.groupby("layers")[["train", "test"]].mean()
            for name, colour in COLOURS.items():
                upper.plot(means.index, means[name], color=colour)
            for _, rows in here.groupby("seed"):
                lower.plot(rows["layers"], rows["test"] - rows["train"], **SEED)
            lower.plot(means.index, means["test"] - means["train"], color="#0072B2")
            if fresh is not None:
                new = fresh[fresh["setting"] == setting]
                for name, colour in COLOURS.items():
                    style.open_markers(upper, colour, "o", new["layers"], new[name])
                style.open_markers(lower, "#0072B2", "o", new["layers"], new["test"] - new["train"])
            upper.set_title(setting)
        style.iterations_axis(axes[1], int(recorded["layers"].max()), "layers $KT$")
        axes[0, 0].set_ylabel("mean squared error")
        axes[1, 0].set_ylabel("new $-$ training")
        names = {"train": "training problems", "test": "new problems"}
        handles = [style.handle(names[name], color=colour) for name, colour in COLOURS.items()]
        style.legend(figure, [*handles, style.handle("gap", color="#0072B2"), *style.run_handles(fresh)], columns=3)
        return figure
