r"""Optimization problems with constraints, and their optimality conditions.

$$\min_x f(x, c) \quad\text{subject to}\quad g(x, c) = 0, \quad h(x, c) \le 0.$$

A primal-dual point is a state $s = (x, \nu, \lambda)$ in one row of length n + e + m, with multipliers $\nu$ of the e
equalities and $\lambda \ge 0$ of the m inequalities.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from duality.folding.update import batch_size, per_problem

Function = Callable[..., Tensor]


class Conditions(NamedTuple):
    """The derivatives of a program at (x, nu, lambda), for a batch; leading axes may be 1 where nothing varies.

    gradient (B, n) of f; equalities g (B, e) and their Jacobian (B, e, n); inequalities h (B, m) and theirs (B, m, n);
    hessian (B, n, n) of the Lagrangian f + nu g + lambda h in x.
    """

    gradient: Tensor
    g: Tensor
    g_jacobian: Tensor
    h: Tensor
    h_jacobian: Tensor
    hessian: Tensor


class Program(ABC):
    """A family of problems with parameters c."""

    @abstractmethod
    def sizes(self, *c: Tensor) -> tuple[int, int, int]:
        """n, e, m."""

    @abstractmethod
    def conditions(self, x: Tensor, nu: Tensor, lam: Tensor, *c: Tensor) -> Conditions:
        """The derivatives at a primal-dual point."""

    @abstractmethod
    def objective(self, x: Tensor, *c: Tensor) -> Tensor:
        """f, (B,)."""

    def split(self, state: Tensor, *c: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """x, nu and lambda of a state (B, n + e + m)."""
        n, e, m = self.sizes(*c)
        x, nu, lam = state.split([n, e, m], dim=-1)
        return x, nu, lam

    def kkt_residual(self, state: Tensor, *c: Tensor) -> Tensor:
        """The optimality conditions (Karush, Kuhn, Tucker) without the signs, (B, n + e + m): zero at a solution.

        In order: the gradient of the Lagrangian in x, then g, then lambda h.
        """
        x, nu, lam = self.split(state, *c)
        at = self.conditions(x, nu, lam, *c)
        slope = at.gradient + product_t(at.g_jacobian, nu) + product_t(at.h_jacobian, lam)
        count = batch_size((state, *c))
        return torch.cat([slope.expand(count, -1), at.g.expand(count, -1), (lam * at.h).expand(count, -1)], dim=-1)


@dataclass(frozen=True)
class Smooth(Program):
    """A program from functions of one problem: f(x, *c) a number, g and h vectors or None.

    `n` is the length of x. The functions must be twice differentiable; all derivatives are automatic.
    """

    n: int
    f: Function
    g: Function | None = None
    h: Function | None = None

    def _g(self, x: Tensor, *c: Tensor) -> Tensor:
        return x.new_zeros(0) if self.g is None else self.g(x, *c)

    def _h(self, x: Tensor, *c: Tensor) -> Tensor:
        return x.new_zeros(0) if self.h is None else self.h(x, *c)

    def _lagrangian(self, x: Tensor, nu: Tensor, lam: Tensor, *c: Tensor) -> Tensor:
        return self.f(x, *c) + (nu * self._g(x, *c)).sum() + (lam * self._h(x, *c)).sum()

    def sizes(self, *c: Tensor) -> tuple[int, int, int]:
        with torch.no_grad():
            first = [value[0] for value in c]
            x = c[0].new_zeros(self.n)
            return self.n, len(self._g(x, *first)), len(self._h(x, *first))

    def objective(self, x: Tensor, *c: Tensor) -> Tensor:
        return per_problem(self.f)(x, *c)

    def conditions(self, x: Tensor, nu: Tensor, lam: Tensor, *c: Tensor) -> Conditions:
        g, h = per_problem(self._g), per_problem(self._h)
        return Conditions(
            per_problem(torch.func.grad(self.f))(x, *c),
            g(x, *c),
            per_problem(torch.func.jacrev(self._g))(x, *c),
            h(x, *c),
            per_problem(torch.func.jacrev(self._h))(x, *c),
            per_problem(torch.func.jacrev(torch.func.grad(self._lagrangian)))(x, nu, lam, *c),
        )


class Quadratic(Program):
    r"""$\min \tfrac12x^\top Qx + p^\top x$ subject to $Ax = b$, $Gx \le h$; parameters c = (Q, p, A, b, G, h).

    Shapes, each with the problems first: (n, n), (n,), (e, n), (e,), (m, n), (m,); e or m may be 0. Q is symmetric;
    where it is not, its symmetric part is what counts.
    """

    def sizes(self, *c: Tensor) -> tuple[int, int, int]:
        _, p, A, _, G, _ = c
        return p.shape[-1], A.shape[-2], G.shape[-2]

    def objective(self, x: Tensor, *c: Tensor) -> Tensor:
        Q, p, *_ = c
        return (x * (product(Q, x) / 2 + p)).sum(-1)

    def conditions(self, x: Tensor, nu: Tensor, lam: Tensor, *c: Tensor) -> Conditions:
        Q, p, A, b, G, h = c
        Q = (Q + Q.mT) / 2
        return Conditions(product(Q, x) + p, product(A, x) - b, A, product(G, x) - h, G, Q)


def product(A: Tensor, x: Tensor) -> Tensor:
    """A x for a batch: A (B or 1, r, n) and x (B or 1, n) give (B, r)."""
    if A.shape[0] == 1:
        return x @ A[0].mT  # one product of matrices
    return (A @ x[..., None])[..., 0]


def product_t(A: Tensor, y: Tensor) -> Tensor:
    """Aᵀ y for a batch: A (B or 1, r, n) and y (B or 1, r) give (B, n)."""
    if A.shape[0] == 1:
        return y @ A[0]
    return (y[..., None, :] @ A)[..., 0, :]
