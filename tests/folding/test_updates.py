"""Update maps: proximal maps solve their problem, fixed points are solutions, Phi is what theory says."""

from __future__ import annotations

import cvxpy as cp
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from duality.folding import (
    ADMM,
    SQP,
    Box,
    GradientStep,
    InteriorPoint,
    Iterate,
    Nonnegative,
    Plain,
    ProximalGradientStep,
    Quadratic,
    Simplex,
    Smooth,
    SoftThreshold,
    UnrolledLayer,
    per_problem,
)
from duality.folding.adjoint import Jacobian
from folding_maps import random

COUNT, N = 3, 5


def energies(seed: int = 0) -> tuple[Tensor, Tensor]:
    """Q with eigenvalues in [0.2, 1] and b, both for COUNT problems."""
    U, _ = torch.linalg.qr(random(COUNT, N, N, seed=seed))
    return U * torch.linspace(0.2, 1, N, dtype=torch.float64) @ U.mT, random(COUNT, N, seed=seed + 1)


def slope(x: Tensor, Q: Tensor, b: Tensor) -> Tensor:
    return (Q @ x[..., None])[..., 0] + b


def programs(e: int = 2, m: int = 6, seed: int = 3) -> tuple[Tensor, ...]:
    Q, p = energies(seed)
    A, G, x = random(COUNT, e, N, seed=seed + 1), random(COUNT, m, N, seed=seed + 2), random(COUNT, N, seed=seed + 3)
    room = torch.rand(COUNT, m, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return Q, 2 * p, A, (A @ x[..., None])[..., 0], G, (G @ x[..., None])[..., 0] + room


VALUES = {
    "l1": (SoftThreshold(0.4), lambda x: 0.4 * cp.norm1(x), lambda x: []),
    "box": (Box(-0.3, 0.5), lambda x: 0, lambda x: [x >= -0.3, x <= 0.5]),
    "nonnegative": (Nonnegative(), lambda x: 0, lambda x: [x >= 0]),
    "simplex": (Simplex(1.5), lambda x: 0, lambda x: [x >= 0, cp.sum(x) == 1.5]),
}


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("s", [0.5, 2.0])
def test_proximal_maps_solve_their_problem(name: str, s: float) -> None:
    """An independent solver finds the same points."""
    prox, g, constraints = VALUES[name]
    v = random(4, N, seed=11)
    found = prox(v, s)
    for row, expected in zip(v.numpy(), found.numpy(), strict=True):
        x = cp.Variable(N)
        objective = cp.sum_squares(x - row) / (2 * s) + g(x)
        cp.Problem(cp.Minimize(objective), constraints(x)).solve(solver=cp.CLARABEL)
        np.testing.assert_allclose(expected, x.value, atol=1e-5)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-5, 5), min_size=1, max_size=8), st.floats(0.1, 4))
def test_projections_land_in_the_simplex_and_stay_there(values: list[float], total: float) -> None:
    prox = Simplex(total)
    x = prox(torch.tensor([values], dtype=torch.float64), 1.0)
    assert (x >= 0).all() and float(x.sum()) == pytest.approx(total)
    torch.testing.assert_close(prox(x, 1.0), x)


def test_a_row_that_is_not_a_number_does_not_spoil_the_others() -> None:
    v = random(3, N)
    v[1] = float("nan")
    x = Simplex()(v, 1.0)
    assert x[1].isnan().all()
    torch.testing.assert_close(x[[0, 2]], Simplex()(v[[0, 2]], 1.0))


def test_parameters_of_proximal_maps_may_depend_on_c() -> None:
    v, level = random(COUNT, N), random(COUNT, 1, seed=1).abs()
    own = SoftThreshold(lambda level: level)(v, 0.5, level)
    for number in range(COUNT):
        fixed = SoftThreshold(float(level[number]))(v[number : number + 1], 0.5)
        torch.testing.assert_close(own[number : number + 1], fixed)


def phi(update, state: Tensor, *c: Tensor) -> Tensor:
    return Jacobian(update, state, c).matrix()


def test_the_jacobian_of_a_gradient_step_is_known() -> None:
    Q, b = energies()
    update = GradientStep(slope, 0.7, N)
    x = Iterate(update)(Q, b)
    torch.testing.assert_close(x, -torch.linalg.solve(Q, b[..., None])[..., 0], rtol=1e-8, atol=1e-8)
    torch.testing.assert_close(phi(update, x, Q, b), torch.eye(N, dtype=torch.float64) - 0.7 * Q)


def test_a_step_size_may_depend_on_the_problem() -> None:
    Q, b = energies()
    update = GradientStep(slope, lambda Q, b: 1 / torch.linalg.matrix_norm(Q, 2)[:, None], N)
    x = Iterate(update)(Q, b)
    torch.testing.assert_close(slope(x, Q, b), torch.zeros_like(x), rtol=0, atol=1e-8)


def test_the_jacobian_of_a_projected_step_lives_on_the_free_coordinates() -> None:
    Q, b = energies()
    update = ProximalGradientStep(slope, Nonnegative(), 0.7, N)
    x = Iterate(update)(Q, b)
    free = (x > 0).to(x)
    assert 0 < free.sum() < free.numel()
    torch.testing.assert_close(phi(update, x, Q, b), free[..., None] * (torch.eye(N, dtype=torch.float64) - 0.7 * Q))


@pytest.mark.parametrize(("e", "m"), [(2, 6), (0, 6), (2, 0)])
def test_fixed_points_of_admm_are_solutions(e: int, m: int) -> None:
    c = programs(e, m)
    update, program = ADMM(), Quadratic()
    kkt = InteriorPoint(program)(*c)
    x = program.split(kkt, *c)[0]
    w = update.state_of(kkt, *c)
    torch.testing.assert_close(update(w, *c), w, rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(update.solution(w, *c), x, rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(update.solution(Iterate(update)(*c), *c), x, rtol=1e-6, atol=1e-6)


def test_the_way_to_the_fixed_point_of_admm_does_not_move_it() -> None:
    c = programs()
    found = [map_.solution(Iterate(map_)(*c), *c) for map_ in (ADMM(0.3, 1.0), ADMM(1.0, 1.6), ADMM(5.0, 0.7))]
    for other in found[1:]:
        torch.testing.assert_close(other, found[0], rtol=1e-6, atol=1e-6)


def test_sqp_has_no_first_derivative_at_a_solution_and_converges_quadratically() -> None:
    program = Smooth(
        N,
        lambda x, a: (x**4).sum() / 4 + (x - a).square().sum(),
        g=lambda x, a: x[:1] + x[1:2] ** 2 - 1,
        h=lambda x, a: -x[2:4],
    )
    update, a = SQP(program), random(COUNT, N, seed=2)
    solution = InteriorPoint(program)(a)
    state = solution + 1e-2 * random(*solution.shape, seed=5)
    state[:, -2:] = solution[:, -2:]  # a start that sees the right active set
    errors = []
    for _ in range(4):
        errors.append(float((state - solution).norm()))
        state = update(state, a)
    assert errors[1] < 10 * errors[0] ** 2 and errors[2] < 1e-7 and errors[3] < 1e-12
    radius = torch.linalg.eigvals(phi(update, solution, a)).abs().max()
    assert float(radius) < 1e-10


@pytest.mark.parametrize("program_and_c", [(Quadratic(), programs())], ids=["quadratic"])
def test_written_and_automatic_derivatives_agree(program_and_c: tuple) -> None:
    program, c = program_and_c
    automatic = Smooth(
        N,
        lambda x, Q, p, A, b, G, h: x @ Q @ x / 2 + p @ x,
        g=lambda x, Q, p, A, b, G, h: A @ x - b,
        h=lambda x, Q, p, A, b, G, h: G @ x - h,
    )
    assert automatic.sizes(*c) == program.sizes(*c) == (N, 2, 6)
    point = random(COUNT, N, seed=1), random(COUNT, 2, seed=2), random(COUNT, 6, seed=3)
    for mine, other in zip(program.conditions(*point, *c), automatic.conditions(*point, *c), strict=True):
        torch.testing.assert_close(mine, other)
    torch.testing.assert_close(program.objective(point[0], *c), automatic.objective(point[0], *c))


def test_a_function_of_one_problem_becomes_one_of_a_batch() -> None:
    batched = per_problem(lambda x, a: (a * x).sum())
    x, a = random(4, 3), random(1, 3, seed=1)
    torch.testing.assert_close(batched(x, a), (x * a).sum(-1))
    gradient = per_problem(torch.func.grad(lambda x, a: (a * x * x).sum() / 2))
    torch.testing.assert_close(gradient(x, a), a * x)


@pytest.mark.parametrize("steps", [1, 3])
def test_unrolling_is_the_map_applied_again_and_again(steps: int) -> None:
    Q, b = energies()
    update = GradientStep(slope, 0.7, N)
    x = update.start(Q, b)
    for _ in range(steps):
        x = update(x, Q, b)
    torch.testing.assert_close(UnrolledLayer(update, steps)(Q, b), x)
    assert Plain(lambda x, c: x, 3).start(random(2, 1)).shape == (2, 3)
