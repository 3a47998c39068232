"""From which n on the bounds say more than the trivial one, at the printed d, mu, L and law of b.

Every loss is at most M, because outputs and labels lie in one ball with diameter M; a class of functions with values in
[0, M] has R_n at most M/2. A bound that exceeds M/2 is called vacuous. Units: |b| = 1 in the scale of M = |b|/mu.
"""

from __future__ import annotations

import sympy as sp

from duality.hybrid.rates.generalization import B_PHI, CVG, SENS, STAB, B, L, Lam, M, d, k, mu, n, r, sigma_b
from duality.hybrid.rates.generalization_repaired import NORM_BRACKET, RQ
from duality.hybrid.rates.regimes import LEAST_BRACKET
from duality.ledger.claim import Hypothesis, Statement
from duality.ledger.tex import Quantity

LARGEST_K = 30
C0 = sp.Rational(1, 10)
PRINTED = (
    Hypothesis("d", sp.Eq(d, 5)),
    Hypothesis("mu", sp.Eq(mu, sp.Rational(1, 10))),
    Hypothesis("L", sp.Eq(L, 1)),
    Hypothesis("sigma_b", sp.Eq(sigma_b, 5 / sp.sqrt(3))),
    Hypothesis("M", sp.Eq(M, 50 * sp.sqrt(5))),
)
TWO_BALLS = Hypothesis("Lambda >= log 2", sp.Ge(Lam, sp.log(2)), r"\text{: more than one ball}")
DEPTHS = (Hypothesis("2 <= k", sp.Ge(k, 2)), Hypothesis("k <= 30", sp.Le(k, LARGEST_K)))
USEFUL = Hypothesis(
    "useful", sp.Lt(sp.sqrt(2) * d / sp.sqrt(n) * STAB * LEAST_BRACKET, M / 2), r"\text{ (printed, best }t\text{)}"
)
VACUITY = Statement(
    sp.Le(10**6, n, evaluate=False),
    (*PRINTED, Hypothesis("B", sp.Eq(B, 2 * L * sp.sqrt(d))), TWO_BALLS, *DEPTHS, USEFUL),
    "For GD and NAG at their largest step sizes, at one step size, the printed bound is below the trivial $M/2$, for "
    "any $r$ and $t$, only if{relation}",
)
REPAIRED_N = Quantity("n_{\\mathrm{useful}}", nonnegative=True)
REPAIRED_BOUND = STAB / sp.sqrt(n) * NORM_BRACKET
VACUITY_REPAIRED = Statement(
    sp.Le(REPAIRED_N, 10**4, evaluate=False),
    (
        *PRINTED[1:],
        Hypothesis("B", sp.Eq(B, (L - mu) * sp.sqrt(3)), r"\text{: three eigenvalues are learned}"),
        Hypothesis("Lambda", sp.Eq(Lam, sp.log(2))),
        Hypothesis("level", sp.Eq(RQ, L**4 / sigma_b**2 * (sp.sqrt(r) + M * CVG) ** 2, evaluate=False)),
        Hypothesis("r", sp.Eq(r, 0)),
        DEPTHS[1],
    ),
    "In the same setting, with energies that share their eigenvectors, the repaired bound is below $M/2$ for every "
    r"$n\ge n_{\mathrm{useful}}$, and{relation}",
)
LEARNED_STEP = Statement(
    sp.Le(M / 2, SENS * B_PHI, evaluate=False),
    (
        Hypothesis("mu", sp.Eq(mu, sp.Rational(1, 10))),
        Hypothesis("L", sp.Eq(L, 1)),
        Hypothesis("M", sp.Eq(M, 1 / mu)),
        Hypothesis("B_Phi", sp.Eq(B_PHI, (2 / (mu + L) - C0) / 2)),
        Hypothesis("7 <= k", sp.Ge(k, 7)),
        Hypothesis("k <= 30", sp.Le(k, LARGEST_K)),
    ),
    r"With a learned step of GD, $\Phi=[\frac1{10},\frac{2}{\mu+L}]$, and lengths in units of the largest "
    r"$\|b\|_2$,{relation}so that for these depths the printed and the repaired bound are vacuous for every $n$.",
)
