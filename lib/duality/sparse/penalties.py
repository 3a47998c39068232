r"""Sparsity penalties $P(\lambda, \beta) = \sum_j p(\lambda_j, \beta_j)$ with element-wise lambda (T 7.3.2).

Each is $\lambda|\beta|$ plus a concave part q; l1 has q = 0. MCP is that of Zhang (2010), SCAD of Fan and Li (2001);
the derivatives of q are

    MCP:   q' = -beta / b                       for |beta| <= b lambda, else -lambda sign(beta);
    SCAD:  q' = 0                               for |beta| <= lambda,
           q' = sign(beta) (lambda - |beta|) / (a - 1)   for |beta| <= a lambda, else -lambda sign(beta).

Arguments broadcast; lambda must be positive, which `positive` checks once for a path of them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


def positive(lam: Tensor, name: str = "lambda") -> Tensor:
    """lam itself. Raises `ValueError` where it is not positive and finite."""
    wrong = ~(torch.isfinite(lam) & (lam > 0))
    if bool(wrong.any()):
        raise ValueError(f"{name} must be positive and finite; an entry is {float(lam[wrong][0]):g}")
    return lam


def soft_threshold(v: Tensor, bound: Tensor | float) -> Tensor:
    """sign(v) max(|v| - bound, 0)."""
    return torch.relu(v - bound) - torch.relu(-v - bound)


class Penalty(ABC):
    """A penalty as lambda |beta| + q(lambda, beta)."""

    @abstractmethod
    def concave(self, lam: Tensor, beta: Tensor) -> Tensor:
        """q, entry by entry."""

    @abstractmethod
    def concave_slope(self, lam: Tensor, beta: Tensor) -> Tensor:
        """The derivative of q in beta, entry by entry."""

    @property
    @abstractmethod
    def concavity(self) -> float:
        """The smallest xi for which q + xi beta^2 / 2 is convex: 0 for l1, 1/b for MCP, 1/(a - 1) for SCAD."""

    @property
    @abstractmethod
    def flat(self) -> float:
        """Where the penalty becomes constant, in units of lambda; infinite for l1."""

    def value(self, lam: Tensor, beta: Tensor) -> Tensor:
        """p, entry by entry."""
        return lam * beta.abs() + self.concave(lam, beta)

    def slope(self, lam: Tensor, beta: Tensor) -> Tensor:
        """The derivative of p in beta, entry by entry; 0 at beta = 0, where p has a kink."""
        return lam * beta.sign() + self.concave_slope(lam, beta)


@dataclass(frozen=True)
class L1(Penalty):
    """lambda |beta|."""

    concavity = 0.0
    flat = float("inf")

    def concave(self, lam: Tensor, beta: Tensor) -> Tensor:
        return torch.zeros_like(lam * beta)

    def concave_slope(self, lam: Tensor, beta: Tensor) -> Tensor:
        return torch.zeros_like(lam * beta)


@dataclass(frozen=True)
class MCP(Penalty):
    """The minimax concave penalty: constant from b lambda on. Raises `ValueError` unless b > 1."""

    b: float

    def __post_init__(self) -> None:
        if not 1 < self.b < float("inf"):
            raise ValueError(f"MCP needs b > 1, not {self.b}")

    @property
    def concavity(self) -> float:
        return 1 / self.b

    @property
    def flat(self) -> float:
        return self.b

    def concave(self, lam: Tensor, beta: Tensor) -> Tensor:
        size = beta.abs()
        return torch.where(size <= self.b * lam, -size.square() / (2 * self.b), self.b * lam.square() / 2 - lam * size)

    def concave_slope(self, lam: Tensor, beta: Tensor) -> Tensor:
        return torch.maximum(torch.minimum(-beta / self.b, lam), -lam)


@dataclass(frozen=True)
class SCAD(Penalty):
    """The smoothly clipped absolute deviation: constant from a lambda on. Raises `ValueError` unless a > 2."""

    a: float

    def __post_init__(self) -> None:
        if not 2 < self.a < float("inf"):
            raise ValueError(f"SCAD needs a > 2, not {self.a}")

    @property
    def concavity(self) -> float:
        return 1 / (self.a - 1)

    @property
    def flat(self) -> float:
        return self.a

    def concave(self, lam: Tensor, beta: Tensor) -> Tensor:
        size = beta.abs()
        over = torch.relu(size - lam)
        middle = -over.square() / (2 * (self.a - 1))
        return torch.where(size <= self.a * lam, middle, (self.a + 1) * lam.square() / 2 - lam * size)

    def concave_slope(self, lam: Tensor, beta: Tensor) -> Tensor:
        return -beta.sign() * torch.minimum(torch.relu(beta.abs() - lam) / (self.a - 1), lam)


@dataclass(frozen=True)
class Mixture(Penalty):
    """A convex combination: `weights` (q,) of `parts`, at least 0 with sum 1 (T eq. 7.6). Raises `ValueError` else."""

    parts: Sequence[Penalty]
    weights: Tensor

    def __post_init__(self) -> None:
        if self.weights.shape != (len(self.parts),):
            raise ValueError(f"{len(self.parts)} penalties need as many weights, not {tuple(self.weights.shape)}")
        weights = self.weights.detach()
        if not bool((weights >= 0).all()) or abs(float(weights.sum()) - 1) > 1e-5:
            raise ValueError(f"the weights of a convex combination are at least 0 with sum 1, not {weights.tolist()}")

    @property
    def concavity(self) -> float:
        """An upper bound of it: the combination of those of the parts, attained where their curved ranges meet."""
        return float(sum(float(w) * part.concavity for w, part in zip(self.weights.detach(), self.parts, strict=True)))

    @property
    def flat(self) -> float:
        used = [part.flat for w, part in zip(self.weights.detach(), self.parts, strict=True) if w > 0]
        return max(used)

    def concave(self, lam: Tensor, beta: Tensor) -> Tensor:
        return _combined(self.weights, [part.concave(lam, beta) for part in self.parts])

    def concave_slope(self, lam: Tensor, beta: Tensor) -> Tensor:
        return _combined(self.weights, [part.concave_slope(lam, beta) for part in self.parts])


def _combined(weights: Tensor, parts: list[Tensor]) -> Tensor:
    found = weights[0] * parts[0]
    for weight, part in zip(weights[1:], parts[1:], strict=True):
        found = found + weight * part
    return found


def printed(a: float, b: float, weights: Tensor | None = None) -> Mixture:
    """The three penalties of T 7.3.2, l1, MCP(b), SCAD(a); equal weights by default."""
    return Mixture((L1(), MCP(b), SCAD(a)), torch.full((3,), 1 / 3) if weights is None else weights)
