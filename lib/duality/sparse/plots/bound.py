"""The printed generalization bound against the depth, and the one that is proved."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from duality.book import style

HEAVY, LIGHT, MIDDLE = 1.0, 0.00390625, 0.03  # shares and the speed that is shown for several m
PROBLEMS = 2000


def bound(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """Heavy and light first logarithm, several m, and the proved bound."""
    with style.panels(2, 2, 2.9) as (figure, grid):
        speeds, ms = sorted(recorded["speed"].unique()), sorted(recorded["m"].unique())
        one, two, three, four = grid.flat
        for number, speed in enumerate(speeds):
            for axes, share, name in ((one, HEAVY, "printed"), (two, LIGHT, "printed"), (four, LIGHT, "proved")):
                _curve(axes, recorded, fresh, number, speed=speed, share=share, m=PROBLEMS, bound=name)
        for number, m in enumerate(ms):
            _curve(three, recorded, fresh, number, speed=MIDDLE, share=HEAVY, m=m, bound="printed")
        one.set_title("Printed, $c_2=c_3d$")
        two.set_title("Printed, $c_2=c_3$, $d=256$")
        three.set_title("Printed, $C_\\Theta=0.03$")
        four.set_title("Proved, $p=d=256$")
        lines = [style.handle(f"$m={m}$", linestyle=style.ORDERED_LINES[i], color=style.ORDERED[i], linewidth=1.6)
                 for i, m in enumerate(ms)]  # fmt: skip
        three.legend(handles=lines, loc="lower right", fontsize=9, ncols=2)
        for axes in grid.flat:
            axes.set(xlim=(0, 200), ylim=(0, None))
        three.set(yscale="log", ylim=(0.015, 4))
        for axes in grid[1]:
            axes.set_xlabel("depth $KT$")
        for axes in grid[:, 0]:
            axes.set_ylabel(r"root, over $\sqrt{d}$")
        handles = [
            style.handle(f"$C_\\Theta={speed:g}$", linestyle=style.ORDERED_LINES[i], color=style.ORDERED[i])
            for i, speed in enumerate(speeds)
        ]
        style.legend(figure, [*handles, *style.run_handles(fresh)[1:]], 5 if fresh is None else 3)
        return figure


def _curve(axes: Axes, recorded: pd.DataFrame, fresh: pd.DataFrame | None, number: int, **where: object) -> None:
    rows = _rows(recorded, where)
    colour = style.ORDERED[number]
    axes.plot(rows["KT"], np.sqrt(rows["radicand"]), color=colour, linestyle=style.ORDERED_LINES[number])
    if fresh is not None:
        points = _rows(fresh, where)
        points = points[points["KT"] % 25 == 0]
        style.open_markers(axes, colour, "o", points["KT"], np.sqrt(points["radicand"]), markersize=4.5)


def _rows(table: pd.DataFrame, where: dict[str, object]) -> pd.DataFrame:
    for name, value in where.items():
        table = table[table[name] == value]
    return table[table["defined"]]
