"""What replaces the printed chain of bounds: covers of the matrices instead of their norms, one net instead of a chain.

`Lambda` is the logarithm of the number of balls of radius n^(-1/2), centred anywhere among the maps into the class of
energies, that cover the class which the statement names; such a number grows with the class, and it is at most the one
of covers with centres in the class.
"""

from __future__ import annotations

import sympy as sp

from duality.hybrid.rates.generalization import (
    B_PHI,
    CVG,
    ER_LOSS,
    ER_NORM,
    ER_SQUARES,
    LEVEL,
    LOCAL,
    R_LOSS,
    REPRESENTATION,
    RQ,
    SENS,
    STAB,
    TALAGRAND,
    B,
    Lam,
    M,
    n,
    t,
)
from duality.ledger.claim import Hypothesis, Statement
from duality.ledger.tex import Quantity

phi, phi_0, phi_1 = sp.symbols("phi phi_0 phi_1", real=True)
RHO = Quantity(r"\rho_n", nonnegative=True)
MEAN_SQUARES = Quantity(r"\mathbb{E}\sup P_n\|Q_\theta-Q^*\|_F^2", nonnegative=True)

INTERVAL = Hypothesis(
    "interval", sp.And(sp.Le(phi_0, phi), sp.Le(phi, phi_1)), r"\text{ for }\phi\in\Phi=[\phi_0,\phi_1]"
)
HALF_WIDTH = Hypothesis("half width", sp.Eq(B_PHI, (phi_1 - phi_0) / 2, evaluate=False))
# Gine and Zinn (1984): the largest deviation of empirical means is at most twice the Rademacher complexity
SYMMETRIZATION = Hypothesis(
    "symmetrization", sp.Le(MEAN_SQUARES, RQ + 2 * ER_SQUARES, evaluate=False), r"\text{ (classical)}"
)

W = 1 / sp.sqrt(n)
ONE_NET = 2 + sp.sqrt(2 * Lam) * RHO
NORM_BRACKET = 2 + 4 * B * Lam * W + sp.sqrt(2 * Lam * (RQ + 8 * B**2 * Lam / n + 8 * B * W))
TAIL_BRACKET = 2 + sp.sqrt(2 * Lam * (sp.Rational(3, 2) * RQ + sp.Rational(16, 3) * B**2 * t / n + 5 * B * ER_NORM))

CONTRACTION_MATRICES = Statement(
    sp.Le(R_LOSS, STAB * W * ONE_NET + SENS * B_PHI, evaluate=False),
    (INTERVAL, HALF_WIDTH),
    r"On every sample, with $d_n(\theta,\theta')^2=\frac1n\sum_i\|Q_\theta(x_i)-Q_{\theta'}(x_i)\|_F^2$, with "
    r"$\rho_n$ the largest distance $d_n$ from the local class to $Q^*$, and with $\Lambda = \log\mathcal{N}(n^{-1/2},"
    r"\mathcal{Q}^{\mathrm{loc}}(r_q),d_n)$ for balls centred anywhere,{relation}",
)
NEURAL_SHARP = Statement(
    sp.Le(ER_NORM, W * NORM_BRACKET, evaluate=False),
    (SYMMETRIZATION,),
    r"With $\Lambda=\log\mathcal{N}(n^{-1/2},\ell_Q,L_\infty)$ and $B \ge \|Q_\theta-Q^*\|_F$,{relation}",
)
LOCAL_REPAIRED = Statement(
    sp.Le(ER_LOSS, STAB * W * NORM_BRACKET + SENS * B_PHI, evaluate=False),
    (INTERVAL, HALF_WIDTH, LOCAL, REPRESENTATION, LEVEL, SYMMETRIZATION),
    r"With $\Lambda=\log\mathcal{N}(n^{-1/2},\mathcal{Q},L_\infty)$ for the matrices in the Frobenius norm, and "
    r"$B = \sqrt d\,(L-\mu)$ or any other bound of $\|Q_\theta-Q^*\|_F$,{relation}",
)
LOCAL_TAIL = Statement(
    sp.Le(R_LOSS, STAB * W * TAIL_BRACKET + SENS * B_PHI, evaluate=False),
    (INTERVAL, HALF_WIDTH, LOCAL, REPRESENTATION, LEVEL, TALAGRAND),
    r"With probability at least $1-e^{-t}$, with $\Lambda=\log\mathcal{N}(n^{-1/2},\mathcal{Q},d_n)$ for the matrices "
    r"and $B \ge \|Q_\theta-Q^*\|_F$,{relation}",
)


def solved_for_cvg(statement: Statement, root: sp.Symbol) -> sp.Expr | None:
    """Cvg from r_q = root^2 by the level hypothesis of `statement`, or None when there is none."""
    level = statement.hypothesis("level")
    if level is None:
        return None
    solutions = sp.solve(level.relation.args[1] - root**2, M * CVG)
    return next((s / M for s in solutions if s.coeff(root).could_extract_minus_sign() is False), None)
