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
    r"For one problem, with independent noise of variance $\sigma^2$ and $\varepsilon\le\sigma/\sqrt n$, which the "
    r"print does not ask for,{relation}So with probability at least $1-\delta$ the norm is at most "
    r"$\sigma\sqrt{2s^*/(\delta n)}$: there is no $\log d$. With $\varepsilon$ fixed the norm is at least "
    r"$\varepsilon\sqrt{|S^*|}$ for every $n$.",
    given("columns", sp.Le(COLUMN, n)),
    given("epsilon", sp.Le(eps, sigma / sp.sqrt(n))),
)

count, level = sp.Symbol("M", positive=True), sp.Symbol("t", real=True)
PROBABILITY = Quantity(r"P[\max_{i\le M}|g_i|<t]", nonnegative=True)
LOGARITHM = statement(
    sp.Le(PROBABILITY, sp.Rational(37, 100), evaluate=False),  # a little more than 1/e
    r"Of $M$ independent Gaussian gradient entries $g_i$ of variance $\sigma^2/n$, $M\ge1$ whole, one is large more "
    r"often than not:{relation}With $M=d$ entries of an orthogonal design this is what a uniform target pays. With "
    r"$M=m$ training problems it is what an entry-wise target pays that obeys Lemma 7.5.1 (iv) for all of them, "
    r"$\lambda^*_j\ge8\sup_i|g^{(i)}_j|$ ($\kappa_m$ in eq. 7.11): this rule brings back $\sqrt{\log m}$ on every "
    r"entry, and the 2000 training problems of the experiments exceed $d=256$ and $1024$. A learned target need not "
    r"obey it.",
    given("level", sp.Le(level, sigma * sp.sqrt(sp.log(count) / n))),
)
