"""Folded hybrid models: the limit of their bound, and the derivative of a layer that is folded too early."""

from __future__ import annotations

import sympy as sp

from duality.folding.rates.hybrid import STAB_LIMIT, k, q
from duality.hybrid.rates.generalization import CVG, RQ, RQ_VALUE, SENS, STAB
from duality.hybrid.rates.generalization_repaired import LOCAL_REPAIRED
from duality.ledger.claim import Statement, Step
from duality.ledger.prove import identity, induction, inequality
from duality.quadratic.proofs.reduction import abstract_power

P = sp.Symbol("P", positive=True)  # q^(k-1)


def limit_bound(statement: Statement) -> tuple[Step, ...]:
    """The right side of the repaired bound at Cvg = Sens = 0; it is continuous there."""
    bound = LOCAL_REPAIRED.rhs.subs(RQ, RQ_VALUE)
    small = sp.Symbol("epsilon", positive=True)
    near = bound.subs({CVG: small, SENS: small, STAB: STAB_LIMIT + small})
    return (
        identity(
            "At Cvg = Sens = 0 the bound is the right side.",
            bound.subs({CVG: 0, SENS: 0, STAB: STAB_LIMIT}),
            statement.rhs,
        ),
        identity(
            "It is continuous there: near these values it differs by as little as one wishes.",
            sp.limit(near, small, 0, "+"),
            statement.rhs,
        ),
    )


def early(statement: Statement) -> tuple[Step, ...]:
    """Both derivatives, their quotient, and the sign of the denominator by induction from k = 2; P is q^(k-1)."""
    s, lam, b = sp.symbols("s lambda b", positive=True)
    x = sp.Symbol("x", real=True)
    factor = sp.Symbol("q", positive=True)
    output = -(1 - factor**k) * b * s / (1 - factor)  # with lambda = (1 - q)/s
    over, under = abstract_power(statement.rhs, q, P, shift=1).as_numer_denom()
    next_under = abstract_power(statement.rhs.subs(k, k + 1), q, P, shift=1).as_numer_denom()[1]
    given = [*statement.relations, sp.Gt(P, 0), sp.Lt(P, 1)]
    true = (1 - q**k - k * (1 - q) * q ** (k - 1)) * b * s**2 / (1 - q) ** 2
    step = x - s * (lam * x + b)
    folded = sp.diff(step, lam) / (1 - sp.diff(step, x))
    at_two = statement.rhs.subs(k, 2).as_numer_denom()[1]
    return (
        identity("The derivative of x_k, by λ = (1 − q)/s.", -s * sp.diff(output, factor), true.subs(q, factor)),
        identity("The folded one at a point x is ∂U/∂λ / (1 − ∂U/∂x) = −x/λ …", folded, -x / lam),
        identity(
            "… and at x_k their quotient is the right side.",
            -output * s / (1 - factor),
            (statement.rhs * true).subs(q, factor),
        ),
        induction(
            "0 < qᵏ⁻¹ < 1 for every k ≥ 2.",
            [inequality("k = 2", sp.And(sp.Gt(q, 0), sp.Lt(q, 1)), statement.relations)],
            [inequality("one step", sp.And(sp.Gt(q * P, 0), sp.Lt(q * P, 1)), given)],
        ),
        induction(
            "Its denominator is positive for every k ≥ 2, because one step adds k(1−q)²qᵏ⁻¹.",
            [inequality("k = 2", sp.Gt(at_two, 0), statement.relations)],
            [inequality("one step", sp.Gt(next_under, 0), [*given, sp.Gt(under, 0)])],
        ),
        inequality("The numerator is larger.", sp.Gt(over, under), given),
    )
