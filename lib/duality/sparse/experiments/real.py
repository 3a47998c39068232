"""Learning without truths on three data sets (T Table 7.4): trained on held-out loss, measured on new tasks.

The splits are new ones: what was tried while the code was written used others. Every method gets the same tasks, with
answers in units of their root mean square; the lasso and path following choose level and penalty on the validation
tasks. The quick profile takes generated tables.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import Any

import torch
from torch import Tensor

from duality.book.figures import Experiment, short
from duality.ensemble.threads import one_thread
from duality.sparse import data
from duality.sparse.experiments import methods
from duality.sparse.experiments.methods import Setting
from duality.sparse.losses import LeastSquares
from duality.sparse.objectives import HeldOut, Tasks
from duality.sparse.plots.real import real
from duality.sparse.search import grid_search
from duality.sparse.training import train

STANDIN = "stand-in"
FIRST = 7350  # the seed of the first split
LEARNED, CLASSIC = ("PLISA", "ALISTA", "RNN", "RNN-l1"), ("APF", "lasso")
SHARES = (0.003, 0.01, 0.03, 0.1)  # levels in units of the mean largest gradient at zero
CAP = 1e6
EPOCHS = 40
CHOOSING = 20  # validation tasks that classic methods choose on


def pieces(sets: Sequence[str], chosen: Sequence[str], splits: int, epochs: int) -> list[dict[str, Any]]:
    """One piece per data set, split and method. Raises `ValueError` for an unknown data set or method."""
    for given, known in ((sets, (STANDIN, *data.FILES)), (chosen, (*LEARNED, *CLASSIC))):
        if unknown := set(given) - set(known):
            raise ValueError(f"unknown: {sorted(unknown)}; there are {', '.join(known)}")
    return [
        {"name": name, "split": split, "method": method, "epochs": epochs}
        for name in sets
        for split in range(splits)
        for method in chosen
    ]


@cache
def table(name: str) -> data.Table:
    """A data set; what was not found warns, and is a generated table."""
    return data.standin(name) if name == STANDIN else data.load(name)


@one_thread()
def measure(name: str, split: int, method: str, epochs: int) -> list[dict[str, Any]]:
    """The mean square of y - x beta over held-out samples, averaged over the test tasks."""
    source = table(name)
    parts = data.tasks(source, FIRST + split)
    unit = float(parts.training.given.y.square().sum() / parts.training.given.counts.sum()) ** 0.5
    parts = in_units(parts, unit)
    beta = (classic if method in CLASSIC else learned)(method, parts, epochs)
    costs = 2 * unit**2 * HeldOut().costs(beta[:, None], parts.testing)[:, 0]
    found = float(torch.nan_to_num(costs, nan=CAP).clamp(max=CAP).mean())
    kind = "generated" if source.source.startswith("generated") else "data"
    tasks = len(parts.training)
    return [{"data": name, "split": split, "method": method, "source": kind, "tasks": tasks, "error": short(found, 5)}]


def in_units(parts: data.Split, unit: float) -> data.Split:
    """The same with answers divided by `unit`: a recurrent optimizer has a unit of its own, its first steps."""

    def divided(tasks: Tasks) -> Tasks:
        given, held_out = (replace(half, y=half.y / unit) for half in (tasks.given, tasks.held_out))
        return Tasks(given, held_out)

    return data.Split(divided(parts.training), divided(parts.validation), divided(parts.testing), parts.source)


def scale(tasks: Tasks) -> float:
    """The mean of the largest gradient at zero."""
    return float(LeastSquares().at_zero(tasks.given).abs().amax(-1).mean())


def learned(method: str, parts: data.Split, epochs: int) -> Tensor:
    longest = 0.5 / float(LeastSquares().smoothness(parts.training.given).max())
    setting = Setting(T=10, K=100, alpha=longest, ratio=0.5, target=0.003 * scale(parts.training))
    model = methods.build(method, parts.training.given.d, setting)
    recipe = methods.recipe(method, epochs, longest=longest if method == "PLISA" else math.inf)
    train(model, HeldOut(), parts.training, parts.validation, recipe)
    return model.solve(parts.testing.given)


def classic(method: str, parts: data.Split, epochs: int) -> Tensor:
    levels = [share * scale(parts.training) for share in SHARES]
    if method == "APF":
        grid: Mapping[str, Sequence[Any]] = {"lam": levels, "penalty": list(methods.PENALTIES)}
        found = grid_search(methods.path_following, grid, HeldOut(), parts.validation[:CHOOSING])
        return methods.path_following(**found.best)(parts.testing.given)
    lasso = partial(methods.proximal, "FISTA", 600)
    best = grid_search(lasso, {"lam": levels}, HeldOut(), parts.validation[:CHOOSING]).best
    return lasso(**best)(parts.testing.given)


REAL = Experiment(
    id="sparse-real",
    title="Unsupervised on three data sets",
    claims=("tab-real",),
    pieces=pieces,
    measure=measure,
    plot=real,
    quick={"sets": [STANDIN], "chosen": ["PLISA", "ALISTA", "lasso"], "splits": 1, "epochs": EPOCHS},
    full={"sets": [STANDIN, *data.FILES], "chosen": [*LEARNED, *CLASSIC], "splits": 5, "epochs": EPOCHS},
    keys=("data", "split", "method"),
    value="error",
    band=0.05,
    alt=(
        "One row of dots per method and data set, one dot per split: the mean squared error on held-out samples of new "
        "tasks over that of the lasso, on a logarithmic axis."
    ),
)
