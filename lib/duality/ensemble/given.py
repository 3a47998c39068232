"""Learning to optimize (R app. E): the energies are given, and what is trained is the algorithm itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from duality.ensemble.program import Architecture, Batch


@dataclass(frozen=True)
class Energies:
    """N problems with their eigenvectors U (N, d, d), eigenvalues lam (N, d) and linear terms b (N, d)."""

    U: np.ndarray
    lam: np.ndarray
    b: np.ndarray

    @cached_property
    def Q(self) -> np.ndarray:
        """The matrices, (N, d, d)."""
        return (self.U * self.lam[:, None, :]) @ np.swapaxes(self.U, 1, 2)

    @cached_property
    def minimizer(self) -> np.ndarray:
        """-Q^{-1} b, (N, d)."""
        return -np.linalg.solve(self.Q, self.b[:, :, None])[:, :, 0]

    @cached_property
    def weight(self) -> np.ndarray:
        """The squares of b in the eigenvectors, (N, d)."""
        return np.einsum("nij,ni->nj", self.U, self.b) ** 2


@dataclass(frozen=True)
class LearnedStep(Architecture):
    """GD or NAG on given energies: the only parameter is the step size."""

    problems: Energies
    samples: int
    mu: float

    @property
    def size(self) -> int:
        return 1

    @property
    def points(self) -> int:
        return len(self.problems.b)

    def start(self, seed: int) -> np.ndarray:
        return np.zeros(1)

    def prepare(self, device: torch.device, dtype: torch.dtype) -> Mapping[str, Tensor]:
        arrays = {"lam": self.problems.lam, "weight": self.problems.weight}
        return {name: torch.as_tensor(value, dtype=dtype, device=device) for name, value in arrays.items()}

    def losses(self, parameters: Tensor, data: Mapping[str, Tensor], batch: Batch) -> Tensor:
        lam = data["lam"][batch.rows]
        square = (data["weight"][batch.rows] * (self.residuals(parameters[:, -1], lam, batch) / lam) ** 2).sum(-1)
        return torch.sqrt(square.clamp_min(torch.finfo(square.dtype).tiny))

    def residuals(self, s: Tensor, lam: Tensor, batch: Batch) -> Tensor:
        """r_k at the eigenvalues (m, B, d): a power for GD, the recursion as soon as there is momentum."""
        s, k = s[:, None, None], batch.k[:, None, None]
        h = 1 - s * lam
        if not batch.momentum:
            return h**k
        u = torch.sqrt(self.mu * s)
        beta = torch.where(batch.accelerated[:, None, None], (1 - u) / (1 + u), torch.zeros_like(s))
        r, before = h, torch.ones_like(lam)
        for j in range(1, batch.depth):
            r, before = torch.where(k > j, h * (r + beta * (r - before)), r), torch.where(k > j, r, before)
        return r


@dataclass(frozen=True)
class Recurrent(Architecture):
    """The printed RNN: a bias-free ReLU cell of iterate and gradient, three hidden layers of `width` units."""

    problems: Energies
    samples: int
    width: int = 20

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """Outputs and inputs of the layers; the first reads (y, g) side by side."""
        d = self.problems.b.shape[1]
        return (self.width, 2 * d), (self.width, self.width), (self.width, self.width), (d, self.width)

    @property
    def size(self) -> int:
        return sum(a * b for a, b in self.shapes) + 1

    @property
    def points(self) -> int:
        return len(self.problems.b)

    def start(self, seed: int) -> np.ndarray:
        """Glorot-uniform weights, layer by layer; the unused step size is left at 0."""
        rng = np.random.default_rng([seed, 1])
        limits = [np.sqrt(6 / (a + b)) for a, b in self.shapes]
        weights = [rng.uniform(-m, m, a * b) for m, (a, b) in zip(limits, self.shapes, strict=True)]
        return np.concatenate([*weights, [0.0]])

    def prepare(self, device: torch.device, dtype: torch.dtype) -> Mapping[str, Tensor]:
        arrays = {"Q": self.problems.Q, "b": self.problems.b, "minimizer": self.problems.minimizer}
        return {name: torch.as_tensor(value, dtype=dtype, device=device) for name, value in arrays.items()}

    def weights(self, parameters: Tensor) -> list[Tensor]:
        """The matrices of every model, each (m, inputs, outputs)."""
        found, at = [], 0
        for a, b in self.shapes:
            found.append(parameters[:, at : at + a * b].unflatten(1, (a, b)).transpose(1, 2))
            at += a * b
        return found

    def losses(self, parameters: Tensor, data: Mapping[str, Tensor], batch: Batch) -> Tensor:
        first, *hidden = self.weights(parameters)
        Q, b = data["Q"][batch.rows], data["b"][batch.rows]
        y = torch.zeros_like(b)
        for j in range(batch.depth):
            values = torch.bmm(torch.cat([y, (Q @ y[..., None])[..., 0] + b], dim=-1), first)
            for W in hidden:
                values = torch.bmm(torch.relu(values), W)
            y = torch.where(batch.k[:, None, None] > j, values, y)
        square = ((y - data["minimizer"][batch.rows]) ** 2).sum(-1)
        return torch.sqrt(square.clamp_min(torch.finfo(square.dtype).tiny))
