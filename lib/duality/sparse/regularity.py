r"""The conditions that the theory of path following asks of a penalty, as margins that can be computed.

Wang, Liu and Zhang (2014, section 2) ask of $p(\lambda, \beta) = \lambda|\beta| + q(\lambda, \beta)$, with a prime for
the derivative in beta:

(a) q' is non-increasing for beta > 0, and $q'(x) - q'(y) \ge -\xi (x - y)$ for x > y, for some finite xi;
(b) q is even;
(c) q(lambda, 0) = q'(lambda, 0) = 0;
(d) $|q'(\lambda, \beta)| \le \lambda$;
(e) $|q'(\lambda_1, \beta) - q'(\lambda_2, \beta)| \le |\lambda_1 - \lambda_2|$.

A margin is what is left on a grid: at least 0 (up to rounding) where a condition holds, negative where it is violated.
"""

from __future__ import annotations

import torch
from torch import Tensor

from duality.sparse.penalties import Penalty


def grid(top: float = 12.0, count: int = 4001) -> Tensor:
    """beta from -top to top in double precision, zero included; `count` is odd."""
    return torch.linspace(-top, top, count, dtype=torch.float64)


def slopes(penalty: Penalty, lam: float, beta: Tensor) -> Tensor:
    """The difference quotients of q' between neighbours of a grid."""
    q = penalty.concave_slope(torch.tensor(lam, dtype=beta.dtype), beta)
    return q.diff() / beta.diff()


def monotone(penalty: Penalty, lam: float, beta: Tensor) -> float:
    """Of (a): minus the largest slope of q'."""
    return -float(slopes(penalty, lam, beta).max())


def bounded_concavity(penalty: Penalty, lam: float, beta: Tensor) -> float:
    """Of (a): the smallest slope of q' plus the stated concavity."""
    return float(slopes(penalty, lam, beta).min()) + penalty.concavity


def even(penalty: Penalty, lam: float, beta: Tensor) -> float:
    """Of (b): minus the largest |q(beta) - q(-beta)|."""
    at = torch.tensor(lam, dtype=beta.dtype)
    return -float((penalty.concave(at, beta) - penalty.concave(at, -beta)).abs().max())


def zero_at_zero(penalty: Penalty, lam: float, beta: Tensor) -> float:
    """Of (c): minus the larger of |q(0)| and |q'(0)|."""
    at, zero = torch.tensor(lam, dtype=beta.dtype), torch.zeros((), dtype=beta.dtype)
    return -max(float(penalty.concave(at, zero).abs()), float(penalty.concave_slope(at, zero).abs()))


def slope_below_lambda(penalty: Penalty, lam: float, beta: Tensor) -> float:
    """Of (d): lambda minus the largest |q'|."""
    return lam - float(penalty.concave_slope(torch.tensor(lam, dtype=beta.dtype), beta).abs().max())


def lambda_lipschitz(penalty: Penalty, lam: float, beta: Tensor, other: float | None = None) -> float:
    """Of (e): |lambda - other| minus the largest change of q' from one to the other."""
    second = 1.1 * lam if other is None else other
    change = [penalty.concave_slope(torch.tensor(each, dtype=beta.dtype), beta) for each in (lam, second)]
    return abs(lam - second) - float((change[0] - change[1]).abs().max())


CONDITIONS = {
    "monotone": monotone,
    "bounded concavity": bounded_concavity,
    "even": even,
    "zero at zero": zero_at_zero,
    "slope below lambda": slope_below_lambda,
    "Lipschitz in lambda": lambda_lipschitz,
}


def margins(penalty: Penalty, lam: float = 1.0, beta: Tensor | None = None) -> dict[str, float]:
    """All margins at one lambda, by name."""
    at = grid() if beta is None else beta
    return {name: condition(penalty, lam, at) for name, condition in CONDITIONS.items()}


def convexity(penalty: Penalty, rho_minus: float) -> float:
    """rho_- minus the concavity: where positive, loss plus penalty is convex on sparse vectors (T Lemma 7.5.1 iii)."""
    return rho_minus - penalty.concavity
