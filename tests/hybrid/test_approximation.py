"""Lemmas 4.1 and 4.2 and what stands beside them: exact instances, mutations, dropped hypotheses, recorded tables."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache

import numpy as np
import pandas as pd
import pytest
import sympy as sp
import torch

from duality.hybrid import finite, layers, rooms
from duality.hybrid.claims.approximation import CLAIMS, Lemma
from duality.hybrid.experiments.lemma_sides import COLUMNS, measured_row, sides
from duality.hybrid.plots import rooms as plots
from duality.hybrid.problem import population
from duality.hybrid.proofs import closer
from duality.hybrid.rates import approximation as rates
from duality.hybrid.rates import representation as order
from duality.ledger.claim import Evidence, Statement, verdict
from duality.ledger.tex import Quantity
from duality.quadratic.exact import cvg
from duality.quadratic.methods import gradient_descent, nesterov
from duality.quadratic.problem import Spectrum
from duality.quadratic.rates import L, M, mu
from duality.quadratic.residual import solutions

BY_ID = {claim.id: claim for claim in CLAIMS}
LEMMAS = [claim.id for claim in CLAIMS if isinstance(claim.settle, Lemma)]
PROOFS = ["approximation-floor", "approximation-module-floor", "representation-worst-case", "representation-order"]


@cache
def evidence(claim_id: str) -> Evidence:
    """The evidence of the claim as it stands."""
    return BY_ID[claim_id].evaluate()


def settled(claim_id: str, statement: Statement) -> str:
    return verdict(BY_ID[claim_id].settle(statement))


def proof_breaks(claim_id: str, statement: Statement) -> bool:
    """Whether a step of the proof does not hold: then no verdict but open or false is left."""
    return any(step.outcome != "holds" for step in BY_ID[claim_id].settle.proof(statement))


def with_right_side(statement: Statement, right: sp.Expr) -> Statement:
    return replace(statement, relation=statement.relation.func(statement.lhs, right, evaluate=False))


def test_the_lemmas_are_proved_and_the_sentence_is_false():
    assert {i: verdict(evidence(i)) for i in [*LEMMAS, *PROOFS]} == dict.fromkeys([*LEMMAS, *PROOFS], "proved")
    assert verdict(evidence("prose-representation-order")) == "false"
    assert BY_ID["prose-representation-order"].repaired_by in PROOFS


CONSTANTS = {
    "smaller": lambda right: right * sp.Rational(99, 100),
    "another power of mu": lambda right: right.subs(mu, 2 * mu),
    "another power of sigma_b": lambda right: right.subs(rates.sigma_b, rates.sigma_b**2),
    "without the algorithm": lambda right: right.subs(rates.CVG, rates.CVG / 2),
}


@pytest.mark.parametrize("claim_id", ["approximation", "approximation-sharp"])
@pytest.mark.parametrize("change", CONSTANTS)
def test_a_stronger_bound_on_the_loss_turns_red(claim_id, change):
    statement = BY_ID[claim_id].statement
    assert proof_breaks(claim_id, with_right_side(statement, CONSTANTS[change](statement.rhs)))


@pytest.mark.parametrize("claim_id", ["representation", "representation-sharp"])
@pytest.mark.parametrize("change", ["smaller", "without the algorithm", "another power of sigma_b"])
def test_a_stronger_bound_on_the_energy_turns_red(claim_id, change):
    statement = BY_ID[claim_id].statement
    assert proof_breaks(claim_id, with_right_side(statement, CONSTANTS[change](statement.rhs)))
    assert proof_breaks(claim_id, with_right_side(statement, statement.rhs.subs(L, sp.sqrt(L))))


@pytest.mark.parametrize("claim_id", ["approximation", "representation"])
def test_a_smaller_constant_is_refuted_exactly(claim_id):
    statement = BY_ID[claim_id].statement
    halved = BY_ID[claim_id].settle(with_right_side(statement, statement.rhs / 2))
    assert verdict(halved) == "false" and halved.counterexample.exact


@pytest.mark.parametrize("claim_id", LEMMAS)
def test_other_scalings_and_the_reversed_relation_turn_red(claim_id):
    statement = BY_ID[claim_id].statement
    for quantity in statement.rhs.atoms(Quantity):
        for changed in (1, quantity**2):
            assert settled(claim_id, with_right_side(statement, statement.rhs.subs(quantity, changed))) == "open"
    for relation in (sp.Ge(statement.lhs, statement.rhs), sp.Le(2 * statement.lhs, statement.rhs)):
        assert settled(claim_id, replace(statement, relation=relation)) == "open"


@pytest.mark.parametrize("claim_id", LEMMAS)
def test_every_hypothesis_that_is_needed_is_used(claim_id):
    """Where an exact point without the hypothesis breaks the bound, the proof without it must not go through."""
    claim = BY_ID[claim_id]
    outcomes = {a.hypothesis: a.outcome for a in evidence(claim_id).ablations}
    assert set(outcomes) == {h.name for h in claim.statement.hypotheses}
    needed = [name for name, outcome in outcomes.items() if outcome == "breaks"]
    assert {"x, b independent", "E[bb'] = sigma_b^2 I", "zero start", "Cvg as in R eq. 6", "0 < mu"} <= set(needed)
    for name in needed:
        kept = tuple(h for h in claim.statement.hypotheses if h.name != name)
        assert proof_breaks(claim_id, replace(claim.statement, hypotheses=kept)), name


def test_which_end_of_the_spectrum_a_lemma_needs():
    outcomes = {
        i: {a.hypothesis: a.outcome for a in evidence(i).ablations} for i in ("approximation", "representation")
    }
    low, high = ("mu <= Q_theta", "mu <= Q*"), ("Q_theta <= L", "Q* <= L")
    assert all(outcomes["approximation"][name] == "breaks" for name in low)
    assert all(outcomes["approximation"][name] == "survives" for name in high)
    assert all(outcomes["representation"][name] == "survives" for name in low)
    assert all(outcomes["representation"][name] == "breaks" for name in high)


@pytest.mark.parametrize("claim_id", LEMMAS)
def test_bounds_are_attained_or_nearly_so(claim_id):
    assert 0.999 < evidence(claim_id).slack <= 1


MUTATED = {
    "approximation-floor": lambda right: right * sp.Rational(101, 100),
    "approximation-module-floor": lambda right: right * sp.Rational(101, 100),
    "representation-worst-case": lambda right: right + rates.eps / 100,
    "representation-order": lambda right: 2 * right,
}
WEAKER = {
    "approximation-floor": lambda right: right * sp.Rational(99, 100),
    "approximation-module-floor": lambda right: right * sp.Rational(99, 100),
    "representation-worst-case": lambda right: right - rates.eps / 100,
    "representation-order": lambda right: right / 2,
}


@pytest.mark.parametrize("claim_id", PROOFS)
def test_changed_constants_turn_red_in_both_directions(claim_id):
    """Floors are attained and worst cases are exact, so a weaker constant is wrong, too."""
    statement = BY_ID[claim_id].statement
    for change in (MUTATED[claim_id], WEAKER[claim_id]):
        assert settled(claim_id, with_right_side(statement, change(statement.rhs))) == "open"
    opposite = sp.Ne if isinstance(statement.relation, sp.Eq) else sp.Le
    reversed_relation = opposite(statement.lhs, statement.rhs, evaluate=False)
    assert settled(claim_id, replace(statement, relation=reversed_relation)) == "open"


@pytest.mark.parametrize(
    ("claim_id", "hypothesis"),
    [
        ("approximation-floor", "0 < mu"),
        ("representation-worst-case", "eps reachable"),
        ("representation-worst-case", "GD: s <= 2/(mu+L)"),
        ("representation-worst-case", "NAG: s <= 4/(3L+mu)"),
        ("representation-worst-case", "sigma_b > 0"),
        ("representation-order", "eps reachable for NAG"),
        ("representation-order", "eps reachable for GD"),
        ("representation-order", "NAG: s <= 4/(3L+mu)"),
    ],
)
def test_a_dropped_condition_turns_red(claim_id, hypothesis):
    statement = BY_ID[claim_id].statement
    kept = tuple(h for h in statement.hypotheses if h.name != hypothesis)
    assert len(kept) < len(statement.hypotheses)
    assert settled(claim_id, replace(statement, hypotheses=kept)) == "open"


def test_a_weakened_sentence_is_no_longer_refuted():
    statement = BY_ID["prose-representation-order"].statement
    assert settled("prose-representation-order", with_right_side(statement, statement.rhs + L)) == "open"
    unequal = tuple(h for h in statement.hypotheses if h.name != "NAG is faster")
    slower = sp.Gt(order.CVG_OF["NAG"], order.CVG_OF["GD"])
    swapped = (*unequal, replace(statement.hypothesis("NAG is faster"), relation=slower))
    assert settled("prose-representation-order", replace(statement, hypotheses=swapped)) == "open"


def test_wrong_losses_of_the_counterexample_are_noticed(monkeypatch):
    monkeypatch.setattr(closer, "ENERGY", closer.ENERGY | {"NAG": sp.Rational(9, 4)})
    assert settled("prose-representation-order", BY_ID["prose-representation-order"].statement) == "open"


def test_worst_case_is_reached_and_not_exceeded_numerically():
    """The room that a loss leaves, by a grid over both energies in d = 1 (sigma_b = 1)."""
    spectrum, k, eps = Spectrum(0.2, 1.0), 6, 0.4
    lam = np.linspace(0.2, 1.0, 4001)
    for method in (gradient_descent(spectrum, 0.8), nesterov(spectrum, 0.8)):
        g = solutions(method, lam, k)[k]
        inverse = 1 / lam
        room = 0.0
        for i in range(0, len(lam), 40):
            allowed = np.abs(g[i] - inverse) <= eps
            room = max(room, np.abs(inverse[i] - inverse[allowed]).max(initial=0))
        exact = eps + cvg(method, k).upper / 0.2
        assert exact * 0.995 <= room <= exact * (1 + 1e-9)


def test_printed_line_32_fails_with_the_energy_it_names_and_holds_with_the_other():
    """d = 1, k = 0, b = 1, Q_theta = 1, Q* = 2: (31) is 3/2, (32) as printed is 1, meant is 3/2."""
    theta, star, convergence = Fraction(1), Fraction(2), Fraction(1)
    shift = abs(1 / theta - 1 / star)
    line_31 = 1 / theta + shift
    assert line_31 > convergence / star + shift
    assert line_31 <= convergence / theta + shift


@pytest.mark.parametrize("build", [finite.gd, finite.nag])
def test_finite_problems_agree_with_the_exact_worst_case_and_stay_exact(build):
    algorithm = build(Fraction(7, 2), Fraction(4, 5), 6)
    spectrum = Spectrum(algorithm.mu, algorithm.L)
    method = (gradient_descent if build is finite.gd else nesterov)(spectrum, algorithm.s)
    assert float(algorithm.cvg) == pytest.approx(cvg(method, 6).upper, rel=1e-8)
    domain = finite.square_domain(build, 20)
    point = domain.exact(np.full(len(domain.axes), 0.37), 50)
    assert all(isinstance(value, int | Fraction) for value in point.values())


def test_commuting_plane_problem_is_two_scalar_ones():
    algorithm = finite.gd(4.0, 0.7, 3)
    theta, star = (1.5, 3.0), (2.0, 2.5)
    point = finite.plane(algorithm, theta, star, 0.0)
    each = [finite.losses(algorithm, [finite.Atom(1, t, s, ((1, 1),))])[0][1] for t, s in zip(theta, star, strict=True)]
    assert point[rates.RMS_LOSS.name] == pytest.approx(np.hypot(*each))
    assert point[rates.Q_ERROR.name] == pytest.approx(np.hypot(0.5, 0.5))
    turned = finite.plane(algorithm, theta, (2.0, 2.0), 1.1)
    assert turned[rates.Q_ERROR.name] == pytest.approx(np.hypot(0.5, 1.0))


def made_up() -> pd.DataFrame:
    rows = [
        (5, "GD", 1.0, 2.0, 5.0, 0.3, 0.1),
        (5, "NAG", 1.0, 1.0, 1.5, 0.2, 0.05),
        (0, "GD", 0.5, 30.0, 1e3, 0.0, 0.0),
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS)).assign(seed=1)


def test_sides_are_those_of_the_statements():
    out = sides(made_up())
    np.testing.assert_allclose(out["cvg"], [0.9**5, cvg(nesterov(Spectrum(0.1, 1.0), 1.0), 5).upper, 1], rtol=1e-8)
    sigma, m = 5 / np.sqrt(3), np.sqrt(5) * 50
    np.testing.assert_allclose(out["approximation_right"], sigma * 100 * out["q_error"] + m * out["cvg"])
    np.testing.assert_allclose(out["approximation_left"], out["loss_mean"])
    expected = (np.sqrt(out["loss_square"]) + m * out["cvg"]) ** 2 / sigma**2
    np.testing.assert_allclose(out["representation_right"], expected)
    np.testing.assert_allclose(out["representation_slack"], out["q_error_square"] / expected)
    np.testing.assert_allclose(
        out["representation_sharp_right"], np.sqrt(out["loss_square"]) / sigma + np.sqrt(5) * 10 * out["cvg"]
    )
    assert (out["approximation_sharp_right"] < out["approximation_right"]).all()
    assert list(out["seed"]) == [1, 1, 1] and "cvg" not in made_up()


def test_a_measured_model_obeys_both_lemmas():
    data = population(50, seed=2)
    own = layers.train("NAG", 4, 3, data, layers.samples(data), steps=5)
    row = measured_row(own, data)
    assert set(row) == set(COLUMNS) and (row["k"], row["algorithm"]) == (3, "NAG")
    assert row["loss_mean"] == pytest.approx(own.losses[-1])
    with torch.no_grad():
        gap = (own.model.energy(*map(torch.tensor, (data.z, data.U))) - torch.tensor(data.Q)).flatten(1)
    assert row["q_error"] == pytest.approx(float(torch.linalg.vector_norm(gap, dim=1).mean()))
    assert row["q_error_square"] == pytest.approx(float((gap**2).sum(dim=1).mean()))
    out = sides(pd.DataFrame([row]))
    assert (out.filter(like="slack") <= 1).all(axis=None)


def test_sides_refuse_what_they_cannot_read():
    with pytest.raises(ValueError, match="lacks the columns: phi, q_error"):
        sides(made_up().drop(columns=["phi", "q_error"]))
    with pytest.raises(ValueError, match="unknown algorithm: Adam"):
        sides(made_up().assign(algorithm="Adam"))


def test_the_printed_m_is_larger_than_what_the_sharp_bound_needs():
    factor = rates.APPROXIMATION_SHARP.coefficient(rates.CVG).subs(
        {rates.sigma_b: 5 / sp.sqrt(3), rates.d: 5, mu: "1/10"}
    )
    printed = rates.APPROXIMATION.coefficient(M, rates.CVG) * sp.sqrt(5) * 50
    assert sp.simplify(printed / factor) == sp.sqrt(3)


PAIR = [build(Spectrum(1, 33), 1 / 25) for build in (gradient_descent, nesterov)]


def test_rooms_show_what_the_support_of_the_refutation_proves():
    table = rooms.largest_at_no_loss(PAIR, 6).pivot(index="k", columns="method", values="distance")
    star = 1 / closer.PERFECT.answer("NAG", closer.PERFECT.L)
    assert table.loc[5, "NAG"] == pytest.approx(float(closer.PERFECT.L - star), rel=1e-6)
    assert table.loc[5, "GD"] < float(closer.RADIUS) < table.loc[5, "NAG"]
    assert table.loc[4, "NAG"] < table.loc[4, "GD"]


def test_the_best_constant_energy_is_on_the_floor_or_limited_by_convergence():
    table = rooms.worst_of_the_best(PAIR, 60).set_index(["method", "k"])["loss"]
    floor = float(rates.FLOOR.right_side({"mu": 1, "L": 33, rates.MEAN_B.name: 1}))
    for method in PAIR:
        for k in (1, 5, 20, 60):
            assert table[method.name, k] == pytest.approx(max(floor, cvg(method, k).upper), rel=2e-3)


def test_bent_energies_answer_better_than_the_truth():
    truths = np.array([[1.5, 2.0], [3.0, 33.0]])
    for method in PAIR:
        found = rooms.bent(method, 6, truths)
        loss, plain = (abs(solutions(method, lam, 6)[6] - 1 / truths) for lam in (found, truths))
        assert found.shape == truths.shape and (loss <= plain).all() and (loss < plain).any()
    assert np.array_equal(rooms.bent(PAIR[0], 1, truths), truths)  # one step answers the same for every energy


def test_room_figures_draw_both_methods():
    losses = rooms.losses_over_energies(PAIR, 2, 2.0)
    assert losses.groupby("method")["loss"].min().lt(0.6).all()
    drawn = plots.equal_loss(losses, {"GD": (2.0, 0.1), "NAG": (2.5, 0.1)}, rooms.largest_at_no_loss(PAIR, 5))
    assert [len(axes.lines) for axes in drawn.axes] == [4, 2]
    assert len(plots.floor(rooms.worst_of_the_best(PAIR, 5), 0.4).axes[0].lines) == 3
