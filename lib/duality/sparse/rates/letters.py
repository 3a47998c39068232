r"""The letters of the topic, as in T chapter 7.

L is the empirical loss L_n with Hessian between rho_- and rho_+ (h stands for any of its Rayleigh quotients), xi the
largest slope by which the concave part of the penalty bends down, alpha the step. In the print the gradient at beta*
stands without absolute value in eq. 7.11 to 7.13.
"""

from __future__ import annotations

import sympy as sp

from duality.ledger.claim import Hypothesis, Statement
from duality.ledger.tex import Quantity

rho, xi, alpha, b, a, w2, w3 = sp.symbols("rho_- xi alpha b a w_2 w_3", real=True)
rho_plus = sp.Symbol("rho_+", positive=True)
lam, eps, kappa = (
    sp.Symbol("lambda", positive=True),
    sp.Symbol("varepsilon", positive=True),
    sp.Symbol("kappa", real=True),
)
s_star, d, n, m = (sp.Symbol(name, positive=True) for name in ("s^*", "d", "n", "m"))
K, T, t0 = sp.symbols("K T t_0", integer=True, nonnegative=True)
N = sp.Symbol("N", integer=True, nonnegative=True)

CURVATURE = Quantity("h")
ERROR = Quantity(r"\|\beta_T-\beta^*\|_2", nonnegative=True)


def statement(relation: sp.Basic, words: str, *hypotheses: Hypothesis, **more: tuple) -> Statement:
    return Statement(relation, hypotheses, words, **more)


def given(name: str, relation: sp.Basic, note: str = "") -> Hypothesis:
    return Hypothesis(name, relation, note)


SPECTRUM = (
    given("curvature from below", sp.Le(rho, CURVATURE)),
    given("curvature from above", sp.Le(CURVATURE, rho_plus)),
)
CONVEX = given("xi < rho", sp.Lt(xi, rho))
XI = given("xi >= 0", sp.Ge(xi, 0))
STEP = (
    given("alpha > 0", sp.Gt(alpha, 0)),
    given("alpha <= 1/rho_+", sp.Le(alpha, 1 / rho_plus)),
)
