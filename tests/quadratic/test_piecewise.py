"""Exact counterexamples off the quadratic class, and what they cannot break."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from duality.ledger.claim import Statement
from duality.quadratic import offclass, piecewise, piecewise_pairs, rates
from duality.quadratic.piecewise import PiecewiseGradient, from_slopes, nag_iterates, right_side

QUARTER = Fraction(1, 4)


@st.composite
def gradients(draw, mu: int, L: int) -> PiecewiseGradient:
    """Any piecewise-linear derivative of the class with its zero at 0."""
    knots = sorted(draw(st.sets(st.integers(-20, 20), min_size=1, max_size=6)))
    slopes = draw(st.lists(st.fractions(mu, L, max_denominator=8), min_size=len(knots) + 1, max_size=len(knots) + 1))
    return from_slopes(knots, slopes)


def every_counterexample() -> list[piecewise.OffClass]:
    found = [
        piecewise.nag_convergence(),
        piecewise.nag_convergence_sharp(),
        piecewise_pairs.nag_stability_b(),
        piecewise_pairs.nag_stability_b_sharp(),
        piecewise_pairs.nag_sensitivity(),
    ]
    return [example for example in found if example is not None]


EXAMPLES = every_counterexample()


def test_every_nag_bound_has_a_counterexample() -> None:
    assert [e.statement for e in EXAMPLES] == [
        rates.NAG_CONVERGENCE,
        rates.NAG_CONVERGENCE_SHARP,
        rates.NAG_STABILITY,
        rates.NAG_STABILITY_SHARP,
        rates.NAG_SENSITIVITY,
    ]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: str(e.statement.lhs))
def test_counterexample_holds_up(example: piecewise.OffClass) -> None:
    mu, L = example.point["mu"], example.point["L"]
    assert example.holds_up and example.ratio > 1
    assert example.gradient.in_class(mu, L)
    assert example.rhs == right_side(example.statement, example.point)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: str(e.statement.lhs))
def test_check_can_fail(example: piecewise.OffClass) -> None:
    weaker = Statement(
        sp.Le(example.statement.lhs, 4 * example.statement.rhs, evaluate=False), example.statement.hypotheses
    )
    assert not replace(example, statement=weaker, rhs=right_side(weaker, example.point)).holds_up
    assert not replace(example, point={**example.point, "L": example.point["L"] / 2}).holds_up  # leaves the class
    assert not replace(example, point={**example.point, "s": example.point["s"] * 2}).holds_up  # leaves the range


def test_convergence_example_by_hand() -> None:
    """The two sides recomputed without the library: plain recursion, plain formula."""
    example = piecewise.nag_convergence()
    assert example is not None
    k = int(example.point["k"])
    (a, _), (zero, _), (c, _) = example.gradient.points
    assert zero == 0

    def slope(y: Fraction) -> Fraction:
        if y >= 0:
            return y + 4 * max(y - c, Fraction(0))
        return y + 4 * max(y, a)

    x = y = example.point["x_0"]
    start = x
    for _ in range(k + 1):
        previous, x = x, y - slope(y) / 4
        y = x + (x - previous) / 3  # sqrt(mu s) = 1/2, so beta = 1/3
    assert example.lhs == x**2 + previous**2
    assert example.lhs > 8 * Fraction(1 + k) ** 2 * Fraction(1, 2) ** (2 * k) * start**2


def test_convergence_fails_also_at_the_classical_step() -> None:
    """At s = 1/L the same run breaks the printed bound but not the Lyapunov rate."""
    example = piecewise.nag_convergence(L=4, start=10_000, k_max=30)
    assert example is not None and example.holds_up
    k = int(example.point["k"])
    xs = nag_iterates(example.gradient, example.point["x_0"], 1, QUARTER, k)
    for j, x in enumerate(xs):
        point = {**example.point, "k": Fraction(j)}
        assert x**2 <= right_side(rates.NAG_LYAPUNOV, point)


def test_no_earlier_violation_is_reported_than_the_program_allows() -> None:
    """Where the semidefinite program gives the worst case, an exact run stays below it."""
    example = piecewise.nag_convergence_sharp()
    assert example is not None
    k = int(example.point["k"])
    worst = offclass.nag_convergence_sharp(1.0, 5.0, 0.25, k)
    assert 1 < example.ratio <= worst.ratio + 1e-5


def test_switching_is_what_breaks_stability() -> None:
    example = piecewise_pairs.nag_stability_b()
    assert example is not None
    assert piecewise_pairs.quadratic_twin(example, piecewise_pairs.NARROW) < Fraction(1, 2) < 1 < example.ratio


def test_search_reports_none_when_nothing_is_found() -> None:
    assert piecewise.nag_convergence(k_max=5) is None
    assert piecewise_pairs.nag_stability_b(k_max=3) is None
    assert piecewise_pairs.nag_sensitivity(k_max=3) is None


@settings(max_examples=60, deadline=None, derandomize=True)
@given(gradients(1, 5), st.integers(-30, 30), st.integers(1, 8), st.integers(1, 8))
def test_gd_bounds_hold_on_every_function_of_the_class(gradient, x0, numerator, tilt) -> None:
    mu, L = 1, 5
    s, t = Fraction(numerator, 24), Fraction(1, 3)  # up to the printed limit 2/(mu+L)
    runs = {(step, b): [Fraction(x0)] for step in (s, t) for b in (0, tilt)}
    for k in range(1, 9):
        for (step, b), xs in runs.items():
            xs.append(xs[-1] - step * (gradient(xs[-1]) + b))
        point = {"mu": mu, "L": L, "s": s, "t": t, "c_0": min(s, t), "k": k, rates.START.name: abs(x0)}
        point |= {rates.STEP_GAP.name: abs(t - s), rates.DB.name: tilt, rates.DQ.name: 0, rates.M.name: 0}
        assert abs(runs[s, 0][k]) <= right_side(rates.GD_CONVERGENCE, point)
        assert abs(runs[s, 0][k] - runs[t, 0][k]) <= right_side(rates.GD_SENSITIVITY, point)
        assert abs(runs[s, 0][k] - runs[s, tilt][k]) <= right_side(rates.GD_STABILITY, point)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(gradients(1, 4), st.integers(-30, 30))
def test_lyapunov_rate_holds_on_every_function_of_the_class(gradient, x0) -> None:
    for k, x in enumerate(nag_iterates(gradient, x0, 1, QUARTER, 10)):
        point = {"mu": 1, "L": 4, "s": QUARTER, "k": k, rates.START.name: abs(x0)}
        assert x**2 <= right_side(rates.NAG_LYAPUNOV, point)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(gradients(1, 5), st.fractions(-30, 30, max_denominator=10), st.fractions(-30, 30, max_denominator=10))
def test_piecewise_gradient_is_monotone_and_smooth(gradient, y, z) -> None:
    assert gradient.in_class(1, 5) and gradient(0) == 0
    if y != z:
        assert 1 <= (gradient(y) - gradient(z)) / (y - z) <= 5


def test_nag_on_a_line_is_the_closed_form() -> None:
    u = Fraction(1, 2)
    xs = nag_iterates(lambda y: y, 1, 1, QUARTER, 12)
    assert xs == [(1 - u) ** k * (1 + k * u) for k in range(13)]


def test_bad_functions_are_refused() -> None:
    with pytest.raises(ValueError, match="need 3 slopes"):
        from_slopes([0, 1], [1, 2])
    with pytest.raises(ValueError, match="strictly increasing"):
        from_slopes([1, 1], [1, 2, 1])
    with pytest.raises(ValueError, match="strictly increasing"):
        PiecewiseGradient((), Fraction(1), Fraction(1))
    with pytest.raises(ValueError, match="mu < m < L"):
        piecewise_pairs.Family(Fraction(1), Fraction(5), Fraction(5), QUARTER)
    with pytest.raises(ValueError, match="not rational"):
        right_side(rates.NAG_LYAPUNOV, {"mu": 1, "L": 2, "s": Fraction(1, 2), "k": 1, rates.START.name: 1})
