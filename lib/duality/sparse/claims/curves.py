"""Ledger rows on curves of formulas: the predicted gap of T Fig 7.3, as criteria on the evaluated bound.

T prints neither the constants nor the axes of the figure. What it says: two sets of curves that differ by the speed
C_Theta; the bound rises, then falls to a constant in one of them, and rises fast, then falls slowly, in the other; and
other values of c_2, c_3, d, m lead to these two types of behaviour. Nothing here is random, so there are no false
alarms. The criteria are about the depths 1 to 200, m = 2000, and the printed bound, its root included.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import sympy as sp

from duality.ledger.claim import Claim, Statement
from duality.ledger.criteria import Declared, held_against, recorded_table

FIGURE, PROBLEMS = "plisa-bound", 2000
SEEN, LEVEL, SLOW = 0.1, 0.01, 3.0  # a fall that is seen, a constant, and how much longer than the rise a slow fall is


def curve(table: pd.DataFrame, speed: float, share: float, m: int = PROBLEMS, bound: str = "printed") -> np.ndarray:
    """The bound at depths 1, 2, …; not a number where the root is of a negative number."""
    rows = table[(table["bound"] == bound) & (table["m"] == m)]
    rows = rows[(rows["speed"] == speed) & (rows["share"] == share)].sort_values("KT")
    value = rows["radicand"].to_numpy(float)
    return np.sqrt(np.where(value < 0, np.nan, value))


def fall(values: np.ndarray) -> float:
    """How far the curve falls after its maximum, relative to that."""
    top = int(np.nanargmax(values))
    return float(1 - np.nanmin(values[top:]) / values[top])


def rises_and_falls_to_a_constant(values: np.ndarray) -> bool:
    """Up, down by a visible part, and constant in the last third."""
    last = values[2 * len(values) // 3 :]
    return bool(np.nanargmax(values) > 0 and fall(values) >= SEEN and np.ptp(last) <= LEVEL * np.nanmax(values))


def rises_fast_and_falls_slowly(values: np.ndarray) -> bool:
    """Up, and then down by a visible part until the end, for at least three times as many layers."""
    top = int(np.nanargmax(values))
    return bool(top > 0 and len(values) - 1 - top >= SLOW * top and (np.diff(values[top:]) < 0).all()) and (
        fall(values) >= SEEN
    )


def kinds(table: pd.DataFrame, m: int = PROBLEMS) -> dict[tuple[float, float], str]:
    """Which of the two shapes each curve has, by speed and share; '' for neither."""
    found = {}
    for speed, share in sorted({(row.speed, row.share) for row in table[["speed", "share"]].itertuples()}):
        values = curve(table, speed, share, m)
        if np.isnan(values).all():
            found[speed, share] = "undefined"
        elif rises_and_falls_to_a_constant(values):
            found[speed, share] = "to a constant"
        else:
            found[speed, share] = "slowly" if rises_fast_and_falls_slowly(values) else ""
    return found


def both_shapes(table: pd.DataFrame) -> tuple[bool, str]:
    """Whether, for some constants, the speed alone makes the difference between the shapes."""
    shapes = kinds(table)
    shares = sorted({share for _, share in shapes})
    good = [
        share
        for share in shares
        if {"to a constant", "slowly"} <= {kind for (_, other), kind in shapes.items() if other == share}
    ]
    words = "; ".join(
        f"c₂/(c₃d) = {share:g}: "
        + ", ".join(f"C = {speed:g} {kind or 'neither'}" for (speed, o), kind in shapes.items() if o == share)
        for share in shares
    )
    return bool(good), words


def defined(table: pd.DataFrame) -> tuple[bool, str]:
    """Whether the bound is a number at every recorded depth, for every m."""
    rows = table[table["bound"] == "printed"]
    missing = rows[~rows["defined"]]
    share = missing.groupby("m").size() / rows.groupby("m").size()
    return missing.empty, "share of depths without a number: " + ", ".join(
        f"m = {m}: {value:.2g}" for m, value in share.fillna(0).items()
    )


def always(table: pd.DataFrame) -> tuple[bool, str]:
    """Whether every curve falls visibly somewhere."""
    found = {key: fall(curve(table, *key)) for key in kinds(table)}
    least = min(found, key=lambda key: found[key])
    count = sum(value >= SEEN for value in found.values())
    return count == len(found), (
        f"{count} of {len(found)} curves; the smallest fall is {found[least]:.2g}, at C = {least[0]:g}, "
        f"c₂/(c₃d) = {least[1]:.2g}"
    )


CRITERIA = (
    Declared(
        "With all other constants fixed, one speed gives a rise, a fall by a tenth or more and a constant, and another "
        "a rise and a fall by a tenth or more that lasts at least three times as long as the rise.",
        both_shapes,
        0.0,
    ),
    Declared("The bound is a real number at every depth, for m = 1, 10, 100, 2000.", defined, 0.0),
    Declared(
        "Every choice of speed and of c₂/(c₃d), the one with all constants 1 and d = 256 included, gives a bound that "
        "falls by a tenth or more.",
        always,
        0.0,
    ),
)

CLAIMS = (
    Claim(
        "fig-plisa-bound",
        "H",
        "figure",
        "The two shapes of the predicted gap",
        "T Fig 7.3",
        Statement(
            sp.true,
            (),
            "The bound of Theorem 7.5.1 against $KT$ rises and then falls to a constant, or rises fast and then falls "
            "slowly, depending on $C_\\Theta$; other values of $c_2,c_3,d,m$ lead to the same two types of behaviour.",
        ),
        held_against(
            CRITERIA,
            partial(recorded_table, FIGURE),
            "the printed expression, depths 1 to 200, five speeds from 0.003 to 0.3, four ratios c₂/(c₃d) from 1/256 "
            "to 10; shapes at m = 2000",
        ),
    ),
)
