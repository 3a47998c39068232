r"""The unsupervised setting (T section 7.6): what the loss on held-out samples says about the error.

For one problem, Delta = |beta_T - beta*|, g = |grad L(beta*)|, and the excess is L(beta_T) - L(beta*). Over many
problems everything is a mean.
"""

from __future__ import annotations

import sympy as sp

from duality.ledger.tex import Quantity
from duality.sparse.rates.letters import SPECTRUM, given, rho, rho_plus, statement

ERROR = Quantity(r"\|\beta_T-\beta^*\|_2^2", nonnegative=True)
EXCESS = Quantity(r"(L(\beta_T)-L(\beta^*))")
NOISE = Quantity(r"\|\nabla L(\beta^*)\|_2^2", nonnegative=True)
GRADIENT = Quantity(r"\|\nabla L(\beta^*)\|_2", nonnegative=True)
DISTANCE = Quantity(r"\|\beta_T-\beta^*\|_2", nonnegative=True)
C = sp.Symbol("C", positive=True)

POSITIVE, BELOW = given("rho_- > 0", sp.Gt(rho, 0)), SPECTRUM[0]
PRINTED = statement(
    sp.Le(ERROR, C * EXCESS + C * NOISE, evaluate=False),
    r"Eq. 7.18 and 7.19 on a population of one problem, where the generalization gap is 0: with one constant $C$ for "
    r"both terms and curvatures $h\ge\rho_-$ along the segment,{relation}",
    POSITIVE,
    BELOW,
)
TWO = statement(
    sp.Le(ERROR, 4 / rho * EXCESS + 4 / rho**2 * NOISE, evaluate=False),
    r"With two constants, for every curvature $\rho_->0$ along the segment between $\beta^*$ and "
    r"$\beta_T${relation}The second constant is the smallest for any first one. Over problems the same holds for "
    r"means, and eq. 7.18 and 7.19 hold with $4/\rho_-$ and $4/\rho_-^2$.",
    POSITIVE,
    BELOW,
)
ONE = statement(
    sp.Le(ERROR, 4 / (2 * rho - 1) * (EXCESS + NOISE), evaluate=False),
    r"One constant is enough exactly if $\rho_->1/2$: a condition on the unit in which the loss is measured. "
    r"Then{relation}and no smaller constant will do.",
    given("rho_- > 1/2", sp.Gt(rho, sp.Rational(1, 2))),
    BELOW,
)

AT_U, AT_STAR = Quantity(r"L^{(i)}(\theta_U^*)"), Quantity(r"L^{(i)}(\theta^*)")
AT_TRUTH = Quantity(r"L^{(i)}(\beta^{*(i)})")
PER_PROBLEM = statement(
    sp.Le(AT_U - AT_TRUTH, AT_STAR - AT_TRUTH, evaluate=False),
    r"The first inequality of eq. 7.20, for each problem $i$, where $L^{(i)}(\theta)$ is the loss on the held-out "
    r"samples at the output of PLISA$_\theta$, $\theta_U^*$ minimizes the mean of these losses and $\theta^*$ the "
    r"mean squared error:{relation}",
)
MEAN_U, MEAN_STAR = Quantity(r"\tfrac1m\sum_iL^{(i)}(\theta_U^*)"), Quantity(r"\tfrac1m\sum_iL^{(i)}(\theta^*)")
MEAN_ANY = Quantity(r"\min_\theta\tfrac1m\sum_iL^{(i)}(\theta)")
AVERAGE = statement(
    sp.Le(MEAN_U, MEAN_STAR, evaluate=False),
    r"On average over the training problems, which is what eq. 7.18 needs,{relation}",
    given("minimizer", sp.Le(MEAN_U, MEAN_ANY)),
)
SMOOTH = statement(
    sp.Le(EXCESS, GRADIENT * DISTANCE + rho_plus / 2 * DISTANCE**2, evaluate=False),
    r"The second inequality of eq. 7.20 and 7.21, with curvatures $h$ up to $\rho_+$ along the segment:{relation}",
    SPECTRUM[1],
)
