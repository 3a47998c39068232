"""Errors of folded and of unrolled gradients against the number of products or steps."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from duality.book import style

GROUPS = {
    "Gradient steps": ("gradient", "Nesterov"),
    "Proximal gradient steps": ("soft threshold", "box", "nonnegative", "simplex"),
    "Quadratic programs": ("ADMM", "SQP"),
    r"$\rho(\Phi) = 1$, and it converges": ("ADMM, equality twice", "total variation"),
}
FLOOR = 2e-11  # below this only rounding is left
PARTS = {
    "solution": ("error of the solution", style.MUTED, (0, (1.2, 1.2))),
    "total": ("error of the Jacobian", style.INK, "-"),
    "forward": ("its forward part", style.ORDERED[3], (0, (6, 1.6))),
    "backward": ("its backward part", style.ORDERED[1], (0, (5, 1.5, 1.2, 1.5))),
}
SHOWN = (
    ("curvature", "zero", "Curvature"),
    ("curvature", "warm", "Curvature, from $x^*$"),
    ("logistic", "zero", "Logistic regression"),
    ("curvature", "far", "Curvature, from far away"),
)


def backward(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """Four panels of maps; thick the measured error, thin the power of the predicted radius through its last point."""
    with style.panels(2, 2, 2.9, sharey=True) as (figure, grid):
        for axes, (title, maps) in zip(grid.flat, GROUPS.items(), strict=True):
            end = 1.0
            for number, name in enumerate(maps):
                rows = _seen(recorded[recorded["map"] == name])
                colour, marker = style.ORDERED[number], style.ORDERED_MARKERS[number]
                if rows.empty:  # exact at once
                    text = f"{name}: exact at $K = 0$"
                    axes.plot(
                        0, FLOOR, color=colour, marker=marker, markersize=7, clip_on=False, linestyle="none", label=text
                    )
                    continue
                axes.plot(rows["K"], rows["error"], color=colour, linestyle=style.ORDERED_LINES[number], label=name)
                last, rate = rows.iloc[-1], rows["active"].iloc[0]
                line = rows[rows["K"] >= last["K"] / 4]["K"]
                axes.plot(
                    line, 4 * last["error"] * rate ** (line - last["K"]), color=colour, linewidth=0.9, linestyle="-"
                )
                end = max(end, last["K"])
                if fresh is not None:
                    points = _seen(fresh[(fresh["map"] == name) & fresh["K"].isin([0, 5, 10, 20, 30, 50])])
                    style.open_markers(axes, colour, marker, points["K"], points["error"])
            axes.set(yscale="log", title=title, ylim=(FLOOR, 30), xlim=(0, 1.02 * end))
            axes.legend(loc="upper right", handlelength=2.2, fontsize=9, borderpad=0.1, labelspacing=0.25)
        for axes in grid[1]:
            axes.set_xlabel(r"products with $\Phi^\top$, $K$")
        for axes in grid[:, 0]:
            axes.set_ylabel("error of the gradient")
        handles = [
            style.handle("measured"),
            style.handle("slope predicted", linewidth=0.9),
            *style.run_handles(fresh)[1:],
        ]
        style.legend(figure, handles)
        return figure


def splitting(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """Two families from zero and one from the solution, and the start far away, linear, where the error first grows."""
    with style.panels(2, 2, 2.8) as (figure, grid):
        for axes, (family, start, title) in zip(grid.flat, SHOWN, strict=True):
            for table, draw in ((recorded, _line), (fresh, _points)):
                if table is not None:
                    draw(axes, table[(table["family"] == family) & (table["start"] == start)])
            axes.set(title=title, xlabel="unrolled steps $K$", yscale="log", xlim=(0, 200), ylim=(1e-5, 20))
        style.note(grid[0, 1], "solution exact, forward part 0", 60, 3)
        grid[1, 0].set_xlim(0, 80)
        far = grid[1, 1]
        far.set(yscale="linear", xlim=(0, 100), ylim=(0, 9.5))
        for axes in grid[:, 0]:
            axes.set_ylabel("relative error")
        handles = [style.handle(label, color=colour, linestyle=line) for label, colour, line in PARTS.values()]
        style.legend(figure, [*handles, *style.run_handles(fresh)[1:]], 3 if fresh is not None else 2)
        return figure


def _seen(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["error"] > FLOOR]


def _line(axes: Axes, table: pd.DataFrame) -> None:
    for name, (_, colour, look) in PARTS.items():
        rows = table[(table["quantity"] == name) & (table["value"] > FLOOR)]
        axes.plot(rows["K"], rows["value"], color=colour, linestyle=look, linewidth=2.6 if name == "total" else 1.8)


def _points(axes: Axes, table: pd.DataFrame) -> None:
    for name, (_, colour, _) in PARTS.items():
        rows = table[(table["quantity"] == name) & (table["value"] > FLOOR) & (table["K"] % 10 == 0)]
        style.open_markers(axes, colour, "o", rows["K"], rows["value"], markersize=4.5)
