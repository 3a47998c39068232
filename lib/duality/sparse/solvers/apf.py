r"""APF: approximate path following (Wang, Liu and Zhang 2014, Algorithms 1-3), on batches.

A stage minimizes $L_n + P(\lambda_t, \cdot)$ from the end of the one before, for $\lambda_t = \varphi^t\lambda_0$ with
$\lambda_0 = \|\nabla L_n(0)\|_\infty$, down to the target; it ends when $\omega \le \lambda_t/4$, the last one when
$\omega \le$ tolerance. A step is a proximal gradient step whose length 1/L a line search finds.

All problems of a batch go through the same instructions, each with its own stage, step and number of levels: one pass
of the loop is one trial of the line search for every problem that is not done, and costs two products with its X.
Problems that are done are taken out of the batch.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from duality.sparse.losses import LeastSquares, Loss, predictions, pulled_back
from duality.sparse.penalties import L1, Penalty, soft_threshold
from duality.sparse.problem import Problems
from duality.sparse.solvers.solver import Solved, Solver, check_limits, levels, start
from duality.sparse.stationarity import residual


class Search(ABC):
    """How the step of a stage is found."""

    @abstractmethod
    def first(self, problems: Problems, loss: Loss) -> Tensor:
        """L for the first trial, (B,)."""

    @abstractmethod
    def accepts(self, excess: Tensor, allowed: Tensor) -> Tensor:
        """Whether a trial is taken, (B,): by how much the loss exceeds its linear model there, and L/2 |move|^2."""

    @abstractmethod
    def shorter(self, L: Tensor) -> Tensor:
        """L of the next trial when this one was refused."""

    @abstractmethod
    def longer(self, L: Tensor) -> Tensor:
        """L of the first trial of the next step when this one was accepted."""


@dataclass(frozen=True)
class LineSearch(Search):
    """Doubling L until the quadratic model is an upper bound; one halving before every step, not below `smallest`.

    The concave part is left out on both sides. It lies below its linear model, so what is accepted is at least as good;
    and where steps are tiny its values, unlike the excess of the loss, say nothing beyond their rounding.
    Raises `ValueError` unless `smallest` is positive and finite.
    """

    smallest: float = 1e-6

    def __post_init__(self) -> None:
        if not 0 < self.smallest < math.inf:
            raise ValueError(f"the smallest L of a line search must be positive and finite, not {self.smallest}")

    def first(self, problems: Problems, loss: Loss) -> Tensor:
        longest = problems.X.square().sum(1).amax(-1)  # the largest diagonal entry of X^T X
        return (loss.steepest() * longest / problems.counts).clamp_min(self.smallest)

    def accepts(self, excess: Tensor, allowed: Tensor) -> Tensor:
        return excess <= allowed * (1 + 16 * torch.finfo(allowed.dtype).eps)

    def shorter(self, L: Tensor) -> Tensor:
        return 2 * L

    def longer(self, L: Tensor) -> Tensor:
        return (L / 2).clamp_min(self.smallest)


@dataclass(frozen=True)
class FixedStep(Search):
    """Always the step alpha, as in PLISA. Raises `ValueError` unless it is positive and finite."""

    alpha: float

    def __post_init__(self) -> None:
        if not 0 < self.alpha < math.inf:
            raise ValueError(f"the step size must be positive and finite, not {self.alpha}")

    def first(self, problems: Problems, loss: Loss) -> Tensor:
        return problems.y.new_full((len(problems),), 1 / self.alpha)

    def accepts(self, excess: Tensor, allowed: Tensor) -> Tensor:
        return torch.ones_like(excess, dtype=torch.bool)

    def shorter(self, L: Tensor) -> Tensor:
        return L

    def longer(self, L: Tensor) -> Tensor:
        return L


class Stop(ABC):
    """When a stage ends, and the `tolerance` within which an answer has converged; by default none has."""

    tolerance: float = -math.inf

    @abstractmethod
    def __call__(self, omega: Tensor, lam: Tensor, last: Tensor, trials: Tensor) -> Tensor:
        """Which problems end their stage, (B,): omega, the level, whether the stage is the last, its trials so far."""


@dataclass(frozen=True)
class Stationary(Stop):
    """omega <= fraction lam, in the last stage omega <= tolerance; or `most` trials of the line search.

    Raises `ValueError` for a tolerance or a fraction that is not positive and for most < 1.
    """

    tolerance: float = 1e-4
    fraction: float = 0.25
    most: int = 10_000

    def __post_init__(self) -> None:
        check_limits(self.tolerance, self.most)
        if not self.fraction > 0:
            raise ValueError(f"a stage needs a fraction > 0 of its level, not {self.fraction}")

    def __call__(self, omega: Tensor, lam: Tensor, last: Tensor, trials: Tensor) -> Tensor:
        return (omega <= torch.where(last, self.tolerance, self.fraction * lam)) | (trials >= self.most)


@dataclass(frozen=True)
class AfterSteps(Stop):
    """After K steps, as in PLISA, wherever they lead. Raises `ValueError` for K < 1."""

    K: int

    def __post_init__(self) -> None:
        if self.K < 1:
            raise ValueError(f"a stage needs K >= 1 steps, not {self.K}")

    def __call__(self, omega: Tensor, lam: Tensor, last: Tensor, trials: Tensor) -> Tensor:
        return trials >= self.K


@dataclass(frozen=True)
class APF(Solver):
    """Path following to the level lam, one for all entries of a problem. Raises `ValueError` for phi outside (0, 1).

    `converged` says whether omega is within the tolerance of `stop` at the end; `steps` counts accepted steps.
    """

    loss: Loss = LeastSquares()
    penalty: Penalty = L1()
    phi: float = 0.9
    search: Search = LineSearch()
    stop: Stop = Stationary()

    def __post_init__(self) -> None:
        if not 0 < self.phi < 1:
            raise ValueError(f"the ratio of a path lies between 0 and 1, not {self.phi}")

    @torch.no_grad()
    def __call__(self, problems: Problems, lam: Tensor | float) -> Solved:
        target = levels(problems, lam)
        if bool((target != target[:, :1]).any()):
            raise ValueError("path following takes one level for all entries of a problem")
        target, answers = target[:, 0], start(problems, self.loss)
        omegas, steps = torch.zeros_like(target), torch.zeros_like(problems.counts)
        path = self._begun(problems, answers, target)
        while len(path.index):
            omega = self._trial(path)
            over = path.stage > path.stages
            if bool(over.any()):
                where = path.index[over]
                answers[where], omegas[where], steps[where] = path.beta[over], omega[over], path.steps[over]
                path = path.without(over)
        return Solved(answers, omegas, omegas <= self.stop.tolerance, steps)

    def _begun(self, problems: Problems, beta: Tensor, target: Tensor) -> _Path:
        u = torch.zeros_like(problems.y)
        g = self.loss.at_zero(problems)
        first = g.abs().amax(-1)
        stages = ((first / target).log() / -math.log(self.phi)).ceil().clamp_min(1).long()
        L, zero = self.search.first(problems, self.loss), torch.zeros_like(stages)
        index = torch.arange(len(problems), device=target.device)
        return _Path(problems, index, target, first, stages, zero + 1, zero, zero, L, beta, u, g)

    def _trial(self, path: _Path) -> Tensor:
        """One trial for every problem, in place; problems whose stage is over go to the next instead. omega, (B,)."""
        last = path.stage >= path.stages
        level = torch.where(last, path.target, path.first * (math.log(self.phi) * path.stage.to(path.first)).exp())
        lam, L = level[:, None], path.L[:, None]
        g = path.g + self.penalty.concave_slope(lam, path.beta)
        omega = residual(g, path.beta, lam)
        over = self.stop(omega, level, last, path.trials)
        trial = soft_threshold(path.beta - g / L, lam / L)
        u, move = predictions(path.problems, trial), trial - path.beta
        excess = self.loss.excess(path.problems, path.u, u - path.u)
        accepted = self.search.accepts(excess, path.L / 2 * move.square().sum(-1)) & ~over
        path.L = torch.where(accepted, self.search.longer(path.L), self.search.shorter(path.L)).where(~over, path.L)
        moved = accepted[:, None]
        path.g = torch.where(moved, pulled_back(path.problems, self.loss.slope(path.problems, u)), path.g)
        path.beta, path.u = torch.where(moved, trial, path.beta), torch.where(moved, u, path.u)
        path.steps = path.steps + accepted
        path.trials = torch.where(over, 0, path.trials + 1)
        path.stage = path.stage + over.long()
        return omega


@dataclass
class _Path:
    """Where the problems of a batch are; all have the problems first. `stages` is the number of the last stage."""

    problems: Problems
    index: Tensor  # in the batch that was given
    target: Tensor
    first: Tensor
    stages: Tensor
    stage: Tensor
    trials: Tensor  # in this stage
    steps: Tensor
    L: Tensor
    beta: Tensor
    u: Tensor  # X beta
    g: Tensor  # the gradient of the loss at beta

    def without(self, over: Tensor) -> _Path:
        """Only the problems that go on."""
        return _Path(*(getattr(self, part.name)[~over] for part in fields(self)))
