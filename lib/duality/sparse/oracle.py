r"""What no estimator can beat: the Bayes error of someone who is told the support and all signs.

Given those, beta* of `Population` has independent entries uniform in +-(low, high), and the posterior mean minimizes
the expected squared error among all functions of the data and of what was told; so it bounds from below the expected
squared error of every estimator that is told nothing. The mean is found by Gibbs sampling, one entry after another
(`gibbs`). Who is told less stands in `decoys`.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from duality.sparse.gibbs import Conditional, check_chain
from duality.sparse.problem import Population, Problems


@dataclass(frozen=True)
class Told:
    """The part of a design on the support: G = X_S^T X_S (B, s, s), c = X_S^T y (B, s) and the true entries (B, s)."""

    G: Tensor
    c: Tensor
    truth: Tensor


def told(problems: Problems) -> Told:
    """What someone who knows the support has.

    Raises `ValueError` without truths, for truths that are zero, and when they differ in their number of entries.
    """
    if problems.truth is None:
        raise ValueError("an oracle needs problems with a known truth")
    found = problems.truth != 0
    sizes = found.sum(1).unique()
    if len(sizes) != 1:
        raise ValueError("the problems differ in sparsity")
    if not sizes.any():
        raise ValueError("an oracle needs truths that are not zero")
    support = found.nonzero()[:, 1].reshape(len(problems), -1)
    X = problems.X.gather(2, support[:, None].expand(-1, problems.X.shape[1], -1)).double()
    y = problems.y.double()
    return Told(X.mT @ X, (X.mT @ y[..., None])[..., 0], problems.truth.gather(1, support).double())


def least_squares(problems: Problems) -> Tensor:
    """The squared errors of least squares on the true support, (B,)."""
    given = told(problems)
    return (torch.linalg.solve(given.G, given.c) - given.truth).square().sum(-1)


def posterior_mean(
    problems: Problems, population: Population, seed: int, *, sweeps: int = 600, burn: int = 100
) -> Tensor:
    """Squared errors of the posterior mean given the support and all signs, (B,).

    `sweeps` passes over the entries, the first `burn` not counted. Their mean over problems tends to the Bayes error
    with the number of sweeps: the noise of the chain adds to it, what the chain has not forgotten of the truth, where
    it starts, lowers it. For someone who is told no signs there is `decoys.informed`, without decoys. Raises
    `ValueError` as `told` does, for a chain of which nothing is counted and for a population without noise.
    """
    check_chain(population, sweeps, burn)
    given = told(problems)
    generator = torch.Generator().manual_seed(seed)
    noise = population.noise**2
    G, c = given.G / noise, given.c / noise
    beta, total = given.truth.clone(), torch.zeros_like(given.truth)
    sign = given.truth.sign()
    for sweep in range(sweeps):
        for j in range(beta.shape[1]):
            centre = (c[:, j] - (G[:, j] * beta).sum(-1) + G[:, j, j] * beta[:, j]) / G[:, j, j]
            entry = Conditional(centre, G[:, j, j].rsqrt(), population.low, population.high)
            u = torch.rand(2, len(beta), generator=generator, dtype=torch.float64)  # the first is for a sign not told
            beta[:, j] = entry.draw(sign[:, j], u[1])
        if sweep >= burn:
            total += beta
    return (total / (sweeps - burn) - given.truth).square().sum(-1)


def state_evolution(population: Population, start: float, steps: int = 60, size: int = 40_000, seed: int = 0) -> float:
    """What the best estimator that is told the union, but not the support, reaches: its expected squared error.

    A prediction, not a bound: exact for independent Gaussian entries of X, n and union growing together, and entries of
    beta* that are independent (Barbier et al. 2019, Reeves and Pfister 2016). Then the data are as good as every entry
    seen by itself in noise of variance t = (noise^2 + (1 - c) E) / ((1 - c) n), where E is the error itself, a sum over
    the union, and c the correlation: the one direction that all columns share is known and costs nothing. The fixed
    point of E is reached from `start`; if it does not depend on that, it is the answer.
    """
    rng = torch.Generator().manual_seed(seed)
    share, own = population.sparsity / population.union, 1 - population.correlation
    value = torch.rand(size, generator=rng, dtype=torch.float64) * (population.high - population.low) + population.low
    value *= torch.randint(2, (size,), generator=rng) * 2 - 1
    value[torch.rand(size, generator=rng) >= share] = 0
    noise = torch.randn(size, generator=rng, dtype=torch.float64)
    half = torch.linspace(population.low, population.high, 61, dtype=torch.float64)
    grid = torch.cat([-half, half])
    error = start
    for _ in range(steps):
        t = (population.noise**2 + own * error) / (own * population.n)
        seen = value + t**0.5 * noise
        fit = (seen[:, None] * grid - grid.square() / 2) / t  # the logarithm, against the fit of zero
        top = fit.amax(1, keepdim=True).clamp_min(0)
        fit, zero = torch.exp(fit - top), torch.exp(-top[:, 0])
        mean = share * (fit * grid).mean(1) / (share * fit.mean(1) + (1 - share) * zero)
        error = population.union * float((mean - value).square().mean())
    return error
