r"""LISTA (Gregor and LeCun 2010) for problems that each have their own design.

The printed layers, $\beta \leftarrow \mathcal T_\theta(W_1 y + W_2\beta)$, learn matrices in place of $X^\top/L$ and
$I - X^\top X/L$ and so belong to one X. Here every problem has another, so the weights act on what exists for all of
them, the gradient:

$$\beta^k = \mathcal T_{\theta_k}\bigl(\beta^{k-1} - W_k\nabla L_n(\beta^{k-1})\bigr),$$

with a matrix $W_k$ and thresholds $\theta_k$ of its own in every layer. With one fixed X whose columns are independent
this contains the printed layers whose two matrices are coupled as in Chen et al. (2018); with $W_k = I/L$ it is ISTA.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from duality.sparse.losses import LeastSquares, Loss
from duality.sparse.models.learned import Learned
from duality.sparse.penalties import positive, soft_threshold
from duality.sparse.problem import Problems


class Weights(nn.Module, ABC):
    """alpha times a learned matrix (d, d), at first the identity. Raises `ValueError` unless alpha > 0."""

    alpha: Tensor

    def __init__(self, d: int, alpha: float) -> None:
        super().__init__()
        self.d = d
        # a unit for the entries: were they as small as a step, any rate of learning would be too large for their sums
        self.register_buffer("alpha", positive(torch.tensor(alpha), "the step size"))

    @abstractmethod
    def forward(self, g: Tensor) -> Tensor:
        """The matrix times g (B, d)."""


class Full(Weights):
    """All d^2 entries."""

    def __init__(self, d: int, alpha: float) -> None:
        super().__init__(d, alpha)
        self.matrix = nn.Parameter(torch.eye(d))

    def forward(self, g: Tensor) -> Tensor:
        return self.alpha * (g @ self.matrix.mT)


class LowRank(Weights):
    """A diagonal and a product of two thin matrices; (2 rank + 1) d entries. One of them starts at random, seeded.

    Raises `ValueError` for rank < 1.
    """

    def __init__(self, d: int, alpha: float, rank: int = 1, seed: int = 0) -> None:
        super().__init__(d, alpha)
        if rank < 1:
            raise ValueError(f"thin matrices need rank >= 1, not {rank}")
        generator = torch.Generator().manual_seed(seed)
        self.diagonal = nn.Parameter(torch.ones(d))
        self.left = nn.Parameter(torch.zeros(d, rank))
        self.right = nn.Parameter(torch.randn(d, rank, generator=generator) / d**0.5)

    def forward(self, g: Tensor) -> Tensor:
        return self.alpha * (self.diagonal * g + (g @ self.right) @ self.left.mT)


class LISTA(Learned):
    """One layer for each of `weights`; thresholds (d,) per layer, all `threshold` at first and kept positive.

    Raises `ValueError` for no layers, for weights of another size and for a threshold that is not positive.
    """

    def __init__(self, d: int, weights: list[Weights], threshold: float, loss: Loss | None = None) -> None:
        super().__init__(d, loss or LeastSquares())
        if not weights:
            raise ValueError("LISTA needs a layer")
        if other := [each.d for each in weights if each.d != d]:
            raise ValueError(f"LISTA for {d} variables cannot have weights for {other[0]}")
        self.weights = nn.ModuleList(weights)
        first = positive(torch.full((len(weights), d), threshold), "the threshold")
        self.log_threshold = nn.Parameter(first.log())

    def estimates(self, problems: Problems) -> Tensor:
        beta, found = torch.zeros_like(problems.X[:, 0]), []
        for weights, threshold in zip(self.weights, self.log_threshold.exp(), strict=True):
            beta = soft_threshold(beta - weights(self.loss.gradient(problems, beta)), threshold)
            found.append(beta)
        return torch.stack(found, 1)


def lista(d: int, layers: int, alpha: float, threshold: float = 1e-3, loss: Loss | None = None) -> LISTA:
    """LISTA with full matrices."""
    return LISTA(d, [Full(d, alpha) for _ in range(layers)], threshold, loss)


def lista_low_rank(
    d: int, layers: int, alpha: float, threshold: float = 1e-3, rank: int = 1, seed: int = 0, loss: Loss | None = None
) -> LISTA:
    """LISTA with a diagonal and a matrix of low rank per layer."""
    return LISTA(d, [LowRank(d, alpha, rank, seed + layer) for layer in range(layers)], threshold, loss)
