"""Cells found by training, to be held against what is proved: many random cells as one batch, in double precision.

Two aims. `identity_cells` wants a small constant c_phi and F(y, 0) = y, which every cell that reaches Opt has.
`region_cells` holds c_phi at a given value and wants a small error after many steps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch

from duality.hybrid.recurrent import Cell, c_phi, random_cell, scaled
from duality.quadratic.problem import Spectrum, random_rotations

Tensors = list[torch.Tensor]
Objective = Callable[[Cell, torch.Tensor], torch.Tensor]


def _batch(d: int, widths: Sequence[int], count: int, seed: int) -> Tensors:
    """V, W1, W2 and the hidden weights of `count` random cells, leading axis first, and log t of `bounded_c`."""
    rng = np.random.default_rng(seed)
    cells = [random_cell(d, widths, rng) for _ in range(count)]
    columns = zip(*((x.V, x.W1, x.W2, *x.hidden) for x in cells), strict=True)
    return [torch.tensor(np.stack(column)) for column in columns] + [torch.zeros(count, dtype=torch.float64)]


def _cell(tensors: Tensors) -> Cell:
    V, W1, W2, *hidden = tensors[:-1]
    return Cell(V, W1, W2, tuple(hidden))


def bounded_c(cell: Cell, log_t: torch.Tensor, spectrum: Spectrum) -> torch.Tensor:
    """c_phi of each cell of a batch from above, at the parameter t of `recurrent.first_layer`."""
    mu, L = float(spectrum.mu), float(spectrum.L)
    A, B = cell.W1 + (mu + L) / 2 * cell.W2, (L - mu) / 2 * cell.W2
    t = torch.exp(log_t)[:, None, None]
    inside = (1 + t) * A @ A.mT + (1 + 1 / t) * B @ B.mT
    c = torch.linalg.eigvalsh(inside)[:, -1].clip(min=1e-30).sqrt()
    for W in (cell.V, *cell.hidden):
        c = c * torch.linalg.matrix_norm(W, ord=2)
    return c


def _train(tensors: Tensors, objective: Objective, rounds: int, rate: float) -> list[Cell]:
    """Adam on the sum of the objectives of all cells, with a rate that falls to zero; the cells as NumPy arrays."""
    for tensor in tensors:
        tensor.requires_grad_(True)
    optimizer = torch.optim.Adam(tensors, lr=rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, rounds)
    for _ in range(rounds):
        optimizer.zero_grad()
        objective(_cell(tensors), tensors[-1]).sum().backward()
        optimizer.step()
        schedule.step()
    arrays = [tensor.detach().numpy() for tensor in tensors]
    return [
        Cell(arrays[0][i], arrays[1][i], arrays[2][i], tuple(W[i] for W in arrays[3:-1])) for i in range(len(arrays[0]))
    ]


def directions(d: int, count: int, seed: int) -> np.ndarray:
    """Unit vectors, (2 count, d), each with its opposite."""
    x = np.random.default_rng(seed).standard_normal((count, d))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    return np.concatenate([x, -x])


def identity_cells(
    kappa: float, d: int, widths: Sequence[int], count: int, rounds: int, seed: int, weight: float = 30.0
) -> list[Cell]:
    """Cells with F(y, 0) close to y and a small c_phi, for the spectrum [1, kappa]."""
    spectrum, y = Spectrum(1.0, kappa), torch.tensor(directions(d, 24, seed))

    def objective(cell: Cell, log_t: torch.Tensor) -> torch.Tensor:
        misfit = (cell.spread().apply(y, 0 * y) - y).square().sum(-1).mean(-1)
        return bounded_c(cell, log_t, spectrum) + weight * misfit

    return _train(_batch(d, widths, count, seed), objective, rounds, 0.02)


def normalized_identity(cell: Cell, d: int, kappa: float) -> tuple[float, float]:
    """c_phi of the cell scaled so that ||F(y,0) - F(-y,0)|| >= 2||y|| in many directions, and its misfit before that.

    A cell scaled like this obeys the proof of `rnn-best-c`, whether or not F(., 0) is exactly the identity.
    """
    y = directions(d, 2000, 1)
    images = cell.apply(y, 0 * y)
    half = len(y) // 2
    least = np.linalg.norm(images[:half] - images[half:], axis=1).min() / 2
    misfit = float(np.linalg.norm(images - y, axis=1).max())
    return c_phi(scaled(cell, 1 / least), Spectrum(1.0, kappa)), misfit


def test_problems(kappa: float, d: int, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Q of (m, d, d) in [1, kappa] and minimizers x* of length 1, (m, d): Q = I, Q = kappa I, and random ends."""
    rng = np.random.default_rng(seed)
    x = directions(d, count, seed)
    lam = np.where(rng.random((len(x), d)) < 0.5, 1.0, kappa)
    U = random_rotations((len(x),), d, rng)
    mixed = (U * lam[:, None, :]) @ np.swapaxes(U, -1, -2)
    eye = np.broadcast_to(np.eye(d), mixed.shape)
    return np.concatenate([eye, kappa * eye, mixed]), np.concatenate([x, x, x])


def region_cells(
    kappa: float, d: int, widths: Sequence[int], count: int, rounds: int, seed: int, c: float, k: int
) -> list[Cell]:
    """Cells with c_phi = c exactly and a small largest error after k steps, for the spectrum [1, kappa]."""
    spectrum = Spectrum(1.0, kappa)
    Q, x = (torch.tensor(part) for part in test_problems(kappa, d, 8, seed))
    b = -(Q @ x[..., None])[..., 0]

    def objective(cell: Cell, log_t: torch.Tensor) -> torch.Tensor:
        many = scaled(cell, (c / bounded_c(cell, log_t, spectrum))[:, None, None]).spread()
        y = torch.zeros_like(b)
        for _ in range(k):
            y = many.step(Q, b, y)
        squares = (y - x).square().sum(-1)
        return squares.pow(8).mean(-1).pow(1 / 8)  # close to the largest one

    cells = _train(_batch(d, widths, count, seed), objective, rounds, 0.03)
    return [scaled(cell, c / c_phi(cell, spectrum)) for cell in cells]


def largest_error(cell: Cell, kappa: float, d: int, k: int, seed: int = 1) -> float:
    """The largest error after k steps, for minimizers of length 1 in many directions."""
    Q, x = test_problems(kappa, d, 100, seed)
    b = -np.einsum("nij,nj->ni", Q, x)
    return float(np.linalg.norm(cell.unroll(Q, b, k)[-1] - x, axis=1).max())
