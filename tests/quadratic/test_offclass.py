"""Worst cases over all smooth strongly convex functions: agreement with exact values, honesty, refusals."""

from __future__ import annotations

import itertools
import math

import pytest
import sympy as sp

from duality.quadratic import offclass
from duality.quadratic.proofs import offclass as proofs

KAPPAS = (4.0, 100.0)
ONE_RUN = (
    offclass.gd_convergence,
    offclass.nag_convergence,
    offclass.nag_convergence_sharp,
    offclass.nag_lyapunov,
)
TWO_RUNS = (offclass.gd_stability_b, offclass.nag_stability_b, offclass.nag_stability_b_sharp)


def gd_step(kappa: float) -> float:
    return 2 / (1 / kappa + 1)


def nag_step(kappa: float) -> float:
    return 4 / (3 + 1 / kappa)


@pytest.mark.parametrize("kappa", KAPPAS)
@pytest.mark.parametrize("k", [1, 3, 5])
def test_gd_worst_case_equals_its_bound(kappa: float, k: int) -> None:
    for s in (gd_step(kappa), 0.5):
        for guarantee in (offclass.gd_convergence, offclass.gd_stability_b):
            worst = guarantee(1 / kappa, 1.0, s, k)
            assert worst.resolved
            assert worst.ratio == pytest.approx(1, abs=1e-4)  # attained by a quadratic, exceeded by nothing


@pytest.mark.parametrize(("kappa", "k"), list(itertools.product(KAPPAS, [1, 2, 4, 6])))
def test_gd_sensitivity_survives(kappa: float, k: int) -> None:
    worst = offclass.gd_sensitivity(1 / kappa, 1.0, 0.9 * gd_step(kappa), gd_step(kappa), k)
    assert worst.resolved and worst.ratio <= 1 + 1e-4


@pytest.mark.parametrize("k", [1, 2, 5, 8])
def test_lyapunov_rate_survives(k: int) -> None:
    for kappa, s in itertools.product(KAPPAS, (0.25, 1.0)):
        worst = offclass.nag_lyapunov(1 / kappa, 1.0, s, k)
        assert worst.resolved and worst.ratio < 1


def test_lyapunov_identity_is_exact() -> None:
    left, right = proofs.lyapunov_identity()
    assert sp.simplify(left - right) == 0


def test_lyapunov_identity_notices_another_momentum() -> None:
    left, right = proofs.lyapunov_identity()
    u = sp.Symbol("u", positive=True)
    assert sp.simplify(left.subs(u, u / 2) - right) != 0


@pytest.mark.parametrize(("kappa", "k"), list(itertools.product(KAPPAS, [1, 2, 4])))
def test_on_quadratics_the_program_finds_the_closed_form(kappa: float, k: int) -> None:
    mu, s = 1 / kappa, nag_step(kappa)
    u = math.sqrt(mu * s)
    worst = offclass.nag_on_quadratics(mu, 1.0, s, k)
    assert worst.measured == pytest.approx((1 - u) ** k * (1 + k * u), rel=1e-4)


@pytest.mark.parametrize("kappa", [2.0, 5.0])
def test_resolved_numbers_are_right_where_the_answer_is_known(kappa: float) -> None:
    """Far into the decay, where the solver's tolerance first matters and then rules."""
    mu, unresolved = 1 / kappa, 0
    for k in (4, 8, 11, 14):
        for worst in (
            offclass.nag_on_quadratics(mu, 1.0, nag_step(kappa), k),
            offclass.gd_convergence(mu, 1.0, 1.0, k),
        ):
            assert not worst.resolved or worst.ratio == pytest.approx(1, abs=2e-3)
            unresolved += not worst.resolved
    assert unresolved


def test_sharp_quadratic_values_fail_off_the_class() -> None:
    mu, s = 0.01, nag_step(100)
    assert offclass.nag_convergence_sharp(mu, 1.0, s, 3).ratio > 2
    assert offclass.nag_stability_b_sharp(mu, 1.0, s, 9).ratio > 1.1


def test_printed_stability_of_nag_fails_off_the_class() -> None:
    worst = offclass.nag_stability_b(0.01, 1.0, nag_step(100), 14)
    assert worst.resolved and worst.ratio > 1.1


@pytest.mark.parametrize("kappa", KAPPAS)
def test_printed_nag_bounds_survive_at_small_k_where_the_program_is_resolved(kappa: float) -> None:
    mu, s = 1 / kappa, nag_step(kappa)
    for k in (1, 4, 8):
        assert offclass.nag_convergence(mu, 1.0, s, k).ratio < 1
        assert offclass.nag_stability_b(mu, 1.0, s, k).ratio < 1
        assert offclass.nag_sensitivity(mu, 1.0, 0.9 * s, s, k).ratio < 1


def test_worst_case_contains_the_quadratics() -> None:
    for k in (2, 5):
        everything = offclass.nag_convergence_sharp(0.1, 1.0, 1.0, k)
        quadratics = offclass.nag_on_quadratics(0.1, 1.0, 1.0, k)
        assert everything.measured >= quadratics.measured - 1e-6


def test_first_two_entries_are_measured_and_bound() -> None:
    worst = offclass.gd_convergence(0.1, 1.0, 1.0, 2)
    measured, bound = worst[:2]
    assert measured == worst.measured and bound == pytest.approx(0.81)
    assert worst.measured == pytest.approx(math.sqrt(worst.dual))


def test_a_worst_case_below_the_solver_tolerance_is_not_resolved() -> None:
    worst = offclass.nag_convergence(0.5, 1.0, nag_step(2), 10)
    assert worst.bound**2 < offclass.TOLERANCE and not worst.resolved


def test_k_zero_is_the_start() -> None:
    worst = offclass.nag_convergence(0.1, 1.0, 1.0, 0)
    assert worst.bound == pytest.approx(math.sqrt(8))
    assert worst.measured == pytest.approx(math.sqrt(1 + 0.9**2), rel=1e-5)


@pytest.mark.parametrize("guarantee", ONE_RUN + TWO_RUNS)
@pytest.mark.parametrize(
    ("mu", "L", "s", "k", "message"),
    [
        (0.1, 1.0, 3.0, 2, "the bound is stated for s <="),
        (0.1, 1.0, 0.0, 2, "the bound is stated for s > 0"),
        (-0.1, 1.0, 0.5, 2, "need 0 < mu < L"),
        (2.0, 1.0, 0.1, 2, "need 0 < mu < L"),
        (1.0, 1.0, 0.5, 2, "every function is quadratic"),
        (0.1, 1.0, 0.5, -1, "k must be an integer >= 0"),
        (0.1, 1.0, 0.5, 2.5, "k must be an integer >= 0"),
        (0.1, math.inf, 0.5, 2, "L must be a finite number"),
        (0.1, 1.0, math.nan, 2, "s must be a finite number"),
        (0.1, 1.0, 0.5, 200, "lower k"),
    ],
)
def test_bad_input_is_refused_before_solving(guarantee, mu, L, s, k, message) -> None:
    with pytest.raises(ValueError, match=message):
        guarantee(mu, L, s, k)


def test_sensitivity_needs_two_step_sizes() -> None:
    with pytest.raises(ValueError, match="must differ"):
        offclass.nag_sensitivity(0.1, 1.0, 1.0, 1.0, 2)
    with pytest.raises(ValueError, match="the bound is stated for t <="):
        offclass.gd_sensitivity(0.1, 1.0, 1.0, 5.0, 2)


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    offclass.nag_convergence_sharp(0.1, 1.0, 1.0, 3)
    offclass.nag_stability_b(0.01, 1.0, nag_step(100), 12)  # a program that PEPit comments on
    assert capfd.readouterr() == ("", "")
