"""Bounds that hold for every L-smooth mu-strongly convex function, quadratic or not.

The class enters through one inequality: with d = x - y and g = grad f(x) - grad f(y),
<g - mu d, L d - g> >= 0, that is |g|^2 <= (mu+L) <g, d> - mu L |d|^2.
"""

from __future__ import annotations

import sympy as sp

from duality.ledger.claim import Statement, Step
from duality.ledger.prove import identity, induction, inequality
from duality.quadratic.proofs.reduction import abstract_power, between
from duality.quadratic.rates import DB, START, STEP_GAP, L, c0, k, mu, p, s, tau

E, P = sp.symbols("E P", real=True)
POWER = [sp.Ge(P, 0), sp.Le(P, 1)]


def contraction(statement: Statement, factor: sp.Expr, step: sp.Symbol) -> Step:
    """|d - s g| <= (1 - s mu)|d|, from the inequality of the class; D, G, I stand for |d|^2, |g|^2, <g, d>."""
    D, G, inner = sp.symbols("D G I", real=True)
    given = [h.relation.subs(s, step) for h in between(statement)]
    return inequality(
        "A gradient step contracts: |d − rg|² ≤ q²|d|² for every step r in the range, D, G, I standing for |d|², "
        "|g|², ⟨g, d⟩.",
        sp.Le(D - 2 * step * inner + step**2 * G, factor**2 * D),
        [*given, sp.Ge(D, 0), sp.Le(G, (mu + L) * inner - mu * L * D), sp.Le(inner**2, G * D), sp.Ge(G, 0)],
    )


def _grows(sentence: str, bound: sp.Expr, factor: sp.Expr, kick: sp.Expr, given: list[sp.Basic]) -> Step:
    """E_{k+1} <= factor E_k + kick stays below the bound; P stands for factor**(k-1) and may stand in `kick`."""
    now, after = (abstract_power(b, factor, P, shift=1) for b in (bound, bound.subs(k, k + 1)))
    first = bound.subs(k, 1)
    return induction(
        sentence,
        [inequality("after one step", sp.Le(kick.subs(P, 1), first), given)],
        [
            inequality(
                "from E ≤ B(k) to qE + kick ≤ B(k+1), P standing for qᵏ⁻¹",
                sp.Le(factor * E + kick, after),
                [*given, *POWER, sp.Ge(k, 1), sp.Le(E, now)],
            )
        ],
    )


def gd_convergence(statement: Statement) -> tuple[Step, ...]:
    """R Thm A.1, left, for the whole class: x* is fixed, and a step contracts."""
    bound, given = statement.coefficient(START), statement.relations
    now, after = (abstract_power(b, p, P) for b in (bound, bound.subs(k, k + 1)))
    return (
        contraction(statement, p, s),
        induction(
            "The error stays below the bound, for every k.",
            [inequality("at k = 0", sp.Le(1, bound.subs(k, 0)), given)],
            [
                inequality(
                    "from E ≤ B(k) to (1 − sμ)E ≤ B(k+1), P standing for the k-th power",
                    sp.Le(p * E, after),
                    [*given, *POWER, sp.Le(E, now)],
                )
            ],
        ),
    )


def gd_sensitivity(statement: Statement) -> tuple[Step, ...]:
    """R Thm A.1, right, for the whole class: a change of the step moves one iterate by |t-s||grad f|."""
    q, r = 1 - c0 * mu, sp.Symbol("r", real=True)
    return (
        contraction(statement, 1 - r * mu, r),
        inequality(
            "1 − rμ ≤ 1 − c₀μ for r ≥ c₀.", sp.Le(1 - r * mu, q), [h.relation.subs(s, r) for h in between(statement)]
        ),
        _grows(
            "δ_{k+1} ≤ qδ_k + |t−s| L qᵏ‖x₀−x*‖ with δ₀ = 0 stays below the bound, q = 1 − c₀μ.",
            statement.coefficient(START, STEP_GAP),
            q,
            L * q * P,
            statement.relations,
        ),
    )


def gd_stability(statement: Statement) -> tuple[Step, ...]:
    """R Thm A.2 in b, for the whole class: adding <b, x> to f moves one step by s|b|."""
    return (
        contraction(statement, p, s),
        _grows(
            "Adding ⟨b, x⟩ moves a step by s‖b‖: δ_{k+1} ≤ (1 − sμ)δ_k + s‖b‖ stays below the bound.",
            statement.coefficient(DB),
            p,
            s,
            statement.relations,
        ),
    )


def lyapunov(statement: Statement) -> tuple[Step, ...]:
    """R Remark A.1, for the whole class."""
    left, right = lyapunov_identity()
    f0, d, v, G = sp.symbols("f_0 d v G", nonnegative=True)
    return (
        inequality(
            "Descent: f(y − s∇f(y)) ≤ f(y) − s|∇f(y)|² + Ls²/2 |∇f(y)|² ≤ f(y) − s/2 |∇f(y)|², G standing for "
            "the square.",
            sp.Le(-s * G + L * s**2 / 2 * G, -s / 2 * G),
            statement.relations,
        ),
        identity(
            "With V_k = f(x_k) − f* + μ/2 |z_k − x*|², z_k = x_{k−1} + (x_k − x_{k−1})/u: τV_k − V_{k+1} is a sum of "
            "nonnegative terms (descent, strong convexity twice, two squares).",
            left,
            right,
        ),
        inequality(
            "V₀ ≤ (L + μ)/2 |x₀ − x*|² and V_k ≥ μ/2 |x_k − x*|², so the bound follows; d and E stand for the two "
            "squares, P for τᵏ.",
            sp.Le(E, abstract_power(statement.coefficient(START), tau, P) * d),
            [
                *(*statement.relations, sp.Ge(P, 0), sp.Le(v, P * (f0 + mu / 2 * d))),
                *(sp.Le(f0, L / 2 * d), sp.Le(mu / 2 * E, v)),
            ],
        ),
    )


def lyapunov_identity() -> tuple[sp.Expr, sp.Expr]:
    """Two sides of the identity that proves `nag_lyapunov` for every function of the class and every k.

    V_k = f(x_k) - f* + mu/2 |z_k - x*|^2 with z_k = x_{k-1} + (x_k - x_{k-1})/u, z_0 = x_0. Three
    inequalities of the class enter: A (descent, s <= 1/L) f(x_{k+1}) <= f(y) - s/2 |g|^2, and strong
    convexity at y against x_k (B) and x* (C). The identity is tau V_k - V_{k+1} = A + tau B + u C + tau mu/2
    (|y - x_k|^2 + u |z_k - y|^2), each term of which is nonnegative. As V_0 <= (L+mu)/2 |x_0-x*|^2 and V_k >=
    mu/2 |x_k-x*|^2, the bound follows.

    Every term is a quadratic form in (x_k - x*, z_k - x*, g), so scalars stand for vectors here.
    """
    x, z, g, fx, fy, fnext = sp.symbols("x z g f_x f_y f_next")
    mu, u = sp.symbols("mu u", positive=True)
    s, tau = u**2 / mu, 1 - u
    y = (x + u * z) / (1 + u)  # the NAG extrapolation, written with z
    x_next = y - s * g
    z_next = x + (x_next - x) / u
    left = tau * (fx + mu / 2 * z**2) - (fnext + mu / 2 * z_next**2)
    A = fy - s / 2 * g**2 - fnext
    B = fx - fy - g * (x - y) - mu / 2 * (x - y) ** 2
    C = -fy + g * y - mu / 2 * y**2
    return left, A + tau * B + u * C + tau * mu / 2 * ((y - x) ** 2 + u * (z - y) ** 2)
