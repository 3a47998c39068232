r"""The refined bound (T Lemma 7.4.1) and the choice of the penalty that T reads from it.

S_1 are the entries of the support with |beta*_j| <= b lambda*_j, S_2 the larger ones; A_1 and A_2 stand for the
statistical errors on the two. kappa is kappa_m of the print, read as the least number from 1 on for which every target
on a support is at most 8 kappa times the statistical error of its entry.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from duality.ledger.claim import Statement
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
TARGETS = given("targets", sp.Le(TARGET, 8 * kappa), r"\quad(\kappa=\kappa_m)")
SIZE = 1 + 8 * kappa


def printed(small: sp.Expr, large: sp.Expr, weight: sp.Expr = w2) -> sp.Expr:
    """The right side of eq. 7.12 and 7.13."""
    both = (1 + 8 * (1 + weight) * kappa) * small + (1 + 8 * (1 - weight) * kappa) * large
    return sp.Add(*(term / (rho - weight / b) for term in both.args))


def sharp(small: sp.Expr, large: sp.Expr, weight: sp.Expr = w2) -> sp.Expr:
    """The same with the coefficient on small entries that the derivation gives."""
    both = SIZE * small + (1 + 8 * (1 - weight) * kappa) * large
    return sp.Add(*(term / (rho - weight / b) for term in both.args))


_PRINTED, _ABSOLUTE, _SHARP = printed(SIGNED_1, SIGNED_2), printed(A_1, A_2), sharp(A_1, A_2)
PRINTED = statement(
    sp.Le(LIMIT_ERROR, _PRINTED, evaluate=False),
    r"Let $S^*_1$ be the entries of the support with $|\beta^*_j|\le b\lambda^*_j$ and $S^*_2$ the larger ones. With "
    r"targets $\lambda_j^*=8|\nabla L(\beta^*)_j|\vee\varepsilon$ (one training problem) and $x\vee\varepsilon$ the "
    r"entry-wise maximum, as printed without absolute values,{relation}",
    *WEIGHT,
    given("kappa = 1", sp.Eq(kappa, 1), r"\quad(\kappa=\kappa_m)"),
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
more = sp.Symbol(r"w_2^{\prime}", real=True)
BRACKET = (8 * (b * rho + 1) * kappa + 1) * small - (8 * (b * rho - 1) * kappa - 1) * large
BRACKET_SHARP = (8 * kappa + 1) * small - (8 * (b * rho - 1) * kappa - 1) * large


def choice(of: Callable[..., sp.Expr], bracket: sp.Expr, words: str) -> Statement:
    """The bound `of` two statistical errors does not fall with the weight where the bracket is not negative."""
    return statement(
        sp.Le(of(small, large, w2), of(small, large, more), evaluate=False),
        words,
        given("bracket", sp.Ge(bracket, 0), r"\quad(\kappa=\kappa_m)"),
        given("more MCP", sp.Le(w2, more)),
        WEIGHT[2],
        given("w_2'/b < rho", sp.Lt(more / b, rho)),
    )


CHOICE = choice(
    printed,
    BRACKET,
    r"Let $A_1$ and $A_2$ be the norms on $S^*_1$ and $S^*_2$ in the printed bound $B$. If the bracket of the first "
    r"hypothesis is not negative, a smaller weight of MCP has a bound that is no larger, $B(w_2)\le B(w_2')$,{relation}"
    r"If it is not positive, the relation is reversed. So the best weight is $w_2=0$ or the largest one, $w_2=1$ if "
    r"$b\rho_->1$. If $b\rho_-\le1+1/(8\kappa)$ with $\kappa>0$, $w_2=0$ is always the best.",
)
CHOICE_SHARP = choice(
    sharp,
    BRACKET_SHARP,
    r"For the sharper bound the rule is the same with another bracket,{relation}reversed if the bracket is not "
    r"positive. Where the two brackets differ in sign the printed rule takes $\ell_1$, and the sharper bound says MCP.",
)
