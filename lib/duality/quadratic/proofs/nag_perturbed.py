"""NAG under perturbation: proofs of the bounds on sensitivity and stability (R theorems A.4 and A.5, repaired).

Both rest on superposition: a perturbation e_j in step j + 1 reaches the iterate k as a_{k-1-j}(Q) e_j, and
|a_i| <= (i+1) tau^i. Normalized as in `nag`: s = 1, mu = u^2, L = y.
"""

from __future__ import annotations

import sympy as sp

from duality.ledger.claim import Statement, Step
from duality.ledger.prove import identity, inequality
from duality.quadratic.proofs.nag import (
    POWERS,
    A,
    E,
    P,
    beta,
    h,
    normal,
    residual_bound,
    tau,
    u,
    x,
)
from duality.quadratic.proofs.reduction import abstract_power, between, spectral_reduction
from duality.quadratic.rates import DB, DQ, K_POSITIVE, START, STEP_GAP, L, M, c0, k, mu, s, tau0

j, i = sp.symbols("j i", nonnegative=True)
UNIT = [sp.Gt(u, 0), sp.Le(u, 1), *POWERS]


def superposition() -> Step:
    """The sum over past perturbations solves the perturbed recursion."""
    zp, zm, pp, qq = sp.symbols("z_+ z_- p_i q_i")
    a0, a1, a2 = ((zp * pp * zp**n - zm * qq * zm**n) / (zp - zm) for n in range(3))
    return identity(
        "S_k = Σ a_i e_{k−1−i} solves S_{k+1} = (1+β)h S_k − βh S_{k−1} + e_k: the coefficient of e_{k−i} in the "
        "difference "
        "is a_i − (z₊+z₋)a_{i−1} + z₊z₋a_{i−2} = 0 for i ≥ 1, and a₀ = 1 for i = 0.",
        a2,
        (zp + zm) * a1 - zp * zm * a0,
    )


def extrapolated_residual() -> tuple[Step, ...]:
    """z_j = (1+beta) r_j - beta r_{j-1}, the residual of y_j, is at most 3 j tau^j for j >= 1."""
    now, before = P * tau * (1 + j * u), P * (1 + (j - 1) * u)
    r0, r1 = sp.symbols("r_0 r_1", real=True)
    return (
        inequality(
            "|z_j| = |(1+β)r_j − βr_{j−1}| ≤ 3jτʲ for j ≥ 1, P standing for τʲ⁻¹; and z₀ = 1.",
            sp.Le(sp.Abs((1 + beta) * r1 - beta * r0), 3 * j * P * tau),
            [*UNIT, sp.Ge(j, 1), sp.Le(sp.Abs(r1), now), sp.Le(sp.Abs(r0), before)],
        ),
    )


def sensitivity_repaired(statement: Statement) -> tuple[Step, ...]:
    """The derivative in the step size, by superposition; then the mean value theorem between s and t."""
    shared = between(statement)
    one = Statement(statement.relation, tuple(h for h in shared if c0 not in h.relation.free_symbols))
    sv, lam, muv = sp.symbols("s lambda mu", positive=True)
    b = (1 - sp.sqrt(muv * sv)) / (1 + sp.sqrt(muv * sv))
    R, Rm = sp.Function("R")(sv), sp.Function("R_m")(sv)
    after = (1 - sv * lam) * ((1 + b) * R - b * Rm)
    split = (
        (1 - sv * lam) * ((1 + b) * R.diff(sv) - b * Rm.diff(sv))
        - lam * ((1 + b) * R - b * Rm)
        + (1 - sv * lam) * b.diff(sv) * (R - Rm)
    )
    r0, r1, zj = sp.symbols("r_0 r_1 z_j", real=True)
    slope = u / (1 + u) ** 2
    V, V0, P0, lam_r = sp.symbols("v v_0 P_0 lambda", nonnegative=True)
    bound = abstract_power(statement.coefficient(START, STEP_GAP), tau0, P0, shift=1).subs(sp.sqrt(mu / c0), V0)
    derivative = (lam_r * k + (k - 1) * k * (k + 1) / 6 * (3 * lam_r + 2 * V)) * P
    step = sp.Symbol("r", positive=True)
    return (
        spectral_reduction(),
        *residual_bound(one),
        *extrapolated_residual(),
        identity(
            "Differentiating the recursion in s: r′_{k+1} = h((1+β)r′_k − βr′_{k−1}) + e_k with "
            "e_k = −λz_k + hβ′(r_k − r_{k−1}); e₀ = −λ.",
            after.diff(sv),
            split,
        ),
        identity(
            "|β′(s)| = √(μ/s)/(1+u)², which is u/(1+u)² in units of 1/s.",
            -b.diff(sv) * sv,
            sp.sqrt(muv * sv) / (1 + sp.sqrt(muv * sv)) ** 2,
        ),
        superposition(),
        inequality(
            "|e_j| ≤ (3x + 2u) jτʲ for j ≥ 1, P standing for τʲ⁻¹.",
            sp.Le(sp.Abs(-x * zj + h * slope * (r1 - r0)), (3 * x + 2 * u) * j * P * tau),
            [
                *UNIT,
                *(sp.Ge(j, 1), sp.Ge(x, 0), sp.Le(sp.Abs(h), 1 - u**2), sp.Le(sp.Abs(zj), 3 * j * P * tau)),
                *(sp.Le(sp.Abs(r1), P * tau * (1 + j * u)), sp.Le(sp.Abs(r0), P * (1 + (j - 1) * u))),
            ],
        ),
        _convolution(),
        inequality(
            "√(μ/r) ≤ √(μ/c₀) and 1 − √(μr) ≤ 1 − √(μc₀) for c₀ ≤ r: the bound is largest at c₀.",
            sp.And(sp.Le(sp.sqrt(mu / step), sp.sqrt(mu / c0)), sp.Le(sp.sqrt(mu * c0), sp.sqrt(mu * step))),
            [h.relation.subs(s, step) for h in shared],
        ),
        inequality(
            "|∂r_k/∂s| ≤ (kλ + (k−1)k(k+1)/6 · (3λ + 2√(μ/r))) τᵏ⁻¹ is at most the bound, P₀ standing for "
            "(1−√(μc₀))ᵏ⁻¹.",
            sp.Le(derivative, bound),
            [*POWERS, sp.Ge(k, 1), sp.Le(lam_r, L), sp.Le(V, V0), sp.Le(P, P0)],
        ),
    )


def _convolution() -> Step:
    kk, ii = sp.symbols("k i", integer=True, positive=True)
    total = sp.summation((ii + 1) * (kk - 1 - ii), (ii, 0, kk - 2))
    return identity("Σ_{i+j=k−1, j≥1} (i+1) j = (k−1)k(k+1)/6.", total, (kk - 1) * kk * (kk + 1) / 6)


def perturbation_recursion() -> Step:
    """The difference of the iterates of two problems, driven by the second one's extrapolated point."""
    names = "Q1 Q2 x1 x2 w1 w2 b1 b2"
    Q1, Q2, x1, x2, w1, w2, b1, b2 = sp.symbols(names, commutative=False)
    b, sv = sp.symbols("beta s")
    y1, y2 = (1 + b) * x1 - b * w1, (1 + b) * x2 - b * w2
    d, e = x1 - x2, w1 - w2
    gap = (1 + b) * d - b * e
    left = (y1 - sv * (Q1 * y1 + b1)) - (y2 - sv * (Q2 * y2 + b2))
    right = gap - sv * Q1 * gap - sv * ((Q1 - Q2) * y2 + (b1 - b2))
    return identity(
        "δ_{k+1} = (I − sQ₁)((1+β)δ_k − βδ_{k−1}) + e_k with e_k = −s((Q₁ − Q₂)y_{k,2} + b₁ − b₂); y₀ = 0.",
        sp.expand(left),
        sp.expand(right),
    )


def _geometric() -> Step:
    F = (1 - P * (1 + (k - 1) * u)) / u**2
    return identity(
        "Σ_{i<k−1} (i+1)τⁱ = (1 − τᵏ⁻¹(1+(k−1)u))/u²: both vanish at k = 1 and grow by kτᵏ⁻¹, P standing for τᵏ⁻¹.",
        (1 - P * tau * (1 + k * u)) / u**2 - F,
        k * P,
    )


def stability(statement: Statement) -> tuple[Step, ...]:
    """R Thm A.5 by superposition; serves the printed bound and the sharper one."""
    one = Statement(statement.relation, tuple(h for h in statement.hypotheses if h != K_POSITIVE))
    sums = (1 - P * (1 + (k - 1) * u)) / u**2
    q_part = sums + (k - 1) * k * (k + 1) * P / 2
    b_part = (1 - P * tau * (1 + k * u)) / u**2
    q_bound, b_bound = (abstract_power(normal(statement.coefficient(*q)), tau, P, shift=1) for q in ((M, DQ), (DB,)))
    given = [sp.Gt(u, 0), sp.Le(u, 1), *POWERS, sp.Ge(k, 1)]
    return (
        spectral_reduction(),
        *residual_bound(one),
        *extrapolated_residual(),
        perturbation_recursion(),
        superposition(),
        inequality("‖y_{j,2}‖ ≤ (1 + |z_j|)‖x*₂‖.", sp.Le(sp.Abs(1 - A), 1 + E), [sp.Le(sp.Abs(A), E)]),
        _geometric(),
        _convolution(),
        inequality(
            "s Σ (i+1)τⁱ(1 + 3jτʲ) over i + j = k − 1, j ≥ 1, is at most the coefficient of M‖Q₁ − Q₂‖.",
            sp.Le(q_part, q_bound),
            given,
        ),
        inequality("s Σ_{i<k} (i+1)τⁱ is at most the coefficient of ‖b₁ − b₂‖.", sp.Le(b_part, b_bound), given),
    )
