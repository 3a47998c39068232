"""FISTA: ISTA with momentum (Beck and Teboulle 2009), restarted where it points uphill (O'Donoghue and Candes 2015)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from duality.sparse.losses import LeastSquares, Loss
from duality.sparse.penalties import L1, soft_threshold
from duality.sparse.problem import Problems
from duality.sparse.solvers.solver import Solved, Solver, check_limits, levels, start
from duality.sparse.stationarity import violation


@dataclass(frozen=True)
class FISTA(Solver):
    """For the l1 penalty, until omega <= tolerance, looked at every `every` steps. What is done stands still.

    Raises `ValueError` for a tolerance that is not positive and for numbers of steps below 1.
    """

    loss: Loss = LeastSquares()
    tolerance: float = 1e-6
    steps: int = 100_000
    every: int = 10

    def __post_init__(self) -> None:
        check_limits(self.tolerance, min(self.steps, self.every))

    @torch.no_grad()
    def __call__(self, problems: Problems, lam: Tensor | float) -> Solved:
        level, beta = levels(problems, lam), start(problems, self.loss)
        alpha = 1 / self.loss.smoothness(problems)[:, None].clamp_min(torch.finfo(beta.dtype).tiny)
        ahead, t = beta, torch.ones_like(alpha)
        taken, omega = torch.zeros_like(problems.counts), violation(self.loss, L1(), problems, beta, level)
        going = omega > self.tolerance
        for number in range(1, self.steps + 1):
            if not bool(going.any()):
                break
            g = self.loss.gradient(problems, ahead)
            new = torch.where(going[:, None], soft_threshold(ahead - alpha * g, alpha * level), beta)
            uphill = ((ahead - new) * (new - beta)).sum(-1, keepdim=True) > 0
            t = torch.where(uphill, 1.0, t)
            following = (1 + (1 + 4 * t.square()).sqrt()) / 2
            ahead = new + (t - 1) / following * (new - beta)
            beta, t = new, following
            taken += going
            if number % self.every == 0 or number == self.steps:
                omega = violation(self.loss, L1(), problems, beta, level)
                going = omega > self.tolerance
        return Solved(beta, omega, omega <= self.tolerance, taken)
