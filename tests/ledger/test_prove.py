"""The proof tools hold on true statements, fail on false ones with a witness, and say so when they cannot decide."""

from fractions import Fraction

import pytest
import sympy as sp

from duality.ledger.prove import enclosure, identity, induction, inequality

x, y = sp.symbols("x y", real=True)
k = sp.Symbol("k", integer=True, nonnegative=True)


def test_identity_holds_and_fails():
    assert identity("", (x + y) ** 2, x**2 + 2 * x * y + y**2).outcome == "holds"
    step = identity("", (x + y) ** 2, x**2 + y**2)
    assert step.outcome == "fails" and "x*y" in step.detail.replace(" ", "")


def test_inequality_proves_arithmetic_and_geometric_means():
    given = [sp.Ge(x, 0), sp.Ge(y, 0)]
    assert inequality("", sp.Ge((x + y) / 2, sp.sqrt(x * y)), given).outcome == "holds"


def test_a_false_inequality_comes_with_a_rational_witness():
    step = inequality("", sp.Ge(x**2, x), [sp.Ge(x, 0)])
    assert step.outcome == "fails"
    value = Fraction(step.model["x"])
    assert value >= 0 and value**2 < value


def test_absolute_values_maxima_and_divisions_are_understood():
    assert inequality("", sp.Le(sp.Abs(x + y), sp.Abs(x) + sp.Abs(y))).outcome == "holds"
    assert inequality("", sp.Ge(sp.Max(x, y), (x + y) / 2)).outcome == "holds"
    assert inequality("", sp.Ge(x + 1 / x, 2), [sp.Gt(x, 0)]).outcome == "holds"
    assert inequality("", sp.Ge(x + 1 / x, 2)).outcome == "fails"


def test_assumptions_of_symbols_are_premises():
    assert inequality("", sp.Ge(k + 1, 1)).outcome == "holds"


def test_contradictory_premises_prove_nothing():
    step = inequality("", sp.Le(x, 0), [sp.Gt(x, 1), sp.Lt(x, 0)])
    assert step.outcome == "undecided" and "contradict" in step.detail


@pytest.mark.parametrize(("claim", "named"), [(sp.Ge(sp.sin(x), 0), "sin"), (sp.Ge(x**k, 0), "integer powers")])
def test_what_the_solver_cannot_take_is_named_and_undecided(claim, named):
    step = inequality("", claim)
    assert step.outcome == "undecided" and named in step.detail


def test_induction_needs_base_and_step():
    good = inequality("", sp.Ge(x**2, 0))
    bad = inequality("", sp.Ge(x, 0))
    assert induction("", [good], [good]).outcome == "holds"
    assert induction("", [good], [bad]).outcome == "fails"
    assert induction("", [], [good]).outcome == "undecided"


def test_enclosure_certifies_refutes_and_gives_up():
    box = {"x": (Fraction(0), Fraction(1))}
    assert enclosure("", lambda x: x * (1 - x) - 0.26, box).outcome == "holds"
    assert enclosure("", lambda x: x * (1 - x) - 0.2, box).outcome == "fails"
    assert enclosure("", lambda x: x * x - 2 * x + 1 - 1, box, max_boxes=3).outcome == "undecided"


def test_what_the_claim_needs_to_be_defined_must_be_proved():
    assert inequality("", sp.Ge(sp.sqrt(x), 0)).outcome == "fails"
    assert inequality("", sp.Ge(sp.sqrt(x), 0), [sp.Ge(x, 0)]).outcome == "holds"
    assert inequality("", sp.Gt(1 / x, 0), [sp.Ge(x, 0)]).outcome == "fails"
    assert inequality("", sp.Gt(1 / x, 0), [sp.Gt(x, 0)]).outcome == "holds"


def test_one_name_is_one_symbol():
    positive = sp.Symbol("x", positive=True)
    step = inequality("", sp.Ge(positive, 1), [sp.Ge(x, 2)])
    assert step.outcome == "undecided" and "'x'" in step.detail


def test_identities_do_not_assume_signs():
    a, b = sp.symbols("a b")
    assert identity("", sp.sqrt(a) * sp.sqrt(b), sp.sqrt(a * b)).outcome == "fails"


def test_induction_is_as_rigorous_as_its_weakest_part():
    ball = enclosure("", lambda x: x - 2, {"x": (Fraction(0), Fraction(1))})
    exact = inequality("", sp.Ge(x**2, 0))
    assert induction("", [exact], [exact]).method == "induction"
    assert induction("", [exact], [ball]).method == "ball"
