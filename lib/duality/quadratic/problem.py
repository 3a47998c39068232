r"""The class of problems: $f(x)=\tfrac12 x^\top Qx + b^\top x$ with the spectrum of $Q$ in $[\mu, L]$ (R
sec. 2).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from numbers import Integral, Rational, Real
from typing import Any

import numpy as np

Scalar = float | Fraction


@dataclass(frozen=True)
class Spectrum:
    """The interval [mu, L] that holds every eigenvalue, 0 < mu <= L. Raises `ValueError` otherwise."""

    mu: Scalar
    L: Scalar

    def __post_init__(self) -> None:
        check_parameters(mu=self.mu, L=self.L)

    @property
    def kappa(self) -> Scalar:
        """The condition number L/mu >= 1."""
        return self.L / self.mu


@dataclass(frozen=True)
class Quadratic:
    """A stack of quadratics: Q of shape (..., d, d), symmetric positive definite, and b of shape (..., d)."""

    Q: np.ndarray
    b: np.ndarray

    def gradient(self, x: np.ndarray) -> np.ndarray:
        """Q x + b, shape (..., d)."""
        return (self.Q @ x[..., None])[..., 0] + self.b

    def minimizer(self) -> np.ndarray:
        """The exact solution Opt(Q, b) = -Q^{-1} b, shape (..., d)."""
        return -np.linalg.solve(self.Q, self.b[..., None])[..., 0]


def gd_step_limit(mu: Any, L: Any) -> Any:
    """The largest step size that R Thm A.1 and A.2 allow gradient descent. Any numbers, symbols too."""
    return 2 / (mu + L)


def nag_step_limit(mu: Any, L: Any) -> Any:
    """The largest step size that R Lemma A.1 and Thm A.3-A.5 allow the accelerated method."""
    return 4 / (3 * L + mu)


def random_eigenvalues(spectrum: Spectrum, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Eigenvalues of the given shape (..., d), log-uniform on [mu, L]; both ends occur when d >= 2."""
    mu, L = float(spectrum.mu), float(spectrum.L)
    lam = mu * (L / mu) ** rng.random(shape)
    if shape[-1] >= 2:
        lam[..., 0], lam[..., -1] = mu, L
    return np.clip(lam, mu, L)


def random_rotations(batch: tuple[int, ...], d: int, rng: np.random.Generator) -> np.ndarray:
    """Orthogonal matrices of shape (*batch, d, d), uniform for the Haar measure."""
    basis, triangle = np.linalg.qr(rng.standard_normal((*batch, d, d)))
    return basis * np.sign(np.diagonal(triangle, axis1=-2, axis2=-1))[..., None, :]


def with_eigenvalues(lam: np.ndarray, rng: np.random.Generator) -> Quadratic:
    """Quadratics whose Q has the eigenvalues `lam`, shape (..., d), in random directions; b is standard
    normal.
    """
    lam = np.asarray(lam, dtype=float)
    U = random_rotations(lam.shape[:-1], lam.shape[-1], rng)
    Q = (U * lam[..., None, :]) @ np.swapaxes(U, -1, -2)
    return Quadratic((Q + np.swapaxes(Q, -1, -2)) / 2, rng.standard_normal(lam.shape))


def _real(name: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise ValueError(f"{name} = {value!r} must be a real number, got {type(value).__name__}")
    if not isinstance(value, Rational) and not math.isfinite(value):
        raise ValueError(f"{name} = {value!r} must be finite")


def _positive(name: str, value: Any) -> None:
    _real(name, value)
    if not value > 0:
        raise ValueError(f"{name} = {value!r} must be positive")


def _natural(name: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 0:
        raise ValueError(f"{name} = {value!r} must be an integer, 0 or larger")


def _dimension(name: str, value: Any) -> None:
    _natural(name, value)
    if value == 0:
        raise ValueError(f"{name} = 0 must be at least 1")


def _at_least_one(name: str, value: Any) -> None:
    _positive(name, value)
    if value < 1:
        raise ValueError(f"{name} = {value!r} must be at least 1: it is the condition number L/mu")


def _profile(name: str, value: Any) -> None:
    if value not in ("quick", "full"):
        raise ValueError(f"{name} = {value!r} must be 'quick' or 'full'")


CHECKS: Mapping[str, Callable[[str, Any], None]] = {
    **dict.fromkeys(("mu", "L", "s", "s_gd", "s_nag", "c0"), _positive),
    **dict.fromkeys(("kappa", "kappa_max"), _at_least_one),
    **dict.fromkeys(("k", "k_max", "seed"), _natural),
    **dict.fromkeys(("d", "samples"), _dimension),
    "profile": _profile,
}


LARGEST_KAPPA, LARGEST_K = 10_000, 1_000


def check_run(**given: Any) -> None:
    """What a chapter accepts: `check_parameters`, at the sizes that its computations are made for.

    L/mu <= 10 000 and k, k_max <= 1 000. Raises `ValueError` with one line.
    """
    check_parameters(**given)
    for name in ("k", "k_max"):
        if given.get(name, 0) > LARGEST_K:
            raise ValueError(f"{name} = {given[name]} is too large for a chapter: at most {LARGEST_K}")
    mu, L = given.get("mu"), given.get("L")
    if mu is not None and L is not None and LARGEST_KAPPA * mu * (1 + 1e-12) < L:
        raise ValueError(f"L/mu = {L / mu:.6g} is too large for a chapter: at most {LARGEST_KAPPA}")


def check_parameters(**given: Any) -> None:
    """Refuse parameters outside the stated ranges; names that are not known here are left alone.

    mu, L: 0 < mu <= L. kappa: >= 1, and L/mu when all three are given. k, k_max, seed: integers >= 0.
    s, s_gd: in (0, 2/(mu+L)]. s_nag: in (0, 4/(3L+mu)]. c0, the smallest step size of a range: below that
    too. profile: quick or full. Raises `ValueError` with one line that names the parameter and what is
    allowed.
    """
    for name, value in given.items():
        if name in CHECKS:
            CHECKS[name](name, value)
    mu, L, kappa = (given.get(name) for name in ("mu", "L", "kappa"))
    if mu is not None and L is not None and mu > L:
        raise ValueError(f"mu = {mu} is larger than L = {L}; the spectrum [mu, L] needs mu <= L")
    if kappa is not None:
        if mu is not None and L is not None and not math.isclose(kappa, L / mu, rel_tol=1e-12):
            raise ValueError(f"kappa = {kappa} is not L/mu = {L / mu}; give two of the three")
        mu, L = (L / kappa if mu is None and L is not None else mu), (mu * kappa if L is None and mu else L)
    if mu is None or L is None:
        return
    limits = {"s": gd_step_limit, "s_gd": gd_step_limit, "s_nag": nag_step_limit, "c0": nag_step_limit}
    for name, limit in limits.items():
        # one rounding of the limit itself is let through
        if name in given and given[name] > limit(mu, L) * (1 + 4e-16):
            formula = "2/(mu+L)" if limit is gd_step_limit else "4/(3L+mu)"
            allowed = f"(0, {formula}] = (0, {limit(mu, L):.6g}]"
            raise ValueError(f"{name} = {given[name]} is outside {allowed} for mu = {mu}, L = {L}")
