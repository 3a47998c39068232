"""Training: it learns, selects, keeps to its budget, comes back from divergence, and resumes to the last bit."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import torch
from torch import Tensor

from duality.sparse import training
from duality.sparse.fingerprint import fingerprint
from duality.sparse.losses import LeastSquares, Logistic
from duality.sparse.models.alista import ALISTA
from duality.sparse.models.learned import Learned
from duality.sparse.models.levels import Signed
from duality.sparse.models.lista import lista
from duality.sparse.models.lstm import rnn
from duality.sparse.models.plisa import plisa, plisa_l1, plisa_shared
from duality.sparse.objectives import HeldOut, Recovery, Tasks, tempered, weighted
from duality.sparse.penalties import MCP
from duality.sparse.problem import Population, Problems, error
from duality.sparse.search import grid_search
from duality.sparse.solvers.fista import FISTA
from duality.sparse.training import Recipe, train
from duality.sparse.unroll import Plain

POPULATION = Population(d=40, n=30, sparsity=4, union=12, correlation=0.3)
TRAINING, VALIDATION = POPULATION.draw(60, 1), POPULATION.draw(20, 2)
RECIPE = Recipe(epochs=6, batch=10, rate=0.05)


def parameters(model: Learned) -> list[Tensor]:
    return [value.detach().clone() for value in model.parameters()]


@pytest.mark.parametrize("build", [plisa, plisa_shared, plisa_l1], ids=lambda each: each.__name__)
def test_training_lowers_the_error_on_new_problems(build: object) -> None:
    model = build(40, 6, 10, 0.1)  # type: ignore[operator]
    testing = POPULATION.draw(50, 3)
    before = error(model.solve(testing), testing).square().mean()
    found = train(model, Recovery(), TRAINING, VALIDATION, RECIPE)
    after = error(model.solve(testing), testing).square().mean()
    assert after < 0.9 * before and found.finished
    record = found.record
    assert list(record.columns) == ["epoch", "seconds", "train", "loss", "validation", "rate", "diverged"]
    assert record["epoch"].tolist() == [1, 2, 3, 4, 5, 6] and record["rate"].is_monotonic_decreasing
    assert found.best_epoch == int(record.loc[record["validation"].idxmin(), "epoch"])
    last = Recovery().costs(model(VALIDATION).detach(), VALIDATION)[:, -1].mean()
    assert float(last) == pytest.approx(record["validation"].min(), rel=1e-5)


def test_entry_wise_levels_beat_a_shared_one() -> None:
    wide, costs = Population(d=160, n=30, sparsity=6, union=16, correlation=0.0), {}
    for build in (plisa, plisa_shared):
        recipe = Recipe(epochs=12, batch=10, rate=0.05)
        record = train(build(160, 6, 10, 0.1), Recovery(), wide.draw(60, 1), wide.draw(20, 2), recipe).record
        costs[build.__name__] = record["validation"].min()
    assert costs["plisa"] < 0.8 * costs["plisa_shared"], costs


def test_the_same_seed_gives_the_same_model_and_another_does_not() -> None:
    found = []
    for seed in (0, 0, 1):
        model = plisa(40, 3, 5, 0.1)
        train(model, Recovery(), TRAINING, None, Recipe(epochs=2, batch=10, seed=seed))
        found.append(torch.cat([value.ravel() for value in parameters(model)]))
    assert bool((found[0] == found[1]).all()) and not bool((found[0] == found[2]).all())


def test_an_interrupted_training_goes_on_to_the_same_bits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "SECONDS", -1.0)  # save after every epoch
    whole = plisa(40, 3, 5, 0.1)
    wanted = train(whole, Recovery(), TRAINING, VALIDATION, RECIPE)

    class Killed(Exception):
        pass

    def die(done: int) -> None:
        counted.append(done)
        if len(counted) == 4:
            raise Killed

    for place in (tmp_path / "killed", tmp_path / "unkilled"):
        counted: list[int] = []
        if place.name == "killed":
            with pytest.raises(Killed):
                train(plisa(40, 3, 5, 0.1), Recovery(), TRAINING, VALIDATION, RECIPE, folder=place, progress=die)
        again, told = plisa(40, 3, 5, 0.1), list[int]()
        found = train(again, Recovery(), TRAINING, VALIDATION, RECIPE, folder=place, progress=told.append)
        assert sum(told) == 6 and told[0] == (2 if place.name == "killed" else 0)
        assert all(bool((a == b).all()) for a, b in zip(parameters(again), parameters(whole), strict=True))
        same = [name for name in wanted.record if name != "seconds"]
        pd.testing.assert_frame_equal(found.record[same], wanted.record[same], check_exact=True)
    other = train(plisa(40, 3, 5, 0.1), Recovery(), TRAINING, VALIDATION, Recipe(2, 10), folder=tmp_path / "killed")
    assert len(other.record) == 2  # another recipe does not go on with that work


def fingerprints() -> list[str]:
    """Of trainings of which no two are the same."""
    X, y, counts, truth = (getattr(TRAINING, name) for name in ("X", "y", "counts", "truth"))
    louder, other = Problems(2 * X, y, counts, truth), Problems(X, y, counts, -truth)
    settings = [{"K": 50}, {"T": 30}, {"a": 20.0}, {"b": 20.0}, {"start": Signed()}, {"way": Plain()}]
    settings += [{"loss": Logistic()}, {"ratio": 0.8}, {"target": 0.2}, {}]
    models: list[Learned] = [plisa(**({"d": 40, "T": 3, "K": 2, "alpha": 0.1} | given)) for given in settings]
    models += [rnn(40, 3), rnn(40, 30), ALISTA(40, 9), ALISTA(40, 9, share=0.03), ALISTA(40, 9, share=0.03, most=0.1)]
    frozen = plisa(40, 3, 2, 0.1)
    frozen.log_alpha.requires_grad_(False)
    found = [fingerprint(model, Recovery(), RECIPE, TRAINING, None) for model in [*models, frozen]]
    model = plisa(40, 3, 2, 0.1)
    found += [fingerprint(model, Recovery(), RECIPE, part, None) for part in (louder, other, TRAINING[:50])]
    found += [fingerprint(model, Recovery(), RECIPE, TRAINING, part) for part in (TRAINING, VALIDATION)]
    tasks = (Tasks(TRAINING, TRAINING), Tasks(TRAINING, louder))
    found += [fingerprint(model, HeldOut(), RECIPE, part, None) for part in tasks]
    found.append(fingerprint(model, HeldOut(Logistic()), RECIPE, tasks[0], None))
    return [*found, fingerprint(model, Recovery(), Recipe(epochs=7, batch=10), TRAINING, None)]


def test_unfinished_work_is_known_by_all_it_depends_on_in_every_process() -> None:
    found = fingerprints()
    assert len(set(found)) == len(found)
    code = "import runpy, sys; print(*runpy.run_path(sys.argv[1])['fingerprints']())"
    other = subprocess.run([sys.executable, "-c", code, __file__], check=True, capture_output=True, text=True)
    assert other.stdout.split() == found


def test_an_unsupervised_training_is_resumed(tmp_path: Path) -> None:
    tasks = Tasks(TRAINING, TRAINING)
    for _ in range(2):
        found = train(plisa(40, 3, 5, 0.05), HeldOut(LeastSquares()), tasks, None, RECIPE, folder=tmp_path)
        assert len(list(tmp_path.iterdir())) == 1
    assert found.finished
    train(plisa(40, 3, 6, 0.05), HeldOut(), tasks, None, RECIPE, folder=tmp_path)
    assert len(list(tmp_path.iterdir())) == 2  # another depth does not go on with that work


def test_a_problem_on_which_zero_is_right_spoils_no_batch() -> None:
    truth = TRAINING.truth.clone()  # type: ignore[union-attr]
    truth[0] = 0
    easy = Problems(TRAINING.X, TRAINING.y, TRAINING.counts, truth)
    record = train(plisa(40, 3, 5, 0.1), Recovery(), easy, easy, Recipe(epochs=6, batch=10)).record
    assert not record["diverged"].any()


def test_the_budget_ends_a_training_between_epochs() -> None:
    found = train(plisa(40, 3, 5, 0.1), Recovery(), TRAINING, VALIDATION, RECIPE, budget=1e-9)
    assert len(found.record) == 1 and not found.finished and found.seconds > 0


@pytest.mark.parametrize("model", [plisa(40, 6, 10, 10.0), ALISTA(40, 12, step=50.0)], ids=["plisa", "alista"])
def test_steps_that_are_too_long_are_shortened(model: Learned) -> None:
    before = model.log_steps()[0].detach().clone()
    found = train(model, Recovery(), TRAINING, VALIDATION, Recipe(epochs=25, batch=10, rate=0.02, retreat=0.7))
    assert found.record["diverged"].iloc[0] > 0 == found.record["diverged"].iloc[-1]
    assert bool((model.log_steps()[0].detach() < before).any())
    assert found.record["validation"].iloc[-1] < float(Recovery().at_zero(VALIDATION).mean())


def test_steps_stay_below_the_longest() -> None:
    model = plisa(40, 6, 10, 0.1)
    train(model, Recovery(), TRAINING, VALIDATION, Recipe(epochs=5, batch=10, rate=0.1, longest=0.05))
    assert float(model.alpha.detach()) <= 0.05 * (1 + 1e-6)


def test_a_model_without_step_sizes_goes_back_and_learns_slower() -> None:
    found = train(lista(40, 8, 0.1), Recovery(), TRAINING, VALIDATION, Recipe(epochs=8, batch=10, rate=3.0))
    assert found.record["diverged"].sum() > 0 and math.isfinite(found.record["validation"].min())


def test_a_method_that_never_converges_is_an_error() -> None:
    with pytest.raises(ArithmeticError, match="diverged"):
        train(plisa(40, 10, 50, 1e4), Recovery(), TRAINING, VALIDATION, Recipe(epochs=1))


def test_unsupervised_training_lowers_the_loss_on_held_out_samples() -> None:
    def halves(problems: Problems) -> Tasks:
        count = torch.full((len(problems),), 15)
        return Tasks(
            *(Problems(problems.X[:, half], problems.y[:, half], count) for half in (slice(15), slice(15, 30)))
        )

    tasks, testing = halves(TRAINING), halves(VALIDATION)
    model = plisa(40, 6, 10, 0.05)
    before = HeldOut().costs(model(testing.given), testing)[:, -1].mean()
    train(model, HeldOut(), tasks, testing, RECIPE)
    assert HeldOut().costs(model(testing.given), testing)[:, -1].mean() < 0.9 * before


def test_weights_of_intermediate_estimates() -> None:
    costs = torch.tensor([[4.0, 2.0, 1.0]])
    assert weighted(costs, 0.5).tolist() == [3.0] and weighted(costs, 0.0).tolist() == [1.0]
    hot = tempered(torch.tensor([[1.0, 2.0, 2.0 * math.e]]), torch.tensor([[2.0]]))
    torch.testing.assert_close(hot, torch.tensor([[1.0, 2.0, 4.0]]))


def test_grid_search_takes_the_best_on_validation_problems() -> None:
    costs = {
        lam: float(error(FISTA(tolerance=1e-3)(VALIDATION, lam).beta, VALIDATION).square().mean())
        for lam in (0.05, 0.2, 1.0)
    }
    found = grid_search(
        lambda lam, tolerance: lambda problems: FISTA(tolerance=tolerance)(problems, lam).beta,
        {"lam": [0.05, 0.2, 1.0], "tolerance": [1e-3]},
        Recovery(),
        VALIDATION,
    )
    assert found.best == {"lam": min(costs, key=lambda lam: costs[lam]), "tolerance": 1e-3}
    assert found.record["cost"].tolist() == pytest.approx(list(costs.values()))
    assert (found.record["seconds"] > 0).all()
    for grid, problems in (({"lam": [0.1], "b": []}, VALIDATION), ({"lam": [0.1]}, VALIDATION[:0])):
        with pytest.raises(ValueError, match="there is no"):
            grid_search(lambda lam: lambda given: FISTA()(given, lam).beta, grid, Recovery(), problems)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="b > 1"):
        grid_search(
            lambda b: lambda problems: MCP(b).concave(problems.y, problems.y), {"b": [0.5]}, Recovery(), VALIDATION
        )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"epochs": 0}, "epochs"),
        ({"epochs": 1, "batch": 0}, "batch"),
        ({"epochs": 1, "rate": 0.0}, "rate"),
        ({"epochs": 1, "rate": float("nan")}, "rate"),
        ({"epochs": 1, "gamma": 1.5}, "gamma"),
        ({"epochs": 1, "retreat": 1.0}, "retreat"),
        ({"epochs": 1, "longest": 0.0}, "longest"),
    ],
)
def test_recipes_without_meaning_are_refused(given: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Recipe(**given)  # type: ignore[arg-type]


def test_training_needs_problems_with_truths() -> None:
    blind = Problems(TRAINING.X, TRAINING.y, TRAINING.counts)
    with pytest.raises(ValueError, match="known truth"):
        train(plisa(40, 3, 5, 0.1), Recovery(), blind, None, RECIPE)
    with pytest.raises(ValueError, match="no problem"):
        train(plisa(40, 3, 5, 0.1), Recovery(), TRAINING[:0], None, RECIPE)
    with pytest.raises(ValueError, match="no problem to validate on"):
        train(plisa(40, 3, 5, 0.1), Recovery(), TRAINING, VALIDATION[:0], RECIPE)
    for budget in (0.0, -1.0, math.nan):
        with pytest.raises(ValueError, match="budget"):
            train(plisa(40, 3, 5, 0.1), Recovery(), TRAINING, None, RECIPE, budget=budget)
    for shape in ((1, 2, 40), (60, 2, 1), (60, 40)):
        with pytest.raises(ValueError, match="needs estimates"):
            Recovery().costs(torch.zeros(shape), TRAINING)
        with pytest.raises(ValueError, match="needs estimates"):
            HeldOut().costs(torch.zeros(shape), Tasks(TRAINING, TRAINING))
    with pytest.raises(ValueError, match="same problems"):
        Tasks(TRAINING, VALIDATION)
