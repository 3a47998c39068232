r"""The penalties of T section 7.3.2: MCP (Zhang 2010), SCAD (Fan and Li 2001), and mixtures of them with l1.

q(x) = p(x) - lambda |x| is the concave part. With Min and Max its derivative is one expression on the whole line. The
conditions are those of Wang, Liu and Zhang (2014).
"""

from __future__ import annotations

import sympy as sp

from duality.ledger.tex import Quantity, latex
from duality.sparse.rates.letters import a, b, given, lam, statement, w2, w3

x = sp.Symbol("x", real=True)
other = sp.Symbol(r"\lambda^{\prime}", positive=True)

SLOPE = Quantity(r"\frac{q'(x)-q'(x+t)}{t}")
CHANGE = Quantity(r"|q'_\lambda(x)-q'_{\lambda'}(x)|", nonnegative=True)
DISTANCE = Quantity(r"|\lambda-\lambda'|", nonnegative=True)


def mcp_slope(x: sp.Expr, lam: sp.Expr = lam, b: sp.Expr = b) -> sp.Expr:
    """q' of MCP: -x/b, cut off at -lambda and lambda."""
    return sp.Max(-lam, sp.Min(lam, -x / b))


def scad_slope(x: sp.Expr, lam: sp.Expr = lam, a: sp.Expr = a) -> sp.Expr:
    """q' of SCAD: 0 up to lambda, then -(|x| - lambda)/(a - 1) until it is cut off at -lambda."""
    left, right = ((side - lam) / (a - 1) for side in (-x, x))
    return sp.Max(0, sp.Min(lam, left)) - sp.Max(0, sp.Min(lam, right))


def mixed_slope(x: sp.Expr, lam: sp.Expr = lam) -> sp.Expr:
    """q' of the mixture with weights w_2 of MCP and w_3 of SCAD; the l1 penalty has no concave part."""
    return w2 * mcp_slope(x, lam) + w3 * scad_slope(x, lam)


B_POSITIVE, A_ABOVE_ONE = given("b > 0", sp.Gt(b, 0)), given("a > 1", sp.Gt(a, 1))
WEIGHTS = (
    given("w_2 >= 0", sp.Ge(w2, 0)),
    given("w_3 >= 0", sp.Ge(w3, 0)),
    given("w_2 + w_3 <= 1", sp.Le(w2 + w3, 1)),
)
PENALTIES = statement(
    sp.Le(SLOPE, w2 / b + w3 / (a - 1), evaluate=False),
    r"The concave parts of MCP and SCAD at $\lambda>0$ have the derivatives $q'_{\mathrm{MCP}}(x)="
    + latex(mcp_slope(x))
    + r"$ and $q'_{\mathrm{SCAD}}(x)="
    + latex(scad_slope(x))
    + r"$. A mixture with weights $w_2,w_3$ (and the rest on $\ell_1$) has $q(0)=q'(0)=0$, $q'$ is odd, continuous, "
    r"nonincreasing, $|q'|\le\lambda$, and for every $t>0${relation}",
    B_POSITIVE,
    A_ABOVE_ONE,
    *WEIGHTS,
)
IN_LAMBDA = statement(
    sp.Le(CHANGE, DISTANCE, evaluate=False),
    r"The derivative of the concave part moves no more than the regularization parameter does: for every $x$ and all "
    r"$\lambda,\lambda'>0${relation}This is what $a\ge2$ is for.",
    B_POSITIVE,
    given("a >= 2", sp.Ge(a, 2)),
    *WEIGHTS,
)
UNIT = statement(
    sp.Lt(w2 / b + w3 / (a - 1), 1, evaluate=False),
    r"What $b>1$ and $a>2$ are for: then for every weight{relation}so that $\tfrac12(x-z)^2+p(x)$ is strictly convex "
    r"and has one minimizer. With another curvature $\rho_-$ in place of 1, $b>1/\rho_-$ and $a>1+1/\rho_-$ do the "
    r"same.",
    given("b > 1", sp.Gt(b, 1)),
    given("a > 2", sp.Gt(a, 2)),
    *WEIGHTS,
)
