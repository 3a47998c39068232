r"""Classes so small that everything is computed exactly: one dimension, a few energies, a few samples.

$Q^*$ is the constant $m$, the energies differ from it by $\pm e$ or not at all at each input, $b = 1$, and gradient
descent runs $k$ steps with every step size of a list. Stab and Sens are the smallest constants that the definitions
allow on the eigenvalues that occur, so that no slack hides in them. Any numbers, fractions above all.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import log
from typing import Any

from duality.hybrid.covering import proper_number

Row = tuple[Any, ...]
# deviations from Q* in units of e, one row per energy, one entry per input
PATTERNS: Mapping[str, Callable[[int], list[Row]]] = {
    "two constants": lambda n: [(1,) * n, (-1,) * n],
    "every sign": lambda n: list(itertools.product((1, -1), repeat=n)),
    "bumps": lambda n: [tuple(int(i == j) for i in range(n)) for j in range(n)],
    "bumps and Q*": lambda n: [(0,) * n, *(tuple(int(i == j) for i in range(n)) for j in range(n))],
}


@dataclass(frozen=True)
class SmallClass:
    """Energies m + e * deviation on n inputs; `steps` are the step sizes phi, the middle one first."""

    m: Any
    e: Any
    deviations: Sequence[Row]
    k: int
    steps: tuple[Any, ...]

    @property
    def n(self) -> int:
        return len(self.deviations[0])

    @cached_property
    def energies(self) -> list[Row]:
        return [tuple(self.m + self.e * x for x in row) for row in self.deviations]

    def solution(self, phi: Any, lam: Any) -> Any:
        """g_k(lam) of gradient descent."""
        return (1 - (1 - phi * lam) ** self.k) / lam

    def losses(self, phi: Any) -> list[Row]:
        """|g_k(Q) - 1/m| per energy and input: the loss at b = 1."""
        return [tuple(abs(self.solution(phi, lam) - 1 / self.m) for lam in row) for row in self.energies]

    @cached_property
    def eigenvalues(self) -> list[Any]:
        return sorted({self.m, *(lam for row in self.energies for lam in row)})

    @cached_property
    def stab(self) -> Any:
        """The smallest Stab in Q on the eigenvalues that occur, for every step size."""
        return max(
            abs(self.solution(phi, a) - self.solution(phi, b)) / abs(a - b)
            for phi in self.steps
            for a, b in itertools.combinations(self.eigenvalues, 2)
        )

    @cached_property
    def sens(self) -> Any:
        """The smallest Sens on the eigenvalues that occur; 0 for one step size."""
        moves = [
            abs(self.solution(p, lam) - self.solution(q, lam)) / abs(p - q)
            for p, q in itertools.combinations(self.steps, 2)
            for lam in self.eigenvalues
        ]
        return max(moves, default=0 * self.m)

    @cached_property
    def loss_complexity(self) -> Any:
        """R_n of the losses over all energies and step sizes, by all 2^n sign vectors."""
        return signed_supremum([row for phi in self.steps for row in self.losses(phi)])

    @cached_property
    def norm_complexity(self) -> Any:
        """R_n of the norms |Q - Q*|."""
        return signed_supremum([tuple(abs(lam - self.m) for lam in row) for row in self.energies])

    @cached_property
    def radius_squared(self) -> Any:
        """rho_n^2: the largest mean square of Q - Q*."""
        return max(mean([(lam - self.m) ** 2 for lam in row]) for row in self.energies)

    @cached_property
    def log_number(self) -> float:
        """The logarithm of the smallest number of balls of radius n^(-1/2), centred in the class, that cover it."""
        return log(proper_number(self.energies, lambda a, b: sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) <= 1))


def mean(values: Sequence[Any]) -> Any:
    return sum(values) / Fraction(len(values)) if isinstance(values[0], Fraction) else sum(values) / len(values)


def signed_supremum(rows: Sequence[Row]) -> Any:
    """E sup over rows of n^(-1) sum sigma_i row_i, over all sign vectors: the empirical Rademacher complexity."""
    n = len(rows[0])
    tops = [
        max(sum(sign * x for sign, x in zip(signs, row, strict=True)) for row in rows)
        for signs in itertools.product((1, -1), repeat=n)
    ]
    return mean(tops) / n


def rational_above(value: float) -> Fraction:
    """A fraction a little above a float, for roots and logarithms in exact comparisons."""
    return Fraction(value * (1 + 1e-12) + 1e-15)
