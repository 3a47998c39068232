"""ISTA: proximal gradient steps of length 1/L (Daubechies, Defrise and De Mol 2004), for any penalty of the topic."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from duality.sparse.losses import LeastSquares, Loss
from duality.sparse.penalties import L1, Penalty, soft_threshold
from duality.sparse.problem import Problems
from duality.sparse.solvers.solver import Solved, Solver, check_limits, levels, start
from duality.sparse.stationarity import residual


@dataclass(frozen=True)
class ISTA(Solver):
    """beta <- T(beta - (grad L + q') / L, lam / L) until omega <= tolerance. Problems that are done stand still.

    With a concave part the limit is a stationary point; L counts only the curvature of the loss, which is enough, since
    a concave part bends the other way.
    """

    loss: Loss = LeastSquares()
    penalty: Penalty = L1()
    tolerance: float = 1e-6
    steps: int = 100_000

    def __post_init__(self) -> None:
        check_limits(self.tolerance, self.steps)

    @torch.no_grad()
    def __call__(self, problems: Problems, lam: Tensor | float) -> Solved:
        level, beta = levels(problems, lam), start(problems, self.loss)
        alpha = 1 / self.loss.smoothness(problems)[:, None].clamp_min(torch.finfo(beta.dtype).tiny)
        taken = torch.zeros_like(problems.counts)
        for _ in range(self.steps + 1):
            g = self.loss.gradient(problems, beta) + self.penalty.concave_slope(level, beta)
            omega = residual(g, beta, level)
            going = (omega > self.tolerance) & (taken < self.steps)
            if not bool(going.any()):
                break
            beta = torch.where(going[:, None], soft_threshold(beta - alpha * g, alpha * level), beta)
            taken += going
        return Solved(beta, omega, omega <= self.tolerance, taken)
