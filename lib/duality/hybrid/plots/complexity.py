"""Measured complexities against depth, samples, level and width; the bounds over them; one net against a chain."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from duality.book import style

CLASSES = {
    "global": {"linewidth": 1.0},
    "own level": {"linewidth": 2.4},
    "common level": {"linewidth": 2.4, "alpha": 0.45},
}
BOUNDS = {"printed": style.ORDERED[3], "repaired": style.ORDERED[2], "global net": style.ORDERED[0]}
NETS = {
    "printed form": style.ORDERED[3],
    "Dudley": style.ORDERED[0],
    "one net at 1/√n": style.ORDERED[2],
    "one net": style.ORDERED[4],
    "measured": style.INK,
}


def complexity(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """Six panels; fresh points of the same parts lie over the recorded curves."""
    with style.panels(3, 2, 2.7) as (figure, grid):
        _sweep(grid[0, 0], recorded, fresh, "depth", "k")
        grid[0, 0].set(title="Depth", xlabel="steps $k$", ylabel=r"E$R_n\ell_F$, measured")
        _sweep(grid[0, 1], recorded, fresh, "samples", "n")
        grid[0, 1].set(title="Samples", xlabel="samples $n$")
        if (recorded["part"] == "samples").any():  # a logarithmic axis refuses to stay empty
            grid[0, 1].set(xscale="log", yscale="log", ylim=(0.5, 20))
        _sweep(grid[1, 0], recorded, fresh, "level", "factor")
        grid[1, 0].set(title="Level", xlabel=r"$\sqrt{r}$ / smallest", ylabel=r"E$R_n\ell_F$, measured")
        _sweep(grid[1, 1], recorded, fresh, "width", "width")
        grid[1, 1].set(title="Width", xlabel="hidden units")
        _bounds(grid[2, 0], recorded, fresh)
        _nets(grid[2, 1], recorded, fresh)
        handles = [
            *style.method_handles(("GD", "NAG")),
            style.handle("whole class", **CLASSES["global"]),
            style.handle("own level", **CLASSES["own level"]),
            style.handle("GD's level", **CLASSES["common level"]),
            *style.run_handles(fresh),
        ]
        style.legend(figure, handles, 4)
        return figure


def _sweep(axes: Axes, recorded: pd.DataFrame, fresh: pd.DataFrame | None, part: str, x: str) -> None:
    here = recorded[(recorded["part"] == part) & recorded["algorithm"].isin(style.LOOKS)]
    for (method, kind), rows in here.groupby(["algorithm", "class"]):
        rows = rows.sort_values(x)
        style.line(axes, method, rows[x], rows["value"], **CLASSES[kind])
        colour = style.LOOKS[method].colour
        axes.fill_between(
            rows[x],
            rows["value"] - 2 * rows["se"],
            rows["value"] + 2 * rows["se"],
            color=colour,
            alpha=0.1,
            linewidth=0,
        )
    if fresh is not None:
        now = fresh[(fresh["part"] == part) & fresh["algorithm"].isin(style.LOOKS)]
        for method, rows in now.groupby("algorithm"):
            style.fresh_points(axes, method, rows[x], rows["value"])
    axes.set_ylim(bottom=0 if part != "samples" else None)


def _bounds(axes: Axes, recorded: pd.DataFrame, fresh: pd.DataFrame | None) -> None:
    table = recorded[(recorded["part"] == "bounds") & (recorded["k"] > 1)].sort_values("k")
    for kind, colour in BOUNDS.items():
        for method in ("GD", "NAG"):
            rows = table[(table["class"] == kind) & (table["algorithm"] == method)]
            style.line(axes, method, rows["k"], rows["value"], color=colour)
        style.note(axes, kind, rows["k"].iloc[-1], rows["value"].iloc[-1], xytext=(0, 6), textcoords="offset points",
                   ha="right", color=colour)  # fmt: skip
    trivial = float(table[table["class"] == "trivial"]["value"].iloc[0])
    axes.axhline(trivial, color=style.MUTED, linewidth=1, linestyle=":")
    style.note(axes, "trivial, $M/2$", 30, trivial, xytext=(0, 4), textcoords="offset points", ha="right")
    depth = recorded[(recorded["part"] == "depth") & (recorded["class"] == "own level") & (recorded["k"] > 1)]
    for method, rows in depth[depth["algorithm"].isin(style.LOOKS)].groupby("algorithm"):
        rows = rows.sort_values("k")
        style.line(axes, method, rows["k"], rows["value"], linewidth=2.4)
    if fresh is not None:
        rows = fresh[(fresh["part"] == "bounds") & (fresh["class"] != "trivial")]
        style.open_markers(axes, style.INK, "o", rows["k"], rows["value"])
    axes.set(title="Bounds, own level", xlabel="steps $k$", yscale="log", ylabel=r"E$R_n\ell_F$ and bounds")


def _nets(axes: Axes, recorded: pd.DataFrame, fresh: pd.DataFrame | None) -> None:
    table = recorded[recorded["part"] == "nets"].sort_values("n")
    for index, (kind, colour) in enumerate(NETS.items()):
        rows = table[table["class"] == kind]
        axes.plot(rows["n"], rows["value"], color=colour, linestyle=style.ORDERED_LINES[index])
        middle, beside = rows.iloc[len(rows) // 2], -15 if kind == "one net" else 3
        place = middle["n"], middle["value"]
        style.note(axes, kind, *place, xytext=(0, beside), textcoords="offset points", color=colour)
    if fresh is not None:
        rows = fresh[fresh["part"] == "nets"]
        style.open_markers(axes, style.INK, "o", rows["n"], rows["value"])
    axes.set(title="Norms of 2000 modules", xlabel="samples $n$", xscale="log", yscale="log", ylim=(0.04, 30))
