"""Equal loss under two algorithms: the printed sentence on the two energies, and what is true (R after Lemma 4.2)."""

from __future__ import annotations

import sympy as sp

from duality.hybrid.rates.approximation import CVG, d, eps, sigma_b
from duality.ledger.claim import Hypothesis, Statement
from duality.ledger.tex import Quantity
from duality.quadratic.rates import GD_RANGE, NAG_RANGE, SPECTRUM, L, mu

METHODS = ("GD", "NAG")


def _of(method: str, template: str) -> Quantity:
    return Quantity(template.replace("@", rf"\mathrm{{{method}}}"))


def quantities(template: str) -> dict[str, Quantity]:
    """One quantity per method; @ is the place of its name."""
    return {method: _of(method, template) for method in METHODS}


Q_ERROR_OF = quantities(r"P\|Q^{@}_\theta-Q^*\|_F")
LOSS_OF = quantities(r"P\ell^{@}")
CVG_OF = quantities(r"\mathrm{Cvg}_{@}(k)")
WORST_OF = quantities(r"W_{@}(\varepsilon)")
LOW_OF = quantities(r"\lambda_{\min}(Q^{@}_\theta)")
HIGH_OF = quantities(r"\lambda_{\max}(Q^{@}_\theta)")
WORST = Quantity(r"W(\varepsilon)")

POSITIVE_STEP = GD_RANGE[0]
GD_LIMIT = Hypothesis("GD: " + GD_RANGE[1].name, GD_RANGE[1].relation, r"\text{ for GD}")
NAG_LIMIT = Hypothesis("NAG: " + NAG_RANGE[1].name, NAG_RANGE[1].relation, r"\text{ for NAG}")
STEPS = (*SPECTRUM, POSITIVE_STEP, GD_LIMIT, NAG_LIMIT)


def reachable(name: str, convergence: sp.Expr) -> Hypothesis:
    """The loss at which the energy mu I answers for some Q* in the class."""
    return Hypothesis(name, sp.Le(eps, sigma_b * sp.sqrt(d) * ((1 - convergence) / mu - 1 / L)))


LEVEL = (Hypothesis("sigma_b > 0", sp.Gt(sigma_b, 0)), Hypothesis("eps >= 0", sp.Ge(eps, 0)))
DEFINITION = (
    r"Let $W(\varepsilon)$ be the largest $\sqrt{P\|\mathrm{Opt}(Q_\theta,b)-\mathrm{Opt}(Q^*,b)\|_2^2} = "
    r"\sigma_b\sqrt{P\|Q_\theta^{-1}-Q^{*-1}\|_F^2}$ over all distributions of $x$ and $b$ of the setting and all "
    r"$Q_\theta$, $Q^*$ of the class with $\sqrt{P\ell^2}\le\varepsilon$. "
)
WORST_CASE = Statement(
    sp.Eq(WORST, eps + sigma_b * sp.sqrt(d) / mu * CVG, evaluate=False),
    (*STEPS, *LEVEL, reachable("eps reachable", CVG)),
    DEFINITION + "For GD and for NAG,{relation}",
)
ORDER = Statement(
    sp.Eq(
        WORST_OF["GD"] - WORST_OF["NAG"],
        sigma_b * sp.sqrt(d) / mu * (CVG_OF["GD"] - CVG_OF["NAG"]),
        evaluate=False,
    ),
    (*STEPS, *LEVEL, *(reachable(f"eps reachable for {m}", CVG_OF[m]) for m in METHODS)),
    DEFINITION + "At equal loss the method that converges faster leaves less room for this error,{relation}and at a "
    "common step that is never negative.",
)
CLOSER = Statement(
    sp.Le(Q_ERROR_OF["NAG"], Q_ERROR_OF["GD"], evaluate=False),
    (
        *(Hypothesis("0 < mu", sp.Gt(mu, 0)), Hypothesis("mu <= L", sp.Le(mu, L)), *STEPS[3:]),
        *(Hypothesis(f"mu <= {m} energy", sp.Le(mu, LOW_OF[m])) for m in METHODS),
        *(Hypothesis(f"{m} energy <= L", sp.Le(HIGH_OF[m], L)) for m in METHODS),
        Hypothesis("equal loss", sp.Eq(LOSS_OF["NAG"], LOSS_OF["GD"])),
        Hypothesis("NAG is faster", sp.Lt(CVG_OF["NAG"], CVG_OF["GD"])),
    ),
    r"If a model with GD layers and one with NAG layers approximate $\mathrm{Opt}(Q^*,\cdot)$ equally well, then the "
    "energy of the second is the more accurate one,{relation}",
)
