"""RNN against GD and NAG where the energies are given (R Fig 6): all of them trained, the best one reported."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from duality.book.figures import Experiment
from duality.book.workers import cores
from duality.ensemble import Schedule, fused_engine, models, train
from duality.ensemble.given import LearnedStep, Recurrent
from duality.ensemble.program import Architecture
from duality.hybrid.experiments.grid import BATCH, KS, LIMITS, RATES, SAMPLES, SEEDS, SMALLEST_STEP
from duality.hybrid.experiments.selection import best
from duality.hybrid.plots.rnn import rnn
from duality.hybrid.problem import PRINTED, energies

MEASURES = ("train_loss", "loss", "loss_square", "step_size")


@lru_cache(maxsize=2)
def _architecture(algorithm: str) -> Architecture:
    problems = energies()
    return Recurrent(problems, SAMPLES) if algorithm == "RNN" else LearnedStep(problems, SAMPLES, float(PRINTED.mu))


def pieces(
    ks: Sequence[int], seeds: Sequence[int], evaluate: Sequence[int], report: Sequence[int]
) -> list[dict[str, Any]]:
    """One piece per algorithm and seed."""
    common = {"ks": list(ks), "evaluate": list(evaluate), "report": list(report)}
    return [common | {"algorithm": name, "seed": seed} for name in ("GD", "NAG", "RNN") for seed in seeds]


def measure(
    algorithm: str, ks: list[int], seed: int, evaluate: list[int], report: list[int], scratch: Path | None = None
) -> list[dict[str, Any]]:
    """The best model for each k and number of optimizer steps in `report`."""
    table = models(
        algorithm=[algorithm], k=ks, optimizer=["Adam", "SGD"], rate=list(RATES), seed=[seed],
        step=[1 / float(PRINTED.L)], step_low=[SMALLEST_STEP], step_high=[LIMITS.get(algorithm, LIMITS["GD"])],
    )  # fmt: skip
    engine = fused_engine(_architecture(algorithm))
    found = train(engine, table, Schedule(evaluate[-1], BATCH, 0.0, tuple(evaluate)), threads=cores(), scratch=scratch)
    rows = []
    for steps in report:
        for k, tried in found[found["steps"] <= steps].groupby("k"):
            key = {"algorithm": algorithm, "k": k, "seed": seed, "steps": steps}
            rows.append(key | best(tried, MEASURES, SAMPLES / engine.architecture.points))
    return rows


EVALUATE = (500, 1_000, 2_000, 5_000)
RNN = Experiment(
    id="hybrid-rnn",
    title="RNN against GD and NAG on given energies: 10,200 models, 5,000 steps each",
    claims=("fig-rnn",),
    pieces=pieces,
    measure=measure,
    plot=rnn,
    quick={"ks": [2, 5], "seeds": list(SEEDS[:3]), "evaluate": [500], "report": [500]},
    full={"ks": list(KS), "seeds": list(SEEDS), "evaluate": list(EVALUATE), "report": [500, 5_000]},
    keys=("algorithm", "k", "seed", "steps"),
    value="train_loss",
    band=0.05,
    alt=(
        "Two panels against k for the RNN, GD and NAG, trained on given energies: the training error and the "
        "generalization gap, each a mean over twenty seeds with its interval."
    ),
    scratch=True,
)
