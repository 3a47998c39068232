"""Learned problems: gradients against finite differences, batches against single problems, methods against each other,
data that repeat themselves, tasks that improve."""

from __future__ import annotations

from functools import cache

import pytest
import torch
from torch import Tensor

from duality.folding import conic
from duality.folding.active import ActiveSet
from duality.folding.bench import gradient, relative_errors
from duality.folding.conic import ConicLayer, refusal
from duality.folding.errors import NotConverged
from duality.folding.layer import FoldedLayer
from duality.folding.problems import PROBLEMS, denoising, imitation, portfolio, quadratic, sine, topk, variation
from duality.folding.problems.learned import CONIC, DTYPE, FOLDED, IMPLICIT, PRODUCTS, directions, generator, normal
from duality.folding.program import Quadratic
from duality.folding.rules import CG, FixedPoint
from duality.folding.solvers import InteriorPoint
from duality.folding.solvers.active import ActiveSetMethod

SMALL = [name for name, problem in PROBLEMS.items() if problem.most == 512]
KKT = [name for name in SMALL if name != "total variation"]  # whose dense system is regular
CONVEX = [name for name in SMALL if name != "nonconvex program"]
WIDTH = 1e-5


@pytest.fixture(autouse=True)
def one_thread(monkeypatch):
    monkeypatch.setattr(conic, "JOBS", 1)  # several jobs leave a pool open
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@cache
def layer(name: str, method: str):
    return PROBLEMS[name].layers[method]()


def by_differences(name: str, c: tuple[Tensor, ...], along: tuple[Tensor, ...]) -> Tensor:
    """The derivative of the linear loss along a direction, of fourth order in the width, (B,)."""

    def value(distance: float) -> Tensor:
        with torch.no_grad():
            found = layer(name, FOLDED)(*(a + distance * b for a, b in zip(c, along, strict=True)))
        return (found * directions(found)).sum(-1)

    near, far = value(WIDTH) - value(-WIDTH), value(2 * WIDTH) - value(-2 * WIDTH)
    return (8 * near - far) / (12 * WIDTH)


@pytest.mark.parametrize("name", SMALL)
def test_folded_gradients_agree_with_finite_differences(name):
    c = PROBLEMS[name].parameters(6, 3)
    rng = generator(4)
    along = tuple(normal(*value.shape, rng=rng) for value in c)
    found = gradient(layer(name, FOLDED), c)[2]
    expected = by_differences(name, c, along)
    derivative = (found * torch.cat([value.flatten(1) for value in along], dim=-1)).sum(-1)
    torch.testing.assert_close(derivative, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", KKT)
def test_they_agree_with_implicit_differentiation(name):
    c = PROBLEMS[name].parameters(12, 5)
    found, expected = (gradient(layer(name, method), c)[2] for method in (FOLDED, IMPLICIT))
    torch.testing.assert_close(found, expected, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("name", SMALL)
def test_a_batch_is_its_problems_one_by_one(name):
    c = PROBLEMS[name].parameters(4, 6)
    whole = gradient(layer(name, FOLDED), c)[2]
    with torch.no_grad():
        together = layer(name, FOLDED)(*c)
        single = torch.cat([layer(name, FOLDED)(*(value[n : n + 1] for value in c)) for n in range(4)])
    torch.testing.assert_close(together, single, rtol=1e-9, atol=1e-9)
    each = torch.cat([gradient(layer(name, FOLDED), tuple(value[n : n + 1] for value in c))[2] for n in range(4)])
    torch.testing.assert_close(whole, each, rtol=1e-8, atol=1e-9)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("name", CONVEX)
def test_conic_layers_solve_the_same_problem(name):
    c = PROBLEMS[name].parameters(2, 7)
    with torch.no_grad():
        mine, other = (layer(name, method)(*c) for method in (FOLDED, CONIC))
    torch.testing.assert_close(mine, other, rtol=0, atol=1e-3)
    mine, other = (gradient(layer(name, method), c)[2] for method in (FOLDED, CONIC))
    assert float((mine - other).norm() / mine.norm()) < 1e-3


@pytest.mark.parametrize("name", SMALL)
def test_data_repeat_themselves_and_depend_on_the_seed(name):
    first, again, other = (PROBLEMS[name].parameters(3, seed) for seed in (8, 8, 9))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[0], other[0])


def test_photographs_and_digits_are_what_the_package_ships():
    assert [tuple(image.shape) for image in denoising.photographs()] == [(427, 640)] * 2
    assert all(float(image.min()) >= 0 and float(image.max()) <= 1 for image in denoising.photographs())
    images, labels = topk.overlaid(50, 0, slice(0, 1200))
    assert images.shape == (50, 64) and bool((labels.sum(-1) == topk.K).all()) and float(images.max()) <= 1


@pytest.mark.parametrize(
    ("name", "steps"), [(name, 10 if name in ("nonconvex program", "total variation") else 40) for name in SMALL]
)
def test_training_improves(name, steps):
    task = PROBLEMS[name].task
    before, after = (task.learn(layer(name, FOLDED), 0, number) for number in (1, steps))
    assert after < before


@pytest.mark.parametrize("name", SMALL)
def test_an_outcome_does_not_depend_on_the_default_precision(name):
    task, outcomes = PROBLEMS[name].task, []
    for dtype in (torch.float32, torch.float64):
        torch.set_default_dtype(dtype)
        try:
            outcomes.append(task.learn(layer(name, FOLDED), 0, 2))
        finally:
            torch.set_default_dtype(torch.float32)
    assert outcomes[0] == pytest.approx(outcomes[1], rel=1e-9)


@pytest.mark.parametrize("name", ["quadratic program", "portfolio"])
def test_training_through_the_layer_beats_training_without(name):
    task = PROBLEMS[name].task
    assert task.learn(layer(name, FOLDED), 1, 40) < task.without(1, 40)


SOLVERS = {  # of the folded layer, and its map
    "quadratic program": (quadratic.solver(), ActiveSet(), quadratic.complete),
    "portfolio": (portfolio.solver, portfolio.NewtonStep(), portfolio.complete),
    "top-k labels": (topk.Multiplier().solver, topk.Multiplier(), lambda *c: c),
}


@pytest.mark.parametrize("name", SOLVERS)
def test_a_spoiled_solution_is_seen_against_the_reference(name):
    """The reference has a solver of its own, so states that are off by a thousandth are errors of the gradient."""
    solver, update, complete = SOLVERS[name]
    c = PROBLEMS[name].parameters(64, 1)
    truth = gradient(PROBLEMS[name].reference(), c)[2]
    for shift, seen in ((0.0, False), (1e-3, True)):
        spoiled = FoldedLayer(lambda *c, shift=shift: solver(*c) + shift, update, FixedPoint(), 1.0)
        found = gradient(lambda *c, layer=spoiled: layer(*complete(*c)), c)[2]
        error = relative_errors(found, truth)["largest error"]
        assert error > 1e-5 if seen else error < 1e-9


def test_bisection_ends_for_wild_scores():
    s = torch.cat([1e3 * normal(4, 10, rng=generator(0)), torch.zeros(1, 10, dtype=DTYPE)])
    x = topk.bisected(s)[:, : topk.LABELS]
    torch.testing.assert_close(x.sum(-1), torch.full((5,), 3.0, dtype=DTYPE), rtol=1e-9, atol=0)


@pytest.mark.parametrize("problem", [quadratic, sine], ids=["quadratic program", "nonconvex program"])
def test_imitation_without_a_layer_beats_the_mean_and_fits_affine_decisions(problem):
    data = problem._data(0)
    mean = data.wanted[imitation.TRAIN].mean(0).expand(imitation.TESTED, -1)
    assert imitation.regress(data) < float(data.error(mean, imitation.TEST))
    assert float(data.error(0 * mean, imitation.TEST)) == 1
    exact = data._replace(wanted=data.features @ normal(imitation.FEATURES, 3, rng=generator(0)) + 7.0)
    assert imitation.regress(exact) < 1e-25


# quadratic programs


def test_the_active_set_step_finds_the_solution_of_the_interior_point_method():
    c = quadratic.complete(*quadratic.parameters(8, 0))
    state = ActiveSetMethod(guesses=0)(*c)
    torch.testing.assert_close(ActiveSet().kkt(state, *c), InteriorPoint(Quadratic())(*c), rtol=1e-9, atol=1e-9)


def test_the_solver_hands_over_what_it_cannot_end():
    c = quadratic.complete(*quadratic.parameters(8, 0))
    torch.testing.assert_close(
        ActiveSetMethod(guesses=0, iterations=1)(*c), ActiveSetMethod()(*c), rtol=1e-8, atol=1e-9
    )


def test_every_parameter_of_a_quadratic_program_has_a_gradient():
    c = [value[:1].clone().requires_grad_() for value in quadratic.complete(*quadratic.parameters(1, 0))]
    for update, solver in ((ActiveSet(), ActiveSetMethod()),):
        FoldedLayer(solver, update, FixedPoint())(*c).sum().backward()
    folded = [value.grad for value in c]
    for value in c:
        value.grad = None
    from duality.folding.implicit import ImplicitLayer

    ImplicitLayer(InteriorPoint(Quadratic()), Quadratic())(*c).sum().backward()
    for mine, value in zip(folded, c, strict=True):
        torch.testing.assert_close(mine, value.grad, rtol=1e-7, atol=1e-8)


# portfolios


def test_portfolios_keep_the_limits_and_are_those_of_the_interior_point_method():
    c = portfolio.complete(*portfolio.parameters(5, 1))
    point = portfolio.primal_dual(*c)
    w = point[:, : portfolio.ASSETS]
    B, v, delta = portfolio.shared()
    risk = (w @ B[0]).square().sum(-1) + (w.square() * v).sum(-1)
    assert bool((w >= 0).all()) and float(w.sum(-1).max()) <= 1 + 1e-12
    torch.testing.assert_close(risk, delta[:, 0].expand(5), rtol=1e-12, atol=0)
    torch.testing.assert_close(point, InteriorPoint(portfolio.Portfolio())(*c), rtol=1e-6, atol=1e-8)


def test_money_is_left_when_little_risk_is_allowed():
    p, B, v, delta = portfolio.complete(*portfolio.parameters(5, 1))
    c = p, B, v, delta / 100
    for solve in (portfolio.solver, portfolio.safeguarded):
        state = solve(*c)
        assert bool((portfolio.NewtonStep().solution(state, *c).sum(-1) < 0.9).all())
        assert float(portfolio.Portfolio().kkt_residual(portfolio.NewtonStep().kkt(state, *c), *c).abs().max()) < 1e-10


def test_the_safeguarded_method_agrees_with_newton_steps():
    c = portfolio.complete(*portfolio.parameters(64, 2))
    torch.testing.assert_close(portfolio.safeguarded(*c), portfolio.solver(*c), rtol=1e-9, atol=1e-9)


# top-k labels


def test_labels_sum_to_k_also_for_wild_scores():
    s = torch.cat([1e3 * normal(4, 10, rng=generator(0)), torch.zeros(1, 10, dtype=DTYPE)])
    x = topk.Multiplier().solution(topk.Multiplier().solver(s), s)
    torch.testing.assert_close(x.sum(-1), torch.full((5,), 3.0, dtype=DTYPE), rtol=1e-9, atol=0)
    torch.testing.assert_close(x[-1], torch.full((10,), 0.3, dtype=DTYPE))


# total variation


def test_divergence_is_the_transposed_of_differences():
    x, z = normal(3, 25, rng=generator(0)), normal(3, variation.edges(5), rng=generator(1))
    left, right = (variation.differences(x) * z).sum(-1), (x * variation.divergence(z, 5)).sum(-1)
    torch.testing.assert_close(left, right)


def test_a_dense_system_fails_where_products_and_regions_find_the_gradient():
    c = denoising.parameters(3, 0)
    with pytest.raises(NotConverged, match="singular"):
        gradient(layer("total variation", IMPLICIT), c)
    regions = gradient(layer("total variation", FOLDED), c)[2]
    for rule in (CG(), FixedPoint()):
        products = FoldedLayer(variation.Solver(12), variation.DualStep(12), rule)
        torch.testing.assert_close(gradient(products, c)[2], regions, rtol=0, atol=1e-7)
    by_hand = gradient(denoising.Regions(), c)[2]
    torch.testing.assert_close(regions, by_hand, rtol=0, atol=1e-12)
    products = gradient(layer("total variation", PRODUCTS), c)[2]
    torch.testing.assert_close(products, regions, rtol=0, atol=1e-7)


def test_both_finishes_of_the_solver_agree():
    c = denoising.parameters(3, 1)
    first, second = (
        variation.DualStep(12).solution(variation.Solver(12, finish)(*c), *c)
        for finish in (variation.by_factor, variation.by_products)
    )
    torch.testing.assert_close(first, second, rtol=0, atol=1e-8)


def test_an_image_of_real_size_is_denoised():
    clean, seen = denoising.noisy(1, denoising.LARGE, 0)
    level = torch.full((1, variation.edges(denoising.LARGE)), 0.08, dtype=DTYPE)
    with torch.no_grad():
        found = denoising.by_conjugate_gradients(denoising.LARGE)(seen, level)
    assert float((found - clean).square().mean()) < 0.5 * float((seen - clean).square().mean())


# the nonconvex program


def test_local_minima_are_told_from_saddles():
    c = sine.complete(*sine.parameters(16, 0))
    state = sine.solver(*c)
    assert bool(sine.is_minimum(state, *c).all())
    Q, p, A, b, G, h = c
    free = Q, p, A[:, :0], b[:, :0], G[:, :0], h[:, :0]
    flat = torch.zeros(1, sine.N, dtype=DTYPE)
    saddle = (Q[:, :1] * 0 - 10)[..., 0].expand(1, sine.N)  # p = -10 at y = pi/2 curves downwards
    at = flat + torch.pi / 2
    Q0 = torch.zeros_like(Q)
    assert not bool(sine.is_minimum(at, Q0, -saddle, *free[2:]).any())
    assert bool(sine.is_minimum(at, Q0, saddle, *free[2:]).all())


def test_steps_of_the_majorizer_never_go_up():
    c = sine.complete(*sine.parameters(8, 1))
    step, state = sine.MajorizerStep().bind(*c), sine.MajorizerStep().start(*c)
    values = []
    for _ in range(15):
        state = step(state)
        values.append(sine.Sine().objective(state[:, : sine.N], *c))
    assert bool((torch.stack(values).diff(dim=0)[3:] <= 1e-9).all())


def test_cvxpy_refuses_it_and_says_why():
    problem, parameters, variables = sine.conic_problem()
    assert "convex" in refusal(problem)
    with pytest.raises(ValueError, match="does not follow the rules of disciplined convex programming"):
        ConicLayer(problem, parameters, variables)
    assert refusal(quadratic.conic_problem()[0]) is None


def test_a_form_whose_parameters_cannot_be_differentiated_is_refused():
    import cvxpy as cp

    x, a = cp.Variable(), cp.Parameter(nonneg=True)
    assert "DPP" in refusal(cp.Problem(cp.Minimize(a * a * cp.square(x) - x)))


def test_a_wrong_gradient_would_be_seen():
    """The comparison with finite differences is not empty: half the gradient fails it."""
    c = topk.parameters(3, 0)
    along = (normal(3, topk.LABELS, rng=generator(4)),)
    found = (gradient(layer("top-k labels", FOLDED), c)[2] / 2 * along[0]).sum(-1)
    with pytest.raises(AssertionError):
        torch.testing.assert_close(found, by_differences("top-k labels", c, along), rtol=1e-6, atol=1e-6)
