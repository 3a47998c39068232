"""The benchmark of folded layers, recorded: times belong to the machine in the record and are compared with nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from duality.book.figures import Experiment
from duality.folding import bench
from duality.folding.plots.speed import speed
from duality.folding.problems import PROBLEMS


def pieces(batches: Sequence[int], problems: Sequence[str]) -> list[dict[str, Any]]:
    """One piece: all of it must be timed in one go. Raises `ValueError` for problems that are not there."""
    if unknown := set(problems) - set(PROBLEMS):
        raise ValueError(f"unknown problems {sorted(unknown)}")
    return [{"batches": list(batches), "problems": list(problems)}]


def measure(batches: Sequence[int], problems: Sequence[str]) -> list[dict[str, Any]]:
    """The rows of `duality bench folding`."""
    return bench.rows(batches, problems)


SPEED = Experiment(
    id="folding-speed",
    title="Gradients through optimization problems: folded, implicit, unrolled, conic",
    claims=("folded-efficiency", "folded-expressiveness"),
    pieces=pieces,
    measure=measure,
    plot=speed,
    quick={"batches": [1, 8], "problems": ["portfolio", "top-k labels"]},
    full={"batches": list(bench.BATCHES), "problems": list(PROBLEMS)},
    keys=("problem", "method", "batch"),
    value="answered",
    band=math.inf,
    alt=(
        "One panel per problem: milliseconds per problem, forward and backward together, against the batch size, on "
        "logarithmic axes. The folded layer falls with the batch size and ends lowest, or level with implicit "
        "differentiation; the conic layer hardly falls and ends highest or next to unrolling. In the panel of large "
        "images the folded layers rise and unrolling does not; in that of the nonconvex program there is no line of "
        "the conic layer."
    ),
)
