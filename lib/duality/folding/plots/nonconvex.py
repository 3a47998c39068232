"""The error of the folded derivative on the nonconvex program, over the curvature at the solution."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from duality.book import style

LEAST = 1e-13  # errors below are drawn here


def nonconvex(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """One dot per problem; those of a fresh run are open."""
    with style.panels(1, 1, 3.2) as (figure, axes):
        panel = axes[0, 0]
        panel.set(yscale="log", xlabel="smallest eigenvalue of the Hessian", ylabel="relative error of the derivative")
        panel.plot(
            recorded["curvature"], recorded["error"].clip(lower=LEAST),
            linestyle="none", marker=".", color=style.ORDERED[0], alpha=0.5, rasterized=True,
        )  # fmt: skip
        panel.axvline(0, color=style.MUTED, linewidth=1.5)
        panel.axhline(1e-6, color=style.MUTED, linewidth=1.5, linestyle=":")
        if fresh is not None:
            style.open_markers(panel, style.ORDERED[3], "o", fresh["curvature"], fresh["error"].clip(lower=LEAST))
            dots = style.handle("recorded", color=style.ORDERED[0], marker=".", linestyle="none")
            style.legend(figure, [dots, *style.run_handles(fresh)[1:]])
        return figure
