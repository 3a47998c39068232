"""Adversarial search: maximize lhs/rhs over the points that the hypotheses allow.

Starts at every corner of the domain and at seeded random points, refines the best of them locally, and turns a
violation into an exact rational point before anything may be called false.
"""

from __future__ import annotations

import contextlib
import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np
import sympy as sp
from scipy.optimize import minimize

from .claim import Counterexample, Search, Statement

Point = Mapping[str, Any]
LARGEST = 1e300  # an overflowing ratio is a violation too


@dataclass(frozen=True)
class Axis:
    """One coordinate of a search domain: a range, and how the unit interval is laid over it."""

    name: str
    low: float
    high: float
    scale: Literal["linear", "log", "integer", "log-integer"] = "linear"

    def value(self, fraction: float) -> float | int:
        """The coordinate at `fraction` in [0, 1]."""
        if self.scale.startswith("log"):
            value = self.low * (self.high / self.low) ** fraction
        else:
            value = self.low + (self.high - self.low) * fraction
        return round(value) if self.scale.endswith("integer") else value


@dataclass(frozen=True)
class Domain:
    """Axes, and the map from raw coordinates to a point that satisfies the hypotheses by construction.

    `point` must use only field operations, so that it maps rational coordinates to rational points.
    """

    axes: tuple[Axis, ...]
    point: Callable[..., Point]

    def at(self, unit: np.ndarray) -> Point:
        """The point at `unit`, an array of shape (axes,) with entries in [0, 1]."""
        return self.point(**self.coordinates(unit))

    def coordinates(self, unit: np.ndarray) -> dict[str, float | int]:
        return {axis.name: axis.value(float(f)) for axis, f in zip(self.axes, np.clip(unit, 0, 1), strict=True)}

    def exact(self, unit: np.ndarray, denominator: int) -> Point:
        """The point at rational coordinates near `unit`; integers stay integers."""
        rational = {
            name: value if isinstance(value, int) else Fraction(value).limit_denominator(denominator)
            for name, value in self.coordinates(unit).items()
        }
        return self.point(**rational)


def maximize(
    sentence: str,
    ratio: Callable[[Point], float],
    domain: Domain,
    *,
    seed: int = 0,
    random_starts: int = 400,
    refined: int = 6,
) -> tuple[Search, list[np.ndarray]]:
    """Maximize `ratio` over `domain`.

    Returns the search record and the unit coordinates of the best point, followed by the other starts in falling order.
    """
    evaluations = 0

    def value(unit: np.ndarray) -> float:
        nonlocal evaluations
        evaluations += 1
        result = ratio(domain.at(unit))
        return -math.inf if math.isnan(result) else min(result, LARGEST)

    m = len(domain.axes)
    rng = np.random.default_rng(seed)
    starts = [np.array(c, dtype=float) for c in itertools.product((0.0, 0.5, 1.0), repeat=m)]
    starts += list(rng.random((random_starts, m)))
    scored = sorted(((value(start), i) for i, start in enumerate(starts)), reverse=True)
    best_value, best_unit = scored[0][0], starts[scored[0][1]]
    for _, i in scored[:refined]:
        answer = minimize(
            lambda unit: -max(value(np.clip(unit, 0, 1)), -LARGEST),
            starts[i],
            method="Nelder-Mead",
            options={"maxfev": 60 * m, "initial_simplex": _simplex(starts[i])},
        )
        if -answer.fun > max(best_value, -LARGEST):
            best_value, best_unit = -float(answer.fun), np.clip(answer.x, 0, 1)
    at = {name: float(v) if isinstance(v, float) else v for name, v in domain.at(best_unit).items()}
    return Search(sentence, float(best_value), at, evaluations, seed), [best_unit, *(starts[i] for _, i in scored)]


def _simplex(start: np.ndarray) -> np.ndarray:
    """A starting simplex that leans into the unit cube, so that corners can move."""
    steps = np.where(start > 0.5, -0.15, 0.15)
    return np.vstack([start, start + np.diag(steps)])


def refute(statement: Statement, point: Point, left: sp.Expr, broken_step: str) -> Counterexample | None:
    """The counterexample at an exact `point`, or None when the point violates a hypothesis or refutes nothing."""
    exact = {name: sp.sympify(value) for name, value in point.items()}
    if not statement.allows(exact):
        return None
    candidate = Counterexample(exact, sp.sympify(left), sp.sympify(statement.right_side(exact)), broken_step)
    return candidate if candidate.exact else None


def exact_violation(
    statement: Statement,
    left_side: Callable[[Point], sp.Expr],
    domain: Domain,
    units: Sequence[np.ndarray],
    broken_step: str,
    denominators: tuple[int, ...] = (10, 100, 1000, 10_000),
    first: Sequence[Point] = (),
) -> Counterexample | None:
    """An exact rational counterexample: one of the points `first`, else one near the `units` in their order, the
    simplest that survives the re-check; or None.
    """

    def near() -> Iterator[Point]:
        for unit in units:
            for denominator in denominators:
                with contextlib.suppress(ZeroDivisionError):  # a coordinate rounded to zero
                    yield domain.exact(unit, denominator)

    for candidate_point in (*first, *near()):
        point = {n: sp.Rational(v) for n, v in candidate_point.items()}
        if statement.allows(point) and (found := refute(statement, point, left_side(point), broken_step)):
            return found
    return None
