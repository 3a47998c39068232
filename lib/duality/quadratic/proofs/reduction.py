"""Proof steps that all bounds on quadratics share: eigenvalues instead of matrices, powers as variables."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from duality.ledger.claim import Hypothesis, Statement, Step
from duality.ledger.prove import identity, induction, inequality
from duality.quadratic.rates import STEP_GAP, k, s, t


def abstract_power(expression: sp.Expr, base: sp.Expr, power: sp.Symbol, shift: int = 0) -> sp.Expr:
    """`expression` with base**(a k + c) as power**a base**(c + a shift): `power` stands for base**(k - shift)."""

    def rewrite(exponent: sp.Expr) -> sp.Expr:
        a, c = sp.Poly(exponent, k).all_coeffs() if exponent.has(k) else (sp.Integer(0), exponent)
        return power**a * base ** (c + a * shift)

    return expression.replace(
        lambda e: isinstance(e, sp.Pow) and e.exp.has(k) and sp.expand(e.base - base) == 0,
        lambda e: rewrite(sp.expand(e.exp)),
    )


def between(statement: Statement) -> tuple[Hypothesis, ...]:
    """The hypotheses of a statement on two steps s, t as hypotheses on any one step s between the two.

    Only what both steps obey holds between them. A statement on one step keeps its hypotheses.
    """
    if STEP_GAP not in statement.rhs.free_symbols:
        return statement.hypotheses

    def at(h: Hypothesis, old: sp.Symbol) -> sp.Basic:
        return h.relation.subs(old, s)

    of_s = [h for h in statement.hypotheses if s in h.relation.free_symbols]
    of_t = [h for h in statement.hypotheses if t in h.relation.free_symbols]
    others = [h for h in statement.hypotheses if h not in of_s and h not in of_t]
    shared = [h for h in of_s if at(h, s) in [at(other, t) for other in of_t]]
    return (*others, *shared)


def spectral_reduction() -> Step:
    """Q = U Lambda U^T: one step on Q is one step on each eigenvalue, and the spectral norm ignores U."""
    U, V, Lam, D = sp.symbols("U V Lambda D", commutative=False)
    s = sp.Symbol("s")
    step = sp.expand((1 - s * U * Lam * V) * U * D * V).subs(V * U, 1)
    return identity(
        "With Q = U Λ Uᵀ and V = Uᵀ, (I − sQ) U D V = U (I − sΛ) D V: every iterate is U times a diagonal matrix "
        "times Uᵀ, and the spectral norm of such a matrix is its largest entry in absolute value.",
        step,
        sp.expand(U * (1 - s * Lam) * D * V),
    )


def residual_step() -> Step:
    """x_{k+1} - x* = (1 - s lam)(y_k - x*) on one eigenvalue, with b = -lam x*."""
    y, x_star, s, lam = sp.symbols("y x_star s lambda")
    return identity(
        "On one eigenvalue, where b = −λ x*, a gradient step from y gives y − s(λy + b) − x* = (1 − sλ)(y − x*).",
        y - s * (lam * y - lam * x_star) - x_star,
        (1 - s * lam) * (y - x_star),
    )


def power_bound(sentence: str, bound: sp.Expr, base: sp.Expr, given: Sequence[sp.Basic], factor: sp.Expr) -> Step:
    """|factor|^k <= bound(k) for all k >= 0, by induction; `bound` is a function of k and base**k."""
    E, P = sp.symbols("E P", real=True)
    now = abstract_power(bound, base, P)
    after = abstract_power(bound.subs(k, k + 1), base, P)
    return induction(
        sentence,
        [inequality("at k = 0", sp.Le(1, bound.subs(k, 0)), given)],
        [
            inequality(
                "from E = |·|^k ≤ B(k) to |·| E ≤ B(k+1), P standing for the k-th power",
                sp.Le(sp.Abs(factor) * E, after),
                [*given, sp.Ge(E, 0), sp.Ge(P, 0), sp.Le(P, 1), sp.Ge(k, 0), sp.Le(E, now)],
            )
        ],
    )
