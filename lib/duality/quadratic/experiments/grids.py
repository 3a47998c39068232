"""What the experiments share: methods by name, steps by name, grids of k, and numbers short enough for a
table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from duality.quadratic.closed_forms import block_power_norm
from duality.quadratic.methods import Method, gradient_descent, nesterov
from duality.quadratic.problem import Spectrum, check_parameters, gd_step_limit, nag_step_limit
from duality.quadratic.region import chebyshev_points

BUILD: Mapping[str, Callable[[Spectrum, Any], Method]] = {"GD": gradient_descent, "NAG": nesterov}
LIMIT: Mapping[str, Callable[[Any, Any], Any]] = {"GD": gd_step_limit, "NAG": nag_step_limit}


def largest_step(method: str, spectrum: Spectrum) -> float:
    """The largest step size that the printed theorems allow the method: 2/(mu+L) or 4/(3L+mu)."""
    return LIMIT[method](spectrum.mu, spectrum.L)


def common_step(spectrum: Spectrum) -> float:
    """The largest step size that both methods are allowed: 4/(3L+mu) <= 2/(mu+L)."""
    return nag_step_limit(spectrum.mu, spectrum.L)


def unit_spectrum(kappa: float) -> Spectrum:
    """The spectrum [1, kappa]."""
    check_parameters(kappa=kappa)
    return Spectrum(1.0, float(kappa))


def iterations(k_max: int, count: int) -> list[int]:
    """At most `count` iteration numbers from 1 to k_max, about evenly spaced in the logarithm."""
    check_parameters(k_max=k_max)
    if k_max < 1 or count < 1:
        raise ValueError(f"k_max = {k_max} and the count = {count} must both be at least 1")
    return sorted({int(round(k)) for k in np.geomspace(1, k_max, count)} | {1, k_max})


def check_above_one(kappas: Iterable[float], otherwise: str) -> None:
    """Refuse condition numbers that are not above 1; `otherwise` says what goes wrong at 1."""
    for kappa in kappas:
        check_parameters(kappa=kappa)
        if kappa == 1:
            raise ValueError(f"kappa = 1: {otherwise}; take kappa > 1, however close")


def check_iterations(ks: Iterable[int]) -> list[int]:
    """The iteration numbers as a list. Raises `ValueError` unless each is an integer >= 1."""
    ks = list(ks)
    for k in ks:
        check_parameters(k=k)
        if k < 1:
            raise ValueError("k = 0 is the start: every worst case there is known; list k >= 1")
    return ks


def largest_power(method: Method, k: int) -> float:
    """The largest norm of the k-th power of the block on [mu, L]: NAG has its maximum at mu, a point of the grid."""
    return float(block_power_norm(method, chebyshev_points(method.spectrum, 201), k).max())
