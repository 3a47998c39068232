"""The folded layer: derivatives of first and second order, agreement with implicit differentiation, every error."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy import optimize
from torch import Tensor
from torch.autograd import gradcheck, gradgradcheck

from duality.folding import (
    ADMM,
    CG,
    GMRES,
    SQP,
    Box,
    Dense,
    FixedPoint,
    FoldedLayer,
    FoldingWarning,
    GradientStep,
    ImplicitLayer,
    InteriorPoint,
    Iterate,
    NonContractive,
    Nonnegative,
    NotAFixedPoint,
    NotConverged,
    Plain,
    ProximalGradientStep,
    Quadratic,
    Rule,
    Simplex,
    Smooth,
    SoftThreshold,
    UnrolledLayer,
    UpdateMap,
)

N, B = 4, 3
RULES: tuple[Rule, ...] = (FixedPoint(tolerance=1e-13), GMRES(tolerance=1e-13), Dense())


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def definite(count: int = B, n: int = N, seed: int = 1) -> Tensor:
    """Matrices with eigenvalues from 0.5 to 2.5."""
    R = random(count, n, n, seed=seed)
    square = R @ R.mT
    largest = torch.linalg.matrix_norm(square, 2)
    return 2 * square / largest[:, None, None] + 0.5 * torch.eye(n, dtype=torch.float64)


def leaves(*values: Tensor) -> tuple[Tensor, ...]:
    return tuple(value.clone().requires_grad_() for value in values)


def quadratic_program(count: int = B, n: int = N, e: int = 1, m: int = 5, seed: int = 2) -> tuple[Tensor, ...]:
    """Feasible random programs, some inequalities active at the solution."""
    x = random(count, n, seed=seed)
    A, G = random(count, e, n, seed=seed + 1), random(count, m, n, seed=seed + 2)
    room = torch.rand(count, m, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    multiply = lambda M: (M @ x[..., None])[..., 0]  # noqa: E731
    return definite(count, n), 3 * random(count, n, seed=seed + 3), A, multiply(A), G, multiply(G) + room


def slope(x: Tensor, Q: Tensor, b: Tensor) -> Tensor:
    """The gradient of the energy of a quadratic with a quartic term."""
    symmetric = (Q + Q.mT) / 2
    return (symmetric @ x[..., None])[..., 0] + 0.1 * x**3 - b


MAPS: dict[str, tuple[UpdateMap, tuple[Tensor, ...]]] = {
    "gradient": (GradientStep(slope, 0.25, N), (definite(), random(B, N))),
    "soft threshold": (
        ProximalGradientStep(slope, SoftThreshold(lambda Q, b, level: level), 0.25, N),
        (definite(), random(B, N), 0.3 + random(B, 1).abs()),
    ),
    "box": (
        ProximalGradientStep(
            lambda x, Q, b, low: slope(x, Q, b), Box(lambda Q, b, low: low, lambda Q, b, low: low + 0.7), 0.25, N
        ),
        (definite(), 2 * random(B, N), 0.1 * random(B, N, seed=5)),
    ),
    "nonnegative": (ProximalGradientStep(slope, Nonnegative(), 0.25, N), (definite(), random(B, N))),
    "simplex": (ProximalGradientStep(slope, Simplex(), 0.25, N), (definite(), random(B, N))),
    "plain": (
        Plain(lambda x, W, b: torch.tanh((W @ x[..., None])[..., 0] + b), N),
        (0.3 * random(B, N, N, seed=8), random(B, N)),
    ),
    "ADMM": (ADMM(), quadratic_program()),
    "SQP": (SQP(Quadratic()), quadratic_program()),
}
# the proximal maps above take all of c: their gradients use the first two
for name in ("soft threshold",):
    update, c = MAPS[name]
    MAPS[name] = (ProximalGradientStep(lambda x, Q, b, *_: slope(x, Q, b), update.prox, 0.25, N), c)


def solver_of(name: str) -> Callable[..., Tensor]:
    update = MAPS[name][0]
    if isinstance(update, ADMM | SQP):  # another solver than the map itself
        return lambda *c: update.state_of(InteriorPoint(Quadratic())(*c), *c)
    return Iterate(update, tolerance=1e-14)


@pytest.mark.parametrize("name", MAPS)
def test_first_derivatives_agree_with_differences(name: str) -> None:
    update, c = MAPS[name]
    assert gradcheck(FoldedLayer(solver_of(name), update, GMRES(tolerance=1e-13)), leaves(*c), atol=2e-6)


@pytest.mark.parametrize("name", ["gradient", "soft threshold", "box", "plain", "ADMM", "SQP"])
def test_second_derivatives_agree_with_differences(name: str) -> None:
    update, c = MAPS[name]
    small = tuple(value[:1] for value in c)
    layer = FoldedLayer(solver_of(name), update, GMRES(tolerance=1e-13))
    assert gradgradcheck(layer, leaves(*small), atol=1e-5)


def test_third_derivatives_are_refused() -> None:
    update, c = MAPS["gradient"]
    (b,) = leaves(c[1])
    layer = FoldedLayer(solver_of("gradient"), update, Dense())
    first = torch.autograd.grad(layer(c[0], b).pow(2).sum(), b, create_graph=True)[0]
    second = torch.autograd.grad(first.pow(2).sum(), b, create_graph=True)[0]
    with pytest.raises(RuntimeError, match="once_differentiable"):
        second.sum().backward()


@pytest.mark.parametrize("name", MAPS)
def test_rules_agree_with_the_dense_one_and_with_each_other(name: str) -> None:
    update, c = MAPS[name]
    found = {}
    for rule in RULES:
        given = leaves(*c)
        layer = FoldedLayer(solver_of(name), update, rule)
        found[type(rule).__name__] = torch.autograd.grad(layer(*given).pow(2).sum(), given)
        assert layer.report is not None and layer.report.backward is not None
        assert layer.report.backward.converged.all()
    for gradients in found.values():
        for mine, dense in zip(gradients, found["Dense"], strict=True):
            torch.testing.assert_close(mine, dense, rtol=1e-7, atol=1e-8)


def test_conjugate_gradients_serve_gradient_steps() -> None:
    update, c = MAPS["gradient"]
    results = []
    for rule in (CG(tolerance=1e-13), Dense()):
        given = leaves(*c)
        results.append(torch.autograd.grad(FoldedLayer(solver_of("gradient"), update, rule)(*given).sum(), given))
    for mine, dense in zip(*results, strict=True):
        torch.testing.assert_close(mine, dense)


@pytest.mark.parametrize("name", MAPS)
def test_a_batch_gives_what_its_problems_give_alone(name: str) -> None:
    update, c = MAPS[name]
    layer = FoldedLayer(solver_of(name), update, GMRES(tolerance=1e-13))
    whole = leaves(*c)
    solutions = layer(*whole)
    gradients = torch.autograd.grad(solutions.sin().sum(), whole)
    for number in range(B):
        alone = leaves(*(value[number : number + 1] for value in c))
        solution = layer(*alone)
        torch.testing.assert_close(solution[0], solutions[number], rtol=1e-7, atol=1e-9)
        for one, all_ in zip(torch.autograd.grad(solution.sin().sum(), alone), gradients, strict=True):
            torch.testing.assert_close(one[0], all_[number], rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", MAPS)
def test_a_shared_parameter_collects_the_gradients_of_all_problems(name: str) -> None:
    update, c = MAPS[name]
    first = tuple(value[:1] for value in c)
    layer = FoldedLayer(solver_of(name), update, Dense())
    many = [value.expand(B, *value.shape[1:]).clone() for value in first]
    weights = random(B, layer(*many).shape[1], seed=4)
    for position in range(len(c)):
        shared = leaves(*(first[i] if i == position else value for i, value in enumerate(many)))
        apart = leaves(*many)
        total = torch.autograd.grad((layer(*shared) * weights).sum(), shared)[position]
        single = torch.autograd.grad((layer(*apart) * weights).sum(), apart)[position]
        torch.testing.assert_close(total, single.sum(0, keepdim=True), rtol=1e-7, atol=1e-9)


def test_folding_is_implicit_differentiation_for_quadratic_programs() -> None:
    program, c = Quadratic(), quadratic_program(count=20, n=6, e=2, m=8, seed=20)
    solver, admm = InteriorPoint(program), ADMM()
    layers = {
        "implicit": ImplicitLayer(solver, program),
        "SQP": FoldedLayer(solver, SQP(program), FixedPoint()),
        "ADMM": FoldedLayer(lambda *c: admm.state_of(solver(*c), *c), admm, GMRES()),
    }
    found = {}
    for name, layer in layers.items():
        given = leaves(*c)
        found[name] = torch.autograd.grad(layer(*given).pow(2).sum(), given)
    for name in ("SQP", "ADMM"):
        for mine, implicit in zip(found[name], found["implicit"], strict=True):
            torch.testing.assert_close(mine, implicit, rtol=1e-6, atol=1e-7)
    assert layers["SQP"].report.backward.products <= 2  # Phi = 0, up to rounding


def test_folding_is_implicit_differentiation_for_a_nonlinear_program() -> None:
    program = Smooth(
        3,
        lambda x, a: (x**4).sum() / 4 + (x - a).square().sum(),
        g=lambda x, a: x.sum(-1, keepdim=True) - 1,
        h=lambda x, a: torch.stack([x[0] ** 2 + x[1] ** 2 - 0.2, -x[2]]),
    )
    (a,) = leaves(random(5, 3, seed=3))
    solver = InteriorPoint(program)
    layers = ImplicitLayer(solver, program), FoldedLayer(solver, SQP(program), FixedPoint())
    first, second = (torch.autograd.grad(layer(a).pow(3).sum(), a)[0] for layer in layers)
    torch.testing.assert_close(first, second, rtol=1e-8, atol=1e-9)
    assert gradcheck(layers[1], (a,), atol=1e-6)


def test_unrolling_at_the_fixed_point_gives_the_partial_sums_and_long_unrolling_the_folded_gradient() -> None:
    update, c = MAPS["soft threshold"]
    given = leaves(*c)
    exact = torch.autograd.grad(FoldedLayer(solver_of("soft threshold"), update, Dense())(*given).sum(), given)
    errors = []
    for steps in (1, 10, 100, 300):
        unrolled = torch.autograd.grad(UnrolledLayer(update, steps)(*given).sum(), given, allow_unused=True)
        errors.append(max(float((mine - true).abs().max()) for mine, true in zip(unrolled, exact, strict=True)))
    assert errors == sorted(errors, reverse=True) and errors[-1] < 1e-9


def test_single_precision_stays_single_and_close() -> None:
    for name, (update, c) in MAPS.items():
        double, single = leaves(*c), leaves(*(value.float() for value in c))
        solver = InteriorPoint(Quadratic()) if name == "SQP" else Iterate(update)
        layer = FoldedLayer(solver, update, GMRES())
        close = {"rtol": 2e-2, "atol": 2e-2, "check_dtype": False}
        x, y = layer(*single), layer(*double)
        assert x.dtype == torch.float32
        torch.testing.assert_close(x, y, **close)
        for mine, true in zip(torch.autograd.grad(x.sum(), single), torch.autograd.grad(y.sum(), double), strict=True):
            assert mine.dtype == torch.float32
            torch.testing.assert_close(mine, true, **close)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
@pytest.mark.parametrize("name", MAPS)
def test_the_same_on_a_graphics_card(name: str) -> None:
    update, c = MAPS[name]
    layer = FoldedLayer(solver_of(name), update, GMRES())
    here, there = leaves(*c), leaves(*(value.cuda() for value in c))
    torch.testing.assert_close(layer(*here), layer(*there).cpu())
    pairs = zip(
        torch.autograd.grad(layer(*here).sum(), here), torch.autograd.grad(layer(*there).sum(), there), strict=True
    )
    for mine, other in pairs:
        torch.testing.assert_close(mine, other.cpu(), rtol=1e-6, atol=1e-7)


def test_any_black_box_will_do_and_it_sees_no_graph() -> None:
    update, c = MAPS["gradient"]

    def scipy(Q: Tensor, b: Tensor) -> Tensor:
        assert not torch.is_grad_enabled() and not Q.requires_grad and not b.requires_grad
        found = [
            optimize.root(lambda x, q=q, t=t: slope(torch.tensor(x), q, t).numpy(), np.zeros(N), tol=1e-13).x
            for q, t in zip(Q, b, strict=True)
        ]
        return torch.tensor(np.array(found))

    assert gradcheck(FoldedLayer(scipy, update, GMRES()), leaves(*c), atol=1e-6)


def spoiled(*lost: int) -> FoldedLayer:
    """A layer whose solver gives up on some problems."""
    update = MAPS["gradient"][0]
    solver = Iterate(update, tolerance=1e-14)

    def sometimes(Q: Tensor, b: Tensor) -> Tensor:
        state = solver(Q, b)
        state[list(lost)] += 1
        return state

    return FoldedLayer(sometimes, update, FixedPoint())


def test_problems_that_were_not_solved_are_marked_and_can_be_left_out() -> None:
    Q, b = leaves(*MAPS["gradient"][1])
    layer = spoiled(1)
    with pytest.warns(FoldingWarning, match=r"no solution for 1 of 3 problems \(number 1\): .* outputs are NaN"):
        x = layer(Q, b)
    assert layer.report.solved.tolist() == [True, False, True]
    assert x[1].isnan().all() and x[[0, 2]].isfinite().all()
    gradients = torch.autograd.grad(x[layer.report.solved].sum(), (Q, b))
    exact = torch.autograd.grad(FoldedLayer(solver_of("gradient"), MAPS["gradient"][0], Dense())(Q, b).sum(), (Q, b))
    for mine, true in zip(gradients, exact, strict=True):
        assert (mine[1] == 0).all()
        torch.testing.assert_close(mine[[0, 2]], true[[0, 2]], rtol=1e-7, atol=1e-8)


def test_a_loss_over_problems_that_were_not_solved_has_no_number_for_a_gradient() -> None:
    Q, b = leaves(*MAPS["gradient"][1])
    with pytest.warns(FoldingWarning):
        x = spoiled(0)(Q, b)
    gradients = torch.autograd.grad(x.sum(), (Q, b))
    for gradient in gradients:
        assert gradient[0].isnan().all() and gradient[1:].isfinite().all()
    shared = Q.detach()[:1].clone().requires_grad_()
    with pytest.warns(FoldingWarning):
        x = spoiled(0)(shared, b)
    assert torch.autograd.grad(x.sum(), shared)[0].isnan().all()


def test_a_solver_that_solves_something_else_is_told_how_far_off_it_is() -> None:
    with pytest.raises(NotAFixedPoint, match=r"one step moves them by .*e.* allowed is 1.5e-08.* another problem"):
        spoiled(0, 1, 2)(*MAPS["gradient"][1])
    update = MAPS["gradient"][0]
    with pytest.raises(NotAFixedPoint):
        FoldedLayer(Iterate(update, iterations=3), update, Dense())(*MAPS["gradient"][1])
    nothing = FoldedLayer(lambda Q, b: torch.full_like(b, float("nan")), update, Dense())
    with pytest.raises(NotAFixedPoint):
        nothing(*MAPS["gradient"][1])


def steep(factors: list[float], rule: Rule) -> tuple[FoldedLayer, Tensor]:
    """x = c, as the fixed point of x - f (x - c), whose Phi is 1 - f."""
    f = torch.tensor(factors, dtype=torch.float64)[:, None]
    c = random(len(factors), 2, seed=6).requires_grad_()
    return FoldedLayer(lambda c: c.clone(), Plain(lambda x, c: x - f * (x - c), 2), rule), c


def test_a_map_that_does_not_contract_is_reported_with_its_radius_and_another_rule() -> None:
    layer, c = steep([2.5, 3.0], FixedPoint())
    with pytest.raises(NonContractive, match=r"for 2 of 2 problems: the spectral radius of Phi is about 2.* GMRES"):
        layer(c).sum().backward()
    layer, c = steep([2.5, 3.0], GMRES())
    (gradient,) = torch.autograd.grad(layer(c).sum(), c)
    torch.testing.assert_close(gradient, torch.ones_like(c))


def test_a_map_that_contracts_for_some_problems_leaves_marks_on_the_others() -> None:
    layer, c = steep([0.5, 2.5, 1.0], FixedPoint())
    x = layer(c)
    with pytest.warns(FoldingWarning, match=r"1 of 3 problems: the spectral radius of Phi is about 1.5.*are NaN"):
        (gradient,) = torch.autograd.grad(x.sum(), c)
    assert gradient[1].isnan().all()
    torch.testing.assert_close(gradient[[0, 2]], torch.ones(2, 2, dtype=torch.float64))
    assert layer.report.backward.converged.tolist() == [True, False, True]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (gradient,) = torch.autograd.grad(layer(c)[[0, 2]].sum(), c)
    assert (gradient[1] == 0).all()


@pytest.mark.parametrize(
    ("rule", "complaint"),
    [
        (FixedPoint(iterations=5), "has not converged for 2 of 2 problems after 5 products.* about 0.9"),
        (GMRES(), "GMRES did not reach its tolerance for 2 of 2 problems"),
        (Dense(), "Dense did not reach its tolerance .* is singular"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_rule_that_finds_no_gradient_says_so(rule: Rule, complaint: str) -> None:
    layer, c = steep([0.1, 0.1] if isinstance(rule, FixedPoint) else [0.0, 0.0], rule)
    with pytest.raises(NotConverged, match=complaint):
        layer(c).sum().backward()


def test_weights_that_are_hidden_in_the_map_are_not_passed_over() -> None:
    net = torch.nn.Linear(2, 2, dtype=torch.float64)
    layer = FoldedLayer(lambda c: torch.zeros_like(c), Plain(lambda x, c: c * net(x) * 0, 2), Dense())
    c = random(3, 2)
    with pytest.raises(ValueError, match="not among the parameters, such as the weights of a network"):
        layer(c)
    with torch.no_grad():
        assert layer(c).shape == (3, 2)
    for value in net.parameters():
        value.requires_grad_(False)
    assert layer(c).shape == (3, 2)


def test_a_problem_whose_matrix_has_no_factor_is_marked_and_does_not_spoil_the_others() -> None:
    c = [value.clone() for value in quadratic_program()]
    good = FoldedLayer(Iterate(ADMM()), ADMM(), GMRES())(*c)
    c[0][1] = -100 * torch.eye(N, dtype=torch.float64)
    layer = FoldedLayer(Iterate(ADMM()), ADMM(), GMRES())
    with pytest.warns(FoldingWarning, match=r"number 1\)"):
        x = layer(*leaves(*c))
    assert layer.report.solved.tolist() == [True, False, True]
    torch.testing.assert_close(x[[0, 2]], good[[0, 2]])


def test_second_derivatives_of_problems_that_were_not_solved_are_no_numbers_either() -> None:
    Q, b = leaves(*MAPS["gradient"][1])
    with pytest.warns(FoldingWarning):
        x = spoiled(0)(Q, b)
    (first,) = torch.autograd.grad(x.sum(), b, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), b)
    assert second[0].isnan().all()


def test_a_map_that_depends_on_nothing_has_no_gradient_and_no_failure() -> None:
    c = random(2, 3).requires_grad_()
    layer = FoldedLayer(torch.ones_like, Plain(lambda x, c: torch.ones_like(x), 3), Dense())
    (gradient,) = torch.autograd.grad(layer(c).sum(), c, create_graph=True)
    assert (gradient == 0).all()


def test_conjugate_gradients_name_the_rule_for_maps_that_are_not_symmetric() -> None:
    update, c = MAPS["plain"]
    with pytest.raises(ValueError, match="symmetric Phi"):
        FoldedLayer(solver_of("plain"), update, CG())(*leaves(*c)).sum().backward()


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ((), "at least one parameter"),
        ((1.0,), "parameter 0 must be a floating-point tensor, not float"),
        ((torch.arange(3),), "parameter 0 must be a floating-point tensor, not torch.int64"),
        ((torch.tensor(1.0),), r"parameter 0 has no axis for the problems; pass value\[None\]"),
        ((torch.ones(2, 1), torch.ones(2, 1).double()), "one dtype and one device"),
        ((torch.ones(2, 1), torch.ones(3, 1)), r"the shapes are \(2, 1\), \(3, 1\)"),
    ],
)
def test_parameters_of_the_wrong_kind_are_refused_in_words(given: tuple, complaint: str) -> None:
    layer = FoldedLayer(lambda *c: c[0], Plain(lambda x, *c: x, 1), Dense())
    with pytest.raises(ValueError, match=complaint):
        layer(*given)
    with pytest.raises(ValueError, match=complaint):
        UnrolledLayer(Plain(lambda x, *c: x, 1), 2)(*given)


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (torch.ones(2), "the solver must return states of shape (3, n), not (2,)"),
        (torch.ones(2, 4), "the solver must return states of shape (3, n), not (2, 4)"),
        (None, "the solver must return states of shape (3, n), not NoneType"),
        (torch.ones(3, 5), "the update map turns states of shape (3, 5) into (3, 4); they must agree"),
    ],
)
def test_states_of_the_wrong_shape_are_refused_in_words(answer: object, complaint: str) -> None:
    layer = FoldedLayer(lambda c: answer, Plain(lambda x, c: x[:, :4] * c, 4), Dense())
    with pytest.raises(ValueError, match=re.escape(complaint)):
        layer(torch.ones(3, 1))


def test_settings_out_of_range_are_refused() -> None:
    update = MAPS["gradient"][0]
    with pytest.raises(ValueError, match="tolerance = 0 must be positive"):
        FoldedLayer(lambda *c: c[0], update, Dense(), tolerance=0)
    with pytest.raises(ValueError, match="steps = 0 must be at least 1"):
        UnrolledLayer(update, 0)
    with pytest.raises(ValueError, match="rho = 0 must be positive"):
        ADMM(rho=0)
    with pytest.raises(ValueError, match="alpha = 2"):
        ADMM(alpha=2)
