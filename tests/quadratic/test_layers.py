"""Algorithms as layers, layers as algorithms: equal runs and worst cases, optimal fixed points, refusals."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.optimize import nnls
from torch import nn

from duality.quadratic import layers
from duality.quadratic.exact import cvg, sens_s, stab_b
from duality.quadratic.methods import Method, gradient_descent, iterates, nesterov
from duality.quadratic.problem import Quadratic, Spectrum, with_eigenvalues

SPECTRUM = Spectrum(0.1, 1.0)
S = 0.9


def problem(lam: tuple[float, ...] = (0.1, 0.3, 0.7, 1.0)) -> Quadratic:
    return with_eigenvalues(np.array(lam), np.random.default_rng(3))


def pairs() -> list[tuple[layers.StepLayer, Method]]:
    return [
        (layers.GradientLayer(S), gradient_descent(SPECTRUM, S)),
        (layers.NesterovLayer(SPECTRUM.mu, S), nesterov(SPECTRUM, S)),
    ]


@pytest.mark.parametrize(("layer", "method"), pairs())
@pytest.mark.parametrize("k", [0, 1, 2, 7])
def test_stack_equals_algorithm(layer: layers.StepLayer, method: Method, k: int) -> None:
    f = problem()
    out = layers.Unrolled(layer, k)(torch.tensor(f.Q), torch.tensor(f.b))
    np.testing.assert_allclose(out.detach().numpy(), iterates(method, f.Q, f.b, k)[-1], atol=1e-14)


def test_nesterov_stack_equals_the_printed_two_line_form() -> None:
    f, mu = problem(), SPECTRUM.mu
    beta = (1 - np.sqrt(mu * S)) / (1 + np.sqrt(mu * S))
    y = z = np.zeros(4)
    for _ in range(6):
        after = z - S * (f.Q @ z + f.b)
        y, z = after, after + beta * (after - y)
    out = layers.Unrolled(layers.NesterovLayer(mu, S), 6)(torch.tensor(f.Q), torch.tensor(f.b))
    np.testing.assert_allclose(out.detach().numpy(), y, atol=1e-14)


@pytest.mark.parametrize(("layer", "method"), pairs())
def test_dense_network_with_identity_activation_is_the_algorithm(layer: layers.StepLayer, method: Method) -> None:
    f, k = problem(), 5
    network = nn.Sequential(*[layers.dense(*layers.weights(layer, f.Q, f.b), nn.Identity())] * k)
    out = network(torch.zeros(8, dtype=torch.float64)).detach().numpy()
    path = iterates(method, f.Q, f.b, k)
    np.testing.assert_allclose(out, np.concatenate([path[k], path[k - 1]]), atol=1e-14)


def test_gradient_layer_has_the_weights_of_the_table() -> None:
    f = problem()
    W, c = layers.weights(layers.GradientLayer(S), f.Q, f.b)
    np.testing.assert_allclose(W[:4, :4], np.eye(4) - S * f.Q, atol=1e-15)
    np.testing.assert_array_equal(W[:4, 4:], 0)
    np.testing.assert_allclose(c[:4], -S * f.b, atol=1e-15)


def test_shared_weights_are_one_parameter_and_receive_the_gradient() -> None:
    f = problem()
    network = layers.Unrolled(layers.GradientLayer(S), 6)
    assert [name for name, _ in network.named_parameters()] == ["layer.s"]
    network(torch.tensor(f.Q), torch.tensor(f.b)).sum().backward()
    step = 1e-6
    ends = [iterates(gradient_descent(SPECTRUM, S + h), f.Q, f.b, 6)[-1].sum() for h in (step, -step)]
    assert float(network.layer.s.grad) == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-6)


@pytest.mark.parametrize(("layer", "method"), pairs())
@pytest.mark.parametrize("k", [0, 1, 3, 12])
def test_autograd_reaches_the_exact_worst_cases(layer: layers.StepLayer, method: Method, k: int) -> None:
    exact = [quantity(method, k) for quantity in (cvg, stab_b, sens_s)]
    Q = problem(tuple(sorted({0.1, 0.4, 1.0, *(value.at for value in exact)}))).Q
    for found, value in zip(layers.measured(layers.Unrolled(layer, k), Q), exact, strict=True):
        assert found == pytest.approx(value.upper, rel=1e-7, abs=1e-12)


@pytest.mark.parametrize(("layer", "method"), pairs())
def test_a_spectrum_without_the_worst_eigenvalue_stays_below(layer: layers.StepLayer, method: Method) -> None:
    found = layers.measured(layers.Unrolled(layer, 5), problem((0.3, 0.5, 0.6)).Q)
    assert found.cvg < 0.9 * cvg(method, 5).lower
    assert found.stab_b < 0.9 * stab_b(method, 5).lower


def relu_weights(norm: float) -> tuple[np.ndarray, np.ndarray]:
    """A symmetric W with eigenvalues between -norm and norm, both attained, and some c."""
    f = with_eigenvalues(1 - np.array([-norm, -0.2, 0.1, 0.4, norm]), np.random.default_rng(8))
    return np.eye(5) - f.Q, 3 * f.b


def test_relu_layer_solves_the_nonnegative_problem() -> None:
    W, c = relu_weights(0.8)
    run = layers.iterate(layers.dense(W, c, nn.ReLU()), torch.zeros(5, dtype=torch.float64), 1e-13, 500)
    f = layers.problem_of(W, c)
    assert run.settled and 0 < int((run.x == 0).sum()) < 5
    assert layers.optimality_gap(f, run.x) < 1e-12
    root = np.linalg.cholesky(f.Q).T
    np.testing.assert_allclose(run.x, nnls(root, -np.linalg.solve(root.T, f.b))[0], atol=1e-11)


def test_moves_of_a_relu_layer_shrink_by_the_norm_of_its_weights() -> None:
    W, c = relu_weights(0.8)
    run = layers.iterate(layers.dense(W, c, nn.ReLU()), torch.zeros(5, dtype=torch.float64), 1e-10, 500)
    moves = np.array(run.moves)
    assert (moves[1:] <= 0.8 * moves[:-1] * (1 + 1e-5) + 1e-14).all()
    far = layers.iterate(layers.dense(W, c, nn.ReLU()), torch.full((5,), 9.0, dtype=torch.float64), 1e-13, 500)
    assert torch.allclose(run.x, far.x, atol=1e-8)


def test_depth_is_decided_by_problem_and_step() -> None:
    f, depths = problem(), {}
    for s in (0.3, 1.5):
        layer = layers.dense(np.eye(4) - s * f.Q, -s * f.b, nn.Identity())
        run = layers.iterate(layer, torch.zeros(4, dtype=torch.float64), 1e-8, 2000)
        assert run.settled
        np.testing.assert_allclose(run.x, f.minimizer(), atol=1e-6)
        depths[s] = run.depth
    assert depths[1.5] < depths[0.3]


def test_expanding_layer_does_not_settle() -> None:
    layer = layers.dense(-2 * np.eye(2), np.ones(2), nn.Identity())
    start = torch.zeros(2, dtype=torch.float64)
    assert layers.iterate(layer, start, 1e-8, 50).depth == 50
    overflow = layers.iterate(layer, start, 1e-8, 5000)
    assert not overflow.settled and overflow.depth < 5000
    assert layers.iterate(layer, start, 1e-8, 0) == layers.Run(start, (), False)


def test_refusals() -> None:
    with pytest.raises(ValueError, match="s = 0 must be positive"):
        layers.GradientLayer(0)
    with pytest.raises(ValueError, match="mu = -1 must be positive"):
        layers.NesterovLayer(-1, 0.5)
    with pytest.raises(ValueError, match="k = -1 must be an integer"):
        layers.Unrolled(layers.GradientLayer(0.5), -1)
    with pytest.raises(ValueError, match="not symmetric"):
        layers.problem_of([[0, 1], [0, 0]], [0, 0])
    with pytest.raises(ValueError, match="eigenvalue 2; below 1"):
        layers.problem_of([[2, 0], [0, 0]], [0, 0])
    with pytest.raises(ValueError, match="tolerance = 0 must be positive"):
        layers.iterate(nn.Identity(), torch.zeros(2), 0, 5)
