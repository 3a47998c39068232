r"""One step of sequential quadratic programming as an update map.

At $s = (x, \nu, \lambda)$ an inequality counts as active when $h_i + \lambda_i > 0$, which is how a subproblem with the
right active set sees it near a solution with strict complementarity. The step solves the linearized conditions

$$\begin{pmatrix} \nabla^2 L & \nabla g^\top & \nabla h^\top \\ \nabla g & 0 & 0 \\ D\nabla h & 0 & D - I\end{pmatrix}
\begin{pmatrix} \Delta x \\ \nu^+ \\ \lambda^+ \end{pmatrix} = -\begin{pmatrix} \nabla f \\ g \\ Dh \end{pmatrix},$$

D the diagonal of zeros and ones that marks the active ones. With the exact Hessian $\Phi = 0$ at a solution, and the
folded gradient is that of implicit differentiation.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from duality.folding.program import Program
from duality.folding.update import Step, UpdateMap, batch_size


@dataclass(frozen=True)
class SQP(UpdateMap):
    """The map above for a program. States are primal-dual points, solutions their first n entries."""

    program: Program

    def bind(self, *c: Tensor) -> Step:
        program = self.program

        def step(state: Tensor) -> Tensor:
            x, nu, lam = program.split(state, *c)
            at = program.conditions(x, nu, lam, *c)
            count, n = batch_size((state, *c)), x.shape[-1]
            e, m = at.g.shape[-1], at.h.shape[-1]
            active = (at.h + lam > 0).to(x).expand(count, m)
            hessian = at.hessian.expand(count, n, n)
            g_jacobian, h_jacobian = at.g_jacobian.expand(count, e, n), at.h_jacobian.expand(count, m, n)
            zeros = x.new_zeros
            system = torch.cat(
                [
                    torch.cat([hessian, g_jacobian.mT, h_jacobian.mT], dim=-1),
                    torch.cat([g_jacobian, zeros(count, e, e + m)], dim=-1),
                    torch.cat(
                        [active[..., None] * h_jacobian, zeros(count, m, e), torch.diag_embed(active - 1)], dim=-1
                    ),
                ],
                dim=-2,
            )
            right = torch.cat([at.gradient.expand(count, n), at.g.expand(count, e), active * at.h], dim=-1)
            found, _ = torch.linalg.solve_ex(system, -right)
            return torch.cat([x + found[:, :n], found[:, n:]], dim=-1)

        return step

    def start(self, *c: Tensor) -> Tensor:
        return c[0].new_zeros(batch_size(c), sum(self.program.sizes(*c)))

    def solution(self, state: Tensor, *c: Tensor) -> Tensor:
        """x of a state, (B, n)."""
        return self.program.split(state, *c)[0]

    def state_of(self, kkt: Tensor, *c: Tensor) -> Tensor:
        """A primal-dual point is a state as it is."""
        return kkt
