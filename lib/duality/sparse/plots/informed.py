"""The Bayes error against what is told."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from duality.book import style

PUBLISHED = 1.34


def bayes(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """One curve per number of samples, with three standard errors."""
    large = recorded[recorded["sweeps"] == recorded["sweeps"].max()]
    samples = sorted(set(large["n"]))
    with style.panels(1, 1, 3.2) as (figure, axes):
        panel = axes[0, 0]
        for n, colour, marker in zip(samples, style.ORDERED, style.ORDERED_MARKERS, strict=False):
            rows = large[large["n"] == n]
            panel.errorbar(rows["decoys"] + 1, rows["square"], 3 * rows["deviation"], color=colour, capsize=3)
            if fresh is not None:
                new = fresh[fresh["n"] == n]
                style.open_markers(panel, colour, marker, new["decoys"] + 1, new["square"])
        for level, name in ((PUBLISHED, "1.34"), (PUBLISHED**2, "1.34²")):
            panel.axhline(level, color=style.MUTED, linestyle="--", linewidth=1.2)
            style.note(panel, name, 1.3, level * 1.05)
        panel.set(yscale="log", xscale="log", xlabel="candidates per entry", ylabel="mean squared error")
        panel.set_xticks([1, 2, 4, 8], ["1", "2", "4", "8"])
        panel.set_yticks([0.5, 1, 2, 4, 8], ["0.5", "1", "2", "4", "8"])
        panel.minorticks_off()
        handles = [style.handle(f"n = {n}", color=colour) for n, colour in zip(samples, style.ORDERED, strict=False)]
        style.legend(figure, [*handles, *style.run_handles(fresh)])
        return figure
