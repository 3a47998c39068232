"""The folded layer: derivatives of first and second order, and agreement with implicit differentiation."""

from __future__ import annotations

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
    Dense,
    FixedPoint,
    FoldedLayer,
    ImplicitLayer,
    InteriorPoint,
    Iterate,
    Quadratic,
    Smooth,
    UnrolledLayer,
)
from folding_maps import MAPS, RULES, B, N, leaves, quadratic_program, random, slope, solver_of


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
