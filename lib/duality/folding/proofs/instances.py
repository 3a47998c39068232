"""Unrolled maps on the line whose gradient error is run step by step: the adversaries of the bound on unrolling.

U(x, c) = (phi - m c) x + (1 - phi) J c at c = 0: a gradient step on a quadratic whose curvature and linear term depend
on c. Its fixed point is x* = 0 with dx*/dc = J, and r_j = -m x_j.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from duality.folding.rates.unrolling import DRIVE, J_NORM, SLOPE, START, D, K, M, q
from duality.ledger.search import Axis, Domain

Point = Mapping[str, Any]


def point(q_: Any, f: Any, M_: Any, u: Any, D_: Any, v: Any, J: Any, steps: int) -> dict[str, Any]:
    """The map with phi = f q, m = u M, x_0 = v D; inside the hypotheses for f, u, v in [-1, 1]."""
    named = {q.name: q_, M.name: M_, D.name: D_, J_NORM.name: abs(J), K.name: steps}
    sizes = {SLOPE.name: abs(f * q_), DRIVE.name: abs(u * M_), START.name: abs(v * D_)}
    return named | sizes | {"phi": f * q_, "m": u * M_, "x_0": v * D_, "J": J}


def gradient_error(at: Point) -> Any:
    """|J_K - J*| by running x - x*(c) and its derivative together: relative to x*(c), nothing cancels."""
    phi, m, x, error = at["phi"], at["m"], at["x_0"], -at["J"]
    for _ in range(int(at[K.name])):
        x, error = phi * x, phi * error - m * x
    return abs(error)


UNROLLED = Domain(
    (
        Axis("q_", 0.01, 0.999),
        Axis("f", -1, 1),
        Axis("M_", 0.1, 2),
        Axis("u", -1, 1),
        Axis("D_", 0.1, 2),
        Axis("v", -1, 1),
        Axis("J", 0, 1),
        Axis("steps", 1, 30, "integer"),
    ),
    point,
)
ABLATIONS: Mapping[str, Point] = {
    "slope": point(1, 2, 1, 1, 1, 1, 1, 3) | {q.name: 1},
    "drive": point(1, 1, 1, 2, 1, 1, 1, 3),
    "start": point(1, 1, 1, 1, 1, 2, 1, 3),
}
