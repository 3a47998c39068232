"""Residual polynomials: the recursion against runs of the methods, closed forms and exact polynomials."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from flint import fmpq, fmpq_poly

from duality.quadratic import attack, closed_forms, rates
from duality.quadratic.arithmetic import FLOAT, exact
from duality.quadratic.methods import chebyshev, gradient_descent, heavy_ball, iterates, nesterov
from duality.quadratic.problem import Spectrum, gd_step_limit, nag_step_limit
from duality.quadratic.region import (
    chebyshev_points,
    gd_stable_limit,
    largest_stable_step,
    nag_stable_limit,
    spectral_radius,
)
from duality.quadratic.residual import (
    derivative_sequence,
    exact_polynomials,
    residual_derivatives,
    residual_sequence,
    residuals,
    response_sequence,
    solution_sequence,
    solutions,
)


def chebyshev_residual(spectrum, lam, k):
    """T_k(t(lam))/T_k(t(0)) for lam in [mu, L]; at mu = L its limit, one exact step."""
    mu, L = spectrum.mu, spectrum.L
    if mu == L:
        return (1 - lam / mu) ** k
    t = np.clip((L + mu - 2 * lam) / (L - mu), -1, 1)
    return np.cos(k * np.arccos(t)) / np.cosh(k * np.arccosh((L + mu) / (L - mu)))


def gd_derivative(s, lam, k):
    """d r_k/ds = -k lam (1 - s lam)^(k-1) of gradient descent."""
    return -k * lam * (1 - s * lam) ** (k - 1) if k else np.zeros_like(lam)


def nag_power_norm(mu, s, k):
    """|T^k| of NAG at lam = mu: the right-hand side of `rates.NAG_POWER_SHARP`."""
    return float(rates.NAG_POWER_SHARP.right_side({"mu": mu, "s": s, "k": k}))


def responses(method, lam, k):
    """A_{k,k-1}, ..., A_{k,0}, shape (k, *lam.shape)."""
    return np.stack(list(response_sequence(method.coefficients(FLOAT, k), lam)))


KAPPAS = [1, 1.3, 2, 10, 1000]


def constant_methods(kappa):
    spectrum = Spectrum(1.0, float(kappa))
    return [
        gradient_descent(spectrum, gd_step_limit(1.0, kappa)),
        gradient_descent(spectrum, 0.3 / kappa),
        nesterov(spectrum, nag_step_limit(1.0, kappa)),
        nesterov(spectrum, 1 / kappa),
        nesterov(spectrum, 0.01 / kappa),
        heavy_ball(spectrum),
    ]


def all_methods(kappa):
    return [*constant_methods(kappa), chebyshev(Spectrum(1.0, float(kappa)))]


@pytest.mark.parametrize("kappa", [1, 3, 50])
def test_the_residual_polynomial_is_the_error_of_a_run(kappa):
    for method in all_methods(kappa):
        lam = chebyshev_points(method.spectrum, 9)
        run = iterates(method, np.diag(lam), -lam, 15)  # the minimizer is (1, ..., 1)
        np.testing.assert_allclose(residuals(method, lam, 15), 1 - np.stack(run), atol=1e-12)
        np.testing.assert_allclose(solutions(method, lam, 15) * lam, np.stack(run), atol=1e-12)


@pytest.mark.parametrize("kappa", KAPPAS)
def test_closed_forms_in_all_cases_of_the_roots(kappa):
    for method in constant_methods(kappa):
        lam = np.append(chebyshev_points(method.spectrum, 41), 1 / method.coefficients(FLOAT, 1)[0].s)
        table = residuals(method, lam, 40)
        for k in range(41):
            # near the double root both forms lose about half of the digits of the root
            np.testing.assert_allclose(closed_forms.residual(method, lam, k), table[k], atol=1e-8)


@pytest.mark.parametrize("kappa", KAPPAS)
def test_the_chebyshev_residual_is_a_chebyshev_polynomial(kappa):
    method = chebyshev(Spectrum(1.0, float(kappa)))
    lam = chebyshev_points(method.spectrum, 41)
    table = residuals(method, lam, 30)
    for k in range(31):
        np.testing.assert_allclose(chebyshev_residual(method.spectrum, lam, k), table[k], atol=1e-12)


@pytest.mark.parametrize("kappa", [1.3, 10, 1000])
def test_impulse_responses_and_block_powers(kappa):
    for method in constant_methods(kappa):
        lam = chebyshev_points(method.spectrum, 21)
        found = responses(method, lam, 12)
        block = closed_forms.block_power(method, lam, 1)
        for k in range(13):
            power = np.linalg.matrix_power(block, k)
            np.testing.assert_allclose(closed_forms.block_power(method, lam, k), power, atol=1e-9)
            np.testing.assert_allclose(
                closed_forms.block_power_norm(method, lam, k),
                np.linalg.norm(power, 2, axis=(1, 2)),
                atol=1e-9,
            )
        for j in range(12):
            np.testing.assert_allclose(found[j], closed_forms.impulse_response(method, lam, j), atol=1e-9)
        assert not closed_forms.impulse_response(method, lam, -1).any()


def test_responses_of_changing_coefficients_are_responses():
    """Adding an impulse to one iterate of Chebyshev changes the last iterate by the response."""
    method, k, m = chebyshev(Spectrum(1.0, 6.0)), 7, 2
    lam = np.array([1.0, 2.5, 6.0])
    x = previous = np.zeros(3)
    for j, (s, beta, _, _, _) in enumerate(method.coefficients(FLOAT, k)):
        x, previous = x + beta * (x - previous) - s * lam * x + (j == m), x
    np.testing.assert_allclose(responses(method, lam, k)[k - 1 - m], x, rtol=1e-12)


@pytest.mark.parametrize("kappa", [1.5, 10, 300])
def test_derivatives_in_the_step_size(kappa):
    spectrum, k, eps = Spectrum(1.0, kappa), 12, 1e-6
    lam = chebyshev_points(spectrum, 15)
    for build, s in ((gradient_descent, 1.2 / kappa), (nesterov, 1.1 / kappa), (nesterov, 0.2 / kappa)):
        found = residual_derivatives(build(spectrum, s), lam, k)
        difference = residuals(build(spectrum, s * (1 + eps)), lam, k) - residuals(
            build(spectrum, s * (1 - eps)), lam, k
        )
        np.testing.assert_allclose(found, difference / (2 * eps * s), atol=1e-6 * np.abs(found).max())
        if build is gradient_descent:
            for j in range(k + 1):
                np.testing.assert_allclose(found[j], gd_derivative(s, lam, j), atol=1e-9 * kappa)
        else:
            ends = [closed_forms.nag_derivative_at_mu(1.0, s, j) for j in range(k + 1)]
            np.testing.assert_allclose(found[:, 0], ends, rtol=1e-10)


def test_the_double_root_at_mu():
    spectrum, s = Spectrum(0.3, 5.0), 0.2
    method = nesterov(spectrum, s)
    table = residuals(method, 0.3, 20)
    for k in range(1, 21):
        assert table[k] == pytest.approx(closed_forms.nag_residual_at_mu(0.3, s, k), rel=1e-12)
        norm = np.linalg.norm(np.linalg.matrix_power(closed_forms.block_power(method, 0.3, 1), k), 2)
        assert norm == pytest.approx(nag_power_norm(0.3, s, k), rel=1e-10)


def test_exact_polynomials():
    spectrum = Spectrum(1, 5)
    method = nesterov(spectrum, Fraction(1, 4))
    polynomials = exact_polynomials(residual_sequence, method, 6)
    assert polynomials[1] == fmpq_poly([1, fmpq(-1, 4)])
    assert polynomials[6](fmpq(1)) == fmpq(1, 2) ** 6 * 4  # tau^k (1 + k u) at lam = mu
    variable = fmpq_poly([0, 1])
    for r, g in zip(polynomials, exact_polynomials(solution_sequence, method, 6), strict=True):
        assert g * variable == 1 - r
    derivative = exact_polynomials(derivative_sequence, method, 6)[6]
    assert derivative(fmpq(1)) == -fmpq(6 * 7, 2) * fmpq(1, 2) ** 5
    with pytest.raises(ValueError, match="not rational"):
        exact_polynomials(residual_sequence, nesterov(spectrum, Fraction(1, 5)), 3)


@pytest.mark.parametrize("u", [Fraction(1, 9), Fraction(2, 5)])
def test_the_recursion_of_the_attack_is_the_same_polynomial(u):
    """`attack.nag_residuals`, exactly, inside and outside the stable range."""
    polynomials = exact_polynomials(residual_sequence, nesterov(Spectrum(1, 50), u * u), 9)
    for lam, k in itertools.product((Fraction(1), Fraction(7, 3), Fraction(50)), (0, 1, 4, 8)):
        found = attack.nag_residuals(k, lam, u * u, u)
        assert found == tuple(exact(polynomials[j](fmpq(lam.numerator, lam.denominator))) for j in (k, k + 1))


@pytest.mark.parametrize("k", [1, 2, 7])
def test_the_power_norm_of_the_attack_is_the_closed_form(k):
    method = nesterov(Spectrum(1.0, 5.0), 0.25)
    for lam in (1.0, 2.0, 4.5):
        found = attack.block_power_norm(k, lam, 0.25, 0.5)
        assert found == pytest.approx(float(closed_forms.block_power_norm(method, lam, k)), rel=1e-9)


def test_no_power_form_for_changing_coefficients():
    with pytest.raises(ValueError, match="changes its coefficients"):
        closed_forms.residual(chebyshev(Spectrum(1, 2)), 1.0, 3)


@pytest.mark.parametrize("kappa", [1, 1.2, 2, 7, 500])
def test_stable_regions(kappa):
    spectrum = Spectrum(1.0, float(kappa))
    assert largest_stable_step(gradient_descent, spectrum) == pytest.approx(gd_stable_limit(spectrum), rel=1e-9)
    limit = nag_stable_limit(spectrum)
    assert largest_stable_step(nesterov, spectrum) == pytest.approx(limit, rel=1e-7)
    assert limit * kappa * (3 - np.sqrt(limit)) == pytest.approx(4, rel=1e-9)
    assert (limit > gd_stable_limit(spectrum) * (1 + 1e-12)) == (kappa < 2)
    assert spectral_radius(heavy_ball(spectrum)) < 1


def test_the_cubic_alone_is_not_the_region():
    """With sqrt(mu s) > 3 the cubic condition holds, but NAG diverges."""
    spectrum, s = Spectrum(1.0, 1.0), 16.0
    assert s * (3 - np.sqrt(s)) < 4
    assert spectral_radius(nesterov(spectrum, s)) > 1
