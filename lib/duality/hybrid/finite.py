r"""Finite learning problems: x and b take a few values, every mean is a sum. Exact for rational input in d = 1.

A point is a dictionary from symbol and quantity names to numbers, with both sides of R Lemma 4.1 and 4.2 among them.
All formulas of the scalar problems use field operations only, so that rational coordinates give exact instances.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy as sp

from duality.hybrid.rates import approximation as rates
from duality.ledger.search import Axis, Domain
from duality.quadratic.arithmetic import exact_root
from duality.quadratic.attack import gd_residual, nag_residuals
from duality.quadratic.rates import M

Point = Mapping[str, Any]


@dataclass(frozen=True)
class Algorithm:
    """GD (u is None) or NAG with u = sqrt(mu s), on the spectrum [mu, L], with mu > 0 wherever NAG is meant."""

    mu: Any
    L: Any
    s: Any
    k: int
    u: Any = None

    def residual(self, lam: Any) -> Any:
        """r_k at one eigenvalue."""
        if self.u is None:
            return gd_residual(self.k, lam, self.s)
        return nag_residuals(self.k, lam, self.s, self.u)[0]

    @property
    def cvg(self) -> Any:
        """Cvg(k), which sits at mu for steps in the printed range."""
        return abs(self.residual(self.mu))

    def coordinates(self) -> dict[str, Any]:
        """Its parameters by symbol name."""
        return {"mu": self.mu, "L": self.L, "s": self.s, "k": self.k}


@dataclass(frozen=True)
class Atom:
    """One value of x with its probability, its energies, and the values of b given x: pairs (probability, b).

    From a zero start the signs of b do not matter.
    """

    weight: Any
    theta: Any
    star: Any
    b: tuple[tuple[Any, Any], ...]

    @property
    def second_moment(self) -> Any:
        return sum(p * b**2 for p, b in self.b)


def _root(value: Any) -> Any:
    """The square root, exact for exact numbers. Raises `ValueError` for a fraction that is not a square."""
    if isinstance(value, sp.Expr):
        return sp.sqrt(value)
    return exact_root(value) if isinstance(value, Fraction) else math.sqrt(value)


def losses(algorithm: Algorithm, atoms: Sequence[Atom], start: Any = 0) -> list[tuple[Any, Any]]:
    """Pairs (probability, loss) over x and b."""
    found: list[tuple[Any, Any]] = []
    for atom in atoms:
        r = algorithm.residual(atom.theta)
        # 1/star - (1-r)/theta, in a form that loses no digits where the energies are close
        gap = (atom.theta - atom.star) / (atom.theta * atom.star) + r / atom.theta
        found += [(atom.weight * p, abs(gap * b + r * start)) for p, b in atom.b]
    return found


def _setting(algorithm: Algorithm, atoms: Sequence[Atom], sigma_b: Any, start: Any) -> dict[str, Any]:
    """The parameters, and the quantities that the hypotheses speak of."""
    used = [a for a in atoms if a.weight != 0]
    moment = sum(a.weight * a.second_moment for a in used)
    return algorithm.coordinates() | {
        "sigma_b": sigma_b,
        "d": 1,
        rates.CVG.name: algorithm.cvg,
        M.name: max(abs(b) for a in used for _, b in a.b) / algorithm.mu,
        rates.LOW_THETA.name: min(a.theta for a in used),
        rates.HIGH_THETA.name: max(a.theta for a in used),
        rates.LOW_STAR.name: min(a.star for a in used),
        rates.HIGH_STAR.name: max(a.star for a in used),
        rates.MOMENT_GAP.name: abs(moment - sigma_b**2),
        rates.DEPENDENCE.name: max(abs(a.second_moment - moment) for a in used),
        rates.START.name: abs(start),
        rates.RATIO.name: max(abs(algorithm.residual(a.theta)) for a in used),
        rates.OPT.name: max(abs(b / a.theta) for a in used for _, b in a.b),
    }


def in_the_mean(algorithm: Algorithm, atoms: Sequence[Atom], sigma_b: Any, start: Any = 0) -> dict[str, Any]:
    """A scalar problem for Lemma 4.1: means of the loss and of the error of the energy."""
    return _setting(algorithm, atoms, sigma_b, start) | {
        rates.LOSS.name: sum(p * loss for p, loss in losses(algorithm, atoms, start)),
        rates.Q_ERROR.name: sum(a.weight * abs(a.theta - a.star) for a in atoms),
    }


def in_the_square(algorithm: Algorithm, atoms: Sequence[Atom], sigma_b: Any, start: Any = 0) -> dict[str, Any]:
    """A scalar problem for Lemma 4.2: mean squares and their roots, which exact atoms must have."""
    energies = sum(a.weight * (a.theta - a.star) ** 2 for a in atoms)
    return _setting(algorithm, atoms, sigma_b, start) | {
        rates.RMS_LOSS.name: _root(sum(p * loss**2 for p, loss in losses(algorithm, atoms, start))),
        rates.Q_ERROR_SQUARE.name: energies,
        rates.RMS_Q_ERROR.name: _root(energies),
    }


def plane(algorithm: Algorithm, theta: tuple[float, float], star: tuple[float, float], angle: float) -> dict[str, Any]:
    """d = 2, one atom of x, b one of the four corners (1, 1), (1, -1), ... in the eigenvectors of Q_theta.

    The eigenvectors of Q* are turned by `angle`. E[b b'] = I and every b has length sqrt(2).
    """
    c, t = math.cos(angle), math.sin(angle)
    answers = [(1 - algorithm.residual(lam)) / lam for lam in theta]

    def gaps(values: Sequence[float], others: Sequence[float]) -> tuple[float, float, float]:
        """Entries 11, 12, 22 of diag(values) minus the matrix with eigenvalues `others` in the turned directions."""
        first, second = others
        return (
            values[0] - c * c * first - t * t * second,
            c * t * (second - first),
            values[1] - t * t * first - c * c * second,
        )

    x, y, z = gaps(answers, (1 / star[0], 1 / star[1]))
    plus, minus = math.hypot(x + y, y + z), math.hypot(x - y, y - z)
    x, y, z = gaps(theta, star)
    energy = math.sqrt(x * x + 2 * y * y + z * z)
    return algorithm.coordinates() | {
        "sigma_b": 1.0,
        "d": 2,
        rates.CVG.name: algorithm.cvg,
        M.name: math.sqrt(2) / algorithm.mu,
        rates.LOSS.name: (plus + minus) / 2,
        rates.RMS_LOSS.name: math.sqrt((plus**2 + minus**2) / 2),
        rates.Q_ERROR.name: energy,
        rates.Q_ERROR_SQUARE.name: energy**2,
        rates.RMS_Q_ERROR.name: energy,
    }


Build = Callable[[Any, Any, int], Algorithm]


def gd(kappa: Any, f: Any, k: int) -> Algorithm:
    """GD with mu = 1, L = kappa and the part f of its largest printed step."""
    return Algorithm(1, kappa, f * 2 / (1 + kappa), k)


def nag(kappa: Any, f: Any, k: int) -> Algorithm:
    """NAG with u = f on [1, L]; as kappa goes from 1 to 1000, L goes from 1 to the end of the printed range."""
    largest = (4 / f**2 - 1) / 3
    return Algorithm(1, 1 + (kappa - 1) / 999 * (largest - 1), f**2, k, f)


KAPPA, STEP = Axis("kappa", 1, 1000, "log"), Axis("f", 0.03, 1)
MASS = Axis("m", 0.1, 1)


def within(algorithm: Algorithm, part: Any) -> Any:
    """The eigenvalue at the part `part` of [mu, L]."""
    return algorithm.mu + part * (algorithm.L - algorithm.mu)


def zero_or_one(m: Any) -> tuple[tuple[Any, Any], ...]:
    """b = 1 with probability m^2, else 0; the 1 is one of the numbers that m is."""
    return (1 - m * m, 0), (m * m, m / m)


def mean_domain(build: Build, k_max: int) -> Domain:
    """Two values of x, one energy Q_theta and two Q*, b = 0 or 1, P(b = 1) = m^2: for Lemma 4.1."""

    def point(kappa: Any, f: Any, k: int, m: Any, p: Any, t: Any, s1: Any, s2: Any) -> Point:
        algorithm, b = build(kappa, f, k), zero_or_one(m)
        pairs = ((p, s1), (1 - p, s2))
        atoms = [Atom(w, within(algorithm, t), within(algorithm, s), b) for w, s in pairs]
        return in_the_mean(algorithm, atoms, m)

    parts = tuple(Axis(name, 0, 1) for name in ("p", "t", "s1", "s2"))
    return Domain((KAPPA, STEP, Axis("k", 0, k_max, "integer"), MASS, *parts), point)


def square_domain(build: Build, k_max: int) -> Domain:
    """One value of x, b = 0 or 1, P(b = 1) = m^2: for Lemma 4.2, with rational roots."""

    def point(kappa: Any, f: Any, k: int, m: Any, t: Any, s: Any) -> Point:
        algorithm = build(kappa, f, k)
        atom = Atom(1, within(algorithm, t), within(algorithm, s), zero_or_one(m))
        return in_the_square(algorithm, [atom], m)

    return Domain((KAPPA, STEP, Axis("k", 0, k_max, "integer"), MASS, Axis("t", 0, 1), Axis("s", 0, 1)), point)


def plane_domain(build: Build, k_max: int) -> Domain:
    """d = 2, energies that need not commute; floating point only."""

    def point(kappa: Any, f: Any, k: int, t1: Any, t2: Any, s1: Any, s2: Any, angle: Any) -> Point:
        algorithm = build(kappa, f, k)
        theta, star = ((within(algorithm, a), within(algorithm, b)) for a, b in ((t1, t2), (s1, s2)))
        return plane(algorithm, theta, star, angle)

    parts = tuple(Axis(name, 0, 1) for name in ("t1", "t2", "s1", "s2"))
    return Domain((KAPPA, STEP, Axis("k", 0, k_max, "integer"), *parts, Axis("angle", 0, math.pi / 2)), point)
