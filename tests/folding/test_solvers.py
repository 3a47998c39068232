"""The batched solvers against an independent one, and against the optimality conditions."""

from __future__ import annotations

import cvxpy as cp
import numpy as np
import pytest
import torch
from torch import Tensor

from duality.folding import (
    SQP,
    Dense,
    FoldedLayer,
    FoldingWarning,
    GradientStep,
    InteriorPoint,
    Iterate,
    NotAFixedPoint,
    Quadratic,
    Smooth,
)
from folding_maps import random


def programs(count: int, n: int, e: int, m: int, seed: int = 0) -> tuple[Tensor, ...]:
    R, x = random(count, n, n, seed=seed), random(count, n, seed=seed + 1)
    A, G = random(count, e, n, seed=seed + 2), random(count, m, n, seed=seed + 3)
    room = torch.rand(count, m, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    Q = R @ R.mT / n + 0.1 * torch.eye(n, dtype=torch.float64)
    return (
        Q,
        random(count, n, seed=seed + 4),
        A,
        (A @ x[..., None])[..., 0],
        G,
        (G @ x[..., None])[..., 0] + room,
    )


SIZES = [(6, 2, 8), (6, 0, 8), (6, 2, 0), (6, 0, 0), (1, 0, 2), (20, 5, 40)]


@pytest.mark.parametrize(("n", "e", "m"), SIZES)
def test_solutions_agree_with_an_independent_solver(n: int, e: int, m: int) -> None:
    c = programs(3, n, e, m)
    program = Quadratic()
    solutions, nu, lam = program.split(InteriorPoint(program)(*c), *c)
    for number in range(3):
        Q, p, A, b, G, h = (value[number].numpy() for value in c)
        x = cp.Variable(n)
        equal, below = A @ x == b, G @ x <= h
        constraints = ([equal] if e else []) + ([below] if m else [])
        cp.Problem(cp.Minimize(cp.quad_form(x, cp.psd_wrap(Q)) / 2 + p @ x), constraints).solve(solver=cp.CLARABEL)
        np.testing.assert_allclose(solutions[number], x.value, atol=1e-5)
        if e:
            np.testing.assert_allclose(nu[number], equal.dual_value, atol=1e-4)
        if m:
            np.testing.assert_allclose(lam[number], below.dual_value, atol=1e-4)


def test_every_problem_of_a_large_batch_is_solved_to_the_precision_of_the_numbers() -> None:
    program = Quadratic()
    for sizes in ((10, 3, 30), (30, 2, 40)):
        c = programs(300, *sizes, seed=7)
        solver = InteriorPoint(program)
        assert float(solver.violation(solver(*c), *c).max()) < 1e-11


def test_a_batch_gives_what_its_problems_give_alone() -> None:
    c = programs(5, 6, 2, 8)
    solver = InteriorPoint(Quadratic())
    together = solver(*c)
    for number in range(5):
        alone = solver(*(value[number : number + 1] for value in c))
        torch.testing.assert_close(together[number], alone[0], rtol=1e-9, atol=1e-10)


def test_shared_parameters_are_broadcast() -> None:
    c = list(programs(4, 6, 2, 8))
    c[0], c[2], c[4] = (c[i][:1] for i in (0, 2, 4))
    whole = [value.expand(4, *value.shape[1:]) for value in c]
    c[5], whole[5] = c[5] + 5, whole[5] + 5  # room enough for the mixed constraints
    solver = InteriorPoint(Quadratic())
    torch.testing.assert_close(solver(*c), solver(*whole), rtol=1e-9, atol=1e-9)


def test_single_precision() -> None:
    c = programs(20, 8, 2, 10)
    single = InteriorPoint(Quadratic())(*(value.float() for value in c))
    double = InteriorPoint(Quadratic())(*c)
    assert single.dtype == torch.float32
    torch.testing.assert_close(single[:, :8].double(), double[:, :8], rtol=1e-3, atol=1e-3)


def test_a_convex_problem_with_curved_constraints() -> None:
    """The nearest point of a ball: its center plus the radius along the direction of the target."""
    program = Smooth(
        3,
        lambda x, target: (x - target).square().sum(),
        h=lambda x, target: x.square().sum(-1, keepdim=True) - 4,
    )
    target = 5 * random(6, 3)
    x = InteriorPoint(program)(target)[:, :3]
    length = target.norm(dim=-1, keepdim=True)
    torch.testing.assert_close(x, target * (2 / length).clamp_max(1), rtol=1e-8, atol=1e-8)


def test_problems_without_a_solution_are_marked_by_the_layer() -> None:
    c = list(programs(4, 5, 0, 4))
    c[4] = c[4].clone()
    c[5] = c[5].clone()
    c[4][1, 0], c[4][1, 1] = 1.0, -1.0  # a x <= -1 and -a x <= -1
    c[5][1, :2] = -1.0
    layer = FoldedLayer(InteriorPoint(Quadratic()), SQP(Quadratic()), Dense())
    with pytest.warns(FoldingWarning, match=r"1 of 4 problems \(number 1\)"):
        x = layer(*c)
    assert layer.report.solved.tolist() == [True, False, True, True] and x[1].isnan().all()


def test_iteration_stops_when_every_problem_stands_still() -> None:
    calls = []

    def gradient(x: Tensor, rate: Tensor) -> Tensor:
        calls.append(1)
        return rate * (x - 1)

    rate = torch.tensor([[0.9], [0.05]], dtype=torch.float64)
    x = Iterate(GradientStep(gradient, 1.0, 2), tolerance=1e-10)(rate)
    torch.testing.assert_close(x, torch.ones_like(x), rtol=0, atol=1e-7)
    assert 300 < len(calls) < 600 and len(calls) % 10 == 0


def test_an_iteration_that_was_cut_short_is_found_out() -> None:
    update = GradientStep(lambda x, rate: rate * (x - 1), 1.0, 2)
    rate = torch.full((2, 1), 0.05, dtype=torch.float64)
    with pytest.raises(NotAFixedPoint, match="stops too early"):
        FoldedLayer(Iterate(update, iterations=20), update, Dense())(rate)


def test_what_runs_away_is_left_early() -> None:
    calls = []

    def gradient(x: Tensor, c: Tensor) -> Tensor:
        calls.append(1)
        return -100 * (x + c)

    x = Iterate(GradientStep(gradient, 1.0, 1))(torch.ones(1, 1, dtype=torch.float64))
    assert not x.isfinite().any() and len(calls) < 2000
