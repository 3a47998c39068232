"""What the solvers share: arguments and answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor

from duality.sparse.losses import Loss
from duality.sparse.penalties import L1, Penalty, positive
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
        """Solve all problems; lam is a number, (B, 1) or (B, d) and positive."""


def levels(problems: Problems, lam: Tensor | float) -> Tensor:
    """lam as (B, d). Raises `ValueError` unless it is positive and fits."""
    given = torch.as_tensor(lam, dtype=problems.X.dtype, device=problems.X.device)
    try:
        full = given.expand(len(problems), problems.d)
    except RuntimeError:
        shapes = f"({len(problems)}, 1 or {problems.d}), not {tuple(given.shape)}"
        raise ValueError(f"lambda must be a number or {shapes}") from None
    return positive(full)


def check_limits(tolerance: float, steps: int) -> None:
    """Raise `ValueError` for a tolerance or a number of steps without meaning."""
    if not tolerance > 0 or steps < 1:
        raise ValueError(f"a solver needs tolerance > 0 and steps >= 1, not {tolerance} and {steps}")


def only_l1(penalty: Penalty) -> None:
    """Raise `ValueError` unless the penalty is l1."""
    if not isinstance(penalty, L1):
        raise ValueError(f"this method is for the l1 penalty, not {type(penalty).__name__}")


def start(problems: Problems, loss: Loss) -> Tensor:
    """Zeros (B, d), after a look at the answers."""
    loss.check(problems)
    return torch.zeros_like(problems.X[:, 0])
