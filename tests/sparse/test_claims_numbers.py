"""The statements of the theory in numbers: finite differences, coupled problems, and the numbers in the words."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from duality.ledger.settle import ablation
from duality.sparse.claims.theory import CLAIMS as THEORY
from duality.sparse.claims.theory_generalization import CLAIMS
from duality.sparse.proofs import speed
from duality.sparse.rates import assumption, capacity, generalization, penalties, robustness, schedule
from duality.sparse.rates.letters import a, b, d, s_star
from duality.sparse.rates.letters import lam as level


def test_the_penalty_slopes_are_what_finite_differences_give() -> None:
    lam, width, other = 0.7, 1.9, 3.1

    def mcp(x: float) -> float:
        return lam * abs(x) - x**2 / (2 * width) if abs(x) <= width * lam else width * lam**2 / 2

    def scad(x: float) -> float:
        r = abs(x)
        if r <= lam:
            return lam * r
        return (
            (2 * other * lam * r - r**2 - lam**2) / (2 * (other - 1)) if r <= other * lam else (other + 1) * lam**2 / 2
        )

    values = {level: lam, b: width, a: other}
    for point in (-4.0, -1.5, -0.8, -0.3, 0.2, 0.9, 1.7, 3.0):
        for penalty, slope in ((mcp, penalties.mcp_slope), (scad, penalties.scad_slope)):
            sign = 1 if point > 0 else -1
            numeric = (penalty(point + 1e-6) - penalty(point - 1e-6)) / 2e-6 - lam * sign
            assert float(slope(sp.Float(point)).subs(values)) == pytest.approx(numeric, abs=1e-5)


# the statements in numbers, on coupled problems that no search has seen


def coupled(seed: int, size: int = 8) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A Hessian with the spectrum in [1/2, 2] that is not diagonal, a sparse truth, and a small gradient there."""
    rng = np.random.default_rng(seed)
    basis = np.linalg.qr(rng.normal(size=(size, size)))[0]
    H = basis @ np.diag(np.linspace(0.5, 2, size)) @ basis.T
    return H, np.where(np.arange(size) < 3, rng.normal(size=size) * 3, 0), 0.1 * rng.normal(size=size)


def bend(x: np.ndarray, lam: np.ndarray, w: float, width: float) -> np.ndarray:
    return -w * np.clip(x / width, -lam, lam)


def plisa(
    H: np.ndarray, c: np.ndarray, lams: list[np.ndarray], w: float, width: float, step: float
) -> list[np.ndarray]:
    """The iterates of one layer per entry of `lams`, from 0."""
    now, found = np.zeros(len(c)), [np.zeros(len(c))]
    for lam in lams:
        moved = now - step * (H @ now - c + bend(now, lam, w, width))
        now = np.sign(moved) * np.maximum(np.abs(moved) - step * lam, 0)
        found.append(now)
    return found


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("w", [0.0, 0.5, 1.0])
def test_the_rate_holds_for_coupled_problems(seed: int, w: float) -> None:
    H, truth, gradient = coupled(seed)
    width, step = 4.0, 0.5
    lam = 8 * np.abs(gradient) + 0.01
    found = plisa(H, H @ truth - gradient, [lam] * 40, w, width, step)
    on = truth != 0
    derivative = lam + bend(np.abs(truth), lam, w, width)
    point = {"rho_-": 0.5, "xi": w / width, "alpha": step, capacity.START.name: np.linalg.norm(truth)}
    point[capacity.RESIDUAL.name] = np.linalg.norm((np.abs(gradient) + derivative)[on])
    right = sp.lambdify(list(capacity.RATE.rhs.free_symbols), capacity.RATE.rhs)
    for layers, iterate in enumerate(found):
        values = point | {"N": layers}
        bound = right(*(values[s.name] for s in capacity.RATE.rhs.free_symbols))
        assert np.linalg.norm(iterate - truth) <= bound + 1e-12


def path(start: np.ndarray, ratio: np.ndarray, target: np.ndarray, blocks: int, layers: int) -> list[np.ndarray]:
    lams, now = [], np.abs(start)
    for _ in range(blocks):
        now = np.maximum(ratio * now, target)
        lams += [now] * layers
    return lams


@pytest.mark.parametrize("seed", range(8))
def test_the_robustness_holds_for_coupled_problems(seed: int) -> None:
    H, truth, gradient = coupled(seed)
    rng = np.random.default_rng(100 + seed)
    c, size, layers, blocks = H @ truth - gradient, 8, 2, 14
    eta, targets = rng.normal(size=(2, size)) * 0.5, 0.3 + rng.random((2, size))
    steps, logits = rng.uniform(0.1, 0.5, 2), rng.normal(size=(2, 2))
    ratios = 1 / (1 + np.exp(-eta))
    weights, width = np.exp(logits[:, 1]) / np.exp(logits).sum(axis=1), 4.0
    paths = [path(c, ratios[i], targets[i], blocks, layers) for i in (0, 1)]
    arrived = max(next(k for k, lam in enumerate(p) if (lam == p[-1]).all()) for p in paths) // layers
    assert arrived < blocks - 1
    first, second = (plisa(H, c, paths[i], weights[i], width, steps[i])[-1] for i in (0, 1))
    run = plisa(H, c, paths[1], weights[1], width, steps[1])
    limits = [plisa(H, c, [lam] * 400, weights[1], width, 0.5)[-1] for lam in paths[1]]
    away = max(np.linalg.norm(x - limit) for i, limit in enumerate(limits) for x in run[i : i + 2])
    low = float(steps.min())
    point = {
        robustness.lowest.name: low,
        "q": 1 - low * (0.5 - weights.max() / width),
        "rho_+": 2.0,
        robustness.most.name: ratios.max(),
        "N": blocks * layers,
        "N_0": (blocks - arrived) * layers,
        "d": size,
        robustness.AWAY.name: away,
        robustness.WAY.name: max(np.linalg.norm(np.diff(run, axis=0), axis=1)),
        "s^*": 3,
        capacity.s_tilde.name: 2 * (size - 3),  # all entries off the support
        robustness.START.name: np.abs(c).max(),
        robustness.TOP.name: max(np.abs(p[0]).max() for p in paths),
        robustness.D_STEP.name: abs(steps[0] - steps[1]),
        robustness.D_ETA.name: np.linalg.norm(eta[0] - eta[1]),
        robustness.D_TARGET.name: np.linalg.norm(targets[0] - targets[1]),
        robustness.D_WEIGHTS.name: np.linalg.norm(logits[0] - logits[1]),
    }
    for right in (robustness.PRINTED.rhs, robustness.SPARSE.rhs):
        symbols = list(right.free_symbols)
        assert np.linalg.norm(first - second) <= sp.lambdify(symbols, right)(*(float(point[s.name]) for s in symbols))


@pytest.mark.parametrize(("K", "T", "t0"), [(1, 3, 1), (5, 3, 1), (50, 3, 1), (500, 3, 1), (50, 40, 9), (1, 2, 0)])
def test_for_one_problem_the_printed_root_fails_for_every_depth_and_arrival(K: int, T: int, t0: int) -> None:
    for rate in (np.log(K * T) / (K * (T - t0)), np.log(K * T) / (K * (T - t0)) + 0.1):
        first = np.log(max(K * T * np.exp(-rate * K * (T - t0)), 1))
        assert first < 1e-12 and first + np.log1p(-np.exp(-rate * K * T)) < 0


def test_numbers_in_words_are_those_of_the_formulas() -> None:
    assert f"{1 / np.log(1 / 0.9):.2f}" in schedule.BLOCKS.words
    assert (
        f"{-np.log(1 - 1 / np.sqrt(2000)):.4f}" in next(c for c in CLAIMS if c.id == "generalization").evaluate().scope
    )
    assert np.sqrt(2 * np.pi * np.e) < 4.14 and "4.14" in generalization.DIMENSION.words


def test_the_printed_experiments_ask_for_every_column_in_both_dimensions() -> None:
    (audit,) = (claim for claim in THEORY if claim.id == "assumption-audit")
    point = audit.evaluate().counterexample.point
    for size in (256, 1024):
        statement = audit.statement
        at = dict(point) | {"d": size}
        assert statement.allows(at)
        assert statement.lhs.subs({d: size, s_star: 16, assumption.s_tilde: point[assumption.s_tilde.name]}) == size


def test_a_factor_is_asked_for_at_a_fixed_point_only() -> None:
    with pytest.raises(ValueError, match="fixed"):
        speed.factor(1, 0, 2, sp.Rational(1, 2), -1)


def test_an_ablation_must_violate_its_hypothesis_and_no_other() -> None:
    (statement,) = (claim.statement for claim in THEORY if claim.id == "penalties-unit")
    inside = {"b": 2, "a": 3, "w_2": 0, "w_3": 0}
    for point in (inside, inside | {"b": 0, "a": 0}):
        with pytest.raises(ValueError, match="nothing else"):
            ablation(statement, "b > 1", point, 1)
