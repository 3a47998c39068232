"""Mutations: every bound, changed in its constant, its exponent or its range, is no longer settled as true."""

from dataclasses import replace
from fractions import Fraction

import pytest
import sympy as sp

from duality.ledger.claim import Hypothesis, Statement, verdict
from duality.quadratic.claims import CLAIMS, definitions
from duality.quadratic.rates import K_POSITIVE, SPECTRUM, c0, k, mu

BY_ID = {claim.id: claim for claim in CLAIMS}
TRUE = ("proved", "certified", "supported")
# How far a constant may shrink before the bound breaks: just below the slack that the exact worst case leaves.
CONSTANT = {
    "gd-convergence": "9/10", "gd-sensitivity": "9/10", "gd-stability": "9/10", "gd-stability-sharp": "9/10",
    "nag-power-sharp": "9/10", "nag-convergence": "1/10", "nag-convergence-sharp": "9/10", "nag-remark-rate": "7/10",
    "nag-sensitivity-repaired": "9/10", "nag-stability": "2/5", "nag-stability-sharp": "9/10",
    "offclass-gd-convergence": "9/10", "offclass-gd-sensitivity": "9/10", "offclass-gd-stability": "9/10",
    "offclass-lyapunov": "9/20",
}  # fmt: skip


def settled(claim_id: str, statement: Statement) -> str:
    return verdict(BY_ID[claim_id].settle(statement))


def with_right_side(statement: Statement, right: sp.Expr) -> Statement:
    return replace(statement, relation=statement.relation.func(statement.lhs, right, evaluate=False))


@pytest.mark.parametrize("claim_id", CONSTANT)
def test_a_smaller_constant_turns_red(claim_id):
    statement = BY_ID[claim_id].statement
    assert settled(claim_id, statement) in TRUE
    mutated = with_right_side(statement, sp.Rational(CONSTANT[claim_id]) * statement.rhs)
    assert settled(claim_id, mutated) not in TRUE


@pytest.mark.parametrize("claim_id", CONSTANT)
def test_a_larger_exponent_turns_red(claim_id):
    statement = BY_ID[claim_id].statement
    is_power = lambda e: isinstance(e, sp.Pow) and e.exp.has(k)  # noqa: E731
    # 1 - p^k grows with the exponent, so there the smaller exponent is the stronger claim
    stronger = (lambda e: e.exp - 1) if "stability" in claim_id else (lambda e: 2 * e.exp)
    right = statement.rhs.replace(is_power, lambda e: e.base ** stronger(e))
    assert settled(claim_id, with_right_side(statement, right)) not in TRUE


@pytest.mark.parametrize("claim_id", [i for i in CONSTANT if i != "offclass-lyapunov"])
def test_a_wider_step_range_turns_red(claim_id):
    statement = BY_ID[claim_id].statement
    widened = tuple(
        Hypothesis(h.name, sp.Le(h.relation.args[0], sp.Rational(3, 2) * h.relation.args[1]))
        if h not in (*SPECTRUM, K_POSITIVE)
        and isinstance(h.relation, sp.LessThan)
        and h.relation.args[1].has(sp.Symbol("L", real=True))
        and h.name != "mu <= L"
        else h
        for h in statement.hypotheses
    )
    assert widened != statement.hypotheses
    assert settled(claim_id, replace(statement, hypotheses=widened)) not in TRUE


MUTATED_RIGHT_SIDES = {
    "exact-tradeoff": lambda right: right * sp.Rational(11, 10),
    "tradeoff-universal": lambda right: right * sp.Rational(11, 10),
    "tradeoff-chebyshev": lambda right: right * sp.Rational(9, 10),
    "tradeoff-heavy-ball": lambda right: right.subs(k, k + 1),
    "stability-gap": lambda right: 2 * right,
    "stable-regions": lambda right: right + sp.Rational(1, 10),
    "gd-stability-exact": lambda right: right.subs(k, k + 1),
    "nag-remark-tight": lambda right: right.subs(k, k + 1),
}


@pytest.mark.parametrize("claim_id", MUTATED_RIGHT_SIDES)
def test_a_changed_identity_turns_red(claim_id):
    statement = BY_ID[claim_id].statement
    assert settled(claim_id, statement) in TRUE
    assert settled(claim_id, with_right_side(statement, MUTATED_RIGHT_SIDES[claim_id](statement.rhs))) not in TRUE


@pytest.mark.parametrize(
    ("claim_id", "hypothesis", "weaker"),
    [
        ("sens-decreasing", "k >= 1/(c0 mu) - 1", sp.Ge(k, 1 / (2 * c0 * mu) - 1)),
        ("sens-decreasing-nag", "k > 2(1/sqrt(mu s) - 1)", sp.Ge(k, 1)),
        ("sens-order-eventually", "k large", sp.Ge(k, 2)),
    ],
)
def test_a_weaker_hypothesis_turns_red(claim_id, hypothesis, weaker):
    statement = BY_ID[claim_id].statement
    weakened = tuple(replace(h, relation=weaker) if h.name == hypothesis else h for h in statement.hypotheses)
    assert weakened != statement.hypotheses
    assert settled(claim_id, replace(statement, hypotheses=weakened)) not in TRUE


@pytest.mark.parametrize("claim_id", ["def-cvg", "def-stab", "def-sens"])
def test_certificates_reject_a_wrong_closed_form(claim_id, monkeypatch):
    wrong = {"def-sens": "gd_sensitivity"}.get(claim_id, "worst_residuals")
    right = getattr(definitions, wrong)
    shifted = lambda *a: tuple(v + Fraction(1, 10**6) for v in r) if isinstance(r := right(*a), tuple) else r * 2  # noqa: E731
    monkeypatch.setattr(definitions, wrong, shifted)
    assert settled(claim_id, BY_ID[claim_id].statement) == "open"
