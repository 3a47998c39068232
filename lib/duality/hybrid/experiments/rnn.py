"""RNN against GD and NAG where the energies are given (R Fig 6): all of them trained, the best one reported."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch

from duality.book.figures import Experiment
from duality.ensemble import Schedule, TensorProgram, models, train
from duality.ensemble.program import Architecture
from duality.hybrid.experiments.grid import BATCH, KS, LIMITS, RATES, SAMPLES, SEEDS, SMALLEST_STEP
from duality.hybrid.experiments.selection import best
from duality.hybrid.learned import LearnedStep, Recurrent, energies
from duality.hybrid.plots.rnn import rnn
from duality.hybrid.problem import PRINTED

MEASURES = ("train_loss", "loss", "loss_square", "step_size")


@lru_cache(maxsize=2)
def _architecture(algorithm: str) -> Architecture:
    problems = energies()
    return Recurrent(problems, SAMPLES) if algorithm == "RNN" else LearnedStep(problems, SAMPLES)


def pieces(
    ks: Sequence[int], seeds: Sequence[int], evaluate: Sequence[int], report: Sequence[int], together: int
) -> list[dict[str, Any]]:
    """One piece per algorithm and `together` numbers of steps k."""
    common = {"seeds": list(seeds), "evaluate": list(evaluate), "report": list(report)}
    parts = [list(ks[at : at + together]) for at in range(0, len(ks), together)]
    return [common | {"algorithm": name, "ks": part} for name in ("GD", "NAG", "RNN") for part in parts]


def measure(
    algorithm: str, ks: list[int], seeds: list[int], evaluate: list[int], report: list[int], scratch: Path | None = None
) -> list[dict[str, Any]]:
    """The best model for each k, seed and number of optimizer steps in `report`."""
    table = models(
        algorithm=[algorithm], k=ks, optimizer=["Adam", "SGD"], rate=list(RATES), seed=seeds,
        step=[1 / float(PRINTED.L)], step_low=[SMALLEST_STEP], step_high=[LIMITS.get(algorithm, LIMITS["GD"])],
    )  # fmt: skip
    on_card = torch.cuda.is_available()
    engine = TensorProgram(
        _architecture(algorithm), torch.device("cuda" if on_card else "cpu"), width=4096 if on_card else 200
    )
    found = train(engine, table, Schedule(evaluate[-1], BATCH, 0.0, tuple(evaluate)), scratch=scratch)
    rows = []
    for steps in report:
        for (k, seed), tried in found[found["steps"] <= steps].groupby(["k", "seed"]):
            key = {"algorithm": algorithm, "k": k, "seed": seed, "steps": steps}
            rows.append(key | best(tried, MEASURES, SAMPLES / engine.architecture.points))
    return rows


EVALUATE = (500, 1_000, 2_000, 5_000, 10_000)
RNN = Experiment(
    id="hybrid-rnn",
    title="RNN against GD and NAG on given energies: 10,200 models, 10,000 steps each",
    claims=("fig-rnn",),
    pieces=pieces,
    measure=measure,
    plot=rnn,
    quick={"ks": [2, 5], "seeds": list(SEEDS[:3]), "evaluate": [500], "report": [500], "together": 1},
    full={"ks": list(KS), "seeds": list(SEEDS), "evaluate": list(EVALUATE), "report": [500, 10_000], "together": 17},
    keys=("algorithm", "k", "seed", "steps"),
    value="train_loss",
    band=0.05,
    alt=(
        "Two panels against k for the RNN, GD and NAG, trained on given energies: the training error and the "
        "generalization gap, each a mean over twenty seeds with its interval."
    ),
    scratch=True,
)
