r"""The Bayes error of someone who is told a short list of candidates for every entry: between `oracle` and nothing.

For each of the s entries that are not zero there is a set of 1 + `decoys` columns, the right one and others of the
union, drawn at random; the sets are disjoint and are told. Whoever is told nothing cannot do better on average, since
he may ignore what he is told. Given the sets the places are independent and uniform, the values as in `oracle`.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from duality.sparse.gibbs import Conditional, check_chain
from duality.sparse.problem import Population, Problems


@dataclass(frozen=True)
class Lists:
    """G = X_C^T X_C (B, c, c), c = X_C^T y (B, c) of the candidates, and the true values (B, s, k): one per set."""

    G: Tensor
    c: Tensor
    truth: Tensor


def lists(problems: Problems, population: Population, decoys: int, seed: int) -> Lists:
    """Candidates for every entry.

    Raises `ValueError` without truths, for those of another population, and when the union has too few columns.
    """
    s, k = population.sparsity, decoys + 1
    if problems.truth is None:
        raise ValueError("lists of candidates need problems with a known truth")
    if decoys < 0 or s * k > population.union:
        raise ValueError(f"{s} lists of {k} columns do not fit into a union of {population.union}")
    found = problems.truth != 0
    if bool((found.sum(1) != s).any()) or bool(found[:, population.union :].any()):
        raise ValueError(f"the truths must have {s} entries, all in the first {population.union} columns")
    truth = problems.truth[:, : population.union].double()
    order = torch.rand(truth.shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    order = (order - 2 * (truth != 0)).argsort(1)  # the right columns first, then the others at random
    chosen = order[:, : s * k].reshape(len(truth), k, s).mT.reshape(len(truth), s * k)
    X = problems.X.gather(2, chosen[:, None].expand(-1, problems.X.shape[1], -1)).double()
    c = (X.mT @ problems.y.double()[..., None])[..., 0]
    return Lists(X.mT @ X, c, truth.gather(1, chosen).reshape(len(truth), s, k))


def informed(
    problems: Problems, population: Population, decoys: int, seed: int, *, sweeps: int = 600, burn: int = 100
) -> Tensor:
    """Squared errors of the posterior mean given the lists, (B,).

    Gibbs sampling of one list after another, its place, sign and value together; without decoys the support is told.
    The chain starts at the truth: what it has not forgotten lowers the error and weakens the bound; its noise raises
    it. Raises `ValueError` as `lists` does, for a chain of which nothing is counted and for a population without noise.
    """
    check_chain(population, sweeps, burn)
    given = lists(problems, population, decoys, seed)
    generator = torch.Generator().manual_seed(seed + 1)
    B, s, k = given.truth.shape
    G, c = given.G / population.noise**2, given.c / population.noise**2
    beta, total = given.truth.reshape(B, -1).clone(), torch.zeros(B, s * k, dtype=torch.float64)
    rows = torch.arange(B)
    for sweep in range(sweeps):
        for entry in range(s):
            own = slice(entry * k, entry * k + k)
            beta[:, own] = 0
            weight = G[:, own, own].diagonal(dim1=1, dim2=2)
            centre = (c[:, own] - (G[:, own] @ beta[..., None])[..., 0]) / weight
            deviation = weight.rsqrt()
            plus, minus = Conditional(centre, deviation, population.low, population.high).log_chances()
            fit = (centre / deviation).square() / 2 + deviation.log() + torch.logaddexp(plus, minus)
            place = torch.multinomial(torch.softmax(fit, 1), 1, generator=generator)[:, 0]
            u = torch.rand(2, B, generator=generator, dtype=torch.float64)
            chosen = Conditional(centre[rows, place], deviation[rows, place], population.low, population.high)
            sign = torch.where(u[0] < torch.sigmoid((plus - minus)[rows, place]), 1.0, -1.0)
            beta[rows, entry * k + place] = chosen.draw(sign, u[1])
        if sweep >= burn:
            total += beta
    return (total / (sweeps - burn) - given.truth.reshape(B, -1)).square().sum(-1)
