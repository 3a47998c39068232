"""The class of problems: exact solution, generated spectra, and the parameters that are refused."""

from fractions import Fraction

import numpy as np
import pytest

from duality.quadratic.problem import (
    Quadratic,
    Spectrum,
    check_parameters,
    check_run,
    gd_step_limit,
    nag_step_limit,
    random_eigenvalues,
    random_rotations,
    with_eigenvalues,
)


def test_generated_problems_have_the_spectrum_and_the_minimizer():
    rng = np.random.default_rng(3)
    lam = random_eigenvalues(Spectrum(0.1, 2.0), (5, 4), rng)
    problem = with_eigenvalues(lam, rng)
    assert problem.Q.shape == (5, 4, 4) and problem.b.shape == (5, 4)
    np.testing.assert_allclose(np.linalg.eigvalsh(problem.Q), np.sort(lam, axis=1), rtol=1e-12)
    np.testing.assert_allclose(problem.gradient(problem.minimizer()), 0, atol=1e-12)


def test_random_parts_are_reproducible_and_the_ends_occur():
    spectrum = Spectrum(1, 9)
    first, second = (random_eigenvalues(spectrum, (3, 2), np.random.default_rng(0)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(first, np.tile([1.0, 9.0], (3, 1)))
    inside = random_eigenvalues(spectrum, (100, 1), np.random.default_rng(0))
    assert inside.min() >= 1 and inside.max() <= 9 and np.ptp(inside) > 1


def test_rotations_are_orthogonal():
    U = random_rotations((6,), 3, np.random.default_rng(1))
    np.testing.assert_allclose(U @ np.swapaxes(U, 1, 2), np.broadcast_to(np.eye(3), (6, 3, 3)), atol=1e-14)


def test_one_dimension_and_equal_ends():
    assert Spectrum(2, 2).kappa == 1
    assert Quadratic(np.array([[2.0]]), np.array([3.0])).minimizer() == pytest.approx([-1.5])


@pytest.mark.parametrize(("mu", "L"), [(1, 1), (1, 5), (Fraction(1, 7), 3)])
def test_the_printed_ranges_meet_only_without_spread(mu, L):
    mu = Fraction(mu)
    assert (nag_step_limit(mu, L) == gd_step_limit(mu, L)) == (mu == L)
    assert nag_step_limit(mu, L) <= gd_step_limit(mu, L)


def test_accepted_parameters():
    check_parameters()
    check_parameters(mu=0.1, L=1.0, s=2 / 1.1, s_nag=4 / 3.1, c0=0.5, k=0, k_max=200, seed=0, profile="full")
    check_parameters(kappa=10.0, mu=0.1, L=1.0, unknown="left alone", d=2, samples=1)
    check_parameters(mu=Fraction(1, 3), L=Fraction(1, 3), s=Fraction(3))
    check_parameters(s=100.0)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"mu": 2.0, "L": 1.0}, "larger than L"),
        ({"mu": 0.0}, "must be positive"),
        ({"mu": float("nan")}, "finite"),
        ({"L": float("inf")}, "finite"),
        ({"L": "1"}, "real number"),
        ({"mu": True}, "real number"),
        ({"mu": 1j}, "real number"),
        ({"kappa": 0.5}, "at least 1"),
        ({"kappa": 3.0, "mu": 1.0, "L": 2.0}, "not L/mu"),
        ({"k": -1}, "integer, 0 or larger"),
        ({"k_max": 2.5}, "integer"),
        ({"k": True}, "integer"),
        ({"seed": -3}, "integer, 0 or larger"),
        ({"d": 0}, "at least 1"),
        ({"profile": "huge"}, "quick"),
        ({"s": 0.0}, "positive"),
        ({"mu": 1.0, "L": 3.0, "s": 0.51}, "2/(mu+L)"),
        ({"mu": 1.0, "L": 3.0, "s_nag": 0.41}, "4/(3L+mu)"),
        ({"mu": 1.0, "L": 3.0, "c0": 0.41}, "4/(3L+mu)"),
        ({"mu": 1.0, "kappa": 3.0, "s": 0.51}, "2/(mu+L)"),
        ({"L": 3.0, "kappa": 3.0, "s": 0.51}, "2/(mu+L)"),
    ],
)
def test_refused_parameters_get_one_clear_line(given, says):
    with pytest.raises(ValueError) as error:
        check_parameters(**given)
    message = str(error.value)
    assert says in message and "\n" not in message
    assert any(name in message for name in given)


def test_a_spectrum_is_checked():
    with pytest.raises(ValueError, match="larger than L"):
        Spectrum(3, 2)


def test_a_chapter_refuses_sizes_it_is_not_made_for():
    check_run(mu=1e-4, L=1.0, k_max=1000)
    with pytest.raises(ValueError, match="at most 10000"):
        check_run(mu=1e-5, L=1.0)
    with pytest.raises(ValueError, match="at most 1000"):
        check_run(k_max=1001)
    with pytest.raises(ValueError, match="larger than L"):
        check_run(mu=2.0, L=1.0)
