"""Recovery error against time (T Fig 7.4) and the price of training (T Table 7.2), at the printed size.

There are 2,000 training problems and 100 test problems, as printed, and three trainings, each with problems of its own.
Of every training all methods get the same problems, and every learned method sees each training problem equally often;
path following and the two proximal methods choose their level, and path following its penalty, on the validation
problems.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

import torch
from torch import Tensor

from duality.book.figures import Experiment, short
from duality.ensemble.threads import one_thread
from duality.sparse.experiments import methods
from duality.sparse.experiments.methods import CAP, CLASSIC, PENALTIES, Setting
from duality.sparse.models.plisa import PLISA
from duality.sparse.objectives import Recovery
from duality.sparse.oracle import posterior_mean
from duality.sparse.plots.convergence import ORACLE, convergence
from duality.sparse.problem import Population, Problems, error
from duality.sparse.search import Found, grid_search
from duality.sparse.training import train
from duality.sparse.unroll import Plain

SETTINGS: Mapping[tuple[int, int], Setting] = {
    (128, 64): Setting(8, 30, 5e-3, 0.8, 0.1),
    (256, 64): Setting(16, 100, 5e-3, 0.85, 0.06),
    (1024, 64): Setting(16, 150, 1.5e-3, 0.87, 0.1),
    (1024, 256): Setting(16, 500, 2.5e-3, 0.8, 0.03),
}
SEEDS = {"training": 7411, "validation": 7412, "testing": 7413}
LEVELS = (0.05, 0.1, 0.2)
STEPS = (10, 30, 100, 300, 1000)
CHOOSING = 20  # validation problems that classic methods choose on
ALONE = 10  # test problems that are also solved one by one


def pieces(
    sizes: Sequence[tuple[int, int]],
    counts: Mapping[str, int],
    epochs: Mapping[str, int],
    others: Sequence[str],
    trainings: int,
) -> list[dict[str, Any]]:
    """One piece per training, size (d, n) and method: the learned ones, with their epochs, and the others.

    Raises `ValueError` for a size without a setting.
    """
    unknown = [size for size in sizes if tuple(size) not in SETTINGS]
    if unknown:
        raise ValueError(f"no setting for the sizes {unknown}: those known are {list(SETTINGS)}")
    return [
        {"d": d, "n": n, "method": method, "seed": seed, "counts": dict(counts), "epochs": epochs.get(method, 0)}
        for seed in range(trainings)
        for d, n in sizes
        for method in (*epochs, *others)
    ]


def small_and_large(small: Mapping[str, Any], large: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The pieces that every build of the book repeats, and the others."""
    return [*pieces(**small), *pieces(**large)]


@lru_cache(maxsize=3)  # the parts of one training: half a gigabyte
def drawn(d: int, n: int, count: int, part: str, seed: int) -> Problems:
    """The problems of one part; the same for all methods."""
    return Population(d=d, n=n).draw(count, SEEDS[part] + d + n + 10_000 * seed)


@one_thread()
def measure(d: int, n: int, method: str, seed: int, counts: Mapping[str, int], epochs: int) -> list[dict[str, Any]]:
    """Rows by part: the mean error along the way, that of each test problem, training, and one by one."""
    problems = {part: drawn(d, n, count, part, seed) for part, count in counts.items()}
    at = {"d": d, "n": n, "method": method, "seed": seed}
    if method == ORACLE:
        squares = posterior_mean(problems["testing"], Population(d=d, n=n), 0, sweeps=400, burn=50)
        return [at | row for row in each_problem(squares.sqrt())]
    rows = partial(classic, method) if method in CLASSIC else partial(learned, method, SETTINGS[d, n], epochs, seed)
    return [at | row for row in rows(problems)]


def learned(
    method: str, setting: Setting, epochs: int, seed: int, problems: Mapping[str, Problems]
) -> list[dict[str, Any]]:
    testing = problems["testing"]
    model = methods.build(method, testing.d, setting, seed)
    model.solve(testing[:1])
    recipe = methods.recipe(method, epochs, seed)
    found = train(model, Recovery(), problems["training"], problems["validation"], recipe)
    rows = curve(methods.along(model, testing), testing)
    cost = found.record["validation"].min() ** 0.5
    rows += [row("training", epochs, found.seconds, cost), *alone("one by one", model.solve, testing)]
    if isinstance(model, PLISA):  # without compiled code, which the classic methods have not
        model.way = Plain()
        rows += alone("one by one, plain", model.solve, testing)
    return rows


def classic(method: str, problems: Mapping[str, Problems]) -> list[dict[str, Any]]:
    testing, begun = problems["testing"], time.perf_counter()
    found = chosen(method, problems["validation"][:CHOOSING])
    spent = time.perf_counter() - begun
    if method == "APF":
        ways = {1: methods.path_following(**found.best)}
    else:
        ways = {steps: methods.proximal(method, steps, **found.best) for steps in STEPS}
    points = ((steps, *methods.timed(partial(solve, testing))) for steps, solve in ways.items())
    cost = float(found.record["cost"].min()) ** 0.5
    rows = [*curve(points, testing), row("training", len(found.record), spent, cost)]
    return [*rows, *alone("one by one", ways[1], testing)] if method == "APF" else rows


def chosen(method: str, validation: Problems) -> Found:
    """The grid search of a classic method."""
    if method == "APF":
        grid: dict[str, Sequence[Any]] = {"lam": LEVELS, "penalty": list(PENALTIES)}
        return grid_search(methods.path_following, grid, Recovery(), validation)
    return grid_search(partial(methods.proximal, method, 300), {"lam": LEVELS}, Recovery(), validation)


def row(part: str, number: int, seconds: float, value: float) -> dict[str, Any]:
    """An error that is not a number, or beyond the cap, is written as the cap."""
    kept = value if 0 <= value < CAP else CAP
    return {"part": part, "number": number, "seconds": short(seconds, 3), "value": short(kept, 5)}


def curve(points: Any, testing: Problems) -> list[dict[str, Any]]:
    """Mean errors along the way, and the last error of every problem."""
    rows, errors = list[dict[str, Any]](), torch.empty(0)
    for number, seconds, beta in points:
        errors = capped(error(beta, testing))
        rows.append(row("curve", number, seconds, float(errors.mean())))
    return rows + each_problem(errors)


def each_problem(errors: Tensor) -> list[dict[str, Any]]:
    return [row("problem", number, 0.0, value) for number, value in enumerate(errors.tolist())]


def capped(errors: Tensor) -> Tensor:
    return torch.nan_to_num(errors, nan=CAP, posinf=CAP).clamp(max=CAP)


def alone(part: str, solve: Any, testing: Problems) -> list[dict[str, Any]]:
    """Solved one after another, as in the source, so that batches help nobody."""
    few = testing[:ALONE]
    seconds, found = methods.timed(lambda: torch.cat([solve(few[number]) for number in range(len(few))]))
    return [row(part, len(few), seconds, float(capped(error(found, few)).mean()))]


EPOCHS = 3
LEARNED = dict.fromkeys(("PLISA", "one shared level", "l1 only", "ALISTA", "LISTA", "RNN", "RNN-l1"), EPOCHS)
SMALL = {
    "sizes": [(128, 64)],
    "counts": {"training": 100, "validation": 20, "testing": 100},
    "epochs": {"PLISA": 2, "ALISTA": 2},
    "others": ["ISTA", "FISTA"],
    "trainings": 1,
}
NOTHING: dict[str, Any] = {"sizes": [], "counts": {}, "epochs": {}, "others": [], "trainings": 0}
KEYS = ("d", "n", "method", "seed", "part", "number")
CONVERGENCE = Experiment(
    id="sparse-convergence",
    title="Recovery error against time",
    claims=(
        "fig-plisa-convergence",
        "tab-train-time",
        "plisa-published-error",
        "plisa-published-target",
        "plisa-ablation",
    ),
    pieces=small_and_large,
    measure=measure,
    plot=convergence,
    quick={"small": SMALL, "large": NOTHING},
    full={
        "small": SMALL,
        "large": {
            "sizes": [(256, 64), (1024, 64)],
            "counts": {"training": 2000, "validation": 100, "testing": 100},
            "epochs": LEARNED,
            "others": ["APF", "ISTA", "FISTA", ORACLE],
            "trainings": 3,
        },
    },
    keys=KEYS,
    value="value",
    band=0.05,
    alt=(
        "Three panels, 128, 256 and 1,024 variables, mean error on new problems against seconds for a batch of 100 on "
        "a logarithmic time axis, a curve per training. In the two larger panels path following is a point per "
        "training, late on the axis, and a dashed line far below all marks what someone reaches who is told the "
        "support and all signs."
    ),
)
