"""Rigorous suprema: two independent routes, closed forms, and brackets that are really brackets."""

from fractions import Fraction

import numpy as np
import pytest
from flint import arb, fmpq_poly

from duality.quadratic import closed_forms
from duality.quadratic.exact import by_critical_points, cvg, sens_s, stab_b
from duality.quadratic.methods import chebyshev, gradient_descent, heavy_ball, nesterov
from duality.quadratic.problem import Spectrum
from duality.quadratic.region import spectrum_grid
from duality.quadratic.residual import (
    derivative_sequence,
    residual_derivatives,
    residual_sequence,
    residuals,
    solution_sequence,
    solutions,
)
from duality.quadratic.sensitivity import (
    gd_range_sensitivity,
    gd_sensitivity,
    last_increase,
    nag_range_sensitivity,
)
from duality.quadratic.supremum import PrecisionError, supremum_by_critical_points, supremum_by_nodes

QUANTITIES = [
    (cvg, residual_sequence, residuals),
    (stab_b, solution_sequence, solutions),
    (sens_s, derivative_sequence, residual_derivatives),
]
RATIONAL_METHODS = [
    gradient_descent(Spectrum(1, 30), Fraction(2, 31)),
    nesterov(Spectrum(1, 5), Fraction(1, 4)),
    nesterov(Spectrum(1, 10000), Fraction(1, 10000)),
    heavy_ball(Spectrum(1, 100)),
    chebyshev(Spectrum(Fraction(1, 3), 4)),
]


@pytest.mark.parametrize("method", RATIONAL_METHODS, ids=lambda m: f"{m.name}-{m.spectrum.kappa}")
@pytest.mark.parametrize("k", [0, 1, 2, 7, 30])
def test_both_routes_enclose_the_same_number(method, k):
    for quantity, sequence, _ in QUANTITIES:
        nodes, roots = quantity(method, k), by_critical_points(sequence, method, k)
        assert max(nodes.lower, roots.lower) <= min(nodes.upper, roots.upper)
        assert nodes.width < 2e-9 and roots.width < 1e-12


@pytest.mark.parametrize("kappa", [1, 1.0001, 1.7, 40, 10000])
def test_enclosures_hold_and_are_reached(kappa):
    spectrum = Spectrum(1.0, float(kappa))
    grid = spectrum_grid(spectrum, 400)
    for method in (
        gradient_descent(spectrum, 1.5 / kappa),
        nesterov(spectrum, 1.1 / kappa),
        heavy_ball(spectrum),
    ):
        for k in (1, 6, 25):
            for quantity, _, table in QUANTITIES:
                found = quantity(method, k)
                values = np.abs(table(method, grid, k)[-1])
                assert values.max() <= found.upper * (1 + 1e-9) + 1e-12
                assert found.lower <= found.upper and found.width < 2e-9
                assert spectrum.mu <= found.at <= spectrum.L
                reached = abs(table(method, found.at, k)[-1])
                assert reached == pytest.approx(found.lower, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("k", [1, 5, 60])
@pytest.mark.parametrize("kappa", [1, 2, 50, 10000])
def test_the_frontier(kappa, k):
    """mu Stab_b + Cvg = 1 for GD, NAG and Chebyshev; heavy ball is strictly above for kappa > 1."""
    spectrum = Spectrum(1, kappa)
    methods = [
        gradient_descent(spectrum, Fraction(2, kappa + 1)),
        nesterov(spectrum, Fraction(4, 3 * kappa + 1)),
        chebyshev(spectrum),
    ]
    for method in methods:
        c, t = cvg(method, k), stab_b(method, k)
        assert c.lower + t.lower <= 1 + 1e-15 and c.upper + t.upper >= 1 - 1e-15
    ball = heavy_ball(spectrum)
    c, t = cvg(ball, k), stab_b(ball, k)
    root = np.sqrt(kappa)
    rho = (root - 1) / (root + 1)
    assert c.lower == pytest.approx(rho**k * (1 + (1 + rho) * k), rel=1e-8, abs=1e-300)
    assert t.lower == pytest.approx(1 - rho**k * (1 + (1 - rho) * k), rel=1e-8)
    if kappa > 1 and k < 60:
        assert c.lower + t.lower > 1


def test_a_hard_case_at_full_length():
    spectrum = Spectrum(1, 10000)
    method = nesterov(spectrum, Fraction(4, 30001))
    found = cvg(method, 200)
    assert found.width < 1e-9 and found.at == 1
    assert found.lower <= closed_forms.nag_residual_at_mu(1.0, 4 / 30001, 200) * (1 + 1e-12)
    assert found.upper >= closed_forms.nag_residual_at_mu(1.0, 4 / 30001, 200) * (1 - 1e-12)


def test_suprema_of_polynomials_that_are_known():
    spectrum = Spectrum(1, 3)
    # T_5 on [1, 3]: six equal extremes; its square is one-signed
    t5 = fmpq_poly([0, 5, 0, -20, 0, 16])(fmpq_poly([-2, 1]))
    for polynomial, known in ((t5, 1), (t5 * t5, 1), (t5 + 1000, 1001), (fmpq_poly([7]), 7)):

        def evaluate(lam, polynomial=polynomial):
            value = 0 * lam
            for c in reversed(polynomial.coeffs()):
                value = value * lam + c
            return value

        nodes = supremum_by_nodes(evaluate, polynomial.degree(), spectrum)
        roots = supremum_by_critical_points(polynomial, spectrum)
        for found in (nodes, roots):
            assert found.lower <= known <= found.upper and found.width < 1e-8


def test_a_peak_between_the_nodes_is_not_missed():
    """A narrow peak of high degree, away from every first node."""
    spectrum = Spectrum(1, 3)

    def peak(lam):
        # (1 - (t - a)^2 / 4)^20 with t = lam - 2 in [-1, 1]: the maximum is 1, at t = a
        return (1 - (lam - 2 - arb(1) / 7) ** 2 * (arb(1) / 4)) ** 20

    found = supremum_by_nodes(peak, 40, spectrum)
    assert found.lower <= 1 <= found.upper and found.width < 1e-8
    assert found.at == pytest.approx(2 + 1 / 7, abs=1e-3)


def test_balls_that_stay_wide_are_refused():
    with pytest.raises(PrecisionError, match="identically zero"):
        supremum_by_nodes(lambda lam: lam - lam + arb(0, 1), 3, Spectrum(1, 2))


@pytest.mark.parametrize("kappa", [1, 1.5, 10, 200])
def test_gd_sensitivity_closed_form(kappa):
    spectrum = Spectrum(1, Fraction(kappa))
    for s in (Fraction(1, 10) / spectrum.L, 1 / spectrum.L, 2 / (1 + spectrum.L)):
        for k in (0, 1, 2, 9, 40):
            found, exact = sens_s(gradient_descent(spectrum, s), k), gd_sensitivity(spectrum, s, k)
            assert isinstance(exact, Fraction)
            assert found.lower <= exact <= found.upper


def test_gd_sensitivity_over_a_range_is_at_an_end():
    spectrum, c0, s1 = Spectrum(1.0, 12.0), 0.02, 2 / 13
    for k in (1, 2, 6, 30):
        inside = [gd_sensitivity(spectrum, s, k) for s in np.linspace(c0, s1, 301)]
        best = gd_range_sensitivity(spectrum, c0, s1, k)
        assert max(inside) == pytest.approx(best, rel=1e-12)
        q = 11 / 13
        assert gd_sensitivity(spectrum, s1, k) == pytest.approx(k * 12 * q ** (k - 1), rel=1e-12)


def test_nag_sensitivity_over_a_range():
    spectrum, c0, s1 = Spectrum(1.0, 12.0), 0.02, 4 / 37
    for k in (1, 3, 12):
        found = nag_range_sensitivity(spectrum, c0, s1, k)
        assert c0 <= found.s <= s1
        grid = spectrum_grid(spectrum, 150)
        values = [
            np.abs(residual_derivatives(nesterov(spectrum, s), grid, k)[-1]).max() for s in np.linspace(c0, s1, 77)
        ]
        assert found.at_s.upper >= max(values) * (1 - 1e-6)
    same = nag_range_sensitivity(spectrum, c0, c0, 3)
    assert same.s == c0 and same.at_s == sens_s(nesterov(spectrum, c0), 3)


@pytest.mark.parametrize("bad", [(0, 1), (0.2, 0.1), (-1, 1)])
def test_step_size_ranges_are_checked(bad):
    for function in (gd_range_sensitivity, nag_range_sensitivity):
        with pytest.raises(ValueError, match="0 < c0 <= s1"):
            function(Spectrum(1.0, 2.0), *bad, 3)


def test_last_increase():
    assert last_increase([3, 2, 1]) == 0
    assert last_increase([0, 2, 1, 3, 3, 2]) == 3
    assert last_increase([]) == 0
