"""Proofs of R Lemma 4.2 line by line, of its version for unbounded b, and of the exact worst case behind it."""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from duality.hybrid.proofs.means import (
    EIGENVALUES,
    converged,
    error,
    frobenius,
    jensen,
    lam,
    length_of_minimizers,
    loss,
    nu,
    opt,
    root_d,
    second_moment,
    signs,
    triangle,
)
from duality.hybrid.rates.approximation import CVG, OPT, Q_ERROR_SQUARE, RATIO, RMS_LOSS, RMS_Q_ERROR, d, eps, sigma_b
from duality.hybrid.rates.representation import CVG_OF, METHODS, STEPS, WORST_CASE, WORST_OF
from duality.ledger.claim import Statement, Step
from duality.ledger.prove import identity, inequality
from duality.quadratic.proofs import tradeoff
from duality.quadratic.rates import L, M, mu

squares, mean_square = sp.symbols("W p_2", nonnegative=True)
MINKOWSKI = "In square means w ≤ l + e, w for √P‖Q_θ⁻¹b − Q*⁻¹b‖²: Minkowski, by Cauchy–Schwarz."


def energy_from_inverse(statement: Statement) -> tuple[Step, ...]:
    """R eq. 46-50: what the inverses say about the energies, by the other end of the spectrum."""
    return (
        *second_moment(statement),
        inequality(
            "Entry by entry |λ − ν| ≤ L²|1/λ − 1/ν|, so ‖Q_θ − Q*‖_F ≤ L²‖Q_θ⁻¹ − Q*⁻¹‖_F (eq. 47 to 49).",
            sp.Le(sp.Abs(lam - nu), L**2 * sp.Abs(1 / lam - 1 / nu)),
            [*statement.relations, *EIGENVALUES],
        ),
        inequality(
            "So P‖Q_θ − Q*‖_F² ≤ L⁴W/σ_b² with W = P‖Q_θ⁻¹b − Q*⁻¹b‖² (eq. 50).",
            sp.Le(Q_ERROR_SQUARE, L**4 * squares / sigma_b**2),
            [*signs(statement), sp.Eq(squares, sigma_b**2 * frobenius), sp.Le(Q_ERROR_SQUARE, L**4 * frobenius)],
        ),
    )


def printed(statement: Statement) -> tuple[Step, ...]:
    """R Lemma 4.2, eq. 43-54; c stands for M·Cvg."""
    total = sp.Symbol("c", nonnegative=True)
    return (
        triangle("‖Q_θ⁻¹b − Q*⁻¹b‖ ≤ ℓ + ‖Alg − Opt(Q_θ, b)‖: the triangle inequality once more (eq. 43)."),
        converged(statement),
        inequality(
            "With o ≤ M the last term is at most M·Cvg (eq. 44, 45).",
            sp.Le(error, M * CVG),
            [*statement.relations, sp.Ge(RATIO, 0), sp.Le(error, CVG * opt), sp.Le(opt, OPT)],
        ),
        *energy_from_inverse(statement),
        jensen(),
        inequality(
            "The square of eq. 45 in the mean: W ≤ Pℓ² + 2c Pℓ + c² ≤ (√Pℓ² + c)², l standing for Pℓ (eq. 51 to 54).",
            sp.Le(squares, (RMS_LOSS + total) ** 2),
            [
                *(sp.Ge(RMS_LOSS, 0), sp.Eq(RMS_LOSS**2, mean_square), sp.Le(loss**2, mean_square)),
                sp.Le(squares, mean_square + 2 * total * loss + total**2),
            ],
        ),
        inequality(
            "Together: the bound.",
            statement.relation,
            [
                *(*statement.relations, sp.Ge(RATIO, 0), sp.Ge(OPT, 0), sp.Ge(RMS_LOSS, 0)),
                sp.Le(Q_ERROR_SQUARE, L**4 * squares / sigma_b**2),
                sp.Le(squares, (RMS_LOSS + M * CVG) ** 2),
            ],
        ),
    )


def sharp(statement: Statement) -> tuple[Step, ...]:
    """Lemma 4.2 with sigma_b sqrt(d) / mu in place of M, and with the root taken."""
    total = sp.Symbol("w", nonnegative=True)
    return (
        triangle(MINKOWSKI),
        converged(statement),
        *energy_from_inverse(statement),
        *length_of_minimizers(statement),
        inequality(
            "Together, w, e and o standing for square means.",
            statement.relation.subs(sp.sqrt(d), root_d),
            [
                *(*statement.relations, sp.Ge(RATIO, 0), sp.Le(opt, sigma_b * root_d / mu)),
                *(sp.Ge(RMS_Q_ERROR, 0), sp.Le(RMS_Q_ERROR, L**2 * total / sigma_b)),
                *(sp.Le(total, RMS_LOSS + error), sp.Le(error, CVG * opt)),
            ],
        ),
    )


def residual_at_mu(statement: Statement) -> tuple[Step, ...]:
    """Inside the printed step ranges Cvg(k) = r_k(mu) >= 0, for GD and for NAG."""
    of_steps = [h for h in statement.hypotheses if h in STEPS]
    gd, nag = (
        Statement(statement.relation, tuple(h for h in of_steps if not h.name.startswith(other)))
        for other in ("NAG:", "GD:")
    )
    return (*tradeoff.gradient_descent(gd), *tradeoff.nesterov(nag))


def exact_pair(statement: Statement) -> tuple[Step, ...]:
    """The bound through Minkowski is attained by Q_theta = mu I and Q* = nu I; rho stands for Cvg = r_k(mu)."""
    total, level = sp.Symbol("w", nonnegative=True), sp.Symbol("epsilon", nonnegative=True)
    residual = sp.Symbol("rho", real=True)
    plain = {sp.sqrt(d): root_d, CVG: residual, eps: level}
    value, given = statement.rhs.subs(plain), [r.subs(plain) for r in statement.relations]
    solution = (1 - residual) / mu  # g_k(mu)
    star = solution - level / (sigma_b * root_d)  # 1/nu
    return (
        triangle(MINKOWSKI),
        inequality(
            "From above: e ≤ Cvg·o and o ≤ σ_b√d/μ as in the lemma, so w is at most the stated value, ρ = Cvg.",
            sp.Le(total, value),
            [
                *(*given, sp.Ge(residual, 0), sp.Le(total, loss + error), sp.Le(loss, level)),
                *(sp.Le(error, residual * opt), sp.Le(opt, sigma_b * root_d / mu)),
            ],
        ),
        inequality(
            "From below: Q_θ = μI and Q* = νI with 1/ν = g_k(μ) − ε/(σ_b√d), which lies in the class …",
            sp.And(sp.Le(1 / L, star), sp.Le(star, 1 / mu)),
            [*given, sp.Ge(residual, 0), sp.Le(residual, 1)],
        ),
        identity("… have the loss σ_b√d|g_k(μ) − 1/ν| = ε …", sigma_b * root_d * (solution - star), level),
        identity("… and the distance σ_b√d(1/μ − 1/ν), the stated value.", sigma_b * root_d * (1 / mu - star), value),
    )


def worst_case(statement: Statement) -> tuple[Step, ...]:
    """The exact worst case for one algorithm whose worst residual is r_k(mu)."""
    return (*residual_at_mu(statement), *exact_pair(statement))


def order(statement: Statement) -> tuple[Step, ...]:
    """The exact worst cases of GD and NAG, and their difference."""
    steps = list(residual_at_mu(statement))
    for method in METHODS:
        own = tuple(
            replace(h, relation=h.relation.subs(CVG_OF[method], CVG))
            for h in statement.hypotheses
            if not h.relation.has(*(CVG_OF[other] for other in METHODS if other != method))
        )
        steps += exact_pair(replace(WORST_CASE, hypotheses=own))
    worst = {WORST_OF[m]: WORST_CASE.rhs.subs(CVG, CVG_OF[m]) for m in METHODS}
    return (
        *steps,
        identity("Subtract the two worst cases.", statement.lhs.subs(worst), statement.rhs),
        *tradeoff.common_step(),
    )
