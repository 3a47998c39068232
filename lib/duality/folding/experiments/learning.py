"""What training through a layer comes to: the tasks of the learned problems, against the usual way without a layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from duality.book.figures import Experiment, short
from duality.ensemble.threads import one_thread
from duality.folding.plots.learning import learning
from duality.folding.problems import PROBLEMS
from duality.folding.problems.learned import FOLDED, UNROLLED

WITHOUT = "without a layer"
TASKS = [name for name, problem in PROBLEMS.items() if problem.task is not None]


def pieces(problems: Sequence[str], seeds: Mapping[str, int], steps: int) -> list[dict[str, Any]]:
    """One piece per problem, method and seed; `seeds` says how many for each method.

    Raises `ValueError` for a problem without a task and for a method that it does not have.
    """
    if unknown := set(problems) - set(TASKS):
        raise ValueError(f"unknown problems {sorted(unknown)}: those with a task are {TASKS}")
    if unknown := {method for method in seeds for name in problems if method not in (*PROBLEMS[name].layers, WITHOUT)}:
        raise ValueError(f"unknown methods {sorted(unknown)}")
    return [
        {"problem": problem, "method": method, "seed": seed, "steps": steps}
        for problem in problems
        for method, count in seeds.items()
        for seed in range(count)
    ]


def measure(problem: str, method: str, seed: int, steps: int) -> list[dict[str, Any]]:
    """The outcome on data that were not trained on; smaller is better."""
    learned = PROBLEMS[problem]
    if learned.task is None:
        raise ValueError(f"the problem '{problem}' has no task")
    with one_thread():
        if method == WITHOUT:
            found = learned.task.without(seed, steps)
        else:
            found = learned.task.learn(learned.layers[method](), seed, steps)
    row = {"problem": problem, "method": method, "seed": seed, "steps": steps}
    return [row | {"what": learned.task.outcome, "outcome": short(found, 6)}]


LEARNING = Experiment(
    id="folding-learning",
    title="Learning through a solver, against learning without one",
    claims=("folded-expressiveness",),
    pieces=pieces,
    measure=measure,
    plot=learning,
    quick={"problems": ["portfolio", "top-k labels"], "seeds": {FOLDED: 1, WITHOUT: 1}, "steps": 60},
    full={"problems": TASKS, "seeds": {FOLDED: 6, WITHOUT: 6, UNROLLED: 2}, "steps": 60},
    keys=("problem", "method", "seed", "steps"),
    value="outcome",
    band=0.02,
    alt=(
        "One row per problem and six dots, one per seed: the outcome of training through the folded layer divided by "
        "that of the usual way without a layer, on a logarithmic axis; below 1 the layer is better. Markers of another "
        "shape show the same for training through the unrolled layer, two seeds each."
    ),
)
