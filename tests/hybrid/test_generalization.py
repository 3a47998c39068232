"""Mutations of the rows of R section 5: changed constants, exponents, hypotheses and relations turn red."""

from dataclasses import replace
from fractions import Fraction

import pytest
import sympy as sp

from duality.hybrid.claims import generalization_bounds, generalization_order
from duality.hybrid.claims.generalization import CLAIMS
from duality.hybrid.rates import generalization as rates
from duality.hybrid.rates import regimes
from duality.hybrid.rates.generalization import B, Lam, n
from duality.ledger.claim import Statement, verdict
from duality.ledger.criteria import recorded_table

BY_ID = {claim.id: claim for claim in CLAIMS}
TRUE = ("proved", "certified", "supported")
VERDICTS = {
    "loss-lipschitz": "proved", "contraction": "false", "contraction-matrices": "proved", "proper-covers": "false",
    "neural-module-empirical": "proved", "neural-module-bound": "proved", "neural-module-sharp": "proved",
    "local-rademacher": "false", "local-rademacher-repaired": "proved", "local-rademacher-tail": "proved",
    "covering-product": "proved", "regimes-over": "proved", "regimes-under": "proved", "regimes-right": "false",
    "product-window": "proved", "depth-tradeoff": "false", "depth-hump": "proved", "bound-vacuity": "certified",
    "bound-vacuity-repaired": "certified", "vacuity-learned-step": "proved",
}  # fmt: skip
PROVED = [i for i, found in VERDICTS.items() if found in TRUE]
FALSE = [i for i, found in VERDICTS.items() if found == "false"]


def settled(claim_id: str, statement: Statement) -> str:
    return verdict(BY_ID[claim_id].settle(statement))


def with_sides(statement: Statement, left: sp.Expr, right: sp.Expr) -> Statement:
    return replace(statement, relation=statement.relation.func(left, right, evaluate=False))


@pytest.mark.parametrize("claim_id", VERDICTS)
def test_verdicts_are_those_of_the_report(claim_id):
    assert settled(claim_id, BY_ID[claim_id].statement) == VERDICTS[claim_id]


def test_every_row_is_mutated_here():
    assert {claim.id for claim in CLAIMS} == {*VERDICTS, "global-vs-local"}


@pytest.mark.parametrize("claim_id", FALSE)
def test_a_false_row_names_a_proved_repair(claim_id):
    assert BY_ID[claim_id].repaired_by in PROVED


# the side that a factor below one makes stronger, and the factor
STRONGER = dict.fromkeys(PROVED, Fraction(99, 100)) | {
    "bound-vacuity-repaired": Fraction(9, 10),
}
LOWER = {"bound-vacuity": Fraction(13, 10), "product-window": Fraction(101, 100), "vacuity-learned-step": Fraction(2)}


@pytest.mark.parametrize("claim_id", PROVED)
def test_a_stronger_constant_turns_red(claim_id):
    statement = BY_ID[claim_id].statement
    left, right = statement.lhs, statement.rhs
    if claim_id in LOWER:
        left = sp.Rational(LOWER[claim_id]) * left
    else:
        right = sp.Rational(STRONGER[claim_id]) * right
    assert settled(claim_id, with_sides(statement, left, right)) not in TRUE


REVERSIBLE = [i for i in PROVED if isinstance(BY_ID[i].statement.relation, sp.LessThan)]


@pytest.mark.parametrize("claim_id", [*REVERSIBLE, *FALSE])
def test_the_reversed_relation_is_neither_proved_nor_refuted(claim_id):
    statement = BY_ID[claim_id].statement
    mutated = replace(statement, relation=sp.GreaterThan(statement.lhs, statement.rhs, evaluate=False))
    assert settled(claim_id, mutated) == "open"


SPARE = {"0 < Stab", "0 < Sens"}  # only there so that the radii are defined
HYPOTHESES = [(i, h.name) for i in PROVED for h in BY_ID[i].statement.hypotheses if h.name not in SPARE]


@pytest.mark.parametrize(("claim_id", "name"), HYPOTHESES)
def test_a_dropped_hypothesis_turns_red(claim_id, name):
    statement = BY_ID[claim_id].statement
    kept = tuple(h for h in statement.hypotheses if h.name != name)
    assert settled(claim_id, replace(statement, hypotheses=kept)) not in TRUE


def scaled(statement: Statement, old: sp.Expr, new: sp.Expr) -> Statement:
    return with_sides(statement, statement.lhs, statement.rhs.subs(old, new))


@pytest.mark.parametrize(
    "claim_id", [i for i in REVERSIBLE if BY_ID[i].statement.rhs.has(n) and BY_ID[i].statement.rhs != n]
)
def test_another_power_of_n_turns_red(claim_id):
    statement = BY_ID[claim_id].statement
    stronger = sp.sqrt(n) if claim_id == "regimes-over" else n**2
    assert settled(claim_id, scaled(statement, n, stronger)) not in TRUE


COVERED = [i for i in REVERSIBLE if BY_ID[i].statement.rhs.has(Lam) and i != "bound-vacuity-repaired"]


@pytest.mark.parametrize("claim_id", COVERED)
def test_another_power_of_the_covering_number_turns_red(claim_id):
    statement = BY_ID[claim_id].statement
    stronger = Lam**2 if claim_id in ("regimes-over", "regimes-under") else sp.sqrt(Lam)
    assert settled(claim_id, scaled(statement, Lam, stronger)) not in TRUE


@pytest.mark.parametrize("claim_id", [i for i in REVERSIBLE if "neural" in i or "local" in i])
def test_each_constant_of_a_bracket_is_needed(claim_id):
    statement = BY_ID[claim_id].statement
    numbers = {e for e in sp.preorder_traversal(statement.rhs) if e.is_Integer and e > 3}
    for number in numbers:
        assert settled(claim_id, scaled(statement, number, number - 1)) not in TRUE, number


@pytest.mark.parametrize("claim_id", ["loss-lipschitz", "contraction-matrices", "local-rademacher-repaired"])
def test_a_missing_term_turns_red(claim_id):
    statement = BY_ID[claim_id].statement
    for quantity in (rates.STAB, rates.SENS):
        assert settled(claim_id, scaled(statement, quantity, 0)) not in TRUE


# what makes a false claim no longer refuted by its example
HARMLESS = {
    "contraction": lambda s: with_sides(s, s.lhs, s.rhs + rates.STAB),
    "proper-covers": lambda s: with_sides(s, s.lhs, 2 * s.rhs),
    "local-rademacher": lambda s: with_sides(s, s.lhs, sp.sqrt(n) * s.rhs),
    "regimes-right": lambda s: with_sides(s, s.lhs, 10**4 * s.rhs),
    "depth-tradeoff": lambda s: with_sides(s, s.lhs, 2 * s.rhs),
}


@pytest.mark.parametrize("claim_id", FALSE)
def test_a_weakened_false_claim_is_no_longer_refuted(claim_id):
    assert settled(claim_id, HARMLESS[claim_id](BY_ID[claim_id].statement)) == "open"


@pytest.mark.parametrize("claim_id", ["contraction", "local-rademacher"])
def test_a_class_outside_the_spectrum_refutes_nothing(claim_id, monkeypatch):
    point = generalization_bounds.turning_point

    def outside(size, **more):
        return point(size, **more) | {"lambda_max": sp.Rational(11, 10)}

    monkeypatch.setattr(generalization_bounds, "turning_point", outside)
    assert settled(claim_id, BY_ID[claim_id].statement) == "open"


def test_the_first_failure_of_the_main_theorem_is_sharp():
    statement = BY_ID["local-rademacher"].statement
    first = generalization_bounds.first_failure(statement)
    left = sp.Rational(generalization_bounds.TURNING.left)

    def right(size):
        return statement.right_side(generalization_bounds.main_point(sp.Integer(size)))

    assert right(first) < left <= right(first - 1)


def test_the_hump_is_about_the_frontier():
    statement = BY_ID["depth-hump"].statement
    for change in (2 * statement.rhs, statement.rhs.subs(regimes.NEXT, regimes.NOW), statement.rhs.subs(rates.mu, 1)):
        assert settled("depth-hump", with_sides(statement, statement.lhs, change)) not in TRUE


def test_a_narrower_printed_class_is_not_what_was_certified():
    statement = BY_ID["bound-vacuity-repaired"].statement
    wider = tuple(replace(h, relation=sp.Eq(B, 10)) if h.name == "B" else h for h in statement.hypotheses)
    assert settled("bound-vacuity-repaired", replace(statement, hypotheses=wider)) not in TRUE


def test_swapped_methods_do_not_meet_the_criteria():
    table = recorded_table("complexity")
    assert table is not None, "run `duality figure complexity` and commit what it records"
    swapped = table.assign(value=-table["value"])
    assert generalization_order.CRITERIA[0](table).met
    assert not generalization_order.CRITERIA[0](swapped).met
