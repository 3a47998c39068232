"""The Chebyshev semi-iteration lies on the frontier: a proof by divided differences of Chebyshev polynomials.

Its residual is r_k(lam) = T_k(t)/T_k(t_0) with t = (L+mu-2 lam)/(L-mu) and t_0 = (L+mu)/(L-mu) > 1, so
(1 - r_k)/lam = 2 D_k(t_0, t)/((L-mu) T_k(t_0)) with D_k the divided difference of T_k.
"""

from __future__ import annotations

import sympy as sp

from duality.ledger.claim import Statement, Step
from duality.ledger.prove import identity, induction, inequality
from duality.quadratic.rates import L, lam, mu


def frontier(statement: Statement) -> tuple[Step, ...]:
    """|r_k| and |1 - r_k|/lam are both largest at lam = mu, where t = 1 and r_k > 0."""
    t, y, a, c, T0, T1, D0, D1 = sp.symbols("t y a c T_0 T_1 D_0 D_1", real=True)
    t0, U, V, m, w = sp.symbols("t_0 U V m w", real=True)
    following = t * a - (1 - t**2) * c
    other = t * c + a
    after = (2 * t * T1 - T0 - (2 * y * (T1 - (t - y) * D1) - (T0 - (t - y) * D0))) / (t - y)
    given, ends = statement.relations, (L + mu, L - mu)
    return (
        inequality(
            "On the spectrum −1 ≤ t ≤ 1, and t₀ > 1.",
            sp.And(sp.Le(sp.Abs(L + mu - 2 * lam), ends[1]), sp.Gt(ends[0], ends[1]), sp.Gt(ends[1], 0)),
            given,
        ),
        identity(
            "T_k² + (1 − t²)U_{k−1}² = 1 is preserved by T_{k+1} = tT_k − (1 − t²)U_{k−1}, U_k = tU_{k−1} + T_k: "
            "hence "
            "|T_k| ≤ 1 on [−1, 1], with T_k(1) = 1. So Cvg(k) = 1/T_k(t₀), attained at λ = μ.",
            following**2 + (1 - t**2) * other**2,
            a**2 + (1 - t**2) * c**2,
        ),
        identity(
            "The divided difference D_k of T_k between t and y obeys D_{k+1} = 2tD_k − D_{k−1} + 2T_k(y), with "
            "D₀ = 0 and "
            "D₁ = 1 …",
            after,
            2 * t * D1 - D0 + 2 * (T1 - (t - y) * D1),
        ),
        induction(
            "… so D_k(t₀, t) = Σ_{j<k} U_{k−1−j}(t₀) c_j T_j(t) with c₀ = 1, c_j = 2, and the weights U(t₀) are "
            "nonnegative.",
            [inequality("U₀ = 1 ≥ 0 and U₁ − U₀ = 2t₀ − 1 ≥ 0", sp.Ge(2 * t0 - 1, 0), [sp.Gt(t0, 1)])],
            [
                inequality(
                    "U_{k+1} ≥ U_k ≥ 0 from U_k ≥ U_{k−1} ≥ 0",
                    sp.And(sp.Ge(2 * t0 * U - V, U), sp.Ge(U, 0)),
                    [sp.Gt(t0, 1), sp.Ge(U, V), sp.Ge(V, 0)],
                )
            ],
        ),
        inequality(
            "Term by term |D_k(t₀, t)| ≤ D_k(t₀, 1): Stab_b(k) is attained at λ = μ too.",
            sp.Le(sp.Abs(w * m), w),
            [sp.Ge(w, 0), sp.Le(sp.Abs(m), 1)],
        ),
        identity(
            "t = 1 at λ = μ, and t₀ − t is proportional to λ.",
            (L + mu) / (L - mu) - (L + mu - 2 * lam) / (L - mu),
            2 * lam / (L - mu),
        ),
    )
