r"""Gibbs sampling for entries that are uniform in $\pm$(low, high) a priori: one entry given all others.

Given the data and the other entries it is Gaussian, with some centre and deviation, restricted to those two intervals.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from duality.sparse.problem import Population


@dataclass(frozen=True)
class Conditional:
    """Gaussians of any shape, `centre` and `deviation`, restricted to the intervals of both signs."""

    centre: Tensor
    deviation: Tensor
    low: float
    high: float

    def log_chances(self) -> tuple[Tensor, Tensor]:
        """The logarithms of the chances of the positive and of the negative interval, before the restriction."""
        near, far = ((end - self.centre) / self.deviation for end in (self.low, self.high))
        plus = _log_chance(near, far)
        near, far = ((-end - self.centre) / self.deviation for end in (self.low, self.high))
        return plus, _log_chance(far, near)

    def draw(self, sign: Tensor, u: Tensor) -> Tensor:
        """A value in the interval of a sign (1 or -1) from u uniform in (0, 1)."""
        near, far = sign * self.low, sign * self.high
        low, high = torch.minimum(near, far), torch.maximum(near, far)
        low, high = (low - self.centre) / self.deviation, (high - self.centre) / self.deviation
        return self.centre + self.deviation * _inside(low, high, u)


def check_chain(population: Population, sweeps: int, burn: int) -> None:
    """Raise `ValueError` for a chain of which nothing is counted, and without noise, where it cannot move."""
    if not 0 <= burn < sweeps:
        raise ValueError(f"a chain needs 0 <= burn < sweeps, not {burn} and {sweeps}")
    if not population.noise > 0:
        raise ValueError("the posterior mean is sampled for problems with noise > 0")


def _log_chance(low: Tensor, high: Tensor) -> Tensor:
    """log of the standard normal probability of an interval (low, high)."""
    flip = low > 0  # in the left tail nothing cancels
    low, high = torch.where(flip, -high, low), torch.where(flip, -low, high)
    top, bottom = torch.special.log_ndtr(high), torch.special.log_ndtr(low)
    return top + torch.log1p(-torch.exp((bottom - top).clamp(max=-1e-14)))


def _inside(low: Tensor, high: Tensor, u: Tensor) -> Tensor:
    """A standard normal inside (low, high) from u uniform in (0, 1)."""
    flip = low > 0
    a, b = torch.where(flip, -high, low), torch.where(flip, -low, high)
    start, end = torch.special.ndtr(a), torch.special.ndtr(b)
    value = torch.special.ndtri((start + u * (end - start)).clamp(1e-300, 1 - 1e-16))
    value = torch.minimum(torch.maximum(value, a), b)
    return torch.where(flip, -value, value)
