"""One model, trained the plain way: matrices, a loop over the steps of the algorithm, an optimizer of PyTorch.

Slow and easy to read: what the engines are compared with, in their results and in their speed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from duality.ensemble.models import Schedule
from duality.ensemble.program import orders
from duality.ensemble.spectral import Spectral


class Hybrid(nn.Module):
    """An energy from a network, and k steps of GD or NAG on it (R sec. 2 and eq. 9)."""

    def __init__(self, problem: Spectral, algorithm: str, k: int, parameters: np.ndarray, dtype: torch.dtype) -> None:
        super().__init__()
        self.mu, self.L, self.k, self.accelerated = problem.mu, problem.L, k, algorithm == "NAG"
        self.squash = nn.Sigmoid() if problem.squash == "sigmoid" else nn.Softmax(dim=-1)
        layers: list[nn.Module] = []
        for fan_in, fan_out in zip(problem.sizes, problem.sizes[1:], strict=False):
            layers += [nn.Linear(fan_in, fan_out, dtype=dtype), nn.ReLU()]
        self.network = nn.Sequential(*layers[:-1])
        self.step = nn.Parameter(torch.tensor(0.0, dtype=dtype))
        values = torch.as_tensor(parameters, dtype=dtype)
        nn.utils.vector_to_parameters(values, [*self.network.parameters(), self.step])

    def energy(self, z: Tensor, U: Tensor) -> Tensor:
        """Q_theta, (B, 5, 5)."""
        learned = self.mu + (self.L - self.mu) * self.squash(self.network(z))
        ends = torch.tensor([self.mu, self.L], dtype=z.dtype).expand(len(z), 2)
        return U @ torch.diag_embed(torch.cat([learned, ends], dim=1)) @ U.transpose(1, 2)

    def forward(self, z: Tensor, U: Tensor, b: Tensor) -> Tensor:
        """x_k, (B, 5)."""
        Q, b, s = self.energy(z, U), b[:, :, None], self.step
        u = torch.sqrt(self.mu * s)
        beta = (1 - u) / (1 + u) if self.accelerated else 0.0
        x = before = torch.zeros_like(b)
        for _ in range(self.k):
            y = x + beta * (x - before)
            x, before = y - s * (Q @ y + b), x
        return x[:, :, 0]


def train_one(
    problem: Spectral, row: Mapping[str, Any], schedule: Schedule, dtype: torch.dtype = torch.float32
) -> np.ndarray:
    """The parameters, (size,), of the model that `row` of a table of models describes, after training."""
    seed, algorithm, k = int(row["seed"]), row["algorithm"], int(row["k"])
    start = problem.start(seed)
    start[-1] = row["step"]
    model = Hybrid(problem, algorithm, k, start, dtype)
    kind = {"Adam": torch.optim.Adam, "SGD": torch.optim.SGD}[row["optimizer"]]
    groups = [
        {"params": list(model.network.parameters()), "weight_decay": schedule.decay},
        {"params": [model.step], "weight_decay": 0.0},
    ]
    optimizer = kind(groups, lr=float(row["rate"]))
    chosen = problem.training_set(seed)
    z, U, b = (torch.as_tensor(a[chosen], dtype=dtype) for a in (problem.z, problem.U, problem.b))
    target = -torch.linalg.solve(U @ torch.diag_embed(torch.as_tensor(problem.lam[chosen], dtype=dtype)) @ U.mT, b)
    per_epoch = problem.samples // schedule.batch
    for step in range(schedule.steps):
        if step % per_epoch == 0:
            order = orders(np.array([seed]), problem.samples, step // per_epoch)[0]
        rows = order[step % per_epoch * schedule.batch :][: schedule.batch]
        optimizer.zero_grad()
        loss = torch.linalg.vector_norm(model(z[rows], U[rows], b[rows]) - target[rows], dim=1).mean()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            model.step.clamp_(row["step_low"], row["step_high"])
    return nn.utils.parameters_to_vector([*model.network.parameters(), model.step]).detach().numpy()
