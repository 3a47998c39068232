"""Recovery error against time (T Fig 7.4) and the price of training (T Table 7.2), smaller than printed.

Printed are 2,000 training problems and hours of training. Here as many as half an hour on one core allows; the sizes
are in the pieces. Every method gets the same training, validation and test problems; path following and the two
proximal methods choose their level, and path following its penalty, on the validation problems.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import cache, partial
from typing import Any

import torch
from torch import Tensor

from duality.book.figures import Experiment, short
from duality.sparse.experiments import methods
from duality.sparse.experiments.methods import CAP, CLASSIC, PENALTIES, Setting
from duality.sparse.objectives import Recovery
from duality.sparse.oracle import posterior_mean
from duality.sparse.plots.convergence import convergence
from duality.sparse.problem import Population, Problems, error
from duality.sparse.search import Found, grid_search
from duality.sparse.training import train

SETTINGS: Mapping[tuple[int, int], Setting] = {
    (128, 64): Setting(8, 30, 5e-3, 0.8, 0.1),
    (256, 64): Setting(16, 100, 5e-3, 0.85, 0.06),
    (1024, 64): Setting(16, 150, 1.5e-3, 0.87, 0.1),
    (1024, 256): Setting(12, 100, 4e-3, 0.75, 0.03),
}
SEEDS = {"training": 7001, "validation": 7002, "testing": 7003}
ORACLE = "told support and signs"
LEVELS = (0.05, 0.1, 0.2)
STEPS = (10, 30, 100, 300, 1000)
CHOOSING = 20  # validation problems that classic methods choose on
ALONE = 10  # test problems that are also solved one by one


def pieces(
    sizes: Sequence[tuple[int, int]], counts: Mapping[str, int], epochs: Mapping[str, int], others: Sequence[str]
) -> list[dict[str, Any]]:
    """One piece per size (d, n) and method: the learned ones, with their epochs, and the others.

    Raises `ValueError` for a size without a setting.
    """
    unknown = [size for size in sizes if tuple(size) not in SETTINGS]
    if unknown:
        raise ValueError(f"no setting for the sizes {unknown}: those known are {list(SETTINGS)}")
    return [
        {"d": d, "n": n, "method": method, "counts": dict(counts), "epochs": epochs.get(method, 0)}
        for d, n in sizes
        for method in (*epochs, *others)
    ]


@cache
def drawn(d: int, n: int, count: int, part: str) -> Problems:
    """The problems of one part; the same for all methods."""
    return Population(d=d, n=n).draw(count, SEEDS[part] + d + n)


def measure(d: int, n: int, method: str, counts: Mapping[str, int], epochs: int) -> list[dict[str, Any]]:
    """Rows of four parts: the mean error along the way, that of each test problem, training, and one by one."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        problems = {part: drawn(d, n, count, part) for part, count in counts.items()}
        at = {"d": d, "n": n, "method": method}
        if method == ORACLE:
            squares = posterior_mean(problems["testing"], Population(d=d, n=n), 0, signs=True, sweeps=400, burn=50)
            return [at | row for row in each_problem(squares.sqrt())]
        rows = classic if method in CLASSIC else learned
        return [at | row for row in rows(method, SETTINGS[d, n], problems, epochs)]
    finally:
        torch.set_num_threads(threads)


def learned(method: str, setting: Setting, problems: Mapping[str, Problems], epochs: int) -> list[dict[str, Any]]:
    testing = problems["testing"]
    model = methods.build(method, testing.d, setting)
    model.solve(testing[:1])
    found = train(model, Recovery(), problems["training"], problems["validation"], methods.recipe(method, epochs))
    rows = curve(methods.along(model, testing), testing)
    cost = found.record["validation"].min() ** 0.5
    return [*rows, row("training", epochs, found.seconds, cost), *alone(model.solve, testing)]


def classic(method: str, setting: Setting, problems: Mapping[str, Problems], epochs: int) -> list[dict[str, Any]]:
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
    return [*rows, *alone(ways[1], testing)] if method == "APF" else rows


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


def alone(solve: Any, testing: Problems) -> list[dict[str, Any]]:
    """Solved one after another, as in the source, so that batches help nobody."""
    few = testing[:ALONE]
    seconds, found = methods.timed(lambda: torch.cat([solve(few[number]) for number in range(len(few))]))
    return [row("one by one", len(few), seconds, float(capped(error(found, few)).mean()))]


LEARNED = {"PLISA": 12, "one shared level": 4, "l1 only": 12, "ALISTA": 10, "LISTA": 5, "RNN": 2, "RNN-l1": 2}
SMALL = {"PLISA": 2, "ALISTA": 2}
KEYS = ("d", "n", "method", "part", "number")
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
    pieces=lambda small, large: [*pieces(**small), *pieces(**large)],
    measure=measure,
    plot=convergence,
    quick={
        "small": {
            "sizes": [(128, 64)],
            "counts": {"training": 100, "validation": 20, "testing": 100},
            "epochs": SMALL,
            "others": ["ISTA", "FISTA"],
        },
        "large": {"sizes": [], "counts": {}, "epochs": {}, "others": []},
    },
    full={
        "small": {
            "sizes": [(128, 64)],
            "counts": {"training": 100, "validation": 20, "testing": 100},
            "epochs": SMALL,
            "others": ["ISTA", "FISTA"],
        },
        "large": {
            "sizes": [(256, 64), (1024, 64)],
            "counts": {"training": 600, "validation": 60, "testing": 100},
            "epochs": LEARNED,
            "others": ["APF", "ISTA", "FISTA", ORACLE],
        },
    },
    keys=KEYS,
    value="value",
    band=0.05,
    alt=(
        "Three panels, 128, 256 and 1,024 variables, mean error on new problems against seconds for a batch of 100 on "
        "a logarithmic time axis. Curves of learned methods end within a second or so, that of path following is one "
        "late point; a dashed line far below all marks what someone reaches who is told the support and all signs."
    ),
)
