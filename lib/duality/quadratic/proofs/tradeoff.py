"""Proofs of the exact trade-off between convergence and stability, of the exact stable regions, and of when
sensitivity starts to shrink. None of these is in the sources.
"""

from __future__ import annotations

import sympy as sp

from duality.ledger.claim import Statement, Step
from duality.ledger.prove import identity, induction, inequality
from duality.quadratic.proofs.nag import (
    POWERS,
    P,
    beta,
    double_root,
    h,
    normal,
    premises,
    residual_bound,
    tau,
    u,
    w,
    x,
    y,
)
from duality.quadratic.proofs.reduction import power_bound, spectral_reduction
from duality.quadratic.rates import CVG, STAB_B, L, c0, k, lam, mu, s

r, c = sp.symbols("r c", real=True)
a, b = sp.symbols("a b", real=True)


def universal(statement: Statement) -> tuple[Step, ...]:
    """Any method that leaves x_0 = 0 in place when b = 0: mu Stab_b + Cvg >= 1."""
    x_len, star, b_len, stab, cvg = sp.symbols("X S B Stab Cvg", nonnegative=True)
    claimed = statement.relation.subs({STAB_B: stab, CVG: cvg})
    return (
        inequality(
            "Take Q = μI, any b, and b′ = 0, whose iterates stay at 0. With S = ‖x*‖ = ‖b‖/μ: ‖x_k‖ ≤ Stab_b ‖b‖ "
            "by stability "
            "and ‖x_k‖ ≥ (1 − Cvg)S by convergence, so μ Stab_b + Cvg ≥ 1.",
            claimed,
            [
                *(*statement.relations, sp.Gt(star, 0), sp.Eq(b_len, mu * star)),
                *(sp.Le(x_len, stab * b_len), sp.Ge(x_len, (1 - cvg) * star)),
            ],
        ),
    )


def gradient_descent(statement: Statement) -> tuple[Step, ...]:
    """Both worst cases of GD sit at lam = mu, inside the printed range of steps."""
    given = statement.relations
    p = 1 - s * mu
    return (
        inequality("GD: |1 − sλ| ≤ 1 − sμ on the spectrum.", sp.Le(sp.Abs(1 - s * lam), p), given),
        power_bound("GD: |r_k(λ)| ≤ (1 − sμ)ᵏ = r_k(μ): Cvg(k) is attained at μ.", p**k, p, given, 1 - s * lam),
        identity(
            "GD: g_k = s Σ_{j<k} (1 − sλ)ʲ, because both sides obey g_{k+1} = s + (1 − sλ)g_k and g₀ = 0.",
            (1 - (1 - s * lam) * r) / lam,
            s + (1 - s * lam) * (1 - r) / lam,
        ),
        inequality(
            "GD: term by term |g_k(λ)| ≤ s Σ (1 − sμ)ʲ = g_k(μ): Stab_b(k) is attained at μ.",
            sp.Le(sp.Abs(s * r), s * c),
            [sp.Gt(s, 0), sp.Le(sp.Abs(r), c)],
        ),
    )


def nesterov(statement: Statement) -> tuple[Step, ...]:
    """Both worst cases of NAG sit at lam = mu, inside the printed range of steps."""
    r1, r0 = sp.symbols("r_1 r_0")
    g1, g0 = (1 - r1) / x, (1 - r0) / x
    following = (1 - h * ((1 + beta) * r1 - beta * r0)) / x
    return (
        *residual_bound(statement),
        *double_root(),
        identity(
            "NAG: g_{k+1} = s + (1+β)h g_k − βh g_{k−1}, so g_k = s Σ_{j<k} a_j.",
            following,
            1 + (1 + beta) * h * g1 - beta * h * g0,
        ),
        inequality(
            "NAG: term by term |g_k(λ)| ≤ s Σ (j+1)τʲ = g_k(μ): Stab_b(k) is attained at μ.",
            sp.Le(sp.Abs(s * r), s * c),
            [sp.Gt(s, 0), sp.Le(sp.Abs(r), c)],
        ),
    )


def heavy_ball(statement: Statement, rho: sp.Symbol) -> tuple[Step, ...]:
    """Heavy ball with its optimal parameters: Cvg at L, Stab_b at mu, and by how much the sum exceeds 1."""
    m, ell = sp.symbols("m ell", positive=True)
    alpha, root = 4 / (ell + m) ** 2, (ell - m) / (ell + m)
    trace, weight = 1 + root**2 - alpha * lam, (1 - root**2 - alpha * lam) / 2
    at_mu, at_L = {lam: m**2}, {lam: ell**2}
    spectrum = [e for e in (r.subs({mu: m**2, L: ell**2}) for r in statement.relations) if e != sp.true]
    C, A = sp.symbols("C A", real=True)
    cvg, residual_mu = rho**k * (1 + (1 + rho) * k), rho**k * (1 + (1 - rho) * k)
    return (
        spectral_reduction(),
        inequality(
            "With m = √μ, ℓ = √L, ρ = (ℓ−m)/(ℓ+m): |trace| ≤ 2ρ on the spectrum, so both roots have modulus ρ and "
            "|a_j| ≤ (j+1)ρʲ.",
            sp.Le(sp.Abs(trace), 2 * root),
            spectrum,
        ),
        identity("At λ = μ the trace is 2ρ: a_j = (j+1)ρʲ …", trace.subs(at_mu), 2 * root),
        identity("… and at λ = L it is −2ρ: a_j = (j+1)(−ρ)ʲ.", trace.subs(at_L), -2 * root),
        identity(
            "r_k = C_k + w a_{k−1} with w = (1 − ρ² − αλ)/2: k = 1 reads trace/2 + w = 1 − αλ.",
            trace / 2 + weight,
            1 - alpha * lam,
        ),
        inequality("|w| ≤ ρ(1+ρ) on the spectrum …", sp.Le(sp.Abs(weight), root * (1 + root)), spectrum),
        identity("… with w = −ρ(1+ρ) at λ = L …", weight.subs(at_L), -root * (1 + root)),
        identity("… and w = ρ(1−ρ) at λ = μ.", weight.subs(at_mu), root * (1 - root)),
        inequality(
            "So |r_k| ≤ ρᵏ(1 + (1+ρ)k), attained at L: this is Cvg(k); P stands for ρᵏ⁻¹.",
            sp.Le(sp.Abs(C + w * A), P * rho * (1 + (1 + rho) * k)),
            [
                *(sp.Ge(rho, 0), sp.Lt(rho, 1), *POWERS, sp.Ge(k, 1), sp.Le(sp.Abs(w), rho * (1 + rho))),
                *(sp.Le(sp.Abs(C), P * rho), sp.Le(sp.Abs(A), k * P)),
            ],
        ),
        identity(
            "g_{k+1} = (1 + ρ² − αλ)g_k − ρ²g_{k−1} + α, because r_k obeys the same recursion without α.",
            (1 - (trace * r - root**2 * c)) / lam,
            trace * (1 - r) / lam - root**2 * (1 - c) / lam + alpha,
        ),
        inequality(
            "g_k = α Σ_{j<k} a_j, term by term at most its value at μ, which is (1 − r_k(μ))/μ: this is Stab_b(k).",
            sp.Le(sp.Abs(s * r), s * c),
            [sp.Gt(s, 0), sp.Le(sp.Abs(r), c)],
        ),
        identity(
            "With r_k(μ) = ρᵏ(1 + (1−ρ)k) the sum is the claimed one.",
            statement.lhs.subs({STAB_B: (1 - residual_mu) / mu, CVG: cvg}),
            statement.rhs,
        ),
    )


def stable_at(ell: sp.Rational, step: sp.Rational, root_mu_s: sp.Rational) -> tuple[Step, ...]:
    """At mu = 1, L = ell and this step, NAG is stable on the whole spectrum and GD is not."""
    at = {u: root_mu_s}
    return (
        identity("√(μs) as given.", root_mu_s**2, step),
        inequality(
            "Every root of NAG's block has modulus below 1 on every eigenvalue.",
            sp.Lt(a**2 + b**2, 1),
            [*(e.subs(at) for e in _root_equations()), sp.Le(step, x), sp.Le(x, step * ell)],
        ),
        inequality("GD grows on the largest eigenvalue.", sp.Gt(sp.Abs(1 - step * ell), 1)),
        inequality(
            "The ranges of the proofs are ordered as printed, 4/(μ+3L) ≤ 2/(μ+L); only the regions are not.",
            sp.Le(4 / (mu + 3 * L), 2 / (mu + L)),
            [sp.Gt(mu, 0), sp.Le(mu, L)],
        ),
    )


def _root_equations() -> tuple[sp.Basic, ...]:
    """a + ib is a root of NAG's characteristic polynomial on x, in real and imaginary part."""
    real = (1 + u) * (a**2 - b**2) - 2 * h * a + (1 - u) * h
    return sp.Eq(real, 0), sp.Eq(2 * (1 + u) * a * b - 2 * h * b, 0)


def regions(statement: Statement) -> tuple[Step, ...]:
    """The exact stable regions of GD and NAG, and their order."""
    claimed = normal(statement.relation)
    spectrum = premises(statement)
    root = sp.Symbol("z", real=True)
    value = root**2 - (1 + beta) * (1 - y) * root + beta * (1 - y)
    return (
        spectral_reduction(),
        inequality(
            "GD: |1 − sλ| < 1 on the whole spectrum exactly when s < 2/L (y = sL).",
            sp.And(sp.Or(sp.Ge(y, 2), sp.Lt(sp.Abs(1 - x), 1)), sp.Or(sp.Lt(y, 2), sp.Ge(sp.Abs(1 - y), 1))),
            spectrum,
        ),
        inequality(
            "NAG: if sL(3 − √(μs)) < 4 and s < 4/μ, every root a + ib on every eigenvalue has modulus below 1.",
            sp.Lt(a**2 + b**2, 1),
            [*spectrum, claimed, *_root_equations()],
        ),
        identity(
            "NAG: at z = −1 and λ = L the characteristic polynomial is (4 − sL(3 − √(μs)))/(1 + √(μs)) …",
            value.subs(root, -1),
            (4 - y * (3 - u)) / (1 + u),
        ),
        inequality(
            "… so at the boundary and beyond (s < 4/μ) it has a real root z ≤ −1, and r_k(L) has a share of it, "
            "because "
            "h is no root unless √(μs) = 1, where r_k = hᵏ: no convergence.",
            sp.And(sp.Le(value.subs(root, -1), 0), sp.Or(sp.Eq(u, 1), sp.Ne(value.subs(root, 1 - y), 0))),
            [sp.Gt(u, 0), sp.Lt(u, 2), sp.Le(u**2, y), sp.Not(claimed)],
        ),
        inequality(
            "NAG: for s ≥ 4/μ the double root 1 − √(μs) at λ = μ has modulus at least 1, and r_k(μ) = τᵏ(1 + ku) "
            "does not "
            "tend to 0.",
            sp.Ge(sp.Abs(tau), 1),
            [sp.Ge(u, 2)],
        ),
        *double_root(),
        inequality(
            "If L < 2μ, every step that keeps GD stable keeps NAG stable, and so does s = 2/L, which GD does not "
            "survive.",
            sp.And(claimed, sp.Lt(u, 2)),
            [sp.Gt(u, 0), sp.Le(u**2, y), sp.Lt(y, 2 * u**2), sp.Le(y, 2)],
        ),
        inequality(
            "If L ≥ 2μ, every step that keeps NAG stable keeps GD stable.",
            sp.Lt(y, 2),
            [sp.Gt(u, 0), sp.Lt(u, 2), sp.Ge(y, 2 * u**2), claimed],
        ),
    )


def common_step() -> tuple[Step, ...]:
    """At one common step NAG's worst residual is at most GD's: Bernoulli's inequality."""
    given = [sp.Gt(u, 0), sp.Le(u, 1)]
    return (
        identity("At λ = μ: r_k(NAG) = τᵏ(1 + ku) and r_k(GD) = (1 − u²)ᵏ = τᵏ(1 + u)ᵏ.", 1 - u**2, tau * (1 + u)),
        induction(
            "1 + ku ≤ (1 + u)ᵏ: at a common step NAG converges at least as fast, and is at least as unstable in b.",
            [inequality("at k = 0", sp.Le(1, 1), given)],
            [
                inequality(
                    "from 1 + ku ≤ R to 1 + (k+1)u ≤ (1+u)R",
                    sp.Le(1 + (k + 1) * u, (1 + u) * r),
                    [*given, sp.Ge(k, 0), sp.Le(1 + k * u, r)],
                )
            ],
        ),
    )


def sensitivity_decreases(statement: Statement, now: sp.Symbol, following: sp.Symbol) -> tuple[Step, ...]:
    """GD's sensitivity, factor by factor: `now` and `following` stand for its values at k and k + 1."""
    given = statement.relations
    step, q = sp.symbols("r q", real=True)
    ranged = [rel.subs({s: step}) for rel in given]
    return (
        spectral_reduction(),
        inequality(
            "|1 − rλ| ≤ 1 − c₀μ for every step r in the range and every λ.",
            sp.Le(sp.Abs(1 - step * lam), 1 - c0 * mu),
            ranged,
        ),
        inequality(
            "(k+1)q ≤ k for q = |1 − rλ|.",
            sp.Le((k + 1) * q, k),
            [*ranged, sp.Ge(q, 0), sp.Le(q, 1 - c0 * mu)],
        ),
        inequality(
            "So (k+1)λqᵏ ≤ kλqᵏ⁻¹, P standing for qᵏ⁻¹; a supremum of decreasing sequences decreases.",
            statement.relation.subs({following: (k + 1) * lam * q * P, now: k * lam * P}),
            [sp.Ge(lam, 0), sp.Ge(P, 0), sp.Ge(q, 0), sp.Le((k + 1) * q, k)],
        ),
    )
