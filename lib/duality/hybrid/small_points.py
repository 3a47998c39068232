"""Small exact classes as points of the statements: every symbol and quantity by name, and both sides of the bounds."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from duality.hybrid.covering import proper_number
from duality.hybrid.rates import generalization as rates
from duality.hybrid.rates import generalization_repaired as repaired
from duality.hybrid.small import PATTERNS, Row, SmallClass, mean, signed_supremum
from duality.ledger.search import Axis, Domain

Point = Mapping[str, Any]
# patterns of deviations with their numbers of inputs
SHAPES = (
    ("two constants", 1),
    ("two constants", 3),
    ("every sign", 2),
    ("every sign", 3),
    ("bumps", 3),
    ("bumps and Q*", 3),
)
ATOMS = (("two constants", 2), ("every sign", 2), ("bumps", 2), ("bumps and Q*", 2))
AXES = (
    Axis("shape", 0, len(SHAPES) - 1, "integer"),
    Axis("k", 1, 12, "log-integer"),
    Axis("fraction", 0.05, 1.0),  # of the largest step size 2/(mu + L)
    Axis("spread", 0.02, 0.95),  # e/m
    Axis("m", 0.1, 100.0, "log"),
)
WIDTH = Axis("width", 0.0, 0.9)  # of the interval of step sizes, relative to its middle


def small_class(shape: tuple[str, int], k: int, fraction: Any, spread: Any, m: Any, width: Any = 0) -> SmallClass:
    """A class with spectrum [m - e, m + e], e = spread m, and steps up to `fraction` of 2/(mu + L) = 1/m."""
    pattern, inputs = shape
    largest = fraction / m
    middle = largest / (1 + width)
    steps = (middle,) if width == 0 else (middle, middle * (1 - width), largest)
    return SmallClass(m, spread * m, PATTERNS[pattern](inputs), k, steps)


def contraction_point(shape: int, k: int, fraction: Any, spread: Any, m: Any, width: Any = 0) -> dict[str, Any]:
    """One sample of distinct inputs: both sides of the contraction for matrices."""
    small = small_class(SHAPES[shape], k, fraction, spread, m, width)
    low, high = min(small.steps), max(small.steps)
    return {
        "n": small.n,
        "k": k,
        "phi": high,
        "phi_0": low,
        "phi_1": high,
        "Lambda": small.log_number,
        rates.STAB.name: small.stab,
        rates.SENS.name: small.sens,
        rates.B_PHI.name: (high - low) / 2,
        repaired.RHO.name: math.sqrt(small.radius_squared),
        rates.R_LOSS.name: small.loss_complexity,
    }


def expectation_point(shape: int, n: int, fraction: Any, spread: Any, m: Any, k: int = 3) -> dict[str, Any]:
    """n samples of two equally likely inputs, all 2^n of them: expected complexities of the whole class."""
    small = small_class(ATOMS[shape], k, fraction, spread, m)
    losses = [row for phi in small.steps for row in small.losses(phi)]
    norms = [tuple(abs(lam - m) for lam in row) for row in small.energies]
    samples = list(itertools.product(range(2), repeat=n))

    def expected(rows: list[Row]) -> Any:
        return mean([signed_supremum([tuple(row[i] for i in sample) for row in rows]) for sample in samples])

    level = max(mean([x * x for x in row]) for row in norms)
    number = proper_number(
        small.energies, lambda a, b: max(abs(x - y) for x, y in zip(a, b, strict=True)) ** 2 * n <= 1
    )
    return {
        "n": n,
        "k": k,
        "B": spread * m,
        "Lambda": math.log(number),
        "r_q": level,
        **{"t": 3.0, "phi": 1, "phi_0": 1, "phi_1": 1},
        rates.STAB.name: small.stab,
        rates.SENS.name: 0,
        rates.B_PHI.name: 0,
        rates.LOSS_RMS.name: math.sqrt(max(mean([x * x for x in row]) for row in losses)),
        rates.ENERGY_SQUARE.name: level,
        rates.ER_NORM.name: expected(norms),
        rates.ER_LOSS.name: expected(losses),
    }


def level_point(shape: int, n: int, fraction: Any, spread: Any, m: Any, k: int = 3) -> dict[str, Any]:
    """The same with the level r of the losses, and r_q as R Lemma 4.2 makes it of r: b = 1, so sigma_b = 1."""
    point = expectation_point(shape, n, fraction, spread, m, k)
    root = Fraction(math.ceil(10**4 * point[rates.LOSS_RMS.name]), 10**4)
    if isinstance(m, float):
        root = float(root)  # type: ignore[assignment]
    low, high = (1 - spread) * m, (1 + spread) * m
    cvg, length = (1 - fraction / m * low) ** k, 1 / low
    lemma = {"r": root**2, "sigma_b": 1, "L": high, "M": length, rates.CVG.name: cvg}
    return point | lemma | {rates.LOSS_RMS.name: root, "r_q": high**4 * (root + length * cvg) ** 2}


def contraction_domain() -> Domain:
    """Small classes on one sample, with an interval of step sizes."""
    return Domain((*AXES, WIDTH), contraction_point)


def expectation_domain(point: Callable[..., dict[str, Any]]) -> Domain:
    """Small classes under the uniform law of two inputs, one step size; `point` is one of the two functions above."""
    shape, _, *rest = AXES
    return Domain((Axis("shape", 0, len(ATOMS) - 1, "integer"), Axis("n", 1, 4, "integer"), *rest), point)


def lipschitz_point(lam: Any, nu: Any, star: Any, phi: Any, psi: Any, k: int) -> dict[str, Any]:
    """Two models of one dimension at b = 1; Stab and Sens are the smallest constants for this very pair."""
    small = SmallClass(star, 0 * star, [(1,)], k, (phi,))
    moved_energy = abs(small.solution(psi, lam) - small.solution(psi, nu))
    moved_phi = abs(small.solution(phi, lam) - small.solution(psi, lam))
    losses = abs(small.solution(phi, lam) - 1 / star), abs(small.solution(psi, nu) - 1 / star)
    energy, step = abs(lam - nu), abs(phi - psi)
    return {
        "k": k,
        "lambda": lam,
        "nu": nu,
        "lambda^*": star,
        "phi": phi,
        "psi": psi,
        rates.LOSS_CHANGE.name: abs(losses[0] - losses[1]),
        rates.D_ENERGY.name: energy,
        rates.D_PHI.name: step,
        rates.MOVED_ENERGY.name: moved_energy,
        rates.MOVED_PHI.name: moved_phi,
        rates.STAB.name: moved_energy / energy if energy else moved_energy,
        rates.SENS.name: moved_phi / step if step else moved_phi,
    }


def lipschitz_domain() -> Domain:
    """Eigenvalues in [1/10, 1], steps up to 2/(mu + L)."""
    energies = (Axis(name, 0.1, 1.0) for name in ("lam", "nu", "star"))
    steps = (Axis(name, 0.1, 20 / 11) for name in ("phi", "psi"))
    return Domain((*energies, *steps, Axis("k", 1, 12, "log-integer")), lipschitz_point)


def covering_point(shape: int, k: int, fraction: Any, spread: Any, m: Any, radius: Any, width: Any) -> dict[str, Any]:
    """Exact covering numbers of a small class at `radius` times the largest loss distance."""
    small = small_class(SHAPES[shape], k, fraction, spread, m, width)
    rows = [row for phi in small.steps for row in small.losses(phi)]
    largest = max(math.sqrt(distance_squared(a, b)) for a in rows for b in rows)
    epsilon = radius * largest
    radii = [epsilon / (2 * value) if value else math.inf for value in (small.stab, small.sens)]
    return {
        "n": small.n,
        "k": k,
        "epsilon": epsilon,
        "epsilon_Q": radii[0],
        "epsilon_Phi": radii[1],
        rates.STAB.name: small.stab,
        rates.SENS.name: small.sens,
        rates.N_LOSS.name: proper_number(rows, lambda a, b: distance_squared(a, b) <= epsilon**2),
        rates.N_ENERGY.name: proper_number(small.energies, lambda a, b: distance_squared(a, b) <= radii[0] ** 2),
        rates.N_PHI.name: proper_number(small.steps, lambda a, b: abs(a - b) <= radii[1]),
    }


def distance_squared(a: Row, b: Row) -> Any:
    """The squared distance in L2(P_n)."""
    return mean([(x - y) ** 2 for x, y in zip(a, b, strict=True)])


def covering_domain() -> Domain:
    """Small classes with a radius and an interval of step sizes."""
    shape, *rest = AXES
    return Domain((Axis("shape", 0, 2, "integer"), *rest, Axis("radius", 0.01, 1.0, "log"), WIDTH), covering_point)
