r"""The recurrent cell of R eq. 75: a bias-free ReLU network of the iterate and the gradient, unrolled k times.

$$y_{k+1} = V\,\sigma(W^L\,\sigma(\cdots W^2\,\sigma(W^1_1 y_k + W^1_2 g_k))), \qquad g_k = Qy_k + b,\quad y_0 = 0.$$

`c_phi` is the constant of the printed stable region, $\sup_Q \|V\|\,\|W^1_1+W^1_2Q\|\prod\|W^l\|$ over all
symmetric Q with spectrum in $[\mu, L]$. The supremum over Q is a maximum over one unit vector (claim
`rnn-region-exact`), which `first_layer` encloses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar

from duality.quadratic.methods import nag_momentum
from duality.quadratic.problem import Spectrum
from duality.quadratic.problem import check_run as check_sizes


def check_run(**given: Any) -> None:
    """What the chapter accepts: kappa > 1, 0 < c < 1, k, seed and profile as everywhere.

    Raises `ValueError` with one line.
    """
    check_sizes(**given)
    if given.get("kappa", 2) == 1:
        raise ValueError("kappa = 1 leaves one matrix only; take kappa > 1")
    if not 0 < given.get("c", 0.5) < 1:
        raise ValueError(f"c = {given['c']} must lie strictly between 0 and 1")


@dataclass(frozen=True)
class Cell:
    """Weights: V (..., d, n_L), W1 and W2 (..., n_1, d), hidden W^2, ..., W^L. NumPy arrays or torch tensors.

    Leading axes are a batch of cells. `step` and `unroll` take matching leading axes in Q, b and y.
    """

    V: Any
    W1: Any
    W2: Any
    hidden: tuple[Any, ...] = ()

    def step(self, Q: Any, b: Any, y: Any) -> Any:
        """One cell, R eq. 75: y of shape (..., d), Q of (..., d, d), b of (..., d)."""
        return self.apply(y, (Q @ y[..., None])[..., 0] + b)

    def apply(self, y: Any, g: Any) -> Any:
        """The network itself, on an iterate y and a gradient g of shape (..., d)."""
        z = self.W1 @ y[..., None] + self.W2 @ g[..., None]
        for W in self.hidden:
            z = W @ z.clip(min=0)
        return (self.V @ z.clip(min=0))[..., 0]

    def unroll(self, Q: Any, b: Any, k: int) -> list[Any]:
        """y_0 = 0, ..., y_k."""
        y = 0 * b
        path = [y]
        for _ in range(k):
            y = self.step(Q, b, y)
            path.append(y)
        return path

    def spread(self) -> Cell:
        """The same batch with an axis of length 1 behind its first: each cell meets many problems."""
        return Cell(self.V[:, None], self.W1[:, None], self.W2[:, None], tuple(W[:, None] for W in self.hidden))

    @property
    def outer(self) -> float:
        """P, the product of the spectral norms of V and of W^2, ..., W^L (one cell, NumPy)."""
        return float(np.prod([np.linalg.norm(W, 2) for W in (self.V, *self.hidden)]))


class FirstLayer(NamedTuple):
    """sup over Q of ||W1 + W2 Q||, from below by the matrix `Q` that is given, and from above."""

    lower: float
    upper: float
    Q: np.ndarray


def first_layer(cell: Cell, spectrum: Spectrum) -> FirstLayer:
    r"""Enclose $\sup_Q\|W^1_1+W^1_2Q\|_2 = \max_{\|u\|=1} \|A^\top u\|+r\|B^\top u\|$ for one cell.

    $A = W^1_1+\tfrac{\mu+L}{2}W^1_2$, $B = W^1_2$, $r = \tfrac{L-\mu}{2}$. Above: every t > 0 gives
    $\lambda_{\max}((1+t)AA^\top+(1+1/t)r^2BB^\top)^{1/2}$, which is convex in t after squaring. Below: a vector u
    and the reflection that turns its one side into the other. Exact up to rounding, where the two meet.
    """
    mu, L = float(spectrum.mu), float(spectrum.L)
    r = (L - mu) / 2
    A, B = cell.W1 + (mu + L) / 2 * cell.W2, r * cell.W2
    AA, BB = A @ A.T, B @ B.T

    def squared(log_t: float) -> float:
        t = np.exp(log_t)
        return float(np.linalg.eigvalsh((1 + t) * AA + (1 + 1 / t) * BB)[-1])

    log_t = minimize_scalar(squared, bounds=(-30, 30), method="bounded", options={"xatol": 1e-10}).x
    t = np.exp(log_t)
    vectors = np.linalg.eigh((1 + t) * AA + (1 + 1 / t) * BB)[1].T[::-1]
    u = max((_ascend(A, B, start) for start in vectors[:4]), key=lambda v: _gain(A, B, v))
    first, second = _unit(A.T @ u), _unit(B.T @ u)
    Q = (mu + L) / 2 * np.eye(A.shape[1]) + r * _reflection(first, second)
    lower = float(np.linalg.norm(cell.W1 + cell.W2 @ Q, 2))
    ends = [np.linalg.norm(cell.W1 + q * cell.W2, 2) for q in (mu, L)]
    if max(ends) > lower:
        q = (mu, L)[int(np.argmax(ends))]
        lower, Q = float(max(ends)), q * np.eye(A.shape[1])
    return FirstLayer(lower, max(float(np.sqrt(squared(log_t))), lower), Q)


def c_phi(cell: Cell, spectrum: Spectrum) -> float:
    """The constant of the stable region, from above."""
    return cell.outer * first_layer(cell, spectrum).upper


def _gain(A: np.ndarray, B: np.ndarray, u: np.ndarray) -> float:
    return float(np.linalg.norm(A.T @ u) + np.linalg.norm(B.T @ u))


def _unit(v: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(v)
    return v / length if length > 0 else np.eye(len(v))[0]


def _ascend(A: np.ndarray, B: np.ndarray, u: np.ndarray, rounds: int = 200) -> np.ndarray:
    """The largest value of a norm on the sphere, by u <- gradient / its length, which never goes down."""
    for _ in range(rounds):
        u = _unit(A @ _unit(A.T @ u) + B @ _unit(B.T @ u))
    return u


def _reflection(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """A symmetric orthogonal matrix that maps the unit vector `first` to the unit vector `second`."""
    w = first - second
    square = float(w @ w)
    return np.eye(len(first)) - (2 / square) * np.outer(w, w) if square > 1e-24 else np.eye(len(first))


def paired(A: np.ndarray, B: np.ndarray, layers: int = 1) -> Cell:
    """The cell that equals the linear map y -> A y + B g: every row twice, with both signs (R eq. 80).

    Raises `ValueError` unless there is at least one layer.
    """
    if layers < 1:
        raise ValueError(f"layers = {layers} must be at least 1")
    eye = np.eye(len(A))
    hidden = (np.eye(2 * len(A)),) * (layers - 1)
    return Cell(np.hstack([eye, -eye]), np.vstack([A, -A]), np.vstack([B, -B]), hidden)


def gradient_descent_cell(s: float, d: int, layers: int = 1) -> Cell:
    """R eq. 80: the weights that make the cell a gradient step of length s."""
    return paired(np.eye(d), -s * np.eye(d), layers)


def nesterov_cell(mu: float, s: float, d: int, layers: int = 1) -> Cell:
    """A cell of width 2d that runs NAG: its state is (y_k, y_{k-1}), its problem two copies of (Q, b)."""
    beta, eye, zero = nag_momentum(np.sqrt(mu * s)), np.eye(d), np.zeros((d, d))
    A = np.block([[(1 + beta) * eye, -beta * eye], [eye, zero]])
    B = -s * np.block([[(1 + beta) * eye, -beta * eye], [zero, zero]])
    return paired(A, B, layers)


def twice(Q: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two copies of a problem side by side, for the cell with two iterates: Q of (d, d), b of (d,)."""
    zero = np.zeros_like(Q)
    return np.block([[Q, zero], [zero, Q]]), np.concatenate([b, b])


def shrunk_cell(spectrum: Spectrum, d: int, c: float = 1.0) -> Cell:
    """The gradient step with the smallest limit error among the linear cells with constant c (kappa > 1).

    y -> alpha y - s g with s = c/(L - mu) and alpha = c/2 + s mu, so that 2 |alpha - s lambda| <= c on the spectrum.
    """
    mu, L = float(spectrum.mu), float(spectrum.L)
    s = c / (L - mu)
    return paired((c / 2 + s * mu) * np.eye(d), -s * np.eye(d))


def wrong_way_cell(spectrum: Spectrum, d: int, c: float) -> Cell:
    """The cell with constant c whose outputs are farthest from the minimizer (kappa > 1): it climbs.

    One ReLU per coordinate, y -> max(alpha y + beta g, 0) with alpha + beta L = c and alpha + beta mu = -c.
    """
    mu, L = float(spectrum.mu), float(spectrum.L)
    beta, eye = 2 * c / (L - mu), np.eye(d)
    return Cell(eye, (c - beta * L) * eye, beta * eye)


def random_cell(d: int, widths: Sequence[int], rng: np.random.Generator) -> Cell:
    """A cell with normal weights of variance 1/fan-in; `widths` are n_1, ..., n_L."""
    sizes = (d, *widths)
    layers = [rng.standard_normal((out, into)) / np.sqrt(into) for into, out in zip(sizes, sizes[1:], strict=False)]
    V = rng.standard_normal((d, widths[-1])) / np.sqrt(widths[-1])
    return Cell(V, layers[0], rng.standard_normal((widths[0], d)) / np.sqrt(d), tuple(layers[1:]))


def scaled(cell: Cell, factor: Any) -> Cell:
    """The cell with V times `factor` (of shape (count, 1, 1) for a batch): its constant is multiplied by it, too."""
    return Cell(factor * cell.V, cell.W1, cell.W2, cell.hidden)
