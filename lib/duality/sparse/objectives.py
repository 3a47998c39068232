r"""What learned methods are trained for: recovery of known truths (T eq. 7.7), or loss on held-out samples (7.17).

Both give a cost for every problem and every intermediate estimate, (B, T). The training loss weighs estimate t with
$\gamma^{T-t}$; the last one counts in validation.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import torch
from torch import Tensor

from duality.sparse.losses import LeastSquares, Loss
from duality.sparse.problem import Problems


@dataclass(frozen=True)
class Tasks:
    """Problems without truths: the samples a method gets, `given`, and those its answer is measured on, `held_out`.

    Raises `ValueError` when they differ in number or in d.
    """

    given: Problems
    held_out: Problems

    def __post_init__(self) -> None:
        if len(self.given) != len(self.held_out) or self.given.d != self.held_out.d:
            raise ValueError("given and held-out samples must be of the same problems")

    def __len__(self) -> int:
        return len(self.given)

    def __getitem__(self, chosen: Any) -> Tasks:
        return Tasks(self.given[chosen], self.held_out[chosen])


class Examples(Protocol):
    """What can be counted and chosen from."""

    def __len__(self) -> int: ...

    def __getitem__(self, chosen: Any) -> Any: ...


E = TypeVar("E", bound=Examples)


class Objective(ABC, Generic[E]):
    """A cost for every problem and estimate."""

    @abstractmethod
    def given(self, examples: E) -> Problems:
        """What the method gets."""

    @abstractmethod
    def costs(self, estimates: Tensor, examples: E) -> Tensor:
        """(B, T) for estimates (B, T, d)."""

    def at_zero(self, examples: E) -> Tensor:
        """The costs of the estimate 0, (B,): what a method that does anything stays below."""
        first = self.given(examples)
        return self.costs(first.X.new_zeros(len(first), 1, first.d), examples)[:, 0]


def check_estimates(estimates: Tensor, problems: Problems) -> None:
    """Raise `ValueError` unless estimates are (B, T, d)."""
    B, d = len(problems), problems.d
    if estimates.ndim != 3 or estimates.shape[::2] != (B, d):
        raise ValueError(f"the cost needs estimates ({B}, T, {d}), not {tuple(estimates.shape)}")


@dataclass(frozen=True)
class Recovery(Objective[Problems]):
    r"""$\|\beta_t - \beta^*\|_2^2$."""

    def given(self, examples: Problems) -> Problems:
        return examples

    def costs(self, estimates: Tensor, examples: Problems) -> Tensor:
        if examples.truth is None:
            raise ValueError("recovery needs problems with a known truth")
        check_estimates(estimates, examples)
        return (estimates - examples.truth[:, None]).square().sum(-1)


@dataclass(frozen=True)
class HeldOut(Objective[Tasks]):
    r"""$L_{n_2}(Z_{1:n_2}, \beta_t(Z_{1:n_1}))$, by default least squares, $\frac1{2n_2}\|y - X\beta_t\|^2$."""

    loss: Loss = LeastSquares()

    def given(self, examples: Tasks) -> Problems:
        return examples.given

    def costs(self, estimates: Tensor, examples: Tasks) -> Tensor:
        check_estimates(estimates, examples.held_out)
        parts = [self.loss.value(examples.held_out, beta) for beta in estimates.unbind(1)]
        return torch.stack(parts, 1)


def weighted(costs: Tensor, gamma: float) -> Tensor:
    """The sum over t of gamma^(T - t) costs (B, T), (B,). gamma = 0 leaves the last."""
    T = costs.shape[1]
    powers = torch.arange(T - 1, -1, -1, dtype=costs.dtype, device=costs.device)
    return costs @ torch.tensor(gamma, dtype=costs.dtype, device=costs.device) ** powers


def tempered(costs: Tensor, limit: Tensor) -> Tensor:
    """costs where they are at most `limit` (B, 1); above it they grow as a logarithm, of the same slope there.

    A method whose step has just become too long for a few problems does badly on them: their derivatives still say
    which way is back, without drowning all others.
    """
    return torch.where(costs <= limit, costs, limit * (1 + torch.log(torch.maximum(costs, limit) / limit)))
