"""The generalization gap of PLISA for growing K T (T Fig 7.5), in two settings.

As in the source no validation problems select a model. Printed are 2,000 training problems; sixty make the gap
larger than its noise. Step sizes stay at most 1 / rho_+ of the training problems, which is condition (i) of T Lemma
7.5.1. The source does not say what its two settings are. With its correlation of 0.9 such steps need more layers than
fit here to come anywhere; the two have correlation 0.5 and none, 8 of 64 entries of the union not zero, and d = 128.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from duality.book.figures import Experiment, short
from duality.ensemble.threads import one_thread
from duality.sparse.experiments.convergence import capped
from duality.sparse.losses import LeastSquares
from duality.sparse.models import Largest, plisa
from duality.sparse.objectives import Recovery
from duality.sparse.plots.gap import gap
from duality.sparse.problem import Population, Problems, error
from duality.sparse.training import Recipe, train

SETTINGS: Mapping[str, Population] = {
    "correlation 0.5": Population(d=128, correlation=0.5, union=64, sparsity=8),
    "uncorrelated": Population(d=128, correlation=0.0, union=64, sparsity=8),
}
DEPTHS = ((1, 1), (1, 2), (1, 4), (2, 4), (4, 4), (4, 8), (8, 8), (16, 8), (32, 8), (32, 16), (64, 16), (64, 32))
FIRST = 7600  # of the seeds of the problems
TARGET, DOWN = 0.1, 0.02  # of the levels: the target, and how far the last is below the first


def pieces(
    settings: Sequence[str], depths: Sequence[Sequence[int]], seeds: int, m: int, epochs: int, testing: int
) -> list[dict[str, Any]]:
    """One piece per setting, depth (K, T) and seed. Raises `ValueError` for an unknown setting."""
    if unknown := set(settings) - set(SETTINGS):
        raise ValueError(f"unknown settings: {sorted(unknown)}; there are {', '.join(SETTINGS)}")
    sizes = {"m": m, "epochs": epochs, "testing": testing}
    return [
        {"setting": setting, "K": K, "T": T, "seed": seed} | sizes
        for setting in settings
        for K, T in depths
        for seed in range(seeds)
    ]


@one_thread()
def measure(setting: str, K: int, T: int, seed: int, m: int, epochs: int, testing: int) -> list[dict[str, Any]]:
    """Mean squared errors on the training problems and on new ones, after training."""
    population = SETTINGS[setting]
    known, new = population.draw(m, FIRST + 2 * seed), population.draw(testing, FIRST + 1 + 2 * seed)
    longest = 1 / float(LeastSquares().smoothness(known).max())
    model = plisa(population.d, T, K, longest, start=Largest(), ratio=DOWN ** (1 / T), target=TARGET, a=20.0, b=20.0)
    recipe = Recipe(epochs, batch=10, rate=0.1, gamma=0.0, seed=seed, longest=longest, factors={"log_alpha": 0.5})
    train(model, Recovery(), known, None, recipe)
    errors = {name: _squares(model.solve(part), part) for name, part in (("train", known), ("test", new))}
    means = {name: short(value.mean(), 6) for name, value in errors.items()}
    return [{"setting": setting, "K": K, "T": T, "layers": K * T, "seed": seed, "m": m} | means]


def _squares(beta: Tensor, problems: Problems) -> Tensor:
    return capped(error(beta, problems)).square()


SIZES = {"m": 60, "epochs": 12, "testing": 100}
GAP = Experiment(
    id="sparse-gap",
    title="The generalization gap of PLISA against its depth",
    claims=("fig-plisa-gap",),
    pieces=pieces,
    measure=measure,
    plot=gap,
    quick={"settings": list(SETTINGS), "depths": [(1, 4), (8, 8)], "seeds": 1} | SIZES,
    full={"settings": list(SETTINGS), "depths": DEPTHS, "seeds": 20} | SIZES,
    keys=("setting", "K", "T", "seed"),
    value="test",
    band=0.05,
    alt=(
        "Two columns, correlation 0.5 and none, against the number of layers on a "
        "logarithmic axis: mean squared errors on training and on new problems above, their difference below, a thin "
        "line per seed and their mean."
    ),
)
