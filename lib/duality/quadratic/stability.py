r"""Stability in Q: how far two runs of $k$ steps part when Q changes and b does not (R eq. 7, Thm A.2 and
A.5).

$$\mathrm{Stab}_Q(k) = \sup \frac{\|x_k(Q_1,b)-x_k(Q_2,b)\|}{\min(\|x_{*,1}\|,\|x_{*,2}\|)\,\|Q_1-Q_2\|_2}
  = \sup_{Q_1,Q_2} \frac{\|(g_k(Q_1)-g_k(Q_2))\,Q_2\|_2}{\|Q_1-Q_2\|_2} .$$

The second form has no b: $1/\min = \max(1/\cdot, 1/\cdot)$, and the two cases are exchanged with $Q_1$ and
$Q_2$. In the eigenbases $U_1, U_2$ the numerator is the norm of the entrywise product of
$U_1^\top(Q_1-Q_2)U_2$ with the divided differences $g_k[\lambda_i,\nu_j]\,\nu_j$. With $y_m$ the points
where gradients are taken,

$$x_{k,1}-x_{k,2} = -\sum_{m<k} s_m A_{k,m}(Q_1)\,(Q_1-Q_2)\,y_{m,2}, \qquad y_{m,2} =
(1-z_m(Q_2))\,x_{*,2},$$

so that $g_k[\lambda,\nu]\,\nu = -\sum_{m=1}^{k-1} s_m A_{k,m}(\lambda)(1-z_m(\nu))$; the term $m=0$ is zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, ctx

from duality.quadratic.arithmetic import BALL, FLOAT, NumberSystem, exact, float_below
from duality.quadratic.methods import Method
from duality.quadratic.problem import Quadratic
from duality.quadratic.region import spectrum_grid


def divided_difference(method: Method, lam: Any, nu: Any, k: int, system: NumberSystem = FLOAT) -> Any:
    """g_k[lam, nu] = (g_k(lam) - g_k(nu))/(lam - nu), and g_k'(lam) where the arguments are equal.

    By the recursion that the difference itself obeys, so nothing is divided and nothing cancels. Arrays that
    broadcast against each other, or single numbers of `system`.
    """
    g = previous = 0 * (lam + nu)
    dd = dprevious = 0 * (lam + nu)
    for s, beta, gamma, _, _ in method.coefficients(system, k):
        move, dmove = g - previous, dd - dprevious
        y, dy = g + gamma * move, dd + gamma * dmove
        g, previous = g + beta * move - s * (nu * y - 1), g
        dd, dprevious = dd + beta * dmove - s * (lam * dy + y), dd
    return dd


@dataclass(frozen=True)
class Instance:
    """Two problems with the same b: Q1 = diag(lam), Q2 = V diag(nu) V^T, all of dimension d."""

    lam: np.ndarray
    nu: np.ndarray
    V: np.ndarray

    def multiplied(self, method: Method, k: int) -> tuple[np.ndarray, np.ndarray]:
        """(g_k(Q1) - g_k(Q2)) Q2 V and (Q1 - Q2) V; when Q1 = Q2, the derivative of both along the
        identity.
        """
        lam, nu = np.broadcast_arrays(self.lam[:, None], self.nu[None, :])
        difference = (lam - nu) * self.V
        if not difference.any():
            difference = self.V
        return divided_difference(method, lam, nu, k) * nu * difference, difference

    def ratio(self, method: Method, k: int) -> float:
        """The quotient whose supremum is Stab_Q(k)."""
        moved, difference = self.multiplied(method, k)
        return float(np.linalg.norm(moved, 2) / np.linalg.norm(difference, 2))

    def pair(self, method: Method, k: int) -> tuple[Quadratic, Quadratic]:
        """The two problems with the worst b for them, scaled to ||x_{*,2}|| = 1."""
        moved, _ = self.multiplied(method, k)
        direction = np.linalg.svd(moved)[2][0]
        b = -self.V @ (self.nu * direction)
        return Quadratic(np.diag(self.lam), b), Quadratic((self.V * self.nu) @ self.V.T, b)


def one_dimensional_worst(method: Method, k: int, points: int = 120, rounds: int = 12) -> Instance:
    """The pair (lam, nu) that maximizes nu |g_k[lam, nu]|: d = 1. A grid, then finer grids around the
    best.
    """
    mu, L = float(method.spectrum.mu), float(method.spectrum.L)
    lam_axis = nu_axis = spectrum_grid(method.spectrum, points)
    radius = 2.0 / points
    for _ in range(rounds + 1):
        lam, nu = lam_axis[:, None], nu_axis[None, :]
        value = np.abs(divided_difference(method, lam, nu, k)) * nu
        i, j = np.unravel_index(int(value.argmax()), value.shape)
        best_lam, best_nu = lam_axis[i], nu_axis[j]
        lam_axis, nu_axis = (_around(best, radius, mu, L) for best in (best_lam, best_nu))
        radius /= 3
    return Instance(np.array([best_lam]), np.array([best_nu]), np.ones((1, 1)))


def _around(centre: float, radius: float, mu: float, L: float) -> np.ndarray:
    """Points near the centre, dense in the logarithm and in the angle, the centre among them."""
    spread = np.linspace(-1, 1, 21)
    spread[10] = 0
    near = np.concatenate([centre * (L / mu) ** (radius * spread), centre + radius * (L - mu) * spread])
    return np.unique(np.append(near, centre).clip(mu, L))


def certified_lower(method: Method, worst: Instance, k: int) -> float:
    """A rigorous lower bound of Stab_Q(k) from a one-dimensional instance, its point moved into [mu, L]."""
    mu, L = exact(method.spectrum.mu), exact(method.spectrum.L)
    lam, nu = (min(max(exact(float(x[0])), mu), L) for x in (worst.lam, worst.nu))
    with ctx.workprec(128 + 4 * k):
        value = divided_difference(method, BALL.number(lam), BALL.number(nu), k, BALL) * BALL.number(nu)
        return max(0.0, float_below(abs(arb(value))))
