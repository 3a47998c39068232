r"""Stable regions: the step sizes for which every iterate stays bounded (R sec. 3, (IV)), by the spectral
radius.

With constant coefficients the iterates on an eigenvalue stay bounded for every b iff both characteristic
roots lie in the closed unit disc and none on the circle is double; the open region is where the spectral
radius is below 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from duality.quadratic.closed_forms import characteristic_roots
from duality.quadratic.methods import Method
from duality.quadratic.problem import Spectrum


def chebyshev_points(spectrum: Spectrum, count: int) -> np.ndarray:
    """`count` >= 2 points of [mu, L] that contain both ends exactly."""
    mu, L = float(spectrum.mu), float(spectrum.L)
    points = (mu + L) / 2 - (L - mu) / 2 * np.cos(np.linspace(0, np.pi, count))
    points[0], points[-1] = mu, L
    return np.clip(points, mu, L)


def spectrum_grid(spectrum: Spectrum, count: int) -> np.ndarray:
    """Chebyshev points and log-spaced points of [mu, L] together, `count` of each, sorted, without
    repetition.
    """
    mu, L = float(spectrum.mu), float(spectrum.L)
    return np.unique(np.append(chebyshev_points(spectrum, count), np.geomspace(mu, L, count).clip(mu, L)))


def spectral_radius(method: Method, points: int = 401) -> float:
    """The largest modulus of a characteristic root over the spectrum (a grid with both ends)."""
    first, second = characteristic_roots(method, chebyshev_points(method.spectrum, points))
    return float(max(np.abs(first).max(), np.abs(second).max()))


def largest_stable_step(
    build: Callable[[Spectrum, float], Method], spectrum: Spectrum, tolerance: float = 1e-12
) -> float:
    """The first step size at which the spectral radius reaches 1, by bisection from a stable small step."""
    low, high = 1e-3 / float(spectrum.L), 1e-3 / float(spectrum.L)
    while spectral_radius(build(spectrum, high)) < 1:
        low, high = high, 1.01 * high
    while high - low > tolerance * high:
        middle = (low + high) / 2
        low, high = (middle, high) if spectral_radius(build(spectrum, middle)) < 1 else (low, middle)
    return low


def gd_stable_limit(spectrum: Spectrum) -> float:
    """Gradient descent is stable exactly for 0 < s < 2/L."""
    return 2 / float(spectrum.L)


def nag_stable_limit(spectrum: Spectrum) -> float:
    r"""NAG is stable exactly for $0 < s$ with $sL(3-\sqrt{\mu s}) < 4$ and $\mu s < 4$: below the smallest
    root.

    In $v = \sqrt{\mu s}$ the equation is the cubic $\kappa v^2 (3 - v) = 4$, with the root
    $v = 1 + 2\cos(\tfrac13(\arccos(1-2/\kappa) + 4\pi))$ in (0, 2].
    """
    mu, L = float(spectrum.mu), float(spectrum.L)
    angle = (math.acos(1 - 2 * mu / L) + 4 * math.pi) / 3
    v = 1 + 2 * math.cos(angle)
    return v * v / mu
