"""The generalization gap: a cover of the box, Hoeffding's inequality on it, and the shape of the printed bound.

Used and not proved here: Hoeffding's inequality; the union bound; the volume of the ball.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from duality.ledger.claim import Statement, Step
from duality.ledger.prove import identity, induction, inequality
from duality.sparse.rates import generalization as rates
from duality.sparse.rates.generalization import B, confidence, m, p, q, width
from duality.sparse.rates.letters import N
from duality.sparse.rates.robustness import N_0

lip, lip2, r, center, t = (sp.Symbol(n, nonnegative=True) for n in ("l", "l_1", "r", "g_0", "t"))
gap = sp.Symbol("g", real=True)
L1, L2, L3 = (sp.Symbol(n, nonnegative=True) for n in ("L_1", "L_2", "L_3"))
P, Q = sp.symbols("P Q", nonnegative=True)


def printed_at(statement: Statement) -> tuple[dict[str, Any], sp.Expr, tuple[Step, ...]]:
    """m = 1, e^-C = 1/2, K = 1, T = 2, t_0 = 1: the first logarithm is 0, the second is ln(3/4)."""
    half, d, c3 = sp.Rational(1, 2), sp.Symbol("d", positive=True), sp.Symbol("c_3", positive=True)
    second = sp.Symbol("L", real=True)
    support = (
        identity("The first logarithm: √m KT e^(−CK(T−t₀)) = 2·1/2 = 1.", 1 * 2 * half**1, 1),
        identity("The argument of the second: 1 − e^(−CKT).", 1 - half**2, sp.Rational(3, 4)),
        inequality(
            "So the number under the root is c₃d ln(3/4) < 0; ln x ≤ x − 1.",
            sp.Lt(c3 * d * second, 0),
            [sp.Le(second, sp.Rational(3, 4) - 1)],
        ),
    )
    return {"m": 1, "q": half, "N": 2}, sp.Integer(1), support


def named(statement: Statement) -> sp.Expr:
    """The right side with its three logarithms as L_1, L_2, L_3 and r for sqrt(m); unknown logarithms stay."""
    logs = {sp.log(rates.OF_STEP): L1, sp.log(rates.OF_REST): L2, sp.log(1 / confidence): L3, sp.log(confidence): -L3}
    return statement.rhs.subs(logs).subs(m, r**2).subs(sp.sqrt(r**2), r)


def repaired(statement: Statement) -> tuple[Step, ...]:
    """The cover, its size, the deviation at its centres, and the way from a centre."""
    root, side = sp.Symbol("r", positive=True), sp.Symbol("a", nonnegative=True)
    letters = {rates.STEP_MOVES: lip, rates.REST_MOVES: lip2, q**N_0: P, q**N: Q}
    given = [relation.subs(letters) for relation in statement.relations]
    sizes = [e.subs({q**N_0: P, q**N: Q}).subs(m, root**2) for e in (rates.OF_STEP, rates.OF_REST)]
    count, near, near2 = sp.Symbol("n", positive=True), *sp.symbols("rho rho_1", nonnegative=True)
    right = named(statement).subs(sp.Symbol("r", nonnegative=True), root)
    return (
        inequality(
            "An interval of width W is covered by n balls of radius ρ for the whole n with n − 1 < W/(2ρ) ≤ n: fewer "
            "than 1 + W/(2ρ). With ρ = 1/(l√m) this is 1 + W l√m/2 …",
            sp.Lt(count, 1 + width * side * root / 2),
            [sp.Lt(count - 1, width / 2 * side * root)],
        ),
        inequality(
            "… at most the first size in α, whose Lipschitz constant is l …",
            sp.Le(1 + width * lip * root / 2, sizes[0]),
            given,
        ),
        inequality("… and the second in each of the p others.", sp.Le(1 + width * lip2 * root / 2, sizes[1]), given),
        inequality(
            "With ρ = 1/(l√m) in α and likewise in the others, a loss differs from that at the next centre by at most "
            "2/√m, and so does each of the two means.",
            sp.Le(lip * near + lip2 * near2, 2 / root),
            [sp.Le(lip * near * root, 1), sp.Le(lip2 * near2 * root, 1)],
        ),
        identity(
            "Hoeffding at every centre: the sum of the n probabilities e^(−2mt²/B²) is ε at the t with 2mt² = "
            "B²(L₁ + pL₂ + L₃), L₁ + pL₂ the logarithm of n and L₃ = ln(1/ε).",
            (L1 + p * L2 - 2 * m * (B**2 * (L1 + p * L2 + L3) / (2 * m)) / B**2),
            -L3,
        ),
        inequality(
            "Together the gap is at most 4/√m + t.",
            sp.Le(gap, right),
            [
                sp.Le(gap, center + 4 / root),
                sp.Le(center, t),
                sp.Eq(t, B * sp.sqrt((L1 + p * L2 + L3) / (2 * root**2))),
            ],
        ),
    )


def window(statement: Statement) -> tuple[Step, ...]:
    """The two conditions with P for e^(-CN)."""
    C, depth, c1, c2, d = rates.speed, rates.depth, rates.c1, rates.c2, rates.d
    root, power = sp.Symbol("r", positive=True), sp.Symbol("P", positive=True)

    def plain(relation: sp.Basic) -> sp.Basic:
        return relation.subs(sp.exp(-C * depth), power).subs(sp.exp(C * depth), 1 / power).subs(sp.sqrt(m), root)

    slope = c1 * (1 / depth - C) + c2 * d * C * power / (1 - power)
    decreasing = statement.hypothesis("decreasing")
    falls = [sp.Le(slope, 0)] if decreasing is not None else []
    derivative = rates.WINDOW.hypotheses[1] if decreasing is None else decreasing
    first = [plain(h.relation) for h in statement.hypotheses if h.name == "first logarithm"]
    return (
        identity(
            "The derivative of the sum under the root.",
            plain(sp.simplify(derivative.relation.args[0])),
            slope,
        ),
        inequality(
            "It is not positive, so c₂dP < c₁(1 − P) with P = e^(−CN) < 1, and P > 1/(√m N): the claim.",
            plain(statement.relation),
            [*falls, *first, sp.Lt(power, 1)],
        ),
    )


def dimension(statement: Statement) -> tuple[Step, ...]:
    """Volumes: the balls must fill the box, and the ball of dimension 2k has the volume (pi r^2)^k / k!."""
    k, W, radius = rates.half, rates.size, rates.radius
    n, F, G, e = (sp.Symbol(name, positive=True) for name in ("n", "F", "G", "e"))
    right = statement.rhs
    base = W**2 * k / (sp.pi * sp.E * radius**2)
    scale = sp.Symbol("c", positive=True)
    return (
        induction(
            "k! ≥ (k/e)^k, because (1 + 1/k)^k ≤ e; F and G stand for k! and (k/e)^k.",
            [inequality("k = 1", sp.Le(1 / e, 1), [sp.Ge(e, 2)])],
            [
                inequality(
                    "(k+1)G(1 + 1/k)^k/e", sp.Le((n + 1) * G * scale / e, (n + 1) * F), [sp.Le(G, F), sp.Le(scale, e)]
                )
            ],
        ),
        identity(
            "W^(2k) k!/(πr²)^k with k! replaced by (k/e)^k is the right side.",
            sp.powsimp(sp.expand_log(sp.log(right), force=True)),
            sp.powsimp(sp.expand_log(k * sp.log(base), force=True)),
        ),
    )
