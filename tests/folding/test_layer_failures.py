"""What a folded layer says and does when there is no solution, no gradient, or no sense in what it was given."""

from __future__ import annotations

import re
import warnings

import pytest
import torch
from torch import Tensor

from duality.folding import (
    ADMM,
    CG,
    GMRES,
    Dense,
    FixedPoint,
    FoldedLayer,
    FoldingWarning,
    Iterate,
    NonContractive,
    NotAFixedPoint,
    NotConverged,
    Plain,
    Rule,
    UnrolledLayer,
)
from folding_maps import MAPS, N, leaves, quadratic_program, random, solver_of


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
