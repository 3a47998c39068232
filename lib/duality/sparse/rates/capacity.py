r"""The capacity of PLISA (T Theorem 7.4.1): as printed, and with constants where the loss is strongly convex.

The printed theorem leaves its constants to depend on theta, and theta on epsilon and on the problems. With (b) at every
level, the case s~ -> infinity of the text, everything can be said in full: m = rho_- - xi is the strong convexity of
loss and concave part together.
"""

from __future__ import annotations

import sympy as sp

from duality.ledger.tex import Quantity
from duality.sparse.rates.letters import (
    CONVEX,
    CURVATURE,
    ERROR,
    SPECTRUM,
    STEP,
    K,
    N,
    T,
    a,
    alpha,
    b,
    eps,
    given,
    kappa,
    rho,
    rho_plus,
    s_star,
    statement,
    t0,
    w2,
    w3,
    xi,
)

FLOOR = Quantity(r"\|(\nabla L(\beta^*)\vee\varepsilon)_{S^*}\|_2", nonnegative=True)  # signed, as in the print
c1, C, B1, B2, top = (sp.Symbol(name, positive=True) for name in ("c_theta", "C_theta", "B_1", "B_2", "Lambda"))
c2 = sp.Symbol(r"c^{\prime}_{\theta}", positive=True)
target = sp.Symbol(r"\lambda^{*}", positive=True)
GRADIENT_ZERO = Quantity(r"\|\nabla L(0)\|_\infty", nonnegative=True)
LARGEST = Quantity(r"\|\beta^*\|_\infty", nonnegative=True)

PRINTED = statement(
    sp.Le(ERROR, c1 * s_star / eps * sp.exp(-C * K * (T - t0)) + c2 * kappa * FLOOR, evaluate=False),
    r"For every $\varepsilon>0$ there is a $\theta$ such that, with positive constants that depend on it,{relation}"
    r"where $x\vee\varepsilon$ is the entry-wise maximum, without absolute values as in the print. The existence is "
    r"proved by the $\theta$ of the last hypotheses: with so large a target PLISA answers 0 to every problem, and "
    r"$c'_\theta=B_1/\varepsilon$ will do. So the statement as printed does not tell a good algorithm from one that "
    r"never moves; what does is the rate with its constants.",
    given("(a)", sp.Le(LARGEST, B1)),
    given("(c)", sp.Le(GRADIENT_ZERO, B2)),
    given("kappa >= 1", sp.Ge(kappa, 1), r"\quad(\kappa=\kappa_m)"),
    given("target", sp.Ge(target, B2)),
    given("constant", sp.Ge(c2, B1 / eps)),
)

START = Quantity(r"\|\beta_{t_0}-\beta^*\|_2", nonnegative=True)
RESIDUAL = Quantity(r"\|(|\nabla L(\beta^*)|+p'_{\lambda^*}(|\beta^*|))_{S^*}\|_2", nonnegative=True)
OFF = Quantity(r"\max_{j\notin S^*}|\nabla L(\beta^*)_j|/\lambda^*_j", nonnegative=True)
TARGET_OFF = given("targets off the support", sp.Le(OFF, 1))
FACTOR = 1 - alpha * (rho - xi)
RATE = statement(
    sp.Le(ERROR, FACTOR**N * START + RESIDUAL / (rho - xi), evaluate=False),
    r"Strongly convex case of Theorem 7.4.1 with its constants. Let $q'$ fall by slopes between 0 and $\xi$. After the "
    r"path has arrived at $\lambda^*$, PLISA makes $N=K(T-t_0)$ more layers, and{relation}So "
    r"$e^{-C_\theta}=1-\alpha(\rho_--\xi)$. Nothing is asked of $K$, and nothing is divided by $\varepsilon$.",
    CONVEX,
    *STEP,
    *SPECTRUM,
    TARGET_OFF,
)
s_tilde = sp.Symbol(r"\tilde{s}", positive=True)
ENTRIES_OFF = Quantity(r"\max_k|\{j\notin S^*:\beta_{k,j}\ne0\}|", nonnegative=True)
RATE_SPARSE = statement(
    RATE.relation,
    r"The same rate from (b) as it is printed, if no iterate has more than $\tilde s$ nonzero entries off the support: "
    r"let the quotients $h$ at vectors with at most $s^*+2\tilde s$ nonzero entries obey the hypotheses. Then{relation}"
    r"That the iterates stay so sparse is what $\tilde s>(121\kappa+144\kappa^2)s^*$ is for in the analysis that the "
    r"print follows; here it is a hypothesis that a run can be checked for.",
    *RATE.hypotheses,
    given("sparse iterates", sp.Le(ENTRIES_OFF, s_tilde)),
)
GRADIENT_TRUTH = Quantity(r"\|\nabla L(\beta^*)\|_\infty", nonnegative=True)
LAMBDA_T = Quantity(r"\max_t\|\lambda_t\|_\infty", nonnegative=True)
PATH = statement(
    sp.Le(START, sp.sqrt(s_star) * (B1 + (B2 / 8 + top) / (rho - xi)), evaluate=False),
    r"In the strongly convex case the whole path stays near, after any number of blocks and layers from "
    r"$\beta_0=0$ (the last hypothesis holds for every $\lambda_t\ge\lambda^*$),{relation}This is of order "
    r"$\sqrt{s^*}$, where eq. 7.10 has $\varepsilon^{-1}s^*$.",
    given("(a)", sp.Le(LARGEST, B1)),
    given("(c)", sp.Le(GRADIENT_TRUTH, B2 / 8)),
    given("path", sp.Le(LAMBDA_T, top)),
    CONVEX,
    *STEP,
    *SPECTRUM,
    TARGET_OFF,
)

more2, more3 = sp.symbols(r"w_2^{\prime} w_3^{\prime}", real=True)


def factor(w2: sp.Expr, w3: sp.Expr) -> sp.Expr:
    """e^(-C_theta) as a function of the weights."""
    return 1 - alpha * (rho - w2 / b - w3 / (a - 1))


SPEED = statement(
    sp.Le(factor(w2, w3), factor(more2, more3), evaluate=False),
    r"The convergence speed $C_\theta$ of the bound, $e^{-C_\theta}=1-\alpha(\rho_--w_2/b-w_3/(a-1))$, decreases in "
    r"$w_2$ if the weight is taken from $\ell_1$: for $w_2\le w_2'${relation}",
    given("more MCP", sp.Le(w2, more2)),
    given("same SCAD", sp.Eq(w3, more3)),
    given("alpha > 0", sp.Gt(alpha, 0)),
    given("b > 0", sp.Gt(b, 0)),
    given("a > 1", sp.Gt(a, 1)),
)
MEASURED = Quantity(r"\lim_{k\to\infty}\frac{|\beta_{k+1}-\hat\beta|}{|\beta_k-\hat\beta|}", nonnegative=True)
MCP_CONVEX = given("w_2/b < rho", sp.Lt(w2 / b, rho))
SPEED_MEASURED = statement(
    sp.Lt(MEASURED, 1 - alpha * (rho - w2 / b), evaluate=False),
    r"What the weight of MCP does to the bound it need not do to the algorithm: on one entry with curvature $\rho_-$ "
    r"whose limit has $|\hat\beta|>b\lambda$ the factor per layer is below $e^{-C_\theta}$,{relation}",
    *STEP,
    given("rho_- > 0", sp.Gt(rho, 0)),
    given("rho_- <= rho_+", sp.Le(rho, rho_plus)),
    given("w_2/b > 0", sp.Gt(w2 / b, 0)),
)
BENT = Quantity(r"(-q''(\hat\beta))")
SPEED_LOCAL = statement(
    sp.Eq(MEASURED, 1 - alpha * (CURVATURE - BENT), evaluate=False),
    r"On one entry with curvature $h$ and $\hat\beta\ne0$ the factor per layer is{relation}with "
    r"$-q''(\hat\beta)=w_2/b$ where $|\hat\beta|<b\lambda$ and 0 where $|\hat\beta|>b\lambda$. So MCP slows the small "
    r"entries down, as the bound says, and the large ones not at all. Where $h<-q''$ the layers leave $\hat\beta$.",
    *STEP,
    SPECTRUM[1],
    given("w_2/b >= 0", sp.Ge(w2 / b, 0)),
    given("h > -q''", sp.Lt(BENT, CURVATURE)),
)
