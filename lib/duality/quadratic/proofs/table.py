"""The entries of R Table 1, each derived from the bound behind it."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from duality.ledger.claim import Hypothesis, Statement, Step
from duality.ledger.prove import identity, induction, inequality
from duality.quadratic import rates
from duality.quadratic.proofs.nag import normal, premises, tau, u, y
from duality.quadratic.proofs.reduction import abstract_power
from duality.quadratic.rates import DB, DQ, START, STEP_GAP, L, M, c0, k, mu, p, s, tau0

Orders = Mapping[tuple[str, str], sp.Expr]
P, A = sp.symbols("P A", real=True)
UNIT = [sp.Gt(u, 0), sp.Le(u, 1), sp.Ge(P, 0), sp.Le(P, 1), sp.Ge(k, 1)]


def gd_entries(statement: Statement, orders: Orders) -> tuple[Step, ...]:
    """The four entries of gradient descent."""
    gd_range = [*statement.relations, *(h.relation for h in rates.GD_RANGE)]
    both = [abstract_power(rates.GD_STABILITY.coefficient(*q), p, P, shift=1) for q in ((M, DQ), (DB,))]
    return (
        identity(
            "GD, Cvg: the entry is the bound of Theorem A.1.",
            rates.GD_CONVERGENCE.coefficient(START),
            orders["GD", "Cvg"],
        ),
        induction(
            "kpᵏ⁻¹(1−p) ≤ 1 − pᵏ for p = 1 − φμ.",
            [inequality("at k = 1", sp.Le(1 - p, 1 - p), gd_range)],
            [
                inequality(
                    "from kP(1−p) ≤ 1 − Pp to (k+1)Pp(1−p) ≤ 1 − Pp²",
                    sp.Le((k + 1) * P * A * (1 - A), 1 - P * A**2),
                    [sp.Ge(A, 0), sp.Le(A, 1), sp.Ge(P, 0), sp.Le(P, 1), sp.Le(k * P * (1 - A), 1 - P * A)],
                )
            ],
        ),
        inequality(
            "GD, Stab: both coefficients of Theorem A.2 are at most 2/μ times the entry, P standing for pᵏ⁻¹.",
            sp.And(*(sp.Le(e, 2 / mu * abstract_power(orders["GD", "Stab"], p, P, shift=1)) for e in both)),
            [*gd_range, sp.Ge(P, 0), sp.Le(P, 1), sp.Le(k * P * (1 - p), 1 - P * p)],
        ),
        identity(
            "GD, Sens: the bound of Theorem A.1 is L times the entry.",
            rates.GD_SENSITIVITY.coefficient(START, STEP_GAP) / L,
            orders["GD", "Sens"],
        ),
        inequality(
            "GD, range: its upper end is inside the exact region s < 2/L.",
            sp.Lt(s * L, 2),
            [*statement.relations, sp.Gt(s, 0), sp.Le(s, orders["GD", "range"])],
        ),
    )


def nag_entries(statement: Statement, orders: Orders) -> tuple[Step, ...]:
    """The four entries of Nesterov's method, from the exact and the repaired bounds."""
    kept = abstract_power(normal(rates.NAG_CONVERGENCE_SHARP.coefficient(START)), tau, P, shift=1)
    whole = abstract_power(normal(rates.NAG_STABILITY_SHARP.coefficient(M, DQ)), tau, P, shift=1)
    v, q, w = sp.symbols("v q w", nonnegative=True)
    entry = abstract_power(orders["NAG", "Sens"], tau0, P, shift=1).subs(tau0, w)
    sens = abstract_power(rates.NAG_SENSITIVITY_REPAIRED.coefficient(START, STEP_GAP), tau0, P, shift=1)
    W = sum(sp.expand_func(sp.ff(k + i - 1, i)) / sp.factorial(i) * u**i for i in range(4))
    in_range = Hypothesis("in the range", sp.Le(s, orders["NAG", "range"]))
    third = (k - 1) * k * (k + 1) / 6 * u**3 * P
    return (
        inequality(
            "NAG, Cvg: τᵏ(1 + ku) is at most twice the entry, P standing for τᵏ⁻¹.",
            sp.Le(kept, 2 * abstract_power(normal(orders["NAG", "Cvg"]), tau, P, shift=1)),
            UNIT,
        ),
        inequality(
            "τ W(k+1) ≤ W(k) for W(k) = Σ_{i≤3} C(k+i−1, i)uⁱ, hence τᵏ W(k) ≤ 1 and τᵏ⁻¹ (k−1)k(k+1)u³/6 ≤ 1.",
            sp.Le(tau * W.subs(k, k + 1), W),
            UNIT,
        ),
        identity(
            "NAG, Stab: μ times the coefficient is 1 − τᵏ⁻¹(1 + (k−1)u) + 3q/u with q = τᵏ⁻¹(k−1)k(k+1)u³/6 ≤ 1.",
            whole * u**2,
            1 - P * (1 + (k - 1) * u) + 3 * third / u,
        ),
        inequality(
            "so it is at most (1 + 3/u)/u times the entry, u = √(φμ): an upper order in k, though this constant "
            "grows "
            "with κ.",
            sp.Le(
                (1 - P * (1 + (k - 1) * u) + 3 * q / u) * u,
                (1 + 3 / u) * abstract_power(normal(orders["NAG", "Stab"]), tau, P, shift=1),
            ),
            [*UNIT, sp.Le(q, 1)],
        ),
        inequality(
            "NAG, Sens: the repaired bound is at most (L + (3L + 2√(μ/c₀))/6)/(1 − √(μc₀)) times the entry, P "
            "standing for "
            "the power k − 1 and w for 1 − √(μc₀) > 0.",
            sp.Le(sens.subs(sp.sqrt(mu / c0), v) * w, (L + (3 * L + 2 * v) / 6) * entry),
            [sp.Gt(L, 0), sp.Gt(w, 0), sp.Ge(P, 0), sp.Le(P, 1), sp.Ge(k, 1)],
        ),
        inequality(
            "NAG, range: 3sL + μs ≤ 4 is inside the exact region sL(3 − √(μs)) < 4.",
            sp.Lt(y * (3 - u), 4),
            premises(Statement(statement.relation, (*statement.hypotheses, in_range))),
        ),
    )
