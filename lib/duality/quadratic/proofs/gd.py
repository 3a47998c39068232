"""Proofs of the bounds for gradient descent, replayed step by step (R theorems A.1 and A.2).

Every function takes the statement and reads its right-hand side and hypotheses, so that a changed statement is put
through the same steps.
"""

from __future__ import annotations

import sympy as sp

from duality.ledger.claim import Statement, Step
from duality.ledger.prove import identity, induction, inequality
from duality.quadratic.proofs.reduction import abstract_power, between, power_bound, residual_step, spectral_reduction
from duality.quadratic.rates import DB, DQ, START, STEP_GAP, L, M, c0, k, lam, mu, p, s

E, P, r, A = sp.symbols("E P r A", real=True)


def convergence(statement: Statement) -> tuple[Step, ...]:
    """R Thm A.1, left: |1 - s lam|^k is at most the printed power on the whole spectrum."""
    given = statement.relations
    return (
        spectral_reduction(),
        residual_step(),
        inequality("|1 − sλ| ≤ 1 − sμ on the whole spectrum (eq. 23).", sp.Le(sp.Abs(1 - s * lam), p), given),
        power_bound(
            "|1 − sλ|ᵏ is at most the bound, for every k.", statement.coefficient(START), p, given, 1 - s * lam
        ),
    )


def sensitivity(statement: Statement) -> tuple[Step, ...]:
    """R Thm A.1, right: the derivative in the step size, then the mean value theorem."""
    limits = [h.relation.subs(s, r) for h in between(statement)]
    base = 1 - c0 * mu
    bound = statement.coefficient(START, STEP_GAP)
    kk = sp.Symbol("k", positive=True)
    derivative = sp.diff((1 - r * lam) ** kk, r)
    return (
        spectral_reduction(),
        identity("d/dr (1 − rλ)ᵏ = −kλ(1 − rλ)ᵏ⁻¹.", derivative, -kk * lam * (1 - r * lam) ** (kk - 1)),
        inequality("|1 − rλ| ≤ 1 − c₀μ for every step size r in the range.", sp.Le(sp.Abs(1 - r * lam), base), limits),
        power_bound("Hence |1 − rλ|ᵏ ≤ (1 − c₀μ)ᵏ for every k.", base**k, base, limits, 1 - r * lam),
        inequality(
            "kλ|1 − rλ|ᵏ⁻¹ is at most the bound, P standing for (1 − c₀μ)ᵏ⁻¹; the mean value theorem between s and t "
            "does the rest.",
            sp.Le(k * lam * E, abstract_power(bound, base, P, shift=1)),
            [*limits, sp.Ge(k, 1), sp.Ge(E, 0), sp.Le(E, P), sp.Ge(P, 0), sp.Le(P, 1)],
        ),
    )


def perturbation_recursion() -> Step:
    """The difference of the iterates of two problems obeys the recursion of the first, driven by a residual."""
    Q1, Q2, x1, x2, b1, b2 = sp.symbols("Q1 Q2 x1 x2 b1 b2", commutative=False)
    left = (x1 - s * (Q1 * x1 + b1)) - (x2 - s * (Q2 * x2 + b2))
    right = (x1 - x2) - s * Q1 * (x1 - x2) - s * ((Q1 - Q2) * x2 + (b1 - b2))
    return identity(
        "δ₊ = (I − sQ₁)δ + e with δ = x₁ − x₂ and e = −s((Q₁ − Q₂)x₂ + b₁ − b₂).", sp.expand(left), sp.expand(right)
    )


def _accumulate(sentence: str, bound: sp.Expr, drive: sp.Expr, given: list) -> Step:
    """A_{k+1} = p A_k + s drive stays below the bound; P stands for p^(k-1), `drive` may use it."""
    now, after = (abstract_power(b, p, P, shift=1) for b in (bound, bound.subs(k, k + 1)))
    facts = [*given, sp.Ge(k, 1), sp.Ge(P, 0), sp.Le(P, 1), sp.Le(0, p)]
    first = abstract_power(bound, p, P, shift=1).subs({k: 1, P: 1})
    return induction(
        sentence,
        [inequality("after one step", sp.Le(s * drive.subs({P: 0}), first), given)],
        [
            inequality(
                "from A ≤ B(k) to pA + s·drive ≤ B(k+1), P standing for pᵏ⁻¹",
                sp.Le(p * A + s * drive, after),
                [*facts, sp.Le(A, now)],
            )
        ],
    )


def stability(statement: Statement) -> tuple[Step, ...]:
    """R Thm A.2: the drive ‖x_k‖ is at most (1 + p^k) ‖x*‖, and the two sums stay below the two coefficients."""
    given = statement.relations
    return (
        spectral_reduction(),
        perturbation_recursion(),
        inequality("|1 − sλ| ≤ 1 − sμ on the whole spectrum.", sp.Le(sp.Abs(1 - s * lam), p), given),
        inequality(
            "|1 − r_k(λ)| ≤ 1 + pᵏ, because |r_k| ≤ pᵏ: an iterate is at most (1 + pᵏ)‖x*‖ long.",
            sp.Le(sp.Abs(1 - r), 1 + E),
            [sp.Le(sp.Abs(r), E)],
        ),
        _accumulate("The ‖Q₁ − Q₂‖ sum stays below its coefficient.", statement.coefficient(M, DQ), 1 + P * p, given),
        _accumulate("The ‖b₁ − b₂‖ sum stays below its coefficient.", statement.coefficient(DB), sp.Integer(1), given),
    )


def stability_sharp(statement: Statement) -> tuple[Step, ...]:
    """For s <= 1/L no iterate is longer than x*, so the second term of R Thm A.2 is not needed."""
    given = statement.relations
    return (
        spectral_reduction(),
        perturbation_recursion(),
        inequality(
            "0 ≤ 1 − sλ ≤ 1 − sμ on the whole spectrum.",
            sp.And(sp.Le(0, 1 - s * lam), sp.Le(1 - s * lam, p)),
            given,
        ),
        power_bound("0 ≤ r_k(λ) ≤ 1, so |1 − r_k| ≤ 1 and ‖x_k‖ ≤ ‖x*‖.", sp.Integer(1), p, given, 1 - s * lam),
        _accumulate(
            "The ‖Q₁ − Q₂‖ sum stays below its coefficient.", statement.coefficient(M, DQ), sp.Integer(1), given
        ),
        _accumulate("The ‖b₁ − b₂‖ sum stays below its coefficient.", statement.coefficient(DB), sp.Integer(1), given),
    )


def stability_exact(statement: Statement) -> tuple[Step, ...]:
    """The best constant in Q for s <= 1/L: the sum of the drives, attained by two scalar problems."""
    given = statement.relations
    q, now, then = 1 - s * L, sp.Symbol("P"), sp.Symbol("q_k")
    value = statement.rhs.subs({p**k: now, q**k: then})
    following = value.subs({now: now * p, then: then * q}, simultaneous=True)
    solution_mu, solution_L = (1 - now) / mu, (1 - then) / L
    return (
        spectral_reduction(),
        perturbation_recursion(),
        power_bound("|1 − sλ|ᵏ ≤ pᵏ on the spectrum.", p**k, p, given, 1 - s * lam),
        induction(
            "(1 − sL)ʲ ≤ (1 − sλ)ʲ, so |1 − r_j| ≤ 1 − (1 − sL)ʲ: the drive is largest at λ = L.",
            [inequality("at j = 0", sp.Le(1, 1), given)],
            [
                inequality(
                    "from E ≤ A to (1 − sL)E ≤ (1 − sλ)A",
                    sp.Le(q * E, (1 - s * lam) * A),
                    [*given, sp.Ge(E, 0), sp.Le(E, A)],
                )
            ],
        ),
        identity(
            "S_{k+1} = pS_k + s(1 − (1 − sL)ᵏ) is solved by the stated value …", following, p * value + s * (1 - then)
        ),
        identity("… which starts at S₀ = 0: an upper bound.", statement.rhs.subs(k, 0)),
        identity(
            "Q₁ = μ and Q₂ = L with one b attain it: L|g(μ) − g(L)|/(L − μ).",
            value,
            L * (solution_mu - solution_L) / (L - mu),
        ),
    )
