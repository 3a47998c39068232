"""The printed proofs of the statements that fail, replayed until they break.

The steps that hold are shown as such; the first one that does not is the broken step of the ledger row.
"""

from __future__ import annotations

import sympy as sp

from duality.ledger.claim import Statement, Step
from duality.ledger.prove import identity, inequality
from duality.quadratic.proofs.nag import POWERS, A, P, block_reduction, impulse_response, tau, u
from duality.quadratic.rates import c0, k, mu, s

UNIT = [sp.Gt(u, 0), sp.Le(u, 1), *POWERS]


def broken(steps: tuple[Step, ...]) -> str:
    """The sentences of the steps that do not hold. Raises `ValueError` if all hold."""
    failing = [step.sentence for step in steps if step.outcome != "holds"]
    if not failing:
        raise ValueError("no step of the replayed proof fails")
    return " ".join(failing)


def power_bound(statement: Statement) -> tuple[Step, ...]:
    """R Lemma A.1: the entries of the k-th power, bounded one by one."""
    return (
        block_reduction(),
        *impulse_response(statement),
        inequality(
            "|b_k| = |z₊z₋||a_{k−1}| ≤ kτᵏ⁺¹ ≤ (k+1)τᵏ, P standing for τᵏ⁻¹.",
            sp.Le(A * tau**2, (k + 1) * P * tau),
            [*UNIT, sp.Ge(k, 1), sp.Le(A, k * P)],
        ),
        inequality(
            "|c_k| ≤ (k+1)τᵏ for the lower left entry c_k = a_{k−1} of Tᵏ, which is only known to be at most "
            "kτᵏ⁻¹ (printed "
            "for 1 − sλ < 0; for 1 − sλ ≥ 0 the bound is quoted from another paper, and fails as well).",
            sp.Le(A, (k + 1) * P * tau),
            [*UNIT, sp.Ge(k, 1), sp.Le(A, k * P)],
        ),
    )


def fails_for_every_kappa() -> Step:
    """The printed power bound is exceeded on lam = mu for every u in (0, 1), from some k on."""
    return inequality(
        "At λ = μ the entries of Tᵏ give ‖Tᵏ‖ ≥ k(1+τ²)τᵏ⁻¹, which exceeds 2(k+1)τᵏ as soon as k(1−τ)² > 2τ: the "
        "bound "
        "fails for every condition number and every step size, P standing for τᵏ⁻¹.",
        sp.Gt(k * (1 + tau**2) * P, 2 * (k + 1) * tau * P),
        [sp.Gt(u, 0), sp.Lt(u, 1), sp.Gt(P, 0), sp.Ge(k, 1), sp.Gt(k * (1 - tau) ** 2, 2 * tau)],
    )


def sensitivity(statement: Statement) -> tuple[Step, ...]:
    """R Thm A.4: the Lipschitz constants, the residual, and theorem A.3 with its index."""
    sv, muv = sp.symbols("s mu", positive=True)
    b = (1 - sp.sqrt(muv * sv)) / (1 + sp.sqrt(muv * sv))
    R, Rm, bt, bs, tv, lamv = sp.symbols("R R_m beta_t beta_s t lambda")
    zt, zs = (1 + bt) * R - bt * Rm, (1 + bs) * R - bs * Rm
    printed = ((bt - bs) - (tv + tv * bt - sv - sv * bs) * lamv) * R - ((bt - bs) - (tv * bt - sv * bs) * lamv) * Rm
    r0, r1 = sp.symbols("r_0 r_1", real=True)
    return (
        identity("−β′(s) = √(μ/s)/(1 + √(μs))².", -b.diff(sv), sp.sqrt(muv / sv) / (1 + sp.sqrt(muv * sv)) ** 2),
        inequality(
            "so β is √(μ/c₀)-Lipschitz on [c₀, ∞), v standing for √(μs).",
            sp.Le(sp.sqrt(mu / s) / (1 + sp.sqrt(mu * s)) ** 2, sp.sqrt(mu / c0)),
            [sp.Gt(mu, 0), sp.Gt(c0, 0), sp.Le(c0, s)],
        ),
        inequality(
            "sβ_s is 1-Lipschitz while √(μs) ≤ 1: its derivative is (1 − v − v²)/(1 + v)² with v = √(μs).",
            sp.Le(sp.Abs((1 - u - u**2) / (1 + u) ** 2), 1),
            [sp.Gt(u, 0), sp.Le(u, 1)],
        ),
        identity(
            "The residual e_k is the printed combination of x_k − x* and x_{k−1} − x*.",
            (zt - tv * lamv * zt) - (zs - sv * lamv * zs),
            sp.expand(printed),
        ),
        inequality(
            "‖R_tᵏ‖‖δ₁‖ ≤ 2(k+1)τᵏ‖δ₁‖ by Lemma A.1, whose bound fails: at λ = μ the norm is at least k(1+τ²)τᵏ⁻¹.",
            sp.Le(k * (1 + tau**2) * P, 2 * (k + 1) * tau * P),
            [*UNIT, sp.Lt(u, 1), sp.Ge(k, 1)],
        ),
        inequality(
            "‖x_k − x*‖² + ‖x_{k−1} − x*‖² ≤ 8(1+k)²τ²ᵏ‖x₀ − x*‖²: Theorem A.3 with its index moved by one; at λ "
            "= μ the "
            "left side exceeds it.",
            sp.Le(r1**2 + r0**2, 8 * (1 + k) ** 2 * P**2 * tau**2),
            [
                *(*UNIT, sp.Lt(u, 1), sp.Ge(k, 1), sp.Eq(r1, P * tau * (1 + k * u)), sp.Eq(r0, P * (1 + (k - 1) * u))),
            ],
        ),
    )


def sensitivity_where_it_holds() -> Step:
    """For tau_0 >= 1/4 the repaired bound implies the printed one: the failure needs a large c_0 and a small kappa."""
    v, ell, q = sp.symbols("v y q", positive=True)
    repaired = (k * ell + (k - 1) * k * (k + 1) / 6 * (3 * ell + 2 * v)) * P
    printed = (2 * ell * (1 + k) + sp.Rational(4, 3) * k * (k + 1) * (k + 5) * (v + 2 * ell)) * P * q
    return inequality(
        "Where 1 − √(μc₀) ≥ 1/4 the repaired bound implies the printed one: it fails for large c₀ and small κ only.",
        sp.Le(repaired, printed),
        [sp.Ge(q, sp.Rational(1, 4)), sp.Le(q, 1), sp.Ge(P, 0), sp.Ge(k, 1)],
    )
