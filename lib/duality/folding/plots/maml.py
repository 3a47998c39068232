"""MAML by unrolled steps, with and without the proximal term, against implicit MAML."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from duality.book import style

FLOOR = 2e-11
PLAIN, PROXIMAL = style.Look(style.ORDERED[3], (0, (6, 1.6)), "s"), style.Look(style.ORDERED[1], "-", "o")
END = 300  # where the axis has its infinity
TICKS = {1: "1", 5: "5", 11: "11", 30: "30", 100: "100", END: r"$\infty$"}
SHOTS = {4: "4 shots, 10 features", 60: "60 shots, 10 features"}


def looks(table: pd.DataFrame) -> dict[float, style.Look]:
    """How each lambda is drawn: 0, and the other one."""
    return {lam: PROXIMAL if lam else PLAIN for lam in sorted(table["lam"].unique())}


def maml(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """Above, meta-gradients against the inner steps; below, errors on new tasks after training the initialization."""
    with style.panels(2, 2, 2.9) as (figure, grid):
        for column, (shots, title) in enumerate(SHOTS.items()):
            top, bottom = grid[:, column]
            _gradients(top, recorded[(recorded["part"] == "gradient") & (recorded["shots"] == shots)])
            if fresh is not None:
                _points(top, fresh[(fresh["part"] == "gradient") & (fresh["shots"] == shots)])
            top.set(title=title, xscale="log", yscale="log", ylim=(FLOOR, 3), xlabel="inner steps $k$")
            _errors(bottom, recorded[(recorded["part"] == "training") & (recorded["shots"] == shots)])
            bottom.set(xscale="log", xlabel="inner steps $k$", ylim=(0, None))
            bottom.set_xticks(list(TICKS), list(TICKS.values()))
            bottom.minorticks_off()
        grid[0, 0].set_ylabel("distance from the limit")
        grid[1, 0].set_ylabel("error on new tasks")
        handles = [
            style.handle("without proximal term", color=PLAIN.colour, linestyle=PLAIN.line),
            style.handle("with it", color=PROXIMAL.colour, linestyle=PROXIMAL.line),
            style.handle("slope predicted", linewidth=0.9),
            style.handle("limit, implicit", linestyle="none", marker="*", markersize=11),
            style.handle("initialization 0", color=style.MUTED, linewidth=1.2, linestyle=(0, (1.2, 1.2))),
            *style.run_handles(fresh)[1:],
        ]
        style.legend(figure, handles, 3)
        return figure


def _gradients(axes: Axes, table: pd.DataFrame) -> None:
    for lam, look in looks(table).items():
        rows = table[(table["lam"] == lam) & (table["quantity"] == "distance") & (table["value"] > FLOOR)]
        axes.plot(rows["k"], rows["value"], color=look.colour, linestyle=look.line)
        last, rate = rows.iloc[-1], rows["rate"].iloc[0]
        line = rows[rows["k"] >= last["k"] / 6]["k"]
        axes.plot(line, 5 * last["value"] * rate ** (line - last["k"]), color=look.colour, linewidth=0.9)


def _points(axes: Axes, table: pd.DataFrame) -> None:
    for lam, look in looks(table).items():
        rows = table[(table["lam"] == lam) & (table["quantity"] == "distance") & (table["value"] > FLOOR)]
        style.open_markers(axes, look.colour, look.marker, rows["k"], rows["value"])


def _errors(axes: Axes, table: pd.DataFrame) -> None:
    """Means over the seeds; thin and dotted, adaptation that starts from 0."""
    for steps in (table["meta_steps"].max(), 0):
        for lam, look in looks(table).items():
            mean = table[(table["lam"] == lam) & (table["meta_steps"] == steps)].groupby("k")["value"].mean()
            unrolled = mean[mean.index > 0]
            if steps:
                axes.plot(
                    unrolled.index, unrolled, color=look.colour, linestyle=look.line, marker=look.marker, markersize=4.5
                )
                axes.plot(END, mean[0], color=look.colour, marker="*", markersize=11, linestyle="none")
            else:
                axes.plot(unrolled.index, unrolled, color=look.colour, linestyle=(0, (1.2, 1.2)), linewidth=1.2)
