"""Hyperparameters of classic methods by grid search on validation problems, as T 7.7 does for APF."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from torch import Tensor

from duality.sparse.objectives import E, Objective
from duality.sparse.problem import Problems

Method = Callable[[Problems], Tensor]  # problems in, answers (B, d) out


@dataclass(frozen=True)
class Found:
    """The best values by name, and a row per point of the grid: the values, mean cost, seconds."""

    best: dict[str, Any]
    record: pd.DataFrame


def grid_search(
    build: Callable[..., Method],
    grid: Mapping[str, Sequence[Any]],
    objective: Objective[E],
    validation: E,
    progress: Callable[[int], Any] = lambda done: None,
) -> Found:
    """Try every point of the grid, `build(**point)(problems)`, and take the one of least mean cost.

    A point whose cost is not a number counts as the worst. Raises `ValueError` without values to try or problems to
    try them on, and whatever `build` raises for its values.
    """
    if empty := [name for name, values in grid.items() if not len(values)]:
        raise ValueError(f"there is no value to try for {', '.join(empty)}")
    if len(validation) == 0:
        raise ValueError("there is no problem to try values on")
    rows = []
    for values in itertools.product(*grid.values()):
        point = dict(zip(grid, values, strict=True))
        begun = time.monotonic()
        answers = build(**point)(objective.given(validation))
        seconds = time.monotonic() - begun
        cost = float(objective.costs(answers[:, None], validation).mean())
        rows.append(point | {"cost": cost, "seconds": seconds})
        progress(1)
    record = pd.DataFrame(rows)
    best = rows[int(record["cost"].fillna(float("inf")).to_numpy().argmin())]
    return Found({name: best[name] for name in grid}, record)
