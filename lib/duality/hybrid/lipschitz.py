r"""The constants of the bounds at the printed problem, where all energies at one input share their eigenvectors.

There a loss moves with the eigenvalues,
$$\|g_k(Q)b - g_k(Q')b\|_2 \le \|b\|_2 \sup_{[\mu,L]}|g_k'|\,\|Q-Q'\|_2 ,$$
and the slope at $\mu$ is a lower bound of every Stab that R eq. 7 admits. Any arithmetic: floats, arrays, balls.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from duality.hybrid.problem import BOX, DIMENSION
from duality.quadratic.arithmetic import FLOAT
from duality.quadratic.methods import Coefficients, Method
from duality.quadratic.region import chebyshev_points

LENGTH = float(np.sqrt(DIMENSION) * BOX)  # the longest b


def slope_sequence(steps: Sequence[Coefficients], lam: Any) -> Iterator[tuple[Any, Any]]:
    """(g_j, d g_j/d lam) for j = 0, ..., k, by one recursion and its derivative."""
    g = previous = dg = dprevious = 0 * lam
    yield g, dg
    for s, beta, gamma, _, _ in steps:
        move, dmove = g - previous, dg - dprevious
        point, dpoint = g + gamma * move, dg + gamma * dmove
        dg, dprevious = dg + beta * dmove - s * (point + lam * dpoint), dg
        g, previous = g + beta * move - s * (lam * point - 1), g
        yield g, dg


def slopes(method: Method, lam: np.ndarray, k: int) -> np.ndarray:
    """d g_k / d lam at the eigenvalues `lam`."""
    *_, (_, slope) = slope_sequence(method.coefficients(FLOAT, k), np.asarray(lam, dtype=float))
    return slope


def largest_slope(method: Method, k: int) -> float:
    """sup |g_k'| on [mu, L], on a grid that holds both ends."""
    grid = chebyshev_points(method.spectrum, 8 * max(k, 10) + 1)
    return float(np.abs(slopes(method, grid, k)).max())


def stab(method: Method, k: int, length: float = LENGTH) -> float:
    """Stab(k) of the printed problem as the one constant of R eq. 7: the larger of |b| sup|g'| and sup g."""
    *_, (g, _) = slope_sequence(method.coefficients(FLOAT, k), float(method.spectrum.mu))
    return max(length * largest_slope(method, k), float(g))
