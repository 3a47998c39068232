"""Plain unrolling: the update map applied a fixed number of times, every step kept for the backward pass."""

from __future__ import annotations

from torch import Tensor, nn

from duality.folding.update import UpdateMap, batch_size


class UnrolledLayer(nn.Module):
    """`steps` applications of the map from its start. Parameters, and what is returned, as for `FoldedLayer`."""

    def __init__(self, update: UpdateMap, steps: int) -> None:
        super().__init__()
        if steps < 1:
            raise ValueError(f"steps = {steps} must be at least 1")
        self.update, self.steps = update, steps

    def forward(self, *c: Tensor) -> Tensor:
        """The solutions as far as the steps lead, (B, n)."""
        batch_size(c)
        step, state = self.update.bind(*c), self.update.start(*c)
        for _ in range(self.steps):
            state = step(state)
        return self.update.solution(state, *c)
