r"""Which k of n labels? An entropy-regularized knapsack,
$\max_x s^\top x + \epsilon\sum H(x_i)$ subject to $0 \le x \le 1$, $\sum x = k$, H the entropy of a coin.

Three handwritten digits of different classes (data of scikit-learn) are laid over one another, and a small network
scores which classes are there. The solution is $x_i = \sigma((s_i + \nu)/\epsilon)$ with one unknown, the multiplier
$\nu$, which Newton's method finds. The task is to name the classes; the outcome is the share of labels missed.
"""

from __future__ import annotations

from dataclasses import dataclass
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
)
from duality.folding.program import Conditions, Program
from duality.folding.rules import FixedPoint
from duality.folding.unrolled import UnrolledLayer
from duality.folding.update import Step, UpdateMap, batch_size

LABELS, K, EPSILON = 10, 3, 1.0
STEPS = 100  # of the unrolled gradient method
ITERATIONS = 100  # of the solver
TRAINED, TESTED, HIDDEN = 600, 1000, 64


@dataclass(frozen=True)
class Knapsack(Program):
    """The problem for scores s (B, n): sum x = k. The bounds never bind, for the entropy keeps x inside."""

    k: int = K
    epsilon: float = EPSILON

    def sizes(self, *c: Tensor) -> tuple[int, int, int]:
        return c[0].shape[-1], 1, 0

    def objective(self, x: Tensor, *c: Tensor) -> Tensor:
        return (self.epsilon * (torch.xlogy(x, x) + torch.xlogy(1 - x, 1 - x)) - c[0] * x).sum(-1)

    def conditions(self, x: Tensor, nu: Tensor, lam: Tensor, *c: Tensor) -> Conditions:
        n = x.shape[-1]
        return Conditions(
            self.epsilon * torch.logit(x) - c[0],
            x.sum(-1, keepdim=True) - self.k,
            x.new_ones(1, 1, n),
            x.new_zeros(1, 0),
            x.new_zeros(1, 0, n),
            torch.diag_embed(self.epsilon / (x * (1 - x))),
        )


@dataclass(frozen=True)
class Multiplier(UpdateMap):
    """A Newton step on nu, (B, 1), for scores s (B, n)."""

    k: int = K
    epsilon: float = EPSILON

    def bind(self, *c: Tensor) -> Step:
        def step(nu: Tensor) -> Tensor:
            x = self.solution(nu, *c)
            slope = (x * (1 - x)).sum(-1, keepdim=True) / self.epsilon
            return nu - (x.sum(-1, keepdim=True) - self.k) / slope

        return step

    def start(self, *c: Tensor) -> Tensor:
        return c[0].new_zeros(batch_size(c), 1)

    def solution(self, state: Tensor, *c: Tensor) -> Tensor:
        """x of a multiplier, (B, n)."""
        return torch.sigmoid((c[0] + state) / self.epsilon)

    def solver(self, *c: Tensor) -> Tensor:
        """nu to the precision of the numbers: Newton steps inside a bracket, halved where a step leaves it."""
        falling = c[0].sort(dim=-1, descending=True).values
        shift = self.epsilon * torch.logit(torch.full_like(c[0][:, :1], self.k / c[0].shape[-1]))
        low, high = shift - falling[:, :1], shift - falling[:, -1:]  # all x below k/n, all above
        step, nu = self.bind(*c), (low + high) / 2
        eps = torch.finfo(nu.dtype).eps
        for _ in range(ITERATIONS):
            over = self.solution(nu, *c).sum(-1, keepdim=True) > self.k
            low, high = torch.where(over, low, nu), torch.where(over, nu, high)
            tried = step(nu)
            new = torch.where((tried >= low) & (tried <= high), tried, (low + high) / 2)
            if not bool(((new - nu).abs() > 4 * eps * (1 + nu.abs())).any()):
                return new
            nu = new
        return nu


@dataclass(frozen=True)
class DualGradientStep(UpdateMap):
    """A step of gradient descent on the dual function of nu, with the step size 4 epsilon / n that it allows."""

    k: int = K
    epsilon: float = EPSILON

    def bind(self, *c: Tensor) -> Step:
        def step(nu: Tensor) -> Tensor:
            x = self.solution(nu, *c)
            return nu - 4 * self.epsilon / x.shape[-1] * (x.sum(-1, keepdim=True) - self.k)

        return step

    def start(self, *c: Tensor) -> Tensor:
        return c[0].new_zeros(batch_size(c), 1)

    def solution(self, state: Tensor, *c: Tensor) -> Tensor:
        """x of a multiplier, (B, n)."""
        return torch.sigmoid((c[0] + state) / self.epsilon)


def primal_dual(*c: Tensor) -> Tensor:
    """Primal-dual points (x, -nu) by the same solver that the folded layer has."""
    nu = Multiplier().solver(*c)
    return torch.cat([Multiplier().solution(nu, *c), -nu], dim=-1)


def bisected(*c: Tensor) -> Tensor:
    """Primal-dual points (x, -nu) without a derivative: the bracket of nu is halved until no number is left inside."""
    (s,) = c
    wide = EPSILON * LABELS + s.abs().amax(-1, keepdim=True)
    low, high = -wide, wide
    while True:
        nu = (low + high) / 2
        if not bool(((low < nu) & (nu < high)).any()):
            return torch.cat([torch.sigmoid((s + nu) / EPSILON), -nu], dim=-1)
        over = torch.sigmoid((s + nu) / EPSILON).sum(-1, keepdim=True) > K
        low, high = torch.where(over, low, nu), torch.where(over, nu, high)


def parameters(count: int, seed: int) -> tuple[Tensor, ...]:
    """Scores, (count, n)."""
    return (2 * normal(count, LABELS, rng=generator(seed)),)


def folded() -> Layer:
    return FoldedLayer(Multiplier().solver, Multiplier(), FixedPoint())


def implicit() -> Layer:
    return ImplicitLayer(primal_dual, Knapsack())


def reference() -> Layer:
    """The optimality conditions at the points of another solver, bisection."""
    return ImplicitLayer(bisected, Knapsack())


def unrolled() -> Layer:
    return UnrolledLayer(DualGradientStep(), STEPS)


def conic_problem() -> tuple[Any, list[Any], list[Any]]:
    """The problem for a conic layer: two exponential cones per label."""
    import cvxpy as cp

    x, s = cp.Variable(LABELS), cp.Parameter(LABELS)
    entropy = cp.sum(cp.entr(x)) + cp.sum(cp.entr(1 - x))
    return cp.Problem(cp.Maximize(s @ x + EPSILON * entropy), [cp.sum(x) == K]), [s], [x]


def conic() -> Layer:
    from duality.folding.conic import ConicLayer

    return ConicLayer(*conic_problem())


@cache
def digits() -> tuple[Tensor, Tensor]:
    """The 1797 images of scikit-learn, (1797, 64) in [0, 1], and their classes."""
    from sklearn.datasets import load_digits

    images, classes = load_digits(return_X_y=True)
    return torch.as_tensor(images / 16, dtype=DTYPE), torch.as_tensor(classes)


def overlaid(count: int, seed: int, part: slice) -> tuple[Tensor, Tensor]:
    """`count` images (count, 64), each the mean of three digits of different classes from a part of the data, and
    which classes they are, (count, 10) of zeros and ones."""
    rng = generator(seed)
    images, classes = (value[part] for value in digits())
    picked = torch.rand(count, LABELS, generator=rng, dtype=torch.float32).argsort(-1)[:, :K]
    draw = torch.rand(count, K, len(classes), generator=rng, dtype=torch.float32)
    which = torch.where(classes == picked[..., None], draw, -1.0).argmax(-1)
    return images[which].mean(1), torch.zeros(count, LABELS, dtype=DTYPE).scatter(-1, picked, 1.0)


def _model(seed: int) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return nn.Sequential(nn.Linear(64, HIDDEN, dtype=DTYPE), nn.ReLU(), nn.Linear(HIDDEN, LABELS, dtype=DTYPE))


def _name(readout: Layer, seed: int, steps: int) -> float:
    """Train scores by the cross-entropy of `readout(scores)`; the share of true labels that are not among the top k."""
    train = overlaid(TRAINED, 2000 + seed, slice(0, 1200))
    test = overlaid(TESTED, 3000 + seed, slice(1200, None))
    model = _model(seed)

    def loss() -> Tensor:
        return nn.functional.binary_cross_entropy(readout(model(train[0])).clamp(1e-12, 1 - 1e-12), train[1])

    minimize(model, loss, steps, rate=0.01)
    with torch.no_grad():
        top = model(test[0]).topk(K, dim=-1).indices
        return float(1 - test[1].gather(-1, top).mean())


TASK = Task(
    "share of the labels that are missed",
    _name,
    lambda seed, steps: _name(torch.sigmoid, seed, steps),
    "one logistic regression per label on the same network",
)
PROBLEM = Learned(
    "top-k labels",
    parameters,
    {FOLDED: folded, IMPLICIT: implicit, UNROLLED: unrolled, CONIC: conic},
    reference,
    TASK,
)
