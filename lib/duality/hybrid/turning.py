r"""The class that turns: $Q^* = mI$ and $Q_\theta(x) = mI + e\,T(\theta(x))$ with the reflections
$T(t) = \begin{pmatrix}\cos t & \sin t\\ \sin t & -\cos t\end{pmatrix}$, for functions $\theta$ of $x$.

Every $\|Q_\theta(x)-Q^*\|_F$ is $\sqrt2\,e$, so the norms form a class of one constant function. The losses do not:
they depend on the angle between $b$ and the eigenvectors of $T(\theta(x))$. Gradient descent, one step size.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

ANGLES = 720  # grid of the supremum over the turning angle of one bin


@dataclass(frozen=True)
class Turning:
    """Numbers of one class: spectrum [mu, L], the middle m, the deviation e, |b|, and k steps of size s."""

    mu: Any = Fraction(1, 10)
    L: Any = Fraction(1)
    m: Any = Fraction(1, 2)
    e: Any = Fraction(2, 5)
    length: Any = Fraction(2)
    s: Any = Fraction(1)
    k: int = 2

    def __post_init__(self) -> None:
        if not (0 < self.mu <= self.m - self.e and self.m + self.e <= self.L and self.e > 0):
            raise ValueError(f"m ± e = {self.m} ± {self.e} must lie in [mu, L] = [{self.mu}, {self.L}], with e > 0")

    def solution(self, lam: Any) -> Any:
        """g_k(lam): minus the k-th iterate per unit of b, on the eigenvalue lam."""
        return (1 - (1 - self.s * lam) ** self.k) / lam

    @property
    def errors(self) -> tuple[Any, Any]:
        """g_k(m + e) - 1/m and g_k(m - e) - 1/m: the loss per unit of b along either eigenvector."""
        return tuple(self.solution(lam) - 1 / self.m for lam in (self.m + self.e, self.m - self.e))

    @property
    def extremes(self) -> tuple[Any, Any]:
        """The smallest and the largest loss over the angle."""
        low, high = sorted(self.length * abs(error) for error in self.errors)
        return low, high

    @property
    def left(self) -> Any:
        """R_n of the losses for every n, when theta may be any function: half the range of the loss."""
        low, high = self.extremes
        return (high - low) / 2

    @property
    def stab(self) -> Any:
        """The best constant of R eq. 7 for gradient descent with s <= 2/(mu+L): the larger of |b| |g'(mu)| and g(mu).

        The first is exact in every dimension, because (1 - sQ)^j is Lipschitz with constant j s (1 - s mu)^(j-1).
        """
        p = 1 - self.s * self.mu
        in_energy = self.s**2 * sum(j * p ** (j - 1) for j in range(1, self.k))
        return max(self.length * in_energy, self.solution(self.mu))


def bounds_of_net(turning: Turning, n: int, bins: int | None) -> float:
    """An upper bound of the logarithm of the covering number of the matrices at n^(-1/2), per sample or per bin.

    One matrix runs over a circle of radius sqrt(2) e; a point of a net covers an arc of it.
    """
    radius = float(np.sqrt(2.0) * float(turning.e))
    half_arc = 2 * np.arcsin(min(1.0, n**-0.5 / (2 * radius)))
    points = int(np.ceil(np.pi / half_arc - 1e-12))
    return (n if bins is None else min(bins, n)) * float(np.log(points))


def binned_complexity(turning: Turning, n: int, bins: int, draws: int, rng: np.random.Generator) -> tuple[float, float]:
    """Mean and standard error of E R_n of the losses when theta is constant on `bins` equal intervals of [0, 1].

    x is uniform on [0, 1], b uniform on the four points ±|b| e_i; the supremum over an angle is taken on a grid.
    """
    t = np.linspace(0, 2 * np.pi, ANGLES, endpoint=False)
    shapes = np.stack([_losses(turning, t), _losses(turning, t + np.pi)])  # b along e_1, along e_2
    values = np.empty(draws)
    for draw in range(draws):
        where = rng.integers(bins, size=n) * 2 + rng.integers(2, size=n)
        signs = rng.choice([-1.0, 1.0], size=n)
        sums = np.bincount(where, weights=signs, minlength=2 * bins).reshape(bins, 2)
        # a bin counts only through its two sums, and most bins share theirs with others or are empty
        pairs, counts = np.unique(sums[sums.any(axis=1)], axis=0, return_counts=True)
        values[draw] = counts @ (pairs @ shapes).max(axis=1) / n
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(draws))


def _losses(turning: Turning, angle: np.ndarray) -> np.ndarray:
    """The loss for b along e_1 when T turns by `angle`."""
    along, across = (float(error) ** 2 for error in turning.errors)
    return float(turning.length) * np.sqrt(along * np.cos(angle / 2) ** 2 + across * np.sin(angle / 2) ** 2)
