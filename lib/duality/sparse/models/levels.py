r"""The path of levels in PLISA: $\lambda_t = \max\{\sigma(\eta)\circ\lambda_{t-1}, \lambda^*\}$ (T eq. 7.5).

Two parts are free. Where the path starts: as printed, at $\lambda_0 = \nabla L_n(0)$, which has signs, so that an entry
whose gradient is negative jumps to $\lambda^*_j$ in the first block and never has a path; repaired, at
$|\nabla L_n(0)|$, with which every entry has one; or, as in APF, at its largest entry for all. And what is learned: a
ratio and a target for every entry, or one of each that all entries share.

The starts differ in more than sign. From its own gradient an entry is below it after one ratio, so in the first block
all d entries leave zero together; where columns are correlated that allows only the step for the whole matrix,
alpha < 2/lambda_max, about 1/(.9 d) for T 7.7. From the largest gradient few leave zero at a time, and steps ten times
as long are stable.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from duality.sparse.losses import Loss
from duality.sparse.penalties import positive
from duality.sparse.problem import Problems


class Start(ABC):
    """Where a path starts."""

    @abstractmethod
    def __call__(self, gradient: Tensor) -> Tensor:
        """lambda_0 from the gradient at zero, (B, d) or (B, 1)."""


class Signed(Start):
    """As printed in T Algorithm 5: the gradient at zero itself."""

    def __call__(self, gradient: Tensor) -> Tensor:
        return gradient


class Absolute(Start):
    """The repaired reading: its absolute values."""

    def __call__(self, gradient: Tensor) -> Tensor:
        return gradient.abs()


class Largest(Start):
    """Where APF starts: the largest absolute value, for all entries. The smallest level at which zero is stationary."""

    def __call__(self, gradient: Tensor) -> Tensor:
        return gradient.abs().amax(-1, keepdim=True)


def recursion(start: Tensor, ratio: Tensor, target: Tensor, T: int) -> Tensor:
    """Eq. 7.5 as printed, (B, T, d): start (B, d) or (B, 1), ratio and target (d,) or (1,)."""
    lam, path = start, []
    for _ in range(T):
        lam = torch.maximum(ratio * lam, target)
        path.append(lam)
    return torch.stack(path, 1)


class Levels(nn.Module):
    r"""Levels for d entries: learned ratios $\sigma(\eta)$ and targets $\lambda^*$, `size` of each, d or 1.

    $\lambda^*$ is kept positive by learning its logarithm. The recursion is used in closed form,
    $\lambda_t = \max\{\sigma(\eta)^t\lambda_0, \lambda^*\}$, since $\sigma(\eta) < 1$ and $\lambda^* > 0$.
    Raises `ValueError` for another size, for a ratio that is not in (0, 1), rounded too, and for a target that is not
    positive.
    """

    def __init__(self, d: int, size: int, start: Start, ratio: float = 0.9, target: float = 0.1) -> None:
        super().__init__()
        if size not in (1, d):
            raise ValueError(f"levels for {d} entries are 1 or {d}, not {size}")
        ratios = torch.full((size,), ratio)
        if not bool(((ratios > 0) & (ratios < 1)).all()):
            raise ValueError(f"the ratio of a path lies between 0 and 1, not {ratio}, in {ratios.dtype}")
        positive(torch.tensor(target), "the target of a path")
        self.d, self.start = d, start
        self.eta = nn.Parameter(ratios.logit())
        self.log_target = nn.Parameter(torch.full((size,), target).log())

    @property
    def target(self) -> Tensor:
        """lambda^*, (d,) or (1,)."""
        return self.log_target.exp()

    @property
    def ratio(self) -> Tensor:
        """sigma(eta), (d,) or (1,)."""
        return torch.sigmoid(self.eta)

    def set_target(self, target: Tensor) -> None:
        """Put lambda^* where it is wanted. Raises `ValueError` unless it is positive."""
        with torch.no_grad():
            self.log_target.copy_(positive(target, "the target of a path").log())

    def forward(self, loss: Loss, problems: Problems, T: int) -> Tensor:
        """lambda_1 to lambda_T, (B, T, d)."""
        start = self.start(loss.at_zero(problems))
        powers = (
            torch.sigmoid(self.eta) ** torch.arange(1, T + 1, dtype=self.eta.dtype, device=self.eta.device)[:, None]
        )
        lam = torch.maximum(powers * start[:, None], self.target)
        return lam.expand(-1, -1, self.d)


def entrywise(d: int, start: Start | None = None, ratio: float = 0.9, target: float = 0.1) -> Levels:
    """A ratio and a target for every entry, from the absolute gradient unless told otherwise."""
    return Levels(d, d, start or Absolute(), ratio, target)


def shared(d: int, start: Start | None = None, ratio: float = 0.9, target: float = 0.1) -> Levels:
    """One ratio and one target for all entries, from the largest gradient unless told otherwise."""
    return Levels(d, 1, start or Largest(), ratio, target)
