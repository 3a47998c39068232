r"""Unrolling at a fixed point: the linear system that it solves, its error and its rate.

Piggy-back differentiation of an iteration (Gilbert 1992; Griewank and Walther 2008), run from the fixed point itself.
P_lambda is the spectral projection of Phi for the eigenvalue lambda: it commutes with Phi, the projections sum to I,
and Phi - lambda I is nilpotent on the range of P_lambda.
"""

from __future__ import annotations

import sympy as sp

from duality.folding.rates.letters import (
    SETTING,
    J_star,
    J_start,
    K,
    Phi,
    Phi_T,
    Psi,
    j,
    measured,
    statement,
    v,
)
from duality.ledger.claim import Hypothesis
from duality.ledger.tex import Quantity

JACOBIAN = measured("J_K")
ADJOINT = measured("w_K")
ERROR = measured("J^*-J_K")

RHO = Quantity(r"\rho(\Phi)", nonnegative=True)
ACTIVE = Quantity(r"\max\{|\lambda|:P_\lambda\Psi\neq0\}", nonnegative=True)
RATE = Quantity(r"\lim_{K\to\infty}\|J_K-J^*\|^{1/K}", nonnegative=True)
WORST_RATE = Quantity(r"\max_{J_0}\,\lim_{K\to\infty}\|J_K-J^*\|^{1/K}", nonnegative=True)
FORWARD_RATE = Quantity(r"\limsup_{k\to\infty}\|x_k-x^*\|^{1/k}", nonnegative=True)

LINEAR_SYSTEM = statement(
    sp.Eq(JACOBIAN, sp.Sum(Phi**j * Psi, (j, 0, K - 1)), evaluate=False),
    SETTING + r"Unroll $K$ steps of $U$ from $x_0=x^*$, held constant. Then $J_K=dx_K/dc$ is{relation}"
    r"the iterates of $J_{K+1}=\Phi J_K+\Psi$ from $J_0=0$, whose fixed points solve $(I-\Phi)J=\Psi$.",
)
VECTOR_JACOBIAN = statement(
    sp.Eq(ADJOINT, sp.Sum(Phi_T**j * v, (j, 0, K - 1)), evaluate=False),
    r"Reverse mode computes $v^\top J_K=w_K^\top\Psi$ with $w_{k+1}=\Phi^\top w_k+v$ from $w_0=0$: $K-1$ products with "
    r"$\Phi^\top$ and one with $\Psi^\top$, on{relation}which are the iterates for $(I-\Phi)^\top w=v$.",
)
ERROR_EXACT = statement(
    sp.Eq(ERROR, Phi**K * (J_star - J_start), evaluate=False),
    r"Let $(I-\Phi)J^*=\Psi$ and $J_{k+1}=\Phi J_k+\Psi$ from any $J_0$. Then for every $K$ and every $\Phi${relation}"
    r"For unrolling, $J_0=0$ and the error is $\Phi^KJ^*$.",
)
CONVERGES = Hypothesis("it converges", sp.Lt(RATE, 1))
RATE_PRINTED = statement(
    sp.Eq(RHO, RATE, evaluate=False),
    r"The iteration $J_{K+1}=\Phi J_K+\Psi$ from $J_0=0$ converges to $J^*$ if and only if $\rho(\Phi)<1$. So where it "
    r"converges, $\rho(\Phi)<1$ and{relation}",
    CONVERGES,
)
RATE_EVERY_START = statement(
    sp.Eq(WORST_RATE, RHO, evaluate=False),
    r"The iteration $J_{K+1}=\Phi J_K+\Psi$ converges to $J^*$ from every $J_0$ if and only if $\rho(\Phi)<1$, and "
    r"then{relation}The same is true from $J_0=0$ with the maximum over $\Psi$.",
    Hypothesis("rho < 1", sp.Lt(RHO, 1)),
)
RATE_GIVEN = statement(
    sp.Eq(RATE, ACTIVE, evaluate=False),
    r"For a given $\Psi\neq0$, the iteration from $J_0=0$ converges if and only if every eigenvalue $\lambda$ of "
    r"$\Phi$ whose spectral projection $P_\lambda\Psi$ does not vanish has $|\lambda|<1$, and then{relation}with $J^*$ "
    r"the solution of $(I-\Phi)J=\Psi$ that has no component at the other eigenvalues.",
    Hypothesis("active eigenvalues inside", sp.Lt(ACTIVE, 1)),
)
INHERITS = statement(
    sp.Le(FORWARD_RATE, WORST_RATE, evaluate=False),
    r"If the solver is $U$ itself, $x_{k+1}=U(x_k,c)$ with $\rho(\Phi)<1$, then from every $x_0$ near $x^*${relation}"
    r"with equality for the worst $x_0$ where $U$ is affine in $x$: the worst cases of both passes have the rate "
    r"$\rho(\Phi)$.",
    Hypothesis("rho < 1", sp.Lt(RHO, 1)),
)
INHERITS_ANY = statement(
    sp.Le(WORST_RATE, FORWARD_RATE, evaluate=False),
    r"The backward pass has the rate of the solver that found $x^*$, whichever update map $U$ is "
    r"differentiated,{relation}",
)
RESIDUAL = Quantity(r"\|U(x_0,c)-x_0\|", nonnegative=True)
STARTED = Quantity(r"\|J_K-J^*\|", nonnegative=True)
FACTOR = sp.Symbol("C", positive=True)
RESIDUAL_TELLS = statement(
    sp.Le(STARTED, FACTOR * RESIDUAL, evaluate=False),
    r"With some factor $C$ that depends on $U$ and $K$, the residual of the solver bounds the error of the gradient "
    r"that $K$ unrolled steps give,{relation}",
)
