r"""How far a point is from a stationary point of $L_n(\beta) + P(\lambda, \beta)$.

$$\omega_\lambda(\beta) = \min_{\xi\in\partial\|\beta\|_1}
  \max_j \bigl|\nabla_j L_n(\beta) + q'(\lambda_j, \beta_j) + \lambda_j\xi_j\bigr|,$$

the measure of Wang, Liu and Zhang (2014, eq. 3.13) on which path following stops. It is 0 exactly at stationary points;
with a convex penalty these are the minimizers.
"""

from __future__ import annotations

import torch
from torch import Tensor

from duality.sparse.losses import Loss
from duality.sparse.penalties import Penalty, soft_threshold
from duality.sparse.problem import Problems


def violation(loss: Loss, penalty: Penalty, problems: Problems, beta: Tensor, lam: Tensor) -> Tensor:
    """omega of every problem, (B,). beta is (B, d), lam broadcasts with it."""
    smooth = loss.gradient(problems, beta) + penalty.concave_slope(lam, beta)
    return residual(smooth, beta, lam)


def residual(smooth: Tensor, beta: Tensor, lam: Tensor) -> Tensor:
    """omega from the gradient of the smooth part, (B,)."""
    at_zero = soft_threshold(smooth, lam).abs()  # the best xi in [-1, 1]
    return torch.where(beta == 0, at_zero, (smooth + lam * beta.sign()).abs()).amax(-1)
