"""Time per model and step against the number of models."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from duality.book import style

EACH = "microseconds per model and step"


def speed(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """One line per engine; the plain loop, which knows no ensembles, as a level."""
    plain = float(recorded.loc[recorded["engine"].str.startswith("plain"), EACH].iloc[0])
    rest = recorded[~recorded["engine"].str.startswith("plain")].drop_duplicates(["engine", "models"])
    with style.panels(1, 1, 3.2) as (figure, axes):
        panel = axes[0, 0]
        panel.set(xscale="log", yscale="log", xlabel="models trained together", ylabel="µs per model and step")
        panel.axhline(plain, color=style.MUTED, linewidth=1.5, linestyle=":")
        style.note(
            panel, "plain loop, one model at a time", float(rest["models"].max()), plain * 0.78, va="top", ha="right"
        )
        looks = zip(style.ORDERED, style.ORDERED_LINES, style.ORDERED_MARKERS, strict=True)
        for (name, rows), (colour, line, marker) in zip(rest.groupby("engine", sort=False), looks, strict=False):
            panel.plot(rows["models"], rows[EACH], color=colour, linestyle=line, marker=marker, label=name)
        panel.legend()
        return figure
