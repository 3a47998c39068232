"""What is possible at the printed size: the Bayes error of someone who is told short lists of candidates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from duality.book.figures import Experiment, short
from duality.ensemble.threads import one_thread
from duality.sparse.decoys import informed
from duality.sparse.plots.informed import bayes
from duality.sparse.problem import Population

SEED = 7400


def pieces(samples: Sequence[int], decoys: Sequence[int], count: int, sweeps: int) -> list[dict[str, Any]]:
    """One piece per number of samples and of decoys."""
    return [{"n": n, "decoys": number, "count": count, "sweeps": sweeps} for n in samples for number in decoys]


@one_thread()
def measure(n: int, decoys: int, count: int, sweeps: int) -> list[dict[str, Any]]:
    """The squared errors of `count` problems: their mean, its standard error, and the mean of their roots."""
    population = Population(d=128, n=n)  # columns outside the union would be told to be zero anyway
    squares = informed(population.draw(count, SEED + n), population, decoys, SEED, sweeps=sweeps, burn=sweeps // 5)
    row = {"n": n, "decoys": decoys, "count": count, "sweeps": sweeps, "square": short(squares.mean(), 5)}
    return [row | {"deviation": short(squares.std() / count**0.5, 3), "norm": short(squares.sqrt().mean(), 5)}]


INFORMED = Experiment(
    id="sparse-informed",
    title="What someone reaches who is told short lists of candidates",
    claims=("plisa-published-error",),
    pieces=lambda small, large: [*pieces(**small), *pieces(**large)],
    measure=measure,
    plot=bayes,
    quick={
        "small": {"samples": [64], "decoys": [0, 1], "count": 100, "sweeps": 100},
        "large": {"samples": [], "decoys": [], "count": 0, "sweeps": 0},
    },
    full={
        "small": {"samples": [64], "decoys": [0, 1], "count": 100, "sweeps": 100},
        "large": {"samples": [64, 128, 256], "decoys": [0, 1, 3, 7], "count": 200, "sweeps": 500},
    },
    keys=("n", "decoys", "count", "sweeps"),
    value="square",
    band=0.02,
    alt=(
        "The mean squared error of the best estimate against the number of candidates per entry, one curve for 64, 128 "
        "and 256 samples, and a horizontal line at the published error squared. For 64 samples the curve starts below "
        "the line, where the support is told, and leaves it with the first wrong candidates."
    ),
)
