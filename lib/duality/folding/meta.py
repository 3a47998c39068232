r"""Few-shot regression with linear features, where adaptation by gradient steps and implicit MAML are both explicit.

A task is a sinusoid $a\sin(x + p)$, seen at a few points; a model is $\theta^\top\varphi(x)$ with fixed random Fourier
features. Adaptation starts from $\theta_0$ and lowers

$$L(\theta) = \tfrac1{2n}\|\Phi\theta - y\|^2 + \tfrac\lambda2\|\theta - \theta_0\|^2 ,$$

$\lambda = 0$ being MAML as it is usually written. The meta-loss is the mean squared error at other points of the task.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor, nn

from duality.folding.layer import FoldedLayer
from duality.folding.program import product, product_t
from duality.folding.rules import CG, Rule
from duality.folding.unrolled import UnrolledLayer
from duality.folding.update import Step, UpdateMap

WIDEST = 4.0  # frequency
REACH = 4.0  # points are uniform in [-4, 4]
ZERO = 1e-10  # eigenvalues below are those of the null space
S = 0.9  # |phi(x)|² <= 2: no Hessian of the data term exceeds 2, and s (2 + lambda) < 2 for lambda <= 0.2


@dataclass(frozen=True)
class Features:
    """phi(x) = sqrt(2/F) cos(omega x + offset), F of them."""

    omega: np.ndarray
    offset: np.ndarray

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Shape (..., F) for x (...)."""
        waves: np.ndarray = np.sqrt(2 / len(self.omega)) * np.cos(x[..., None] * self.omega + self.offset)
        return waves


def features(count: int, seed: int = 0) -> Features:
    """Random offsets and random frequencies, one in each of `count` equal parts of [0, 4]: sinusoids are nearly
    representable, and the Hessian of many points is not close to singular."""
    rng = np.random.default_rng(seed)
    omega = (np.arange(count) + rng.uniform(0, 1, count)) * WIDEST / count
    return Features(omega, rng.uniform(0, 2 * np.pi, count))


@dataclass(frozen=True)
class Tasks:
    """B tasks: features and values at the shots, (B, n, F) and (B, n), and at other points, (B, m, F) and (B, m)."""

    Phi: Tensor
    y: Tensor
    Phi_new: Tensor
    y_new: Tensor

    @property
    def hessians(self) -> Tensor:
        """Of the data terms, (B, F, F)."""
        return self.Phi.mT @ self.Phi / self.Phi.shape[1]

    def losses(self, theta: Tensor) -> Tensor:
        """The mean squared error at the other points, (B,)."""
        return ((product(self.Phi_new, theta) - self.y_new) ** 2).mean(-1)


def tasks(basis: Features, count: int, shots: int, rng: np.random.Generator, others: int = 50) -> Tasks:
    """Sinusoids with amplitudes uniform in [0.1, 5] and phases uniform in [0, pi]."""
    amplitude, phase = rng.uniform(0.1, 5, (count, 1)), rng.uniform(0, np.pi, (count, 1))
    arrays = []
    for points in (shots, others):
        x = rng.uniform(-REACH, REACH, (count, points))
        arrays += [basis(x), amplitude * np.sin(x + phase)]
    return Tasks(*map(torch.as_tensor, arrays))


def joined(parts: list[Tasks]) -> Tasks:
    """Tasks one list after another."""
    return Tasks(*(torch.cat([getattr(part, field.name) for part in parts]) for field in fields(Tasks)))


@dataclass(frozen=True)
class Adaptation(UpdateMap):
    """One inner gradient step. Parameters: Phi (B, n, F), y (B, n) and theta_0 (B or 1, F), which is the start, too."""

    lam: float

    def bind(self, *c: Tensor) -> Step:
        Phi, y, start = c
        return lambda theta: (
            theta - S * (product_t(Phi, product(Phi, theta) - y) / y.shape[1] + self.lam * (theta - start))
        )

    def start(self, *c: Tensor) -> Tensor:
        """theta_0; unrolling differentiates through it, folding does not need to."""
        return c[2].expand(len(c[0]), -1)


def minimizer(lam: float, Phi: Tensor, y: Tensor, start: Tensor) -> Tensor:
    """The minimizer of the inner problem, (B, F); for lam = 0 the one next to the start."""
    rest = (y - product(Phi, start))[..., None]
    if lam == 0:
        return start + (torch.linalg.pinv(Phi) @ rest)[..., 0]
    system = Phi.mT @ Phi / y.shape[1] + lam * torch.eye(Phi.shape[-1], dtype=Phi.dtype)
    return start + torch.linalg.solve(system, Phi.mT @ rest / y.shape[1])[..., 0]


class Implicit(FoldedLayer):
    """Implicit MAML: the exact minimizer, differentiated at the fixed point of one inner step."""

    def __init__(self, lam: float, rule: Rule | None = None) -> None:
        super().__init__(lambda *c: minimizer(lam, *c), Adaptation(lam), rule or CG())


class Nearest(nn.Module):
    """The limit of implicit MAML for lambda to 0: of all minimizers of the data term the one next to the start."""

    def forward(self, Phi: Tensor, y: Tensor, start: Tensor) -> Tensor:
        return minimizer(0.0, Phi, y, start)


class Unadapted(nn.Module):
    """No step at all."""

    def forward(self, Phi: Tensor, y: Tensor, start: Tensor) -> Tensor:
        return start.expand(len(y), -1)


def unrolled(lam: float, k: int) -> UnrolledLayer:
    """MAML with k inner steps, with (lam > 0) or without the proximal term."""
    return UnrolledLayer(Adaptation(lam), k)


def meta_gradient(layer: nn.Module, given: Tasks, start: Tensor) -> Tensor:
    """The gradient of the mean meta-loss in theta_0, (F,)."""
    at = start.detach().clone().requires_grad_()
    loss = given.losses(layer(given.Phi, given.y, at[None])).mean()
    return torch.autograd.grad(loss, at)[0]


def predicted_rate(given: Tasks, lam: float) -> float:
    """max |1 - s(h + lam)| over the eigenvalues h > 0 of the Hessians; where h = 0 nothing ever moves."""
    h = torch.linalg.eigvalsh(given.hessians)
    return float((1 - S * (h[h > ZERO] + lam)).abs().max())
