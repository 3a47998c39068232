r"""Closed forms of the residual polynomials, in all cases of the characteristic roots.

With constant coefficients the iterates on $\lambda$ obey $x_{k+1} = p x_k - q x_{k-1}$, $p =
1+\beta-s(1+\gamma)\lambda$, $q = \beta - s\gamma\lambda$. The impulse response is $a_k = \sum_i
\tau_+^{k-i}\tau_-^i$ with $\tau_\pm$ the roots of $\tau^2 - p\tau + q$, and $r_k = a_k - q a_{k-1}$ because
$r_{-1} = r_0 = 1$.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from duality.quadratic.arithmetic import FLOAT
from duality.quadratic.methods import ConstantSchedule, Method


def trace_and_determinant(method: Method, lam: Any) -> tuple[np.ndarray, np.ndarray]:
    """p and q of the 2x2 block. Raises `ValueError` when the coefficients change from step to step."""
    if not isinstance(method.schedule, ConstantSchedule):
        raise ValueError(f"{method.name} changes its coefficients in every step and has no power closed form")
    s, beta, gamma, _, _ = method.schedule.step(FLOAT)
    lam = np.asarray(lam, dtype=float)
    return 1 + beta - s * (1 + gamma) * lam, beta - s * gamma * lam


def characteristic_roots(method: Method, lam: Any) -> tuple[np.ndarray, np.ndarray]:
    """The two roots, complex arrays of the shape of lam."""
    p, q = trace_and_determinant(method, lam)
    root = np.sqrt((p * p - 4 * q).astype(complex))
    return (p + root) / 2, (p - root) / 2


def impulse_response(method: Method, lam: Any, k: int) -> np.ndarray:
    r"""$a_k(\lambda)$; zero for k < 0.

    Complex roots $\rho e^{\pm i\vartheta}$: $\rho^k \sin((k+1)\vartheta)/\sin\vartheta$. A double root
    $\tau$: $(k+1)\tau^k$. Real roots of opposite sign: $(\tau_+^{k+1}-\tau_-^{k+1})/(\tau_+-\tau_-)$. Real
    roots of one sign, $\tau$ the larger one and $\delta$ their relative gap:
    $\tau^k(1-(1-\delta)^{k+1})/\delta$, which does not cancel near the double root.
    """
    p, q = np.atleast_1d(*trace_and_determinant(method, lam))
    if k < 0:
        return np.zeros(np.shape(lam))
    gap = p * p - 4 * q
    root = np.sqrt(np.abs(gap))
    out = np.full_like(p, float(k == 0))

    opposite = (q <= 0) & (gap > 0)
    high, low = ((p + root) / 2)[opposite], ((p - root) / 2)[opposite]
    out[opposite] = (high ** (k + 1) - low ** (k + 1)) / (high - low)

    double = (q > 0) & (gap == 0)
    out[double] = (k + 1) * (p[double] / 2) ** k

    spiral = (q > 0) & (gap < 0)
    angle = np.arctan2(root[spiral], p[spiral])
    out[spiral] = np.sqrt(q[spiral]) ** k * np.sin((k + 1) * angle) / np.sin(angle)

    same = (q > 0) & (gap > 0)
    larger = (np.abs(p[same]) + root[same]) / 2
    delta = np.minimum(root[same] / larger, 1 - 2.0**-53)
    out[same] = np.sign(p[same]) ** k * larger**k * -np.expm1((k + 1) * np.log1p(-delta)) / delta
    return out.reshape(np.shape(lam))


def residual(method: Method, lam: Any, k: int) -> np.ndarray:
    """r_k(lam) of a method with constant coefficients."""
    if k == 0:
        return np.ones(np.shape(lam))
    _, q = trace_and_determinant(method, lam)
    return impulse_response(method, lam, k) - q * impulse_response(method, lam, k - 1)


def nag_residual_at_mu(mu: float, s: float, k: int) -> float:
    """r_k(mu) = tau^k (1 + k u) of NAG, u = sqrt(mu s), tau = 1 - u: the double root."""
    u = np.sqrt(mu * s)
    return (1 - u) ** k * (1 + k * u)


def nag_derivative_at_mu(mu: float, s: float, k: int) -> float:
    """d r_k/ds (mu) = -k (k+1) mu tau^(k-1)/2 of NAG."""
    return -k * (k + 1) * mu * (1 - np.sqrt(mu * s)) ** (k - 1) / 2 if k else 0.0


def block_power(method: Method, lam: Any, k: int) -> np.ndarray:
    """T^k for the 2x2 block T = [[p, -q], [1, 0]] (R eq. 25 on one eigenvalue), shape (*lam.shape, 2, 2)."""
    _, q = trace_and_determinant(method, lam)
    if k == 0:
        return np.broadcast_to(np.eye(2), (*np.shape(q), 2, 2)).copy()
    a, b, c = (impulse_response(method, lam, j) for j in (k, k - 1, k - 2))
    return np.stack([np.stack([a, -q * b], axis=-1), np.stack([b, -q * c], axis=-1)], axis=-2)


def block_power_norm(method: Method, lam: Any, k: int) -> np.ndarray:
    """Spectral norm of T^k, shape of lam."""
    return np.linalg.norm(block_power(method, lam, k), 2, axis=(-2, -1))
