"""An update map, repeated until it stands still."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from duality.folding.update import UpdateMap, lengths


@dataclass(frozen=True)
class Iterate:
    """s <- U(s, c) from the start of the map until no problem moves by more than `tolerance`, relative as in a layer.

    Returns states (B, n), those that are still moving after `iterations` steps included: a layer marks them.
    """

    update: UpdateMap
    tolerance: float | None = None
    iterations: int = 10_000
    every: int = 10  # steps between two looks

    def __call__(self, *c: Tensor) -> Tensor:
        step, state = self.update.bind(*c), self.update.start(*c)
        tolerance = self.tolerance or torch.finfo(state.dtype).eps ** 0.75
        for number in range(1, self.iterations + 1):
            before, state = state, step(state)
            if number % self.every == 0:
                moved = lengths(state - before) / lengths(state).clamp_min(1)
                if not bool((moved > tolerance).any()):  # what is not a number will not come back
                    break
        return state
