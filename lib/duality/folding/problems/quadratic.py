r"""Quadratic programs with a learned cost: $\min_x \tfrac12x^\top Qx + p^\top x$ subject to $Ax = b$, $Gx \le h$.

50 variables, 10 equalities, 50 inequalities; all but p is shared. The task is to imitate decisions: a hidden matrix
turns features into the cost of an optimal decision, and a linear model has to find it from features and decisions.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from duality.folding.active import ActiveSet
from duality.folding.admm import ADMM
from duality.folding.implicit import ImplicitLayer
from duality.folding.layer import FoldedLayer
from duality.folding.problems import imitation
from duality.folding.problems.imitation import family
from duality.folding.problems.learned import (
    CONIC,
    FOLDED,
    IMPLICIT,
    UNROLLED,
    Layer,
    Learned,
    generator,
    normal,
)
from duality.folding.program import Quadratic
from duality.folding.rules import FixedPoint
from duality.folding.solvers.active import ActiveSetMethod
from duality.folding.solvers.interior import InteriorPoint
from duality.folding.unrolled import UnrolledLayer

N, EQUALITIES, INEQUALITIES = 50, 10, 50
RHO, GUESSES = 0.1, 20  # of ADMM; near the best for these problems
STEPS = 100  # of the unrolled ADMM; the worst of 256 solutions is then right to about 1e-5


def complete(p: Tensor) -> tuple[Tensor, ...]:
    """The parameters of `Quadratic` with the cost p (B, n)."""
    Q, A, b, G, h = family(N, EQUALITIES, INEQUALITIES)
    return Q, p, A, b, G, h


def parameters(count: int, seed: int) -> tuple[Tensor, ...]:
    """Costs of `count` problems."""
    return (normal(count, N, rng=generator(seed)),)


def primal_dual(*c: Tensor) -> Tensor:
    """Primal-dual points by the same solver that the folded layer has."""
    return ActiveSet().kkt(solver()(*c), *c)


def solver() -> ActiveSetMethod:
    """ADMM guesses, steps of the active set method end it."""
    return ActiveSetMethod(ADMM(rho=RHO), GUESSES)


def _completed(layer: nn.Module) -> Layer:
    return lambda p: layer(*complete(p))


def folded() -> Layer:
    """ADMM guesses, steps of the active set method end it; the same step backward."""
    return _completed(FoldedLayer(solver(), ActiveSet(), FixedPoint()))


def implicit() -> Layer:
    return _completed(ImplicitLayer(primal_dual, Quadratic()))


def reference() -> Layer:
    """The optimality conditions at the points of another solver, the interior-point method."""
    return _completed(ImplicitLayer(InteriorPoint(Quadratic()), Quadratic()))


def unrolled() -> Layer:
    return _completed(UnrolledLayer(ADMM(rho=RHO), STEPS))


def conic_problem() -> tuple[Any, list[Any], list[Any]]:
    """The problem for a conic layer: it, its parameters and its variables."""
    import cvxpy as cp
    import numpy as np

    Q, A, b, G, h = (value[0].numpy() for value in family(N, EQUALITIES, INEQUALITIES))
    x, p = cp.Variable(N), cp.Parameter(N)
    objective = cp.sum_squares(np.linalg.cholesky(Q).T @ x) / 2 + p @ x
    return cp.Problem(cp.Minimize(objective), [A @ x == b, G @ x <= h]), [p], [x]


def conic() -> Layer:
    from duality.folding.conic import FIRST_ORDER, ConicLayer

    return ConicLayer(*conic_problem(), **FIRST_ORDER)


def _data(seed: int) -> imitation.Decisions:
    return imitation.decisions(folded(), N, 1.0, seed)


PROBLEM = Learned(
    "quadratic program",
    parameters,
    {FOLDED: folded, IMPLICIT: implicit, UNROLLED: unrolled, CONIC: conic},
    reference,
    imitation.task(_data),
)
