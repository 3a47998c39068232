r"""What a method does on one eigenvalue: polynomials in $\lambda$, by one recursion in any arithmetic.

On the eigenvalue $\lambda$ of $Q$ the error is $x_k - x_* = r_k(\lambda)(x_0 - x_*)$ and, from a zero start,
the iterate is $x_k = -g_k(\lambda) b$ with $g_k = (1-r_k)/\lambda$. The functions here take the coefficients
of the steps and any `lam` that can be added and multiplied: an array, a tensor, an array of balls, or the
variable of an exact polynomial ring.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from flint import fmpq, fmpq_poly

from duality.quadratic.arithmetic import FLOAT, RATIONAL
from duality.quadratic.methods import Coefficients, Method

Steps = Sequence[Coefficients]


def residual_sequence(steps: Steps, lam: Any) -> Iterator[Any]:
    """r_0 = 1, r_1, ..., r_k."""
    r = previous = 0 * lam + 1
    yield r
    for s, beta, gamma, _, _ in steps:
        move = r - previous
        r, previous = r + beta * move - s * (lam * (r + gamma * move)), r
        yield r


def solution_sequence(steps: Steps, lam: Any) -> Iterator[Any]:
    """g_0 = 0, g_1, ..., g_k with g_k = (1 - r_k)/lam, without the division."""
    g = previous = 0 * lam
    yield g
    for s, beta, gamma, _, _ in steps:
        move = g - previous
        g, previous = g + beta * move - s * (lam * (g + gamma * move) - 1), g
        yield g


def auxiliary_sequence(steps: Steps, lam: Any) -> Iterator[Any]:
    """z_0, ..., z_{k-1} with y_j - x_* = z_j(Q)(x_0 - x_*): the points where gradients are taken."""
    previous = 0 * lam + 1
    for r, step in zip(residual_sequence(steps, lam), steps, strict=False):
        yield r + step.gamma * (r - previous)
        previous = r


def derivative_sequence(steps: Steps, lam: Any) -> Iterator[Any]:
    """d r_0/ds = 0, ..., d r_k/ds: every step size shifted by the same amount, the momentum following its
    schedule.
    """
    r = previous = 0 * lam + 1
    dr = dprevious = 0 * lam
    yield dr
    for s, beta, gamma, dbeta, dgamma in steps:
        move, dmove = r - previous, dr - dprevious
        y, dy = r + gamma * move, dr + gamma * dmove + dgamma * move
        dr, dprevious = dr + beta * dmove + dbeta * move - lam * (y + s * dy), dr
        r, previous = r + beta * move - s * (lam * y), r
        yield dr


def response_sequence(steps: Steps, lam: Any) -> Iterator[Any]:
    """A_{k,m} for m = k-1, ..., 0: what a unit impulse added to x_{m+1} has become in x_k.

    With constant coefficients this is the impulse response a_0 = 1, a_1, ..., a_{k-1} of the interfaces. The
    sweep runs backwards from step k-1, so one pass gives all of them when the coefficients change, too.
    """
    first, second = 0 * lam + 1, 0 * lam
    for s, beta, gamma, _, _ in reversed(steps):
        yield first
        p, q = 1 + beta - s * (1 + gamma) * lam, beta - s * gamma * lam
        first, second = first * p + second, -q * first


def _table(sequence: Any, method: Method, lam: Any, k: int) -> np.ndarray:
    lam = np.asarray(lam, dtype=float)
    return np.stack(list(sequence(method.coefficients(FLOAT, k), lam)))


def residuals(method: Method, lam: Any, k: int) -> np.ndarray:
    """r_0, ..., r_k in floating point, shape (k+1, *lam.shape)."""
    return _table(residual_sequence, method, lam, k)


def solutions(method: Method, lam: Any, k: int) -> np.ndarray:
    """g_0, ..., g_k in floating point, shape (k+1, *lam.shape)."""
    return _table(solution_sequence, method, lam, k)


def residual_derivatives(method: Method, lam: Any, k: int) -> np.ndarray:
    """d r_0/ds, ..., d r_k/ds in floating point, shape (k+1, *lam.shape)."""
    return _table(derivative_sequence, method, lam, k)


def exact_polynomials(sequence: Any, method: Method, k: int) -> list[fmpq_poly]:
    """The same sequences as exact polynomials in lam.

    Raises `ValueError` when a coefficient is irrational, as for NAG unless sqrt(mu s) is rational.
    """
    variable = fmpq_poly([0, 1])
    steps = [Coefficients(*map(fmpq, step)) for step in method.coefficients(RATIONAL, k)]
    return list(sequence(steps, variable))
