"""Where the bounds of this topic are attacked: left-hand sides on one instance, and the domains to search.

Points are dictionaries from symbol names (and the LaTeX names of quantities) to numbers. All formulas use field
operations only, and domains are laid out in u = sqrt(mu s), so that rational coordinates give exact instances.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp

from duality.ledger.search import Axis, Domain
from duality.quadratic.methods import nag_momentum
from duality.quadratic.rates import DB, DQ, START, STEP_GAP, M

Point = Mapping[str, Any]
K_AXIS = Axis("k", 1, 200, "log-integer")
K_FROM_ZERO = Axis("k", 0, 200, "integer")
K_AND_LAMBDA = (K_AXIS, Axis("w", 0, 1))


def gd_residual(k: int, lam: Any, s: Any) -> Any:
    """r_k(lam) of gradient descent."""
    return (1 - s * lam) ** k


def nag_residuals(k: int, lam: Any, s: Any, u: Any) -> tuple[Any, Any]:
    """(r_k, r_{k+1}) of NAG on one eigenvalue, u = sqrt(mu s), by the recursion of R eq. 27.

    Written apart from `residual`, whose recursion knows the schedule and not u; a test compares the two.
    """
    beta, h = nag_momentum(u), 1 - s * lam
    before, now = 1, 1
    for _ in range(k + 1):
        before, now = now, h * ((1 + beta) * now - beta * before)
    return before, now


def block_power_norm(k: int, lam: Any, s: Any, u: Any) -> sp.Expr | float:
    """The spectral norm of the k-th power of NAG's 2x2 block; exact for rational input."""
    beta, h = nag_momentum(u), 1 - s * lam
    a, b, c, d = 1, 0, 0, 1
    for _ in range(k):
        a, b, c, d = (1 + beta) * h * a - beta * h * c, (1 + beta) * h * b - beta * h * d, a, b
    square, det = a * a + b * b + c * c + d * d, abs(a * d - b * c)
    root = sp.sqrt if isinstance(u, sp.Expr) else lambda v: max(v, 0.0) ** 0.5
    return (root(square + 2 * det) + root(square - 2 * det)) / 2


def gd_error(point: Point) -> Any:
    return abs(gd_residual(point["k"], point["lambda"], point["s"]))


def gd_step_change(point: Point) -> Any:
    return abs(
        gd_residual(point["k"], point["lambda"], point["t"]) - gd_residual(point["k"], point["lambda"], point["s"])
    )


def nag_error(point: Point) -> Any:
    return abs(nag_residuals(point["k"], point["lambda"], point["s"], point["u"])[0])


def nag_square(point: Point) -> Any:
    return nag_error(point) ** 2


def nag_two_errors(point: Point) -> Any:
    now, after = nag_residuals(point["k"], point["lambda"], point["s"], point["u"])
    return now**2 + after**2


def nag_power(point: Point) -> Any:
    return block_power_norm(point["k"], point["lambda"], point["s"], point["u"])


def nag_step_change(point: Point) -> Any:
    r_s = nag_residuals(point["k"], point["lambda"], point["s"], point["u"])[0]
    r_t = nag_residuals(point["k"], point["lambda"], point["t"], point["u_t"])[0]
    return abs(r_t - r_s)


def _two_problems(residual: Callable[[Point, Any], Any]) -> Callable[[Point], Any]:
    """|x_{k,1} - x_{k,2}| in dimension one, for eigenvalues lambda, nu and minimizers 1, x_2."""

    def change(point: Point) -> Any:
        return abs((1 - residual(point, point["lambda"])) - (1 - residual(point, point["nu"])) * point["x_2"])

    return change


gd_output_change = _two_problems(lambda p, lam: gd_residual(p["k"], lam, p["s"]))
nag_output_change = _two_problems(lambda p, lam: nag_residuals(p["k"], lam, p["s"], p["u"])[0])


def _pair(point: dict[str, Any], nu: Any, x2: Any) -> dict[str, Any]:
    """Add a second problem with eigenvalue nu and minimizer x2 (b = -nu x2) to one with minimizer 1."""
    lam = point["lambda"]
    gaps = {M.name: min(1, abs(x2)), DQ.name: abs(lam - nu), DB.name: abs(lam - nu * x2)}
    return point | {"nu": nu, "x_2": x2} | gaps


def gd_domain(limit: Callable[[Any], Any], k_axis: Axis = K_AXIS) -> Domain:
    """mu = 1, L = kappa, s up to `limit(kappa)`, lambda on [1, kappa]."""

    def point(kappa: Any, v: Any, k: int, w: Any) -> Point:
        return {"mu": 1, "L": kappa, "s": v * limit(kappa), "k": k, "lambda": 1 + w * (kappa - 1), START.name: 1}

    return Domain((Axis("kappa", 1, 1e4, "log"), Axis("v", 0.01, 1), k_axis, Axis("w", 0, 1)), point)


def gd_pair_domain() -> Domain:
    """Two steps c0 <= s < t <= 2/(mu+L) for gradient descent."""

    def point(kappa: Any, v: Any, f: Any, g: Any, k: int, w: Any) -> Point:
        limit = 2 / (1 + kappa)
        c0 = v * limit
        s = c0 + f * (limit - c0)
        t = s + g * (limit - s)
        gaps = {STEP_GAP.name: t - s, START.name: 1}
        return {"mu": 1, "L": kappa, "c_0": c0, "s": s, "t": t, "k": k, "lambda": 1 + w * (kappa - 1)} | gaps

    axes = (
        Axis("kappa", 1, 1e4, "log"),
        Axis("v", 0.01, 1),
        Axis("f", 0, 1),
        Axis("g", 0.01, 1),
        K_AXIS,
        Axis("w", 0, 1),
    )
    return Domain(axes, point)


def gd_two_problems(limit: Callable[[Any], Any]) -> Domain:
    """Two one-dimensional problems for gradient descent."""
    base = gd_domain(limit)

    def point(kappa: Any, v: Any, k: int, w: Any, w2: Any, x2: Any) -> Point:
        return _pair(dict(base.point(kappa, v, k, w)), 1 + w2 * (kappa - 1), x2)

    return Domain((*base.axes, Axis("w2", 0, 1), Axis("x2", -2, 2)), point)


def nag_domain(kappa_limit: Callable[[Any], Any], k_axis: Axis = K_AXIS) -> Domain:
    """mu = 1, s = u^2, kappa up to `kappa_limit(u)`: v = 1 is the largest step for that kappa, v = 0 is L = mu."""

    def point(u: Any, v: Any, k: int, w: Any) -> Point:
        kappa = 1 + v * (kappa_limit(u) - 1)
        return {"mu": 1, "L": kappa, "s": u * u, "u": u, "k": k, "lambda": 1 + w * (kappa - 1), START.name: 1}

    return Domain((Axis("u", 0.01, 1, "log"), Axis("v", 0, 1), k_axis, Axis("w", 0, 1)), point)


def printed_kappa(u: Any) -> Any:
    """The largest condition number for which s = u^2/mu is within 4/(3L + mu)."""
    return (4 / (u * u) - 1) / 3


def lyapunov_kappa(u: Any) -> Any:
    """The largest condition number for which s = u^2/mu is within 1/L."""
    return 1 / (u * u)


def nag_pair_domain() -> Domain:
    """Two steps c0 <= s < t for NAG, laid out in their square roots."""

    def point(u_t: Any, v: Any, f: Any, g: Any, k: int, w: Any) -> Point:
        kappa = 1 + v * (printed_kappa(u_t) - 1)
        u_s = f * u_t
        u_0 = g * u_s
        steps = {"c_0": u_0 * u_0, "s": u_s * u_s, "t": u_t * u_t, "u": u_s, "u_t": u_t}
        gaps = {STEP_GAP.name: u_t * u_t - u_s * u_s, START.name: 1}
        return {"mu": 1, "L": kappa, "k": k, "lambda": 1 + w * (kappa - 1)} | steps | gaps

    axes = (
        Axis("u_t", 0.01, 1, "log"),
        Axis("v", 0, 1),
        Axis("f", 0.05, 0.99),
        Axis("g", 0.05, 1),
        K_AXIS,
        Axis("w", 0, 1),
    )
    return Domain(axes, point)


def nag_two_problems() -> Domain:
    """Two one-dimensional problems for NAG."""
    base = nag_domain(printed_kappa)

    def point(u: Any, v: Any, k: int, w: Any, w2: Any, x2: Any) -> Point:
        first = dict(base.point(u, v, k, w))
        return _pair(first, 1 + w2 * (first["L"] - 1), x2)

    return Domain((*base.axes, Axis("w2", 0, 1), Axis("x2", -2, 2)), point)
