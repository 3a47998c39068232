"""Mutations of the rows on the recurrent cell: a changed statement is no longer settled as true (or as false)."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sympy as sp

from duality.hybrid.claims.recurrent import CLAIMS
from duality.hybrid.rates import recurrent as rates
from duality.ledger.claim import Statement, verdict
from duality.ledger.tex import Quantity

BY_ID = {claim.id: claim for claim in CLAIMS}
FALSE = {"rnn-represents-nag", "rnn-best-convergence"}
PROVED = [name for name in BY_ID if name not in FALSE]
TRUE = ("proved", "certified", "supported")
NO_CONSTANT = ("rnn-impossible", "rnn-no-nag-any-step")  # something > 0


def settled(name: str, statement: Statement) -> str:
    return verdict(BY_ID[name].settle(statement))


def with_sides(statement: Statement, left: sp.Expr, right: sp.Expr) -> Statement:
    return replace(statement, relation=statement.relation.func(left, right, evaluate=False))


@pytest.mark.parametrize("name", BY_ID)
def test_the_verdict_is_the_expected_one_and_repairs_are_proved(name: str) -> None:
    claim = BY_ID[name]
    assert settled(name, claim.statement) == ("false" if name in FALSE else "proved")
    assert (claim.repaired_by is not None) == (name in FALSE)
    if claim.repaired_by:
        assert settled(claim.repaired_by, BY_ID[claim.repaired_by].statement) == "proved"


# how far a constant may move before the statement must break; an equality breaks under any change
FACTOR = {name: sp.Rational(9, 10) for name in PROVED} | {
    "rnn-nag-outside": sp.Rational(11, 10),
    "rnn-best-c": sp.Rational(11, 10),
    "rnn-floor-every-k": sp.Rational(11, 10),
}


@pytest.mark.parametrize("name", [n for n in PROVED if n not in NO_CONSTANT])
def test_another_constant_turns_red(name: str) -> None:
    statement = BY_ID[name].statement
    assert settled(name, with_sides(statement, statement.lhs, FACTOR[name] * statement.rhs)) not in TRUE


@pytest.mark.parametrize("name", ["rnn-best-c"])
def test_a_weaker_constant_is_not_attained(name: str) -> None:
    statement = BY_ID[name].statement
    assert settled(name, with_sides(statement, statement.lhs, statement.rhs * sp.Rational(9, 10))) not in TRUE


@pytest.mark.parametrize("name", NO_CONSTANT)
def test_a_strict_sign_leaves_no_room_for_a_constant(name: str) -> None:
    statement = BY_ID[name].statement
    assert settled(name, with_sides(statement, statement.lhs, sp.Rational(1, 100))) not in TRUE


@pytest.mark.parametrize("name", PROVED)
def test_another_left_side_turns_red(name: str) -> None:
    statement = BY_ID[name].statement
    shrinks = isinstance(statement.relation, sp.GreaterThan | sp.StrictGreaterThan)
    left = statement.lhs - 10 if shrinks else 50 * statement.lhs
    assert settled(name, with_sides(statement, left, statement.rhs)) not in TRUE


@pytest.mark.parametrize("name", PROVED)
def test_the_reversed_relation_turns_red(name: str) -> None:
    statement = BY_ID[name].statement
    opposite = {
        sp.LessThan: sp.GreaterThan,
        sp.GreaterThan: sp.LessThan,
        sp.Equality: sp.Unequality,
        sp.StrictGreaterThan: sp.StrictLessThan,
    }
    relation = opposite[type(statement.relation)](statement.lhs, statement.rhs, evaluate=False)
    assert settled(name, replace(statement, relation=relation)) not in TRUE


POWERS = ["rnn-stability", "rnn-stability-sharp", "rnn-sensitivity", "rnn-convergent-cell", "rnn-worst-convergence"]


@pytest.mark.parametrize("name", POWERS)
def test_another_exponent_turns_red(name: str) -> None:
    statement = BY_ID[name].statement
    is_power = lambda e: isinstance(e, sp.Pow) and e.exp.has(rates.k)  # noqa: E731
    # 1 - c^k grows with the exponent, so there the smaller exponent is the stronger claim
    stronger = (lambda e: e.base ** (2 * e.exp)) if name == "rnn-convergent-cell" else (lambda e: e.base ** (e.exp - 1))
    right = statement.rhs.replace(is_power, stronger)
    assert settled(name, with_sides(statement, statement.lhs, right)) not in TRUE


@pytest.mark.parametrize("name", ["rnn-contractive", "rnn-stability", "rnn-stability-sharp", "rnn-sensitivity"])
def test_another_scaling_turns_red(name: str) -> None:
    statement = BY_ID[name].statement
    for quantity in sorted(statement.rhs.atoms(Quantity), key=str):
        for changed in (1, quantity**2):
            right = statement.rhs.subs(quantity, changed)
            assert settled(name, with_sides(statement, statement.lhs, right)) not in TRUE


@pytest.mark.parametrize(
    ("name", "hypothesis"),
    [
        ("rnn-stability", "c_p < 1"),
        ("rnn-sensitivity", "c_min <= c"),
        ("rnn-sensitivity", "c <= c_0"),
        ("rnn-sensitivity", "c_0 < 1"),
        ("rnn-sensitivity", "Y large"),
        ("rnn-sensitivity", "H large"),
        ("rnn-region-exact", "mu <= L"),
        ("rnn-no-nag", "mu < L"),
        ("rnn-no-nag", "s >= 1/L"),
        ("rnn-no-nag", "s <= 4/(3L+mu)"),
        ("rnn-no-nag-any-step", "mu < L"),
        ("rnn-no-nag-any-step", "s < 1/mu"),
        ("rnn-convergent-cell", "kappa < 3"),
        ("rnn-floor", "kappa > 1"),
        ("rnn-floor", "c below the threshold"),
        ("rnn-impossible", "kappa >= 3"),
        ("rnn-impossible", "c < 1"),
        ("rnn-floor-every-k", "kappa > 1"),
        ("rnn-floor-every-k", "c <= 1"),
        ("rnn-worst-convergence", "kappa > 1"),
    ],
)
def test_a_dropped_hypothesis_turns_red(name: str, hypothesis: str) -> None:
    statement = BY_ID[name].statement
    kept = tuple(h for h in statement.hypotheses if h.name != hypothesis)
    assert len(kept) < len(statement.hypotheses)
    assert settled(name, replace(statement, hypotheses=kept)) not in TRUE


def test_a_slightly_smaller_condition_number_is_not_impossible() -> None:
    statement = BY_ID["rnn-impossible"].statement
    weaker = replace(statement.hypotheses[0], relation=sp.Ge(rates.kappa, sp.Rational(29, 10)))
    assert settled("rnn-impossible", replace(statement, hypotheses=(weaker, *statement.hypotheses[1:]))) not in TRUE


@pytest.mark.parametrize(("name", "room"), [("rnn-represents-nag", "1/10"), ("rnn-best-convergence", "1/8")])
def test_a_weakened_false_claim_is_no_longer_refuted(name: str, room: str) -> None:
    statement = BY_ID[name].statement
    assert settled(name, with_sides(statement, statement.lhs, sp.Rational(room))) != "false"


def test_below_the_threshold_the_printed_convergence_is_not_refuted() -> None:
    statement = BY_ID["rnn-best-convergence"].statement
    narrow = rates.Hypothesis("kappa < 3", sp.Lt(rates.kappa, 3))
    assert settled("rnn-best-convergence", replace(statement, hypotheses=(*statement.hypotheses, narrow))) != "false"
