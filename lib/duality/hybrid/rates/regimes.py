"""The regimes that R section 5 reads from its main bound, made precise, and what they become.

The bound without its sensitivity term is Stab(k) times the bracket of `generalization.BRACKET`. What dominates it is
read from its elasticities: the one in Stab is 1, the one in Cvg is at most 1 and near 0 where Cvg does not matter.
"""

from __future__ import annotations

import sympy as sp

from duality.hybrid.rates.generalization import (
    C1,
    CVG,
    LEVEL,
    RQ,
    B,
    L,
    Lam,
    M,
    mu,
    n,
    r,
    sigma_b,
)
from duality.ledger.claim import Hypothesis, Statement
from duality.ledger.tex import Quantity

ELASTICITY = Quantity(r"\frac{\partial\log(\mathrm{bound})}{\partial\log\mathrm{Cvg}(k)}", nonnegative=True)
POSITIVE = Hypothesis("Lambda > 0", sp.Gt(Lam, 0))

OVER = Statement(
    sp.Le(ELASTICITY, n * RQ / (1200 * B**2 * Lam), evaluate=False),
    (POSITIVE, LEVEL),
    r"(i) Over-parameterized: at fixed $n$ the bound behaves like $\mathrm{Stab}(k)$ alone as $\Lambda\to\infty$, "
    r"because{relation}",
)
UNDER = Statement(
    sp.Le(ELASTICITY, sp.sqrt(216 * RQ * Lam) / 4, evaluate=False),
    (POSITIVE, LEVEL),
    r"(ii) Under-parameterized: the bound behaves like $\mathrm{Stab}(k)$ alone as $\Lambda\to0$, because{relation}",
)

# the bracket with the terms in t left out: what remains for the most favourable t
X = 360 / sp.sqrt(n) * B * Lam
LEAST_BRACKET = sp.sqrt((sp.sqrt(r) + M * CVG) ** 2 * C1 + X**2 + 8 * X) + X + 4
CVG_PART = sp.sqrt(C1) * M * CVG
RIGHT = Statement(
    sp.Le(LEAST_BRACKET, 2 * CVG_PART, evaluate=False),
    (Hypothesis("n >= 1", sp.Ge(n, 1)),),
    r"(iii) About right: for every $n$ there is a $\Lambda$ at which the bound behaves like $\mathrm{Stab}(k)\,"
    r"\mathrm{Cvg}(k)$ at every depth, in the sense that the part of $\mathrm{Cvg}$ is at least half of the bracket, "
    r"however $t$ is chosen:{relation}",
)
HALF = Hypothesis("half", RIGHT.relation)
WINDOW = Statement(
    sp.Le(sp.sqrt(80 * B / 3) * sigma_b / L**2 * n ** sp.Rational(-1, 4), M * CVG, evaluate=False),
    (HALF,),
    r"If the part of $\mathrm{Cvg}$ is at least half of the bracket, then, whatever $\Lambda$ is,{relation}so the "
    r"bound leaves the product at a finite depth, and $\log\mathcal{N}$ is about right near $\sqrt n/(90B)$.",
)

BOUND_NOW, BOUND_NEXT = Quantity(r"\mathrm{Bound}(k)"), Quantity(r"\mathrm{Bound}(k+1)")
K_POSITIVE = Hypothesis("k >= 1", sp.Ge(sp.Symbol("k", integer=True, nonnegative=True), 1))
DEEPER = Statement(
    sp.Le(BOUND_NEXT, BOUND_NOW, evaluate=False),
    (K_POSITIVE,),
    r"In the ideal case (iii), where the bound is a multiple of $\mathrm{Stab}(k)\,\mathrm{Cvg}(k)$, one more step "
    r"improves it (and the approximation),{relation}",
)
A_COEFF, REST = sp.symbols("A K", positive=True)
NOW, NEXT = sp.symbols("c c_+", nonnegative=True)
HUMP = Statement(
    sp.Eq(
        BOUND_NOW - BOUND_NEXT,
        (NOW - NEXT) / mu * (A_COEFF * M * (1 - NOW - NEXT) - A_COEFF * sp.sqrt(r) - REST),
        evaluate=False,
    ),
    (Hypothesis("deeper", sp.Lt(NEXT, NOW)),),
    r"For a bound $\mathrm{Stab}\,(A\,(M\,\mathrm{Cvg}+\sqrt r)+K)$ on the frontier $\mu\,\mathrm{Stab}+\mathrm{Cvg}"
    r"=1$ and two depths with $\mathrm{Cvg}$ equal to $c$ and $c_+<c$,{relation}so the deeper one has the smaller "
    r"bound exactly if $c+c_+\le 1-(\sqrt r+K/A)/M$: past half-way at best, and then at every depth.",
)
