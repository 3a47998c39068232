"""Proofs of the contraction, the stable region, and the two bounds of R app. D (I)-(III), replayed step by step.

Norms enter as nonnegative numbers: that the spectral norm is submultiplicative and the Euclidean norm obeys the
triangle inequality is used throughout and not proved here.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from duality.hybrid.rates import recurrent as rates
from duality.hybrid.rates.recurrent import L, c, c_hat, c_low, c_p, c_Q, k, mu, n, v, w
from duality.ledger.claim import Statement, Step
from duality.ledger.prove import identity, induction, inequality
from duality.quadratic.proofs.reduction import abstract_power

D, x, p, P, A, Yj = sp.symbols("D x p P A Y_j", nonnegative=True)
a, z = sp.symbols("a z", real=True)


def relu(value: sp.Expr) -> sp.Expr:
    """The activation, for z3."""
    return sp.Max(value, 0)


def layers() -> tuple[Step, ...]:
    """The ReLU layers after the first pre-activation lengthen no difference beyond P = ||V|| prod ||W^l||."""
    return (
        inequality(
            "|σ(a) − σ(z)| ≤ |a − z|: a ReLU lengthens no difference.", sp.Le(abs(relu(a) - relu(z)), abs(a - z))
        ),
        induction(
            "So layers of spectral norms w₂, …, wₙ, with ReLUs between, lengthen differences by at most their product.",
            [inequality("before the first of them", sp.Le(D, 1 * x), [sp.Le(D, x)])],
            [
                inequality(
                    "one more layer of norm w, p the product so far",
                    sp.Le(w * D, w * p * x),
                    [sp.Le(D, p * x), sp.Ge(w, 0)],
                )
            ],
        ),
    )


def first_layer_of_difference() -> Step:
    """With the gradient put in, the first layer acts on a difference of iterates by W1 + W2 Q."""
    W1, W2, Q, y, q, b = sp.symbols("W1 W2 Q y q b", commutative=False)
    left = (W1 * y + W2 * (Q * y + b)) - (W1 * q + W2 * (Q * q + b))
    return identity(
        "(W₁y + W₂(Qy+b)) − (W₁y′ + W₂(Qy′+b)) = (W₁ + W₂Q)(y − y′), in this order of the product.",
        sp.expand(left),
        sp.expand((W1 + W2 * Q) * (y - q)),
    )


def contractive(statement: Statement) -> tuple[Step, ...]:
    """R app. D (I)."""
    first = sp.Symbol("N", nonnegative=True)  # ||W1 + W2 Q||
    claimed = statement.relation.subs({rates.NEXT_CHANGE: D, rates.CHANGE: x})
    given = [sp.Ge(c, 0), sp.Le(p * first, c)]
    return (
        first_layer_of_difference(),
        *layers(),
        inequality(
            "With N = ‖W₁ + W₂Q‖ and PN ≤ c_φ: the change shrinks by c_φ.",
            claimed,
            [*given, sp.Le(D, p * first * x)],
        ),
        inequality(
            "If c_φ < 1 and the last change was not zero, the next is strictly smaller; after a change of zero it is "
            "zero, so the strict sign of the main text needs y_k ≠ y_{k−1}.",
            sp.And(sp.Or(sp.Eq(x, 0), sp.Lt(D, x)), sp.Or(sp.Gt(x, 0), sp.Eq(D, 0))),
            [*statement.relations, claimed],
        ),
    )


def region_exact(statement: Statement) -> tuple[Step, ...]:
    """The supremum over Q as a maximum over one unit vector."""
    first, second, bilinear, t = (sp.Symbol(name, real=True) for name in ("X", "Z", "f", "t"))
    right = statement.rhs.subs({rates.FIRST_U: first, rates.SECOND_U: second})
    r = (L - mu) / 2
    W1, W2, R = sp.symbols("W1 W2 R", commutative=False)
    middle = (mu + L) / 2
    lengths = [*statement.relations, sp.Ge(first, 0), sp.Ge(second, 0)]
    return (
        identity(
            "Q = mI + rR with m = (μ+L)/2, r = (L−μ)/2: W₁ + W₂Q = (W₁ + mW₂) + rW₂R, and ‖R‖ ≤ 1.",
            sp.expand(W1 + W2 * (middle + r * R)),
            sp.expand((W1 + middle * W2) + r * W2 * R),
        ),
        inequality(
            "Above: uᵀ(W₁ + W₂Q)v ≤ X + r‖R‖Z for unit u, v, with X = ‖(W₁+mW₂)ᵀu‖, Z = ‖W₂ᵀu‖ (Cauchy–Schwarz).",
            sp.Le(bilinear, right),
            [*lengths, sp.Ge(t, 0), sp.Le(t, 1), sp.Le(bilinear, first + r * t * second)],
        ),
        identity(
            "Below: for unit vectors e ≠ f with eᵀf = t the reflection R = I − 2hhᵀ/‖h‖², h = e − f, has Re = f: the "
            "factor of h is 2hᵀe/‖h‖² = 2(1−t)/(2−2t) = 1.",
            2 * (1 - t) / (2 - 2 * t),
            1,
        ),
        identity(
            "It turns the unit vector along (W₁+mW₂)ᵀu into the one along W₂ᵀu, so uᵀ(W₁+W₂Q)v = X·1 + rZ·1, with "
            "R² = I: every eigenvalue of Q is m ± r, that is L or μ.",
            right,
            first + r * second,
        ),
        identity("m + r = L and m − r = μ.", (middle + r - L) ** 2 + (middle - r - mu) ** 2),
    )


def _reach(top: sp.Expr, drive: sp.Expr, given: list[sp.Basic], factor: sp.Expr) -> Step:
    return induction(
        "Eq. 76: no iterate is longer than its drive divided by 1 − c.",
        [inequality("y₀ = 0", sp.Le(0, top), given)],
        [inequality("one step", sp.Le(factor * Yj + drive, top), [*given, sp.Le(Yj, top)])],
    )


def _difference_of_two_problems() -> Step:
    W1, W2, Q, R, y, q, b, e = sp.symbols("W1 W2 Q Q' y y' b b'", commutative=False)
    left = W1 * y + W2 * (Q * y + b) - W1 * q - W2 * (R * q + e)
    return identity(
        "Two problems: the first layers differ by (W₁+W₂Q)(y−y′) + W₂(Q−Q′)y′ + W₂(b−b′).",
        sp.expand(left),
        sp.expand((W1 + W2 * Q) * (y - q) + W2 * (Q - R) * q + W2 * (b - e)),
    )


def _sum(sentence: str, bound: sp.Expr, base: sp.Expr, drive: sp.Expr, given: list[sp.Basic]) -> Step:
    """A_0 = 0 and A_{k+1} = base A_k + drive stay below `bound`, P standing for base^k; `drive` may use it."""
    now, after = (abstract_power(e, base, P) for e in (bound, bound.subs(k, k + 1)))
    return induction(
        sentence,
        [inequality("at k = 0", sp.Le(0, now.subs({k: 0, P: 1})), given)],
        [inequality("one step", sp.Le(base * A + drive, after), [*given, sp.Le(A, now)])],
    )


def stability(statement: Statement) -> tuple[Step, ...]:
    """R app. D (II): a geometric sum of two constant drives."""
    given = statement.relations
    return (
        _difference_of_two_problems(),
        *layers(),
        _reach(c_hat / (1 - c_p), c_hat, given, c_p),
        _sum(
            "The sum of ĉ‖Q−Q′‖·ĉ‖b′‖/(1−c′), each term multiplied by c_Q in every later step, is at most its "
            "coefficient; P stands for c_Qᵏ.",
            statement.coefficient(rates.B_OTHER, rates.DQ),
            c_Q,
            c_hat * c_hat / (1 - c_p),
            given,
        ),
        _sum("The same for the sum of ĉ‖b−b′‖.", statement.coefficient(rates.DB), c_Q, c_hat, given),
    )


def stability_sharp(statement: Statement) -> tuple[Step, ...]:
    """The same recursion, with the length of the iterate at step j instead of its limit."""
    given = statement.relations
    coefficient = statement.coefficient(rates.B_OTHER, rates.DQ)
    now, after = (abstract_power(e, c, P, shift=1) for e in (coefficient, coefficient.subs(k, k + 1)))
    drive = c_hat**2 * (1 - P * c) / (1 - c)
    return (
        _difference_of_two_problems(),
        *layers(),
        _sum("‖y′_k‖ ≤ ĉ‖b′‖(1 − cᵏ)/(1 − c); P stands for cᵏ.", c_hat * rates.geometric(c), c, c_hat, given),
        induction(
            "The sum of ĉ‖Q−Q′‖‖y′_j‖ stays below its coefficient; P stands for cᵏ⁻¹.",
            [inequality("at k = 1, where y′₀ = 0", sp.Le(0, coefficient.subs(k, 1)), given)],
            [
                inequality(
                    "one step",
                    sp.Le(c * A + drive, after),
                    [*given, sp.Le(A, now)],
                )
            ],
        ),
        _sum("The sum of ĉ‖b−b′‖ stays below its coefficient.", statement.coefficient(rates.DB), c, c_hat, given),
    )


def sensitivity(statement: Statement) -> tuple[Step, ...]:
    """R app. D (III), eq. 77-79, with the constant K that the print leaves open."""
    Y, H, alpha, beta, B = rates.Y_TOP, rates.H_TOP, rates.alpha, rates.beta, rates.B
    W, e, E, K = sp.symbols("W e E K_0", nonnegative=True)
    F, S, T, d, m, total = sp.symbols("F S T d m Sigma", nonnegative=True)

    def abstract(expression: sp.Expr) -> sp.Expr:
        """w^(n-1) as W (W w^(-1) for w^(n-2)), c_min^k as e."""
        return abstract_power(expression.subs(c_low**k, e).subs(n, k), w, W, shift=1).subs(k, n)

    given = [abstract_relation(h, abstract) for h in statement.relations]
    lengths = (W * H, v * W / w * H, v * W * Y, v * W * (L * Y + B))
    units = sp.symbols("x_V x_W x_1 x_2", real=True)
    weighted = [lengths[0], sp.sqrt(n - 1) * lengths[1], *lengths[2:]]
    pairs = [(i, j) for i in range(4) for j in range(i)]
    right = abstract(statement.coefficient(rates.DPHI).subs(rates.CONSTANT, K))
    return (
        first_layer_of_difference(),
        *layers(),
        _reach(Y, v * W * beta * B, [*given, sp.Ge(W, 0)], c),
        induction(
            "Eq. 79: the l-th pre-activation is at most wˡ⁻¹H long.",
            [inequality("l = 1", sp.Le(alpha * Yj + beta * B, H), [*given, sp.Le(Yj, Y)])],
            [inequality("one layer, p standing for wˡ⁻¹", sp.Le(w * F, w * p * H), [*given, sp.Le(F, p * H)])],
        ),
        induction(
            "With T = Y‖ΔW₁‖ + (LY+B)‖ΔW₂‖ and S the sum of ‖ΔWʲ‖ up to l, two cells fed with the same y differ in "
            "the l-th pre-activation by at most wˡ⁻¹T + wˡ⁻²HS.",
            [inequality("l = 1, S = 0", sp.Le(D, T), [sp.Le(D, T)])],
            [
                inequality(
                    "one layer: ‖WΔf + ΔW f′‖ ≤ wD + dF, p standing for wˡ⁻²",
                    sp.Le(w * D + d * F, p * w**2 * T + p * w * H * (S + d)),
                    [*given, sp.Le(D, p * w * T + p * H * S), sp.Le(F, p * w * H)],
                )
            ],
        ),
        induction(
            "S² ≤ (n−1) Σ‖ΔWʲ‖².",
            [inequality("no term", sp.Le(0, 0 * total), [])],
            [inequality("one more of them", sp.Le((S + d) ** 2, (m + 1) * (total + d**2)), [sp.Le(S**2, m * total)])],
        ),
        identity(
            "Eq. 77: the outputs differ by WH‖ΔV‖ + vwⁿ⁻²HS + vwⁿ⁻¹(Y‖ΔW₁‖ + (LY+B)‖ΔW₂‖), and by Cauchy–Schwarz "
            "(Lagrange's identity) its square is at most the sum of squares of the factors times ‖Δφ‖² …",
            sum(q**2 for q in weighted) * sum(q**2 for q in units)
            - sum(q * r for q, r in zip(weighted, units, strict=True)) ** 2,
            sum((weighted[i] * units[j] - weighted[j] * units[i]) ** 2 for i, j in pairs),
        ),
        identity("… which is K²‖Δφ‖², W standing for wⁿ⁻¹.", abstract(rates.CONSTANT**2), sum(q**2 for q in weighted)),
        induction(
            "‖y_k − y′_k‖ ≤ K(1 − cᵏ)/(1 − c)·‖Δφ‖; E stands for cᵏ.",
            [inequality("y₀ = y′₀", sp.Le(0, K * (1 - 1) / (1 - c)), given)],
            [
                inequality(
                    "one step",
                    sp.Le(c * A + K, K * (1 - c * E) / (1 - c)),
                    [*given, sp.Le(A, K * (1 - E) / (1 - c))],
                )
            ],
        ),
        induction(
            "c_minᵏ ≤ cᵏ ≤ 1; e and E stand for the two powers.",
            [inequality("at k = 0", sp.And(sp.Le(1, 1), sp.Le(1, 1)), given)],
            [
                inequality(
                    "one step", sp.And(sp.Le(c_low * e, c * E), sp.Le(c * E, 1)), [*given, sp.Le(e, E), sp.Le(E, 1)]
                )
            ],
        ),
        inequality(
            "c_min ≤ c ≤ c₀ gives the printed order, e and E standing for c_minᵏ and cᵏ.",
            sp.Le(K * (1 - E) / (1 - c), right),
            [*given, sp.Le(e, E), sp.Le(E, 1)],
        ),
    )


def abstract_relation(relation: sp.Basic, rewrite: Callable[[sp.Expr], sp.Expr]) -> sp.Basic:
    """A relation with both sides rewritten."""
    return relation.func(*map(rewrite, relation.args))
