"""Mutations: every bound, changed in its constant, its exponent or its range, is no longer settled as true."""

from dataclasses import replace

import pytest
import sympy as sp

from duality.ledger.claim import Hypothesis, Statement, verdict
from duality.quadratic.claims import CLAIMS
from duality.quadratic.rates import K_POSITIVE, SPECTRUM, k

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
    if "stability" in claim_id:  # 1 - p^k grows with the exponent: a smaller one is the stronger claim
        right = statement.rhs.replace(is_power, lambda e: e.base ** (e.exp - 1))
    else:
        right = statement.rhs.replace(is_power, lambda e: e.base ** (2 * e.exp))
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
