"""The bounds of the complexity of the losses as numbers, from the statements' expressions, at the printed constants.

One step size (B_Phi = 0), energies that share their eigenvectors, three of five eigenvalues learned.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import sympy as sp

from duality.hybrid.lipschitz import LENGTH, largest_slope, stab
from duality.hybrid.problem import DIMENSION, LEARNED, SIGMA_B
from duality.hybrid.rates import generalization as rates
from duality.hybrid.rates.generalization_repaired import NORM_BRACKET, ONE_NET, RHO
from duality.hybrid.rates.regimes import LEAST_BRACKET, UNDER, WINDOW
from duality.quadratic.exact import cvg
from duality.quadratic.methods import Method

_SYMBOLS = (rates.n, rates.Lam, rates.B, rates.L, rates.sigma_b, rates.M, rates.r, rates.RQ, rates.CVG, RHO)
_PRINTED, _REPAIRED, _ONE_NET = (sp.lambdify(_SYMBOLS, bracket) for bracket in (LEAST_BRACKET, NORM_BRACKET, ONE_NET))
KINDS = ("trivial", "global net", "repaired", "printed")
SIZES = tuple(digit * 10**power for power in range(12) for digit in (1, 2, 5))


def values(method: Method, k: int, n: int, root_r: float, log_number: float) -> dict[str, float]:
    """M/2, the global bound by one net, the repaired bound and the printed one (best t), at level r = root_r^2.

    `log_number` is Lambda, of the matrices for the first ones and of their norms for the printed one.
    """
    mu, L, c = float(method.spectrum.mu), float(method.spectrum.L), cvg(method, k).upper
    M, widest, root = LENGTH / mu, float(np.sqrt(LEARNED)) * (L - mu), np.sqrt(n)
    rq = L**4 / SIGMA_B**2 * (root_r + M * c) ** 2
    slope = LENGTH * largest_slope(method, k)
    sharp, loose = (
        (n, log_number, size, L, SIGMA_B, M, root_r**2, rq, c, widest) for size in (widest, 2 * L * np.sqrt(DIMENSION))
    )
    found = (
        M / 2,
        slope / root * _ONE_NET(*sharp),
        slope / root * _REPAIRED(*sharp),
        np.sqrt(2) * DIMENSION * stab(method, k) / root * _PRINTED(*loose),
    )
    return dict(zip(KINDS, map(float, found), strict=True))


def useful_from(method: Method, k: int, kind: str, log_number: float) -> int | None:
    """The smallest of `SIZES` at which the bound is below M/2 at r = 0; None when there is none."""
    for n in SIZES:
        found = values(method, k, n, 0.0, log_number)
        if found[kind] < found["trivial"]:
            return n
    return None


@dataclass(frozen=True)
class Window:
    """Where the printed bound can follow Stab Cvg: the right Lambda, the n of two balls, the last depth."""

    about_right: float
    two_balls_from: float
    last: dict[str, int]


def product_window(methods: Mapping[str, Method], n: int, deepest: int = 30) -> Window:
    """At r = 0 and the best Lambda = sqrt(n)/(90 B), by the threshold of the statement on the window."""
    spectrum = next(iter(methods.values())).spectrum
    mu, L = float(spectrum.mu), float(spectrum.L)
    size = 2 * L * np.sqrt(DIMENSION)
    known = {rates.B: size, rates.sigma_b: SIGMA_B, rates.L: L, rates.n: n}
    threshold = float(WINDOW.lhs.subs(known)) * mu / LENGTH
    depths = range(1, deepest + 1)
    last = {name: max((k for k in depths if cvg(m, k).upper >= threshold), default=0) for name, m in methods.items()}
    return Window(float(np.sqrt(n) / (90 * size)), float((90 * size * np.log(2)) ** 2), last)


def cap_under(method: Method, k: int, log_number: float) -> float:
    """The bound of the elasticity in Cvg for small classes, at r = 0."""
    rq = (float(method.spectrum.L) ** 2 * LENGTH / float(method.spectrum.mu) * cvg(method, k).upper / SIGMA_B) ** 2
    return float(UNDER.rhs.subs({rates.RQ: rq, rates.Lam: log_number}))
