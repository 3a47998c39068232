"""The constants of Assumption 7.4.1: on matrices where they are known, on the printed law, on the exact family."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from duality.sparse import audit


def simplex(d: int) -> np.ndarray:
    """The Gram matrix of d unit vectors at equal angles in d - 1 dimensions."""
    return (d * np.eye(d) - np.ones((d, d))) / (d - 1)


def test_the_smallest_level_is_531_times_the_sparsity_and_two() -> None:
    assert [audit.level(s) for s in (1, 2, 16)] == [533, 1064, 8498]
    assert audit.smallest_sparsity(1, Fraction(1)) == 266
    assert audit.level(16, 2) == 16 + 2 * ((242 + 576) * 16 + 1)


@pytest.mark.parametrize("k", [1, 2, 4, 7])
def test_enumeration_finds_the_sparse_eigenvalues_of_the_simplex(k: int) -> None:
    low, high = audit.sparse_eigenvalues(simplex(7), k)
    assert low == pytest.approx((7 - k) / 6, abs=1e-12)
    assert high == pytest.approx(1 if k == 1 else 7 / 6)


def test_a_level_beyond_the_dimension_is_the_spectrum() -> None:
    H = np.diag([1.0, 2.0, 5.0])
    assert audit.sparse_eigenvalues(H, 100) == (1.0, 5.0)


def test_enumeration_refuses_what_would_never_end() -> None:
    with pytest.raises(ValueError, match="enumerated"):
        audit.sparse_eigenvalues(np.eye(60), 30)


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_the_enclosures_contain_what_enumeration_finds(k: int) -> None:
    rng = np.random.default_rng(k)
    X = rng.standard_normal((6, 8))
    H = X.T @ X / 6
    low, high = audit.sparse_eigenvalues(H, k)
    found = audit.sparse_eigenvalue_bounds(H, k, rng)
    assert found.smallest[0] - 1e-12 <= low <= found.smallest[1] + 1e-12
    assert found.largest[0] - 1e-12 <= high <= found.largest[1] + 1e-12


def test_more_columns_than_rows_have_a_sparse_kernel_direction() -> None:
    X, _, _ = audit.Printed().draw(np.random.default_rng(0))
    v = audit.kernel_direction(X)
    assert np.count_nonzero(v) == 65 <= audit.level(16)
    assert np.linalg.norm(v) == pytest.approx(1)
    assert np.abs(X @ v).max() < 1e-12
    with pytest.raises(ValueError, match="more"):
        audit.kernel_direction(np.eye(3))


@pytest.mark.parametrize("d", [256, 1024])
def test_the_printed_experiments_fail_condition_b(d: int) -> None:
    result = audit.audit(*audit.Printed(d).draw(np.random.default_rng(1)))
    assert (result.s_star, result.rho_minus, result.sparse_eigenvalues_hold, result.holds) == (16, 0.0, False, False)


def test_many_samples_satisfy_condition_b_and_the_level_grows_with_the_square_of_kappa() -> None:
    result = audit.audit(*audit.Printed(d=20, n=4000, s_star=2, correlation=0.5).draw(np.random.default_rng(2)))
    kappa = result.rho_plus / result.rho_minus
    assert result.sparse_eigenvalues_hold and result.needed == audit.level(2, kappa)


def test_the_gradients_are_those_of_the_loss() -> None:
    rng = np.random.default_rng(3)
    X, y, beta = audit.Printed(d=5, n=7, s_star=2).draw(rng)

    def loss(at: np.ndarray) -> float:
        return float(((y - X @ at) ** 2).sum() / 14)

    for point, gradient in zip((np.zeros(5), beta), audit.gradients(X, y, beta), strict=True):
        slopes = [(loss(point + h) - loss(point - h)) / 2e-6 for h in 1e-6 * np.eye(5)]
        assert gradient == pytest.approx(slopes, abs=1e-6)


def test_direct_draws_of_condition_c_have_the_law_of_whole_problems() -> None:
    law = audit.Printed(d=40, n=16, s_star=4)
    rng = np.random.default_rng(4)
    whole = np.array([audit.gradient_condition(*law.draw(rng)).mean() for _ in range(4000)])
    direct = audit.gradient_conditions(law, rng, 4000)
    assert direct.mean() == pytest.approx(whole.mean(), abs=0.03)
    assert (direct == 1).mean() == pytest.approx((whole == 1).mean(), abs=0.04)


def test_independent_features_have_the_probability_of_the_formula_for_every_n() -> None:
    rng = np.random.default_rng(5)
    for n in (3, 30):
        signal, noise = rng.standard_normal((2, n))
        ratio = np.linalg.norm(signal) / np.linalg.norm(noise)
        cosine = signal @ noise / np.linalg.norm(signal) / np.linalg.norm(noise)
        x = rng.standard_normal((200_000, n))
        share = (8 * np.abs(x @ noise) <= np.abs(x @ (signal + noise))).mean()
        assert share == pytest.approx(audit.independent_probability(ratio, 1, cosine), abs=0.005)


def test_with_independent_features_the_signal_must_be_enormous() -> None:
    ratio = audit.needed_ratio(240)
    assert audit.independent_probability(ratio, 240) == pytest.approx(0.5)
    assert ratio > 1500
    assert audit.independent_probability(5.3, 240) < 1e-60


def test_the_interval_covers_at_both_ends() -> None:
    assert audit.interval(0, 100)[0] == 0 and audit.interval(100, 100)[1] == 1
    low, high = audit.interval(50, 100)
    assert low < 0.5 < high


@pytest.mark.parametrize(("d", "s_star"), [(1, 1), (4, 1), (9, 3), (30, 5)])
@pytest.mark.parametrize("noise", [Fraction(0), Fraction(1, 2), Fraction(1), Fraction(-1)])
def test_the_exact_family_satisfies_the_assumption(d: int, s_star: int, noise: Fraction) -> None:
    problem = audit.satisfying(d, s_star, noise=noise)
    rows, n = problem.X, len(problem.y)
    for j in range(d):
        at_zero = -sum(row[j] * y for row, y in zip(rows, problem.y, strict=True)) / n
        residuals = [
            sum(x * b for x, b in zip(row, problem.beta, strict=True)) - y
            for row, y in zip(rows, problem.y, strict=True)
        ]
        at_truth = sum(row[j] * r for row, r in zip(rows, residuals, strict=True)) / n
        assert at_truth == problem.gradient[j]
        assert 8 * abs(at_truth) <= abs(at_zero)
        for i in range(d):
            assert sum(row[i] * row[j] for row in rows) / n == (i == j) + problem.coupling
    result = audit.audit(*problem.arrays())
    assert result.sparse_eigenvalues_hold
    assert result.rho_plus == pytest.approx(float(problem.rho_plus))
    assert noise in (1, -1) or result.holds  # at the limit rounding decides


@pytest.mark.parametrize("change", [{"s_star": 0}, {"s_star": 5}, {"noise": Fraction(11, 10)}, {"size": Fraction(0)}])
def test_the_exact_family_refuses_what_would_leave_it(change: dict) -> None:
    with pytest.raises(ValueError, match="need"):
        audit.satisfying(**({"d": 4, "s_star": 2} | change))


def test_more_noise_than_the_family_allows_breaks_the_condition() -> None:
    X, y, beta = audit.satisfying(9, 3, noise=Fraction(1)).arrays()
    assert not audit.gradient_condition(X, X @ beta + 1.2 * (y - X @ beta), beta).all()
