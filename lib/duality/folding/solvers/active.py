"""The primal-dual active set method for strictly convex quadratic programs, a batch at a time."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from duality.folding.active import ActiveSet
from duality.folding.admm import ADMM
from duality.folding.program import Quadratic
from duality.folding.solvers.interior import InteriorPoint
from duality.folding.update import lengths, rows


@dataclass(frozen=True)
class ActiveSetMethod:
    """Returns multipliers (B, e + m), the states of `ActiveSet`.

    Some iterations of ADMM, cheap where the problems share their matrices, guess the active sets; steps of `ActiveSet`
    correct them and end in the exact solution. The method need not converge: problems that still move after
    `iterations` steps are solved by the interior-point method instead.
    """

    guess: ADMM = field(default_factory=ADMM)
    guesses: int = 50
    iterations: int = 20

    def __call__(self, *c: Tensor) -> Tensor:
        return self.improved(self._guessed(c), *c)

    def improved(self, state: Tensor, *c: Tensor) -> Tensor:
        """The same from given multipliers, (B, e + m)."""
        state = state.clone()
        update, tolerance = ActiveSet(), torch.finfo(state.dtype).eps ** 0.75
        step = update.bind(*c)
        numbers = torch.arange(len(state), device=state.device)
        for _ in range(self.iterations):
            before = state[numbers]
            after = step(before)
            state[numbers] = after
            moving = ~(lengths(after - before) <= tolerance * lengths(before).clamp_min(1))
            if not bool(moving.any()):
                return state
            if not bool(moving.all()):
                numbers = numbers[moving]
                step = update.bind(*rows(c, numbers))
        _, e, m = Quadratic().sizes(*c)
        state[numbers] = InteriorPoint(Quadratic())(*rows(c, numbers))[:, -(e + m) :]
        return state

    def _guessed(self, c: tuple[Tensor, ...]) -> Tensor:
        step, w = self.guess.bind(*c), self.guess.start(*c)
        for _ in range(self.guesses):
            w = step(w)
        return self.guess.multipliers(w, *c)
