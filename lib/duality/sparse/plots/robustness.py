"""Lipschitz constants of PLISA in its parameters."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from duality.book import style

PANELS = {
    "alpha": r"Step $\alpha$",
    "eta": r"Ratios $\eta$",
    "target": r"Targets $\lambda^*$",
    "w": r"Weights $w$",
}
LOOKS = {
    "Jacobian": ("Jacobian", style.ORDERED[1], "-"),
    "pairs": ("pairs in the box", style.ORDERED[2], (0, (6, 1.6))),
    "bound": ("Lemma 7.5.1, with constants", style.ORDERED[3], (0, (1.2, 1.2))),
    "decaying bound": ("the ratios are forgotten", style.INK, (0, (5, 1.5, 1.2, 1.5))),
}
FLOOR = 1.01e-9  # smaller values are rounding


def robustness(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """One panel per parameter."""
    with style.panels(2, 2, 2.8) as (figure, grid):
        for axes, (name, title) in zip(grid.flat, PANELS.items(), strict=True):
            rows = recorded[recorded["parameter"] == name]
            for quantity, (_, colour, look) in LOOKS.items():
                part = rows[(rows["quantity"] == quantity) & (rows["value"] > FLOOR)]
                axes.plot(part["layers"], part["value"], color=colour, linestyle=look)
                if fresh is not None:
                    points = fresh[(fresh["parameter"] == name) & (fresh["quantity"] == quantity)]
                    points = points[(points["value"] > FLOOR) & (points["T"] % 20 == 0)]
                    style.open_markers(axes, colour, "o", points["layers"], points["value"], markersize=4.5)
            axes.axvline(3 * rows["t0"].iloc[0], color=style.MUTED, linewidth=0.8)
            axes.set(yscale="log", title=title)
        for axes in grid[1]:
            axes.set_xlabel("layers $KT$")
        for axes in grid[:, 0]:
            axes.set_ylabel("Lipschitz constant")
        handles = [style.handle(label, color=colour, linestyle=look) for label, colour, look in LOOKS.values()]
        style.legend(figure, [*handles, *style.run_handles(fresh)[1:]], 2)
        return figure
