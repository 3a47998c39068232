"""Problems, losses and solvers: against scikit-learn, against optimality conditions, alone and in batches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression, lasso_path
from torch import Tensor

from duality.sparse import oracle
from duality.sparse.decoys import informed, lists
from duality.sparse.losses import LeastSquares, Logistic, Loss, mean_squared_error
from duality.sparse.objectives import Tasks
from duality.sparse.penalties import L1, MCP, SCAD
from duality.sparse.problem import Population, Problems, error, padded
from duality.sparse.solvers.apf import APF, AfterSteps, FixedStep, LineSearch, Stationary
from duality.sparse.solvers.fista import FISTA
from duality.sparse.solvers.ista import ISTA
from duality.sparse.solvers.solver import Solver
from duality.sparse.stationarity import violation

SMALL = Population(d=30, n=25, sparsity=4, union=15, correlation=0.5)
DOUBLE = torch.float64


def ragged(dtype: torch.dtype = DOUBLE) -> Problems:
    """Three problems with 12, 25 and 18 samples."""
    whole = SMALL.draw(3, 5, dtype)
    return padded([(whole.X[i, :n], whole.y[i, :n]) for i, n in enumerate((12, 25, 18))], whole.truth)


def lasso(problems: Problems, lam: float) -> Tensor:
    """What scikit-learn finds, one problem after another."""
    found = []
    for X, y, n in zip(problems.X, problems.y, problems.counts.tolist(), strict=True):
        _, path, _ = lasso_path(X[:n].numpy(), y[:n].numpy(), alphas=[lam], tol=1e-13, max_iter=1_000_000)
        found.append(path[:, 0])
    return torch.from_numpy(np.stack(found))


def solvers(tolerance: float) -> list[Solver]:
    return [ISTA(tolerance=tolerance), FISTA(tolerance=tolerance), APF(stop=Stationary(tolerance))]


@pytest.mark.parametrize("solver", solvers(1e-7), ids=lambda each: type(each).__name__)
@pytest.mark.parametrize("lam", [1.0, 0.15])
def test_solutions_are_those_of_an_independent_solver(solver: Solver, lam: float) -> None:
    problems = ragged()
    solved = solver(problems, lam)
    assert bool(solved.converged.all()) and float(solved.omega.max()) <= 1e-7
    torch.testing.assert_close(solved.beta, lasso(problems, lam), atol=1e-5, rtol=0)
    level = torch.tensor(lam, dtype=DOUBLE)
    assert float(violation(LeastSquares(), L1(), problems, solved.beta, level).max()) <= 1.01e-7


@pytest.mark.parametrize("penalty", [MCP(6.0), SCAD(7.0)], ids=lambda each: type(each).__name__)
@pytest.mark.parametrize("loss", [LeastSquares(), Logistic()], ids=lambda each: type(each).__name__)
def test_nonconvex_answers_are_stationary(penalty: MCP | SCAD, loss: Loss) -> None:
    problems = SMALL.draw_binary(3, 5, DOUBLE) if isinstance(loss, Logistic) else ragged()
    level = torch.tensor(0.2, dtype=DOUBLE)
    for solver in (ISTA(loss, penalty, 1e-5), APF(loss, penalty, stop=Stationary(1e-5))):
        solved = solver(problems, 0.2)
        assert bool(solved.converged.all())
        assert float(violation(loss, penalty, problems, solved.beta, level).max()) <= 1.01e-5


def test_sparse_logistic_regression_is_that_of_scikit_learn() -> None:
    problems, lam = SMALL.draw_binary(2, 7, DOUBLE), 0.05
    for solver in (FISTA(Logistic(), 1e-9), APF(Logistic(), stop=Stationary(1e-9))):
        found = solver(problems, lam).beta
        for X, y, beta in zip(problems.X, problems.y, found, strict=True):
            model = LogisticRegression(
                l1_ratio=1.0, C=1 / (lam * len(y)), solver="saga", fit_intercept=False, tol=1e-9, max_iter=100_000
            )
            reference = model.fit(X.numpy(), y.numpy()).coef_[0]
            np.testing.assert_allclose(beta.numpy(), reference, atol=1e-4)


def test_element_wise_levels_are_scaled_columns() -> None:
    problems = SMALL.draw(2, 3, DOUBLE)
    lam = torch.linspace(0.1, 0.6, 30, dtype=DOUBLE)
    solved = FISTA(tolerance=1e-10)(problems, lam.expand(2, -1))
    scaled = Problems(problems.X / lam * 0.2, problems.y, problems.counts)
    torch.testing.assert_close(solved.beta, lasso(scaled, 0.2) / lam * 0.2, atol=1e-5, rtol=0)


@pytest.mark.parametrize("solver", solvers(1e-5), ids=lambda each: type(each).__name__)
def test_a_batch_gives_what_its_problems_give_alone(solver: Solver) -> None:
    problems = ragged()
    together = solver(problems, 0.3)
    for i, n in enumerate(problems.counts.tolist()):
        alone = solver(padded([(problems.X[i, :n], problems.y[i, :n])]), 0.3)
        torch.testing.assert_close(alone.beta[0], together.beta[i], atol=1e-8, rtol=0)
        assert int(alone.steps[0]) == int(together.steps[i])


def test_path_following_starts_at_zero_and_stays_there_above_the_largest_gradient() -> None:
    problems = ragged()
    largest = float(LeastSquares().at_zero(problems).abs().max())
    solved = APF()(problems, 1.01 * largest)
    assert not solved.beta.any() and bool(solved.converged.all())


def test_stages_end_when_told() -> None:
    problems = SMALL.draw(3, 2, DOUBLE)
    first = LeastSquares().at_zero(problems).abs().amax(1)
    lam, phi = (0.5**2.5 * first)[:, None], 0.5  # three stages
    solved = APF(phi=phi, search=FixedStep(0.05), stop=AfterSteps(7))(problems, lam)
    assert solved.steps.tolist() == [21, 21, 21]


def test_what_ends_early_says_so() -> None:
    for solver in (ISTA(steps=3), FISTA(steps=3), APF(stop=Stationary(1e-9, most=1))):
        solved = solver(ragged(), 0.1)
        assert not solved.converged.any()


@pytest.mark.parametrize("loss", [LeastSquares(), Logistic()], ids=lambda each: type(each).__name__)
def test_derivatives_of_losses_by_automatic_differentiation(loss: Loss) -> None:
    problems = SMALL.draw_binary(2, 5, DOUBLE)
    short = padded([(problems.X[i, :n], problems.y[i, :n]) for i, n in enumerate((25, 14))])
    generator = torch.Generator().manual_seed(0)
    beta, v = torch.randn(2, 2, 30, generator=generator, dtype=DOUBLE)
    value = lambda at: loss.value(short, at).sum()  # noqa: E731
    gradient = torch.func.grad(value)
    torch.testing.assert_close(loss.gradient(short, beta), gradient(beta))
    torch.testing.assert_close(loss.at_zero(short), gradient(torch.zeros_like(beta)))
    _, bent = torch.autograd.functional.vhp(value, beta, v)
    torch.testing.assert_close((loss.hessian(short, beta) @ v[..., None])[..., 0], bent)
    u = (short.X @ torch.stack([beta, v], -1)).unbind(-1)
    difference = loss.value(short, beta + v) - loss.value(short, beta) - (loss.gradient(short, beta) * v).sum(-1)
    torch.testing.assert_close(loss.excess(short, *u), difference)
    largest = torch.linalg.eigvalsh(short.X.mT @ short.X)[:, -1] / short.counts
    torch.testing.assert_close(loss.smoothness(short), loss.steepest() * largest)


def test_padding_counts_for_nothing() -> None:
    alone = SMALL.draw(1, 1, DOUBLE)
    longer = torch.zeros(1, 9, 30, dtype=DOUBLE)
    wide = Problems(torch.cat([alone.X, longer], 1), torch.cat([alone.y, longer[..., 0]], 1), alone.counts, alone.truth)
    beta = torch.randn(1, 30, generator=torch.Generator().manual_seed(0), dtype=DOUBLE)
    for loss in (LeastSquares(), Logistic()):
        torch.testing.assert_close(loss.value(wide, beta), loss.value(alone, beta))
        torch.testing.assert_close(loss.gradient(wide, beta), loss.gradient(alone, beta))
    torch.testing.assert_close(
        mean_squared_error(wide, beta), (alone.X[0] @ beta[0] - alone.y[0]).square().mean()[None]
    )


def test_the_population_is_the_printed_one() -> None:
    population = Population(d=40, n=64, union=20, sparsity=8)
    problems = population.draw(300, 0, DOUBLE)
    x = problems.X.reshape(-1, 40)
    covariance = x.T @ x / len(x)
    off = covariance[~torch.eye(40, dtype=torch.bool)]
    assert float((covariance.diagonal() - 1).abs().max()) < 0.05 and abs(float(off.mean()) - 0.9) < 0.05
    assert problems.truth is not None
    inside = problems.truth[:, :20]
    assert bool((inside != 0).sum(1).eq(8).all()) and not problems.truth[:, 20:].any()
    size = inside[inside != 0].abs()
    assert 0.5 <= float(size.min()) < 0.52 and 1.98 < float(size.max()) <= 2 and abs(float(size.mean()) - 1.25) < 0.02
    noise = problems.y - (problems.X @ problems.truth[..., None])[..., 0]
    assert abs(float(noise.std()) - 1) < 0.02
    assert bool((population.draw(3, 4).X == population.draw(3, 4).X).all())
    assert not bool((population.draw(3, 4).X == population.draw(3, 5).X).any())


def test_the_excess_of_the_logistic_loss_is_exact_where_chances_round_to_one() -> None:
    steps = [(20.0, -20.0), (20.0, -40.0), (-20.0, 20.0), (200.0, -200.0), (-200.0, 400.0), (3.0, -5.0), (20.0, 1.0)]
    for dtype in (torch.float32, DOUBLE):
        for u, move in steps:
            one = Problems(torch.ones(1, 1, 1, dtype=dtype), torch.ones(1, 1, dtype=dtype), torch.ones(1).long())
            found = Logistic().excess(one, torch.tensor([[u]], dtype=dtype), torch.tensor([[move]], dtype=dtype))
            wanted = np.logaddexp(0, u + move) - np.logaddexp(0, u) - move / (1 + np.exp(-u))
            torch.testing.assert_close(float(found), wanted, atol=1e-6, rtol=1e-6)


def test_fixed_steps_never_say_that_they_converged() -> None:
    solved = APF(search=FixedStep(1e-3), stop=AfterSteps(2))(ragged(), 0.01)
    assert float(solved.omega.min()) > 0.1 and not bool(solved.converged.any())


def test_numbers_choose_one_problem_and_walking_over_problems_ends() -> None:
    problems = ragged()
    assert [int(one.counts) for one in problems] == [12, 25, 18]
    for number in (1, -2, np.int64(1), torch.tensor(1)):
        one = problems[number]
        assert one.X.shape == (1, 25, 30) and one.counts.tolist() == [25] and one.truth is not None
        assert one.y.shape == (1, 25) and one.truth.shape == (1, 30)
    tasks = Tasks(problems, problems)
    assert len(list(tasks)) == 3 and len(tasks[np.int64(2)]) == 1  # type: ignore[call-overload]
    for number in (3, -4):
        with pytest.raises(IndexError):
            problems[number]
        with pytest.raises(IndexError):
            tasks[number]


def test_choosing_problems() -> None:
    problems = ragged()
    assert len(problems[1]) == 1 and len(problems[torch.tensor([2, 0])]) == 2
    assert problems.answers is problems.answers  # once
    torch.testing.assert_close(problems[torch.tensor([2, 0])].answers, problems.answers[[2, 0]])
    assert problems.truth is not None
    torch.testing.assert_close(error(problems.truth, problems), torch.zeros(3, dtype=DOUBLE))
    with pytest.raises(ValueError, match="known truth"):
        error(torch.zeros(1, 3), padded([(torch.ones(2, 3), torch.ones(2))]))
    for shape in ((1, 30), (30,), (3, 1), (1, 4, 30), (3, 4, 1), (3, 2, 4, 30)):
        with pytest.raises(ValueError, match="needs estimates"):
            error(torch.zeros(shape, dtype=DOUBLE), problems)


def test_an_oracle_that_is_told_more_does_better() -> None:
    population = Population(d=128)
    problems = population.draw(120, 1)
    assert problems.truth is not None
    told_signs = oracle.posterior_mean(problems, population, 0, sweeps=120, burn=20).mean()
    told_support = informed(problems, population, 0, 0, sweeps=120, burn=20).mean()
    by_least_squares = oracle.least_squares(problems).mean()
    assert (
        1.0
        < told_signs
        < 1.02 * told_support
        < 0.6 * by_least_squares
        < 0.2 * float(problems.truth.square().sum(1).mean())
    )


def test_what_the_best_estimator_reaches_does_not_depend_on_the_start() -> None:
    population = Population()
    ends = [oracle.state_evolution(population, start, steps=20, size=6000) for start in (28.0, 0.1)]
    assert ends[0] == pytest.approx(ends[1], rel=0.02) and 12 < ends[0] < 16
    assert oracle.state_evolution(Population(n=512), 28.0, steps=20, size=6000) < 0.6
    easy = Population(d=16, union=16, sparsity=16, n=2000)  # all is told; bounded entries are a little easier than t
    assert oracle.state_evolution(easy, 1.0, steps=10, size=6000) == pytest.approx(0.93 * 16 / 200, rel=0.05)


def test_a_sampler_for_one_entry_agrees_with_integration() -> None:
    population = Population(d=1, n=3, sparsity=1, union=1, correlation=0.0)
    problems = population.draw(40, 2, DOUBLE)
    assert problems.truth is not None
    grid = torch.cat([torch.linspace(-2, -0.5, 2001), torch.linspace(0.5, 2, 2001)]).double()
    fit = -0.5 * (problems.y[:, :, None] - problems.X * grid).square().sum(1)
    mean = (torch.softmax(fit, 1) * grid).sum(1)
    sampled = informed(problems, population, 0, 0, sweeps=1500)
    torch.testing.assert_close(sampled.mean(), (mean - problems.truth[:, 0]).square().mean(), rtol=0.08, atol=0)


TINY = Population(d=20, n=15, sparsity=3, union=8, correlation=0.3)
DRAWN = TINY.draw(4, 0)
SILENT, OTHER, NARROW = replace(TINY, noise=0.0), replace(TINY, sparsity=2), replace(TINY, union=3)
REFUSED = [
    (lambda: oracle.posterior_mean(DRAWN, TINY, 0, sweeps=50, burn=100), "burn < sweeps"),
    (lambda: oracle.posterior_mean(DRAWN, TINY, 0, sweeps=100, burn=100), "burn < sweeps"),
    (lambda: informed(DRAWN, TINY, 1, 0, sweeps=50, burn=100), "burn < sweeps"),
    (lambda: oracle.posterior_mean(SILENT.draw(3, 0), SILENT, 0), "noise > 0"),
    (lambda: informed(SILENT.draw(3, 0), SILENT, 1, 0), "noise > 0"),
    (lambda: oracle.told(Problems(DRAWN.X, DRAWN.y, DRAWN.counts, torch.zeros(4, 20))), "not zero"),
    (lambda: lists(DRAWN, OTHER, 1, 0), "must have 2 entries"),
    (lambda: lists(DRAWN, NARROW, 0, 0), "all in the first 3 columns"),
    (lambda: Problems(torch.ones(2, 3), torch.ones(2), torch.ones(2).long()), "X must be"),
    (lambda: Problems(torch.ones(2, 3, 4), torch.ones(2, 4), torch.full((2,), 3)), "y must be"),
    (lambda: Problems(torch.ones(2, 3, 4), torch.ones(2, 3), torch.ones(2)), "counts must be"),
    (lambda: Problems(torch.ones(2, 3, 4), torch.ones(2, 3), torch.tensor([0, 3])), "counts must lie"),
    (lambda: Problems(torch.ones(2, 3, 4), torch.ones(2, 3), torch.tensor([2, 3])), "must be zero"),
    (lambda: Problems(torch.ones(2, 3, 4), torch.ones(2, 3), torch.full((2,), 3), torch.ones(2, 3)), "truth must be"),
    (lambda: Problems(torch.full((2, 3, 4), torch.nan), torch.ones(2, 3), torch.full((2,), 3)), "not finite"),
    (lambda: Problems(torch.ones(2, 3, 4), torch.full((2, 3), torch.inf), torch.full((2,), 3)), "not finite"),
    (lambda: Problems(torch.ones(2, 3, 0), torch.ones(2, 3), torch.full((2,), 3)), "needs a variable"),
    (lambda: Problems(torch.ones(2, 1, 4), torch.ones(2, 1), torch.tensor([True, True])), "counts must be"),
    (lambda: padded([]), "no problem"),
    (lambda: padded([(torch.ones(2, 3), torch.ones(2)), (torch.ones(3, 3).double(), torch.ones(3).double())]), "32"),
    (lambda: padded([(torch.ones(2, 3), torch.ones(2)), (torch.ones(2, 4), torch.ones(2))]), "each problem needs"),
    (lambda: Population(sparsity=200), "sparsity <= union"),
    (lambda: Population(correlation=1.0), "correlation"),
    (lambda: Population(noise=float("nan")), "noise"),
    (lambda: Population(noise=float("inf")), "noise"),
    (lambda: Population(high=float("inf")), "high"),
    (lambda: FISTA()(ragged(), 0.0), "positive"),
    (lambda: APF()(ragged(), -1.0), "positive"),
    (lambda: ISTA()(ragged(), float("nan")), "positive"),
    (lambda: ISTA()(ragged(), torch.ones(7)), "lambda must be"),
    (lambda: ISTA()(ragged(), torch.ones(3)), "lambda must be"),
    (lambda: ISTA()(ragged(), torch.ones(30)), "lambda must be"),
    (lambda: ISTA()(ragged(), torch.ones(1, 3, 30)), "lambda must be"),
    (lambda: APF()(ragged(), torch.linspace(1, 2, 30)[None]), "one level for all"),
    (lambda: APF(phi=1.0), "ratio"),
    (lambda: ISTA(tolerance=0.0), "tolerance"),
    (lambda: FISTA(every=0), "steps >= 1"),
    (lambda: FISTA(every=-3), "steps >= 1"),
    (lambda: FixedStep(0.0), "step size"),
    (lambda: FixedStep(-1.0), "step size"),
    (lambda: FixedStep(float("nan")), "step size"),
    (lambda: AfterSteps(0), "K >= 1"),
    (lambda: LineSearch(-1.0), "smallest L"),
    (lambda: Stationary(fraction=-1.0), "fraction"),
    (lambda: FISTA(Logistic())(ragged(), 0.1), "answers 0 and 1"),
]


@pytest.mark.parametrize(("build", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_bad_input_is_refused(build: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build()  # type: ignore[operator]
