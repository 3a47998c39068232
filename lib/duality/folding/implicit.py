r"""Implicit differentiation of the optimality conditions, the analytic counterpart of a folded layer.

With $F(s, c) = 0$ the conditions of a program without the signs, $ds/dc = -F_s^{-1}F_c$: one dense system of size
n + e + m for each problem (Amos and Kolter 2017). It is the folded gradient of the map $s - F(s, c)$, whose matrix
$I - \Phi$ is $F_s$, under the dense rule.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from duality.folding.layer import FoldedLayer, Solver
from duality.folding.program import Program
from duality.folding.rules import Dense
from duality.folding.update import Step, UpdateMap, batch_size


@dataclass(frozen=True)
class Residual(UpdateMap):
    """U(s, c) = s - F(s, c), F the optimality conditions of a program. No iteration to run, a map to differentiate."""

    program: Program

    def bind(self, *c: Tensor) -> Step:
        return lambda state: state - self.program.kkt_residual(state, *c)

    def start(self, *c: Tensor) -> Tensor:
        return c[0].new_zeros(batch_size(c), sum(self.program.sizes(*c)))

    def solution(self, state: Tensor, *c: Tensor) -> Tensor:
        """x of a primal-dual point, (B, n)."""
        return self.program.split(state, *c)[0]


class ImplicitLayer(FoldedLayer):
    """A solver of primal-dual points (B, n + e + m), differentiated through the conditions of its program."""

    def __init__(self, solver: Solver, program: Program, tolerance: float | None = None) -> None:
        super().__init__(solver, Residual(program), Dense(), tolerance)
