r"""The printed learning problem (R app. E): pairs $(x, b)$, an unknown energy $Q^*(x)$, and its minimizers.

Each input is $x = (z, U)$ and every energy of the class is $Q(x) = U \operatorname{diag}(\lambda(z), \mu, L)\, U^\top$:
three eigenvalues come from a small network of $z$, two are the ends of the spectrum. Energies share the
eigenvectors of the sample, so in the coordinates $\tilde b = U^\top b$ all of them are diagonal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from duality.ensemble.given import Energies
from duality.quadratic.problem import Spectrum, random_rotations

INPUTS, LEARNED, DIMENSION = 10, 3, 5
BOX = 5.0  # z and b are uniform in [-5, 5]
SIGMA_B = BOX / np.sqrt(3.0)  # E[b bᵀ] = (25/3) I
PRINTED = Spectrum(0.1, 1.0)


def _sigmoid(logits: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-logits))


def _softmax(logits: np.ndarray) -> np.ndarray:
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


# how logits become numbers in [0, 1]: printed, and in the code that the authors released
SQUASH: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {"sigmoid": _sigmoid, "softmax": _softmax}


def layer_sizes(width: int) -> tuple[int, ...]:
    """Inputs, hidden units (none for width 0), outputs. Raises `ValueError` for a negative width."""
    if width < 0:
        raise ValueError(f"width = {width} must be 0 (no hidden layer) or larger")
    return (INPUTS, width, LEARNED) if width else (INPUTS, LEARNED)


def glorot(sizes: tuple[int, ...], rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    """Weights (outputs, inputs), uniform with Glorot's range, and zero biases, one pair per layer."""
    layers = []
    for fan_in, fan_out in zip(sizes, sizes[1:], strict=False):
        limit = np.sqrt(6 / (fan_in + fan_out))
        layers.append((rng.uniform(-limit, limit, (fan_out, fan_in)), np.zeros(fan_out)))
    return layers


def logits(layers: list[tuple[np.ndarray, np.ndarray]], z: np.ndarray) -> np.ndarray:
    """The network: ReLU between layers, none after the last. z is (..., 10), the result (..., 3)."""
    *hidden, (W, c) = layers
    for V, a in hidden:
        z = np.maximum(z @ V.T + a, 0)
    return z @ W.T + c


def spectrum_of(raw: np.ndarray, spectrum: Spectrum, squash: str) -> np.ndarray:
    """All five eigenvalues, shape (..., 5), from logits (..., 3): scaled to [mu, L], followed by mu and L."""
    mu, L = float(spectrum.mu), float(spectrum.L)
    learned = mu + (L - mu) * SQUASH[squash](raw)
    ends = np.broadcast_to([mu, L], (*learned.shape[:-1], 2))
    return np.concatenate([learned, ends], axis=-1)


@dataclass(frozen=True)
class Population:
    """N labelled pairs. z is (N, 10), U is (N, 5, 5), b is (N, 5), lam (N, 5) are the eigenvalues of Q*."""

    spectrum: Spectrum
    z: np.ndarray
    U: np.ndarray
    b: np.ndarray
    lam: np.ndarray

    def __len__(self) -> int:
        return len(self.z)

    @cached_property
    def b_tilde(self) -> np.ndarray:
        """b in the eigenvectors of the sample, (N, 5)."""
        return np.einsum("nij,ni->nj", self.U, self.b)

    @cached_property
    def Q(self) -> np.ndarray:
        """The energies Q*(x), (N, 5, 5)."""
        return self.matrices(self.lam)

    def matrices(self, lam: np.ndarray) -> np.ndarray:
        """U diag(lam) Uᵀ for eigenvalues (N, 5)."""
        return (self.U * lam[:, None, :]) @ np.swapaxes(self.U, -1, -2)

    @property
    def minimizers(self) -> np.ndarray:
        """The labels y* = Opt(Q*(x), b), (N, 5)."""
        return -np.einsum("nij,nj->ni", self.U, self.b_tilde / self.lam)

    @property
    def M(self) -> float:
        """sup ‖Opt(Q, b)‖ over the whole class and the box of b (R sec. 2): sqrt(d) 5 / mu."""
        return float(np.sqrt(DIMENSION) * BOX / self.spectrum.mu)


def population(size: int = 10_000, seed: int = 0, squash: str = "sigmoid", spectrum: Spectrum = PRINTED) -> Population:
    """The data set of R app. E: z uniform in [-5, 5]^10, U Haar with determinant 1, b uniform in [-5, 5]^5.

    Q* is a fixed 10-3-3 network with Glorot weights and zero biases (the printed weights are not known).
    Raises `ValueError` for an empty data set or an unknown `squash`.
    """
    if size < 1:
        raise ValueError(f"size = {size} must be at least 1")
    if squash not in SQUASH:
        raise ValueError(f"squash = {squash!r} is unknown; take one of: {', '.join(SQUASH)}")
    rng = np.random.default_rng(seed)
    truth = glorot(layer_sizes(3), rng)
    z = rng.uniform(-BOX, BOX, (size, INPUTS))
    U = random_rotations((size,), DIMENSION, rng)
    U[..., 0] *= np.sign(np.linalg.det(U))[:, None]
    b = rng.uniform(-BOX, BOX, (size, DIMENSION))
    return Population(spectrum, z, U, b, spectrum_of(logits(truth, z), spectrum, squash))


def energies(size: int = 10_000, d: int = 10, seed: int = 1, spectrum: Spectrum = PRINTED) -> Energies:
    """Random problems (Q, b): Haar eigenvectors, eigenvalues uniform in [mu, L] with both ends present, b in a box.

    The print samples Q "uniformly" from the class without a measure; this one is documented here. Raises `ValueError`
    for d < 2, where the two ends do not fit.
    """
    if d < 2:
        raise ValueError(f"d = {d} must be at least 2: mu and L are both eigenvalues")
    rng = np.random.default_rng(seed)
    lam = rng.uniform(float(spectrum.mu), float(spectrum.L), (size, d))
    lam[:, 0], lam[:, -1] = float(spectrum.mu), float(spectrum.L)
    return Energies(random_rotations((size,), d, rng), lam, rng.uniform(-BOX, BOX, (size, d)))
