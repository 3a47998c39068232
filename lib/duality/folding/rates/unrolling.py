r"""Plain unrolling from any start: how its gradient error splits, how large it is, and that it first grows.

Beck (1994) and Gilbert (1992) prove that derivatives converge; Mehmood and Ochs (2020) give rates, and Scieur et al.
(2022) the phase in which the error grows. Phi_j and Psi_j are the derivatives at x_j, and
r_j = (Phi_j - Phi) J* + (Psi_j - Psi).
"""

from __future__ import annotations

import sympy as sp
from sympy.printing.latex import LatexPrinter

from duality.folding.rates.letters import J_star, K, j, measured, statement
from duality.ledger.claim import Hypothesis
from duality.ledger.tex import Quantity


class Chain(sp.Function):
    """Phi_{K-1} ... Phi_j, the derivative of the steps j to K-1; the identity where j = K."""

    nargs = 2
    is_commutative = False

    @classmethod
    def eval(cls, after: sp.Expr, first: sp.Expr) -> sp.Expr | None:
        return sp.Integer(1) if after == first else None

    def _latex(self, printer: LatexPrinter, exp: str | None = None) -> str:
        after, first = self.args
        return rf"\Phi_{{{printer.doprint(after - 1)}}}\cdots\Phi_{{{printer.doprint(first)}}}"


class Drive(sp.Function):
    """r_j, what step j adds to the error because the derivatives are not taken at x*."""

    nargs = 1
    is_commutative = False

    def _latex(self, printer: LatexPrinter, exp: str | None = None) -> str:
        return f"r_{{{printer.doprint(self.args[0])}}}"


ERROR = measured("J_K-J^*")
ERROR_NORM = Quantity(r"\|J_K-J^*\|")
J_NORM, M, D = Quantity(r"\|J^*\|"), Quantity("M"), Quantity("D")
SLOPE, DRIVE, START = Quantity(r"\|\Phi_j\|"), Quantity(r"\frac{\|r_j\|}{\|x_j-x^*\|}"), Quantity(r"\|x_0-x^*\|")
q = sp.Symbol("q", real=True)
curvature = sp.Symbol(r"\lambda^{\prime}", positive=True)

SPLITS = statement(
    sp.Eq(ERROR, -Chain(K, 0) * J_star + sp.Sum(Chain(K, j + 1) * Drive(j), (j, 0, K - 1)), evaluate=False),
    r"Unroll $K$ steps of $U$ from any $x_0$, held constant, with derivatives $\Phi_j,\Psi_j$ at $x_j$. With "
    r"$r_j=(\Phi_j-\Phi)J^*+(\Psi_j-\Psi)${relation}The first term is the backward part: it is all that remains, "
    r"$-\Phi^KJ^*$, where $x_0=x^*$. The sum is the forward part: it is zero where $x_0=x^*$, and it is all that "
    r"remains if $J_0=J^*$.",
)
BOUND = statement(
    sp.Le(ERROR_NORM, q**K * J_NORM + K * q ** (K - 1) * M * D, evaluate=False),
    r"Unroll $K\ge1$ steps of $U$ from $x_0$. If the three hypotheses hold for all $j<K$ and $\|\partial U/\partial "
    r"x\|\le q$ between $x_j$ and $x^*$, then{relation}",
    Hypothesis("slope", sp.Le(SLOPE, q)),
    Hypothesis("drive", sp.Le(DRIVE, M)),
    Hypothesis("start", sp.Le(START, D)),
)
STEP_UP = Quantity(r"\|J_{K+1}-J^*\|-\|J_K-J^*\|")
s, start = sp.Symbol("s", positive=True), sp.Symbol(r"|x_{0}|", positive=True)
HUMP = statement(
    sp.Eq(STEP_UP, s * curvature * start * q ** (K - 1) * (q - K * (1 - q)), evaluate=False),
    r"Unroll gradient descent with step $s$ on $\tfrac12\lambda(c)x^2$ from $x_0$, and let $q=1-s\lambda\in(0,1)$ and "
    r"$\lambda'=d\lambda/dc>0$. Then for every $K${relation}so the error of the gradient grows as long as $K<q/(1-q)$, "
    r"while the error of the solution shrinks by the factor $q$ in each step.",
    Hypothesis("0 < q", sp.Gt(q, 0)),
    Hypothesis("q < 1", sp.Lt(q, 1)),
)
