"""Mutations: every bound, changed in its constant, its exponent or its range, is no longer settled as true."""

from dataclasses import replace
from fractions import Fraction

import pytest
import sympy as sp

from duality.ledger.claim import Hypothesis, Statement, verdict
from duality.ledger.prove import identity
from duality.ledger.tex import Quantity
from duality.quadratic import rates
from duality.quadratic.claims import CLAIMS, definitions, table
from duality.quadratic.rates import K_POSITIVE, SPECTRUM, START, c0, k, mu

BY_ID = {claim.id: claim for claim in CLAIMS}
TRUE = ("proved", "certified", "supported")
# How far a constant may shrink before the bound breaks: just below the slack that the exact worst case leaves.
CONSTANT = {
    "gd-convergence": "9/10", "gd-sensitivity": "9/10", "gd-stability": "9/10", "gd-stability-sharp": "9/10",
    "nag-power-sharp": "9/10", "nag-convergence": "1/10", "nag-convergence-sharp": "9/10", "nag-remark-rate": "7/10",
    "nag-sensitivity-repaired": "9/10", "nag-stability": "2/5", "nag-stability-sharp": "9/10",
    "offclass-gd-convergence": "9/10", "offclass-gd-sensitivity": "9/10", "offclass-gd-stability": "9/10",
    "offclass-lyapunov": "9/20", "sens-decreasing": "99/100", "sens-decreasing-nag": "1/2",
    "sens-order-eventually": "1/100",
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


WITH_POWERS = [i for i in CONSTANT if BY_ID[i].statement.rhs.has(k)]


@pytest.mark.parametrize("claim_id", WITH_POWERS)
def test_a_larger_exponent_turns_red(claim_id):
    statement = BY_ID[claim_id].statement
    is_power = lambda e: isinstance(e, sp.Pow) and e.exp.has(k)  # noqa: E731
    # 1 - p^k grows with the exponent, so there the smaller exponent is the stronger claim
    stronger = (lambda e: e.exp - 1) if "stability" in claim_id else (lambda e: 2 * e.exp)
    right = statement.rhs.replace(is_power, lambda e: e.base ** stronger(e))
    assert settled(claim_id, with_right_side(statement, right)) not in TRUE


@pytest.mark.parametrize("claim_id", WITH_POWERS)
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
    "def-region": lambda right: right - sp.Rational(1, 10),
    "gd-stability-exact": lambda right: right.subs(k, k + 1),
    "nag-remark-tight": lambda right: right.subs(k, k + 1),
    "offclass-nag-convergence": lambda right: 2 * right,
    "offclass-nag-sensitivity": lambda right: 2 * right,
    "offclass-nag-stability": lambda right: 2 * right,
}  # fmt: skip


@pytest.mark.parametrize("claim_id", MUTATED_RIGHT_SIDES)
def test_a_changed_identity_turns_red(claim_id):
    statement = BY_ID[claim_id].statement
    assert settled(claim_id, statement) in TRUE
    assert settled(claim_id, with_right_side(statement, MUTATED_RIGHT_SIDES[claim_id](statement.rhs))) not in TRUE


# What makes a false claim true again: it must no longer be called false.
HARMLESS = {
    "nag-power-bound": lambda s: with_right_side(s, 2 * rates.NAG_POWER_SHARP.rhs),
    "nag-sensitivity": lambda s: with_right_side(s, 10**6 * s.rhs),
    "prose-faster-less-stable": lambda s: with_right_side(s, 2 * s.rhs),
    "prose-sens-shrinks": lambda s: with_right_side(s, 2 * s.rhs),
    "prose-sens-order": lambda s: with_right_side(s, 2 * s.rhs),
    "prose-region-order": lambda s: with_right_side(s, 2 * s.rhs),
}


@pytest.mark.parametrize("claim_id", HARMLESS)
def test_a_weakened_false_claim_is_no_longer_refuted(claim_id):
    statement = BY_ID[claim_id].statement
    assert settled(claim_id, statement) == "false"
    assert settled(claim_id, HARMLESS[claim_id](statement)) != "false"


@pytest.mark.parametrize("claim_id", [*CONSTANT, *MUTATED_RIGHT_SIDES])
def test_the_reversed_relation_turns_red(claim_id):
    statement = BY_ID[claim_id].statement
    opposite = {sp.LessThan: sp.GreaterThan, sp.GreaterThan: sp.LessThan, sp.Equality: sp.Unequality,
                sp.StrictLessThan: sp.StrictGreaterThan, sp.StrictGreaterThan: sp.StrictLessThan}  # fmt: skip
    reverse = opposite[type(statement.relation)]
    mutated = replace(statement, relation=reverse(statement.lhs, statement.rhs, evaluate=False))
    assert settled(claim_id, mutated) not in TRUE


BOUNDS = [i for i in CONSTANT if not i.startswith("sens-")]


@pytest.mark.parametrize("claim_id", BOUNDS)
def test_a_larger_left_side_turns_red(claim_id):
    statement = BY_ID[claim_id].statement
    mutated = replace(statement, relation=statement.relation.func(50 * statement.lhs, statement.rhs, evaluate=False))
    assert settled(claim_id, mutated) not in TRUE


@pytest.mark.parametrize("claim_id", BOUNDS)
def test_another_scaling_of_the_right_side_turns_red(claim_id):
    statement = BY_ID[claim_id].statement
    quantities = sorted(statement.rhs.atoms(Quantity), key=str)
    for quantity in quantities:
        for changed in (1, quantity**2):
            assert settled(claim_id, with_right_side(statement, statement.rhs.subs(quantity, changed))) not in TRUE
    if not quantities:
        assert settled(claim_id, with_right_side(statement, statement.rhs * START)) not in TRUE


# Hypotheses that a proof can do without, as the ablations of the rows say: the bound survives, or says nothing.
SPARE = {"0 < mu", "s > 0", "k >= 1", "c0 > 0"}


@pytest.mark.parametrize("claim_id", [i for i in CONSTANT if i.startswith(("gd-", "nag-"))])
def test_a_dropped_hypothesis_turns_red_unless_it_is_spare(claim_id):
    claim = BY_ID[claim_id]
    breaking = {a.hypothesis for a in claim.evaluate().ablations if a.outcome == "breaks"} - SPARE
    assert len(breaking) >= 2
    for name in breaking:
        kept = tuple(h for h in claim.statement.hypotheses if h.name != name)
        assert settled(claim_id, replace(claim.statement, hypotheses=kept)) not in TRUE, name


@pytest.mark.parametrize(
    ("claim_id", "hypothesis"),
    [
        ("exact-tradeoff", "GD: s <= 2/(mu+L)"),
        ("exact-tradeoff", "NAG: s <= 4/(3L+mu)"),
        ("stability-gap", "NAG: s <= 4/(3L+mu)"),
        ("tradeoff-chebyshev", "mu < L"),
        ("tradeoff-heavy-ball", "lambda <= L"),
        ("stable-regions", "s < 4/mu"),
        ("stable-regions", "lambda <= L"),
        ("gd-stability-exact", "s <= 1/L"),
        ("table-1", "0 < mu"),
        ("offclass-gd-convergence", "s <= 2/(mu+L)"),
        ("offclass-lyapunov", "s <= 1/L"),
    ],
)
def test_a_dropped_condition_turns_red(claim_id, hypothesis):
    statement = BY_ID[claim_id].statement
    kept = tuple(h for h in statement.hypotheses if h.name != hypothesis)
    assert len(kept) < len(statement.hypotheses)
    assert settled(claim_id, replace(statement, hypotheses=kept)) not in TRUE


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


CERTIFIED = ["def-cvg", "def-stab", "def-sens"]


@pytest.mark.parametrize("claim_id", CERTIFIED)
def test_certificates_reject_a_wrong_closed_form(claim_id, monkeypatch):
    name = "gd_sensitivity" if claim_id == "def-sens" else "worst_residuals"
    right = getattr(definitions, name)

    def wrong(*arguments):
        value = right(*arguments)
        return tuple(v + Fraction(1, 10**6) for v in value) if isinstance(value, tuple) else 2 * value

    monkeypatch.setattr(definitions, name, wrong)
    assert settled(claim_id, BY_ID[claim_id].statement) == "open"


SMALLER_ENTRIES = {
    ("GD", "Cvg"): lambda e: e**2,
    ("GD", "Stab"): lambda e: e / (k + 1),
    ("GD", "Sens"): lambda e: e / k,
    ("GD", "range"): lambda e: 2 * e,
    ("NAG", "Cvg"): lambda e: e / k,
    ("NAG", "Stab"): lambda e: e / (k + 1),
    ("NAG", "Sens"): lambda e: e / k,
    ("NAG", "range"): lambda e: 2 * e,
}


@pytest.mark.parametrize("entry", SMALLER_ENTRIES)
def test_a_smaller_table_entry_turns_red(entry, monkeypatch):
    smaller = rates.ORDERS | {entry: SMALLER_ENTRIES[entry](rates.ORDERS[entry])}
    monkeypatch.setattr(table, "ORDERS", smaller)
    assert settled("table-1", BY_ID["table-1"].statement) == "open"
    assert table.rendered(smaller) != table.rendered(rates.ORDERS)


def test_the_trends_of_swapped_methods_are_not_met(monkeypatch):
    right = table.nesterov
    monkeypatch.setattr(table, "nesterov", table.gradient_descent)
    monkeypatch.setattr(table, "gradient_descent", right)
    claim = BY_ID["fig-trends"]
    met = {c.sentence: c.met for c in claim.evaluate().criteria}
    assert not met["NAG's Cvg is below GD's at a common step, k ≥ 2."]
    assert not met["NAG's Stab is above GD's at a common step, k ≥ 2."]


def test_the_layer_of_another_step_is_no_gradient_step(monkeypatch):
    monkeypatch.setattr(definitions, "identity", lambda sentence, left, right=0: identity(sentence, left, right + 1))
    assert settled("duality-terms", BY_ID["duality-terms"].statement) == "open"


def test_every_row_is_mutated_somewhere():
    mutated = {*CONSTANT, *MUTATED_RIGHT_SIDES, *HARMLESS, *CERTIFIED, "table-1", "fig-trends", "duality-terms"}
    assert {claim.id for claim in CLAIMS} == mutated
