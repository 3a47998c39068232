"""The adversarial search finds violations where they are, and makes them exact."""

import sympy as sp

from duality.ledger.claim import Hypothesis, Statement, verdict
from duality.ledger.search import Axis, Domain, exact_violation, maximize, refute
from duality.ledger.tex import Quantity

x = sp.Symbol("x", real=True)
SQUARE = Quantity("q")
UNIT = Domain((Axis("x", 0, 2),), lambda x: {"x": x})


def test_the_maximum_of_a_smooth_ratio_is_found():
    search, _ = maximize("", lambda p: 1 - (p["x"] - 1.2345) ** 2, UNIT)
    assert abs(search.at["x"] - 1.2345) < 1e-3 and abs(search.best - 1) < 1e-6
    assert search.evaluations >= 400


def test_corners_are_always_tried():
    corner = Domain((Axis("x", 0, 2), Axis("y", 1, 100, "log-integer")), lambda x, y: {"x": x, "y": y})
    search, _ = maximize("", lambda p: float(p["x"] == 2 and p["y"] == 100), corner, random_starts=0)
    assert search.best == 1


def test_the_same_seed_gives_the_same_search():
    runs = [maximize("", lambda p: -abs(p["x"] - 0.7), UNIT, seed=3)[0] for _ in range(2)]
    assert runs[0] == runs[1]


def test_a_violation_becomes_exact_and_simple():
    statement = Statement(sp.Le(SQUARE, x, evaluate=False), (Hypothesis("x <= 2", sp.Le(x, 2)),))
    search, units = maximize("", lambda p: p["x"] ** 2 / max(p["x"], 1e-9), UNIT)
    assert search.outcome == "fails"
    example = exact_violation(statement, lambda p: p["x"] ** 2, UNIT, units, "the square")
    assert example.exact and example.point["x"] == 2 and (example.lhs, example.rhs) == (4, 2)


def test_no_exact_point_no_counterexample():
    statement = Statement(sp.Le(SQUARE, x + 10, evaluate=False))
    _, units = maximize("", lambda p: p["x"], UNIT)
    assert exact_violation(statement, lambda p: p["x"] ** 2, UNIT, units, "") is None


def test_an_undefined_ratio_is_skipped():
    search, _ = maximize("", lambda p: float("nan") if p["x"] > 1 else p["x"], UNIT)
    assert search.best <= 1


def test_verdict_is_false_only_with_the_exact_point():
    from duality.ledger.claim import Evidence

    search, _ = maximize("", lambda p: p["x"] + 1, UNIT)
    assert verdict(Evidence(searches=(search,))) == "open"


def test_an_infinite_ratio_is_a_violation_and_no_ratio_is_none():
    assert maximize("", lambda p: float("inf"), UNIT)[0].outcome == "fails"
    assert maximize("", lambda p: float("nan"), UNIT)[0].outcome == "undecided"


def test_a_refutation_is_checked_against_the_statement():
    statement = Statement(sp.Le(SQUARE, x, evaluate=False), (Hypothesis("x <= 2", sp.Le(x, 2)),))
    assert refute(statement, {"x": 2}, sp.Integer(4), "").exact
    assert refute(statement, {"x": 3}, sp.Integer(9), "") is None
    assert refute(statement, {"x": 1}, sp.Integer(1), "") is None
