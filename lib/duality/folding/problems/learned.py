"""A learned problem: its parameters come from a model, and a loss looks at its solution.

Every problem brings the same parts, so that a benchmark, an experiment and a test treat them alike: parameters to
differentiate in, one layer per way to differentiate, a reference for the gradient, and a task with an outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

Layer = Callable[..., Tensor]
FOLDED, IMPLICIT, UNROLLED, CONIC = "folded", "implicit", "unrolled", "conic"
PRODUCTS = "folded, by products"  # where the folded layer has a shortcut (total variation, by regions): the one that
# any problem would have
METHODS = (FOLDED, PRODUCTS, IMPLICIT, UNROLLED, CONIC)
DTYPE = torch.float64


@dataclass(frozen=True)
class Task:
    """Learning through the layer, judged on data that were not trained on.

    `learn(layer, seed, steps)` trains and returns the outcome; `without(seed, steps)` is the same for the usual way
    without a layer. Smaller outcomes are better; `outcome` says what they are.
    """

    outcome: str
    learn: Callable[[Layer, int, int], float]
    without: Callable[[int, int], float]
    baseline: str  # the usual way, in words


@dataclass(frozen=True)
class Learned:
    """A problem with learned parameters.

    `parameters(count, seed)` are the learned ones, each with `count` problems first; layers take them and return
    solutions (count, n). `layers` makes them, one per method; making one raises
    `ValueError` where a method cannot express the problem.
    `reference` makes the layer whose gradient the others are compared with. Quadratic programs, portfolios and labels
    have one with a solver of its own, so that a wrong solution of the folded layer is an error, too. Total variation
    and the nonconvex program, which has several minima, do not.
    """

    name: str
    parameters: Callable[[int, int], tuple[Tensor, ...]]
    layers: Mapping[str, Callable[[], Layer]]
    reference: Callable[[], Layer]
    task: Task | None = None
    most: int = 512  # the largest batch that fits in memory and patience


def generator(seed: int) -> torch.Generator:
    """The only source of randomness of a problem."""
    return torch.Generator().manual_seed(seed)


def normal(*shape: int, rng: torch.Generator) -> Tensor:
    """Independent standard normal numbers in double precision."""
    return torch.randn(*shape, generator=rng, dtype=DTYPE)


def uniform(*shape: int, rng: torch.Generator) -> Tensor:
    """Independent numbers in [0, 1), in double precision."""
    return torch.rand(*shape, generator=rng, dtype=DTYPE)


def directions(solutions: Tensor) -> Tensor:
    """Weights of the linear loss under which gradients are compared: fixed, of one shape with the solutions."""
    number = torch.arange(1, solutions.shape[-1] + 1, dtype=solutions.dtype, device=solutions.device)
    return torch.cos(number * number).expand_as(solutions)


def minimize(model: torch.nn.Module, loss: Callable[[], Tensor], steps: int, rate: float) -> None:
    """Adam on the model's weights; every call of `loss` sees all data."""
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    for _ in range(steps):
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()
