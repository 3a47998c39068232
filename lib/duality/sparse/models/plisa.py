r"""PLISA (T Algorithms 5 and 6): path following with learned levels, learned penalty and learned step.

Composed of a path of levels (`levels`), a convex combination of l1, MCP and SCAD (`combination`), a step size, and a
way to run it. The two ablations of T 7.7 exchange one part each.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import torch
from torch import Tensor, nn

from duality.sparse.losses import LeastSquares, Loss
from duality.sparse.models.learned import Learned
from duality.sparse.models.levels import Levels, entrywise, shared
from duality.sparse.penalties import Mixture, positive, printed
from duality.sparse.problem import Problems
from duality.sparse.unroll import Best, Unroll


class Combination(nn.Module, ABC):
    """How l1, MCP(b) and SCAD(a) are combined."""

    def __init__(self, a: float, b: float) -> None:
        super().__init__()
        printed(a, b)  # refuses what does not fit
        self.a, self.b = a, b

    @abstractmethod
    def weights(self) -> Tensor:
        """Their weights, (3,)."""

    def forward(self) -> Mixture:
        """The penalty."""
        return printed(self.a, self.b, self.weights())


class LearnedWeights(Combination):
    """The softmax of three learned numbers w (T eq. 7.6), at first equal."""

    def __init__(self, a: float, b: float) -> None:
        super().__init__(a, b)
        self.w = nn.Parameter(torch.zeros(3))

    def weights(self) -> Tensor:
        return torch.softmax(self.w, 0)


class FixedWeights(Combination):
    """Weights that are not learned. Raises `ValueError` unless they are at least 0 with sum 1."""

    fixed: Tensor

    def __init__(self, a: float, b: float, weights: Tensor) -> None:
        super().__init__(a, b)
        printed(a, b, weights)
        self.register_buffer("fixed", weights.clone())

    def weights(self) -> Tensor:
        return self.fixed


class PLISA(Learned):
    """T blocks of K layers, by default for least squares in the `Best` way. alpha is kept positive by its logarithm.

    Raises `ValueError` for T or K below 1 and for a step that is not positive.
    """

    def __init__(
        self,
        levels: Levels,
        combination: Combination,
        alpha: float,
        T: int,
        K: int,
        loss: Loss | None = None,
        way: Unroll | None = None,
    ) -> None:
        super().__init__(levels.d, loss or LeastSquares())
        if T < 1 or K < 1:
            raise ValueError(f"PLISA needs T >= 1 and K >= 1, not {T} and {K}")
        self.levels, self.combination, self.T, self.K, self.way = levels, combination, T, K, way or Best()
        self.log_alpha = nn.Parameter(positive(torch.tensor(alpha), "the step size").log())

    @property
    def alpha(self) -> Tensor:
        """The step size, ()."""
        return self.log_alpha.exp()

    def log_steps(self) -> list[nn.Parameter]:
        return [self.log_alpha]

    def estimates(self, problems: Problems) -> Tensor:
        lam = self.levels(self.loss, problems, self.T)
        return self.way(self.loss, self.combination(), problems, lam, self.alpha, self.K)


A, B = 3.7, 3.0  # a of SCAD and b of MCP; T prints neither


def plisa(
    d: int,
    T: int,
    K: int,
    alpha: float,
    *,
    a: float = A,
    b: float = B,
    loss: Loss | None = None,
    way: Unroll | None = None,
    **path: Any,
) -> PLISA:
    """PLISA itself; `path` is what `entrywise` takes: start, ratio and target."""
    return PLISA(entrywise(d, **path), LearnedWeights(a, b), alpha, T, K, loss, way)


def plisa_shared(
    d: int,
    T: int,
    K: int,
    alpha: float,
    *,
    a: float = A,
    b: float = B,
    loss: Loss | None = None,
    way: Unroll | None = None,
    **path: Any,
) -> PLISA:
    """The ablation with one level that all entries share; `path` is what `shared` takes."""
    return PLISA(shared(d, **path), LearnedWeights(a, b), alpha, T, K, loss, way)


def plisa_l1(
    d: int, T: int, K: int, alpha: float, *, loss: Loss | None = None, way: Unroll | None = None, **path: Any
) -> PLISA:
    """The ablation with the l1 penalty alone; `path` is what `entrywise` takes."""
    return PLISA(entrywise(d, **path), FixedWeights(A, B, torch.tensor([1.0, 0.0, 0.0])), alpha, T, K, loss, way)
