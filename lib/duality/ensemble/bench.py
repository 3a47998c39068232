"""How fast the ensemble is: the time of one optimizer step of one model, against the plain loop of the same setting."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import torch

from duality.book.workers import cores
from duality.ensemble.lanes import LaneEngine, fused_engine
from duality.ensemble.models import Schedule, models
from duality.ensemble.program import Engine, TensorProgram
from duality.ensemble.reference import train_one
from duality.ensemble.spectral import Spectral
from duality.ensemble.training import train

SIZES = (1, 16, 256, 1024, 4096)
PROGRAM_SIZES = (1, 16, 256, 1024)  # for the tensor program on a processor, which is slow
K, WIDTH, SAMPLES, BATCH = 10, 16, 100, 50
SECONDS, MOST = 1.0, 100_000  # the least that one measurement takes, and the most steps
FEW = 20  # steps of the run that is taken off


def problem(points: int = 500, seed: int = 0) -> Spectral:
    """A random problem of the printed sizes: 10 inputs, a hidden layer of 16, five eigenvalues in [0.1, 1]."""
    rng = np.random.default_rng(seed)
    U, _ = np.linalg.qr(rng.standard_normal((points, 5, 5)))
    lam = np.column_stack([rng.uniform(0.1, 1, (points, 3)), np.full(points, 0.1), np.ones(points)])
    return Spectral(rng.uniform(-5, 5, (points, 10)), U, rng.uniform(-5, 5, (points, 5)), lam, WIDTH, SAMPLES)


def table(count: int) -> pd.DataFrame:
    """`count` models with k = 10: both algorithms, both optimizers, four rates, and as many seeds as it takes."""
    everything = models(
        seed=range(1 + (count - 1) // 16), algorithm=["GD", "NAG"], optimizer=["Adam", "SGD"],
        rate=[1e-2, 1e-3, 5e-4, 1e-4], k=[K], step=[1.0], step_low=[0.1], step_high=[1.2],
    )  # fmt: skip
    return everything.iloc[:count]


def rows() -> list[dict[str, Any]]:
    """One row per engine and number of models: seconds, microseconds per model and step, speed-up, peak memory.

    The speed-up is that over the plain loop, measured first; all of it runs on the same machine in one go. Two numbers
    of steps for the largest ensemble show how the time grows with the steps.
    """
    spectral = problem()
    plain = _plain(spectral)
    found = [_row("plain PyTorch loop", 1, *plain, plain)]
    engines: list[tuple[str, Engine, tuple[int, ...]]] = [
        ("compiled", fused_engine(spectral), SIZES),
        ("tensor program, CPU", TensorProgram(spectral), PROGRAM_SIZES),
    ]
    if torch.cuda.is_available():
        card = TensorProgram(spectral, torch.device("cuda"), width=4096)
        engines.append((f"tensor program, {torch.cuda.get_device_name()}", card, SIZES))
    for name, engine, sizes in engines:
        for count in sizes:
            found.append(_row(name, count, *_ensemble(engine, count), plain))
    steps = 3 * int(found[len(SIZES)]["steps"])
    found.append(_row("compiled", SIZES[-1], *_ensemble(engines[0][1], SIZES[-1], FEW + steps), plain))
    return found


def _plain(spectral: Spectral) -> tuple[int, float]:
    """Steps and seconds of the plain loop."""
    row = table(1).iloc[0].to_dict()

    def work(steps: int) -> None:
        train_one(spectral, row, Schedule(steps, BATCH))

    work(FEW)  # warms up
    return _grown(work, FEW + 400)


def _ensemble(engine: Engine, count: int, steps: int | None = None) -> tuple[int, float]:
    """Steps and seconds of an ensemble; without `steps`, as many as it takes to fill the time of a measurement."""
    chosen, threads = table(count), cores() if isinstance(engine, LaneEngine) else 1

    def work(steps: int) -> None:
        train(engine, chosen, Schedule(steps, BATCH), threads=threads)

    if steps is not None:
        return _grown(work, steps)
    work(1)  # compiles
    steps = 2 * FEW
    while (found := _grown(work, steps))[1] < SECONDS and steps < MOST:
        steps *= 4
    return found


def _grown(work: Callable[[int], Any], steps: int) -> tuple[int, float]:
    """Steps beyond the first few, and the seconds that they take: what it costs to start and to measure is left out."""
    few, many = (_seconds(lambda n=n: work(n)) for n in (FEW, steps))
    return steps - FEW, max(many - few, 1e-6)


def _seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _row(engine: str, count: int, steps: int, seconds: float, plain: tuple[int, float]) -> dict[str, Any]:
    each = seconds / (steps * count)
    return {
        "engine": engine,
        "models": count,
        "steps": steps,
        "seconds": round(seconds, 3),
        "microseconds per model and step": float(f"{1e6 * each:.4g}"),
        "speed-up": float(f"{plain[1] / plain[0] / each:.4g}"),
        "peak memory MB": _peak_memory(),
    }


def _peak_memory() -> int:
    """Of this process so far, in megabytes; the system counts in kilobytes, on macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (2**20 if sys.platform == "darwin" else 2**10))
