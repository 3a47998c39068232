r"""Proximal maps $\operatorname{prox}_{sg}(v) = \arg\min_x \tfrac1{2s}\|x - v\|^2 + g(x, c)$, row by row.

Each is called with (v, s, *c), v of shape (B, n), s a number or (B, 1). Their parameters are numbers, or functions of c
that return something which broadcasts with v. Away from kinks automatic differentiation gives their derivatives.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

Parameter = float | Callable[..., Tensor]


def value_of(parameter: Parameter, c: tuple[Tensor, ...]) -> float | Tensor:
    """A parameter at c."""
    return parameter(*c) if callable(parameter) else parameter


class Proximal(ABC):
    """The proximal map of a function g."""

    @abstractmethod
    def __call__(self, v: Tensor, s: float | Tensor, *c: Tensor) -> Tensor:
        """prox of s g at v, of the shape of v."""


@dataclass(frozen=True)
class SoftThreshold(Proximal):
    """g = level ‖x‖₁."""

    level: Parameter

    def __call__(self, v: Tensor, s: float | Tensor, *c: Tensor) -> Tensor:
        bound = s * value_of(self.level, c)
        return torch.relu(v - bound) - torch.relu(-v - bound)


@dataclass(frozen=True)
class Box(Proximal):
    """g = 0 for low <= x <= high, else infinite."""

    low: Parameter
    high: Parameter

    def __call__(self, v: Tensor, s: float | Tensor, *c: Tensor) -> Tensor:
        low, high = (torch.as_tensor(value_of(end, c)).to(v) for end in (self.low, self.high))
        return torch.minimum(torch.maximum(v, low), high)


@dataclass(frozen=True)
class Nonnegative(Proximal):
    """g = 0 for x >= 0, else infinite."""

    def __call__(self, v: Tensor, s: float | Tensor, *c: Tensor) -> Tensor:
        return torch.relu(v)


@dataclass(frozen=True)
class Simplex(Proximal):
    """g = 0 for x >= 0 with sum x = total, else infinite. By sorting (Held, Wolfe and Crowder 1974)."""

    total: Parameter = 1.0

    def __call__(self, v: Tensor, s: float | Tensor, *c: Tensor) -> Tensor:
        total = torch.as_tensor(value_of(self.total, c)).to(v)
        falling = v.sort(dim=-1, descending=True).values
        excess = falling.cumsum(-1) - total
        count = torch.arange(1, v.shape[-1] + 1, device=v.device)
        support = (falling * count > excess).sum(-1, keepdim=True).clamp_min(1)
        return torch.relu(v - excess.gather(-1, support - 1) / support)
