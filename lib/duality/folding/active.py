r"""One step of the primal-dual active set method for strictly convex quadratic programs as an update map.

For $\min \tfrac12x^\top Qx + p^\top x$ subject to $Ax = b$, $Gx \le h$, Q positive definite, write $C = (A; G)$,
$r = (b; h)$. The multipliers y of a solution determine it, $x = -Q^{-1}(p + C^\top y)$, and the slack is
$r - Cx = Ky + d$ with $K = CQ^{-1}C^\top$ and $d = r + CQ^{-1}p$. The step guesses the active set $\mathcal A$, every
equality and the inequalities with $y_i > (Ky + d)_i/K_{ii}$, and solves for its multipliers (Hintermüller, Ito and
Kunisch 2002):

$$K_{\mathcal{AA}}\,y^+_{\mathcal A} = -d_{\mathcal A}, \qquad y^+_i = 0 \text{ elsewhere.}$$

It is the step of SQP with x eliminated. A fixed point is a solution, exactly. The state enters through the active set
alone, so $\Phi = 0$ and the backward pass costs one solve of the size of the active set.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from duality.folding.program import Quadratic, product, product_t
from duality.folding.update import Step, UpdateMap, batch_size


class _Dual(NamedTuple):
    """The problem in its multipliers: factor of Q, C, K, d; leading axes are 1 where all problems share them."""

    factor: Tensor
    C: Tensor
    K: Tensor
    d: Tensor


class ActiveSet(UpdateMap):
    """The map above. The parameters are those of `Quadratic`: Q, p, A, b, G, h. States are multipliers (B, e + m)."""

    def bind(self, *c: Tensor) -> Step:
        dual, equalities = _dual(c), Quadratic().sizes(*c)[1]

        def step(y: Tensor) -> Tensor:
            with torch.no_grad():
                chosen = _active(y, dual, equalities)
            return _solved(chosen, dual)

        return step

    def start(self, *c: Tensor) -> Tensor:
        _, e, m = Quadratic().sizes(*c)
        return c[0].new_zeros(batch_size(c), e + m)

    def solution(self, state: Tensor, *c: Tensor) -> Tensor:
        """x of the multipliers, (B, n)."""
        dual = _dual(c)
        return -_against(dual.factor, c[1] + product_t(dual.C, state))

    def kkt(self, state: Tensor, *c: Tensor) -> Tensor:
        """The primal-dual point (x, nu, lambda) of the multipliers, (B, n + e + m)."""
        return torch.cat([self.solution(state, *c), state], dim=-1)


def _dual(c: tuple[Tensor, ...]) -> _Dual:
    Q, p, A, b, G, h = c
    shared = max(A.shape[0], G.shape[0])
    C = torch.cat([A.expand(shared, -1, -1), G.expand(shared, -1, -1)], dim=-2)
    factor, _ = torch.linalg.cholesky_ex((Q + Q.mT) / 2)
    lifted = torch.cholesky_solve(C.mT, factor.expand(max(len(factor), shared), -1, -1))
    count = max(b.shape[0], h.shape[0])
    right = torch.cat([b.expand(count, -1), h.expand(count, -1)], dim=-1)
    return _Dual(factor, C, C @ lifted, right + product_t(lifted, p))


def _against(factor: Tensor, v: Tensor) -> Tensor:
    """Q^{-1} v for each row of v; one system with many right sides where Q is shared."""
    if len(factor) == 1:
        return torch.cholesky_solve(v.mT, factor[0]).mT
    return torch.cholesky_solve(v[..., None], factor)[..., 0]


def _active(y: Tensor, dual: _Dual, equalities: int) -> Tensor:
    """Which constraints count as active, (B, e + m)."""
    scale = dual.K.diagonal(dim1=-2, dim2=-1)
    chosen = y > (product(dual.K, y) + dual.d) / scale
    chosen[:, :equalities] = True
    return chosen


def _solved(chosen: Tensor, dual: _Dual) -> Tensor:
    """The multipliers of the chosen constraints, zero elsewhere; the largest set gives the size of the systems."""
    count = chosen.sum(-1)
    size = max(int(count.max()), 1)
    order = chosen.to(torch.int8).argsort(dim=-1, descending=True, stable=True)[:, :size]
    inside = torch.arange(size, device=chosen.device) < count[:, None]
    which = torch.arange(len(chosen), device=chosen.device)[:, None] * (len(dual.K) > 1)
    system = dual.K[which[..., None], order[:, :, None], order[:, None, :]]
    system = torch.where(inside[:, :, None] & inside[:, None, :], system, torch.eye(size).to(system))
    right = torch.where(inside, dual.d.expand(len(chosen), -1).gather(-1, order), 0.0)
    factor, _ = torch.linalg.cholesky_ex(system)
    found = torch.cholesky_solve(-right[..., None], factor)[..., 0]
    return torch.zeros_like(chosen, dtype=found.dtype).scatter(-1, order, found)
