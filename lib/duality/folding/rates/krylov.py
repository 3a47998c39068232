r"""Krylov methods on the products with Phi that the folded iteration makes, against that iteration.

The gradient map with its best step s = 2/(mu+L): Phi = I - sH with the spectrum of H in [mu, L], kappa = L/mu, and
1/sigma = (kappa-1)/(kappa+1) the spectral radius. Krylov methods solve A w = b with A = I - Phi. CG: Hestenes and
Stiefel (1952), its worst case: Meinardus (1963); GMRES: Saad and Schultz (1986).
"""

from __future__ import annotations

import sympy as sp

from duality.folding.rates.letters import K, statement
from duality.ledger.claim import Hypothesis
from duality.ledger.tex import Quantity

kappa = sp.Symbol("kappa", real=True)
RATE = (kappa - 1) / (kappa + 1)
SPEEDUP = Quantity(
    r"\liminf_{\varepsilon\to0}\frac{N_{\mathrm{fixed\ point}}(\varepsilon)}{N_{\mathrm{CG}}(\varepsilon)}",
    positive=True,
)
BEST_SPEEDUP = Quantity(
    r"\limsup_{\varepsilon\to0}\frac{N_{\mathrm{fixed\ point}}(\varepsilon)}{N_{\mathrm{any}}(\varepsilon)}",
    positive=True,
)
CG_ERROR = Quantity(r"\max_H\|w_K^{\mathrm{CG}}-w^*\|_A/\|w^*\|_A", nonnegative=True)
GMRES_RESIDUAL = Quantity(r"\|b-Aw_K^{\mathrm{GMRES}}\|_2", nonnegative=True)
FIXED_RESIDUAL = Quantity(r"\|b-Aw_K\|_2", nonnegative=True)
FIXED_RESIDUAL_NEXT = Quantity(r"\|b-Aw_{K+1}\|_2", nonnegative=True)
GMRES_ERROR = Quantity(r"\|w_K^{\mathrm{GMRES}}-w^*\|_2", nonnegative=True)
FIXED_ERROR = Quantity(r"\|w_K-w^*\|_2", nonnegative=True)

ABOVE_ONE = Hypothesis("kappa > 1", sp.Gt(kappa, 1))
COUNT = (
    r"Let $\Phi=I-sH$ be the gradient map with its best step $s=2/(\mu+L)$ and $\kappa=L/\mu$, and let "
    r"$N(\varepsilon)$ be the number of products with $\Phi$ that the error $\varepsilon$ takes in the worst case over "
    r"$H$ and $b$, in the energy norm and relative to $w^*$. "
)
GROWS = statement(
    sp.Ge(SPEEDUP, sp.sqrt(kappa) * (1 - kappa**-2), evaluate=False),
    COUNT + r"A Krylov method beats the fixed-point iteration by more and more as $\kappa$ grows:{relation}For GMRES "
    r"the same is true of the residual, relative to $b$.",
    ABOVE_ONE,
)
NO_MORE = statement(
    sp.Le(BEST_SPEEDUP, sp.sqrt(kappa) / (1 - 1 / kappa), evaluate=False),
    COUNT + r"For every method whose iterate after $K$ products is a combination of $b,Ab,\dots,A^Kb$, CG and the best "
    r"method for each single problem included,{relation}so the gain is $\sqrt\kappa$ up to a factor that tends to 1.",
    ABOVE_ONE,
)
EVERY_K = statement(
    sp.Le(CG_ERROR, RATE ** (K + 1), evaluate=False),
    r"CG with $K$ products is in the worst case at least as good as the fixed-point iteration with $K$ products, whose "
    r"iterate is $w_{K+1}=\sum_{j\le K}\Phi^jb$ and whose worst error is the right side:{relation}Below "
    r"$\kappa=2+\sqrt5$ it is worse at $K=2$.",
    Hypothesis("kappa >= 2 + sqrt(5)", sp.Ge(kappa, 2 + sp.sqrt(5))),
    Hypothesis("K >= 2", sp.Ge(K, 2)),
)
GMRES = statement(
    sp.Le(GMRES_RESIDUAL, FIXED_RESIDUAL, evaluate=False),
    r"For every $\Phi$, every $b$ and every $K$, with $w_K=\sum_{j<K}\Phi^jb$,{relation}GMRES needs $K$ products for "
    r"its iterate; so does the fixed-point iteration if it is to know the residual of $w_K$.",
)
GMRES_PRODUCTS = statement(
    sp.Le(GMRES_RESIDUAL, FIXED_RESIDUAL_NEXT, evaluate=False),
    r"After the same number $K\ge1$ of products with $\Phi$, GMRES has the smaller residual. The fixed-point iteration "
    r"starts at $b$ for free, so its iterate is $w_{K+1}$,{relation}",
)
GMRES_ERRORS = statement(
    sp.Le(GMRES_ERROR, FIXED_ERROR, evaluate=False),
    r"From the same Krylov space, GMRES has the smaller error,{relation}",
)
