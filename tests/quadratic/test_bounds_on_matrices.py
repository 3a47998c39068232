"""The true bounds on random matrix problems in several dimensions, run by the methods themselves.

The proofs and searches work on eigenvalues; here nothing is diagonalized. 60 problems per bound and seed; the bounds
hold for all of them, so there is no false alarm beyond rounding (relative slack 1e-9).
"""

import numpy as np
import pytest
import sympy as sp

from duality.quadratic import rates
from duality.quadratic.methods import gradient_descent, iterates, nesterov
from duality.quadratic.problem import (
    Quadratic,
    Spectrum,
    gd_step_limit,
    nag_step_limit,
    random_eigenvalues,
    with_eigenvalues,
)
from duality.quadratic.rates import DB, DQ, START, STEP_GAP, M

DIMENSION = 4
METHODS = {"gd": (gradient_descent, gd_step_limit), "nag": (nesterov, nag_step_limit)}


def right_side(statement, point):
    symbols = sorted(statement.rhs.free_symbols, key=str)
    return float(sp.lambdify(symbols, statement.rhs, "numpy")(*(np.float64(point[s.name]) for s in symbols)))


def draw(rng):
    """mu, L, a problem, an iteration count."""
    mu, kappa = 10 ** rng.uniform(-2, 1), 10 ** rng.uniform(0, 3)
    spectrum = Spectrum(mu, mu * kappa)
    problem = with_eigenvalues(random_eigenvalues(spectrum, (DIMENSION,), rng), rng)
    return spectrum, problem, int(rng.integers(1, 40))


def run(name, spectrum, step, problem, k):
    return iterates(METHODS[name][0](spectrum, step), problem.Q, problem.b, k)


def holds(left, right):
    return left <= right * (1 + 1e-9) + 1e-12


@pytest.mark.parametrize(("name", "bound"), [("gd", rates.GD_CONVERGENCE), ("nag", rates.NAG_CONVERGENCE_SHARP)])
def test_convergence(name, bound):
    rng = np.random.default_rng(1)
    for _ in range(60):
        spectrum, problem, k = draw(rng)
        step = rng.uniform(0.05, 1) * METHODS[name][1](spectrum.mu, spectrum.L)
        end = problem.minimizer()
        point = {"mu": spectrum.mu, "L": spectrum.L, "s": step, "k": k, START.name: np.linalg.norm(end)}
        assert holds(np.linalg.norm(run(name, spectrum, step, problem, k)[-1] - end), right_side(bound, point))


@pytest.mark.parametrize(("name", "bound"), [("gd", rates.GD_SENSITIVITY), ("nag", rates.NAG_SENSITIVITY_REPAIRED)])
def test_sensitivity(name, bound):
    rng = np.random.default_rng(2)
    for _ in range(60):
        spectrum, problem, k = draw(rng)
        s, t = rng.uniform(0.05, 1, 2) * METHODS[name][1](spectrum.mu, spectrum.L)
        one, two = (run(name, spectrum, step, problem, k)[-1] for step in (s, t))
        point = {"mu": spectrum.mu, "L": spectrum.L, "c_0": min(s, t), "k": k}
        point |= {STEP_GAP.name: abs(t - s), START.name: np.linalg.norm(problem.minimizer())}
        assert holds(np.linalg.norm(one - two), right_side(bound, point))


@pytest.mark.parametrize(
    ("name", "bound", "limit"),
    [
        ("gd", rates.GD_STABILITY, gd_step_limit),
        ("gd", rates.GD_STABILITY_SHARP, lambda mu, L: 1 / L),
        ("nag", rates.NAG_STABILITY, nag_step_limit),
        ("nag", rates.NAG_STABILITY_SHARP, nag_step_limit),
    ],
)
def test_stability(name, bound, limit):
    rng = np.random.default_rng(3)
    for _ in range(60):
        spectrum, first, k = draw(rng)
        second = with_eigenvalues(random_eigenvalues(spectrum, (DIMENSION,), rng), rng)
        second = Quadratic(second.Q, first.b + rng.normal(size=DIMENSION) * rng.choice([0, 1e-3, 1]))
        step = rng.uniform(0.05, 1) * limit(spectrum.mu, spectrum.L)
        one, two = (run(name, spectrum, step, p, k)[-1] for p in (first, second))
        lengths = [np.linalg.norm(p.minimizer()) for p in (first, second)]
        point = {"mu": spectrum.mu, "L": spectrum.L, "s": step, "k": k, M.name: min(lengths)}
        point |= {DQ.name: np.linalg.norm(first.Q - second.Q, 2), DB.name: np.linalg.norm(first.b - second.b)}
        assert holds(np.linalg.norm(one - two), right_side(bound, point))


def test_the_norm_of_the_block_matrix():
    rng = np.random.default_rng(4)
    for _ in range(60):
        spectrum, problem, k = draw(rng)
        step = rng.uniform(0.05, 1) * nag_step_limit(spectrum.mu, spectrum.L)
        u = np.sqrt(spectrum.mu * step)
        beta, inner = (1 - u) / (1 + u), np.eye(DIMENSION) - step * problem.Q
        block = np.block([[(1 + beta) * inner, -beta * inner], [np.eye(DIMENSION), np.zeros((DIMENSION, DIMENSION))]])
        norm = np.linalg.norm(np.linalg.matrix_power(block, k), 2)
        point = {"mu": spectrum.mu, "L": spectrum.L, "s": step, "k": k}
        assert norm == pytest.approx(right_side(rates.NAG_POWER_SHARP, point), rel=1e-6, abs=1e-12)


def test_every_method_obeys_the_frontier_on_the_slowest_problem():
    rng = np.random.default_rng(5)
    for _ in range(60):
        spectrum, _, k = draw(rng)
        b = rng.normal(size=DIMENSION)
        slowest = Quadratic(spectrum.mu * np.eye(DIMENSION), b)
        for name, (_, limit) in METHODS.items():
            x = run(name, spectrum, limit(spectrum.mu, spectrum.L), slowest, k)[-1]
            cvg = np.linalg.norm(x - slowest.minimizer()) / np.linalg.norm(slowest.minimizer())
            stab = np.linalg.norm(x) / np.linalg.norm(b)
            assert spectrum.mu * stab + cvg == pytest.approx(1, abs=1e-9)
