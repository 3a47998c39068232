"""Penalties: closed forms, concave parts, the conditions asked of them, and what is refused."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from duality.sparse import regularity
from duality.sparse.penalties import L1, MCP, SCAD, Mixture, Penalty, positive, printed, soft_threshold

PENALTIES: list[Penalty] = [L1(), MCP(1.5), MCP(3.0), SCAD(2.5), SCAD(3.7), printed(3.7, 3.0)]
GRID = regularity.grid()


@pytest.mark.parametrize("penalty", PENALTIES, ids=lambda each: type(each).__name__)
@pytest.mark.parametrize("lam", [0.3, 1.0, 2.0])
def test_the_slope_is_the_derivative_of_the_value(penalty: Penalty, lam: float) -> None:
    beta = (GRID + 1e-3).requires_grad_()  # off the kinks
    level = torch.tensor(lam, dtype=beta.dtype)
    for value, slope in ((penalty.value, penalty.slope), (penalty.concave, penalty.concave_slope)):
        (derivative,) = torch.autograd.grad((value(level, beta) + 0 * beta).sum(), beta)
        torch.testing.assert_close(slope(level, beta.detach()), derivative, atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("penalty", PENALTIES, ids=lambda each: type(each).__name__)
def test_the_conditions_hold_with_the_stated_concavity(penalty: Penalty) -> None:
    for lam in (0.3, 1.0, 2.0):
        for name, margin in regularity.margins(penalty, lam).items():
            assert margin > -1e-6, (name, margin)


def test_every_condition_can_fail() -> None:
    class Broken(L1):
        def __init__(self, slope: object, value: object = None) -> None:
            object.__setattr__(self, "given", (slope, value))

        def concave_slope(self, lam: Tensor, beta: Tensor) -> Tensor:
            return self.given[0](lam, beta)  # type: ignore[attr-defined,no-any-return]

        def concave(self, lam: Tensor, beta: Tensor) -> Tensor:
            return self.given[1](lam, beta)  # type: ignore[attr-defined,no-any-return]

    def fails(name: str, broken: Penalty) -> bool:
        return regularity.CONDITIONS[name](broken, 1.0, GRID) < -1e-3

    assert fails("monotone", Broken(lambda lam, beta: beta / 4))
    assert fails("bounded concavity", Broken(lambda lam, beta: -beta / 4))  # l1 states 0
    assert fails("even", Broken(None, lambda lam, beta: beta))
    assert fails("zero at zero", Broken(lambda lam, beta: 0 * beta, lambda lam, beta: 1 + 0 * beta))
    assert fails("slope below lambda", Broken(lambda lam, beta: -1.5 * lam * beta.sign()))
    assert fails("Lipschitz in lambda", Broken(lambda lam, beta: -2 * lam * beta.sign()))


def test_values_are_constant_where_they_should_be() -> None:
    lam = torch.tensor(0.7, dtype=torch.float64)
    for penalty, level in ((MCP(3.0), 3.0 * 0.49 / 2), (SCAD(3.7), 4.7 * 0.49 / 2)):
        far = penalty.flat * lam + torch.tensor([1e-9, 1.0, 5.0], dtype=torch.float64)
        torch.testing.assert_close(penalty.value(lam, far), torch.full_like(far, level))
        assert not penalty.slope(lam, far).abs().gt(1e-12).any()


def test_levels_are_element_wise() -> None:
    lam, beta = torch.tensor([0.5, 2.0]), torch.tensor([[1.0, 1.0], [-3.0, 0.1]])
    for penalty in PENALTIES:
        apart = torch.stack([penalty.value(lam[j], beta[:, j]) for j in (0, 1)], 1)
        torch.testing.assert_close(penalty.value(lam, beta), apart)


def test_a_mixture_combines_and_its_weights_can_be_learned() -> None:
    lam, beta, w = torch.tensor(0.5), torch.linspace(-3, 3, 13), torch.tensor([0.2, 0.3, 0.5], requires_grad=True)
    mixture = printed(3.7, 3.0, w)
    parts = torch.stack([part.concave_slope(lam, beta) for part in mixture.parts])
    torch.testing.assert_close(mixture.concave_slope(lam, beta), w @ parts)
    mixture.value(lam, beta).sum().backward()
    assert w.grad is not None and bool((w.grad[1:] != 0).all())


def test_convexity_is_lost_where_the_concavity_exceeds_the_curvature() -> None:
    assert regularity.convexity(MCP(3.0), 0.5) > 0 > regularity.convexity(MCP(3.0), 0.2)


def test_the_soft_threshold() -> None:
    v = torch.tensor([-2.0, -0.5, 0.0, 0.5, 2.0])
    assert soft_threshold(v, 1.0).tolist() == [-1.0, 0.0, 0.0, 0.0, 1.0]


@pytest.mark.parametrize("b", [1.0, 0.5, float("nan"), float("inf")])
def test_mcp_refuses(b: float) -> None:
    with pytest.raises(ValueError, match="b > 1"):
        MCP(b)


@pytest.mark.parametrize("a", [2.0, 1.0, float("nan"), float("inf")])
def test_scad_refuses(a: float) -> None:
    with pytest.raises(ValueError, match="a > 2"):
        SCAD(a)


def test_levels_and_weights_are_checked() -> None:
    for lam in ([1.0, 0.0], [-1.0], [float("nan")], [float("inf")]):
        with pytest.raises(ValueError, match="positive"):
            positive(torch.tensor(lam))
    with pytest.raises(ValueError, match="an entry is inf"):
        positive(torch.tensor([1.0, float("inf"), 2.0]))
    for weights in ([0.5, 0.6, 0.1], [1.5, -0.5, 0.0], [float("nan"), 0.5, 0.5]):
        with pytest.raises(ValueError, match="convex combination"):
            printed(3.7, 3.0, torch.tensor(weights))
    with pytest.raises(ValueError, match="as many weights"):
        Mixture((L1(), MCP(2.0)), torch.ones(3) / 3)
