r"""Portfolios with a limit on risk.

$$\max_w p^\top w \quad\text{subject to}\quad w^\top\Sigma w \le \delta, \quad \textstyle\sum w \le 1, \quad w \ge 0.$$

50 assets whose returns have 4 common factors, $\Sigma = BB^\top + \mathrm{diag}(v)$, in percent; the expected returns p
are predicted from 5 features. Data as in Elmachtoub and Grigas (2022). The task is to earn: training maximizes what the
chosen portfolios would have earned, and the outcome is what is missing to the best portfolio for the true p.

With the multipliers $\gamma$ of the risk and $\tau$ of the budget and with $\phi = \gamma B^\top w$,

$$w_i = \frac{r_i}{\gamma v_i}, \quad r = (p - \tau - B\phi)_+, \quad \phi = B^\top(r/v), \quad
\gamma^2\delta = \|\phi\|^2 + \textstyle\sum r_i^2/v_i,$$

so that five unknowns $(\phi, \tau)$ are left. A Newton step on them is the update map.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from torch import Tensor, nn

from duality.folding.implicit import ImplicitLayer
from duality.folding.layer import FoldedLayer
from duality.folding.problems.learned import (
    CONIC,
    DTYPE,
    FOLDED,
    IMPLICIT,
    UNROLLED,
    Layer,
    Learned,
    Task,
    generator,
    minimize,
    normal,
    uniform,
)
from duality.folding.program import Conditions, Program, product, product_t
from duality.folding.proximal import Simplex
from duality.folding.rules import FixedPoint
from duality.folding.solvers.interior import InteriorPoint
from duality.folding.unrolled import UnrolledLayer
from duality.folding.update import Step, UpdateMap, batch_size, lengths, rows

ASSETS, FACTORS, FEATURES, DEGREE = 50, 4, 5, 8
STEPS = 500  # of the unrolled method; the worst of 256 solutions is then right to about 1e-5
TRAINED, TESTED = 100, 500
NEWTON, INNER, OUTER = 12, 30, 60  # most steps


@cache
def shared(seed: int = 0) -> tuple[Tensor, ...]:
    """B (1, n, k), v (1, n) and delta (1, 1): 2.25 times the risk of equal weights."""
    rng = generator(seed)
    B, v = (uniform(ASSETS, FACTORS, rng=rng) - 0.5) / 2, torch.ones(ASSETS, dtype=DTYPE)
    risk = (B.mean(0).square().sum() + v.sum() / ASSETS**2) * 2.25
    return B[None], v[None], risk[None, None]


def means(features: Tensor, hidden: Tensor) -> Tensor:
    """Expected returns in percent, (count, n): a polynomial of the features that no linear model matches."""
    base = 0.05 / FEATURES**0.5 * features @ hidden + 0.1 ** (1 / DEGREE)
    return 100 * base**DEGREE


def _hidden(rng: torch.Generator) -> Tensor:
    return (uniform(FEATURES, ASSETS, rng=rng) < 0.5).to(DTYPE)


def complete(p: Tensor) -> tuple[Tensor, ...]:
    """p, B, v, delta."""
    return p, *shared()


def parameters(count: int, seed: int) -> tuple[Tensor, ...]:
    """Expected returns of `count` days."""
    rng = generator(seed)
    hidden = _hidden(rng)
    return (means(normal(count, FEATURES, rng=rng), hidden),)


class Portfolio(Program):
    """The problem with parameters p, B, v, delta. The inequalities are half the risk, the budget and the signs."""

    def sizes(self, *c: Tensor) -> tuple[int, int, int]:
        n = c[0].shape[-1]
        return n, 0, n + 2

    def objective(self, x: Tensor, *c: Tensor) -> Tensor:
        return -(c[0] * x).sum(-1)

    def conditions(self, x: Tensor, nu: Tensor, lam: Tensor, *c: Tensor) -> Conditions:
        p, B, v, delta = c
        n = p.shape[-1]
        image = product(B, product_t(B, x)) + v * x
        count = len(image)
        h = torch.cat([((x * image).sum(-1, keepdim=True) - delta) / 2, x.sum(-1, keepdim=True) - 1, -x], dim=-1)
        rest = torch.cat([torch.ones(1, n, dtype=x.dtype), -torch.eye(n, dtype=x.dtype)]).to(x.device)
        jacobian = torch.cat([image[:, None], rest.expand(count, -1, -1)], dim=-2)
        covariance = B @ B.mT + torch.diag_embed(v)
        empty = x.new_zeros(1, 0)
        return Conditions(-p, empty, x.new_zeros(1, 0, n), h, jacobian, lam[:, :1, None] * covariance)


class _Unknowns:
    """What follows from (phi, tau): r, the multiplier gamma, and how much the conditions are violated."""

    def __init__(self, phi: Tensor, tau: Tensor, c: tuple[Tensor, ...]) -> None:
        p, B, v, delta = c
        self.r = torch.relu(p - tau - product(B, phi))
        self.weights = self.r / v
        self.off = phi - product_t(B, self.weights)
        self.total = self.weights.sum(-1, keepdim=True)
        self.gamma = (
            (phi.square().sum(-1, keepdim=True) + (self.r * self.weights).sum(-1, keepdim=True)) / delta
        ).sqrt()
        self.over = self.total - self.gamma  # gamma times what is spent beyond the budget
        self.delta = delta
        share = (self.r > 0) / v
        outer = (B[..., :, None] * B[..., None, :]).flatten(-2)
        k = B.shape[-1]
        self.curvature = torch.eye(k).to(phi) + product_t(outer, share).unflatten(-1, (k, k))
        self.pull = product_t(B, share)
        self.count = share.sum(-1, keepdim=True)


class NewtonStep(UpdateMap):
    """A Newton step on (phi, tau). Parameters p, B, v, delta; states (B, k + 1).

    Some p must be positive, and no asset alone may keep the limit of the risk.
    """

    def bind(self, *c: Tensor) -> Step:
        def step(state: Tensor) -> Tensor:
            phi, tau = state[:, :-1], state[:, -1:]
            at = _Unknowns(phi, tau, c)
            binds = (tau + at.over / at.count > 0).detach()  # else the budget is left unspent, and tau is 0
            zero = torch.zeros_like(tau)
            last = torch.cat(
                [
                    torch.where(binds, -at.pull - at.off / (at.gamma * at.delta), 0.0),
                    torch.where(binds, -at.count + at.total / (at.gamma * at.delta), zero + 1),
                ],
                dim=-1,
            )
            upper = torch.cat([at.curvature, at.pull[..., None]], dim=-1)
            system = torch.cat([upper, last[:, None]], dim=-2)
            right = torch.cat([at.off, torch.where(binds, at.over, tau)], dim=-1)
            found, _ = torch.linalg.solve_ex(system, right[..., None])
            return state - found[..., 0]

        return step

    def start(self, *c: Tensor) -> Tensor:
        return c[0].new_zeros(batch_size(c), c[1].shape[-1] + 1)

    def solution(self, state: Tensor, *c: Tensor) -> Tensor:
        """The portfolios w, (B, n)."""
        at = _Unknowns(state[:, :-1], state[:, -1:], c)
        return at.weights / at.gamma

    def kkt(self, state: Tensor, *c: Tensor) -> Tensor:
        """The primal-dual points of `Portfolio`."""
        p, B, *_ = c
        phi, tau = state[:, :-1], state[:, -1:]
        at = _Unknowns(phi, tau, c)
        return torch.cat([at.weights / at.gamma, at.gamma, tau, torch.relu(tau + product(B, phi) - p)], dim=-1)


def solver(*c: Tensor) -> Tensor:
    """States of `NewtonStep`: its own steps, which nearly always converge; `safeguarded` for the problems left."""
    step, state = NewtonStep().bind(*c), NewtonStep().start(*c)
    tolerance = torch.finfo(state.dtype).eps ** 0.75
    for _ in range(NEWTON):
        before, state = state, step(state)
        moving = ~(lengths(state - before) <= tolerance * lengths(state).clamp_min(1))
        if not bool(moving.any()):
            return state
    left = moving.nonzero()[:, 0]
    state[left] = safeguarded(*rows(c, left))
    return state


def safeguarded(*c: Tensor) -> Tensor:
    """States of `NewtonStep` for every problem: Newton's method on tau inside a bracket, and for each tau one on phi.

    What is spent falls with tau, so the bracket [0, max p] never loses the root.
    """
    p, B, _, _ = c
    state = NewtonStep().start(*c)
    phi, tau = state[:, :-1], state[:, -1:]
    low, high = torch.zeros_like(tau), p.amax(-1, keepdim=True).clamp_min(0).expand_as(tau)
    eps = torch.finfo(p.dtype).eps
    for _ in range(OUTER):
        phi, at = _factors(phi, tau, c)
        low, high = torch.where(at.over > 0, tau, low), torch.where(at.over > 0, high, tau)
        pulled = torch.linalg.solve_ex(at.curvature, at.pull[..., None])[0][..., 0]
        slope = -at.count + (at.pull * pulled).sum(-1, keepdim=True) + at.total / (at.gamma * at.delta)
        tried = tau - at.over / slope
        inside = (tried >= low) & (tried <= high)
        new = torch.where(inside, tried, (low + high) / 2)
        if not bool(((new - tau).abs() > 4 * eps * high).any()):
            break
        tau = new
    return torch.cat([_factors(phi, tau, c)[0], tau], dim=-1)


def _factors(phi: Tensor, tau: Tensor, c: tuple[Tensor, ...]) -> tuple[Tensor, _Unknowns]:
    """phi for a given tau: the minimum of a convex, piecewise quadratic function, by Newton's method."""
    for _ in range(INNER):
        at = _Unknowns(phi, tau, c)
        step = torch.linalg.solve_ex(at.curvature, at.off[..., None])[0][..., 0]
        if not bool((step.abs() > 1e-14 * (1 + phi.abs())).any()):
            break
        phi = phi - step
    return phi, at


def primal_dual(*c: Tensor) -> Tensor:
    """Primal-dual points by the same solver that the folded layer has."""
    return NewtonStep().kkt(solver(*c), *c)


class PrimalDualStep(UpdateMap):
    """The first-order method of Chambolle and Pock (2011) on portfolio and risk: what one would unroll.

    w is moved along p and projected on w >= 0, sum w <= 1 (with cash as one more asset, a simplex); u is the multiplier
    of the risk. States are (w with cash, u), (B, n + 1 + n + k).
    """

    def bind(self, *c: Tensor) -> Step:
        p, B, v, delta = c
        n = p.shape[-1]
        root = torch.cat([B.mT, torch.diag_embed(v.sqrt())], dim=-2)  # rootᵀ root = Sigma
        size = torch.linalg.matrix_norm(root, 2)[:, None]
        scale = p.abs().amax(-1, keepdim=True)
        primal, dual = 0.9 / size / scale, 0.9 / size * scale
        project = Simplex()

        def step(state: Tensor) -> Tensor:
            w, u = state[:, : n + 1], state[:, n + 1 :]
            ahead = torch.cat([p - product_t(root, u), torch.zeros_like(u[:, :1])], dim=-1)
            new = project(w + primal * ahead, 1.0)
            u = u + dual * product(root, (2 * new - w)[:, :n])
            length = torch.linalg.vector_norm(u, dim=-1, keepdim=True)
            u = u * torch.relu(1 - dual * delta.sqrt() / length.clamp_min(torch.finfo(u.dtype).tiny))
            return torch.cat([new, u], dim=-1)

        return step

    def start(self, *c: Tensor) -> Tensor:
        p, B, *_ = c
        n, k = B.shape[-2:]
        state = p.new_zeros(batch_size(c), 2 * n + 1 + k)
        state[:, :n] = 1 / n
        return state

    def solution(self, state: Tensor, *c: Tensor) -> Tensor:
        """The portfolios w, (B, n)."""
        return state[:, : c[0].shape[-1]]


def _completed(layer: nn.Module) -> Layer:
    return lambda p: layer(*complete(p))


def folded() -> Layer:
    return _completed(FoldedLayer(solver, NewtonStep(), FixedPoint()))


def implicit() -> Layer:
    return _completed(ImplicitLayer(primal_dual, Portfolio()))


def reference() -> Layer:
    """The optimality conditions at the points of another solver, the interior-point method."""
    return _completed(ImplicitLayer(InteriorPoint(Portfolio()), Portfolio()))


def unrolled() -> Layer:
    return _completed(UnrolledLayer(PrimalDualStep(), STEPS))


def conic_problem() -> tuple[Any, list[Any], list[Any]]:
    """The problem for a conic layer, with the factors as variables, which keeps its matrices sparse."""
    import cvxpy as cp
    import numpy as np

    B, v, delta = (value[0].numpy() for value in shared())
    w, f, p = cp.Variable(ASSETS), cp.Variable(FACTORS), cp.Parameter(ASSETS)
    risk = cp.norm(cp.hstack([f, cp.multiply(np.sqrt(v), w)]))
    limits = [B.T @ w == f, risk <= float(np.sqrt(delta[0])), cp.sum(w) <= 1, w >= 0]
    return cp.Problem(cp.Maximize(p @ w), limits), [p], [w]


def conic() -> Layer:
    from duality.folding.conic import ConicLayer

    return ConicLayer(*conic_problem())


def _data(seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """Features, true expected returns and the returns that were seen, training and test data together."""
    rng = generator(1000 + seed)
    hidden, features = _hidden(rng), normal(TRAINED + TESTED, FEATURES, rng=rng)
    B, v, _ = shared()
    expected = means(features, hidden)
    seen = (
        expected + normal(len(features), FACTORS, rng=rng) @ B[0].mT + normal(len(features), ASSETS, rng=rng) * v.sqrt()
    )
    return features, expected, seen


def _model() -> nn.Linear:
    model = nn.Linear(FEATURES, ASSETS, dtype=DTYPE)
    nn.init.zeros_(model.weight)
    nn.init.constant_(model.bias, 10.0)
    return model


def _fit(model: nn.Linear, features: Tensor, seen: Tensor) -> None:
    """Least squares, in closed form."""
    design = torch.cat([features, torch.ones_like(features[:, :1])], dim=-1)
    found = torch.linalg.lstsq(design, seen).solution
    with torch.no_grad():
        model.weight.copy_(found[:-1].mT)
        model.bias.copy_(found[-1])


def regret(predicted: Tensor, expected: Tensor) -> float:
    """What portfolios for the predicted returns miss of the best possible expected return, as a share of it."""
    with torch.no_grad():
        chosen, best = (folded()(p) for p in (predicted, expected))
        return float(1 - (expected * chosen).sum() / (expected * best).sum())


def _earn(layer: Layer, seed: int, steps: int) -> float:
    """Fit returns by least squares, then train on what the portfolios would have earned."""
    features, expected, seen = _data(seed)
    model = _model()
    _fit(model, features[:TRAINED], seen[:TRAINED])
    minimize(model, lambda: -(seen[:TRAINED] * layer(model(features[:TRAINED]))).sum(-1).mean(), steps, rate=0.02)
    with torch.no_grad():
        return regret(model(features[TRAINED:]), expected[TRAINED:])


def _predict(seed: int, steps: int) -> float:
    features, expected, seen = _data(seed)
    model = _model()
    _fit(model, features[:TRAINED], seen[:TRAINED])
    with torch.no_grad():
        return regret(model(features[TRAINED:]), expected[TRAINED:])


TASK = Task("share of the best expected return that is missed", _earn, _predict, "least squares on the returns")
PROBLEM = Learned(
    "portfolio",
    parameters,
    {FOLDED: folded, IMPLICIT: implicit, UNROLLED: unrolled, CONIC: conic},
    reference,
    TASK,
)
