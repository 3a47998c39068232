"""Proofs of R Lemma 4.1 line by line, of its version for unbounded b, and of what no model can improve on."""

from __future__ import annotations

import sympy as sp

from duality.hybrid.proofs.means import (
    EIGENVALUES,
    converged,
    error,
    gap,
    inverse,
    jensen,
    lam,
    length_of_minimizers,
    loss,
    moment,
    nu,
    opt,
    root_d,
    second_moment,
    signs,
    triangle,
)
from duality.hybrid.rates.approximation import (
    CVG,
    LOSS,
    MEAN_B,
    OPT,
    Q_ERROR,
    RATIO,
    WORST_LOSS,
    WORST_Q_ERROR,
    d,
    sigma_b,
)
from duality.ledger.claim import Statement, Step
from duality.ledger.prove import identity, inequality
from duality.quadratic.rates import L, M, mu

q = sp.Symbol("q", nonnegative=True)


def inverse_from_above(statement: Statement) -> tuple[Step, ...]:
    """R eq. 34-39: E‖(Q_theta^{-1} - Q*^{-1}) b‖ given x is at most sigma_b / mu^2 times ‖Q_theta - Q*‖_F."""
    return (
        *second_moment(statement),
        inequality(
            "Entry by entry |1/λ − 1/ν| ≤ |λ − ν|/μ², so ‖Q_θ⁻¹ − Q*⁻¹‖_F ≤ ‖Q_θ − Q*‖_F/μ² (eq. 38).",
            sp.Le(sp.Abs(1 / lam - 1 / nu), sp.Abs(lam - nu) / mu**2),
            [*statement.relations, *EIGENVALUES],
        ),
        jensen(),
        inequality(
            "So g = E[‖Q_θ⁻¹b − Q*⁻¹b‖ | x] ≤ σ_b q/μ² with q = ‖Q_θ − Q*‖_F (eq. 39).",
            sp.Le(gap, sigma_b * q / mu**2),
            [
                *(*signs(statement), sp.Le(gap**2, moment), sp.Eq(moment, sigma_b**2 * inverse**2)),
                sp.Le(inverse, q / mu**2),
            ],
        ),
    )


def printed(statement: Statement) -> tuple[Step, ...]:
    """R Lemma 4.1, eq. 30-42."""
    return (
        triangle("ℓ ≤ e + g, through the point Opt(Q_θ, b): the triangle inequality, by Cauchy–Schwarz (eq. 30, 31)."),
        converged(statement),
        *inverse_from_above(statement),
        inequality(
            "Collect the means over x and b, with o ≤ M (eq. 33): the bound (eq. 40).",
            statement.relation.subs({LOSS: loss, Q_ERROR: q}),
            [
                *(*statement.relations, sp.Ge(RATIO, 0), sp.Le(opt, OPT)),
                *(sp.Le(loss, error + gap), sp.Le(error, CVG * opt), sp.Le(gap, sigma_b * q / mu**2)),
            ],
        ),
        *extremes(statement),
    )


def extremes(statement: Statement) -> tuple[Step, ...]:
    """R eq. 41, 42: first term in theta and Q* alone, second one in phi alone, so the infima separate."""
    of_module, of_algorithm = statement.coefficient(Q_ERROR), statement.coefficient(M, CVG)
    top, best, slack = sp.symbols("S C delta", nonnegative=True)
    return (
        identity(
            "The right side is a multiple of P‖Q_θ − Q*‖_F plus a multiple of M·Cvg.",
            statement.rhs,
            of_module * Q_ERROR + of_algorithm * M * CVG,
        ),
        inequality(
            "Take θ with sup P‖Q_θ − Q*‖_F ≤ S + δ and φ with Cvg ≤ C + δ, S and C the infima: for every Q* the loss "
            "is at most the bound at (S, C) plus a multiple of δ, and δ is any positive number (eq. 41, 42).",
            sp.Le(loss, of_module * top + of_algorithm * M * best + (of_module + of_algorithm * M) * slack),
            [
                *(*signs(statement), sp.Ge(M, 0), sp.Le(q, top + slack), sp.Le(CVG, best + slack)),
                sp.Le(loss, of_module * q + of_algorithm * M * CVG),
            ],
        ),
    )


def sharp(statement: Statement) -> tuple[Step, ...]:
    """Lemma 4.1 with sigma_b sqrt(d) / mu in place of M."""
    return (
        triangle("ℓ ≤ e + g, as in eq. 31."),
        converged(statement),
        *inverse_from_above(statement),
        *length_of_minimizers(statement),
        inequality(
            "Collect the means, l, e, o, g and q now standing for means over x and b.",
            statement.relation.subs({LOSS: loss, Q_ERROR: q, sp.sqrt(d): root_d}),
            [
                *(*statement.relations, sp.Ge(RATIO, 0), sp.Le(opt, sigma_b * root_d / mu)),
                *(sp.Le(loss, error + gap), sp.Le(error, CVG * opt), sp.Le(gap, sigma_b * q / mu**2)),
            ],
        ),
    )


def floor(statement: Statement) -> tuple[Step, ...]:
    """No model answers well for Q* = mu I and for Q* = L I at once."""
    f, b = sp.symbols("f b", real=True)
    return (
        identity(
            "For any output f the two labels −b/μ and −b/L give (f + b/μ) − (f + b/L) = (1/μ − 1/L)b.",
            (f + b / mu) - (f + b / L),
            (1 / mu - 1 / L) * b,
        ),
        inequality(
            "So the two losses add up to at least (1/μ − 1/L)‖b‖ (triangle inequality), in the mean as well, and the "
            "supremum over Q* is at least each of them.",
            statement.relation,
            [
                *(*statement.relations, sp.Ge(error + gap, (1 / mu - 1 / L) * MEAN_B)),
                *(sp.Ge(WORST_LOSS, error), sp.Ge(WORST_LOSS, gap)),
            ],
        ),
        inequality(
            "Attained in the limit of exact layers: with ρ = (1/μ + 1/L)/2 for the inverse of a constant energy, every "
            "eigenvalue ν of Q* has |ρ − 1/ν| at most the factor in the bound.",
            sp.Le(sp.Abs((1 / mu + 1 / L) / 2 - 1 / nu), statement.coefficient(MEAN_B)),
            [*statement.relations, sp.Le(mu, nu), sp.Le(nu, L)],
        ),
    )


def module_floor(statement: Statement) -> tuple[Step, ...]:
    """Whatever Q_theta(x) is, some Q*(x) with the same eigenvectors is far from it."""
    square = sp.Symbol("F", nonnegative=True)
    return (
        inequality(
            "Every eigenvalue λ of Q_θ(x) is at least (L − μ)/2 away from μ or from L.",
            sp.Ge(sp.Max(sp.Abs(lam - mu), sp.Abs(lam - L)), (L - mu) / 2),
            [*statement.relations, sp.Le(mu, lam), sp.Le(lam, L)],
        ),
        inequality(
            "Let Q*(x) have the eigenvectors of Q_θ(x) and in each the farther of μ and L (a function of Q_θ(x), so "
            "measurable): ‖Q_θ − Q*‖_F² ≥ d(L − μ)²/4 at every x, r standing for √d.",
            statement.relation.subs(sp.sqrt(d), root_d),
            [
                *(*statement.relations, sp.Ge(square, root_d**2 * ((L - mu) / 2) ** 2)),
                *(sp.Ge(WORST_Q_ERROR, 0), sp.Ge(WORST_Q_ERROR**2, square)),
            ],
        ),
        inequality(
            "Attained by the constant (μ + L)/2: d(ν − (μ + L)/2)² is at most the squared bound, ν any eigenvalue.",
            sp.Le(root_d**2 * (nu - (mu + L) / 2) ** 2, statement.rhs.subs(sp.sqrt(d), root_d) ** 2),
            [*statement.relations, sp.Le(mu, nu), sp.Le(nu, L)],
        ),
    )
