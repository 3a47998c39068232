"""The printed training experiment (R sec. 7.1 and app. E): every model of the grid, trained to the end.

One model per algorithm, number of steps k, width of the network, optimizer, rate and seed. For each of the first four
the best optimizer, rate and time of measuring are picked by the training loss, as printed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from duality.book.figures import Experiment
from duality.book.workers import cores
from duality.ensemble import Schedule, Spectral, fused_engine, models, train
from duality.hybrid.experiments.selection import best
from duality.hybrid.plots.grid import gaps, training
from duality.hybrid.problem import PRINTED, population
from duality.quadratic.problem import gd_step_limit, nag_step_limit

KS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 20, 25, 30)
RATES = (1e-2, 5e-3, 1e-3, 5e-4, 1e-4)
SEEDS = tuple(range(100, 120))
SAMPLES, BATCH = 100, 50
SMALLEST_STEP = 0.1  # c_0 of the range that a learned step size is kept in
LIMITS = {"GD": gd_step_limit(PRINTED.mu, PRINTED.L), "NAG": nag_step_limit(PRINTED.mu, PRINTED.L)}

# printed: sigmoid eigenvalues, learned step size. released: the authors' code. fixed: printed, but for the step size.
VARIANTS: Mapping[str, Mapping[str, Any]] = {
    "printed": {"squash": "sigmoid", "learned": True, "rates": RATES, "decay": 0.0},
    "fixed": {"squash": "sigmoid", "learned": False, "rates": RATES, "decay": 0.0},
    "released": {"squash": "softmax", "learned": False, "rates": (1e-2, 1e-3, 5e-4, 1e-4), "decay": 1e-4},
}
MEASURES = ("train_loss", "loss", "loss_square", "q_error", "q_error_square", "q_error_spectral", "step_size")


@lru_cache(maxsize=4)
def problem(squash: str, width: int) -> Spectral:
    """The printed problem with a network of the given width."""
    data = population(squash=squash)
    return Spectral(data.z, data.U, data.b, data.lam, width, SAMPLES, squash)


def grid(
    variant: str, algorithms: Sequence[str], ks: Sequence[int], seeds: Sequence[int], optimizers: Sequence[str]
) -> pd.DataFrame:
    """The models of a variant; a step size that is not learned stays at 1/L, where a learned one starts."""
    setting, start = VARIANTS[variant], 1 / float(PRINTED.L)
    tables = [
        models(
            algorithm=[name], k=list(ks), optimizer=list(optimizers), rate=list(setting["rates"]), seed=list(seeds),
            step=[start], step_low=[SMALLEST_STEP if setting["learned"] else start],
            step_high=[LIMITS[name] if setting["learned"] else start],
        )
        for name in algorithms
    ]  # fmt: skip
    return pd.concat(tables, ignore_index=True)


def pieces(
    variant: str, widths: Sequence[int], ks: Sequence[int], seeds: Sequence[int], evaluate: Sequence[int],
    report: Sequence[int],
) -> list[dict[str, Any]]:  # fmt: skip
    """One piece per width and seed. `evaluate` are the numbers of steps at which models are measured, `report` those
    up to which the best one is looked for.

    Raises `ValueError` for an unknown variant or numbers of steps that do not fit together.
    """
    if variant not in VARIANTS:
        raise ValueError(f"variant = {variant!r} is unknown; take one of: {', '.join(VARIANTS)}")
    if not set(report) <= set(evaluate):
        raise ValueError(f"report = {list(report)} must be among evaluate = {list(evaluate)}")
    common = {"variant": variant, "ks": list(ks), "evaluate": list(evaluate), "report": list(report)}
    return [common | {"width": width, "seed": seed} for width in widths for seed in seeds]


def measure(
    variant: str, width: int, seed: int, ks: list[int], evaluate: list[int], report: list[int],
    scratch: Path | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    """The best model for each algorithm, k and number of steps in `report`."""
    setting = VARIANTS[variant]
    table = grid(variant, ("GD", "NAG"), ks, [seed], ("Adam", "SGD"))
    schedule = Schedule(evaluate[-1], BATCH, setting["decay"], tuple(evaluate))
    engine = fused_engine(problem(setting["squash"], width))
    found = train(engine, table, schedule, threads=cores(), scratch=scratch)
    rows = []
    for steps in report:
        for (algorithm, k), tried in found[found["steps"] <= steps].groupby(["algorithm", "k"]):
            key = {"variant": variant, "width": width, "seed": seed, "algorithm": algorithm, "k": k, "steps": steps}
            rows.append(key | best(tried, MEASURES, SAMPLES / problem(setting["squash"], width).points))
    return rows


EVALUATE = (1_000, 2_000, 5_000, *range(10_000, 100_001, 10_000))
QUICK: dict[str, Any] = {
    "variant": "printed", "widths": [0, 16, 32], "ks": [1, 2, 5, 10, 20, 30], "seeds": list(SEEDS[:4]),
    "evaluate": [1_000], "report": [1_000],
}  # fmt: skip
FULL: dict[str, Any] = {
    "variant": "printed", "widths": [0, 16, 32], "ks": list(KS), "seeds": list(SEEDS),
    "evaluate": list(EVALUATE), "report": [1_000, 100_000],
}  # fmt: skip
FEWER = {"ks": [2, 10, 30], "seeds": list(SEEDS[:2])}
PRINTED_GRID = Experiment(
    id="hybrid-printed",
    title="The printed training experiment: 20,400 models, 100,000 steps each",
    claims=("fig-training-error", "fig-q-error", "fig-gap"),
    pieces=pieces,
    measure=measure,
    plot=training,
    quick=QUICK,
    full=FULL,
    keys=("variant", "width", "seed", "algorithm", "k", "steps"),
    value="train_loss",
    band=0.02,
    alt=(
        "Two panels against k for GD and NAG with a network of width 16: the training error, and the error of the "
        "learned energy, each as a mean over twenty seeds with its interval."
    ),
    scratch=True,
)
# Three of the twenty seeds: what the two variants are for is the comparison with the printed setting.
FIXED_GRID = replace(
    PRINTED_GRID,
    id="hybrid-fixed",
    title="The same experiment with the step size fixed at 1/L, three seeds",
    claims=("fig-gap",),
    plot=gaps,
    quick=QUICK | FEWER | {"variant": "fixed"},
    full=FULL | {"variant": "fixed", "seeds": list(SEEDS[:3])},
    alt="Generalization gaps of GD and NAG against k for widths 0, 16 and 32, the step size fixed at 1/L.",
)
RELEASED_GRID = replace(
    FIXED_GRID,
    id="hybrid-released",
    title="The experiment as the authors' code runs it: softmax eigenvalues, step size 1/L, weight decay; three seeds",
    quick=QUICK | FEWER | {"variant": "released"},
    full=FULL | {"variant": "released", "seeds": list(SEEDS[:3])},
    alt="Generalization gaps of GD and NAG against k for widths 0, 16 and 32, in the released setting.",
)
