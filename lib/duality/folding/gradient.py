r"""Gradient and proximal gradient steps as update maps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from duality.folding.proximal import Parameter, Proximal, value_of
from duality.folding.update import Step, UpdateMap, batch_size

Gradient = Callable[..., Tensor]


@dataclass(frozen=True)
class GradientStep(UpdateMap):
    r"""$U(x, c) = x - s\nabla f(x, c)$, started from zeros of length `size`.

    `gradient(x, *c)` is that of a batch, (B, size); for a function of one problem it is
    `per_problem(torch.func.grad(f))`. The step size s is a number or a function of c that returns (B, 1).
    """

    gradient: Gradient
    s: Parameter
    size: int

    def bind(self, *c: Tensor) -> Step:
        s = value_of(self.s, c)
        return lambda x: x - s * self.gradient(x, *c)

    def start(self, *c: Tensor) -> Tensor:
        return c[0].new_zeros(batch_size(c), self.size)


@dataclass(frozen=True)
class ProximalGradientStep(UpdateMap):
    r"""$U(x, c) = \operatorname{prox}_{sg}(x - s\nabla f(x, c))$: fixed points minimize f + g when both are convex.

    Arguments as for `GradientStep`; `prox` is one of `duality.folding.proximal`.
    """

    gradient: Gradient
    prox: Proximal
    s: Parameter
    size: int

    def bind(self, *c: Tensor) -> Step:
        s = value_of(self.s, c)
        return lambda x: self.prox(x - s * self.gradient(x, *c), s, *c)

    def start(self, *c: Tensor) -> Tensor:
        return c[0].new_zeros(batch_size(c), self.size)
