"""Backward rules: they agree with a direct solve, problem by problem, and know when they fail."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from duality.folding import CG, GMRES, Dense, FixedPoint, Rule

TOLERANCE = {torch.float64: 1e-8, torch.float32: 1e-3}
ITERATIVE: tuple[Rule, ...] = (FixedPoint(), GMRES())
RULES: tuple[Rule, ...] = (*ITERATIVE, Dense())


@dataclass
class Matrices:
    """A batch of matrices with a count of the products that were asked for."""

    values: Tensor
    asked: int = 0

    def __call__(self, w: Tensor) -> Tensor:
        self.asked += 1
        return (self.values @ w[..., None])[..., 0]

    def dense(self) -> Tensor:
        return self.values


def contraction(count: int, n: int, radius: float, seed: int, dtype: torch.dtype = torch.float64) -> Tensor:
    """Random matrices, not symmetric, with this spectral radius."""
    generator = torch.Generator().manual_seed(seed)
    values = torch.randn(count, n, n, generator=generator, dtype=torch.float64)
    largest = torch.linalg.eigvals(values).abs().amax(-1)
    return (radius * values / largest[:, None, None]).to(dtype)


def symmetric(count: int, n: int, low: float, high: float, seed: int) -> Tensor:
    """Random symmetric matrices with eigenvalues in [low, high]."""
    generator = torch.Generator().manual_seed(seed)
    U, _ = torch.linalg.qr(torch.randn(count, n, n, generator=generator, dtype=torch.float64))
    lam = low + (high - low) * torch.rand(count, n, generator=generator, dtype=torch.float64)
    return U * lam[:, None, :] @ U.mT


def direct(M: Tensor, v: Tensor) -> Tensor:
    return torch.linalg.solve(torch.eye(M.shape[-1], dtype=M.dtype) - M, v[..., None])[..., 0]


def right_side(M: Tensor, seed: int = 9) -> Tensor:
    return torch.randn(M.shape[:2], generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(M)


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("rule", RULES, ids=repr)
@settings(max_examples=15, deadline=None)
@given(count=st.integers(1, 5), n=st.integers(1, 12), radius=st.floats(0.0, 0.9), seed=st.integers(0, 10**6))
def test_every_rule_agrees_with_a_direct_solve(
    rule: Rule, dtype: torch.dtype, count: int, n: int, radius: float, seed: int
) -> None:
    M = contraction(count, n, radius, seed, dtype)
    v = right_side(M)
    solved = rule.solve(Matrices(M), v)
    expected = direct(M.double(), v.double())
    assert solved.converged.all() and solved.w.dtype == dtype
    condition = torch.linalg.cond(torch.eye(n) - M.double())
    error = (solved.w - expected).norm(dim=-1) / expected.norm(dim=-1).clamp_min(1)
    assert (error <= TOLERANCE[dtype] * condition).all()


@settings(max_examples=15, deadline=None)
@given(n=st.integers(1, 12), seed=st.integers(0, 10**6))
def test_conjugate_gradients_agree_with_a_direct_solve(n: int, seed: int) -> None:
    M = symmetric(4, n, -0.9, 0.95, seed)
    solved = CG().solve(Matrices(M), right_side(M))
    assert solved.converged.all()
    torch.testing.assert_close(solved.w, direct(M, right_side(M)), rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("rule", [*RULES, CG()], ids=repr)
def test_a_batch_gives_what_its_problems_give_alone(rule: Rule) -> None:
    """Problems that need few and many products side by side."""
    M = torch.cat([symmetric(1, 8, low, high, 3) for low, high in ((0, 0), (-0.1, 0.1), (0.5, 0.99))])
    v = right_side(M)
    together = rule.solve(Matrices(M), v)
    for number in range(len(M)):
        alone = rule.solve(Matrices(M[number : number + 1]), v[number : number + 1])
        assert alone.converged.all()
        torch.testing.assert_close(together.w[number], alone.w[0], rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("rule", [*RULES, CG()], ids=repr)
def test_nothing_asked_is_nothing_answered(rule: Rule) -> None:
    M = symmetric(3, 4, 0, 0.9, 0)
    v = right_side(M)
    v[1] = 0
    solved = rule.solve(Matrices(M), v)
    assert solved.converged.all() and (solved.w[1] == 0).all() and (solved.w[0] != 0).any()


def test_products_are_counted() -> None:
    M = contraction(2, 6, 0.5, 0)
    for rule in ITERATIVE:
        matrices = Matrices(M)
        assert rule.solve(matrices, right_side(M)).products == matrices.asked


def test_krylov_needs_far_fewer_products_when_the_radius_is_near_one() -> None:
    M = symmetric(1, 200, 0.9, 0.9999, 5)
    v = right_side(M)
    counts = {type(rule).__name__: rule.solve(Matrices(M), v).products for rule in (FixedPoint(), GMRES(), CG())}
    assert max(counts["GMRES"], counts["CG"]) < counts["FixedPoint"] / 10


@pytest.mark.parametrize("radius", [1.0, 1.05, 3.0])
def test_a_sum_that_does_not_converge_is_seen_with_its_radius(radius: float) -> None:
    M = torch.cat([symmetric(1, 5, -0.2, 0.5, 1), radius * torch.eye(5, dtype=torch.float64)[None]])
    solved = FixedPoint().solve(Matrices(M), right_side(M))
    assert solved.converged.tolist() == [True, False]
    assert solved.radius[1] == pytest.approx(radius)
    assert solved.radius[0] < 1
    others = GMRES().solve(Matrices(M), right_side(M))
    assert others.converged.tolist() == [True, radius != 1.0]


def test_an_unstable_direction_that_is_not_asked_for_does_no_harm() -> None:
    """The spectral radius is 2 and the sum converges all the same: `only if` needs every right side."""
    M = torch.diag(torch.tensor([0.5, 2.0], dtype=torch.float64))[None]
    solved = FixedPoint().solve(Matrices(M), torch.tensor([[1.0, 0.0]], dtype=torch.float64))
    assert solved.converged.all()
    torch.testing.assert_close(solved.w, torch.tensor([[2.0, 0.0]], dtype=torch.float64))


def test_terms_that_stay_large_for_long_and_then_vanish_are_waited_for() -> None:
    n = 150
    shift = torch.diag(torch.ones(n - 1, dtype=torch.float64), -1)[None]
    v = torch.zeros(1, n, dtype=torch.float64)
    v[0, 0] = 1
    solved = FixedPoint().solve(Matrices(shift), v)
    assert solved.converged.all()
    torch.testing.assert_close(solved.w, torch.ones(1, n, dtype=torch.float64))


def test_a_singular_system_is_solved_where_it_has_a_solution_and_marked_where_not() -> None:
    M = torch.diag(torch.tensor([1.0, 0.5, 0.25], dtype=torch.float64)).expand(2, 3, 3)
    v = torch.tensor([[0.0, 1.0, 3.0], [1.0, 1.0, 3.0]], dtype=torch.float64)
    for rule in (FixedPoint(), GMRES(), CG()):
        solved = rule.solve(Matrices(M), v)
        assert solved.converged.tolist() == [True, False]
        torch.testing.assert_close(solved.w[0], torch.tensor([0.0, 2.0, 4.0], dtype=torch.float64))
    assert not Dense().solve(Matrices(M), v).converged.any()


@pytest.mark.parametrize("rule", [GMRES(), CG(), Dense()], ids=repr)
def test_a_singular_system_without_a_solution_is_never_passed_off_as_solved(rule: Rule) -> None:
    """In turned coordinates, where rounding hides the zero eigenvalue."""
    for seed in range(40):
        n = 3 + seed % 6
        lam = torch.linspace(0.1, 1, n, dtype=torch.float64)
        lam[0] = 0
        U, _ = torch.linalg.qr(random_square(n, seed))
        M = (torch.eye(n, dtype=torch.float64) - U * lam @ U.mT)[None]
        assert not rule.solve(Matrices(M), right_side(M, seed)).converged.any()
        if not isinstance(rule, Dense):
            inside = ((U * lam @ U.mT) @ right_side(M, seed)[0])[None]
            assert rule.solve(Matrices(M), inside).converged.all()


def random_square(n: int, seed: int) -> Tensor:
    return torch.randn(n, n, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_a_problem_that_is_done_waits_for_the_others_unharmed() -> None:
    """Its matrix has an eigenvalue above 1 that only rounding can wake."""
    U, _ = torch.linalg.qr(random_square(5, 0))
    lam = torch.tensor([0.1, 0.2, 0.3, 0.2, 1.05], dtype=torch.float64)
    v = U[:, :4].sum(1)
    expected = (U[:, :4] / (1 - lam[:4])).sum(1)
    M = torch.stack([U * lam @ U.mT, 0.995 * torch.eye(5, dtype=torch.float64)])
    solved = FixedPoint().solve(Matrices(M), torch.stack([v, v]))
    assert solved.converged.all()
    torch.testing.assert_close(solved.w[0], expected, rtol=1e-9, atol=1e-9)


def test_components_that_fall_slowly_are_waited_for() -> None:
    M = torch.diag(torch.tensor([0.1, 0.99], dtype=torch.float64))[None]
    v = torch.tensor([[1.0, 1e-6]], dtype=torch.float64)
    solved = FixedPoint().solve(Matrices(M), v)
    torch.testing.assert_close(solved.w, direct(M, v), rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("kappa", [1e4, 1e5])
def test_momentum_may_let_the_terms_grow_at_first(kappa: float) -> None:
    """The blocks of Nesterov's method at the step 1/L have a double eigenvalue 1 - 1/sqrt(kappa)."""
    h, root = 1 - 1 / kappa, kappa**-0.5
    beta = (1 - root) / (1 + root)
    M = torch.tensor([[[(1 + beta) * h, -beta * h], [1.0, 0.0]]], dtype=torch.float64)
    v = torch.tensor([[1.0, 0.5]], dtype=torch.float64)
    solved = FixedPoint(tolerance=1e-9).solve(Matrices(M), v)
    assert solved.converged.all()
    torch.testing.assert_close(solved.w, direct(M, v), rtol=1e-6, atol=1e-6)


def test_a_row_that_is_not_a_number_is_marked_alone() -> None:
    M = symmetric(2, 4, 0.0, 0.9, 0)
    M[1] = float("nan")
    for rule in (FixedPoint(), GMRES(), CG(), Dense()):
        solved = rule.solve(Matrices(M), right_side(M))
        assert solved.converged.tolist() == [True, False]
        torch.testing.assert_close(solved.w[:1], direct(M[:1], right_side(M)[:1]), rtol=1e-7, atol=1e-7)


def test_no_variables_are_no_trouble() -> None:
    M = torch.zeros(3, 0, 0, dtype=torch.float64)
    for rule in (FixedPoint(), Dense()):
        assert rule.solve(Matrices(M), M[:, :, :0].reshape(3, 0)).converged.all()


@pytest.mark.parametrize("kind", [FixedPoint, GMRES, CG])
@pytest.mark.parametrize("given", [{"tolerance": 0}, {"tolerance": -1e-3}, {"iterations": 0}])
def test_settings_that_mean_nothing_are_refused(kind: type[Rule], given: dict) -> None:
    with pytest.raises(ValueError, match="must be positive, or None for the default"):
        kind(**given)


def test_too_few_iterations_are_not_passed_off_as_an_answer() -> None:
    M = symmetric(2, 30, 0.5, 0.999, 2)
    for rule in (FixedPoint(iterations=5), GMRES(iterations=5), CG(iterations=5)):
        solved = rule.solve(Matrices(M), right_side(M))
        assert not solved.converged.any() and solved.products == 5


def test_a_looser_tolerance_takes_fewer_products_and_still_keeps_it() -> None:
    M = symmetric(3, 40, 0.0, 0.99, 4)
    v, expected = right_side(M), direct(M, right_side(M))
    for kind in (FixedPoint, GMRES, CG):
        loose, tight = kind(tolerance=1e-3).solve(Matrices(M), v), kind(tolerance=1e-9).solve(Matrices(M), v)
        assert loose.products < tight.products
        error = (loose.w - expected).norm(dim=-1) / expected.norm(dim=-1)
        assert (error < 0.1).all()


def test_conjugate_gradients_refuse_what_they_are_not_made_for() -> None:
    M = contraction(3, 5, 0.5, 7)
    with pytest.raises(ValueError, match=r"needs a symmetric Phi, and for 3 of 3 problems .* use GMRES"):
        CG().solve(Matrices(M), right_side(M))
    indefinite = torch.diag(torch.tensor([0.5, 3.0], dtype=torch.float64))[None]
    v = torch.tensor([[0.1, 1.0]], dtype=torch.float64)
    assert not CG().solve(Matrices(indefinite), v).converged.any()
