r"""One instance of every update map, with its fixed point and the gradient that folding must find.

An instance asks for the gradient in c of $\langle v, x^\star(c)\rangle$. `truth` is that gradient by another way: the
dense system for maps with $\rho(\Phi) < 1$, a formula or the optimality conditions of a smaller problem for the two
whose matrix has the eigenvalue 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from duality.folding.adjoint import Jacobian
from duality.folding.admm import ADMM
from duality.folding.gradient import GradientStep, ProximalGradientStep
from duality.folding.implicit import ImplicitLayer
from duality.folding.layer import FoldedLayer
from duality.folding.program import Quadratic, product, product_t
from duality.folding.proximal import Box, Nonnegative, Proximal, Simplex, SoftThreshold
from duality.folding.rules import Dense
from duality.folding.solvers import InteriorPoint, Iterate
from duality.folding.sqp import SQP
from duality.folding.update import Plain, Step, UpdateMap

NEGLIGIBLE = 1e-9  # of the gradient: an eigenvalue whose component is smaller counts as absent


@dataclass(frozen=True)
class Instance:
    """A map, parameters (each with first axis 1), a fixed point (1, n), v in the solution (1, p), and the truth."""

    update: UpdateMap
    c: tuple[Tensor, ...]
    state: Tensor
    v: Tensor
    truth: Tensor

    def pulled(self) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
        """v in the state, (1, n), and the gradient in c, flat, as a function of w in the state."""
        with torch.enable_grad():
            state = self.state.detach().requires_grad_()
            c = [value.detach().requires_grad_() for value in self.c]
            image, solution = self.update(state, *c), self.update.solution(state, *c)
        start, *direct = _gradients(solution, [state, *c], self.v)

        def gradient(w: Tensor) -> Tensor:
            return flat([a + b for a, b in zip(_gradients(image, c, w), direct, strict=True)])

        return start, gradient


def _gradients(of: Tensor, at: list[Tensor], v: Tensor) -> tuple[Tensor, ...]:
    return torch.autograd.grad(of, at, v, retain_graph=True, allow_unused=True, materialize_grads=True)


def flat(values: list[Tensor] | tuple[Tensor, ...]) -> Tensor:
    """All entries in one vector."""
    return torch.cat([value.reshape(-1) for value in values])


def errors(instance: Instance, ks: list[int]) -> list[float]:
    """The relative error of the folded gradient after K fixed-point products, for each K of `ks` (increasing)."""
    phi = Jacobian(instance.update, instance.state, instance.c)
    v, gradient = instance.pulled()
    size, w, term, found = instance.truth.norm(), v, v, []
    for k in range(ks[-1] + 1):
        if k:
            term = phi.transposed(term)
            w = w + term
        if k in ks:
            found.append(float((gradient(w) - instance.truth).norm() / size))
    return found


def radii(instance: Instance) -> tuple[float, float]:
    """rho(Phi), and the same over the eigenvalues whose component in the gradient does not vanish."""
    matrix = Jacobian(instance.update, instance.state, instance.c).matrix()[0].mT
    values, vectors = torch.linalg.eig(matrix)
    v, gradient = instance.pulled()
    direct = gradient(torch.zeros_like(v))
    shares = torch.linalg.solve(vectors, v[0].to(vectors))
    sizes = torch.stack(
        [
            share.abs() * _length(vector, lambda w: gradient(w) - direct)
            for share, vector in zip(shares, vectors.mT, strict=True)
        ]
    )
    active = sizes > NEGLIGIBLE * sizes.max()
    return float(values.abs().max()), float(values[active].abs().max())


def _length(vector: Tensor, linear: Callable[[Tensor], Tensor]) -> Tensor:
    """The length of a real linear map's value at a complex vector."""
    return torch.hypot(linear(vector.real[None]).norm(), linear(vector.imag[None]).norm())


def _tensor(array: np.ndarray) -> Tensor:
    return torch.as_tensor(array, dtype=torch.float64)[None]


def _energy(rng: np.random.Generator, n: int, kappa: float) -> np.ndarray:
    """A symmetric matrix with eigenvalues evenly spaced in the logarithm from 1/kappa to 1."""
    rotation, _ = np.linalg.qr(rng.standard_normal((n, n)))
    return (rotation * np.geomspace(1 / kappa, 1, n)) @ rotation.T


def regular(update: UpdateMap, c: tuple[Tensor, ...], state: Tensor, rng: np.random.Generator) -> Instance:
    """An instance whose truth is the dense solution."""
    v = _tensor(rng.standard_normal(update.solution(state, *c).shape[-1]))
    given = [value.clone().requires_grad_() for value in c]
    x = FoldedLayer(lambda *c: state, update, Dense())(*given)
    return Instance(update, c, state, v, flat(torch.autograd.grad(x, given, v)))


def _settled(update: UpdateMap, c: tuple[Tensor, ...]) -> Tensor:
    return Iterate(update, 1e-15, 40_000)(*c)


def logistic(rng: np.random.Generator) -> Instance:
    """Ridge logistic regression in the features and the labels, by gradient steps."""
    A, y = _tensor(rng.standard_normal((30, 8))), _tensor(rng.integers(0, 2, 30).astype(float))

    def gradient(x: Tensor, A: Tensor, y: Tensor) -> Tensor:
        return product_t(A, torch.sigmoid(product(A, x)) - y) / 30 + 0.02 * x

    update = GradientStep(gradient, 4 / (float(torch.linalg.matrix_norm(A, 2)) ** 2 / 30 + 0.08), 8)
    return regular(update, (A, y), _settled(update, (A, y)), rng)


def lasso(rng: np.random.Generator) -> Instance:
    """Least squares with an l1 term, in the features, the data and the weight of the term."""
    A, y, level = _tensor(rng.standard_normal((15, 30)) / 4), _tensor(rng.standard_normal(15)), _tensor(np.array([0.3]))
    update = ProximalGradientStep(
        lambda x, A, y, level: product_t(A, product(A, x) - y),
        SoftThreshold(lambda A, y, level: level),
        1 / float(torch.linalg.matrix_norm(A, 2)) ** 2,
        30,
    )
    return regular(update, (A, y, level), _settled(update, (A, y, level)), rng)


def _quadratic(rng: np.random.Generator, prox: Proximal, *more: Tensor) -> Instance:
    n = 12
    c = (_tensor(_energy(rng, n, 30)), _tensor(rng.standard_normal(n)), *more)
    update = ProximalGradientStep(lambda x, Q, p, *_: product(Q, x) + p, prox, 1.0, n)
    return regular(update, c, _settled(update, c), rng)


def box(rng: np.random.Generator) -> Instance:
    """A quadratic on a box, in the energy and in the box."""
    ends = _tensor(np.full(12, -2.0)), _tensor(np.full(12, 2.0))
    return _quadratic(rng, Box(lambda Q, p, low, high: low, lambda Q, p, low, high: high), *ends)


def nonnegative(rng: np.random.Generator) -> Instance:
    """A quadratic on the orthant."""
    return _quadratic(rng, Nonnegative())


def simplex(rng: np.random.Generator) -> Instance:
    """A quadratic on a simplex, in the energy and the total."""
    return _quadratic(rng, Simplex(lambda Q, p, total: total), _tensor(np.array([3.0])))


def nesterov(rng: np.random.Generator) -> Instance:
    """Nesterov's method on a quadratic, states (x, the one before), with the momentum that belongs to mu and s."""
    n, kappa = 12, 30
    root = 1 / np.sqrt(kappa)
    momentum = (1 - root) / (1 + root)

    def step(state: Tensor, Q: Tensor, p: Tensor) -> Tensor:
        x, before = state.split(n, dim=-1)
        y = x + momentum * (x - before)
        return torch.cat([y - product(Q, y) - p, x], dim=-1)

    update = Plain(step, 2 * n)
    c = (_tensor(_energy(rng, n, kappa)), _tensor(rng.standard_normal(n)))
    return regular(update, c, _settled(update, c), rng)


def _program(rng: np.random.Generator) -> tuple[Tensor, ...]:
    n, e, m = 8, 2, 6
    A, G, x = rng.standard_normal((e, n)), rng.standard_normal((m, n)), rng.standard_normal(n)
    Q = _energy(rng, n, 20)
    return tuple(map(_tensor, (Q, 3 * rng.standard_normal(n), A, A @ x, G, G @ x + rng.uniform(0, 1, m))))


def admm(rng: np.random.Generator) -> Instance:
    """A quadratic program in all its parameters, by ADMM."""
    c, update = _program(rng), ADMM()
    return regular(update, c, update.state_of(InteriorPoint(Quadratic())(*c), *c), rng)


def sqp(rng: np.random.Generator) -> Instance:
    """The same program by SQP."""
    c, update = _program(rng), SQP(Quadratic())
    return regular(update, c, InteriorPoint(Quadratic())(*c), rng)


@dataclass(frozen=True)
class Repeated(UpdateMap):
    """A map of a quadratic program with parameters (Q, p, A, b, G, h), its first equality written down twice."""

    inner: ADMM

    def given(self, Q: Tensor, p: Tensor, A: Tensor, b: Tensor, G: Tensor, h: Tensor) -> tuple[Tensor, ...]:
        return Q, p, torch.cat([A, A[:, :1]], 1), torch.cat([b, b[:, :1]], 1), G, h

    def bind(self, *c: Tensor) -> Step:
        return self.inner.bind(*self.given(*c))

    def start(self, *c: Tensor) -> Tensor:
        return self.inner.start(*self.given(*c))

    def solution(self, state: Tensor, *c: Tensor) -> Tensor:
        return self.inner.solution(state, *self.given(*c))


def repeated(rng: np.random.Generator) -> Instance:
    """ADMM where an equality is there twice: rho(Phi) = 1. The truth is that of the program with one of them."""
    c, update = _program(rng), Repeated(ADMM())
    v = _tensor(rng.standard_normal(8))
    given = [value.clone().requires_grad_() for value in c]
    x = ImplicitLayer(InteriorPoint(Quadratic()), Quadratic())(*given)
    return Instance(update, c, _settled(update, c), v, flat(torch.autograd.grad(x, given, v)))


@dataclass(frozen=True)
class TotalVariationDual(UpdateMap):
    r"""Projected gradient on $\min_{|u|\le\ell}\tfrac12\|D^\top u - y\|^2$, whose solution $x = y - D^\top u$ minimizes
    $\tfrac12\|x - y\|^2 + \ell\|Dx\|_1$. D is (edges, nodes); the parameter is y."""

    D: Tensor
    level: float

    def bind(self, *c: Tensor) -> Step:
        (y,) = c
        s = 1 / float(torch.linalg.matrix_norm(self.D, 2)) ** 2
        return lambda u: (u - s * (u @ self.D - y) @ self.D.mT).clamp(-self.level, self.level)

    def start(self, *c: Tensor) -> Tensor:
        return c[0].new_zeros(len(c[0]), len(self.D))

    def solution(self, state: Tensor, *c: Tensor) -> Tensor:
        return c[0] - state @ self.D


def grid_differences(side: int) -> np.ndarray:
    """The differences along the edges of a square grid, (2 side (side - 1), side²)."""
    line = np.diff(np.eye(side), axis=0)
    return np.concatenate([np.kron(np.eye(side), line), np.kron(line, np.eye(side))])


def total_variation(rng: np.random.Generator) -> Instance:
    """A step in a noisy 4 x 4 image. Every cycle of equal pixels is an eigenvalue 1; the truth averages v over the
    connected pieces of the solution."""
    side = 4
    D = torch.as_tensor(grid_differences(side))
    image = np.repeat([0.0, 2.0], side * side // 2) + 0.1 * rng.standard_normal(side * side)
    c, update = (_tensor(image),), TotalVariationDual(D, 0.5)
    state = _settled(update, c)
    free = D[state[0].abs() < update.level * (1 - 1e-9)]
    v = _tensor(rng.standard_normal(side * side))
    along = torch.linalg.pinv(free) @ free
    return Instance(update, c, state, v, flat([v - v @ along]))


INSTANCES: Mapping[str, Callable[[np.random.Generator], Instance]] = {
    "gradient": logistic,
    "Nesterov": nesterov,
    "soft threshold": lasso,
    "box": box,
    "nonnegative": nonnegative,
    "simplex": simplex,
    "ADMM": admm,
    "SQP": sqp,
    "ADMM, equality twice": repeated,
    "total variation": total_variation,
}
