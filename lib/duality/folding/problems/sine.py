r"""A nonconvex quadratic program: $\min_y \tfrac12y^\top Qy + p^\top\sin y$ subject to $Ay = b$, $Gy \le h$.

20 variables, 4 equalities, 20 inequalities; p is learned. Where $p_i\sin y_i$ is curved downwards more than Q is curved
upwards the problem is not convex, and no conic layer can express it. The solver replaces the sine terms by quadratic
ones above them, solves the convex program that results, and repeats: the objective falls with every step. Steps of SQP
end it. What it finds is a point where the first-order conditions hold; `is_minimum` checks the second-order ones.

The task is to imitate decisions, as for the convex programs.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from duality.folding.active import ActiveSet
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
from duality.folding.program import Conditions, Program, product
from duality.folding.rules import FixedPoint
from duality.folding.solvers.active import ActiveSetMethod
from duality.folding.solvers.interior import InteriorPoint
from duality.folding.sqp import SQP
from duality.folding.unrolled import UnrolledLayer
from duality.folding.update import Step, UpdateMap, batch_size, lengths, rows

N, EQUALITIES, INEQUALITIES = 20, 4, 20
SIZE = 4.0  # of the entries of p; the eigenvalues of Q lie between 0.1 and about 4
OUTER, POLISH = 500, 10  # most steps of the solver
SMALL = (0.2, 0.3, 0.4, 0.5)  # powers of eps: when the majorizer method makes way for SQP
STEPS, INNER = 100, 3  # that are unrolled, and the active sets that each of them tries
LARGE = 1e7


def complete(p: Tensor) -> tuple[Tensor, ...]:
    """Q, p, A, b, G, h."""
    Q, A, b, G, h = family(N, EQUALITIES, INEQUALITIES)
    return Q, p, A, b, G, h


def parameters(count: int, seed: int) -> tuple[Tensor, ...]:
    """Weights of the sines, (count, n)."""
    return (SIZE * normal(count, N, rng=generator(seed)),)


class Sine(Program):
    """The problem with the parameters of `Quadratic`: Q, p, A, b, G, h."""

    def sizes(self, *c: Tensor) -> tuple[int, int, int]:
        _, p, A, _, G, _ = c
        return p.shape[-1], A.shape[-2], G.shape[-2]

    def objective(self, x: Tensor, *c: Tensor) -> Tensor:
        Q, p, *_ = c
        return (x * product(Q, x) / 2 + p * torch.sin(x)).sum(-1)

    def conditions(self, x: Tensor, nu: Tensor, lam: Tensor, *c: Tensor) -> Conditions:
        Q, p, A, b, G, h = c
        slope = product(Q, x) + p * torch.cos(x)
        return Conditions(slope, product(A, x) - b, A, product(G, x) - h, G, Q - torch.diag_embed(p * torch.sin(x)))


def above(y: Tensor, *c: Tensor) -> tuple[Tensor, ...]:
    """The convex program that lies above the objective and touches it at y: its Hessian is Q + |p|."""
    Q, p, A, b, G, h = c
    return Q + torch.diag_embed(p.abs()), p * torch.cos(y) - p.abs() * y, A, b, G, h


class MajorizerStep(UpdateMap):
    """The minimizer of the program above the objective at y; states are (y, nu, lambda), (B, n + e + m)."""

    def bind(self, *c: Tensor) -> Step:
        n = c[1].shape[-1]

        def step(state: Tensor) -> Tensor:
            at = above(state[:, :n], *c)
            multipliers = state[:, n:]
            for _ in range(INNER):
                multipliers = ActiveSet()(multipliers, *at)
            return ActiveSet().kkt(multipliers, *at)

        return step

    def start(self, *c: Tensor) -> Tensor:
        return c[0].new_zeros(batch_size(c), sum(Sine().sizes(*c)))

    def solution(self, state: Tensor, *c: Tensor) -> Tensor:
        """y of a state, (B, n)."""
        return state[:, : c[1].shape[-1]]


def solver(*c: Tensor) -> Tensor:
    """Primal-dual points (y, nu, lambda) of `Sine`, from the unconstrained zero on: steps of the majorizer method until
    they are small, then steps of SQP. Problems that these do not bring to a minimum go on with smaller steps first."""
    state, eps = MajorizerStep().start(*c), torch.finfo(c[1].dtype).eps
    found, numbers, here = state.clone(), torch.arange(len(state), device=state.device), c
    for power in SMALL:
        state = _descended(state, here, eps**power)
        found[numbers] = _polished(state, here)
        left = ~is_minimum(found[numbers], *here)
        if not bool(left.any()):
            break
        state, numbers, here = state[left], numbers[left], rows(here, left)
    return found


def _descended(state: Tensor, c: tuple[Tensor, ...], small: float) -> Tensor:
    """Steps of the majorizer method until they are small, relative, with exact solutions of the programs."""
    n, inner = c[1].shape[-1], ActiveSetMethod()
    state, numbers, here = state.clone(), torch.arange(len(state), device=state.device), c
    for _ in range(OUTER):
        before, at = state[numbers], above(state[numbers, :n], *here)
        state[numbers] = ActiveSet().kkt(inner.improved(before[:, n:], *at), *at)
        moving = lengths(state[numbers] - before) > small * lengths(before).clamp_min(1)
        if not bool(moving.any()):
            break
        numbers, here = numbers[moving], rows(here, moving)
    return state


def _polished(state: Tensor, c: tuple[Tensor, ...]) -> Tensor:
    """Steps of SQP, row by row where they reduce how far the conditions are violated."""
    step, least = SQP(Sine()).bind(*c), violation(state, *c)
    for _ in range(POLISH):
        tried = step(state)
        reached = violation(tried, *c)
        better = reached < least
        if not bool(better.any()):
            break
        state, least = torch.where(better[:, None], tried, state), torch.where(better, reached, least)
    return state


def violation(state: Tensor, *c: Tensor) -> Tensor:
    """The largest violation of the first-order conditions, signs included, (B,)."""
    return InteriorPoint(Sine()).violation(state, *c)


def is_minimum(state: Tensor, *c: Tensor) -> Tensor:
    """Which primal-dual points are strict local minima, (B,): the first-order conditions hold to 1e-9, and the Hessian
    is positive definite on the directions that keep the active constraints, which is so exactly when it becomes
    positive definite by a large multiple of what these constraints contribute."""
    program = Sine()
    x, nu, lam = program.split(state, *c)
    at = program.conditions(x, nu, lam, *c)
    active = (at.h + lam > 0).to(x)
    count = len(x)
    ends = torch.cat([at.g_jacobian.expand(count, -1, -1), active[..., None] * at.h_jacobian], dim=-2)
    _, info = torch.linalg.cholesky_ex(at.hessian + LARGE * ends.mT @ ends)
    return (info == 0) & (violation(state, *c) < 1e-9)


def folded() -> Layer:
    """The majorizer method and SQP, folded by the step of SQP."""
    return _completed(FoldedLayer(solver, SQP(Sine()), FixedPoint()))


def implicit() -> Layer:
    return _completed(ImplicitLayer(solver, Sine()))


def unrolled() -> Layer:
    return _completed(UnrolledLayer(MajorizerStep(), STEPS))


def _completed(layer: nn.Module) -> Layer:
    return lambda p: layer(*complete(p))


def conic_problem() -> tuple[Any, list[Any], list[Any]]:
    """The problem as far as cvxpy can write it down: it has no sine, so p sin y becomes its cubic Taylor polynomial,
    which is not convex either."""
    import cvxpy as cp

    Q, A, b, G, h = (value[0].numpy() for value in family(N, EQUALITIES, INEQUALITIES))
    y, p = cp.Variable(N), cp.Parameter(N)
    objective = cp.quad_form(y, cp.psd_wrap(Q)) / 2 + p @ (y - cp.power(y, 3) / 6)
    return cp.Problem(cp.Minimize(objective), [A @ y == b, G @ y <= h]), [p], [y]


def conic() -> Layer:
    """Raises `ValueError`: it is not a convex problem. What is refused has a cubic polynomial in place of the sine."""
    from duality.folding.conic import ConicLayer

    return ConicLayer(*conic_problem())


def _data(seed: int) -> imitation.Decisions:
    return imitation.decisions(folded(), N, SIZE / imitation.FEATURES**0.5, seed)


PROBLEM = Learned(
    "nonconvex program",
    parameters,
    {FOLDED: folded, IMPLICIT: implicit, UNROLLED: unrolled, CONIC: conic},
    implicit,
    imitation.task(_data),
)
