r"""The hybrid model of R section 2 in plain PyTorch: a small network writes an energy, unrolled steps minimize it.

$$f_{\phi,\theta}(x, b) = \mathrm{Alg}^k_\phi(Q_\theta(x), b), \qquad
Q_\theta(x) = U\operatorname{diag}(\lambda_\theta(z), \mu, L)\,U^\top, \quad x = (z, U).$$

Shapes: z is (n, 10), U is (n, 5, 5), b and outputs are (n, 5); everything is in double precision. The weights of the
whole model are those of the network, called theta in R, and one step size, called phi.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from duality.hybrid.problem import Population, glorot, layer_sizes
from duality.quadratic.layers import GradientLayer, NesterovLayer, StepLayer, Unrolled, tensor
from duality.quadratic.methods import Method, gradient_descent, nesterov
from duality.quadratic.problem import Spectrum, check_parameters, gd_step_limit, nag_step_limit
from duality.quadratic.problem import check_run as check_quadratic_run
from duality.quadratic.residual import solutions

SHALLOWEST, DEEPEST = 6, 60  # k_max of a chapter that trains models


def check_run(**given: Any) -> None:
    """What a chapter that trains models accepts. Raises `ValueError` with one line."""
    check_quadratic_run(**given)
    k_max = given.get("k_max", SHALLOWEST)
    if not SHALLOWEST <= k_max <= DEEPEST:
        raise ValueError(f"k_max = {k_max} is outside {SHALLOWEST} to {DEEPEST}: models of that depth are trained here")


class EigenvalueNet(nn.Module):
    """z to five eigenvalues: a ReLU network with three outputs, squashed to [mu, L], then mu and L themselves.

    `width` is the number of hidden units, 0 for none; the weights are Glorot-uniform, the biases zero.
    """

    def __init__(self, width: int, spectrum: Spectrum, rng: np.random.Generator) -> None:
        super().__init__()
        parts: list[nn.Module] = []
        for W, c in glorot(layer_sizes(width), rng):
            linear = nn.Linear(W.shape[1], W.shape[0], dtype=torch.float64)
            with torch.no_grad():
                linear.weight.copy_(tensor(W))
                linear.bias.copy_(tensor(c))
            parts += [linear, nn.ReLU()]
        self.network = nn.Sequential(*parts[:-1])
        self.ends = tensor([float(spectrum.mu), float(spectrum.L)])

    def forward(self, z: Tensor) -> Tensor:
        mu, L = self.ends
        learned = mu + (L - mu) * torch.sigmoid(self.network(z))
        return torch.cat([learned, self.ends.expand(*learned.shape[:-1], 2)], dim=-1)


class HybridModel(nn.Module):
    """k unrolled steps on the energy that the network writes for the input."""

    def __init__(self, module: EigenvalueNet, layer: StepLayer, k: int) -> None:
        super().__init__()
        self.module = module
        self.solver = Unrolled(layer, k)

    @property
    def phi(self) -> float:
        """The step size."""
        return float(self.solver.layer.s.detach())

    def energy(self, z: Tensor, U: Tensor) -> Tensor:
        """Q_theta(x), shape (n, 5, 5)."""
        return (U * self.module(z)[..., None, :]) @ U.mT

    def forward(self, z: Tensor, U: Tensor, b: Tensor) -> Tensor:
        # one row per sample, so that a layer multiplies each b with its own Q
        return self.solver(self.energy(z, U), b[..., None, :])[..., 0, :]


@dataclass(frozen=True)
class Samples:
    """Tensors of labelled pairs: inputs z, U, b and the labels y = Opt(Q*(x), b)."""

    z: Tensor
    U: Tensor
    b: Tensor
    y: Tensor

    def loss(self, model: HybridModel) -> Tensor:
        """The losses of R eq. 10, shape (n,): the length of (output - label), not squared."""
        return torch.linalg.vector_norm(model(self.z, self.U, self.b) - self.y, dim=-1)


def samples(population: Population, chosen: Any = slice(None)) -> Samples:
    """The pairs of a population, all of them or those `chosen` by an index."""
    arrays = population.z, population.U, population.b, population.minimizers
    return Samples(*(tensor(array[chosen]) for array in arrays))


@dataclass(frozen=True)
class Algorithm:
    """What an algorithm is called, its layer, the same as a method, and its largest printed step."""

    name: str

    def limit(self, spectrum: Spectrum) -> float:
        """The largest step size of R Thm A.1 (GD) or A.3 (NAG)."""
        largest = gd_step_limit if self.name == "GD" else nag_step_limit
        return float(largest(spectrum.mu, spectrum.L))

    def layer(self, spectrum: Spectrum, s: float) -> StepLayer:
        """One step as a layer."""
        return GradientLayer(s) if self.name == "GD" else NesterovLayer(float(spectrum.mu), s)

    def method(self, spectrum: Spectrum, s: float) -> Method:
        """The same as a method whose exact properties are known."""
        return gradient_descent(spectrum, s) if self.name == "GD" else nesterov(spectrum, s)


ALGORITHMS: Mapping[str, Algorithm] = {name: Algorithm(name) for name in ("GD", "NAG")}


def untrained(algorithm: str, width: int, k: int, spectrum: Spectrum, seed: int, s: float | None = None) -> HybridModel:
    """A model with fresh weights and the step size s, by default 1/L.

    Raises `KeyError` for an unknown algorithm and `ValueError` for a negative width or k, or a step out of range.
    """
    chosen = ALGORITHMS[algorithm]
    start = 1 / float(spectrum.L) if s is None else s
    check_parameters(mu=spectrum.mu, L=spectrum.L, k=k, s=start)
    module = EigenvalueNet(width, spectrum, np.random.default_rng(seed))
    return HybridModel(module, chosen.layer(spectrum, start), k)


@dataclass(frozen=True)
class Trained:
    """A trained model, the algorithm it uses, and the training loss before every step and at the end."""

    model: HybridModel
    algorithm: Algorithm
    spectrum: Spectrum
    losses: tuple[float, ...]

    @property
    def method(self) -> Method:
        """The algorithm at the trained step size, as a method."""
        return self.algorithm.method(self.spectrum, self.model.phi)


def train(
    algorithm: str,
    width: int,
    k: int,
    population: Population,
    data: Samples,
    steps: int = 300,
    rate: float = 1e-2,
    seed: int = 0,
) -> Trained:
    """Minimize the mean loss over `data` by Adam, in theta and phi; phi is kept in [1/(10 L), printed limit].

    The same arguments give the same model. Raises as `untrained` does.
    """
    spectrum, chosen = population.spectrum, ALGORITHMS[algorithm]
    model = untrained(algorithm, width, k, spectrum, seed)
    optimizer, losses = torch.optim.Adam(model.parameters(), lr=rate), []
    for _ in range(steps):
        loss = data.loss(model).mean()
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            model.solver.layer.s.clamp_(0.1 / float(spectrum.L), chosen.limit(spectrum))
    losses.append(data.loss(model).mean().item())
    return Trained(model, chosen, spectrum, tuple(losses))


def true_energy_losses(method: Method, k: int, population: Population) -> np.ndarray:
    """The losses that remain with Q_theta = Q*: the truncation error alone, shape (N,)."""
    gap = solutions(method, population.lam, k)[k] - 1 / population.lam
    return np.linalg.norm(gap * population.b_tilde, axis=-1)


def energy_errors(model: HybridModel, population: Population) -> np.ndarray:
    """‖Q_theta(x) - Q*(x)‖_F, shape (N,): the distance of the eigenvalues, since the eigenvectors are shared."""
    with torch.no_grad():
        lam = model.module(tensor(population.z)).numpy()
    return np.linalg.norm(lam - population.lam, axis=-1)
