r"""Upper bounds of the stability in Q, in every dimension, from $g_k[\lambda,\nu]\nu = -\sum_m
s_mA_m(\lambda)Y_m(\nu)$.

With $A_m = A_{k,m}$, $Y_m = 1-z_m$, $E = Q_1-Q_2$ the triangle inequality gives the *sum bound*
$\sum_m s_m \sup|A_m|\sup|Y_m|$. The *factored bound* keeps the terms together: for any weights $w_m > 0$,

$$\sum_m s_mA_m(Q_1)\,E\,Y_m(Q_2) = R\,(I\otimes E)\,C,\quad
\|R\|^2 = \sup_\lambda\sum_m w_m(s_mA_m)^2,\quad \|C\|^2 = \sup_\nu\sum_m Y_m^2/w_m ,$$

with the block row R of $\sqrt{w_m}s_mA_m(Q_1)$ and the block column C of $Y_m(Q_2)/\sqrt{w_m}$, so that
$\mathrm{Stab}_Q \le \|R\|\|C\|$. The weights $\sup|Y_m|/\sup|s_mA_m|$ give at most the sum bound. In the
logarithms of the weights the bound is convex; it is minimized on a grid and then enclosed rigorously,
whatever the weights are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb
from scipy.optimize import minimize
from scipy.special import logsumexp

from duality.quadratic.arithmetic import BALL, FLOAT, NumberSystem
from duality.quadratic.methods import Method
from duality.quadratic.region import spectrum_grid
from duality.quadratic.residual import auxiliary_sequence, response_sequence
from duality.quadratic.stability import Instance, certified_lower, one_dimensional_worst
from duality.quadratic.supremum import supremum_by_nodes


@dataclass(frozen=True)
class Bracket:
    """lower <= Stab_Q(k) <= upper, both rigorous; `worst` is the one-dimensional pair that reaches
    `lower`.
    """

    lower: float
    upper: float
    worst: Instance


def kick_factors(method: Method, lam: Any, k: int, system: NumberSystem = FLOAT) -> list[Any]:
    """s_m A_{k,m}(lam) for m = 1, ..., k-1: what the perturbation of step m has become in x_k."""
    steps = method.coefficients(system, k)
    backwards = list(response_sequence(steps, lam))
    return [step.s * response for step, response in zip(steps[1:], reversed(backwards[:-1]), strict=True)]


def state_factors(method: Method, nu: Any, k: int, system: NumberSystem = FLOAT) -> list[Any]:
    """1 - z_m(nu) for m = 1, ..., k-1: the point of the m-th gradient, relative to the minimizer."""
    return [1 - z for z in auxiliary_sequence(method.coefficients(system, k), nu)][1:]


def factored_bound(method: Method, k: int, weights: np.ndarray, rtol: float = 1e-6) -> float:
    """The rigorous bound for positive weights of shape (k-1,); 0 for k < 2, where Stab_Q is 0."""
    if k < 2:
        return 0.0
    balls = [BALL.number(float(w)) for w in weights]

    def row(lam: Any) -> Any:
        return sum(w * a * a for w, a in zip(balls, kick_factors(method, lam, k, BALL), strict=True))

    def column(nu: Any) -> Any:
        return sum(1 / w * y * y for w, y in zip(balls, state_factors(method, nu, k, BALL), strict=True))

    left = supremum_by_nodes(row, 2 * (k - 2), method.spectrum, rtol)
    right = supremum_by_nodes(column, 2 * (k - 1), method.spectrum, rtol)
    product = (arb(left.upper) * arb(right.upper)).sqrt()
    return math.nextafter(float(product.upper()), math.inf)


def good_weights(method: Method, k: int, points: int = 160) -> np.ndarray:
    """Weights that nearly minimize the factored bound on a grid, shape (k-1,), k >= 2."""
    grid = spectrum_grid(method.spectrum, points)
    # logarithms, because powers of a contraction run through the whole range of floats
    tiny = 1e-280
    kick = 2 * np.log(np.maximum(np.abs(np.stack(kick_factors(method, grid, k))), tiny))
    state = 2 * np.log(np.maximum(np.abs(np.stack(state_factors(method, grid, k))), tiny))

    def objective(t: np.ndarray, sharpness: float) -> tuple[float, np.ndarray]:
        value, slope = 0.0, np.zeros_like(t)
        for sign, logs in ((1, kick), (-1, state)):
            terms = logs + sign * t[:, None]
            sums = logsumexp(terms, axis=0)
            share = np.exp(sharpness * sums - logsumexp(sharpness * sums))
            value += float(logsumexp(sharpness * sums)) / sharpness
            slope += sign * np.exp(terms - sums) @ share
        return value, slope

    t = (state.max(axis=1) - kick.max(axis=1)) / 2
    for sharpness in (30.0, 100.0, 300.0, 1e3, 3e3, 1e4):
        t = minimize(objective, t, args=(sharpness,), jac=True, method="L-BFGS-B", options={"maxiter": 300}).x
    return np.exp(np.clip(t - t.mean(), -600, 600))


def stab_q(method: Method, k: int) -> Bracket:
    """Enclose Stab_Q(k): the best pair in one dimension below, the factored bound above."""
    worst = one_dimensional_worst(method, k)
    if k < 2:
        return Bracket(0.0, 0.0, worst)
    weights = good_weights(method, k)
    lower, upper = certified_lower(method, worst, k), factored_bound(method, k, weights, rtol=1e-3)
    if upper < 1.004 * lower:
        # so close that the enclosures, not the weights, decide the width of the bracket
        upper = factored_bound(method, k, weights)
    return Bracket(lower, upper, worst)
