"""Proofs of the bounds for Nesterov's method (R lemma A.1, theorems A.3 to A.5), by eigenvalues of the 2x2 block.

Everything is scale-free, so the step size is set to 1: mu becomes u^2, L becomes y, and an eigenvalue x runs over
[u^2, y]; h = 1 - x, tau = 1 - u. Every function takes the statement and reads its right-hand side and hypotheses.
"""

from __future__ import annotations

import sympy as sp

from duality.ledger.claim import Statement, Step
from duality.ledger.prove import identity, induction, inequality
from duality.quadratic.proofs.reduction import abstract_power, residual_step
from duality.quadratic.rates import POWER, START, L, k, lam, mu, s, t

u, x, y, w = sp.symbols("u x y w", real=True)
P, A, C, E, Z = sp.symbols("P A C E Z", real=True)
h, tau = 1 - x, 1 - u
beta = (1 - u) / (1 + u)
POWERS = [sp.Ge(P, 0), sp.Le(P, 1)]


def normal(expression: sp.Basic) -> sp.Basic:
    """`expression` at s = 1 with mu = u^2, L = y and lam = x; sqrt(u^2) becomes u, which the premises make positive."""
    replaced = expression.subs({s: 1, t: 1, mu: u**2, L: y, lam: x})
    return replaced.subs(sp.sqrt(u**2), u)


def premises(statement: Statement) -> list[sp.Basic]:
    """The hypotheses on mu, L, lam and the step size, normalized and free of denominators, with u > 0."""
    raw = [hyp.relation for hyp in statement.hypotheses if k not in hyp.relation.free_symbols]
    given = [_cleared(g) for g in map(normal, raw) if g != sp.true]
    return [sp.Gt(u, 0), sp.Gt(y, 0), *given]


def _cleared(relation: sp.Basic) -> sp.Basic:
    """left <= right as numerator(right - left) >= 0; the denominators here are sums of positive terms."""
    left, right = relation.args
    numerator, denominator = sp.fraction(sp.together(right - left))
    if not isinstance(relation, sp.LessThan) or denominator.is_number:
        return relation
    return sp.Ge(numerator, 0)


def entrywise(difference: sp.Matrix) -> sp.Expr:
    """One expression that vanishes exactly when every entry of the matrix does: a sum with free weights."""
    weights = sp.symbols(f"weight:{len(difference)}")
    return sum((w * entry for w, entry in zip(weights, difference, strict=True)), sp.Integer(0))


def block_reduction() -> Step:
    """R eq. 26: the block matrix is orthogonally similar to a direct sum of 2x2 blocks."""
    U, V, D, b = (*sp.symbols("U V D", commutative=False), sp.Symbol("b"))
    block = sp.Matrix([[(1 + b) * D, -b * D], [1, 0]])
    whole = sp.Matrix([[(1 + b) * U * D * V, -b * U * D * V], [1, 0]])
    difference = sp.Matrix(2, 2, lambda i, j: sp.expand(U * block[i, j] * V - whole[i, j]).subs(U * V, 1))
    return identity(
        "With UUᵀ = I and D = I − sΛ, diag(U, U) [[(1+β)D, −βD], [I, 0]] diag(U, U)ᵀ is the matrix of eq. 25, "
        "entry by "
        "entry; a permutation makes it 2×2 blocks T, one for each eigenvalue (eq. 26).",
        entrywise(difference),
    )


def roots_in_disc(statement: Statement) -> tuple[Step, ...]:
    """Every root of the characteristic polynomial of the block has modulus at most tau.

    This is where the printed step range enters: at z = -tau the polynomial is tau (1 - u^2 + 3h)/(1 + u), which is
    nonnegative on the whole spectrum exactly when 3 s L + mu s <= 4.
    """
    z = sp.Symbol("z", real=True)
    given = premises(statement)
    return (
        identity(
            "The discriminant of z² − (1+β)h z + βh is 4(1 − sλ)s(μ − λ)/(1 + √(μs))².",
            ((1 + beta) * h) ** 2 - 4 * beta * h,
            4 * h * (u**2 - x) / (1 + u) ** 2,
        ),
        inequality(
            "Real roots (1 − sλ ≤ 0, or λ = μ): |z| ≤ 1 − √(μs).",
            sp.And(sp.Le(z, tau), sp.Le(-tau, z)),
            [*given, sp.Eq((1 + u) * z**2 - 2 * h * z + (1 - u) * h, 0)],
        ),
        inequality(
            "Complex roots (negative discriminant): |z|² = βh ≤ (1 − √(μs))².",
            sp.Le((1 - u) * h, (1 + u) * tau**2),
            [*given, sp.Lt(h * (u**2 - x), 0)],
        ),
    )


def contraction_factor(statement: Statement) -> Step:
    """|h| <= 1 - u^2: a plain gradient step contracts."""
    return inequality("|1 − sλ| ≤ 1 − sμ.", sp.Le(sp.Abs(h), 1 - u**2), premises(statement))


def triangle() -> tuple[Step, ...]:
    """The triangle inequality for complex numbers a + ib and c + id, from Lagrange's identity."""
    a, b, c, d = sp.symbols("a b c d", real=True)
    m1, m2, m3, e = sp.symbols("m_1 m_2 m_3 e", nonnegative=True)
    return (
        identity(
            "(a² + b²)(c² + d²) − (ac + bd)² = (ad − bc)² ≥ 0.",
            (a**2 + b**2) * (c**2 + d**2) - (a * c + b * d) ** 2,
            (a * d - b * c) ** 2,
        ),
        inequality(
            "Hence |z₁ + z₂| ≤ |z₁| + |z₂|, e standing for |ac + bd|.",
            sp.Le(m3, m1 + m2),
            [sp.Le(e**2, m1**2 * m2**2), sp.Le(m3**2, m1**2 + m2**2 + 2 * e)],
        ),
    )


def impulse_response(statement: Statement) -> tuple[Step, ...]:
    """a_j = sum of tau_+^(j-i) tau_-^i solves the recursion and is at most (j+1) tau^j in modulus."""
    zp, zm = sp.symbols("z_+ z_-")
    a0, a1 = sp.Integer(1), zp + zm
    j = sp.Symbol("j", real=True)
    pp, qq = sp.symbols("p_j q_j")  # z_+^j and z_-^j
    current = (zp * pp - zm * qq) / (zp - zm)
    following = (zp**2 * pp - zm**2 * qq) / (zp - zm)
    second = (zp**3 * pp - zm**3 * qq) / (zp - zm)
    return (
        identity("a₁ = z₊ + z₋ and a₀ = 1 start the recursion.", a1 - (zp**2 - zm**2) / (zp - zm) + a0 - 1),
        identity(
            "aⱼ = (z₊ʲ⁺¹ − z₋ʲ⁺¹)/(z₊ − z₋) = Σ z₊ʲ⁻ⁱ z₋ⁱ solves aⱼ₊₂ = (z₊ + z₋)aⱼ₊₁ − z₊z₋ aⱼ; the sum form "
            "holds for "
            "equal roots too.",
            second,
            (zp + zm) * following - zp * zm * current,
        ),
        identity("aⱼ₊₁ = z₊ aⱼ + z₋ʲ⁺¹.", following, zp * current + zm * qq),
        *triangle(),
        *roots_in_disc(statement),
        induction(
            "|aⱼ| ≤ (j+1)(1 − √(μs))ʲ.",
            [inequality("j = 0: |1| ≤ 1", sp.Le(1, 1), [sp.Ge(j, 0)])],
            [
                inequality(
                    "|aⱼ₊₁| ≤ |z₊||aⱼ| + |z₋|ʲ⁺¹, P standing for τʲ",
                    sp.Le(E * A + Z, (j + 2) * P * tau),
                    [
                        *(sp.Gt(u, 0), sp.Le(u, 1), sp.Ge(j, 0), *POWERS),
                        *(sp.Ge(A, 0), sp.Le(A, (j + 1) * P), sp.Ge(E, 0), sp.Le(E, tau)),
                        *(sp.Ge(Z, 0), sp.Le(Z, P * tau)),
                    ],
                )
            ],
        ),
    )


def residual_representation() -> tuple[Step, ...]:
    """r_k = C_k + (u h/(1+u)) a_{k-1}, with C_k the mean of the k-th powers of the two roots."""
    C0, C1, A0, A1 = sp.symbols("C_0 C_1 A_0 A_1")
    trace, det = (1 + beta) * h, beta * h
    weight = u * h / (1 + u)
    r0, r1 = C0 + weight * A0, C1 + weight * A1
    r2 = (trace * C1 - det * C0) + weight * (trace * A1 - det * A0)
    return (
        residual_step(),
        identity("k = 1: (1+β)h/2 + uh/(1+u) = h = r₁; k = 0 reads 1 + 0 = r₀.", trace / 2 + weight, h),
        identity(
            "C_k and a_{k−1} obey r_{k+2} = h((1+β)r_{k+1} − βr_k), hence so does C_k + (uh/(1+u)) a_{k−1}: it "
            "is r_k for "
            "every k.",
            r2,
            h * ((1 + beta) * r1 - beta * r0),
        ),
    )


def residual_bound(statement: Statement) -> tuple[Step, ...]:
    """|r_k| <= tau^k (1 + k u) on the whole spectrum, for k >= 0."""
    return (
        *impulse_response(statement),
        *residual_representation(),
        contraction_factor(statement),
        inequality(
            "|r_k| ≤ |C_k| + (u|h|/(1+u))|a_{k−1}| ≤ τᵏ(1 + ku), P standing for τᵏ⁻¹ (for k = 0 both sides are 1).",
            sp.Le(sp.Abs(C + u * (1 - x) / (1 + u) * A), P * tau * (1 + k * u)),
            [
                *(sp.Gt(u, 0), sp.Le(u, 1), sp.Le(sp.Abs(1 - x), 1 - u**2), sp.Ge(k, 1), *POWERS),
                *(sp.Le(sp.Abs(C), P * tau), sp.Le(sp.Abs(A), k * P)),
            ],
        ),
    )


def _final(sentence: str, left: sp.Expr, right: sp.Expr, base: sp.Expr, shift: int, at_least: int = 0) -> Step:
    """left <= right for all real k >= at_least, u in (0, 1], with P for base**(k - shift)."""
    left, right = (abstract_power(e, base, P, shift) for e in (left, right))
    given = [sp.Gt(u, 0), sp.Le(u, 1), sp.Ge(k, at_least), *POWERS]
    return inequality(sentence, sp.Le(left, right), given)


def convergence(statement: Statement) -> tuple[Step, ...]:
    """R Thm A.3, without its lemma A.1: two consecutive residuals from the exact worst case."""
    now = tau**k * (1 + k * u)
    bound = normal(statement.coefficient(START))
    return (
        *residual_bound(statement),
        _final(
            "r_k² + r_{k+1}² is at most the bound, P standing for τᵏ.", now**2 + now.subs(k, k + 1) ** 2, bound, tau, 0
        ),
    )


def convergence_sharp(statement: Statement) -> tuple[Step, ...]:
    """The exact worst case: the bound, and its attainment at lam = mu."""
    worst = tau**k * (1 + k * u)
    bound = normal(statement.coefficient(START))
    return (
        *residual_bound(statement),
        _final("The bound is at least that worst case.", worst, bound, tau, 0),
        *double_root(),
        identity("and equals it: the bound is attained at λ = μ for every k.", sp.expand_power_base(bound), worst),
    )


def double_root() -> tuple[Step, ...]:
    """At lam = mu the block has the double root tau and r_k = tau^k (1 + k u) exactly."""
    at = {x: u**2}
    trace, det = ((1 + beta) * h).subs(at), (beta * h).subs(at)
    r = [P * tau**i * (1 + (k + i) * u) for i in range(3)]
    return (
        identity("At λ = μ the trace is 2τ …", trace, 2 * tau),
        identity("… and the determinant τ²: a double root.", det, tau**2),
        identity("r₁ = 1 − μs = τ(1 + u).", 1 - u**2, tau * (1 + u)),
        identity("τᵏ(1 + ku) solves the recursion there, P standing for τᵏ.", r[2], 2 * tau * r[1] - tau**2 * r[0]),
    )


def power_sharp(statement: Statement) -> tuple[Step, ...]:
    """The spectral norm of the k-th power of the block matrix: entrywise domination by the block at lam = mu."""
    bound = normal(statement.coefficient(POWER))
    a, b, c, d = tau * (k + 1), -(tau**2) * k, k, -tau * (k - 1)
    square = k**2 * (1 + tau**2) ** 2
    am, a0, a1 = sp.symbols("a_{k-2} a_{k-1} a_k")
    det = sp.Symbol("d")
    trace = (a1 + det * am) / a0
    T = sp.Matrix([[trace, -det], [1, 0]])
    power = sp.Matrix([[a1, -det * a0], [a0, -det * am]])
    after = sp.Matrix([[trace * a1 - det * a0, -det * a1], [a1, -det * a0]])
    return (
        block_reduction(),
        *impulse_response(statement),
        contraction_factor(statement),
        identity(
            "Tᵏ = [[a_k, −βh a_{k−1}], [a_{k−1}, −βh a_{k−2}]], by induction on k.",
            entrywise((T * power - after).applyfunc(sp.simplify)),
        ),
        inequality(
            "βh = z₊z₋ has modulus at most τ², so for k ≥ 2 every entry of Tᵏ is at most the one at λ = μ, where "
            "a_j = (j+1)τʲ (P stands for τᵏ⁻²) …",
            sp.And(sp.Le(E * C, k * P * tau**3), sp.Le(E * Z, (k - 1) * P * tau**2)),
            [
                *(sp.Gt(u, 0), sp.Le(u, 1), sp.Ge(k, 2), *POWERS, sp.Ge(E, 0), sp.Le(E, tau**2)),
                *(sp.Ge(C, 0), sp.Le(C, k * P * tau), sp.Ge(Z, 0), sp.Le(Z, (k - 1) * P)),
            ],
        ),
        inequality(
            "… and for k = 1 too: |a₁| ≤ 2τ, |βh| ≤ τ², and the entries 1 and 0. A matrix with entrywise smaller "
            "moduli has "
            "the smaller norm, and signs by column do not change it: the norm is largest at λ = μ.",
            sp.And(sp.Le((1 + beta) * sp.Abs(h), 2 * tau), sp.Le(beta * sp.Abs(h), tau**2)),
            [sp.Gt(u, 0), sp.Le(u, 1), sp.Le(sp.Abs(h), 1 - u**2)],
        ),
        *double_root()[:2],
        identity(
            "There the squares of the entries of Tᵏ/τᵏ⁻¹ add up to k²(1+τ²)² + 2τ² …",
            a**2 + b**2 + c**2 + d**2,
            square + 2 * tau**2,
        ),
        identity("… and its determinant is τ² in modulus.", a * d - b * c, tau**2),
        identity(
            "so σ₁ = ½(√(F² − 2|det|) + √(F² + 2|det|)) is the bound.",
            (tau ** (k - 1) * (k * (1 + tau**2) + sp.sqrt(square + 4 * tau**2)) / 2),
            bound,
        ),
    )


def lyapunov(statement: Statement) -> tuple[Step, ...]:
    """R Remark A.1 on quadratics: (1 + k u)^2 tau^k <= 2, hence the Lyapunov bound; and the rate that beats it."""
    W = 1 + k * u + k * (k + 1) / 2 * u**2
    bound = abstract_power(normal(statement.coefficient(START)), tau, P)
    kappa = sp.Symbol("kappa", positive=True)
    tt = sp.Symbol("tau", positive=True)
    ratio = 8 * (1 + k) ** 2 * tt ** (2 * k) / (2 * kappa * tt**k)
    small = sp.Rational(1, 2)
    given = [sp.Gt(u, 0), sp.Le(u, 1), sp.Ge(k, 0), *POWERS]
    return (
        *residual_bound(statement),
        induction(
            "τᵏ (1 + ku + k(k+1)u²/2) ≤ 1.",
            [inequality("at k = 0", sp.Le(W.subs(k, 0), 1), given)],
            [inequality("τ W(k+1) ≤ W(k)", sp.Le(tau * W.subs(k, k + 1), W), given)],
        ),
        inequality(
            "r_k² ≤ P²(1+ku)² stays below the Lyapunov bound, P standing for τᵏ.",
            sp.Le(P**2 * (1 + k * u) ** 2, bound),
            [*given, sp.Le(u**2, y), sp.Le(y, 1), sp.Le(P * W, 1)],
        ),
        identity(
            "The bound of Theorem A.3 has the better rate: its ratio to this one is 4(1+k)²τᵏ/κ …",
            ratio,
            4 * (1 + k) ** 2 * tt**k / kappa,
        ),
        identity("… which tends to 0 (at τ = 1/2, as an instance).", sp.limit((1 + k) ** 2 * small**k, k, sp.oo)),
    )


def tight(statement: Statement) -> tuple[Step, ...]:
    """R Remark A.1: at lam = mu the squared error carries the factor (1 + k u)^2 exactly."""
    claimed = normal(statement.coefficient(START))
    return (*double_root(), identity("Its square is the claimed expression.", claimed, (tau**k * (1 + k * u)) ** 2))
