"""Mutations of the rows on the theory of folding: a changed statement is no longer settled as true (or as false)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from duality.folding.claims.theory import CLAIMS
from duality.folding.proofs.words import equal, reduce, rule, series
from duality.folding.rates import backward, implicit, krylov, maml, unrolling
from duality.folding.rates.letters import J_star, J_start, K, Phi, Phi_T, Psi, j, matrices, unit, v
from duality.folding.rates.unrolling import Chain, Drive
from duality.ledger.claim import Hypothesis, Statement, verdict
from duality.ledger.registry import inventory
from duality.quadratic.rates import k

BY_ID = {claim.id: claim for claim in CLAIMS}
FALSE = {
    "folded-rate",
    "folded-inherits-any-solver",
    "folded-residual",
    "folded-krylov-same-products",
    "folded-krylov-error",
    "folded-complementarity",
    "maml-unrolled",
}
PROVED = [name for name in BY_ID if name not in FALSE]
TRUE = ("proved", "certified", "supported")
LOWER = (sp.GreaterThan, sp.StrictGreaterThan)


def settled(name: str, statement: Statement) -> str:
    return verdict(BY_ID[name].settle(statement))


def with_right(name: str, right: sp.Expr) -> Statement:
    statement = BY_ID[name].statement
    return replace(statement, relation=statement.relation.func(statement.lhs, right, evaluate=False))


def without(name: str, hypothesis: str) -> Statement:
    statement = BY_ID[name].statement
    kept = tuple(h for h in statement.hypotheses if h.name != hypothesis)
    assert len(kept) < len(statement.hypotheses)
    return replace(statement, hypotheses=kept)


@pytest.mark.parametrize("name", BY_ID)
def test_the_verdict_is_the_expected_one_and_repairs_are_proved(name: str) -> None:
    claim = BY_ID[name]
    assert settled(name, claim.statement) == ("false" if name in FALSE else "proved")
    assert (claim.repaired_by is not None) == (name in FALSE)
    if claim.repaired_by:
        assert settled(claim.repaired_by, BY_ID[claim.repaired_by].statement) == "proved"


@pytest.mark.parametrize("name", BY_ID)
def test_every_row_says_what_it_rests_on(name: str) -> None:
    claim, listed = BY_ID[name], inventory()["claims"]
    assert claim.evaluate().scope
    assert (claim.kind == "beyond") == (name not in listed)
    if name in listed:
        assert listed[name]["source"] == claim.source and listed[name]["section"] == claim.section


@pytest.mark.parametrize("name", PROVED)
def test_another_constant_turns_red(name: str) -> None:
    statement = BY_ID[name].statement
    factor = sp.Rational(11, 10) if isinstance(statement.relation, LOWER) else sp.Rational(9, 10)
    assert settled(name, with_right(name, factor * statement.rhs)) not in TRUE


@pytest.mark.parametrize("name", PROVED)
def test_another_left_side_turns_red(name: str) -> None:
    statement = BY_ID[name].statement
    relation = statement.relation.func(2 * statement.lhs, statement.rhs, evaluate=False)
    assert settled(name, replace(statement, relation=relation)) not in TRUE


@pytest.mark.parametrize("name", PROVED)
def test_the_reversed_relation_turns_red(name: str) -> None:
    statement = BY_ID[name].statement
    opposite = {sp.LessThan: sp.GreaterThan, sp.GreaterThan: sp.LessThan, sp.Equality: sp.Unequality}
    relation = opposite[type(statement.relation)](statement.lhs, statement.rhs, evaluate=False)
    assert settled(name, replace(statement, relation=relation)) not in TRUE


A, C, Z, Z_T = implicit.A, implicit.C, implicit.Z, implicit.Z_T
X, Y = implicit.X_x, implicit.Y
ORDER_AND_SIGN = {
    "order of the factors": ("folded-linear-system", sp.Sum(Psi * Phi**j, (j, 0, K - 1))),
    "one term more": ("folded-linear-system", sp.Sum(Phi**j * Psi, (j, 0, K))),
    "first term left out": ("folded-linear-system", sp.Sum(Phi**j * Psi, (j, 1, K - 1))),
    "every second power": ("folded-linear-system", sp.Sum(Phi ** (2 * j) * Psi, (j, 0, K - 1))),
    "alternating signs": ("folded-linear-system", sp.Sum((-1) ** j * Phi**j * Psi, (j, 0, K - 1))),
    "not transposed": ("folded-adjoint", sp.Sum(Phi**j * v, (j, 0, K - 1))),
    "row for column": ("folded-adjoint", sp.Sum(v * Phi_T**j, (j, 0, K - 1))),
    "a step more": ("folded-error-exact", Phi ** (K + 1) * (J_star - J_start)),
    "power on the other side": ("folded-error-exact", (J_star - J_start) * Phi**K),
    "start forgotten": ("folded-error-exact", Phi**K * J_star),
    "square of the rate": ("folded-rate-every-start", backward.RHO**2),
    "square of the given rate": ("folded-rate-given", backward.ACTIVE**2),
    "rho for a given right side": ("folded-rate-given", backward.RHO),
    "sign of the backward part": (
        "folded-unfolding-error",
        Chain(K, 0) * J_star + sp.Sum(Chain(K, j + 1) * Drive(j), (j, 0, K - 1)),
    ),
    "chain one too long": (
        "folded-unfolding-error",
        -Chain(K, 0) * J_star + sp.Sum(Chain(K, j) * Drive(j), (j, 0, K - 1)),
    ),
    "drive before the chain": (
        "folded-unfolding-error",
        -Chain(K, 0) * J_star + sp.Sum(Drive(j) * Chain(K, j + 1), (j, 0, K - 1)),
    ),
    "no forward part": ("folded-unfolding-error", -Chain(K, 0) * J_star),
    "sign of the resolvent": ("folded-equals-implicit", implicit.F_inv * implicit.F_c),
    "factors of the implicit gradient": ("folded-equals-implicit", -implicit.F_c * implicit.F_inv),
    "gradient step, order": ("folded-gradient-step", -C * implicit.H_inv),
    "unprojected": ("folded-projected-step", -implicit.H_inv * C),
    "not lifted": ("folded-projected-step", -implicit.reduced_inv * Z_T * C),
    "Newton, sign": ("folded-newton-step", implicit.F_inv * implicit.F_c),
    "multiplier, sign": ("folded-admm-step", implicit.A_T * Y - C),
    "rows not transposed": ("folded-admm-step", -A * Y - C),
    "theta alone": ("folded-kink", implicit.theta),
    "meta, other step": ("maml-meta-jacobian", (unit - 2 * maml.s * maml.H) ** k),
    "meta, a step more": ("maml-meta-jacobian", (unit - maml.s * maml.H) ** (k + 1)),
    "proximal, only the limit": ("maml-proximal", maml.IMPLICIT),
    "proximal, h and lambda exchanged": (
        "maml-proximal",
        maml.h / (maml.h + maml.lam) + (1 - maml.s * (maml.h + maml.lam)) ** k * maml.lam / (maml.h + maml.lam),
    ),
}


@pytest.mark.parametrize("change", ORDER_AND_SIGN)
def test_another_word_turns_red(change: str) -> None:
    name, right = ORDER_AND_SIGN[change]
    assert settled(name, with_right(name, right)) not in TRUE


q, kappa = unrolling.q, krylov.kappa
POWERS = {
    "backward part, one power more": (
        "folded-unrolling-bound",
        q ** (K + 1) * unrolling.J_NORM + K * q ** (K - 1) * unrolling.M * unrolling.D,
    ),
    "forward part, one power more": (
        "folded-unrolling-bound",
        q**K * unrolling.J_NORM + K * q**K * unrolling.M * unrolling.D,
    ),
    "no factor K": (
        "folded-unrolling-bound",
        q**K * unrolling.J_NORM + q ** (K - 1) * unrolling.M * unrolling.D,
    ),
    "K - 1 for K": (
        "folded-unrolling-bound",
        q**K * unrolling.J_NORM + (K - 1) * q ** (K - 1) * unrolling.M * unrolling.D,
    ),
    "hump, one power more": ("folded-unrolling-hump", unrolling.HUMP.rhs * q),
    "gain of order kappa": ("folded-krylov", kappa * (1 - kappa**-2)),
    "gain without its correction": ("folded-krylov", sp.sqrt(kappa)),
    "no correction from above": ("folded-krylov-no-more", sp.sqrt(kappa)),
    "two products ahead": ("folded-krylov-every-k", krylov.RATE ** (K + 2)),
    "early stopping, square": ("maml-early-stopping", 1 / (1 + maml.s * k * maml.h) ** 2),
}


@pytest.mark.parametrize("change", POWERS)
def test_another_exponent_turns_red(change: str) -> None:
    name, right = POWERS[change]
    assert settled(name, with_right(name, right)) not in TRUE


DROPPED = [(name, h.name) for name in PROVED for h in BY_ID[name].statement.hypotheses]


@pytest.mark.parametrize(("name", "hypothesis"), DROPPED)
def test_a_dropped_hypothesis_turns_red(name: str, hypothesis: str) -> None:
    assert settled(name, without(name, hypothesis)) not in TRUE


WIDER = {
    "kappa a little smaller": ("folded-krylov-every-k", "kappa >= 2 + sqrt(5)", sp.Ge(kappa, sp.Rational(42, 10))),
    "one product": ("folded-krylov-every-k", "K >= 2", sp.Ge(K, 1)),
    "larger steps": ("maml-early-stopping", "s h <= 1", sp.Le(maml.s * maml.h, sp.Rational(11, 10))),
    "step at the limit": ("maml-proximal", "s (h + lambda) < 2", sp.Le(maml.s * (maml.h + maml.lam), 2)),
    "rate one": ("folded-rate-every-start", "rho < 1", sp.Le(backward.RHO, 1)),
    "active eigenvalue one": ("folded-rate-given", "active eigenvalues inside", sp.Le(backward.ACTIVE, 1)),
    "semidefinite": ("folded-without-licq", "Q positive definite", sp.Ge(implicit.SMALLEST, 0)),
    "flat direction": ("folded-equals-implicit", "second order", sp.Ge(implicit.CURVATURE, 0)),
}


@pytest.mark.parametrize("change", WIDER)
def test_a_wider_range_turns_red(change: str) -> None:
    name, hypothesis, relation = WIDER[change]
    statement = BY_ID[name].statement
    changed = tuple(replace(h, relation=relation) if h.name == hypothesis else h for h in statement.hypotheses)
    assert changed != statement.hypotheses
    assert settled(name, replace(statement, hypotheses=changed)) not in TRUE


@pytest.mark.parametrize("name", sorted(FALSE))
def test_a_weakened_false_claim_is_no_longer_refuted(name: str) -> None:
    assert settled(name, with_right(name, BY_ID[name].statement.rhs + 10)) != "false"


def test_inside_the_unit_disc_the_printed_rate_is_still_refuted_and_where_they_agree_it_is_not() -> None:
    statement = BY_ID["folded-rate"].statement
    inside = Hypothesis("rho < 1", sp.Lt(backward.RHO, 1))
    agree = Hypothesis("equal", sp.Eq(backward.RHO, backward.RATE))
    on_circle = Hypothesis("rho = 1", sp.Eq(backward.RHO, 1))
    for added, answer in ((inside, "false"), (on_circle, "false"), (agree, "open")):
        assert settled("folded-rate", replace(statement, hypotheses=(*statement.hypotheses, added))) == answer


def test_with_the_proximal_weight_zero_the_printed_limit_is_not_refuted() -> None:
    statement = BY_ID["maml-unrolled"].statement
    added = Hypothesis("lambda = 0", sp.Eq(maml.lam, 0))
    assert settled("maml-unrolled", replace(statement, hypotheses=(*statement.hypotheses, added))) != "false"


def test_the_bound_on_unrolling_is_attained_and_needs_each_hypothesis() -> None:
    evidence = BY_ID["folded-unrolling-bound"].evaluate()
    assert evidence.slack == pytest.approx(1, abs=0.05)
    assert {a.hypothesis: a.outcome for a in evidence.ablations} == dict.fromkeys(("slope", "drive", "start"), "breaks")


F, G = matrices("F G")


def test_words_keep_their_order() -> None:
    assert equal("commutes", F * G, G * F).outcome == "fails"
    assert equal("distributes", F * (F + G), F**2 + F * G).outcome == "holds"
    assert equal("identity", unit * F * unit, F).outcome == "holds"


def test_a_rule_works_on_one_side_only() -> None:
    inverse = rule(sp.Eq(F * G, unit, evaluate=False), F * G)
    assert inverse is not None
    assert reduce(F * G * F, [inverse]) == F
    assert reduce(G * F, [inverse]) == G * F


def test_a_relation_without_the_word_gives_no_rule() -> None:
    assert rule(sp.Eq(F, unit, evaluate=False), G) is None


def test_rules_that_never_end_are_refused() -> None:
    with pytest.raises(RecursionError, match="never"):
        reduce(F, [([F], F * G)])


def test_a_series_checks_its_range() -> None:
    outside, summand, checks = series(F + sp.Sum(Phi**j * Psi, (j, 1, K)), j)
    assert (outside, summand) == (F, Phi**j * Psi)
    assert [c.outcome for c in checks] == ["fails", "fails"]


# the statements in numbers, on matrices that no proof has seen


def test_the_rate_is_that_of_the_largest_active_eigenvalue() -> None:
    rng = np.random.default_rng(3)
    basis = rng.normal(size=(4, 4))
    turn = 0.8 * np.array([[np.cos(1), -np.sin(1)], [np.sin(1), np.cos(1)]])  # a complex pair of modulus 0.8
    blocks = np.zeros((4, 4))
    blocks[:2, :2], blocks[2, 2], blocks[3, 3] = turn, 0.5, 1.2
    slopes = basis @ blocks @ np.linalg.inv(basis)
    load = basis @ np.array([1.0, 2.0, 1.0, 0.0])  # nothing at 1.2
    solution, now = np.linalg.solve(np.eye(4) - slopes, load), np.zeros(4)
    errors = []
    for _ in range(60):
        now = slopes @ now + load
        errors.append(np.linalg.norm(now - solution))
    assert (errors[49] / errors[9]) ** (1 / 40) == pytest.approx(0.8, abs=0.02)


def test_admm_folds_to_the_derivative_with_dependent_rows() -> None:
    rng = np.random.default_rng(4)
    rows = rng.normal(size=(2, 5))
    rows = np.vstack([rows, rows[0] + rows[1], rows[1]])  # rank 2 of 4
    half = rng.normal(size=(5, 5))
    quadratic, load, moved = half @ half.T + np.eye(5), rng.normal(size=5), rows @ rng.normal(size=5)
    inverse = np.linalg.inv(quadratic + rows.T @ rows)
    state = np.zeros(4)
    for _ in range(4000):
        derivative = inverse @ (rows.T @ (2 * moved - state) - load)
        state = state + rows @ derivative - moved
    system = np.block([[quadratic, rows.T], [rows, np.zeros((4, 4))]])
    assert np.linalg.matrix_rank(system) == 7
    expected = np.linalg.lstsq(system, np.concatenate([-load, moved]), rcond=None)[0][:5]
    assert derivative == pytest.approx(expected, abs=1e-8)


def test_the_splitting_on_random_matrices() -> None:
    rng = np.random.default_rng(5)
    limit, solution = 0.3 * rng.normal(size=(3, 3)), rng.normal(size=(3, 2))
    load = solution - limit @ solution
    slopes, loads = limit + 0.1 * rng.normal(size=(6, 3, 3)), load + 0.1 * rng.normal(size=(6, 3, 2))
    now = np.zeros((3, 2))
    for matrix, vector in zip(slopes, loads, strict=True):
        now = matrix @ now + vector

    def chain(first: int) -> np.ndarray:
        product = np.eye(3)
        for matrix in slopes[first:]:
            product = matrix @ product
        return product

    drives = (slopes - limit) @ solution + (loads - load)
    total = -chain(0) @ solution + sum(chain(i + 1) @ drive for i, drive in enumerate(drives))
    assert now - solution == pytest.approx(total, abs=1e-12)


@pytest.mark.parametrize("condition", [1.01, 2, 10, 1e3, 1e6])
def test_the_gain_lies_between_its_bounds(condition: float) -> None:
    root = np.sqrt(condition)
    gain = np.log((root + 1) / (root - 1)) / np.log((condition + 1) / (condition - 1))
    low, high = (float(row.rhs.subs(kappa, condition)) for row in (krylov.GROWS, krylov.NO_MORE))
    assert low <= gain <= high
    assert condition < 1e3 or high / low < 1.01


@pytest.mark.parametrize(("condition", "wins"), [(2, False), (4, False), (4.5, True), (50, True)])
def test_cg_with_two_products_wins_beyond_the_threshold(condition: float, wins: bool) -> None:
    sigma = (condition + 1) / (condition - 1)
    points = np.cos(np.pi * np.arange(3) / 2)  # where |T_2| is 1
    spectrum = ((condition + 1) - (condition - 1) * points) / 2
    worst = 0.0
    for weights in np.random.default_rng(6).dirichlet(np.ones(3), size=4000):
        start = np.sqrt(weights / spectrum)  # energy norm 1
        krylov_space = np.stack([spectrum * start, spectrum**2 * start], axis=1)
        scaled = np.sqrt(spectrum)[:, None]
        left = np.linalg.lstsq(scaled * krylov_space, scaled[:, 0] * start, rcond=None)[0]
        worst = max(worst, np.linalg.norm(scaled[:, 0] * (start - krylov_space @ left)))
    assert worst == pytest.approx(1 / (2 * sigma**2 - 1), rel=0.02)
    assert (worst < sigma**-3) == wins
