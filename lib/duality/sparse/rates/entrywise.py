r"""What entry-wise regularization saves (T section 7.4.2 (i)), and what one target for all training problems costs.

The gradient of least squares at the truth is g_j = x_j'eps/n with noise of variance sigma^2 in each of n samples.
"""

from __future__ import annotations

import sympy as sp

from duality.ledger.tex import Quantity
from duality.sparse.rates.letters import eps, given, n, s_star, statement

sigma = sp.Symbol("sigma", positive=True)
SQUARE = Quantity(r"E\|(|\nabla L(\beta^*)|\vee\varepsilon)_{S^*}\|_2^2", nonnegative=True)
COLUMN = Quantity(r"\max_j\|x_j\|_2^2", nonnegative=True)
ENTRIES = statement(
    sp.Le(SQUARE, 2 * sigma**2 * s_star / n, evaluate=False),
    r"For one problem, with independent noise of variance $\sigma^2$ and $\varepsilon$ small enough,{relation}So with "
    r"probability at least $1-\delta$ the norm is at most $\sigma\sqrt{2s^*/(\delta n)}$: there is no $\log d$. With "
    r"$\varepsilon$ fixed the norm is at least $\varepsilon\sqrt{s^*}$ for every $n$.",
    given("columns", sp.Le(COLUMN, n)),
    given("epsilon", sp.Le(eps, sigma / sp.sqrt(n))),
)

count, level = sp.Symbol("M", positive=True), sp.Symbol("t", real=True)
PROBABILITY = Quantity(r"P[\max_{i\le M}|g_i|\ge t]", nonnegative=True)
LOGARITHM = statement(
    sp.Ge(PROBABILITY, 1 - sp.exp(-1), evaluate=False),
    r"Among $M$ independent Gaussian gradient entries $g_i$ of variance $\sigma^2/n$ one is large:{relation}With $M=d$ "
    r"entries of an orthogonal design this is what a uniform target pays. With $M=m$ training problems it is what one "
    r"entry-wise target pays, which must be at least $8\sup_i|g^{(i)}_j|$ (Lemma 7.5.1 (iv); $\kappa_m$ in eq. 7.11): "
    r"learning one target for all problems brings back $\sqrt{\log m}$ on every entry, and the 2000 training problems "
    r"of the experiments exceed $d=256$ and $1024$.",
    given("M >= 8", sp.Ge(count, 8)),
    given("level", sp.Le(level, sigma * sp.sqrt(sp.log(count) / n))),
)
