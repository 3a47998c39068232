r"""Hybrid models whose algorithm is unrolled, folded, or folded where it has not converged.

The learning problem is that of `duality.hybrid.problem`: a network writes three of five eigenvalues of an energy, an
algorithm minimizes $\tfrac12x^\top Qx + b^\top x$, and the label is the minimizer for the true energy. In the
eigenvectors of the sample all energies are diagonal. There, with step s and momentum beta,

$$U(x; \lambda, b) = x - s(\lambda x + b), \qquad
U\bigl((x, x_-); \lambda, b\bigr) = \bigl(y - s(\lambda y + b),\, x\bigr), \quad y = x + \beta(x - x_-).$$

Models of many seeds are trained at once, the seed being the first axis of every tensor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from duality.folding.layer import FoldedLayer
from duality.folding.rules import Dense, Rule
from duality.folding.update import Plain, UpdateMap
from duality.hybrid.problem import DIMENSION, PRINTED, Population, glorot, layer_sizes

MU, L = float(PRINTED.mu), float(PRINTED.L)
S = 1 / L
SLOWER = 500  # steps of the optimizer after which its rate is half
BETA = (1 - np.sqrt(MU * S)) / (1 + np.sqrt(MU * S))
Output = Callable[[Tensor, Tensor], Tensor]  # eigenvalues and b, both (..., 5), to what the model returns


def gd_map() -> UpdateMap:
    """Gradient descent; parameters are the eigenvalues and b, (B, 5)."""
    return Plain(lambda x, lam, b: x - S * (lam * x + b), DIMENSION)


@dataclass(frozen=True)
class _First(Plain):
    """A map whose solution is the first half of its state."""

    def solution(self, state: Tensor, *c: Tensor) -> Tensor:
        return state[:, : self.size // 2]


def _nag_step(state: Tensor, lam: Tensor, b: Tensor) -> Tensor:
    x, before = state.split(DIMENSION, dim=-1)
    y = x + BETA * (x - before)
    return torch.cat([y - S * (lam * y + b), x], dim=-1)


def nag_map() -> UpdateMap:
    """Nesterov's method, the state being two iterates side by side."""
    return _First(_nag_step, 2 * DIMENSION)


MAPS: dict[str, Callable[[], UpdateMap]] = {"GD": gd_map, "NAG": nag_map}


def last_iterates(method: str, k: int, lam: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """x_k and x_(k-1), started from x_0 = x_(-1) = 0. Raises `KeyError` for an unknown method."""
    beta = {"GD": 0.0, "NAG": BETA}[method]
    x = before = torch.zeros_like(b)
    for _ in range(k):
        y = x + beta * (x - before)
        x, before = y - S * (lam * y + b), x
    return x, before


def unrolled(method: str, k: int) -> Output:
    """k steps with their own derivative; for GD in closed form."""
    if method == "GD":
        return lambda lam, b: -(1 - (1 - S * lam) ** k) / lam * b
    return lambda lam, b: last_iterates(method, k, lam, b)[0]


def exact(lam: Tensor, b: Tensor) -> Tensor:
    """The minimizer, what k steps tend to."""
    return -b / lam


def folded_layer(method: str, rule: Rule) -> FoldedLayer:
    """The exact minimizer, differentiated through the fixed point of a method's map. Rows are problems, (B, 5)."""
    update = MAPS[method]()

    def solver(lam: Tensor, b: Tensor) -> Tensor:
        x = exact(lam, b)
        return torch.cat([x, x], dim=-1) if method == "NAG" else x

    return FoldedLayer(solver, update, rule)


def folded(method: str) -> Output:
    """The same for many seeds at once, by the dense rule."""
    layer = folded_layer(method, Dense())
    return lambda lam, b: layer(lam.reshape(-1, DIMENSION), b.reshape(-1, DIMENSION)).reshape(lam.shape)


def too_early(method: str, k: int) -> Output:
    r"""x_k, with the derivative that a folded layer would give if x_k were the fixed point.

    The system is that of the true gradient, $1/(s\lambda)$ in each coordinate, but the right side
    $\partial U/\partial\lambda = -sy_k$ is taken at the point y_k where the step would look at the gradient. So the
    derivative is $-y_k/\lambda$ instead of that of x_k.
    """
    beta = {"GD": 0.0, "NAG": BETA}[method]

    def output(lam: Tensor, b: Tensor) -> Tensor:
        with torch.no_grad():
            x, before = last_iterates(method, k, lam, b)
            y = x + beta * (x - before)
        return x + y * (lam.detach() / lam - 1)

    return output


@dataclass(frozen=True)
class Data:
    """Samples of several seeds in their eigenvectors: z (S, n, 10), b and the true eigenvalues (S, n, 5)."""

    z: Tensor
    b: Tensor
    lam: Tensor

    def losses(self, output: Output, lam: Tensor) -> Tensor:
        """The distance between outputs and labels, (S, n)."""
        return torch.sqrt(((output(lam, self.b) + self.b / self.lam) ** 2).sum(-1) + torch.finfo(lam.dtype).tiny)


def training_data(population: Population, seeds: Sequence[int], samples: int) -> Data:
    """For each seed its own random part of the population."""
    chosen = np.stack([np.random.default_rng([seed, 2]).permutation(len(population))[:samples] for seed in seeds])
    return Data(*(torch.as_tensor(array[chosen]) for array in (population.z, population.b_tilde, population.lam)))


def everything(population: Population) -> Data:
    """The whole population, as one seed."""
    return Data(*(torch.as_tensor(array)[None] for array in (population.z, population.b_tilde, population.lam)))


Weights = list[Tensor]  # matrix (S, out, in) and bias (S, 1, out) of every layer


def start(width: int, seeds: Sequence[int]) -> Weights:
    """Glorot-uniform weights and zero biases for every seed."""
    nets = [glorot(layer_sizes(width), np.random.default_rng([seed, 1])) for seed in seeds]
    weights = []
    for layers in zip(*nets, strict=True):
        weights.append(torch.as_tensor(np.stack([W for W, _ in layers])))
        weights.append(torch.as_tensor(np.stack([c for _, c in layers]))[:, None])
    return weights


def eigenvalues(weights: Weights, z: Tensor) -> Tensor:
    """All five eigenvalues, (S, n, 5), from z (S or 1, n, 10)."""
    values = z.expand(weights[0].shape[0], -1, -1)
    for layer in range(0, len(weights), 2):
        values = torch.baddbmm(weights[layer + 1], torch.relu(values) if layer else values, weights[layer].mT)
    ends = values.new_tensor([MU, L]).expand(*values.shape[:-1], 2)
    return torch.cat([MU + (L - MU) * torch.sigmoid(values), ends], dim=-1)


def gradient(output: Output, weights: Weights, data: Data) -> Weights:
    """The gradient of each seed's mean loss."""
    at = [value.detach().requires_grad_() for value in weights]
    return list(torch.autograd.grad(data.losses(output, eigenvalues(at, data.z)).mean(-1).sum(), at))


def fit(output: Output, weights: Weights, data: Data, report: Sequence[int], rate: float) -> Iterator[Weights]:
    """Minimize each seed's mean loss by Adam on the whole sample; the weights after each number of steps in `report`.

    The rate after t steps is rate / (1 + t/500), so that a short run is the beginning of a long one.
    """
    trained = [value.clone().requires_grad_() for value in weights]
    optimizer = torch.optim.Adam(trained, lr=rate)
    for step in range(1, report[-1] + 1):
        optimizer.param_groups[0]["lr"] = rate / (1 + (step - 1) / SLOWER)
        for value, slope in zip(trained, gradient(output, trained, data), strict=True):
            value.grad = slope
        optimizer.step()
        if step in report:
            yield [value.detach().clone() for value in trained]


def measures(output: Output, weights: Weights, data: Data, whole: Data) -> dict[str, Tensor]:
    """Per seed (S,): mean loss on its sample and on the population, and the root mean square error of the energy."""
    with torch.no_grad():
        train = data.losses(output, eigenvalues(weights, data.z)).mean(-1)
        found = [_on_everything(output, [value[i : i + 1] for value in weights], whole) for i in range(len(train))]
    loss, energy = (torch.stack(values) for values in zip(*found, strict=True))
    return {"train_loss": train, "loss": loss, "energy": energy}


def _on_everything(output: Output, weights: Weights, whole: Data) -> tuple[Tensor, Tensor]:
    lam = eigenvalues(weights, whole.z)
    return whole.losses(output, lam).mean(), ((lam - whole.lam) ** 2).sum(-1).mean().sqrt()
