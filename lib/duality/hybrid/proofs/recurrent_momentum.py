"""NAG passes through the minimizer: at every step size some iterate is x* while the next one is not."""

from __future__ import annotations

import sympy as sp

from duality.hybrid.proofs.recurrent_represents import in_every_dimension
from duality.hybrid.rates import recurrent as rates
from duality.hybrid.rates.recurrent import L, mu, s
from duality.ledger.claim import Statement, Step
from duality.ledger.prove import induction, inequality
from duality.quadratic.methods import nag_momentum

u = sp.Symbol("u", positive=True)
h, lam = sp.symbols("h lambda", real=True)
ratio, first, now, before, error = sp.symbols("rho rho_1 r_k r_k-1 e", real=True)
BETA = nag_momentum(u)
TRACE, DET = (1 + BETA) * h, BETA * h  # r_{k+1} = TRACE r_k - DET r_{k-1} on one eigenvalue, h = 1 - s lambda


def passes(statement: Statement) -> tuple[Step, ...]:
    """An eigenvalue whose residual polynomial vanishes at some k, with momentum left."""
    spectrum = [relation.subs(s, u**2 / mu) for relation in statement.relations]
    inside = [*spectrum, sp.Gt(h, 0), sp.Lt(h, 1 - u**2)]
    chosen = sp.Min(L, (mu + mu / u**2) / 2)  # an eigenvalue above mu, at most L, below 1/s
    return (
        inequality(
            "With u = √(μs) < 1: the eigenvalue λ₀ = min(L, (μ + 1/s)/2) is in (μ, L] and h = 1 − sλ₀ in (0, 1 − u²).",
            sp.And(
                sp.Lt(mu, chosen),
                sp.Le(chosen, L),
                sp.Gt(1 - u**2 / mu * chosen, 0),
                sp.Lt(1 - u**2 / mu * chosen, 1 - u**2),
            ),
            spectrum,
        ),
        inequality(
            "There r_{k+1} = (1+β)h r_k − βh r_{k−1} has complex roots: ((1+β)h)² < 4βh.",
            sp.Lt(TRACE**2, 4 * DET),
            inside,
        ),
        inequality(
            "So residuals of one sign cannot go on: as long as they are positive, ρ_k = r_{k+1}/r_k falls in every "
            "step by at least (βh − ((1+β)h/2)²)/ρ₁ > 0, and some r_k(λ₀) ≤ 0.",
            sp.And(
                sp.Le(TRACE - DET / ratio, ratio - (DET - TRACE**2 / 4) / first),
                sp.Gt((DET - TRACE**2 / 4) / first, 0),
            ),
            [*inside, sp.Gt(ratio, 0), sp.Ge(first, ratio)],
        ),
        induction(
            "At λ = μ all residuals are positive, r_{k+1} ≥ τ r_k > 0 with τ = 1 − u; so by the intermediate value "
            "theorem r_k(λ) = 0 for some λ in (μ, λ₀], and y_k = x*.",
            [inequality("r₀ = 1, r₁ = 1 − u²", sp.And(sp.Gt(1 - u**2, 0), sp.Ge(1 - u**2, 1 - u)), spectrum)],
            [
                inequality(
                    "one step",
                    sp.And(
                        sp.Gt((1 - u**2) * ((1 + BETA) * now - BETA * before), 0),
                        sp.Ge((1 - u**2) * ((1 + BETA) * now - BETA * before), (1 - u) * now),
                    ),
                    [*spectrum, sp.Gt(before, 0), sp.Ge(now, (1 - u) * before)],
                )
            ],
        ),
        inequality(
            "Two residuals in a row cannot vanish: the recursion would take the zeros back to r₀ = 1.",
            sp.Eq(before, 0),
            [*inside, sp.Eq(now, 0), sp.Eq(TRACE * now - DET * before, 0)],
        ),
        inequality(
            "With β > 0 and h > 0: after r_k = 0 ≠ r_{k−1} comes r_{k+1} = −βh r_{k−1} ≠ 0, and ‖y_{k+1} − x*‖ = "
            "|r_{k+1}|‖x*‖.",
            statement.relation.subs(rates.PASSES, error),
            [*inside, sp.Ne(before, 0), sp.Eq(now, 0), sp.Eq(error, abs(TRACE * now - DET * before))],
        ),
        in_every_dimension(),
    )
