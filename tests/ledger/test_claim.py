"""Verdicts follow from evidence alone, and statements print what they check."""

import pytest
import sympy as sp

from duality.ledger.ball import exceeds, to_ball
from duality.ledger.claim import (
    Ablation,
    Counterexample,
    Criterion,
    Evidence,
    Hypothesis,
    Search,
    Statement,
    Step,
    verdict,
)
from duality.ledger.tex import Quantity, latex

x = sp.Symbol("x", real=True)


def step(method, outcome="holds"):
    return Step("", method, outcome)


def example(lhs, rhs):
    return Counterexample({}, sp.sympify(lhs), sp.sympify(rhs), "")


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (Evidence(), "open"),
        (Evidence(steps=(step("identity"), step("smt"), step("induction"))), "proved"),
        (Evidence(steps=(step("identity"), step("ball"))), "certified"),
        (Evidence(steps=(step("identity"), step("smt", "undecided"))), "open"),
        (Evidence(steps=(step("identity", "fails"),)), "open"),
        (Evidence(searches=(Search("", 0.5, {}, 10, 0),)), "supported"),
        (Evidence(searches=(Search("", 1.5, {}, 10, 0),)), "open"),
        (Evidence(steps=(step("smt"),), searches=(Search("", 1.5, {}, 10, 0),)), "open"),
        (Evidence(steps=(step("smt", "fails"),), counterexample=example(2, 1)), "false"),
        (Evidence(steps=(step("smt", "fails"),), counterexample=example(1, 1)), "open"),
        (Evidence(counterexample=example(sp.Float(2), 1)), "open"),
        (Evidence(searches=(Search("", float("-inf"), {}, 0, 0),)), "open"),
        (Evidence(searches=(Search("", float("inf"), {}, 1, 0),)), "open"),
        (Evidence(support=(step("smt", "fails"),), counterexample=example(2, 1)), "open"),
        (Evidence(support=(step("smt"),), counterexample=example(2, 1)), "false"),
        (Evidence(criteria=(Criterion("", True), Criterion("", True))), "reproduced"),
        (Evidence(criteria=(Criterion("", True), Criterion("", False))), "partly"),
        (Evidence(criteria=(Criterion("", False),)), "not reproduced"),
    ],
)
def test_verdict(evidence, expected):
    assert verdict(evidence) == expected


def test_ablations_say_what_happens():
    assert Ablation("", {}, sp.Integer(2), sp.Integer(1)).outcome == "breaks"
    assert Ablation("", {}, sp.Integer(1), sp.Integer(1)).outcome == "survives"
    assert Ablation("", {}, sp.Integer(1), sp.nan).outcome == "undefined"


def test_comparison_is_exact_and_refuses_floats():
    assert exceeds(sp.sqrt(2), sp.Rational(141421356, 100000000))
    assert not exceeds(sp.sqrt(2) * sp.sqrt(3), sp.sqrt(6))
    with pytest.raises(TypeError, match="exact"):
        to_ball(sp.Float(0.5))


def test_a_statement_prints_and_evaluates_one_expression():
    error = Quantity(r"\|e\|_2")
    statement = Statement(sp.Le(error, (1 - x) ** 2 * error, evaluate=False), (Hypothesis("x > 0", sp.Gt(x, 0)),))
    assert r"\left(1 - x\right)^{2} \, \|e\|_2" in statement.markdown()
    assert statement.right_side({"x": sp.Rational(1, 2), error.name: 4}) == 1
    assert statement.allows({"x": 1}) and not statement.allows({"x": -1})
    with pytest.raises(KeyError, match="x > 0"):
        statement.allows({})


def test_sums_do_not_start_with_a_minus_sign():
    assert latex(1 - x) == "1 - x"


def test_a_proof_beside_a_counterexample_is_an_error():
    with pytest.raises(ValueError, match="unsound"):
        verdict(Evidence(steps=(step("smt"),), counterexample=example(2, 1)))
