"""The generalization gap against training time: one optimizer, measured on the way, nothing picked afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from duality.book.figures import Experiment, short
from duality.book.workers import cores
from duality.ensemble import Schedule, fused_engine, train
from duality.hybrid.experiments.grid import BATCH, SAMPLES, SEEDS, grid, problem
from duality.hybrid.experiments.selection import DIGITS, outside
from duality.hybrid.plots.time import over_time

RATE = 1e-3


def pieces(
    widths: Sequence[int], ks: Sequence[int], seeds: Sequence[int], evaluate: Sequence[int]
) -> list[dict[str, Any]]:
    """One piece per width and seed."""
    return [
        {"width": width, "seed": seed, "ks": list(ks), "evaluate": list(evaluate)} for width in widths for seed in seeds
    ]


def measure(
    width: int, seed: int, ks: list[int], evaluate: list[int], scratch: Path | None = None
) -> list[dict[str, Any]]:
    """Losses on the training set, on all points, and on the points outside the training set, at every time."""
    table = grid("printed", ("GD", "NAG"), ks, [seed], ("Adam",))
    table = table[table["rate"] == RATE]
    engine = fused_engine(problem("sigmoid", width))
    schedule = Schedule(evaluate[-1], BATCH, 0.0, tuple(evaluate))
    found = train(engine, table, schedule, threads=cores(), scratch=scratch)
    found["outside_loss"] = outside(found, SAMPLES / engine.architecture.points)
    keys, values = ["algorithm", "k", "steps"], ["train_loss", "loss", "outside_loss"]
    rows = found[keys + values].to_dict("records")
    return [{"width": width, "seed": seed} | row | {name: short(row[name], DIGITS) for name in values} for row in rows]


def times(steps: int, per_decade: int = 4) -> list[int]:
    """Numbers of steps from 10 to `steps`, evenly spaced in the logarithm."""
    count, last = 0, [10]
    while last[-1] < steps:
        count += 1
        last.append(min(steps, round(10 ** (1 + count / per_decade))))
    return last


OVER_TIME = Experiment(
    id="hybrid-time",
    title="The generalization gap against training time",
    claims=("fig-gap",),
    pieces=pieces,
    measure=measure,
    plot=over_time,
    quick={"widths": [0, 16, 32], "ks": [5, 20], "seeds": list(SEEDS[:2]), "evaluate": times(1_000)},
    full={"widths": [0, 16, 32], "ks": [2, 5, 10, 20], "seeds": list(SEEDS[:10]), "evaluate": times(100_000)},
    keys=("width", "seed", "algorithm", "k", "steps"),
    value="train_loss",
    band=0.02,
    alt=(
        "Three panels for widths 0, 16 and 32: the generalization gap of models with 5 and 20 steps of GD and NAG "
        "against the number of optimizer steps, on logarithmic time."
    ),
    scratch=True,
)
