"""One small instance of every update map, which several test files differentiate through."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from duality.folding import (
    ADMM,
    GMRES,
    SQP,
    Box,
    Dense,
    FixedPoint,
    GradientStep,
    InteriorPoint,
    Iterate,
    Nonnegative,
    Plain,
    ProximalGradientStep,
    Quadratic,
    Rule,
    Simplex,
    SoftThreshold,
    UpdateMap,
)

N, B = 4, 3
RULES: tuple[Rule, ...] = (FixedPoint(tolerance=1e-13), GMRES(tolerance=1e-13), Dense())


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def definite(count: int = B, n: int = N, seed: int = 1) -> Tensor:
    """Matrices with eigenvalues from 0.5 to 2.5."""
    R = random(count, n, n, seed=seed)
    square = R @ R.mT
    largest = torch.linalg.matrix_norm(square, 2)
    return 2 * square / largest[:, None, None] + 0.5 * torch.eye(n, dtype=torch.float64)


def leaves(*values: Tensor) -> tuple[Tensor, ...]:
    return tuple(value.clone().requires_grad_() for value in values)


def quadratic_program(count: int = B, n: int = N, e: int = 1, m: int = 5, seed: int = 2) -> tuple[Tensor, ...]:
    """Feasible random programs, some inequalities active at the solution."""
    x = random(count, n, seed=seed)
    A, G = random(count, e, n, seed=seed + 1), random(count, m, n, seed=seed + 2)
    room = torch.rand(count, m, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    multiply = lambda M: (M @ x[..., None])[..., 0]  # noqa: E731
    return definite(count, n), 3 * random(count, n, seed=seed + 3), A, multiply(A), G, multiply(G) + room


def slope(x: Tensor, Q: Tensor, b: Tensor) -> Tensor:
    """The gradient of the energy of a quadratic with a quartic term."""
    symmetric = (Q + Q.mT) / 2
    return (symmetric @ x[..., None])[..., 0] + 0.1 * x**3 - b


MAPS: dict[str, tuple[UpdateMap, tuple[Tensor, ...]]] = {
    "gradient": (GradientStep(slope, 0.25, N), (definite(), random(B, N))),
    "soft threshold": (
        ProximalGradientStep(lambda x, Q, b, *_: slope(x, Q, b), SoftThreshold(lambda Q, b, level: level), 0.25, N),
        (definite(), random(B, N), 0.3 + random(B, 1).abs()),
    ),
    "box": (
        ProximalGradientStep(
            lambda x, Q, b, low: slope(x, Q, b), Box(lambda Q, b, low: low, lambda Q, b, low: low + 0.7), 0.25, N
        ),
        (definite(), 2 * random(B, N), 0.1 * random(B, N, seed=5)),
    ),
    "nonnegative": (ProximalGradientStep(slope, Nonnegative(), 0.25, N), (definite(), random(B, N))),
    "simplex": (ProximalGradientStep(slope, Simplex(), 0.25, N), (definite(), random(B, N))),
    "plain": (
        Plain(lambda x, W, b: torch.tanh((W @ x[..., None])[..., 0] + b), N),
        (0.3 * random(B, N, N, seed=8), random(B, N)),
    ),
    "ADMM": (ADMM(), quadratic_program()),
    "SQP": (SQP(Quadratic()), quadratic_program()),
}


def solver_of(name: str) -> Callable[..., Tensor]:
    update = MAPS[name][0]
    if isinstance(update, ADMM | SQP):  # another solver than the map itself
        return lambda *c: update.state_of(InteriorPoint(Quadratic())(*c), *c)
    return Iterate(update, tolerance=1e-14)
