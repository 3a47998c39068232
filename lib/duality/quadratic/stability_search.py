r"""Adversarial search for the stability in Q in dimension d: eigenvalues of both matrices and the rotation
between them.

The worst b is a singular vector, so it needs no search (see `stability`). An instance is a vector of the
unit cube (eigenvalues, in the logarithm) and a skew matrix A with rotation $V=(I+A)^{-1}(I-A)$. A population
is mutated with shrinking steps and the best are kept; everything is batched and comes from one generator.
"""

from __future__ import annotations

import numpy as np

from duality.quadratic.methods import Method
from duality.quadratic.stability import Instance, divided_difference

CORNERS = np.array([0.0, 0.02, 0.5, 0.98, 1.0])


def search_instance(
    method: Method, k: int, d: int, rng: np.random.Generator, population: int = 2000, rounds: int = 50
) -> Instance:
    """The worst instance of dimension d that the search finds; its `ratio` is a lower bound of Stab_Q(k)."""
    if d < 1:
        raise ValueError(f"d = {d} must be at least 1")
    cube, skew = _starts(population, d, rng)
    keep, children = max(population // 40, 1), 20
    step = 0.3
    value = _ratios(method, k, d, cube, skew)
    for _ in range(rounds):
        order = np.argsort(-value)[:keep]
        cube, skew, value = cube[order], skew[order], value[order]
        new_cube, new_skew = np.repeat(cube, children, axis=0), np.repeat(skew, children, axis=0)
        new_cube = (new_cube + _mutation(new_cube.shape, step, rng)).clip(0, 1)
        new_skew = new_skew + _mutation(new_skew.shape, step, rng) * (0.05 + np.abs(new_skew))
        cube, skew = np.concatenate([cube, new_cube]), np.concatenate([skew, new_skew])
        value = np.concatenate([value, _ratios(method, k, d, new_cube, new_skew)])
        step *= 0.88
    best = int(value.argmax())
    lam, nu, V = _instances(method, d, cube[best : best + 1], skew[best : best + 1])
    return Instance(lam[0], nu[0], V[0])


def _starts(population: int, d: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Half of the starts have eigenvalues at or near the ends, and a third has nearly equal matrices.

    Rotations range from tiny to large.
    """
    cube = rng.random((population, 2 * d))
    cube[::2] = rng.choice(CORNERS, size=cube[::2].shape)
    close = cube[::3, :d]
    offsets = np.exp(rng.uniform(-12, -2, (len(close), 1))) * rng.standard_normal(close.shape)
    cube[::3, d:] = (close + offsets).clip(0, 1)
    sizes = np.exp(rng.uniform(-8, 1, (population, 1)))
    return cube, sizes * rng.standard_normal((population, d * (d - 1) // 2))


def _mutation(shape: tuple[int, ...], step: float, rng: np.random.Generator) -> np.ndarray:
    """Normal steps on about half of the coordinates."""
    return step * rng.standard_normal(shape) * (rng.random(shape) < 0.5)


def _instances(method: Method, d: int, cube: np.ndarray, skew: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Eigenvalues of shape (n, d) twice and rotations of shape (n, d, d)."""
    mu, L = float(method.spectrum.mu), float(method.spectrum.L)
    eigenvalues = (mu * (L / mu) ** cube).clip(mu, L)
    A = np.zeros((len(cube), d, d))
    above = np.triu_indices(d, 1)
    A[:, above[0], above[1]] = skew
    A -= np.swapaxes(A, 1, 2)
    V = np.linalg.solve(np.eye(d) + A, np.eye(d) - A)
    return eigenvalues[:, :d], eigenvalues[:, d:], V


def _ratios(method: Method, k: int, d: int, cube: np.ndarray, skew: np.ndarray) -> np.ndarray:
    """The quotients of a batch of instances, shape (n,)."""
    lam, nu, V = _instances(method, d, cube, skew)
    left, right = np.broadcast_arrays(lam[:, :, None], nu[:, None, :])
    difference = (left - right) * V
    size = np.linalg.norm(difference, 2, axis=(1, 2))
    moved = np.linalg.norm(divided_difference(method, left, right, k) * right * difference, 2, axis=(1, 2))
    return np.divide(moved, size, out=np.zeros_like(moved), where=size > 0)
