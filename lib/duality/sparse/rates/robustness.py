r"""How far the output of PLISA moves with its parameters (T Lemma 7.5.1), with constants.

q is a factor per layer that serves every step size of the class, N = KT the layers, N_0 = K(T - t_0) those after the
path has arrived at its targets. Delta stands for the distance of two parameters.
"""

from __future__ import annotations

import sympy as sp

from duality.ledger.tex import Quantity
from duality.sparse.rates.capacity import ENTRIES_OFF, s_tilde
from duality.sparse.rates.letters import SPECTRUM, N, d, given, rho, rho_plus, s_star, statement, xi

q, lowest, most = (
    sp.Symbol("q", real=True),
    sp.Symbol(r"\alpha_{\min}", real=True),
    sp.Symbol(r"\sigma_{\max}", real=True),
)
N_0 = sp.Symbol("N_0", integer=True, nonnegative=True)
DIFFERENCE = Quantity(r"\|\beta_T(\theta)-\beta_T(\theta')\|_2", nonnegative=True)
D_STEP = Quantity(r"|\alpha-\alpha'|", nonnegative=True)
D_ETA = Quantity(r"\|\eta-\eta'\|_2", nonnegative=True)
D_TARGET = Quantity(r"\|\lambda^*-\lambda^{*\prime}\|_2", nonnegative=True)
D_WEIGHTS = Quantity(r"\|w-w'\|_2", nonnegative=True)
AWAY = Quantity("D", nonnegative=True)
WAY = Quantity("V", nonnegative=True)
START = Quantity(r"\|\nabla L(0)\|_\infty", nonnegative=True)
TOP = Quantity(r"\max_t\|\lambda_t\|_\infty", nonnegative=True)
SMALLER, LARGER = (
    Quantity(r"\min(\alpha,\alpha')", nonnegative=True),
    Quantity(r"\max(\alpha,\alpha')", nonnegative=True),
)
RATIO = Quantity(r"\max_j\sigma(\eta_j)", nonnegative=True)

STEPS = (
    given("alpha_min > 0", sp.Gt(lowest, 0)),
    given("alpha_min <= alpha", sp.Le(lowest, SMALLER)),
    given("alpha <= 1/rho_+", sp.Le(LARGER, 1 / rho_plus)),
)
FACTOR = (
    given("q", sp.Ge(q, 1 - lowest * (rho - xi))),
    given("q > 0", sp.Gt(q, 0)),
    given("q < 1", sp.Lt(q, 1)),
)
RATIOS = (given("sigma", sp.Le(RATIO, most)), given("sigma < 1", sp.Lt(most, 1)))
ARRIVED = given("N_0 >= 1", sp.Ge(N_0, 1))
GROWTH = (1 / (1 - q) + 1 / q) * N_0 * q**N_0 / lowest * D_STEP
STEP_PART = 2 * AWAY * GROWTH
REST = START / (2 * (1 - most)) * D_ETA + 2 * D_TARGET + sp.sqrt(d) / 2 * TOP * D_WEIGHTS
STABILITY = (1 - q**N) / (rho_plus * (1 - q))
LETTERS = (
    r"Here $h$ is a quotient $v^\top\nabla^2L\,v/v^\top v$ and $\xi$ the largest slope by which $q'_w$ falls; the "
    r"hypotheses on $q$ say that $\xi<\rho_-$. "
)
PRINTED = statement(
    sp.Le(DIFFERENCE, STEP_PART + sp.Add(*(STABILITY * term for term in REST.args)), evaluate=False),
    r"Lemma 7.5.1 with its constants, in the strongly convex case ($a\ge2$), which is more than the sparse eigenvalues "
    r"of the print: $e^{-C_\Theta}=q$, $N=KT$ layers of which $N_0=K(T-t_0)$ come after both paths have arrived, and "
    r"$D$ bounds the distance of every iterate of the second run from the minimizer of its block,{relation}"
    + LETTERS
    + r"On problems with (a), (c) and $|\nabla L(\beta^*)_j|\le\lambda_j^*$ off the support $D$ is at most twice the "
    r"radius of the ball of the path, of order $\sqrt{s^*}$. At $T=t_0$ the first term would vanish, but the output "
    r"depends on $\alpha$: $N_0\ge1$ is needed.",
    *SPECTRUM,
    *STEPS,
    *FACTOR,
    *RATIOS,
    ARRIVED,
)
SPARSE_REST = REST.subs(sp.sqrt(d), sp.sqrt(s_star + s_tilde / 2))
SPARSE = statement(
    sp.Le(DIFFERENCE, WAY * GROWTH + sp.Add(*(STABILITY * term for term in SPARSE_REST.args)), evaluate=False),
    r"The same from (b) as it is printed, if no iterate of the two runs has more than $\tilde s/2$ nonzero entries off "
    r"the support: let the quotients $h$ at vectors with at most $s^*+2\tilde s$ nonzero entries obey the hypotheses, "
    r"and let no layer of the second run move its iterate by more than $V$. Then{relation}with $\sqrt{s^*+\tilde s/2}$ "
    r"for the $\sqrt d$ at the weights. " + LETTERS + r"That the iterates are so sparse is a hypothesis, which a run "
    r"can be checked for; the print expects it from $\tilde s>(121\kappa+144\kappa^2)s^*$. $V$ is bounded as $D$ is.",
    *PRINTED.hypotheses,
    given("sparse iterates", sp.Le(ENTRIES_OFF, s_tilde / 2)),
)
ETA_ONLY = Quantity(r"\|\beta_T(\eta)-\beta_T(\eta')\|_2", nonnegative=True)
ETA = statement(
    sp.Le(ETA_ONLY, q**N_0 * START / (2 * rho_plus * (1 - q) * (1 - most)) * D_ETA, evaluate=False),
    r"The ratios $\eta$ only shape the path. After it has arrived their influence decays at the convergence rate, in "
    r"the strongly convex case,{relation}where the lemma has the stability rate, which grows with the depth. "
    + LETTERS,
    *SPECTRUM,
    *STEPS,
    *FACTOR,
    *RATIOS,
)
