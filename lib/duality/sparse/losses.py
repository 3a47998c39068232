r"""Empirical losses $L_n(Z, \beta)$ on batches of problems with different numbers of samples (T eq. 7.1).

All take `Problems` and beta (B, d). Padding counts for nothing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from duality.sparse.problem import Problems


def predictions(problems: Problems, beta: Tensor) -> Tensor:
    """X beta, (B, n)."""
    return torch.bmm(problems.X, beta[..., None])[..., 0]


def pulled_back(problems: Problems, r: Tensor) -> Tensor:
    """X^T r / n of every problem, (B, d), for r (B, n)."""
    return torch.bmm((r / problems.counts[:, None])[:, None], problems.X)[:, 0]


class Loss(ABC):
    """A loss that is a mean over samples of a function of x^T beta and y."""

    @abstractmethod
    def check(self, problems: Problems) -> None:
        """Raise `ValueError` for answers that the loss has no meaning for."""

    @abstractmethod
    def value_at(self, problems: Problems, u: Tensor) -> Tensor:
        """L_n, (B,), from the predictions u = X beta (B, n)."""

    @abstractmethod
    def slope(self, problems: Problems, u: Tensor) -> Tensor:
        """The derivative of each sample's loss in its prediction u (B, n)."""

    @abstractmethod
    def bend(self, problems: Problems, u: Tensor) -> Tensor:
        """The second derivative of the same, (B, n)."""

    @abstractmethod
    def excess(self, problems: Problems, u: Tensor, move: Tensor) -> Tensor:
        """L_n at predictions u + move less its linear model at u, (B,), without cancellation between the two."""

    @abstractmethod
    def steepest(self) -> float:
        """The largest second derivative of a sample's loss."""

    def value(self, problems: Problems, beta: Tensor) -> Tensor:
        """L_n, (B,)."""
        return self.value_at(problems, predictions(problems, beta))

    def gradient(self, problems: Problems, beta: Tensor) -> Tensor:
        """The gradient in beta, (B, d)."""
        return pulled_back(problems, self.slope(problems, predictions(problems, beta)))

    def at_zero(self, problems: Problems) -> Tensor:
        """The gradient at zero, (B, d), where lambda paths start."""
        return pulled_back(problems, self.slope(problems, torch.zeros_like(problems.y)))

    def hessian(self, problems: Problems, beta: Tensor) -> Tensor:
        """The Hessian at beta, (B, d, d)."""
        bend = self.bend(problems, predictions(problems, beta)) / problems.counts[:, None]
        return problems.X.mT @ (bend[..., None] * problems.X)

    def smoothness(self, problems: Problems) -> Tensor:
        """A Lipschitz constant of the gradient, (B,): the largest eigenvalue of X^T X / n, times `steepest`."""
        gram = problems.X @ problems.X.mT if problems.X.shape[1] < problems.d else problems.X.mT @ problems.X
        largest = torch.linalg.eigvalsh(gram.double())[:, -1]  # in single precision it fails on repeated eigenvalues
        return self.steepest() * largest.to(gram) / problems.counts


@dataclass(frozen=True)
class LeastSquares(Loss):
    r"""$\frac1{2n}\|y - X\beta\|^2$."""

    def check(self, problems: Problems) -> None:
        pass

    def value_at(self, problems: Problems, u: Tensor) -> Tensor:
        return (u - problems.y).square().sum(-1) / (2 * problems.counts)

    def slope(self, problems: Problems, u: Tensor) -> Tensor:
        return u - problems.y

    def bend(self, problems: Problems, u: Tensor) -> Tensor:
        return torch.ones_like(u)  # rows of zeros contribute nothing

    def excess(self, problems: Problems, u: Tensor, move: Tensor) -> Tensor:
        return move.square().sum(-1) / (2 * problems.counts)

    def steepest(self) -> float:
        return 1.0

    def at_zero(self, problems: Problems) -> Tensor:
        return -problems.answers


@dataclass(frozen=True)
class Logistic(Loss):
    r"""$\frac1n\sum_i \log(1 + e^{x_i^\top\beta}) - y_i\,x_i^\top\beta$ for answers 0 and 1."""

    def check(self, problems: Problems) -> None:
        if bool(((problems.y != 0) & (problems.y != 1)).any()):
            raise ValueError("the logistic loss needs answers 0 and 1")

    def value_at(self, problems: Problems, u: Tensor) -> Tensor:
        each = torch.nn.functional.softplus(u) - problems.y * u
        return torch.where(problems.mask, each, 0).sum(-1) / problems.counts

    def slope(self, problems: Problems, u: Tensor) -> Tensor:
        return torch.sigmoid(u) - problems.y

    def bend(self, problems: Problems, u: Tensor) -> Tensor:
        chance = torch.sigmoid(u)
        return chance * (1 - chance)

    def excess(self, problems: Problems, u: Tensor, move: Tensor) -> Tensor:
        # at (-u, -move) it is the same, so u <= 0: no chance rounds to 1
        chance, move = torch.sigmoid(-u.abs()), torch.where(u > 0, -move, move)
        far = move > 1  # there nothing cancels, and expm1 could overflow
        near = torch.log1p(chance * torch.expm1(move.masked_fill(far, 0)))
        rise = torch.where(far, logsigmoid(u.abs()) - logsigmoid(u.abs() - move), near)
        return (rise - chance * move).sum(-1) / problems.counts

    def steepest(self) -> float:
        return 0.25


def mean_squared_error(problems: Problems, beta: Tensor) -> Tensor:
    """The mean square of y - X beta over the samples of each problem, (B,): the metric of T Table 7.4."""
    return 2 * LeastSquares().value(problems, beta)
