r"""The definitions of R section 3 as functions: exact worst cases over every problem with spectrum in [mu,
L].

An iterate of any method here is a polynomial in $Q$ applied to $b$, and the spectral norm of a polynomial of
a symmetric matrix is the largest absolute value on its eigenvalues. So every worst case over $(Q, b)$, in
any dimension, is the supremum of the absolute value of one polynomial on $[\mu, L]$, which `supremum`
encloses rigorously. Everything starts from zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from duality.quadratic.arithmetic import BALL
from duality.quadratic.methods import Method
from duality.quadratic.residual import (
    derivative_sequence,
    exact_polynomials,
    residual_sequence,
    solution_sequence,
)
from duality.quadratic.supremum import Enclosure, Polynomial, supremum_by_critical_points, supremum_by_nodes

Sequence = Callable[..., Iterable[Any]]


def _last(sequence: Sequence, method: Method, k: int) -> Polynomial:
    """The k-th polynomial of a sequence, with balls at the precision in force as coefficients."""

    def polynomial(lam: Any) -> Any:
        *_, value = sequence(method.coefficients(BALL, k), lam)
        return value

    return polynomial


def cvg(method: Method, k: int, rtol: float = 1e-9) -> Enclosure:
    r"""Cvg(k) of R eq. 6: $\sup \|x_k - x_*\|/\|x_0-x_*\| = \sup_{[\mu,L]} |r_k|$."""
    return supremum_by_nodes(_last(residual_sequence, method, k), k, method.spectrum, rtol)


def stab_b(method: Method, k: int, rtol: float = 1e-9) -> Enclosure:
    r"""Stab(k) of R eq. 7 in b: $\sup \|x_k(Q,b)-x_k(Q,b')\|/\|b-b'\| = \sup_{[\mu,L]} |1-r_k|/\lambda$."""
    return supremum_by_nodes(_last(solution_sequence, method, k), max(k - 1, 0), method.spectrum, rtol)


def sens_s(method: Method, k: int, rtol: float = 1e-9) -> Enclosure:
    r"""Sens(k) of R eq. 8 at one step size: $\sup_{[\mu,L]} |\partial r_k/\partial s|$, for $\|x_0-x_*\| =
    1$.

    The momentum of NAG follows the step size. Heavy ball and Chebyshev have no step size of their own: all
    their steps are shifted by the same amount and the momentum is held.
    """
    return supremum_by_nodes(_last(derivative_sequence, method, k), k, method.spectrum, rtol)


def by_critical_points(sequence: Sequence, method: Method, k: int) -> Enclosure:
    """The same suprema by the other route: the exact roots of the derivative.

    `sequence` is residual_sequence, solution_sequence or derivative_sequence. Raises `ValueError` when a
    coefficient of the method is irrational.
    """
    return supremum_by_critical_points(exact_polynomials(sequence, method, k)[-1], method.spectrum)
