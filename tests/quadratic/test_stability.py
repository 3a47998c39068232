"""Stability in Q: the representation against runs, and brackets from both sides."""

from fractions import Fraction

import numpy as np
import pytest

from duality.quadratic.arithmetic import BALL
from duality.quadratic.methods import chebyshev, gradient_descent, heavy_ball, iterates, nesterov
from duality.quadratic.problem import Quadratic, Spectrum, random_eigenvalues, random_rotations
from duality.quadratic.residual import solutions
from duality.quadratic.stability import (
    Instance,
    certified_lower,
    divided_difference,
    one_dimensional_worst,
)
from duality.quadratic.stability_bounds import (
    factored_bound,
    good_weights,
    kick_factors,
    stab_q,
    state_factors,
)
from duality.quadratic.stability_search import search_instance
from duality.quadratic.supremum import supremum_by_nodes

SPECTRUM = Spectrum(1.0, 8.0)


def direct_ratio(method, first, second, k):
    """The quotient by running the method on both problems."""
    assert np.array_equal(first.b, second.b)
    runs = [iterates(method, problem.Q, problem.b, k)[-1] for problem in (first, second)]
    scale = min(np.linalg.norm(problem.minimizer()) for problem in (first, second))
    return float(np.linalg.norm(runs[0] - runs[1]) / (scale * np.linalg.norm(first.Q - second.Q, 2)))


def sum_bound(method, k):
    """The triangle inequality: the sum over m of sup|s_m A_m| sup|Y_m|, each enclosed."""
    total = 0.0
    for m in range(1, k):
        kick = supremum_by_nodes(lambda x, m=m: kick_factors(method, x, k, BALL)[m - 1], k - 1 - m, SPECTRUM, 1e-6)
        state = supremum_by_nodes(lambda x, m=m: state_factors(method, x, m + 1, BALL)[-1], m, SPECTRUM, 1e-6)
        total += kick.upper * state.upper
    return total


METHODS = [
    gradient_descent(SPECTRUM, 1 / 8),
    gradient_descent(SPECTRUM, 2 / 9),
    nesterov(SPECTRUM, 4 / 25),
    heavy_ball(SPECTRUM),
    chebyshev(SPECTRUM),
]
each_method = pytest.mark.parametrize("method", METHODS, ids=lambda m: m.name)


@each_method
def test_divided_differences(method):
    lam, nu = np.meshgrid(np.linspace(1, 8, 7), np.linspace(1.3, 7.7, 5))
    g_lam, g_nu = solutions(method, lam, 9)[-1], solutions(method, nu, 9)[-1]
    found = divided_difference(method, lam, nu, 9)
    np.testing.assert_allclose(found * (lam - nu), g_lam - g_nu, atol=1e-12)
    np.testing.assert_allclose(found, divided_difference(method, nu, lam, 9), atol=1e-12)


@each_method
def test_equal_and_nearly_equal_arguments(method):
    lam, eps = np.linspace(1, 8, 9), 1e-5
    derivative = divided_difference(method, lam, lam, 9)
    central = (solutions(method, lam + eps, 9)[-1] - solutions(method, lam - eps, 9)[-1]) / (2 * eps)
    np.testing.assert_allclose(derivative, central, atol=1e-7)
    np.testing.assert_allclose(divided_difference(method, lam, lam * (1 + 1e-15), 9), derivative, rtol=1e-9, atol=1e-12)


@each_method
def test_the_sum_representation(method):
    lam, nu = np.array([1.0, 2.0, 8.0]), np.array([1.0, 5.0, 7.0])
    for k in (1, 2, 3, 11):
        terms = zip(kick_factors(method, lam, k), state_factors(method, nu, k), strict=True)
        total = -sum((a * y for a, y in terms), np.zeros(3))
        np.testing.assert_allclose(total, divided_difference(method, lam, nu, k) * nu, atol=1e-12)


@each_method
@pytest.mark.parametrize("d", [1, 2, 4])
def test_instances_against_runs_of_the_method(method, d):
    rng = np.random.default_rng(d)
    lam, nu = random_eigenvalues(SPECTRUM, (2, d), rng) if d > 1 else np.array([[1.5], [6.0]])
    instance = Instance(lam, nu, random_rotations((), d, rng))
    assert direct_ratio(method, *instance.pair(method, 7), 7) >= instance.ratio(method, 7) * (1 - 1e-9)


@each_method
def test_no_other_b_is_worse(method):
    """The quotient over b is at most the larger of the two b-free quotients."""
    rng = np.random.default_rng(8)
    lam, nu = random_eigenvalues(SPECTRUM, (2, 3), rng)
    V = random_rotations((), 3, rng)
    one = Instance(lam, nu, V).ratio(method, 6)
    other = Instance(nu, lam, V.T).ratio(method, 6)
    Q1, Q2 = np.diag(lam), (V * nu) @ V.T
    for _ in range(50):
        b = rng.standard_normal(3)
        assert direct_ratio(method, Quadratic(Q1, b), Quadratic(Q2, b), 6) <= max(one, other) * (1 + 1e-9)


@each_method
@pytest.mark.parametrize("k", [2, 3, 8])
def test_lower_and_upper_bounds_bracket_every_instance(method, k):
    bracket = stab_q(method, k)
    assert 0 < bracket.lower <= bracket.upper <= sum_bound(method, k) * (1 + 1e-5)
    assert bracket.worst.ratio(method, k) == pytest.approx(bracket.lower, rel=1e-9)
    for d in (2, 3):
        found = search_instance(method, k, d, np.random.default_rng(0), population=400, rounds=12)
        assert found.V.shape == (d, d)
        np.testing.assert_allclose(found.V @ found.V.T, np.eye(d), atol=1e-12)
        assert found.ratio(method, k) <= bracket.upper * (1 + 1e-9)


def test_gd_with_short_steps_is_known_exactly():
    """L/(L - mu) ((1 - tau^k)/mu - (1 - (1 - sL)^k)/L) for s <= 1/L: both bounds agree with it."""
    for s in (0.03, 1 / 8):
        for k in (2, 5, 20):
            known = 8 / 7 * ((1 - (1 - s) ** k) - (1 - (1 - 8 * s) ** k) / 8)
            bracket = stab_q(gradient_descent(SPECTRUM, s), k)
            assert bracket.lower <= known * (1 + 1e-12) and known <= bracket.upper
            assert bracket.upper / bracket.lower < 1 + 1e-5
            assert sum_bound(gradient_descent(SPECTRUM, s), k) == pytest.approx(known, rel=1e-5)


def test_faster_and_more_stable():
    """With the largest printed steps, kappa = 5, k = 4: NAG is ahead in both, rigorously and in every
    dimension.
    """
    spectrum = Spectrum(1, 5)
    nag, gd = nesterov(spectrum, Fraction(1, 4)), gradient_descent(spectrum, Fraction(1, 3))
    assert stab_q(nag, 4).upper < stab_q(gd, 4).lower


def test_search_is_reproducible_and_finds_the_one_dimensional_value():
    method = nesterov(SPECTRUM, 4 / 25)
    first, second = (search_instance(method, 6, 2, np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(first.lam, second.lam)
    assert first.ratio(method, 6) == pytest.approx(one_dimensional_worst(method, 6).ratio(method, 6), rel=1e-3)


def test_equal_matrices_give_the_derivative():
    method = heavy_ball(Spectrum(1.0, 100.0))
    instance = Instance(np.array([100.0]), np.array([100.0]), np.ones((1, 1)))
    nearby = Instance(np.array([100.0]), np.array([100.0 * (1 - 1e-9)]), np.ones((1, 1)))
    assert instance.ratio(method, 5) == pytest.approx(nearby.ratio(method, 5), rel=1e-6)


def test_certified_points_are_moved_into_the_spectrum():
    method = gradient_descent(Spectrum(Fraction(1, 3), Fraction(7, 3)), Fraction(1, 5))
    outside = Instance(np.array([0.3]), np.array([2.4]), np.ones((1, 1)))
    known = stab_q(method, 5)
    assert certified_lower(method, outside, 5) == pytest.approx(known.lower, rel=1e-12)
    assert certified_lower(method, outside, 5) <= known.upper


def test_first_step_and_equal_ends():
    for method in METHODS:
        assert stab_q(method, 0).upper == stab_q(method, 1).upper == 0
    single = stab_q(gradient_descent(Spectrum(2, 2), 0.5), 4)
    assert single.lower == pytest.approx(0.5) and single.upper == pytest.approx(0.5)


def test_any_positive_weights_give_a_bound_and_good_ones_a_better_one():
    method = METHODS[2]
    good = factored_bound(method, 6, good_weights(method, 6))
    assert good <= factored_bound(method, 6, np.ones(5)) * (1 + 1e-6)
    assert stab_q(method, 6).lower <= good


def test_search_needs_a_dimension():
    with pytest.raises(ValueError, match="at least 1"):
        search_instance(METHODS[0], 3, 0, np.random.default_rng(0))
