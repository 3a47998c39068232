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
from duality.folding.update import batch_size, rows

INSIDE = 0.995  # of the way to the boundary
FEW = 0.7  # when fewer problems than this share are left, the others are put aside


@dataclass(frozen=True)
class InteriorPoint:
    """Solves a batch of convex programs; returns primal-dual points (B, n + e + m).

    A problem is done when its residuals and complementarity are below a tolerance, relative to the size of its gradient
    at the start; then at most `polish` steps on its active set are taken, each kept where it helps. Problems that these
    steps do not bring to the precision of the numbers are driven further inside first, to each of `tolerances` in turn,
    which are powers of eps. Those that take more than `iterations` in a turn are left as they are: a layer marks
    them. What is returned satisfies the first-order conditions; without convexity it need not be a minimum.
    """

    program: Program
    tolerances: tuple[float, ...] = (0.45, 0.55, 0.65)
    iterations: int = 50
    polish: int = 3

    def __call__(self, *c: Tensor) -> Tensor:
        n, e, m = self.program.sizes(*c)
        count, eps = batch_size(c), torch.finfo(c[0].dtype).eps
        inner = c[0].new_zeros(count, n + e + m)
        inner[:, n + e :] = 1
        at = self.program.conditions(*self.program.split(inner, *c), *c)
        t = (-at.h).expand(count, m).clamp_min(1.0)
        scale = (1 + at.gradient.abs().amax(-1)).expand(count)
        state, rough = inner.clone(), torch.arange(count, device=inner.device)
        for power in self.tolerances:
            here, size = rows(c, rough), scale[rough]
            inner[rough], t[rough] = self._inside(inner[rough], t[rough], here, eps**power * size)
            state[rough], violation = self._polished(inner[rough], here)
            rough = rough[violation > eps**0.7 * size]
            if not len(rough):
                break
        return state

    def _inside(self, state: Tensor, t: Tensor, c: tuple[Tensor, ...], goal: Tensor) -> tuple[Tensor, Tensor]:
        """Steps until the residuals of each problem are below its goal (B,); problems that are done are left out."""
        found, slacks = state.clone(), t.clone()
        numbers, here = torch.arange(len(state), device=state.device), c
        for _ in range(self.iterations):
            x, nu, lam = self.program.split(state, *here)
            at = self.program.conditions(x, nu, lam, *here)
            slope = at.gradient + product_t(at.g_jacobian, nu) + product_t(at.h_jacobian, lam)
            inside, g = at.h + t, at.g.expand(len(state), -1)
            moving = torch.cat([slope, g, inside, lam * t], dim=-1).abs().amax(-1) > goal[numbers]
            if not bool(moving.any()):
                break
            steps = _step(at, slope, inside, lam, t)
            length = _length(torch.cat([t, lam], -1), torch.cat([steps[3], steps[2]], -1), INSIDE) * moving[:, None]
            state, t = state + length * torch.cat(steps[:3], dim=-1), t + length * steps[3]
            found[numbers], slacks[numbers] = state, t
            if int(moving.sum()) < FEW * len(moving):
                state, t, numbers, here = state[moving], t[moving], numbers[moving], rows(here, moving)
        return found, slacks

    def _polished(self, state: Tensor, c: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
        """Steps on the active set, row by row where they reduce the violation; the violations that remain."""
        step, least = SQP(self.program).bind(*c), self.violation(state, *c)
        for _ in range(self.polish):
            tried = step(state)
            reached = self.violation(tried, *c)
            better = reached < least
            if not bool(better.any()):
                break
            state = torch.where(better[:, None], tried, state)
            least = torch.where(better, reached, least)
        return state, least

    def violation(self, state: Tensor, *c: Tensor) -> Tensor:
        """The largest violation of the optimality conditions, signs included, (B,)."""
        x, nu, lam = self.program.split(state, *c)
        signs = torch.cat([self.program.conditions(x, nu, lam, *c).h.expand_as(lam), -lam], dim=-1)
        return torch.cat([self.program.kkt_residual(state, *c).abs(), signs], dim=-1).amax(-1)


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
