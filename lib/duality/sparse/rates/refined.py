r"""The refined bound (T Lemma 7.4.1) and the choice of the penalty that T reads from it.

S_1 are the entries of the support with |beta*_j| <= b lambda*_j, S_2 the larger ones; A_1 and A_2 stand for the
statistical errors on the two.
"""

from __future__ import annotations

import sympy as sp

from duality.ledger.tex import Quantity
from duality.sparse.rates.capacity import MCP_CONVEX, TARGET_OFF
from duality.sparse.rates.letters import b, given, kappa, rho, statement, w2

LIMIT_ERROR = Quantity(r"\|\beta_\infty-\beta^*\|_2", nonnegative=True)
SIGNED_1 = Quantity(r"\|(\nabla L(\beta^*)\vee\varepsilon)_{S_1^*}\|_2", nonnegative=True)
SIGNED_2 = Quantity(r"\|(\nabla L(\beta^*)\vee\varepsilon)_{S_2^*}\|_2", nonnegative=True)
A_1 = Quantity(r"\|(|\nabla L(\beta^*)|\vee\varepsilon)_{S_1^*}\|_2", nonnegative=True)
A_2 = Quantity(r"\|(|\nabla L(\beta^*)|\vee\varepsilon)_{S_2^*}\|_2", nonnegative=True)
TARGET = Quantity(r"\max_{j\in S^*}\lambda_j^*/(|\nabla L(\beta^*)_j|\vee\varepsilon)", nonnegative=True)

WEIGHT = (given("w_2 >= 0", sp.Ge(w2, 0)), given("w_2 <= 1", sp.Le(w2, 1)), given("b > 0", sp.Gt(b, 0)), MCP_CONVEX)
TARGETS = given("targets", sp.Le(TARGET, 8 * kappa))
SIZE = 1 + 8 * kappa


def printed(small: sp.Expr, large: sp.Expr) -> sp.Expr:
    """The right side of eq. 7.12 and 7.13."""
    both = (1 + 8 * (1 + w2) * kappa) * small + (1 + 8 * (1 - w2) * kappa) * large
    return sp.Add(*(term / (rho - w2 / b) for term in both.args))


def sharp(small: sp.Expr, large: sp.Expr) -> sp.Expr:
    """The same with the coefficient on small entries that the derivation gives."""
    both = SIZE * small + (1 + 8 * (1 - w2) * kappa) * large
    return sp.Add(*(term / (rho - w2 / b) for term in both.args))


_PRINTED, _ABSOLUTE, _SHARP = printed(SIGNED_1, SIGNED_2), printed(A_1, A_2), sharp(A_1, A_2)
PRINTED = statement(
    sp.Le(LIMIT_ERROR, _PRINTED, evaluate=False),
    r"With targets $\lambda_j^*=8|\nabla L(\beta^*)_j|\vee\varepsilon$ (one training problem, $\kappa_m=1$) and "
    r"$x\vee\varepsilon$ the entry-wise maximum, as printed without absolute values,{relation}",
    *WEIGHT,
    given("kappa = 1", sp.Eq(kappa, 1)),
)
ABSOLUTE = statement(
    sp.Le(LIMIT_ERROR, _ABSOLUTE, evaluate=False),
    r"With $|\nabla L(\beta^*)|\vee\varepsilon$, in the strongly convex case, for $\ell_1$ and MCP,{relation}",
    *WEIGHT,
    TARGETS,
    TARGET_OFF,
)
SHARP = statement(
    sp.Le(LIMIT_ERROR, _SHARP, evaluate=False),
    r"On small entries MCP costs less than the lemma says: its concave part only takes away from $\lambda$ there, "
    r"$0\le p'\le\lambda$, so the factor $1+w_2$ is not needed,{relation}",
    *WEIGHT,
    TARGETS,
    TARGET_OFF,
)

small, large = sp.symbols("A_1 A_2", nonnegative=True)
SLOPE = Quantity("B'(w_2)")
CHOICE_GIVEN = (WEIGHT[2], WEIGHT[3], given("kappa > 0", sp.Gt(kappa, 0)))
CHOICE_WORDS = (
    r" for all $w_2$ with $w_2/b<\rho_-$. The sign is the same for all of them, so that $w_2=0$ has the smallest "
    r"bound if the bracket is positive, every weight the same one if it is 0, and the largest weight the smallest one "
    r"if it is negative"
)
CHOICE = statement(
    sp.Eq(
        SLOPE,
        ((8 * (b * rho + 1) * kappa + 1) * small - (8 * (b * rho - 1) * kappa - 1) * large) / (b * (rho - w2 / b) ** 2),
        evaluate=False,
    ),
    r"The printed bound $B(w_2)$ has the derivative{relation}"
    + CHOICE_WORDS
    + r", $w_2=1$ if $b\rho_->1$. If $b\rho_-\le1+1/(8\kappa)$, $w_2=0$ is always the best.",
    *CHOICE_GIVEN,
)
CHOICE_SHARP = statement(
    sp.Eq(
        SLOPE,
        ((8 * kappa + 1) * small - (8 * (b * rho - 1) * kappa - 1) * large) / (b * (rho - w2 / b) ** 2),
        evaluate=False,
    ),
    r"The sharper bound has the derivative{relation}"
    + CHOICE_WORDS
    + r". Where the two brackets differ in sign the printed rule takes $\ell_1$, and the sharper bound says MCP.",
    *CHOICE_GIVEN,
)
