r"""What the loss of a hybrid model says about its energy, and the other way round (R section 4 and appendix B).

Each statement is one SymPy relation, from which the theorem box and the checks are made. The setting is R section 2:
a pair $(x, b)$, an unknown energy $Q^*(x)$, a learned one $Q_\theta(x)$, both with spectrum in $[\mu, L]$, the loss
$\ell = \|\mathrm{Alg}^k_\phi(Q_\theta(x), b) - \mathrm{Opt}(Q^*(x), b)\|_2$, and P for the mean over $(x, b)$.
"""

from __future__ import annotations

import sympy as sp

from duality.ledger.claim import Hypothesis, Statement
from duality.ledger.tex import Quantity
from duality.quadratic.rates import L, M, mu

sigma_b, eps = sp.symbols("sigma_b varepsilon", real=True)
d = sp.Symbol("d", integer=True, positive=True)

LOSS = Quantity(r"P\ell_{\phi,\theta}")
RMS_LOSS = Quantity(r"\sqrt{P\ell_{\phi,\theta}^2}")
Q_ERROR = Quantity(r"P\|Q_\theta-Q^*\|_F")
Q_ERROR_SQUARE = Quantity(r"P\|Q_\theta-Q^*\|_F^2")
RMS_Q_ERROR = Quantity(r"\sqrt{P\|Q_\theta-Q^*\|_F^2}")
CVG = Quantity(r"\mathrm{Cvg}(k,\phi)")
LOW_THETA, HIGH_THETA = Quantity(r"\lambda_{\min}(Q_\theta)"), Quantity(r"\lambda_{\max}(Q_\theta)")
LOW_STAR, HIGH_STAR = Quantity(r"\lambda_{\min}(Q^*)"), Quantity(r"\lambda_{\max}(Q^*)")
MOMENT_GAP = Quantity(r"\|\mathbb{E}[bb^\top]-\sigma_b^2I\|_2")
DEPENDENCE = Quantity(r"\sup_x\|\mathbb{E}[bb^\top|x]-\mathbb{E}[bb^\top]\|_2")
START = Quantity(r"\|\mathrm{Alg}^0_\phi\|_2")
RATIO = Quantity(
    r"\sup_{x,b}\frac{\|\mathrm{Alg}^k_\phi(Q_\theta,b)-\mathrm{Opt}(Q_\theta,b)\|_2}"
    r"{\|\mathrm{Alg}^0_\phi-\mathrm{Opt}(Q_\theta,b)\|_2}"
)
OPT = Quantity(r"\sup_{x,b}\|\mathrm{Opt}(Q_\theta(x),b)\|_2")

CLASS = (
    Hypothesis("0 < mu", sp.Gt(mu, 0)),
    Hypothesis("mu <= Q_theta", sp.Le(mu, LOW_THETA)),
    Hypothesis("Q_theta <= L", sp.Le(HIGH_THETA, L)),
    Hypothesis("mu <= Q*", sp.Le(mu, LOW_STAR)),
    Hypothesis("Q* <= L", sp.Le(HIGH_STAR, L)),
)
MOMENTS = (
    Hypothesis("sigma_b > 0", sp.Gt(sigma_b, 0)),
    Hypothesis("E[bb'] = sigma_b^2 I", sp.Eq(MOMENT_GAP, 0)),
    Hypothesis("x, b independent", sp.Eq(DEPENDENCE, 0), r"\text{ (so it is if }x, b\text{ are independent)}"),
)
ALGORITHM = (Hypothesis("zero start", sp.Eq(START, 0)), Hypothesis("Cvg as in R eq. 6", sp.Le(RATIO, CVG)))
BOUNDED = (Hypothesis("M bounds the minimizers", sp.Le(OPT, M)),)


def _bound(left: sp.Expr, right: sp.Expr, words: str, *more: Hypothesis) -> Statement:
    return Statement(sp.Le(left, right, evaluate=False), (*CLASS, *MOMENTS, *ALGORITHM, *more), words)


APPROXIMATION = _bound(
    LOSS,
    sigma_b / mu**2 * Q_ERROR + M * CVG,
    r"For all $\phi$, $\theta$ and $Q^*$,{relation}and so with $\inf_{\phi,\theta}\sup_{Q^*}$ on the left, "
    r"$\inf_\theta\sup_{Q^*}$ at the first term and $\inf_\phi$ at $\mathrm{Cvg}$.",
    *BOUNDED,
)
REPRESENTATION = _bound(
    Q_ERROR_SQUARE,
    L**4 / sigma_b**2 * (RMS_LOSS + M * CVG) ** 2,
    r"For all $\phi$, $\theta$ and $Q^*$,{relation}",
    *BOUNDED,
)
UNBOUNDED = r"For all $\phi$, $\theta$ and $Q^*$, and for every $b$, bounded or not,{relation}"
APPROXIMATION_SHARP = _bound(LOSS, sigma_b * (Q_ERROR / mu**2 + sp.sqrt(d) / mu * CVG), UNBOUNDED)
REPRESENTATION_SHARP = _bound(RMS_Q_ERROR, L**2 * (RMS_LOSS / sigma_b + sp.sqrt(d) / mu * CVG), UNBOUNDED)

# The printed measure of approximation ability takes the worst Q* for one fixed model.
WORST_LOSS = Quantity(r"\sup_{Q^*} P\ell_{\phi,\theta}")
WORST_Q_ERROR = Quantity(r"\sup_{Q^*} P\|Q_\theta-Q^*\|_F")
MEAN_B = Quantity(r"P\|b\|_2")
INTERVAL = (Hypothesis("0 < mu", sp.Gt(mu, 0)), Hypothesis("mu <= L", sp.Le(mu, L)))
FLOOR = Statement(
    sp.Ge(WORST_LOSS, (1 / mu - 1 / L) / 2 * MEAN_B, evaluate=False),
    INTERVAL,
    r"For every model, any $k$, any algorithm, any neural module,{relation}and the exact layer on the constant energy "
    r"$2\mu L/(\mu+L)\,I$ attains it. The approximation ability that the lemma bounds has a floor that no depth and no "
    "network lowers.",
)
MODULE_FLOOR = Statement(
    sp.Ge(WORST_Q_ERROR, sp.sqrt(d) * (L - mu) / 2, evaluate=False),
    INTERVAL,
    r"For every neural module with values in the class,{relation}and the constant $\tfrac12(\mu+L)\,I$ attains it: no "
    "network makes the first term of the lemma smaller than that.",
)
