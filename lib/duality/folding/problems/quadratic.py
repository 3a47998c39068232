r"""Quadratic programs with a learned cost: $\min_x \tfrac12x^\top Qx + p^\top x$ subject to $Ax = b$, $Gx \le h$.

50 variables, 10 equalities, 50 inequalities; all but p is shared. The task is to imitate decisions: a hidden matrix
turns features into the cost of an optimal decision, and a linear model has to find it from features and decisions.
"""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import torch
from torch import Tensor, nn

from duality.folding.active import ActiveSet
from duality.folding.admm import ADMM
from duality.folding.implicit import ImplicitLayer
from duality.folding.layer import FoldedLayer
from duality.folding.problems.learned import (
    CONIC,
    DTYPE,
    FOLDED,
    IMPLICIT,
    UNROLLED,
    Layer,
    Learned,
    Task,
    generator,
    minimize,
    normal,
    uniform,
)
from duality.folding.program import Quadratic
from duality.folding.rules import FixedPoint
from duality.folding.solvers.active import ActiveSetMethod
from duality.folding.unrolled import UnrolledLayer

N, EQUALITIES, INEQUALITIES = 50, 10, 50
RHO, GUESSES = 0.1, 20  # of ADMM; near the best for these problems
STEPS = 100  # of the unrolled ADMM; the worst of 256 solutions is then right to about 1e-5
FEATURES, TRAINED, TESTED = 5, 64, 128


@cache
def shared(seed: int = 0) -> tuple[Tensor, ...]:
    """Q, A, b, G, h of one family, each with a first axis of size 1. There is a strictly feasible point."""
    rng = generator(seed)
    root = normal(N, N, rng=rng) / N**0.5
    A, G, inside = normal(EQUALITIES, N, rng=rng), normal(INEQUALITIES, N, rng=rng), normal(N, rng=rng)
    Q = root @ root.mT + 0.1 * torch.eye(N, dtype=DTYPE)
    return tuple(value[None] for value in (Q, A, A @ inside, G, G @ inside + uniform(INEQUALITIES, rng=rng)))


def complete(p: Tensor) -> tuple[Tensor, ...]:
    """The parameters of `Quadratic` with the cost p (B, n)."""
    Q, A, b, G, h = shared()
    return Q, p, A, b, G, h


def parameters(count: int, seed: int) -> tuple[Tensor, ...]:
    """Costs of `count` problems."""
    return (normal(count, N, rng=generator(seed)),)


def primal_dual(*c: Tensor) -> Tensor:
    """Primal-dual points by the same solver that the folded layer has."""
    return ActiveSet().kkt(_solver()(*c), *c)


def _solver() -> ActiveSetMethod:
    return ActiveSetMethod(ADMM(rho=RHO), GUESSES)


def _completed(layer: nn.Module) -> Layer:
    return lambda p: layer(*complete(p))


def folded() -> Layer:
    """ADMM guesses, steps of the active set method end it; the same step backward."""
    return _completed(FoldedLayer(_solver(), ActiveSet(), FixedPoint()))


def implicit() -> Layer:
    return _completed(ImplicitLayer(primal_dual, Quadratic()))


def unrolled() -> Layer:
    return _completed(UnrolledLayer(ADMM(rho=RHO), STEPS))


def conic_problem() -> tuple[Any, list[Any], list[Any]]:
    """The problem for a conic layer: it, its parameters and its variables."""
    import cvxpy as cp
    import numpy as np

    Q, A, b, G, h = (value[0].numpy() for value in shared())
    x, p = cp.Variable(N), cp.Parameter(N)
    objective = cp.sum_squares(np.linalg.cholesky(Q).T @ x) / 2 + p @ x
    return cp.Problem(cp.Minimize(objective), [A @ x == b, G @ x <= h]), [p], [x]


def conic() -> Layer:
    from duality.folding.conic import FIRST_ORDER, ConicLayer

    return ConicLayer(*conic_problem(), **FIRST_ORDER)


def _data(seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """Features, the hidden matrix and the optimal decisions of training and test data together."""
    rng = generator(1000 + seed)
    features, hidden = normal(TRAINED + TESTED, FEATURES, rng=rng), normal(FEATURES, N, rng=rng)
    with torch.no_grad():
        return features, hidden, folded()(features @ hidden)


def _imitate(act: Layer, seed: int, steps: int) -> float:
    """Train a linear model whose outputs `act` turns into decisions; the relative squared error on the test data."""
    features, _, decisions = _data(seed)
    model = nn.Linear(FEATURES, N, bias=False, dtype=DTYPE)
    nn.init.zeros_(model.weight)

    def error(part: slice) -> Tensor:
        found = act(model(features[part]))
        return (found - decisions[part]).square().sum() / decisions[part].square().sum()

    minimize(model, lambda: error(slice(TRAINED)), steps, rate=0.1)
    with torch.no_grad():
        return float(error(slice(TRAINED, None)))


TASK = Task(
    "squared error of the decisions, relative",
    _imitate,
    partial(_imitate, lambda x: x),
    "a linear model of the decisions themselves",
)
PROBLEM = Learned(
    "quadratic program",
    parameters,
    {FOLDED: folded, IMPLICIT: implicit, UNROLLED: unrolled, CONIC: conic},
    implicit,
    TASK,
)
