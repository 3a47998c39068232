"""The methods against independent statements of the same algorithms."""

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
import torch

from duality.quadratic.arithmetic import BALL, FLOAT, RATIONAL, exact, exact_root
from duality.quadratic.methods import chebyshev, gradient_descent, heavy_ball, iterates, nesterov
from duality.quadratic.problem import Spectrum, random_eigenvalues, with_eigenvalues

SPECTRUM = Spectrum(0.2, 3.0)
METHODS = [
    gradient_descent(SPECTRUM, 0.5),
    nesterov(SPECTRUM, 0.4),
    heavy_ball(SPECTRUM),
    chebyshev(SPECTRUM),
]


def instances(seed=0):
    rng = np.random.default_rng(seed)
    return with_eigenvalues(random_eigenvalues(SPECTRUM, (4, 3), rng), rng)


def test_gradient_descent_as_printed():
    problem = instances()
    x = np.zeros_like(problem.b)
    for found in iterates(METHODS[0], problem.Q, problem.b, 12):
        np.testing.assert_allclose(found, x, atol=1e-13)
        x = x - 0.5 * problem.gradient(x)


def test_accelerated_gradient_with_the_two_printed_sequences():
    """R eq. 9: y_{k+1} = z_k - s (Q z_k + b), z_{k+1} = y_{k+1} + beta (y_{k+1} - y_k)."""
    problem = instances()
    beta = (1 - np.sqrt(0.2 * 0.4)) / (1 + np.sqrt(0.2 * 0.4))
    y = z = np.zeros_like(problem.b)
    for found in iterates(METHODS[1], problem.Q, problem.b, 12):
        np.testing.assert_allclose(found, y, atol=1e-13)
        y_next = z - 0.4 * problem.gradient(z)
        y, z = y_next, y_next + beta * (y_next - y)


def test_chebyshev_is_best_among_polynomials_of_its_degree():
    """At the k-th step its residual alternates between equal values at k+1 points, signs alternating."""
    method, k = chebyshev(Spectrum(1, 7)), 5
    points = 4 + 3 * np.cos(np.pi * np.arange(k + 1) / k)
    run = iterates(method, np.diag(points), -points, k)[-1]
    residual = 1 - run
    np.testing.assert_allclose(residual * (-1.0) ** np.arange(k + 1), np.full(k + 1, residual[0]), rtol=1e-10)


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.name)
def test_every_method_finds_the_minimizer(method):
    problem = instances(5)
    np.testing.assert_allclose(
        iterates(method, problem.Q, problem.b, 400)[-1], problem.minimizer(), rtol=1e-9, atol=1e-10
    )


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.name)
def test_torch_and_numpy_agree_and_gradients_flow(method):
    problem = instances(2)
    Q = torch.tensor(problem.Q, requires_grad=True)
    x = iterates(method, Q, torch.tensor(problem.b), 6)[-1]
    np.testing.assert_allclose(x.detach().numpy(), iterates(method, problem.Q, problem.b, 6)[-1], atol=1e-13)
    x.sum().backward()
    assert torch.isfinite(Q.grad).all() and Q.grad.abs().max() > 0


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.name)
def test_zero_steps_and_bad_counts(method):
    problem = instances()
    (start,) = iterates(method, problem.Q, problem.b, 0)
    np.testing.assert_array_equal(start, np.zeros_like(problem.b))
    assert method.coefficients(FLOAT, 0) == []
    with pytest.raises(ValueError, match="integer, 0 or larger"):
        iterates(method, problem.Q, problem.b, -1)


def test_equal_ends_are_solved_in_one_step():
    for method in (
        gradient_descent(Spectrum(2, 2), 0.5),
        heavy_ball(Spectrum(2, 2)),
        chebyshev(Spectrum(2, 2)),
    ):
        run = iterates(method, 2 * np.eye(2), np.array([1.0, -3.0]), 3)
        for x in run[1:]:
            np.testing.assert_allclose(x, [-0.5, 1.5], atol=1e-15)


@pytest.mark.parametrize("build", [gradient_descent, nesterov])
@pytest.mark.parametrize("s", [0, -1.0, float("nan"), "1"])
def test_step_sizes_are_checked(build, s):
    with pytest.raises(ValueError, match="s = "):
        build(SPECTRUM, s)


def test_the_three_number_systems_agree():
    method = nesterov(Spectrum(1, 5), Fraction(1, 4))
    (rational,) = method.coefficients(RATIONAL, 1)
    (real,) = method.coefficients(FLOAT, 1)
    (ball,) = method.coefficients(BALL, 1)
    assert (rational.beta.p, rational.beta.q) == (1, 3)
    for a, b, c in zip(rational, real, ball, strict=True):
        assert float(a.p) / float(a.q) == pytest.approx(b) and c.contains(a)


def test_the_slope_of_the_momentum():
    low, high = (nesterov(SPECTRUM, s).coefficients(FLOAT, 1)[0] for s in (0.4 - 1e-6, 0.4 + 1e-6))
    assert nesterov(SPECTRUM, 0.4).coefficients(FLOAT, 1)[0].dbeta == pytest.approx(
        (high.beta - low.beta) / 2e-6, rel=1e-6
    )


def test_exact_numbers():
    assert exact(0.5) == exact(sp.Rational(1, 2)) == Fraction(1, 2) and exact_root(Fraction(4, 49)) == Fraction(2, 7)
    for bad in (2, Fraction(1, 3), -1):
        with pytest.raises(ValueError, match="not rational"):
            exact_root(bad)
    with pytest.raises(ValueError, match="finite real number"):
        exact(float("inf"))
    with pytest.raises(ValueError, match="not rational"):
        nesterov(Spectrum(1, 5), Fraction(1, 3)).coefficients(RATIONAL, 2)
