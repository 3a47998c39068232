"""The letters of the topic. Matrices are non-commutative symbols, so the order of factors is part of a statement.

Near a fixed point x* = U(x*, c) of a differentiable map, Phi = dU/dx and Psi = dU/dc there. K counts unrolled steps
and J_K = dx_K/dc.
"""

from __future__ import annotations

import sympy as sp

from duality.ledger.claim import Hypothesis, Statement
from duality.ledger.tex import Quantity


def matrices(names: str) -> tuple[sp.Symbol, ...]:
    """Non-commutative symbols with these names."""
    return sp.symbols(names, commutative=False, seq=True)


K, j = sp.symbols("K j", integer=True, nonnegative=True)
Phi, Psi, J_star, J_start, unit = matrices("Phi Psi J^{*} J_{0} I")
v, Phi_T = matrices(r"v \Phi^{\top}")

SETTING = (
    r"Let $x^*=U(x^*,c)$ with $U$ continuously differentiable near $(x^*,c)$, $\Phi=\partial U/\partial x$ and "
    r"$\Psi=\partial U/\partial c$ there. "
)


def statement(relation: sp.Basic, words: str, *hypotheses: Hypothesis) -> Statement:
    return Statement(relation, hypotheses, words)


def measured(name: str) -> Quantity:
    """A matrix that an algorithm produces."""
    return Quantity(name, commutative=False)
