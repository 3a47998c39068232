"""The house style: every method keeps its colour, line and marker, so that none of them carries the meaning
alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

WIDTH = 7.0  # inches; a phone shows that at half size, hence the large type
INK, MUTED = "#222222", "#6b6b6b"


Options = dict[str, Any]


class Look(NamedTuple):
    """How a method is drawn."""

    colour: str
    line: Any
    marker: str


# colours of Okabe and Ito
LOOKS: Mapping[str, Look] = {
    "GD": Look("#0072B2", "-", "o"),
    "NAG": Look("#D55E00", (0, (6, 1.6)), "s"),
    "Chebyshev": Look("#009E73", (0, (1.2, 1.2)), "D"),
    "heavy ball": Look("#AA4499", (0, (5, 1.5, 1.2, 1.5)), "^"),
    "RNN": Look("#332288", (0, (3, 2)), "v"),
}
# for families of curves that are ordered, such as condition numbers
ORDERED = ("#332288", "#0072B2", "#009E73", "#D55E00", "#AA4499")
ORDERED_MARKERS = ("o", "s", "D", "^", "v")
ORDERED_LINES: tuple[Any, ...] = ("-", (0, (6, 1.6)), (0, (5, 1.5, 1.2, 1.5)), (0, (1.2, 1.2)), (0, (3, 2)))

# what every panel marks: the first k at which two curves have changed places
CROSS: Options = {"linestyle": "none", "marker": "*", "markersize": 11, "color": INK, "zorder": 5}

# over seaborn's "ticks"; the font is named, so that a drawing does not depend on what the machine has installed
RC: Any = {
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 11,
    "axes.labelsize": 11,
    "axes.titlesize": 11.5,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.titlepad": 7,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "legend.fontsize": 10,
    "legend.frameon": False,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e3e3e3",
    "grid.linewidth": 0.8,
    "lines.linewidth": 2.0,
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "mathtext.fontset": "dejavusans",
    "svg.fonttype": "path",
}


@contextmanager
def panels(rows: int, columns: int, height: float, **options: Any) -> Iterator[tuple[Figure, Any]]:
    """A figure of the house width with `rows` x `columns` panels, each `height` inches tall.

    Everything drawn in the block has the house style. The figure is closed at the end, so that a notebook
    shows it once: as the value of the cell.
    """
    with plt.rc_context(sns.axes_style("ticks") | RC):
        figure, axes = plt.subplots(
            rows, columns, figsize=(WIDTH, rows * height), squeeze=False, layout="constrained", **options
        )
        figure.get_layout_engine().set(h_pad=0.06, w_pad=0.06, hspace=0.04, wspace=0.04)
        try:
            yield figure, axes
        finally:
            plt.close(figure)


def line(axes: Axes, method: str, x: Any, y: Any, **options: Any) -> None:
    """A recorded curve of a method."""
    look = LOOKS[method]
    drawn: Options = {"color": look.colour, "linestyle": look.line, "solid_capstyle": "round"}
    axes.plot(x, y, **drawn | options)


def fresh_points(axes: Axes, method: str, x: Any, y: Any, **options: Any) -> None:
    """Points of a fresh quick run: open markers, large enough to be seen on a curve."""
    look = LOOKS[method]
    open_markers(axes, look.colour, look.marker, x, y, **options)


def open_markers(axes: Axes, colour: str, marker: str, x: Any, y: Any, **options: Any) -> None:
    """Open markers without a line."""
    style: Options = {"markersize": 5.8, "markeredgewidth": 1.4, "markerfacecolor": "white", "zorder": 4} | options
    axes.plot(x, y, linestyle="none", color=colour, marker=marker, markeredgecolor=colour, **style)


def handle(label: str, **options: Any) -> Line2D:
    """An entry of a legend that is put together by hand."""
    return Line2D([], [], **{"label": label, "color": INK} | options)


def method_handles(methods: Iterable[str], **options: Any) -> list[Line2D]:
    """Legend entries for methods drawn as lines."""
    return [handle(name, **{"color": LOOKS[name].colour, "linestyle": LOOKS[name].line} | options) for name in methods]


def run_handles(fresh: Any) -> list[Line2D]:
    """Legend entries that tell recorded lines from fresh points; none when there are no fresh points."""
    if fresh is None:
        return []
    open_point = {"linestyle": "none", "marker": "o", "markerfacecolor": "white", "markersize": 5.8}
    return [handle("recorded", linewidth=2), handle("this run", **open_point)]


def legend(figure: Figure, handles: list[Line2D], columns: int | None = None) -> None:
    """One legend above all panels."""
    figure.legend(handles=handles, loc="outside upper center", ncols=columns or len(handles), handlelength=2.6)


def iterations_axis(row: Iterable[Axes], k_max: int, label: str = "iteration $k$") -> None:
    """A logarithmic axis of iteration numbers with plain numbers on it."""
    fine, medium, coarse = (1, 2, 3, 5, 10, 20, 30, 50), (1, 2, 5, 10, 20, 50, 100, 200), (1, 3, 10, 30, 100, 300, 1000)
    ticks = [k for k in (fine if k_max < 100 else medium if k_max < 400 else coarse) if k <= k_max]
    for axes in row:
        axes.set_xscale("log")
        axes.set_xticks(ticks, [str(k) for k in ticks])
        axes.minorticks_off()
        axes.set_xlabel(label)


def note(axes: Axes, text: str, x: float, y: float, **options: Any) -> None:
    """A small remark inside a panel, at data coordinates."""
    look: Options = {"fontsize": 9.5, "color": MUTED}
    axes.annotate(text, (x, y), **look | options)
