r"""The constants of Assumption 7.4.1 for given problems, and a family of problems that satisfies it exactly.

The loss is least squares, L(beta) = |y - X beta|^2 / (2n) with X (n, d), so its Hessian is H = X'X/n. A level is a
number of nonzero entries; the assumption asks for the level s* + 2 s~ with s~ > (121 kappa + 144 kappa^2) s*.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy import linalg, stats

MOST_SUPPORTS = 300_000
FACTOR = 8  # of condition (c)


def smallest_sparsity(s_star: int, kappa: float | Fraction) -> int:
    """The smallest whole s~ above (121 kappa + 144 kappa^2) s*."""
    return math.floor((121 * kappa + 144 * kappa**2) * s_star) + 1


def level(s_star: int, kappa: float | Fraction = 1) -> int:
    """s* + 2 s~ for the smallest s~ that the assumption allows; 531 s* + 2 at kappa = 1."""
    return s_star + 2 * smallest_sparsity(s_star, kappa)


def sparse_eigenvalues(H: np.ndarray, level: int) -> tuple[float, float]:
    """The smallest and largest v'Hv/v'v over nonzero v with at most `level` nonzero entries, by enumeration.

    By interlacing only supports of the full size count. Raises `ValueError` for more than 300,000 of them.
    """
    d = len(H)
    size = min(level, d)
    if size < 1 or math.comb(d, size) > MOST_SUPPORTS:
        raise ValueError(f"{math.comb(d, max(size, 0))} supports of size {size} in {d} are not enumerated; use bounds")
    low, high = math.inf, -math.inf
    for support in itertools.combinations(range(d), size):
        values = linalg.eigvalsh(H[np.ix_(support, support)])
        low, high = min(low, values[0]), max(high, values[-1])
    return float(low), float(high)


@dataclass(frozen=True)
class Enclosure:
    """Intervals that contain the smallest and the largest sparse eigenvalue."""

    smallest: tuple[float, float]
    largest: tuple[float, float]


def sparse_eigenvalue_bounds(H: np.ndarray, level: int, rng: np.random.Generator, tries: int = 200) -> Enclosure:
    """Enclosures at a level that is too large to enumerate.

    Outside: the spectrum of H and Gershgorin's circles on `level` coordinates. Inside: random supports and greedy
    ones, made of the coordinates that an extreme eigenvector weighs most.
    """
    d, size = len(H), min(level, len(H))
    spectrum, vectors = linalg.eigh(H)
    off = np.sort(np.abs(H - np.diag(np.diag(H))), axis=1)[:, ::-1][:, : size - 1].sum(axis=1)
    below = max(spectrum[0], float((np.diag(H) - off).min()))
    above = min(spectrum[-1], float((np.diag(H) + off).max()))
    supports = [rng.choice(d, size, replace=False) for _ in range(tries)]
    supports += [np.argsort(-np.abs(vectors[:, i]))[:size] for i in (0, -1)]
    values = [linalg.eigvalsh(H[np.ix_(s, s)]) for s in supports]
    low, high = min(v[0] for v in values), max(v[-1] for v in values)
    return Enclosure((float(min(below, low)), float(low)), (float(high), float(max(above, high))))


def kernel_direction(X: np.ndarray) -> np.ndarray:
    """A unit vector with Xv = 0 and at most n + 1 nonzero entries, the first ones. Raises `ValueError` for d <= n."""
    n, d = X.shape
    if d <= n:
        raise ValueError(f"{d} columns in {n} dimensions need not have a common kernel; there must be more")
    direction = np.zeros(d)
    direction[: n + 1] = linalg.svd(X[:, : n + 1])[2][-1]
    return direction


def gradients(X: np.ndarray, y: np.ndarray, beta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The gradient of the loss at 0 and at `beta`."""
    n = len(y)
    return -X.T @ y / n, X.T @ (X @ beta - y) / n


def gradient_condition(X: np.ndarray, y: np.ndarray, beta: np.ndarray) -> np.ndarray:
    """Condition (c) for each coordinate: 8 |grad L(beta*)_j| <= |grad L(0)_j|."""
    at_zero, at_truth = gradients(X, y, beta)
    return FACTOR * np.abs(at_truth) <= np.abs(at_zero)


@dataclass(frozen=True)
class Audit:
    """Assumption 7.4.1 for one problem: its constants and which conditions hold; None where it is not decided."""

    s_star: int
    B_1: float
    rho_minus: float
    rho_plus: float
    needed: int | None
    sparse_eigenvalues_hold: bool | None
    gradient_share: float
    B_2: float

    @property
    def holds(self) -> bool | None:
        if self.gradient_share < 1 or self.sparse_eigenvalues_hold is False:
            return False
        return self.sparse_eigenvalues_hold


def audit(X: np.ndarray, y: np.ndarray, beta: np.ndarray, tolerance: float = 1e-10) -> Audit:
    """Check one problem. With n < d condition (b) is false unless the needed level is at most n < d; with n >= d it
    is decided by the spectrum of X'X/n."""
    n, d = X.shape
    s_star = int(np.count_nonzero(beta))
    spectrum = linalg.eigvalsh(X.T @ X / n)
    low, high = max(float(spectrum[0]), 0.0), float(spectrum[-1])
    needed, decided = None, None
    if low > tolerance * high:
        needed, decided = level(s_star, high / low), True
    elif np.linalg.matrix_rank(X) < min(d, level(s_star)):
        low, decided = 0.0, False
    share = float(gradient_condition(X, y, beta).mean())
    at_zero = float(np.abs(gradients(X, y, beta)[0]).max())
    return Audit(s_star, float(np.abs(beta).max()), low, high, needed, decided, share, at_zero)


@dataclass(frozen=True)
class Printed:
    """The law of T 7.7.1: equicorrelated Gaussian features, entries of the truth in +-(0.5, 2), noise N(0, 1)."""

    d: int = 256
    n: int = 64
    s_star: int = 16
    correlation: float = 0.9
    noise: float = 1.0

    def truth(self, rng: np.random.Generator) -> np.ndarray:
        """The nonzero entries."""
        return rng.uniform(0.5, 2, self.s_star) * rng.choice([-1.0, 1.0], self.s_star)

    def draw(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """X (n, d), y (n,) and beta* (d,), supported on the first coordinates: the features are exchangeable."""
        beta = np.zeros(self.d)
        beta[: self.s_star] = self.truth(rng)
        shared = rng.standard_normal((self.n, 1))
        own = rng.standard_normal((self.n, self.d))
        X = math.sqrt(self.correlation) * shared + math.sqrt(1 - self.correlation) * own
        return X, X @ beta + self.noise * rng.standard_normal(self.n), beta


def gradient_conditions(law: Printed, rng: np.random.Generator, draws: int) -> np.ndarray:
    """The share of coordinates at which condition (c) holds, in each of `draws` problems.

    Off the support the two inner products of a feature with the signal and with the noise are drawn directly: given
    those two vectors and the shared part they are a Gaussian pair with their Gram matrix as covariance.
    """
    shared_size, own_size = math.sqrt(law.correlation), math.sqrt(1 - law.correlation)
    shares = np.empty(draws)
    for i in range(draws):
        shared, noise = rng.standard_normal(law.n), law.noise * rng.standard_normal(law.n)
        on = shared_size * shared[:, None] + own_size * rng.standard_normal((law.n, law.s_star))
        both = np.stack([on @ law.truth(rng), noise], axis=1)
        gram = np.linalg.cholesky(both.T @ both)
        off = shared_size * shared @ both + own_size * rng.standard_normal((law.d - law.s_star, 2)) @ gram.T
        products = np.concatenate([on.T @ both, off])
        shares[i] = (FACTOR * np.abs(products[:, 1]) <= np.abs(products.sum(axis=1))).mean()
    return shares


def interval(successes: int, trials: int, confidence: float = 0.99) -> tuple[float, float]:
    """Clopper and Pearson's interval for a probability."""
    tail = (1 - confidence) / 2
    low = stats.beta.ppf(tail, successes, trials - successes + 1) if successes else 0.0
    high = stats.beta.ppf(1 - tail, successes + 1, trials - successes) if successes < trials else 1.0
    return float(low), float(high)


def independent_probability(ratio: float, count: int, cosine: float = 0.0) -> float:
    """The probability of (c) at `count` independent Gaussian features off the support.

    `ratio` is |signal|/|noise| and `cosine` that of the angle between the two vectors; n plays no part.
    """
    width = ratio * math.sqrt(1 - cosine**2)
    fails = math.atan((FACTOR + 1 + cosine * ratio) / width) + math.atan((FACTOR - 1 - cosine * ratio) / width)
    return (1 - fails / math.pi) ** count


def needed_ratio(count: int, probability: float = 0.5) -> float:
    """How many times the signal must exceed the noise for (c) at `count` independent features, by bisection."""
    low, high = 1e-6, 1e12
    for _ in range(200):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if independent_probability(middle, count) < probability else (low, middle)
    return high


@dataclass(frozen=True)
class Instance:
    """An exact problem: X (rows, d), y, beta* and the gradient at beta*, all rational; H = X'X/n = I + c J."""

    X: tuple[tuple[Fraction, ...], ...]
    y: tuple[Fraction, ...]
    beta: tuple[Fraction, ...]
    gradient: tuple[Fraction, ...]
    coupling: Fraction

    @property
    def rho_minus(self) -> Fraction:
        return Fraction(1)

    @property
    def rho_plus(self) -> Fraction:
        return 1 + self.coupling * len(self.beta)

    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """X, y and beta* as floating-point arrays."""
        return np.array(self.X, dtype=float), np.array(self.y, dtype=float), np.array(self.beta, dtype=float)


def satisfying(
    d: int, s_star: int, *, size: Fraction = Fraction(1), noise: Fraction = Fraction(1), spread: Fraction = Fraction(1)
) -> Instance:
    """A problem that satisfies Assumption 7.4.1, exactly: X = k (I + spread/d J) on top of zero rows, n = k^2 >= d.

    beta* has s* entries `size` > 0. The gradient at beta* is `noise` in [-1, 1] times the largest one allowed, with
    alternating signs: cS/9, S the sum of beta*. So rho_- = 1, rho_+ = (1 + spread)^2, every level is allowed, and
    8 |grad L(beta*)_j| <= |grad L(0)_j| also off the support, because every feature meets every other one.
    Raises `ValueError` outside of these ranges.
    """
    if not (1 <= s_star <= d and size > 0 and spread > 0 and abs(noise) <= 1):
        raise ValueError("need 1 <= s_star <= d, size > 0, spread > 0 and |noise| <= 1")
    k = math.isqrt(d - 1) + 1
    n, a = k * k, Fraction(spread) / d
    coupling = 2 * a + a * a * d
    beta = [Fraction(size)] * s_star + [Fraction(0)] * (d - s_star)
    gradient = [(-1) ** j * Fraction(noise) * coupling * sum(beta) / 9 for j in range(d)]
    X = [[k * ((i == j) + a) for j in range(d)] for i in range(d)] + [[Fraction(0)] * d] * (n - d)
    mean = a / (1 + a * d) * sum(gradient)
    errors = [Fraction(n, k) * (g - mean) for g in gradient] + [Fraction(0)] * (n - d)  # X' errors / n = gradient
    fitted = [k * (value + a * sum(beta)) for value in beta] + [Fraction(0)] * (n - d)
    y = [f - e for f, e in zip(fitted, errors, strict=True)]
    rows = tuple(tuple(map(Fraction, row)) for row in X)
    return Instance(rows, tuple(y), tuple(beta), tuple(gradient), coupling)
