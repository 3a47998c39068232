"""Exact counterexamples off the quadratic class: functions of one variable with piecewise-linear derivative.

A function of one variable is L-smooth and mu-strongly convex if its derivative is continuous and piecewise
linear with every slope in [mu, L]. With rational knots, rational step size and rational sqrt(mu s) all
iterates of GD and NAG are rational, so an inequality between them is decided without rounding. Searches run
in floating point; what they return is evaluated again in `fractions.Fraction`, and only that evaluation
counts.

Why NAG's quadratic bound must fail here: in the units tau^k of the bound, a run that swings through the
minimizer can gain energy on every swing if the curvature it meets on the way out differs from the curvature
at the turning point, at every scale again. Knots at well-chosen scales make the swings resonate.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from duality.ledger.claim import Statement
from duality.quadratic import rates
from duality.quadratic.arithmetic import exact, exact_root
from duality.quadratic.methods import nag_momentum

Rational = int | Fraction


@dataclass(frozen=True)
class PiecewiseGradient:
    """The derivative of a function of one variable: linear between points (y, g), the outer slopes beyond.

    points: at least one pair (y, g), y strictly increasing; left, right: the slopes of the two outer pieces.
    Raises `ValueError` if the points are not in order.
    """

    points: tuple[tuple[Fraction, Fraction], ...]
    left: Fraction
    right: Fraction

    def __post_init__(self) -> None:
        ys = [y for y, _ in self.points]
        if not ys or any(b <= a for a, b in zip(ys, ys[1:], strict=False)):
            raise ValueError("points need at least one pair (y, g), with y strictly increasing")

    def __call__(self, y: Rational) -> Fraction:
        i = bisect_right(self.points, y, key=lambda point: point[0])
        y0, g0 = self.points[max(i - 1, 0)]
        slope = self.left if i == 0 else self.right if i == len(self.points) else self._slope(i)
        return g0 + slope * (y - y0)

    def _slope(self, i: int) -> Fraction:
        (y0, g0), (y1, g1) = self.points[i - 1 : i + 1]
        return (g1 - g0) / (y1 - y0)

    def slopes(self) -> tuple[Fraction, ...]:
        """All slopes from left to right, one more than there are points."""
        return (self.left, *(self._slope(i) for i in range(1, len(self.points))), self.right)

    def in_class(self, mu: Rational, L: Rational) -> bool:
        """Whether the function is L-smooth and mu-strongly convex with its minimizer at 0."""
        return self(0) == 0 and all(mu <= slope <= L for slope in self.slopes())


def from_slopes(knots: Sequence[Rational], slopes: Sequence[Rational]) -> PiecewiseGradient:
    """The derivative with the given knots and slopes that vanishes at 0; `len(slopes) == len(knots) + 1`.

    >>> from_slopes([-1, 0, 2], [1, 5, 1, 5])(3)
    Fraction(7, 1)
    """
    if len(slopes) != len(knots) + 1:
        raise ValueError(f"{len(knots)} knots need {len(knots) + 1} slopes, got {len(slopes)}")
    ys, g = [Fraction(y) for y in knots], Fraction(0)
    points = [(ys[0], g)]
    for slope, a, b in zip(slopes[1:-1], ys, ys[1:], strict=False):
        g += slope * (b - a)
        points.append((b, g))
    raw = PiecewiseGradient(tuple(points), Fraction(slopes[0]), Fraction(slopes[-1]))
    shift = raw(0)
    return PiecewiseGradient(tuple((y, v - shift) for y, v in points), raw.left, raw.right)


def nag_iterates(
    gradient: Callable[[Fraction], Fraction],
    x0: Rational,
    mu: Rational,
    s: Rational,
    k: int,
    tilt: Rational = 0,
) -> list[Fraction]:
    """NAG (R eq. 24) on f + tilt x, exactly: x_0, ..., x_k."""
    beta, s = nag_momentum(exact_root(Fraction(mu) * Fraction(s))), Fraction(s)
    xs = [Fraction(x0)]
    y = xs[0]
    for _ in range(k):
        xs.append(y - s * (gradient(y) + tilt))
        y = xs[-1] + beta * (xs[-1] - xs[-2])
    return xs


@dataclass(frozen=True)
class OffClass:
    """A function outside the quadratic class at which a bound printed for quadratics is broken, exactly.

    point: the symbols of the statement by name; lhs, rhs: the two sides of the statement.
    """

    statement: Statement
    gradient: PiecewiseGradient
    point: Mapping[str, Fraction]
    lhs: Fraction
    rhs: Fraction

    @property
    def ratio(self) -> float:
        return float(self.lhs / self.rhs)

    @property
    def holds_up(self) -> bool:
        """The function is in the class, the point within the hypotheses, the left side strictly larger."""
        in_class = self.point["mu"] > 0 and self.gradient.in_class(self.point["mu"], self.point["L"])
        in_range = all(h.holds(self.point) for h in rates.without_eigenvalue(self.statement))
        return in_class and in_range and self.lhs > self.rhs


def right_side(statement: Statement, point: Mapping[str, Rational]) -> Fraction:
    """The right-hand side at a rational point. Raises `ValueError` if it is not rational there."""
    value = statement.right_side(point)
    if not isinstance(value, sp.Rational):
        raise ValueError(f"the bound is not rational at this point: {value}")
    return exact(value)


def two_scale_gradient(mu: Rational, L: Rational, a: Rational, c: Rational) -> PiecewiseGradient:
    """Slopes mu, L, mu, L, knots -a, 0, c: steep near the minimizer on the left, far from it on the right."""
    return from_slopes([-Fraction(a), 0, Fraction(c)], [mu, L, mu, L])


def _knot_grid(start: int) -> list[int]:
    """1, 2, ..., 9, 10, 20, ... below `start`: one significant digit at every scale."""
    powers = [10**e for e in range(len(str(start)))]
    return [d * p for p in powers for d in range(1, 10) if d * p < start]


def _swings(mu: float, L: float, s: float, x0: float, knots: Sequence[int], k: int) -> np.ndarray:
    """NAG in floating point on `two_scale_gradient`, all pairs of knots: x_0, ..., x_k, shape (k+1, n, n)."""
    a, c = np.meshgrid(np.array(knots, float), np.array(knots, float), indexing="ij")
    beta = nag_momentum(math.sqrt(mu * s))
    xs = [np.full(a.shape, x0)]
    y = xs[0]
    for _ in range(k):
        steep = np.where(y > 0, np.maximum(y - c, 0), np.maximum(y, -a))
        xs.append(y - s * (mu * y + (L - mu) * steep))
        y = xs[-1] + beta * (xs[-1] - xs[-2])
    return np.array(xs)


def _first_violation(
    statement: Statement,
    measure: Callable[[Any, int], Any],
    mu: Rational,
    L: Rational,
    s: Rational,
    start: int,
    iterations: Iterable[int],
) -> OffClass | None:
    """The smallest k, then the smallest knots, at which a two-scale function breaks it, or None.

    `measure` maps a run x_0, x_1, ... (numbers or arrays of them) and k to the left-hand side.
    """
    knots, last = _knot_grid(start), max(iterations)
    candidates = []
    for sign in (1, -1):
        xs = _swings(float(mu), float(L), float(s), float(sign * start), knots, last + 1)
        for k in iterations:
            point = {"mu": mu, "L": L, "s": s, "k": k, rates.START.name: start}
            bound = float(right_side(statement, point))
            excess = measure(xs, k) > bound
            candidates += [(k, knots[i] + knots[j], knots[i], knots[j], sign) for i, j in np.argwhere(excess)]
    for k, _, a, c, sign in sorted(candidates):
        point = {"mu": mu, "L": L, "s": s, "k": k, rates.START.name: start}
        gradient = two_scale_gradient(mu, L, a, c)
        lhs = Fraction(measure(nag_iterates(gradient, sign * start, mu, s, k + 1), k))
        example = OffClass(
            statement,
            gradient,
            {name: Fraction(value) for name, value in point.items()} | {"x_0": Fraction(sign * start)},
            lhs,
            right_side(statement, point),
        )
        if example.holds_up:
            return example
    return None


def nag_convergence(
    mu: Rational = 1, L: Rational = 5, s: Rational = Fraction(1, 4), start: int = 500, k_max: int = 20
) -> OffClass | None:
    """R Thm A.3 off the class: the earliest violation among two-scale functions, or None up to `k_max`.

    Both sides squared, as printed. The default is the largest step of the printed range, s = 4/(3L + mu), u =
    1/2.
    """
    return _first_violation(
        rates.NAG_CONVERGENCE, lambda xs, k: xs[k + 1] ** 2 + xs[k] ** 2, mu, L, s, start, range(k_max + 1)
    )


def nag_convergence_sharp(
    mu: Rational = 1, L: Rational = 5, s: Rational = Fraction(1, 4), start: int = 500, k_max: int = 8
) -> OffClass | None:
    """The exact quadratic value tau^k (1 + k u) off the class: the earliest violation, or None."""
    return _first_violation(rates.NAG_CONVERGENCE_SHARP, lambda xs, k: abs(xs[k]), mu, L, s, start, range(k_max + 1))
