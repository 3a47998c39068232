"""The printed bounds for GD and NAG on quadratics, and the bounds that replace or sharpen them.

Each bound is one SymPy relation, from which both the theorem box and the checks are made. Sources: R = Chen, Zhang,
Reisinger, Song (2020), appendix A; names follow R: step size s, condition number kappa = L/mu, iteration k.
"""

from __future__ import annotations

import sympy as sp

from duality.ledger.claim import Hypothesis, Statement
from duality.ledger.tex import Quantity

mu, L, s, t, c0, lam = sp.symbols("mu L s t c_0 lambda", real=True)
k = sp.Symbol("k", integer=True, nonnegative=True)

ERROR = Quantity(r"\|x_k-x^*\|_2")
NEXT_ERROR = Quantity(r"\|x_{k+1}-x^*\|_2")
START = Quantity(r"\|x_0-x^*\|_2")
STEP_CHANGE = Quantity(r"\|x^t_k-x^s_k\|_2")
STEP_GAP = Quantity(r"|t-s|")
OUTPUT_CHANGE = Quantity(r"\|x_{k,1}-x_{k,2}\|_2")
M = Quantity("M")
DQ = Quantity(r"\|Q_1-Q_2\|_2")
DB = Quantity(r"\|b_1-b_2\|_2")
POWER = Quantity(r"\|R_{\mathrm{NAG},s}^k\|_2")
CVG = Quantity(r"\mathrm{Cvg}(k)")
STAB_B = Quantity(r"\mathrm{Stab}_b(k)")

SPECTRUM = (
    Hypothesis("0 < mu", sp.Gt(mu, 0)),
    Hypothesis("mu <= lambda", sp.Le(mu, lam)),
    Hypothesis("lambda <= L", sp.Le(lam, L), r"\text{ for every eigenvalue }\lambda"),
)
K_POSITIVE = Hypothesis("k >= 1", sp.Ge(k, 1))
GD_RANGE = (Hypothesis("s > 0", sp.Gt(s, 0)), Hypothesis("s <= 2/(mu+L)", sp.Le(s, 2 / (mu + L))))
NAG_RANGE = (Hypothesis("s > 0", sp.Gt(s, 0)), Hypothesis("s <= 4/(3L+mu)", sp.Le(s, 4 / (3 * L + mu))))
LYAPUNOV_RANGE = (Hypothesis("s > 0", sp.Gt(s, 0)), Hypothesis("s <= 1/L", sp.Le(s, 1 / L)))


def step_pair(limit: sp.Expr, name: str) -> tuple[Hypothesis, ...]:
    """Two step sizes s, t in [c_0, limit]."""
    return (
        Hypothesis("c0 > 0", sp.Gt(c0, 0)),
        Hypothesis("c0 <= s", sp.Le(c0, s)),
        Hypothesis("c0 <= t", sp.Le(c0, t)),
        Hypothesis(f"s <= {name}", sp.Le(s, limit)),
        Hypothesis(f"t <= {name}", sp.Le(t, limit)),
    )


GD_PAIR = step_pair(2 / (mu + L), "2/(mu+L)")
NAG_PAIR = step_pair(4 / (3 * L + mu), "4/(3L+mu)")

p = 1 - s * mu  # GD's contraction factor on the slowest eigenvalue
u = sp.sqrt(mu * s)
tau = 1 - u  # NAG's, up to the polynomial factor
tau0 = 1 - sp.sqrt(mu * c0)


TAU_SYMBOL, U_SYMBOL, P_SYMBOL = sp.symbols("tau u p", real=True)
NAG_SHORT = ((TAU_SYMBOL, tau), (U_SYMBOL, u))
GD_SHORT = ((P_SYMBOL, p),)


def _bound(left: sp.Expr, right: sp.Expr, *hypotheses: Hypothesis, shorthand: tuple = ()) -> Statement:
    return Statement(sp.Le(left, right, evaluate=False), SPECTRUM + hypotheses, shorthand=shorthand)


def without_eigenvalue(statement: Statement) -> tuple[Hypothesis, ...]:
    """What the statement asks of mu, L, k and the steps: a general function has no eigenvalue to speak of."""
    return tuple(h for h in statement.hypotheses if lam not in h.relation.free_symbols)


GD_CONVERGENCE = _bound(ERROR, p**k * START, *GD_RANGE)
GD_SENSITIVITY = _bound(STEP_CHANGE, L * k * (1 - c0 * mu) ** (k - 1) * STEP_GAP * START, *GD_PAIR, K_POSITIVE)
GD_STABILITY = _bound(
    OUTPUT_CHANGE,
    ((1 - p**k) / mu + s * k * p ** (k - 1)) * M * DQ + (1 - p**k) / mu * DB,
    *GD_RANGE,
    K_POSITIVE,
    shorthand=GD_SHORT,
)
GD_STABILITY_SHARP = _bound(OUTPUT_CHANGE, (1 - p**k) / mu * M * DQ + (1 - p**k) / mu * DB, *LYAPUNOV_RANGE, K_POSITIVE)
STAB_Q = Quantity(r"\mathrm{Stab}_Q(k)")
GD_STABILITY_EXACT = Statement(
    sp.Eq(STAB_Q, L / (L - mu) * ((1 - p**k) / mu - (1 - (1 - s * L) ** k) / L), evaluate=False),
    (*SPECTRUM, Hypothesis("mu < L", sp.Lt(mu, L)), *LYAPUNOV_RANGE),
    "For GD with steps up to $1/L$ the best constant in $Q$ is{relation}",
    shorthand=GD_SHORT,
)
NAG_POWER = _bound(POWER, 2 * sp.Mul(k + 1, tau**k, evaluate=False), *NAG_RANGE, K_POSITIVE)
NAG_POWER_SHARP = _bound(
    POWER,
    tau ** (k - 1) / 2 * (k * (1 + tau**2) + sp.sqrt(k**2 * (1 + tau**2) ** 2 + 4 * tau**2)),
    *NAG_RANGE,
    K_POSITIVE,
    shorthand=NAG_SHORT[:1],
)
NAG_CONVERGENCE = _bound(NEXT_ERROR**2 + ERROR**2, 8 * (1 + k) ** 2 * tau ** (2 * k) * START**2, *NAG_RANGE)
NAG_CONVERGENCE_SHARP = _bound(ERROR, tau**k * (1 + k * u) * START, *NAG_RANGE)
NAG_LYAPUNOV = _bound(ERROR**2, 2 * L / mu * tau**k * START**2, *LYAPUNOV_RANGE)
NAG_TIGHT = Statement(
    sp.Eq(ERROR**2, (k * u + 1) ** 2 * tau ** (2 * k) * START**2, evaluate=False),
    SPECTRUM + NAG_RANGE,
    r"On the component of an eigenvalue $\lambda_i = \mu$ the error of NAG is, exactly,{relation}so the factor that is "
    "quadratic in $k$ cannot be removed.",
)
NAG_SENSITIVITY = _bound(
    STEP_CHANGE,
    (2 * L * (1 + k) + sp.Rational(4, 3) * k * (k + 1) * (k + 5) * (sp.sqrt(mu / c0) + 2 * L))
    * tau0**k
    * STEP_GAP
    * START,
    *NAG_PAIR,
    K_POSITIVE,
)
NAG_SENSITIVITY_REPAIRED = _bound(
    STEP_CHANGE,
    (L * k + (k - 1) * k * (k + 1) / 6 * (3 * L + 2 * sp.sqrt(mu / c0))) * tau0 ** (k - 1) * STEP_GAP * START,
    *NAG_PAIR,
    K_POSITIVE,
)
NAG_STABILITY = _bound(
    OUTPUT_CHANGE,
    (2 / mu * (1 - tau ** (k - 1)) + s * sp.Rational(8, 3) * (k - 1) * k * (k + 4) * tau ** (k - 1)) * M * DQ
    + 2 / mu * (1 - tau**k) * DB,
    *NAG_RANGE,
    K_POSITIVE,
    shorthand=NAG_SHORT[:1],
)
NAG_STABILITY_SHARP = _bound(
    OUTPUT_CHANGE,
    ((1 - tau ** (k - 1) * (1 + (k - 1) * u)) / mu + s * (k - 1) * k * (k + 1) * tau ** (k - 1) / 2) * M * DQ
    + (1 - tau**k * (1 + k * u)) / mu * DB,
    *NAG_RANGE,
    K_POSITIVE,
    shorthand=NAG_SHORT,
)
# R Table 1: the orders in k, and the upper ends of the step ranges.
ORDERS = {
    ("GD", "Cvg"): p**k,
    ("GD", "Stab"): 1 - p**k,
    ("GD", "Sens"): k * (1 - c0 * mu) ** (k - 1),
    ("GD", "range"): 2 / (mu + L),
    ("NAG", "Cvg"): k * tau**k,
    ("NAG", "Stab"): 1 - tau**k,
    ("NAG", "Sens"): k**3 * tau0**k,
    ("NAG", "range"): 4 / (mu + 3 * L),
}
