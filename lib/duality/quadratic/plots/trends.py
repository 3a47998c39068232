"""Four panels against k: error, stability, sensitivity, and the product of the first two."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from duality.book import style
from duality.quadratic.plots.crossings import crossings

PANELS = (
    ("Cvg", "Worst error", r"Cvg$(k)$", "log"),
    ("Stab_b", "Stability", r"$\mu\,$Stab$(k)$", "linear"),
    ("Sens range", r"Sensitivity, thick: on $[c_0, s_{\max}]$", r"Sens$(k)\,/L$", "log"),
    ("product", "Error times stability", r"$\mu\,$Cvg$\,\cdot\,$Stab$_b$", "linear"),
)
OWN: style.Options = {"linewidth": 2.4}
COMMON: style.Options = {"linewidth": 1.0}


def trends(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """The panels at the smallest condition number of the recorded table."""
    return trends_at(recorded, float(recorded["kappa"].min()), fresh)


def trends_at(recorded: pd.DataFrame, kappa: float, fresh: pd.DataFrame | None = None) -> Figure:
    """The panels at one condition number. Raises `ValueError` when the table does not hold it."""
    here = recorded[recorded["kappa"] == kappa]
    if here.empty:
        known = ", ".join(f"{value:g}" for value in sorted(recorded["kappa"].unique()))
        raise ValueError(f"no rows with kappa = {kappa:g}; the table holds {known}")
    now = None if fresh is None else fresh[fresh["kappa"] == kappa]
    with style.panels(2, 2, 2.8, sharex=True) as (figure, grid):
        for axes, (quantity, title, label, scale) in zip(grid.flat, PANELS, strict=True):
            axes.set(title=title, ylabel=label, yscale=scale)
            _panel(axes, here, now, quantity)
        style.iterations_axis(grid[-1], int(here["k"].max()), f"iteration $k$   ($\\kappa = {kappa:g}$)")
        error, stability, sensitivity, product = grid.flat
        error.set_ylim(max(error.get_ylim()[0], 3e-6), 1.5)
        sensitivity.set_ylim(bottom=max(sensitivity.get_ylim()[0], 3e-4))
        _brackets(stability, here)
        stability.set_ylim(0, 1.05)
        product.axhline(0.25, color=style.MUTED, linewidth=1, linestyle=":")
        style.note(product, "1/4", 1, 0.252, va="bottom")
        product.set_ylim(0, 0.285)
        handles = [
            *style.method_handles(("GD", "NAG")),
            style.handle("own largest step", **OWN),
            style.handle("common step", **COMMON),
            style.handle("order changes", **style.CROSS),
            *style.run_handles(fresh),
        ]
        if (here["quantity"] == "Stab_Q lower").any():
            handles.insert(5, style.handle("Stab$_Q$, own step", linestyle="none", marker="x"))
        style.legend(figure, handles, 3 if fresh is None else 4)
        return figure


def _panel(axes: Axes, table: pd.DataFrame, fresh: pd.DataFrame | None, quantity: str) -> None:
    """Own steps thick, the common step thin; over a range of steps there is only one curve per method."""
    for step, look in (("common", COMMON), ("own", OWN)):
        name = "Sens" if quantity == "Sens range" and step == "common" else quantity
        curves = {}
        for method in ("GD", "NAG"):
            curves[method] = _curve(table, name, method, step)
            style.line(axes, method, curves[method].index, curves[method], **look)
            if fresh is not None and step == "own":
                points = _curve(fresh, name, method, step)
                style.fresh_points(axes, method, points.index, points)
        if quantity != "product":
            _mark_crossings(axes, curves["GD"], curves["NAG"])


def _mark_crossings(axes: Axes, first: pd.Series, second: pd.Series) -> None:
    beside = (8, 6) if first.iloc[-1] < first.iloc[0] else (8, -13)  # off the curves, falling or rising
    for cross in crossings(list(first.index), list(first), list(second)):
        axes.plot(cross.k, cross.value, **style.CROSS)
        if cross.after == cross.before + 1:
            style.note(
                axes, f"$k={cross.after}$", cross.k, cross.value,
                xytext=beside, textcoords="offset points", color=style.INK,
            )  # fmt: skip


def _curve(table: pd.DataFrame, quantity: str, method: str, step: str) -> pd.Series:
    rows = table[(table["quantity"] == quantity) & (table["method"] == method) & (table["step"] == step)]
    return rows.sort_values("k").set_index("k")["value"]


def _brackets(axes: Axes, table: pd.DataFrame) -> None:
    for method in ("GD", "NAG"):
        lower, upper = (_curve(table, f"Stab_Q {end}", method, "own") for end in ("lower", "upper"))
        axes.vlines(lower.index, lower, upper, color=style.LOOKS[method].colour, linewidth=1.2)
        axes.plot(lower.index, lower, "x", color=style.LOOKS[method].colour, markersize=5)
