"""Proofs about the shape of the printed bound: its elasticity in Cvg, the window of the product, the hump."""

from __future__ import annotations

import sympy as sp

from duality.hybrid.proofs.generalization import in_roots
from duality.hybrid.proofs.onenet import w, y
from duality.hybrid.rates import generalization as rates
from duality.hybrid.rates import regimes
from duality.hybrid.rates.generalization import CVG, B, L, M, sigma_b
from duality.ledger.claim import Statement, Step
from duality.ledger.prove import identity, inequality

v, s, elasticity = sp.symbols("v s eta", nonnegative=True)  # v^2 = r_q, s the root in the bracket
one, two, three = sp.symbols("C_1 C_2 C_3", nonnegative=True)
u, moved = sp.symbols("u p", nonnegative=True)  # u = sqrt(r) + M Cvg, p = M Cvg


def _elasticity() -> tuple[Step, ...]:
    """The elasticity of the bracket in Cvg, by differentiation of the printed expression."""
    bracket = rates.NAMED_BRACKET
    direct = sp.diff(sp.log(bracket), CVG) * CVG
    root = sp.sqrt((sp.sqrt(rates.r) + M * CVG) ** 2 * rates.C1_SYMBOL + rates.C2_SYMBOL)
    parts = rates.C1_SYMBOL * (sp.sqrt(rates.r) + M * CVG) * M * CVG
    return (
        identity(
            "The elasticity in Cvg is η = C₁ u M Cvg / (s (s + C₃ + 4)), with u = √r + M Cvg and s the root.",
            direct,
            parts / (root * (root + rates.C3_SYMBOL + 4)),
        ),
        inequality(
            "C₁ u M Cvg ≤ C₁u² = 216 r_q Λ.",
            sp.Le(one * u * moved, one * u**2),
            [sp.Le(moved, u)],
        ),
    )


def _coefficient(statement: Statement) -> Step:
    """C_1 u^2 = 216 r_q Lambda, from the level hypothesis of the statement."""
    level = statement.hypothesis("level")
    value = rates.RQ if level is None else level.relation.args[1]
    return identity(
        "C₁u² = 216 r_q Λ by the definition of r_q.",
        rates.C1 * (sp.sqrt(rates.r) + M * CVG) ** 2,
        216 * value * rates.Lam,
    )


def over(statement: Statement) -> tuple[Step, ...]:
    """The elasticity is at most C_1 u^2 over the terms of the bracket that are of order Lambda."""
    bound = in_roots(statement.rhs).subs(rates.RQ, v**2)
    x = 360 * w * B * y**2
    e = sp.Symbol("e", nonnegative=True)
    c2 = in_roots(rates.C2).subs({sp.exp(-rates.t): e, rates.t: sp.Symbol("t", nonnegative=True)})
    c3 = in_roots(rates.C3).subs(sp.exp(-rates.t), e)
    square = sp.Symbol("X", positive=True)
    return (
        *_elasticity(),
        _coefficient(statement),
        _above("C₂ = (360BΛ/√n)² and nonnegative terms.", c2, x**2),
        _above("C₃ = 360BΛ/√n and nonnegative terms.", c3, x),
        inequality(
            "s ≥ x and s + C₃ + 4 ≥ 2x with x = 360BΛ/√n: the denominator is at least 2x².",
            sp.Ge(s * (s + three + 4), 2 * square**2),
            [sp.Eq(s**2, one * u**2 + two), sp.Ge(two, square**2), sp.Ge(three, square)],
        ),
        inequality(
            "So η ≤ 216 r_q Λ/(2x²), at most the right side.",
            sp.Le(elasticity, bound),
            [sp.Gt(w, 0), *_positive(statement), sp.Le(elasticity * 2 * x**2, 216 * v**2 * y**2)],
        ),
    )


def under(statement: Statement) -> tuple[Step, ...]:
    """The elasticity is at most C_1 u^2 over 4 times the root."""
    bound = in_roots(statement.rhs).subs(rates.RQ, v**2)
    return (
        *_elasticity(),
        _coefficient(statement),
        inequality(
            "s ≥ √C₁ u and s + C₃ + 4 ≥ 4.",
            sp.And(sp.Ge(s**2, one * u**2), sp.Ge(s + three + 4, 4)),
            [sp.Eq(s**2, one * u**2 + two)],
        ),
        inequality(
            "So η ≤ √C₁ u/4 = √(216 r_q Λ)/4, at most the right side.",
            sp.Le(elasticity, bound),
            [
                *(sp.Gt(v, 0), *_positive(statement)),
                *(sp.Ge(s**2, 216 * v**2 * y**2), sp.Le(elasticity * s * 4, 216 * v**2 * y**2)),
            ],
        ),
    )


def _positive(statement: Statement) -> list[sp.Basic]:
    return [sp.Gt(y, 0)] if statement.hypothesis("Lambda > 0") else []


def _above(sentence: str, whole: sp.Expr, part: sp.Expr) -> Step:
    """`whole` - `part` is a sum of nonnegative monomials."""
    rest = sp.expand(whole - part)
    claim = sp.And(*(sp.Ge(term, 0, evaluate=False) for term in sp.Add.make_args(rest)))
    return inequality(sentence, claim)


def window(statement: Statement) -> tuple[Step, ...]:
    """C_3 + 4 must fit under the part of Cvg; the arithmetic-geometric mean removes Lambda."""
    z, p, beta, radius = sp.symbols("z p beta q", positive=True)  # z = n^(-1/4), p = M Cvg, beta^2 = B, q^2 = r

    def named(expression: sp.Basic) -> sp.Basic:
        known = {M * CVG: p, rates.r: radius**2, B: beta**2, rates.n: z**-4, rates.Lam: y**2}
        return sp.powdenest(expression.subs(known), force=True)

    half = next((named(h.relation) for h in statement.hypotheses if h.name == "half"), None)
    part = sp.sqrt(216) * L**2 / sigma_b * y * p
    given, inside = [], part**2
    if half is not None:
        roots = [e for e in sp.preorder_traversal(half.args[0]) if e.is_Pow and e.exp == sp.Rational(1, 2) and e.has(p)]
        inside = roots[0].base
        given = [sp.Le(half.args[0].subs(roots[0], part), half.args[1])]
    x = 360 * z**2 * beta**2 * y**2
    return (
        inequality(
            "The inside of the root in the bracket is at least C₁ (M Cvg)², the square of the part of Cvg.",
            sp.Ge(sp.expand(inside * sigma_b**2 - part**2 * sigma_b**2), 0),
        ),
        inequality("4 + x ≥ 4√x, with x = 360BΛ/√n = s².", sp.Ge(4 + s**2, 4 * s)),
        inequality(
            "So √216 L²/σ_b √Λ M Cvg ≥ 4 + x ≥ 2 √1440 √B n^(−1/4) √Λ; divided by √Λ > 0 this is the claim.",
            named(statement.relation),
            [*given, *_positive(statement), sp.Ge(4 + x, 2 * sp.sqrt(1440) * z * beta * y)],
        ),
    )


def hump(statement: Statement) -> tuple[Step, ...]:
    """The difference of two bounds on the frontier, exactly, and when it is positive."""

    def bound(c: sp.Expr) -> sp.Expr:
        return (1 - c) / rates.mu * (regimes.A_COEFF * (M * c + sp.sqrt(rates.r)) + regimes.REST)

    values = {regimes.BOUND_NOW: bound(regimes.NOW), regimes.BOUND_NEXT: bound(regimes.NEXT)}
    difference, gap, factor = sp.symbols("D g f", real=True)
    deeper = [sp.Gt(gap, 0)] if statement.hypothesis("deeper") else []
    return (
        identity("Stab = (1 − Cvg)/μ put into both bounds.", statement.lhs.subs(values), statement.rhs.subs(values)),
        inequality(
            "c > c₊, so the sign is that of the second factor.",
            sp.And(sp.Or(difference < 0, factor >= 0), sp.Or(difference >= 0, factor < 0)),
            [sp.Eq(difference, gap * factor), *deeper],
        ),
    )


def no_lambda(n: sp.Rational, part: sp.Expr, size: sp.Expr) -> tuple[Step, ...]:
    """At n samples, bound `size` = B and Cvg-part `part` per root of Lambda, no Lambda gives half of the bracket."""
    x = 360 * size / sp.sqrt(n) * y**2
    return (
        inequality(
            "Even without the root's other terms, 4 + 360BΛ/√n stays above √C₁ M Cvg for every Λ.",
            sp.Gt(4 + x, part * y),
        ),
    )
