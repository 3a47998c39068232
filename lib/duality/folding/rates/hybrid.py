r"""Hybrid models that are folded: what remains of their bound, and what folding too early does to a derivative.

q = 1 - s lambda in an eigendirection of the energy, where k steps of gradient descent from 0 return
x_k = -(1 - q^k) b / lambda.
"""

from __future__ import annotations

import sympy as sp

from duality.folding.rates.letters import statement
from duality.hybrid.rates.generalization import B, L, Lam, n, r, sigma_b
from duality.ledger.claim import Hypothesis
from duality.ledger.tex import Quantity
from duality.quadratic.rates import k

q = sp.Symbol("q", real=True)
BOUND_LIMIT = Quantity(r"\lim_{k\to\infty}\mathrm{Bound}(k)", nonnegative=True)
STAB_LIMIT = Quantity(r"\mathrm{Stab}(\infty)", nonnegative=True)
LIMIT_BOUND = statement(
    sp.Eq(
        BOUND_LIMIT,
        STAB_LIMIT
        / sp.sqrt(n)
        * (
            2
            + 4 * B * Lam / sp.sqrt(n)
            + sp.sqrt(2 * Lam * (L**4 * r / sigma_b**2 + 8 * B**2 * Lam / n + 8 * B / sp.sqrt(n)))
        ),
        evaluate=False,
    ),
    r"For an algorithm with $\mathrm{Cvg}(k)\to0$, $\mathrm{Sens}(k)\to0$ and "
    r"$\mathrm{Stab}(k)\to\mathrm{Stab}(\infty)$, the "
    r"stability of the minimizer itself, the repaired local bound of the hybrid model tends to{relation}in which "
    r"nothing depends on the algorithm. A folded model has this bound.",
)
EARLY_OVER_TRUE = Quantity(r"\frac{\text{derivative folded at }x_k}{\partial x_k/\partial\lambda}", nonnegative=True)
EARLY = statement(
    sp.Eq(EARLY_OVER_TRUE, (1 - q**k) / (1 - q**k - k * (1 - q) * q ** (k - 1)), evaluate=False),
    r"Fold gradient descent at $x_k$ as if it had converged. In every eigendirection of the energy, with $q=1-s\lambda$"
    r", the derivative in the eigenvalue is that of $x_k$ times{relation}The denominator is positive: the sign is "
    r"right, and the size is too large, at every $k\ge2$.",
    Hypothesis("0 < q", sp.Gt(q, 0)),
    Hypothesis("q < 1", sp.Lt(q, 1)),
    Hypothesis("k >= 2", sp.Ge(k, 2)),
)
