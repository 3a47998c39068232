r"""A primal-dual interior-point method with predictor and corrector for convex programs, a batch at a time.

Mehrotra (1992): with slacks $t = -h(x) > 0$ the conditions $\lambda t = \sigma\mu$ are relaxed and driven to zero by
Newton steps that stay inside. Every iteration factors one matrix of size n per problem, used four times. Near the
boundary that matrix is ill-conditioned; so the last digits come from Newton steps on the active constraints, which is
what one step of SQP is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from duality.folding.program import Conditions, Program, product, product_t
from duality.folding.sqp import SQP
from duality.folding.update import batch_size

INSIDE = 0.995  # of the way to the boundary


@dataclass(frozen=True)
class InteriorPoint:
    """Solves a batch of convex programs; returns primal-dual points (B, n + e + m).

    A problem is done when its residuals and complementarity are below `tolerance` (default eps^0.45, relative to the
    size of its gradient at the start); then at most `polish` steps on its active set are taken, each kept where it helps.
    Problems that are not done after `iterations` are returned as they are: a layer marks them.
    """

    program: Program
    tolerance: float | None = None
    iterations: int = 50
    polish: int = 3

    def __call__(self, *c: Tensor) -> Tensor:
        n, e, m = self.program.sizes(*c)
        count = batch_size(c)
        x, nu = c[0].new_zeros(count, n), c[0].new_zeros(count, e)
        lam = c[0].new_ones(count, m)
        at = self.program.conditions(x, nu, lam, *c)
        t = (-at.h).expand(count, m).clamp_min(1.0)
        scale = 1 + at.gradient.abs().amax(-1, keepdim=True)
        tolerance = self.tolerance or torch.finfo(x.dtype).eps ** 0.45
        for _ in range(self.iterations):
            slope = at.gradient + product_t(at.g_jacobian, nu) + product_t(at.h_jacobian, lam)
            inside = at.h + t
            worst = torch.cat([slope.expand(count, n), at.g.expand(count, e), inside, lam * t], dim=-1).abs()
            moving = (worst > tolerance * scale).any(-1, keepdim=True)
            if not bool(moving.any()):
                break
            x_step, nu_step, lam_step, t_step = _step(at, slope, inside, lam, t)
            length = _length(torch.cat([t, lam], -1), torch.cat([t_step, lam_step], -1), INSIDE) * moving
            x, nu = x + length * x_step, nu + length * nu_step
            lam, t = lam + length * lam_step, t + length * t_step
            at = self.program.conditions(x, nu, lam, *c)
        return self._polished(torch.cat([x, nu, lam], dim=-1), c)

    def _polished(self, state: Tensor, c: tuple[Tensor, ...]) -> Tensor:
        """Steps on the active set, row by row where they reduce the violation of the optimality conditions."""
        step, least = SQP(self.program).bind(*c), self.violation(state, *c)
        for _ in range(self.polish):
            tried = step(state)
            reached = self.violation(tried, *c)
            better = reached < least
            if not bool(better.any()):
                break
            state = torch.where(better[:, None], tried, state)
            least = torch.where(better, reached, least)
        return state

    def violation(self, state: Tensor, *c: Tensor) -> Tensor:
        """The largest violation of the optimality conditions, signs included, (B,)."""
        x, nu, lam = self.program.split(state, *c)
        signs = torch.cat([self.program.conditions(x, nu, lam, *c).h.expand_as(lam), -lam], dim=-1)
        return torch.cat([self.program.stationarity(state, *c).abs(), signs], dim=-1).amax(-1)


def _step(at: Conditions, slope: Tensor, inside: Tensor, lam: Tensor, t: Tensor) -> tuple[Tensor, ...]:
    """The changes of x, nu, lambda and t: a look ahead, then the step to the target that it suggests."""
    solve = _newton(at, lam, t)
    if lam.shape[-1] == 0:
        return solve(slope, at.g, inside, lam * t)
    _, _, lam_step, t_step = solve(slope, at.g, inside, lam * t)
    length = _length(torch.cat([t, lam], -1), torch.cat([t_step, lam_step], -1), 1.0)
    gap = (lam * t).mean(-1, keepdim=True)
    after = ((t + length * t_step) * (lam + length * lam_step)).mean(-1, keepdim=True)
    target = gap * (after / gap).clamp(0, 1) ** 3
    return solve(slope, at.g, inside, lam * t + lam_step * t_step - target)


def _length(value: Tensor, step: Tensor, share: float) -> Tensor:
    """The longest step (B, 1), at most 1, that goes at most `share` of the way to where an entry would be zero."""
    if value.shape[-1] == 0:
        return value.new_ones(value.shape[0], 1)
    steepest = (-step / value).amax(-1, keepdim=True)
    return (share / steepest.clamp_min(share)).clamp_max(1.0)


def _newton(at: Conditions, lam: Tensor, t: Tensor) -> Callable[..., tuple[Tensor, ...]]:
    """The solution of the linearized conditions as a function of their right sides."""
    weight = lam / t
    system = at.hessian + at.h_jacobian.mT @ (weight[..., None] * at.h_jacobian)
    size = system.diagonal(dim1=-2, dim2=-1).amax(-1)
    system = system + torch.diag_embed((1e-13 * size)[:, None].expand(-1, system.shape[-1]))
    factor, _ = torch.linalg.cholesky_ex(system)
    e = at.g_jacobian.shape[-2]
    if e:
        lifted = torch.cholesky_solve(at.g_jacobian.mT.expand(len(system), -1, -1), factor)
        schur, _ = torch.linalg.cholesky_ex(at.g_jacobian @ lifted)

    def once(slope: Tensor, g: Tensor, inside: Tensor, pairs: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        right = -slope + product_t(at.h_jacobian, pairs / t - weight * inside)
        x_step = torch.cholesky_solve(right[..., None], factor)
        nu_step = slope.new_zeros(len(system), 0)
        if e:
            dual = torch.cholesky_solve(at.g_jacobian @ x_step + g[..., None], schur)
            x_step = x_step - lifted @ dual
            nu_step = dual[..., 0]
        x_step = x_step[..., 0]
        t_step = -inside - product(at.h_jacobian, x_step)
        return x_step, nu_step, -(pairs + lam * t_step) / t, t_step

    def solve(slope: Tensor, g: Tensor, inside: Tensor, pairs: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        x_step, nu_step, lam_step, t_step = once(slope, g, inside, pairs)
        rest = slope + product(at.hessian, x_step) + product_t(at.g_jacobian, nu_step)
        rest = rest + product_t(at.h_jacobian, lam_step)
        more = once(rest, g + product(at.g_jacobian, x_step), torch.zeros_like(t), torch.zeros_like(t))
        x_more, nu_more, lam_more, t_more = more
        return x_step + x_more, nu_step + nu_more, lam_step + lam_more, t_step + t_more

    return solve
