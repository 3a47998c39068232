r"""Local Rademacher complexities of the hybrid model, measured: the supremum over the weights by batched ascent.

The model is the printed one at one step size. Its energies share the eigenvectors of the labels, so the loss is the
length of $(g_k(\lambda_\theta) - 1/\lambda^*)\,\tilde b$ and everything lives on eigenvalues. P is the uniform law on a
finite population. One *problem* is a sample, a vector of signs and a level; all problems ascend as one tensor program,

$$\max_\theta\ \frac1n\sum_i \sigma_i\,\ell_\theta(x_i, b_i)\quad\text{subject to}\quad P\ell_\theta^2 \le r ,$$

and only the best feasible point counts. So every value is a lower bound of the supremum.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from duality.hybrid.lipschitz import slope_sequence
from duality.hybrid.problem import INPUTS, LEARNED, Population, glorot, layer_sizes
from duality.quadratic.arithmetic import FLOAT
from duality.quadratic.methods import Method

NODES = 4001  # of the table of g_k
PENALTY = 4.0  # slope of the price of leaving the level, per unit of loss
TINY = 1e-12


@dataclass(frozen=True)
class Table:
    """g_k on [mu, L] as a cubic Hermite spline: values, scaled slopes, and the two ends."""

    low: float
    width: float
    values: Tensor
    slopes: Tensor

    def __call__(self, lam: Tensor) -> Tensor:
        """g_k(lam), differentiable; lam inside [mu, L]."""
        place = (lam - self.low) / self.width
        cell = place.detach().floor().clamp(0, NODES - 2).long()
        t = place - cell
        here, there = self.values[cell], self.values[cell + 1]
        left, right = self.slopes[cell], self.slopes[cell + 1]
        rise = there - here
        return here + t * (left + t * (3 * rise - 2 * left - right + t * (left + right - 2 * rise)))


def tabulate(method: Method, k: int) -> Table:
    """The table of a method after k steps."""
    mu, L = float(method.spectrum.mu), float(method.spectrum.L)
    grid = torch.linspace(mu, L, NODES, dtype=torch.float64)
    *_, (g, dg) = slope_sequence(method.coefficients(FLOAT, k), grid)
    width = (L - mu) / (NODES - 1)
    return Table(mu, width, g, dg * width)


@dataclass(frozen=True)
class Losses:
    """The losses of one algorithm on a population of N pairs, for batches of weights."""

    z: Tensor  # (N, 10)
    b: Tensor  # (N, 5) in the eigenvectors
    inverse: Tensor  # (N, 5), 1/lambda*
    fixed: Tensor  # (N,), the squared error on the two eigenvalues that are not learned
    low: float
    high: float
    width: int
    table: Table

    def eigenvalues(self, weights: Tensor, rows: Tensor | None = None) -> Tensor:
        """The learned eigenvalues, (batch, n, 3): weights (batch, P), rows (batch, n) indices into the population."""
        z = self.z.expand(len(weights), -1, -1) if rows is None else self.z[rows]
        sizes, start = layer_sizes(self.width), 0
        for layer, (fan_in, fan_out) in enumerate(zip(sizes, sizes[1:], strict=False)):
            matrix = weights[:, start : start + fan_in * fan_out].reshape(-1, fan_out, fan_in)
            start += fan_in * fan_out
            bias = weights[:, None, start : start + fan_out]
            start += fan_out
            z = z @ matrix.transpose(1, 2) + bias
            if layer < len(sizes) - 2:
                z = torch.relu(z)
        return self.low + (self.high - self.low) * torch.sigmoid(z)

    def __call__(self, weights: Tensor, rows: Tensor | None = None) -> Tensor:
        """Losses (batch, n), or (batch, N) on the whole population."""
        lam = self.eigenvalues(weights, rows)
        b, inverse, fixed = (x if rows is None else x[rows] for x in (self.b, self.inverse, self.fixed))
        error = (self.table(lam) - inverse[..., :LEARNED]) * b[..., :LEARNED]
        return (error.square().sum(-1) + fixed + TINY).sqrt()


def losses(data: Population, method: Method, k: int, width: int) -> Losses:
    """The losses of `method` after k steps with a network of the given width (0: linear)."""
    b, inverse = torch.tensor(data.b_tilde), torch.tensor(1 / data.lam)
    ends = torch.tensor(data.lam[:, LEARNED:])
    table = tabulate(method, k)
    fixed = ((table(ends) - inverse[:, LEARNED:]) * b[:, LEARNED:]).square().sum(-1)
    low, high = float(data.spectrum.mu), float(data.spectrum.L)
    return Losses(torch.tensor(data.z), b, inverse, fixed, low, high, width, table)


def start_weights(width: int, count: int, rng: np.random.Generator, scale: float = 1.0) -> Tensor:
    """Glorot weights, times `scale`, and zero biases, flattened, (count, P)."""
    rows = []
    for _ in range(count):
        layers = glorot(layer_sizes(width), rng)
        rows.append(np.concatenate([np.concatenate([scale * W.ravel(), c]) for W, c in layers]))
    return torch.tensor(np.stack(rows))


def rms(values: Tensor) -> Tensor:
    """The root of P l^2 per row."""
    return values.square().mean(-1).sqrt()


def smallest_rms(
    model: Losses, restarts: int, steps: int, rate: float, rng: np.random.Generator
) -> tuple[float, Tensor]:
    """The smallest root of P l^2 found, by gradient descent from several starts, and its weights (P,)."""
    weights = start_weights(model.width, restarts, rng).requires_grad_()
    optimizer = torch.optim.Adam([weights], lr=rate)
    best, kept = math.inf, weights.detach()[0].clone()
    for step in range(steps):
        _cool(optimizer, rate, step, steps)
        optimizer.zero_grad()
        value = rms(model(weights))
        now, lowest = (x.item() for x in value.detach().min(0))
        if now < best:
            best, kept = now, weights.detach()[int(lowest)].clone()
        value.sum().backward()
        optimizer.step()
    return best, kept


def _cool(optimizer: torch.optim.Optimizer, rate: float, step: int, steps: int) -> None:
    """A cosine schedule down to a hundredth of the rate."""
    optimizer.param_groups[0]["lr"] = rate * (0.01 + 0.99 * (1 + math.cos(math.pi * step / steps)) / 2)


@dataclass(frozen=True)
class Problems:
    """Signed samples: rows (m, n) of the population, signs (m, n), and levels (m,) of the root of P l^2."""

    rows: Tensor
    signs: Tensor
    levels: Tensor


def draw(population: int, n: int, count: int, level: float, rng: np.random.Generator) -> Problems:
    """`count` independent samples with independent signs, at one level."""
    rows = torch.tensor(rng.integers(population, size=(count, n)))
    signs = torch.tensor(rng.choice([-1.0, 1.0], size=(count, n)))
    return Problems(rows, signs, torch.full((count,), level, dtype=torch.float64))


def together(parts: Sequence[Problems]) -> Problems:
    """Several sets of problems with equal n as one."""
    return Problems(*(torch.cat([getattr(part, name) for part in parts]) for name in ("rows", "signs", "levels")))


def ascend(model: Losses, problems: Problems, start: Tensor, steps: int, rate: float) -> Tensor:
    """The best feasible signed means found, (m,), from the starts (m, P); -inf where no point was feasible.

    Outside of the level the objective pays for the excess of the root of P l^2, more than it could gain there.
    """
    weights = start.clone().requires_grad_()
    optimizer = torch.optim.Adam([weights], lr=rate)
    best = torch.full((len(start),), -math.inf, dtype=torch.float64)
    for step in range(steps + 1):
        _cool(optimizer, rate, step, steps)
        optimizer.zero_grad()
        signed = (problems.signs * model(weights, problems.rows)).mean(-1)
        excess = rms(model(weights)) - problems.levels
        with torch.no_grad():
            best = torch.where(excess <= 0, torch.maximum(best, signed), best)
        (PENALTY * torch.relu(excess) - signed).sum().backward()
        optimizer.step()
    return best


def screened(model: Losses, problems: Problems, pool: Tensor) -> Tensor:
    """For every problem the weights of `pool`, (p, P), with the best priced objective: starts that cost no ascent."""
    with torch.no_grad():
        values = torch.cat([model(part) for part in pool.split(64)])  # (p, N)
        signed = torch.stack([(s * values[:, r]).mean(-1) for r, s in zip(problems.rows, problems.signs, strict=True)])
        price = PENALTY * torch.relu(rms(values) - problems.levels[:, None])
        return pool[(signed - price).argmax(-1)]


def complexity(model: Losses, problems: Problems, feasible: Tensor, pool: Tensor, steps: int, rate: float) -> Tensor:
    """The best value of every problem, (m,), less the signed mean at the feasible weights (P,).

    That mean is 0 on average, so the difference has the same mean and much less noise. Starts: the feasible weights,
    and the best of `pool` for the problem. Raises `ValueError` when the feasible weights are not.
    """
    home = feasible.expand(len(problems.levels), -1)
    with torch.no_grad():
        if (rms(model(feasible[None])) > problems.levels).any():
            raise ValueError("the weights to start from violate the level")
        base = (problems.signs * model(home, problems.rows)).mean(-1)
    best = base.clone()
    for start in (home, screened(model, problems, pool)):
        best = torch.maximum(best, ascend(model, problems, start, steps, rate))
    return best - base


def interval(values: Tensor) -> tuple[float, float]:
    """Mean and standard error of independent values (m,)."""
    return float(values.mean()), float(values.std() / math.sqrt(len(values)))


def decoupled(model: Losses, problems: Problems) -> Tensor:
    """The supremum without level if every sample had weights of its own, (m,): an upper bound.

    Eigenvalues run over a grid. The values of an affine network at up to 11 inputs in general position are free, so for
    width 0 and n <= 11 this is the exact global supremum, approached by large weights.
    """
    grid = torch.linspace(model.low, model.high, 2001, dtype=torch.float64)
    error = (model.table(grid) - model.inverse[:, :LEARNED, None]) * model.b[:, :LEARNED, None]
    top, bottom = (
        (extreme(error.square()).sum(-1) + model.fixed).sqrt()
        for extreme in (lambda x: x.amax(-1), lambda x: x.amin(-1))
    )
    chosen = torch.where(problems.signs > 0, top[problems.rows], bottom[problems.rows])
    return (problems.signs * chosen).mean(-1)


def share_of_exact(model: Losses, n: int, count: int, steps: int, rate: float, seed: int) -> float:
    """What the ascent reaches of the exact global complexity, width 0 and n <= 11: a ratio of means over `count` draws.

    Raises `ValueError` for a hidden layer or a larger n, where the reference is only an upper bound.
    """
    if model.width or n > INPUTS + 1:
        raise ValueError(
            f"width = {model.width} and n = {n}: the exact value is known for width 0 and n up to {INPUTS + 1}"
        )
    rng = np.random.default_rng(seed)
    problems = draw(len(model.z), n, count, 1e9, rng)
    home = start_weights(0, 1, rng)[0]
    pool = torch.cat([start_weights(0, 512, rng, scale) for scale in (1.0, 3.0)])
    found = complexity(model, problems, home, pool, steps, rate)
    base = (problems.signs * model(home.expand(count, -1), problems.rows)).mean(-1)
    return float(found.mean() / (decoupled(model, problems) - base).mean())
