"""What is trained: the table of models, the schedule of the training, and the state of models that train together."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

ALGORITHMS, OPTIMIZERS = ("GD", "NAG", "RNN"), ("Adam", "SGD")
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8  # Adam's usual constants
COLUMNS = ("algorithm", "k", "optimizer", "rate", "seed", "step", "step_low", "step_high")


def models(**axes: Sequence) -> pd.DataFrame:
    """The table of all combinations of the given axes, one row per model.

    The columns are `algorithm` (GD, NAG or RNN), `k` >= 1 (steps of the algorithm layer), `optimizer` (Adam or SGD),
    `rate`, `seed` (of the training subset, the start and the order of the samples), and the step size of the algorithm
    layer: its start `step` and the range [step_low, step_high] that it is kept in while it is learned; an RNN has none
    and ignores it. Raises `ValueError` as `check_models` does.
    """
    table = pd.DataFrame(list(itertools.product(*axes.values())), columns=list(axes))
    check_models(table)
    return table


def check_models(table: pd.DataFrame) -> None:
    """Refuse a table with a missing column, no rows or a value out of range; `ValueError` with one line."""
    if missing := [name for name in COLUMNS if name not in table]:
        raise ValueError(f"the table of models lacks {', '.join(missing)}; it needs {', '.join(COLUMNS)}")
    if table.empty:
        raise ValueError("the table of models has no rows: every axis needs at least one value")
    for name, allowed in (("algorithm", ALGORITHMS), ("optimizer", OPTIMIZERS)):
        if unknown := sorted(set(table[name]) - set(allowed)):
            raise ValueError(f"{name} = {unknown[0]!r} is unknown; take one of: {', '.join(allowed)}")
    for name, smallest in (("k", 1), ("seed", 0)):
        if not pd.api.types.is_integer_dtype(table[name]) or table[name].min() < smallest:
            raise ValueError(f"{name} must be whole numbers, {smallest} or larger")
    for name in ("rate", "step", "step_low", "step_high"):
        values = table[name].to_numpy(float)
        good = np.isfinite(values) & (values > 0)
        if not good.all():
            raise ValueError(f"{name} must be positive and finite, not {values[~good][0]}")
    if not ((table["step_low"] <= table["step"]) & (table["step"] <= table["step_high"])).all():
        raise ValueError("step must lie in [step_low, step_high] in every row")


@dataclass(frozen=True)
class Schedule:
    """How long and how: optimizer steps, mini-batch, weight decay (not on the step size), when to measure.

    Raises `ValueError` for numbers out of range; `evaluate` holds increasing numbers of steps, the last being `steps`.
    """

    steps: int
    batch: int = 50
    decay: float = 0.0
    evaluate: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.steps < 1 or self.batch < 1:
            raise ValueError(f"steps = {self.steps} and batch = {self.batch} must both be at least 1")
        if not (math.isfinite(self.decay) and self.decay >= 0):
            raise ValueError(f"decay = {self.decay} must be 0 or larger")
        if not self.evaluate:
            object.__setattr__(self, "evaluate", (self.steps,))
        rising = all(a < b for a, b in zip((0, *self.evaluate), self.evaluate, strict=False))
        if not rising or self.evaluate[-1] != self.steps:
            raise ValueError(f"evaluate = {self.evaluate} must rise from 1 or more to steps = {self.steps}")


@dataclass
class Stage:
    """Where models that train together stand after `step` optimizer steps.

    `parameters` and Adam's moments `first` and `second` have the shape (models, size), the step size of the algorithm
    layer being the last entry; `corrections` are the powers of Adam's two constants.
    """

    parameters: np.ndarray
    first: np.ndarray
    second: np.ndarray
    corrections: np.ndarray
    step: int = 0

    @classmethod
    def at_start(cls, parameters: np.ndarray) -> Stage:
        """Nothing done yet."""
        parameters = np.ascontiguousarray(parameters, dtype=np.float32)
        return cls(parameters, np.zeros_like(parameters), np.zeros_like(parameters), np.ones(2))
