r"""One iteration of ADMM for quadratic programs as an update map.

For $\min \tfrac12x^\top Qx + p^\top x$ subject to $Ax = b$, $Gx \le h$ write $C = (A; G)$ and let $\Pi$ put the entries
of the equalities to b and cut those of the inequalities at h. The iteration on one vector w of length e + m (Stellato
et al. 2020, with the multiplier and the copy of Cx folded into one) is

$$z = \Pi(w), \quad x = (Q + \rho C^\top C)^{-1}\bigl(\rho C^\top(2z - w) - p\bigr), \quad w^+ = w + \alpha(Cx - z),$$

and at a fixed point $Cx = z$ and $\rho(w - z)$ are the multipliers.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from duality.folding.program import Quadratic, product, product_t
from duality.folding.update import Step, UpdateMap, batch_size


@dataclass(frozen=True)
class ADMM(UpdateMap):
    """The map above. The parameters are those of `Quadratic`: Q, p, A, b, G, h.

    `rho` > 0 weighs the constraints and `alpha` in (0, 2) relaxes; both change the way to the fixed point only.
    """

    rho: float = 1.0
    alpha: float = 1.6

    def __post_init__(self) -> None:
        if not self.rho > 0 or not 0 < self.alpha < 2:
            raise ValueError(f"rho = {self.rho} must be positive and alpha = {self.alpha} between 0 and 2")

    def _parts(self, c: tuple[Tensor, ...]) -> tuple[Tensor, Tensor, Tensor]:
        """C, the factor of Q + rho CᵀC (NaN where there is none), and p."""
        Q, p, A, _, G, _ = c
        count = max(A.shape[0], G.shape[0])
        C = torch.cat([A.expand(count, -1, -1), G.expand(count, -1, -1)], dim=-2)
        factor, info = torch.linalg.cholesky_ex((Q + Q.mT) / 2 + self.rho * C.mT @ C)
        return C, torch.where((info == 0)[:, None, None], factor, float("nan")), p

    def _cut(self, w: Tensor, c: tuple[Tensor, ...]) -> Tensor:
        _, _, _, b, _, h = c
        equal = b.expand(w.shape[0], -1)
        return torch.cat([equal, torch.minimum(w[:, equal.shape[1] :], h)], dim=-1)

    def _minimizer(self, w: Tensor, z: Tensor, C: Tensor, factor: Tensor, p: Tensor) -> Tensor:
        right = self.rho * product_t(C, 2 * z - w) - p
        if len(factor) == 1:  # one system with many right sides
            return torch.cholesky_solve(right.mT, factor[0]).mT
        return torch.cholesky_solve(right[..., None], factor)[..., 0]

    def bind(self, *c: Tensor) -> Step:
        C, factor, p = self._parts(c)

        def step(w: Tensor) -> Tensor:
            z = self._cut(w, c)
            return w + self.alpha * (product(C, self._minimizer(w, z, C, factor, p)) - z)

        return step

    def start(self, *c: Tensor) -> Tensor:
        _, e, m = Quadratic().sizes(*c)
        return c[0].new_zeros(batch_size(c), e + m)

    def solution(self, state: Tensor, *c: Tensor) -> Tensor:
        """x of a state w, (B, n)."""
        return self._minimizer(state, self._cut(state, c), *self._parts(c))

    def multipliers(self, state: Tensor, *c: Tensor) -> Tensor:
        """The multipliers (nu, lambda) of a state, (B, e + m)."""
        return self.rho * (state - self._cut(state, c))

    def state_of(self, kkt: Tensor, *c: Tensor) -> Tensor:
        """The state w = Cx + multipliers / rho of a primal-dual point (x, nu, lambda)."""
        x, nu, lam = Quadratic().split(kkt, *c)
        C, _, _ = self._parts(c)
        return product(C, x) + torch.cat([nu, lam], dim=-1) / self.rho
