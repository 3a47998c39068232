r"""Update maps $U(s, c)$: one step of an iteration whose fixed point is the solution of a problem with parameters c.

A map works on a batch. Its state s is (B, n), one row per problem; every parameter has the problems along its first
axis, with size B, or with size 1 where all problems share it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

Step = Callable[[Tensor], Tensor]


class UpdateMap(ABC):
    """U(s, c) as `bind`, the state to start from, and how to read the solution off a state."""

    @abstractmethod
    def bind(self, *c: Tensor) -> Step:
        """The step s -> U(s, c) for these parameters. What does not depend on s is computed once, here."""

    @abstractmethod
    def start(self, *c: Tensor) -> Tensor:
        """A state (B, n) to start from, constant in c."""

    def solution(self, state: Tensor, *c: Tensor) -> Tensor:
        """The solution that belongs to a state; the state itself unless a map says otherwise."""
        return state

    def __call__(self, state: Tensor, *c: Tensor) -> Tensor:
        """U(s, c), of the shape of s."""
        return self.bind(*c)(state)


@dataclass(frozen=True)
class Plain(UpdateMap):
    """The map of any differentiable function `step(x, *c)`, started from zeros of length `size`."""

    step: Callable[..., Tensor]
    size: int

    def bind(self, *c: Tensor) -> Step:
        return lambda x: self.step(x, *c)

    def start(self, *c: Tensor) -> Tensor:
        return c[0].new_zeros(batch_size(c), self.size)


def batch_size(c: tuple[Tensor, ...]) -> int:
    """The number of problems B that the parameters describe.

    Raises `ValueError` unless every parameter is a floating-point tensor of one dtype and device whose first axis has
    the size B or 1.
    """
    if not c:
        raise ValueError("a layer needs at least one parameter; a problem without parameters has no gradient")
    for number, value in enumerate(c):
        if not isinstance(value, Tensor) or not value.is_floating_point():
            kind = value.dtype if isinstance(value, Tensor) else type(value).__name__
            raise ValueError(f"parameter {number} must be a floating-point tensor, not {kind}")
        if value.ndim == 0:
            raise ValueError(f"parameter {number} has no axis for the problems; pass value[None] to share it")
    places = {(value.dtype, value.device) for value in c}
    if len(places) > 1:
        shown = ", ".join(sorted(f"{dtype} on {device}" for dtype, device in places))
        raise ValueError(f"the parameters must share one dtype and one device, not: {shown}")
    sizes = {value.shape[0] for value in c} - {1}
    if len(sizes) > 1:
        shown = ", ".join(str(tuple(value.shape)) for value in c)
        raise ValueError(f"first axes must all be the number of problems, or 1 if shared; the shapes are {shown}")
    return sizes.pop() if sizes else 1


def rows(values: tuple[Tensor, ...], chosen: Tensor) -> tuple[Tensor, ...]:
    """The parameters of the chosen problems; shared ones stay as they are."""
    return tuple(value if value.shape[0] == 1 else value[chosen] for value in values)


def per_problem(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of one problem as a function of a batch: the first axis of each argument runs over problems.

    Arguments whose first axis has size 1 are shared. Also for derivatives: `per_problem(torch.func.grad(f))`.
    """

    def batched(*arguments: Tensor) -> Any:
        count = batch_size(arguments)
        axes = tuple(0 if value.shape[0] == count else None for value in arguments)
        given = [value if axis == 0 else value[0] for value, axis in zip(arguments, axes, strict=True)]
        return torch.vmap(function, in_dims=axes)(*given)

    return batched


def lengths(x: Tensor) -> Tensor:
    """The Euclidean length of every row, (B,)."""
    return torch.linalg.vector_norm(x, dim=-1)
