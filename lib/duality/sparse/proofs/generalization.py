"""The generalization gap: a cover of the box, Hoeffding's inequality on it, and the shape of the printed bound.

Used and not proved here: Hoeffding's inequality; the union bound; the volume of the ball.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import sympy as sp

from duality.ledger.claim import Search, Statement, Step
from duality.ledger.prove import identity, induction, inequality
from duality.ledger.search import Axis, Domain, maximize
from duality.sparse.rates import generalization as rates
from duality.sparse.rates.generalization import B, confidence, m, p, q, width
from duality.sparse.rates.letters import K, N, T, t0
from duality.sparse.rates.robustness import N_0

lip, lip2, r, center, t = (sp.Symbol(n, nonnegative=True) for n in ("l", "l_1", "r", "g_0", "t"))
gap = sp.Symbol("g", real=True)
L1, L2, L3 = (sp.Symbol(n, nonnegative=True) for n in ("L_1", "L_2", "L_3"))
P, Q = sp.symbols("P Q", nonnegative=True)


def printed_at(statement: Statement) -> tuple[dict[str, Any], sp.Expr, tuple[Step, ...]]:
    """m = 1 and KT e^(-CK(T - t_0)) = 1, for every K, T and t_0; the point shown is K = 50, T = 3, t_0 = 1."""
    whole, after, c3 = (sp.Symbol(name, positive=True) for name in ("N", "N_0", "c"))  # KT, K(T - t_0), c_3 d
    left, second = sp.Symbol("E", positive=True), sp.Symbol("L", real=True)
    family = {m: 1, q: whole ** (-1 / after)}

    def on(expression: sp.Expr) -> sp.Expr:
        return expression.subs({K * (T - t0): after, K * T: whole}).subs(family)

    first = next((h.relation.lhs for h in statement.hypotheses if h.name == "first logarithm 0"), rates.SECOND)
    support = (
        identity("m = 1, e^(−C) = (KT)^(−1/(K(T − t₀))): the first logarithm is that of 1.", on(first), 1),
        identity("The second: 1 − E, E = (KT)^(−T/(T − t₀)).", on(statement.rhs), 1 - whole ** (-whole / after)),
        inequality(
            "ln x ≤ x − 1, so with the first at 0 the number under the root is c₃d ln(1 − E) < 0.",
            sp.Lt(c3 * second, 0),
            [sp.Le(second, (1 - left) - 1), sp.Lt(left, 1)],
        ),
        inequality(
            "For m = 1 the second argument is below 1 at every depth; P stands for e^(−CKT).",
            sp.Lt(statement.rhs.subs(q ** (K * T), Q).subs(m, 1), 1),
            [sp.Gt(Q, 0)],
        ),
    )
    at = {"m": 1, "K": 50, "T": 3, "t_0": 1, "q": sp.Integer(150) ** sp.Rational(-1, 100)}
    return at, sp.Integer(1), support


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
            "The squared error, at most B at both parameters, moves by at most 2√B times the output; r stands for √B.",
            sp.Le(sp.Abs(near**2 - near2**2), 2 * root * sp.Abs(near - near2)),
            [sp.Le(near, root), sp.Le(near2, root)],
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


# loss 0 or 1 of a problem drawn from {1, ..., 2m}; along one parameter every subset is the set of ones once, in between
# the loss is linear: some parameter is wrong on all problems but those of the training set
_PROBLEMS = 100
_ALL = {"m": _PROBLEMS, "N": 0, "N_0": 0, "q": sp.Rational(1, 2), "c_1": 1, "c_2": 1, "W": 1, "B": 1, "p": 1}
_ALL |= {confidence.name: sp.exp(-1), rates.STEP_MOVES.name: 0, rates.REST_MOVES.name: 0}
_SUBSETS = sp.Integer(2) ** (2 * _PROBLEMS)
REPAIRED_ABLATIONS = {
    "convergence": (_ALL | {rates.STEP_MOVES.name: _SUBSETS}, sp.Rational(1, 2)),
    "stability": (_ALL | {rates.REST_MOVES.name: _SUBSETS}, sp.Rational(1, 2)),
}


def window(statement: Statement) -> tuple[Step, ...]:
    """The derivative with P for e^(-CN)."""
    C, depth = rates.speed, rates.depth
    root, power, more = (sp.Symbol(name, positive=True) for name in ("r", "P", "r_1"))

    def plain(relation: sp.Basic) -> sp.Basic:
        return relation.subs(sp.exp(-C * depth), power).subs(sp.exp(C * depth), 1 / power).subs(sp.sqrt(m), root)

    falls = [plain(relation) for relation in statement.relations]
    return (
        identity("The derivative of the sum under the root.", sp.diff(rates.RADICAND, depth), rates.SLOPE),
        inequality(
            "It is not positive, so c₂dP < c₁(1 − P) with P = e^(−CN) < 1: the claim.",
            plain(statement.relation),
            [*falls, sp.Lt(power, 1)],
        ),
        inequality(
            "Where the first logarithm is 0 the second is alone, and that rises: no fall there …",
            sp.Gt(plain(sp.diff(sp.log(1 - sp.exp(-C * depth)), depth)), 0),
            [sp.Lt(power, 1)],
        ),
        inequality(
            "… and where it is positive for m problems it is so for more of them; r stands for √m.",
            sp.Gt(more * depth * power, 1),
            [sp.Gt(root * depth * power, 1), sp.Ge(more, root)],
        ),
    )


def window_point(exponent: Any, share: Any) -> dict[str, Any]:
    """CN at N = 1, and the part `share` of the largest c_2 d/c_1 for which the sum falls there."""
    largest = (1 - 1 / exponent) * (math.exp(exponent) - 1)
    return {"C": exponent, "N": 1, "d": 1, "c_1": 1, "c_2": share * largest}


def window_search(statement: Statement) -> Search:
    """How close c_2 d/c_1 comes to the limit of the statement."""
    letters = sorted(rates.WINDOW.relation.free_symbols, key=str)
    left, right = (sp.lambdify(letters, side, "math") for side in statement.relation.args)

    def ratio(at: Mapping[str, Any]) -> float:
        values = [at[letter.name] for letter in letters]
        return float(left(*values) / right(*values))

    domain = Domain((Axis("exponent", 1.01, 300), Axis("share", 0, 1)), window_point)
    return maximize("Largest left side / right side over CN ≤ 300 and the c₂d/c₁ with a fall.", ratio, domain)[0]


WINDOW_ABLATIONS = {"falls": ({"C": sp.log(2), "N": 1, "d": 3, "c_1": 1, "c_2": 1}, 4)}


def dimension(statement: Statement) -> tuple[Step, ...]:
    """Volumes: the balls must fill the box, and the ball of dimension 2k has the volume (pi r^2)^k / k!."""
    k, W, radius = rates.half, rates.size, rates.radius
    n, F, G, e = (sp.Symbol(name, positive=True) for name in ("n", "F", "G", "e"))
    box, ball, balls = (sp.Symbol(name, positive=True) for name in ("V", "b", "n_0"))  # W^(2k), (pi r^2)^k
    right = statement.rhs
    base = W**2 * k / (sp.pi * sp.E * radius**2)
    scale = sp.Symbol("c", positive=True)
    covers = statement.relation.subs(rates.COVER, balls)
    share = sp.simplify(sp.powsimp(sp.expand_power_base(covers.rhs / base**k, force=True)))
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
        inequality(
            "The balls of a cover fill the box: 𝒩·(πr²)^k/k! ≥ W^(2k), so 𝒩 ≥ W^(2k)(k/e)^k/(πr²)^k.",
            sp.Ge(covers.lhs, share * box * G / ball),
            [sp.Ge(balls * ball / F, box), sp.Le(G, F)],
        ),
        identity(
            "This is the right side.",
            sp.powsimp(sp.expand_log(sp.log(right), force=True)),
            sp.powsimp(sp.expand_log(k * sp.log(base), force=True)),
        ),
    )
