"""Hybrid models with unrolled layers, with folded ones, and with layers that are folded before they have converged."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from duality.book.figures import Experiment, short
from duality.folding.hybrid_models import (
    MAPS,
    Output,
    everything,
    fit,
    folded,
    measures,
    start,
    too_early,
    training_data,
    unrolled,
)
from duality.folding.plots.hybrid import hybrid
from duality.hybrid.problem import Population, population

POINTS, SAMPLES, WIDTH, RATE = 10_000, 100, 16, 1e-2
CONVERGED = 0  # the k of a folded model
WAYS = ("unrolled", "folded", "too early")


@lru_cache
def problem() -> Population:
    """The printed population."""
    return population(POINTS)


def model(way: str, method: str, k: int) -> Output:
    """What a model of one of the three ways returns. Raises `ValueError` for an unknown way."""
    if way not in WAYS:
        raise ValueError(f"way = {way!r} is unknown; take one of: {', '.join(WAYS)}")
    if way == "folded":
        return folded(method)
    return unrolled(method, k) if way == "unrolled" else too_early(method, k)


def pieces(
    depths: dict[str, Sequence[int]], early: Sequence[int], seeds: Sequence[int], report: Sequence[int]
) -> list[dict[str, Any]]:
    """One piece per way, method and k, all seeds together; `depths` are the k of unrolled models of each method."""
    if unknown := set(depths) - set(MAPS):
        raise ValueError(f"unknown methods {sorted(unknown)}; take some of: {', '.join(MAPS)}")
    wanted = [("unrolled", method, k) for method, ks in depths.items() for k in ks]
    wanted += [("folded", method, CONVERGED) for method in depths]
    wanted += [("too early", method, k) for method in depths for k in early]
    return [
        {"way": way, "method": method, "k": k, "seeds": list(seeds), "report": list(report)}
        for way, method, k in wanted
    ]


def measure(way: str, method: str, k: int, seeds: list[int], report: list[int]) -> list[dict[str, Any]]:
    """Losses on the sample and on the population and the error of the energy, per seed and number of steps."""
    output, data, whole = model(way, method, k), training_data(problem(), seeds, SAMPLES), everything(problem())
    rows = []
    for steps, weights in zip(report, fit(output, start(WIDTH, seeds), data, report, RATE), strict=True):
        found = measures(output, weights, data, whole)
        for number, seed in enumerate(seeds):
            values = {name: short(value[number], 6) for name, value in found.items()}
            rows.append({"way": way, "method": method, "k": k, "seed": seed, "steps": steps} | values)
    return rows


SEEDS = tuple(range(20))
HYBRID = Experiment(
    id="folding-hybrid",
    title="Hybrid models, unrolled and folded",
    claims=("folded-hybrid-same-optimum", "folded-hybrid-too-early"),
    pieces=pieces,
    measure=measure,
    plot=hybrid,
    quick={"depths": {"GD": [2, 10], "NAG": [2, 10]}, "early": [2, 10], "seeds": list(SEEDS[:4]), "report": [50]},
    full={
        "depths": {"GD": [1, 2, 5, 10, 20, 40, 160], "NAG": [1, 2, 5, 10, 20, 40]},
        "early": [1, 2, 5, 10, 20],
        "seeds": list(SEEDS),
        "report": [50, 1000, 3000],
    },
    keys=("way", "method", "k", "seed", "steps"),
    value="train_loss",
    band=0.02,
    alt=(
        "Four panels against the number of steps k. The training error of unrolled gradient descent and Nesterov falls "
        "to the level of the folded model, which is the same for both, and folding too early does not change it. The "
        "error of the energy falls to its level, too, and is larger where a layer is folded too early. The gap rises "
        "up to ten steps and stays near the level of the folded model. In the last panel the repaired bounds of both "
        "methods rise, fall again for the large sample, and end at one common value."
    ),
)
