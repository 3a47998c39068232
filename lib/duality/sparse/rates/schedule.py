r"""The regularization path of T eq. 7.5 for one entry: lambda_0 = grad L(0)_j and lambda_t = max(sigma lambda_{t-1},
lambda*)."""

from __future__ import annotations

import sympy as sp

from duality.ledger.tex import Quantity
from duality.sparse.rates.letters import given, statement

g, sigma = sp.Symbol("g", real=True), sp.Symbol("sigma", real=True)
target = sp.Symbol(r"\lambda^{*}", positive=True)
t = sp.Symbol("t", integer=True, nonnegative=True)
LAMBDA_T = Quantity(r"\lambda_t")

RATIO = (given("sigma > 0", sp.Gt(sigma, 0)), given("sigma < 1", sp.Lt(sigma, 1)))
FIRST = given("t >= 1", sp.Ge(t, 1))
PRINTED = statement(
    sp.Le(sigma**t * sp.Abs(g), LAMBDA_T, evaluate=False),
    r"With $\lambda_0=g=[\nabla L(0)]_j$, as printed, and $\lambda_t=\max\{\sigma\lambda_{t-1},\lambda^*\}$, every "
    r"entry decreases to its target through the ratio $\sigma$, no faster:{relation}",
    *RATIO,
    FIRST,
)
ABSOLUTE = statement(
    sp.Eq(LAMBDA_T, sp.Max(sigma**t * sp.Abs(g), target), evaluate=False),
    r"With $\lambda_0=|g|$, $g=[\nabla L(0)]_j$, and $\lambda_t=\max\{\sigma\lambda_{t-1},\lambda^*\}${relation}With "
    r"$\lambda_0=g$ the path of a negative entry is $\lambda^*$ from the first block on; where the law of the data is "
    r"symmetric, $(\beta^*,\varepsilon)$ like $(-\beta^*,-\varepsilon)$, this is half of the entries on average.",
    *RATIO,
    FIRST,
)
BLOCKS = statement(
    sp.Le(LAMBDA_T, target, evaluate=False),
    r"The path has arrived after $t_0=\ln(|g|/\lambda^*)/\ln(1/\sigma)$ blocks, so for $t\ge t_0${relation}For "
    r"$\sigma\ge0.9$, as Lemma 7.5.1 asks, these are at least $9.49\ln(|g|/\lambda^*)$ blocks.",
    *RATIO,
    given("t >= t_0", sp.Ge(t, (sp.log(sp.Abs(g)) - sp.log(target)) / -sp.log(sigma))),
)
