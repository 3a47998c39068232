"""What all learned methods share: problems in, the estimates on the way out."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from duality.sparse.losses import Loss
from duality.sparse.problem import Problems


class Learned(nn.Module, ABC):
    """A method with learned parameters for problems with d variables.

    Called with problems it returns its intermediate estimates (B, T, d), of which the last is the answer. Raises
    `ValueError` for problems of another d, floating type or device, and for answers its loss has no meaning for.
    """

    def __init__(self, d: int, loss: Loss) -> None:
        super().__init__()
        if d < 1:
            raise ValueError(f"a learned method needs d >= 1, not {d}")
        self.d, self.loss = d, loss

    @abstractmethod
    def estimates(self, problems: Problems) -> Tensor:
        """The intermediate estimates, (B, T, d)."""

    def forward(self, problems: Problems) -> Tensor:
        if problems.d != self.d:
            raise ValueError(f"the method is for {self.d} variables, not {problems.d}")
        first = next(self.parameters())
        if problems.X.dtype != first.dtype or problems.X.device != first.device:
            raise ValueError(
                f"the method is in {first.dtype} on {first.device}, the problems in {problems.X.dtype} on "
                f"{problems.X.device}"
            )
        self.loss.check(problems)
        return self.estimates(problems)

    def log_steps(self) -> list[nn.Parameter]:
        """The logarithms of learned step sizes, which training shortens when problems diverge; none by default."""
        return []

    @torch.no_grad()
    def solve(self, problems: Problems, most: int = 256) -> Tensor:
        """The answers (B, d) without a graph, at most `most` problems at a time. Raises `ValueError` for most < 1."""
        if most < 1:
            raise ValueError(f"at least one problem at a time, not {most}")
        firsts = range(0, max(len(problems), 1), most)  # none are still a batch
        parts = [self(problems[first : first + most])[:, -1] for first in firsts]
        return torch.cat(parts)
