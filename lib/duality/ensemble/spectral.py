r"""The hybrid model on its eigenvalues: a network writes three of them, an algorithm layer minimizes.

A sample has inputs z, eigenvectors U, a linear term b and the eigenvalues of the true energy Q*. The model's energy is
$Q_\theta = U \operatorname{diag}(\lambda_\theta(z), \mu, L)\,U^\top$, its output $x_k = -U g_k(\lambda) U^\top b$,
and the loss is the distance to $-U\operatorname{diag}(1/\lambda^*)\,U^\top b$ (R eq. 10). Nothing of this depends on U
once $\tilde b = U^\top b$ is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from duality.ensemble.program import Architecture, Batch

LEARNED = 3


@dataclass(frozen=True)
class Spectral(Architecture):
    """Network inputs-width-3 (no hidden layer for width 0), squashed to [mu, L] by `squash`.

    z is (N, inputs), U (N, 5, 5), b (N, 5), lam (N, 5) with mu and L in its last two columns; every seed trains on
    `samples` of the N points. Raises `ValueError` for shapes that do not fit or an unknown `squash`.
    """

    z: np.ndarray
    U: np.ndarray
    b: np.ndarray
    lam: np.ndarray
    width: int
    samples: int
    squash: str = "sigmoid"

    def __post_init__(self) -> None:
        N, d = len(self.z), LEARNED + 2
        shapes = {"U": (N, d, d), "b": (N, d), "lam": (N, d)}
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} has shape {getattr(self, name).shape}, but {N} points need {shape}")
        if self.squash not in ("sigmoid", "softmax"):
            raise ValueError(f"squash = {self.squash!r} is unknown; take sigmoid or softmax")
        if self.width < 0:
            raise ValueError(f"width = {self.width} must be 0 (no hidden layer) or larger")
        if not 1 <= self.samples <= N:
            raise ValueError(f"samples = {self.samples} must lie between 1 and the {N} points there are")

    @property
    def mu(self) -> float:
        return float(self.lam[0, LEARNED])

    @property
    def L(self) -> float:
        return float(self.lam[0, LEARNED + 1])

    @property
    def sizes(self) -> tuple[int, ...]:
        """Units per layer: inputs, hidden units if any, outputs."""
        inputs = self.z.shape[1]
        return (inputs, self.width, LEARNED) if self.width else (inputs, LEARNED)

    @property
    def size(self) -> int:
        """Parameters of the network, and the step size."""
        return sum((a + 1) * b for a, b in zip(self.sizes, self.sizes[1:], strict=False)) + 1

    @property
    def points(self) -> int:
        return len(self.z)

    @cached_property
    def weight(self) -> np.ndarray:
        """The squares of b in the eigenvectors of the sample, (N, 5)."""
        return np.einsum("nij,ni->nj", self.U, self.b) ** 2

    def start(self, seed: int) -> np.ndarray:
        """Glorot-uniform weights (row by row) and zero biases, layer by layer; the step size is left at 0."""
        rng, parts = np.random.default_rng([seed, 1]), []
        for fan_in, fan_out in zip(self.sizes, self.sizes[1:], strict=False):
            limit = np.sqrt(6 / (fan_in + fan_out))
            parts += [rng.uniform(-limit, limit, fan_in * fan_out), np.zeros(fan_out)]
        return np.concatenate([*parts, [0.0]])

    def prepare(self, device: torch.device, dtype: torch.dtype) -> Mapping[str, Tensor]:
        arrays = {"z": self.z, "weight": self.weight, "lam": self.lam}
        return {name: torch.as_tensor(value, dtype=dtype, device=device) for name, value in arrays.items()}

    def eigenvalues(self, parameters: Tensor, z: Tensor) -> Tensor:
        """The five eigenvalues, (m, B, 5), of m models (m, size) at their inputs (m, B, inputs)."""
        at, values = 0, z
        for layer, (fan_in, fan_out) in enumerate(zip(self.sizes, self.sizes[1:], strict=False)):
            W = parameters[:, at : at + fan_in * fan_out].unflatten(1, (fan_out, fan_in))
            c = parameters[:, at + fan_in * fan_out : at + (fan_in + 1) * fan_out]
            values = torch.baddbmm(c[:, None, :], torch.relu(values) if layer else values, W.transpose(1, 2))
            at += (fan_in + 1) * fan_out
        shares = torch.sigmoid(values) if self.squash == "sigmoid" else torch.softmax(values, dim=-1)
        ends = torch.tensor([self.mu, self.L], dtype=z.dtype, device=z.device).expand(*shares.shape[:-1], 2)
        return torch.cat([self.mu + (self.L - self.mu) * shares, ends], dim=-1)

    def outputs(self, parameters: Tensor, lam: Tensor, batch: Batch) -> Tensor:
        """g_k at the eigenvalues (m, B, 5), every model with its own algorithm, k and step size.

        A closed form while all of them are GD, the recursion as soon as there is momentum.
        """
        s = parameters[:, -1, None, None]
        if not batch.momentum:
            return (1 - (1 - s * lam) ** batch.k[:, None, None]) / lam
        u = torch.sqrt(self.mu * s)
        beta = torch.where(batch.accelerated[:, None, None], (1 - u) / (1 + u), torch.zeros_like(s))
        g, before = s.expand_as(lam), torch.zeros_like(lam)
        for j in range(1, batch.depth):
            y = g + beta * (g - before)
            after = y - s * (lam * y - 1)
            alive = batch.k[:, None, None] > j
            g, before = torch.where(alive, after, g), torch.where(alive, g, before)
        return g

    def losses(self, parameters: Tensor, data: Mapping[str, Tensor], batch: Batch) -> Tensor:
        rows = batch.rows
        lam = self.eigenvalues(parameters, data["z"][rows])
        error = self.outputs(parameters, lam, batch) - 1 / data["lam"][rows]
        square = (data["weight"][rows] * error**2).sum(-1)
        return torch.sqrt(square.clamp_min(torch.finfo(square.dtype).tiny))

    def measures(self, parameters: Tensor, data: Mapping[str, Tensor], batch: Batch) -> Mapping[str, Tensor]:
        rows = batch.rows
        gap = (self.eigenvalues(parameters, data["z"][rows]) - data["lam"][rows])[..., :LEARNED]
        square = (gap**2).sum(-1)
        return {"q_error": square.sqrt(), "q_error_square": square, "q_error_spectral": gap.abs().amax(-1)}
