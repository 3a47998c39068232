r"""Sensitivity over a range of step sizes (R eq. 8): by the mean value theorem the best constant on $[c_0,
s_1]$ is $\sup_{s}\sup_\lambda |\partial r_k/\partial s|$.

For gradient descent it has a closed form. $|\partial r_k/\partial s| = k\lambda|1-s\lambda|^{k-1}$ is convex
in $s$, so the supremum over $s$ is at an end of the range; in $\lambda$ it rises to $\lambda = 1/(ks)$,
falls to 0 at $1/s$ and rises from there on, so the supremum is at $1/(ks)$, moved into $[\mu, L]$, or at
$L$. For NAG the supremum over $s$ is searched and only the supremum over $\lambda$ is rigorous: a lower
bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar

from duality.quadratic.exact import sens_s
from duality.quadratic.methods import nesterov
from duality.quadratic.problem import Spectrum, check_parameters
from duality.quadratic.region import chebyshev_points
from duality.quadratic.residual import residual_derivatives
from duality.quadratic.supremum import Enclosure


@dataclass(frozen=True)
class RangeSensitivity:
    """The largest sensitivity found on a range of step sizes: at the step size `s`, enclosed over the
    spectrum.
    """

    s: float
    at_s: Enclosure


def gd_sensitivity(spectrum: Spectrum, s: Any, k: int) -> Any:
    """sup over [mu, L] of k lam |1 - s lam|^(k-1), exact in exact numbers; s > 0, k >= 0."""
    check_parameters(s=s, k=k)
    if k == 0:
        return 0 * s
    mu, L = spectrum.mu, spectrum.L
    interior = min(max(1 / (k * s), mu), L)
    return max(k * lam * abs(1 - s * lam) ** (k - 1) for lam in (interior, L))


def gd_range_sensitivity(spectrum: Spectrum, c0: Any, s1: Any, k: int) -> Any:
    """The best sensitivity constant of gradient descent on [c0, s1], exact in exact numbers."""
    _check_range(c0, s1)
    return max(gd_sensitivity(spectrum, c0, k), gd_sensitivity(spectrum, s1, k))


def nag_range_sensitivity(spectrum: Spectrum, c0: float, s1: float, k: int, samples: int = 60) -> RangeSensitivity:
    """A lower bound of the best constant of NAG on [c0, s1]: the worst step size found, enclosed over the
    spectrum.

    The step sizes tried are both ends and `samples` in between, log-spaced; the best is refined between its
    neighbours.
    """
    _check_range(c0, s1)
    lam = chebyshev_points(spectrum, 4 * max(k, 25) + 1)

    def estimate(s: float) -> float:
        return float(np.abs(residual_derivatives(nesterov(spectrum, float(s)), lam, k)[-1]).max())

    steps = np.geomspace(c0, s1, samples + 2).clip(c0, s1)
    values = [estimate(s) for s in steps]
    best = int(np.argmax(values))
    low, high = steps[max(best - 1, 0)], steps[min(best + 1, samples + 1)]
    worst = steps[best]
    if high > low:
        inner = minimize_scalar(lambda s: -estimate(s), bounds=(low, high), method="bounded", options={"xatol": 1e-9})
        worst = inner.x if -inner.fun > values[best] else worst
    return RangeSensitivity(float(worst), sens_s(nesterov(spectrum, float(worst)), k))


def last_increase(values: Any) -> int:
    """The last k >= 1 with values[k] > values[k-1]; 0 when the sequence never increases."""
    rises = np.flatnonzero(np.diff(np.asarray(values, dtype=float)) > 0)
    return int(rises[-1]) + 1 if len(rises) else 0


def _check_range(c0: Any, s1: Any) -> None:
    if not 0 < c0 <= s1:
        raise ValueError(f"the step sizes [c0, s1] = [{c0}, {s1}] must satisfy 0 < c0 <= s1")
