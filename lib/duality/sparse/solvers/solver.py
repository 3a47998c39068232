"""What the solvers share: arguments and answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor

from duality.sparse.losses import Loss
from duality.sparse.penalties import positive
from duality.sparse.problem import Problems


@dataclass(frozen=True)
class Solved:
    """Answers beta (B, d); of each the violation omega, whether it is within tolerance, and the steps taken, (B,)."""

    beta: Tensor
    omega: Tensor
    converged: Tensor
    steps: Tensor


class Solver(ABC):
    """Minimizes L_n + P at given levels, or follows a path to them."""

    @abstractmethod
    def __call__(self, problems: Problems, lam: Tensor | float) -> Solved:
        """Solve all problems; lam is a number, (1 or B, 1) or (1 or B, d), and positive."""


def levels(problems: Problems, lam: Tensor | float) -> Tensor:
    """lam as (B, d). Raises `ValueError` unless it is positive and fits."""
    given = torch.as_tensor(lam, dtype=problems.X.dtype, device=problems.X.device)
    B, d = len(problems), problems.d
    # not (B,) or (d,): with as many problems as variables nobody knows which
    if given.ndim and not (given.ndim == 2 and given.shape[0] in (1, B) and given.shape[1] in (1, d)):
        raise ValueError(f"lambda must be a number or (1 or {B}, 1 or {d}), not {tuple(given.shape)}")
    return positive(given.expand(B, d))


def check_limits(tolerance: float, steps: int) -> None:
    """Raise `ValueError` for a tolerance or a number of steps without meaning."""
    if not tolerance > 0 or steps < 1:
        raise ValueError(f"a solver needs tolerance > 0 and steps >= 1, not {tolerance} and {steps}")


def start(problems: Problems, loss: Loss) -> Tensor:
    """Zeros (B, d), after a look at the answers."""
    loss.check(problems)
    return torch.zeros_like(problems.X[:, 0])
