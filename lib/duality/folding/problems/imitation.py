r"""Imitating decisions: programs with a hidden cost, and what learns it.

A family of programs shares Q, A, b, G, h; a hidden matrix turns features into the cost of an optimal decision. Through
a layer, a linear model of the cost is trained until its decisions match. Without a layer, the decisions themselves are
regressed on the features, by least squares with an intercept: $Ax = b$ keeps them away from zero where the features
are zero, so that a model without one would lose to the mean.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor, nn

from duality.folding.errors import FoldingWarning
from duality.folding.problems.learned import DTYPE, Layer, Task, generator, minimize, normal, uniform

FEATURES, TRAINED, TESTED = 5, 64, 128
RATE = 0.1  # of Adam
OUTCOME = "squared error of the decisions, relative"
BASELINE = "least squares on the decisions themselves, with an intercept"
TRAIN, TEST = slice(TRAINED), slice(TRAINED, None)


@cache
def family(n: int, equalities: int, inequalities: int) -> tuple[Tensor, ...]:
    """Q, A, b, G, h, each with a first axis of size 1. There is a strictly feasible point."""
    rng = generator(0)
    root = normal(n, n, rng=rng) / n**0.5
    A, G, inside = normal(equalities, n, rng=rng), normal(inequalities, n, rng=rng), normal(n, rng=rng)
    Q = root @ root.mT + 0.1 * torch.eye(n, dtype=DTYPE)
    return tuple(value[None] for value in (Q, A, A @ inside, G, G @ inside + uniform(inequalities, rng=rng)))


class Decisions(NamedTuple):
    """Features (count, FEATURES) and the optimal decisions (count, n), training data first, then test data."""

    features: Tensor
    wanted: Tensor

    def error(self, found: Tensor, part: slice) -> Tensor:
        """The relative squared error of decisions for a part of the data, without those that no layer found."""
        wanted = self.wanted[part]
        kept = _solved(found) & _solved(wanted)
        return (found[kept] - wanted[kept]).square().sum() / wanted[kept].square().sum()


def _solved(decisions: Tensor) -> Tensor:
    """Which rows are numbers: a layer marks what it could not solve."""
    return decisions.isfinite().all(-1)


def decisions(layer: Layer, n: int, size: float, seed: int) -> Decisions:
    """Data of a hidden matrix with entries of a size; the layer makes the decisions for its costs."""
    rng = generator(1000 + seed)
    features, hidden = normal(TRAINED + TESTED, FEATURES, rng=rng), size * normal(FEATURES, n, rng=rng)
    with torch.no_grad():
        return Decisions(features, layer(features @ hidden))


def imitate(layer: Layer, data: Decisions, steps: int) -> float:
    """Train a linear model of the cost through the layer; the error on the test data."""
    model = nn.Linear(FEATURES, data.wanted.shape[-1], bias=False, dtype=DTYPE)
    nn.init.zeros_(model.weight)

    def error(part: slice) -> Tensor:
        return data.error(layer(model(data.features[part])), part)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FoldingWarning)
        minimize(model, lambda: error(TRAIN), steps, RATE)
        with torch.no_grad():
            return float(error(TEST))


def regress(data: Decisions) -> float:
    """The error on the test data of the best affine model of the training data."""
    design = torch.cat([data.features, torch.ones_like(data.features[:, :1])], dim=-1)
    solved = _solved(data.wanted[TRAIN])
    found = torch.linalg.lstsq(design[TRAIN][solved], data.wanted[TRAIN][solved]).solution
    return float(data.error(design[TEST] @ found, TEST))


def task(data: Callable[[int], Decisions]) -> Task:
    """Imitating the decisions that `data` makes from a seed."""
    return Task(
        OUTCOME,
        lambda layer, seed, steps: imitate(layer, data(seed), steps),
        lambda seed, steps: regress(data(seed)),
        BASELINE,
    )
