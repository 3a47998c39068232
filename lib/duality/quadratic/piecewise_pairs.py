"""Exact counterexamples off the quadratic class for two runs: the sensitivity and the stability of NAG.

Idea. Let f' follow a straight line g = m y, so that the first run is the quadratic one, except in tiny
intervals around a few of its points y_j, where f' is as steep as the class allows (slope L) and returns to
the line with slope mu. The first run sits in the centre of each interval and notices nothing. A second run
nearby meets slope L at the chosen steps and slope m at the others: its distance obeys a linear recursion
whose coefficient is *switched*, which a quadratic cannot do, and NAG's momentum makes the switched recursion
grow although each of its two systems contracts. The schedule of steep steps is found by maximizing the
distance over all schedules in floating point; the function is then built and both runs are made in exact
fractions.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from duality.ledger.claim import Statement
from duality.quadratic import rates
from duality.quadratic.arithmetic import FLOAT, exact_root
from duality.quadratic.methods import Nesterov, nag_momentum
from duality.quadratic.piecewise import OffClass, PiecewiseGradient, Rational, nag_iterates, right_side

_ANGLES = np.linspace(0, math.pi, 181)[:-1]
_DIRECTIONS = np.array([np.cos(_ANGLES), np.sin(_ANGLES)])
MARGIN = 1.02  # asked of the linearized distance, so that the exact one still exceeds the bound


@dataclass(frozen=True)
class Family:
    """NAG on a function that follows the line g = m y from x_0 = 1: mu, L, m and the step size s.

    Raises `ValueError` unless mu < m < L: the line must be left by a steeper piece and reached again by a
    flatter one.
    """

    mu: Fraction
    L: Fraction
    m: Fraction
    s: Fraction

    def __post_init__(self) -> None:
        if not self.mu < self.m < self.L:
            raise ValueError(f"need mu < m < L, got mu = {self.mu}, m = {self.m}, L = {self.L}")

    @property
    def u(self) -> Fraction:
        return exact_root(self.mu * self.s)

    def path(self, k: int) -> list[Fraction]:
        """The points y_0, ..., y_{k-1} at which the first run takes its gradients."""
        beta = nag_momentum(self.u)
        xs = nag_iterates(lambda y: self.m * y, 1, self.mu, self.s, k)
        return [xs[0]] + [b + beta * (b - a) for a, b in zip(xs, xs[1:-1], strict=False)]


def _schedule(
    family: Family, force: Callable[[int], tuple[float, float]], bound: Callable[[int], float], k_max: int
) -> tuple[int, tuple[bool, ...], list[float]] | None:
    """The smallest k at which some schedule of steep steps pushes the linearized distance past the bound.

    The distance obeys eta_j = (1+beta) d_j - beta d_{j-1} + p_j, d_{j+1} = (1 - s slope_j) eta_j - q_j with
    slope_j in {m, L} and (p_j, q_j) = force(j). Only the pairs (d_j, d_{j-1}) that are extreme in one of 180
    directions are kept. Returns k, the schedule, and the displacements eta_j along it; None if `k_max` does
    not suffice.
    """
    s, beta = float(family.s), float(nag_momentum(family.u))
    pairs = np.zeros((1, 2))
    schedules: list[tuple[bool, ...]] = [()]
    displacements: list[list[float]] = [[]]
    for j in range(k_max):
        p, q = force(j)
        eta = (1 + beta) * pairs[:, 0] - beta * pairs[:, 1] + p
        branches = [np.c_[(1 - s * float(slope)) * eta - q, pairs[:, 0]] for slope in (family.m, family.L)]
        pairs = np.vstack(branches)
        displacements = [[*d, e] for _ in branches for d, e in zip(displacements, eta, strict=True)]
        schedules = [(*old, steep) for steep in (False, True) for old in schedules]
        scores = pairs / (np.abs(pairs).max(axis=0) + 1e-300) @ _DIRECTIONS
        keep = np.unique(np.r_[scores.argmax(axis=0), scores.argmin(axis=0)])
        pairs = pairs[keep]
        schedules, displacements = [schedules[i] for i in keep], [displacements[i] for i in keep]
        best = int(np.abs(pairs[:, 0]).argmax())
        if abs(pairs[best, 0]) > MARGIN * bound(j + 1):
            return j + 1, schedules[best], displacements[best]
    return None


def _one_digit_below(value: Fraction) -> Fraction:
    """The largest number of one significant digit that is at most `value` > 0."""
    exponent = math.floor(math.log10(float(value)))
    unit = Fraction(10) ** exponent
    return max(1, value // unit) * unit


def _build(family: Family, schedule: tuple[bool, ...], k: int) -> tuple[PiecewiseGradient, dict[int, Fraction]]:
    """The derivative with its steep intervals, and the half width of each by the step that uses it."""
    path, mu, L, m = family.path(k), family.mu, family.L, family.m
    stretch = (L - mu) / (m - mu)  # where slope mu has brought the derivative back to the line
    points = [(Fraction(0), Fraction(0))]
    widths = {}
    for j, centre in enumerate(path):
        if schedule[j]:
            room = min(abs(centre - other) for other in [*path[:j], *path[j + 1 :], Fraction(0)]) / 2
            w = widths[j] = _one_digit_below(room / stretch)
            inner, outer = m * centre, w * stretch
            points += [
                (centre - outer, m * (centre - outer)),
                (centre - w, inner - L * w),
                (centre + w, inner + L * w),
                (centre + outer, m * (centre + outer)),
            ]
    return PiecewiseGradient(tuple(sorted(points)), m, m), widths


def _perturbation(displacements: list[float], widths: dict[int, Fraction]) -> Fraction:
    """A power of ten so small that the second run stays well inside the steep intervals."""
    reach = min(float(w) / (4 * abs(displacements[j])) for j, w in widths.items() if displacements[j])
    return Fraction(10) ** math.floor(math.log10(reach))


def _stability(statement: Statement, family: Family, k_max: int) -> OffClass | None:
    s = float(family.s)

    def point(k: int, db: Rational) -> dict[str, Rational]:
        zero = {rates.M.name: 0, rates.DQ.name: 0}
        return {"mu": family.mu, "L": family.L, "s": family.s, "k": k, rates.DB.name: db, **zero}

    found = _schedule(family, lambda j: (0.0, s), lambda k: float(right_side(statement, point(k, 1))), k_max)
    if found is None:
        return None
    k, schedule, displacements = found
    gradient, widths = _build(family, schedule, k)
    db = _perturbation(displacements, widths)
    one, two = (nag_iterates(gradient, 1, family.mu, family.s, k, tilt) for tilt in (0, db))
    values = point(k, db)
    exact = {name: Fraction(value) for name, value in values.items()} | {"x_0": Fraction(1)}
    example = OffClass(statement, gradient, exact, abs(one[-1] - two[-1]), right_side(statement, values))
    return example if example.holds_up else None


NARROW = Family(Fraction(1), Fraction(33), Fraction(8, 5), Fraction(1, 25))
STEEP = Family(Fraction(1), Fraction(5), Fraction(11, 10), Fraction(1, 4))


def nag_stability_b(family: Family = NARROW, k_max: int = 40) -> OffClass | None:
    """R Thm A.5, second term, off the class: f against f + tilt x, both from x_0 = 1; None up to `k_max`.

    The default is the largest step of the printed range at L = 33 mu, where u = 1/5. Shifting the axis by x_0
    gives the zero start of the theorem.
    """
    return _stability(rates.NAG_STABILITY, family, k_max)


def nag_stability_b_sharp(family: Family = NARROW, k_max: int = 40) -> OffClass | None:
    """The exact quadratic value (1 - tau^k (1 + k u))/mu off the class; None up to `k_max`."""
    return _stability(rates.NAG_STABILITY_SHARP, family, k_max)


def nag_sensitivity(family: Family = STEEP, k_max: int = 50) -> OffClass | None:
    """R Thm A.4 off the quadratic class: two step sizes, one function, one start; None up to `k_max`.

    The larger step t is the family's, the smaller one (c_0 = s) is the perturbation. The default is the
    largest step of the printed range at L = 5 mu, where u = 1/2.
    """
    statement, mu, t, u = rates.NAG_SENSITIVITY, family.mu, family.s, family.u
    m = float(family.m)
    xs = [float(x) for x in nag_iterates(lambda y: family.m * y, 1, mu, t, k_max)]
    ys = [float(y) for y in family.path(k_max)]
    slope_of_beta = Nesterov(mu, t).step(FLOAT).dbeta

    def point(k: int, change: Fraction) -> dict[str, Rational]:
        s = (u - change) ** 2 / mu
        steps = {"s": s, "t": t, "c_0": s, rates.STEP_GAP.name: t - s}
        return {"mu": mu, "L": family.L, "k": k, rates.START.name: 1, **steps}

    def bound(k: int) -> float:
        values = {**point(k, Fraction(0)), rates.STEP_GAP.name: 1}
        return float(right_side(statement, values))

    def force(j: int) -> tuple[float, float]:
        return slope_of_beta * (xs[j] - xs[j - 1]) if j else 0.0, m * ys[j]

    found = _schedule(family, force, bound, k_max)
    if found is None:
        return None
    k, schedule, displacements = found
    gradient, widths = _build(family, schedule, k)
    change = _perturbation(displacements, widths)
    values = point(k, change)
    one, two = (nag_iterates(gradient, 1, mu, values[name], k) for name in ("t", "s"))
    exact = {name: Fraction(value) for name, value in values.items()} | {"x_0": Fraction(1)}
    example = OffClass(statement, gradient, exact, abs(one[-1] - two[-1]), right_side(statement, values))
    return example if example.holds_up else None


def quadratic_twin(example: OffClass, family: Family) -> Fraction:
    """lhs/rhs of a stability example on the plain quadratic g = m y: without switching the bound holds."""
    point = example.point
    one, two = (
        nag_iterates(lambda y: family.m * y, 1, family.mu, family.s, int(point["k"]), tilt)
        for tilt in (0, point[rates.DB.name])
    )
    return abs(one[-1] - two[-1]) / example.rhs
