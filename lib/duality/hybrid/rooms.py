r"""In one dimension, with b = ±1: what a loss leaves open about an energy, and what no energy can reach.

Energies are single numbers $\lambda$ in $[\mu, L]$, a model answers $-g_k(\lambda) b$ and its label is $-b/\lambda^*$.
Suprema are taken over a grid of energies.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from duality.quadratic.methods import Method
from duality.quadratic.residual import solutions


def _energies(method: Method, points: int) -> np.ndarray:
    return np.linspace(float(method.spectrum.mu), float(method.spectrum.L), points)


def worst_of_the_best(methods: Sequence[Method], k_max: int, points: int = 20_001) -> pd.DataFrame:
    """The smallest worst-case loss over all truths that one constant energy has, k = 1, ..., k_max.

    Columns method, k, loss. This is the measure of approximation ability in R eq. 11, for constant neural modules.
    """
    rows = []
    for method in methods:
        mu, L = float(method.spectrum.mu), float(method.spectrum.L)
        answers = solutions(method, _energies(method, points), k_max)
        worst = np.maximum(abs(1 / mu - answers), abs(answers - 1 / L)).min(axis=1)
        rows += [(method.name, k, worst[k]) for k in range(1, k_max + 1)]
    return pd.DataFrame(rows, columns=["method", "k", "loss"])


def largest_at_no_loss(methods: Sequence[Method], k_max: int, points: int = 6401) -> pd.DataFrame:
    """The largest distance of energy and truth among models without any loss, k = 2, ..., k_max.

    Columns method, k, distance. It is 0 where no energy is without loss for a truth in the spectrum.
    """
    rows = []
    for method in methods:
        lam = _energies(method, points)
        truth = 1 / solutions(method, lam, k_max)[2:]
        inside = (truth >= lam[0]) & (truth <= lam[-1])
        distance = np.where(inside, abs(truth - lam), 0).max(axis=1)
        rows += [(method.name, k, value) for k, value in enumerate(distance, start=2)]
    return pd.DataFrame(rows, columns=["method", "k", "distance"])


def losses_over_energies(methods: Sequence[Method], k: int, truth: float, points: int = 301) -> pd.DataFrame:
    """The loss of every energy for one truth. Columns method, energy, loss."""
    parts = []
    for method in methods:
        lam = _energies(method, points)
        loss = abs(solutions(method, lam, k)[k] - 1 / truth)
        parts.append(pd.DataFrame({"method": method.name, "energy": lam, "loss": loss}))
    return pd.concat(parts, ignore_index=True)


def bent(method: Method, k: int, truths: np.ndarray, points: int = 4001) -> np.ndarray:
    """For each true eigenvalue the energy whose answer after k steps is best, the truth itself where none is better.

    `truths` may have any shape; the candidates are a grid of the spectrum.
    """
    grid, flat = _energies(method, points), np.ravel(truths)
    off = abs(solutions(method, grid, k)[k][:, None] - 1 / flat)
    missed = abs(solutions(method, flat, k)[k] - 1 / flat)
    return np.where(off.min(axis=0) < missed, grid[off.argmin(axis=0)], flat).reshape(np.shape(truths))
