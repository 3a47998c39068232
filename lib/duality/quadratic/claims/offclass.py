"""Which bounds survive for every L-smooth mu-strongly convex function, and which need the quadratic.

The class enters through one inequality: with d = x - y and g = grad f(x) - grad f(y),
<g - mu d, L d - g> >= 0, that is |g|^2 <= (mu+L) <g, d> - mu L |d|^2.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import sympy as sp

from duality.ledger.claim import Claim, Evidence, Statement, Step
from duality.ledger.prove import identity, induction, inequality
from duality.quadratic import offclass, piecewise, piecewise_pairs, rates
from duality.quadratic.proofs.gd import convergence_factor
from duality.quadratic.proofs.reduction import abstract_power
from duality.quadratic.rates import DB, START, STEP_GAP, L, c0, k, mu, p, s, t

CLASS = r"For every $L$-smooth $\mu$-strongly convex $f$, quadratic or not,{relation}"
EXISTS = (
    r"The quadratic class is needed: there is an $L$-smooth $\mu$-strongly convex function of one variable, with "
    r"a piecewise "
    r"linear derivative, a step inside the printed range and a $k$ at which the bound for quadratics fails,{relation}"
)
E, P = sp.symbols("E P", real=True)


def surviving(statement: Statement, relation: sp.Basic | None = None) -> Statement:
    """The printed statement without its spectrum: the hypotheses on mu, L, k and the steps, for all functions."""
    bounds = tuple(h for h in statement.hypotheses if rates.lam not in h.relation.free_symbols)
    ordered = rates.Hypothesis("mu <= L", sp.Le(mu, L))
    return Statement(statement.relation if relation is None else relation, (bounds[0], ordered, *bounds[1:]), CLASS)


GD_STABILITY_B = sp.Le(rates.OUTPUT_CHANGE, rates.GD_STABILITY.coefficient(DB) * DB, evaluate=False)


def contraction(statement: Statement, factor: sp.Expr, step: sp.Symbol) -> Step:
    """|d - s g| <= (1 - s mu)|d|, from the inequality of the class; D, G, I stand for |d|^2, |g|^2, <g, d>."""
    D, G, inner = sp.symbols("D G I", real=True)
    given = [h.relation.subs({s: step, t: step}) for h in statement.hypotheses]
    return inequality(
        "A gradient step contracts: |d − rg|² ≤ q²|d|² for every step r in the range, D, G, I standing for |d|², "
        "|g|², ⟨g, d⟩.",
        sp.Le(D - 2 * step * inner + step**2 * G, factor**2 * D),
        [*given, sp.Ge(D, 0), sp.Le(G, (mu + L) * inner - mu * L * D), sp.Le(inner**2, G * D), sp.Ge(G, 0)],
    )


def gd_convergence(statement: Statement) -> Evidence:
    base, now = p, abstract_power(statement.coefficient(START), p, P)
    after = abstract_power(statement.coefficient(START).subs(k, k + 1), p, P)
    given = statement.relations
    steps = (
        contraction(statement, base, s),
        induction(
            "The error stays below the bound, for every k.",
            [inequality("at k = 0", sp.Le(1, statement.coefficient(START).subs(k, 0)), given)],
            [
                inequality(
                    "from E ≤ B(k) to (1 − sμ)E ≤ B(k+1), P standing for the k-th power",
                    sp.Le(base * E, after),
                    [*given, *convergence_factor(base), sp.Ge(P, 0), sp.Le(P, 1), sp.Le(E, now)],
                )
            ],
        ),
    )
    return Evidence(steps=steps, scope="every smooth strongly convex function, every dimension, every k")


def gd_sensitivity(statement: Statement) -> Evidence:
    q, r = 1 - c0 * mu, sp.Symbol("r", real=True)
    bound = statement.coefficient(START, STEP_GAP)
    now, after = (abstract_power(b, q, P, shift=1) for b in (bound, bound.subs(k, k + 1)))
    given = statement.relations
    steps = (
        contraction(statement, 1 - r * mu, r),
        inequality("1 − rμ ≤ 1 − c₀μ for r ≥ c₀.", sp.Le(1 - r * mu, q), [sp.Gt(mu, 0), sp.Ge(r, c0)]),
        induction(
            "δ_{k+1} ≤ qδ_k + |t−s| L qᵏ‖x₀−x*‖ with δ₀ = 0 stays below the bound, q = 1 − c₀μ.",
            [inequality("after one step", sp.Le(L, bound.subs(k, 1)), given)],
            [
                inequality(
                    "from E ≤ B(k) to qE + LqP ≤ B(k+1), P standing for qᵏ⁻¹",
                    sp.Le(q * E + L * q * P, after),
                    [*given, *convergence_factor(q), sp.Ge(P, 0), sp.Le(P, 1), sp.Le(E, now)],
                )
            ],
        ),
    )
    return Evidence(steps=steps, scope="every smooth strongly convex function, every dimension, every k")


def gd_stability(statement: Statement) -> Evidence:
    bound = statement.coefficient(DB)
    now, after = (abstract_power(b, p, P) for b in (bound, bound.subs(k, k + 1)))
    given = statement.relations
    steps = (
        contraction(statement, p, s),
        induction(
            "Adding ⟨b, x⟩ moves a step by s‖b‖: δ_{k+1} ≤ (1 − sμ)δ_k + s‖b‖ stays below the bound.",
            [inequality("at k = 0", sp.Le(0, bound.subs(k, 0)), given)],
            [
                inequality(
                    "from E ≤ B(k) to (1 − sμ)E + s ≤ B(k+1), P standing for the k-th power",
                    sp.Le(p * E + s, after),
                    [*given, *convergence_factor(p), sp.Ge(P, 0), sp.Le(P, 1), sp.Le(E, now)],
                )
            ],
        ),
    )
    return Evidence(steps=steps, scope="every smooth strongly convex function, every dimension, every k")


def lyapunov(statement: Statement) -> Evidence:
    left, right = offclass.lyapunov_identity()
    f0, d, v = sp.symbols("f_0 d v", nonnegative=True)
    steps = (
        identity(
            "With V_k = f(x_k) − f* + μ/2 |z_k − x*|², z_k = x_{k−1} + (x_k − x_{k−1})/u: τV_k − V_{k+1} is a sum of "
            "nonnegative terms (descent, strong convexity twice, two squares).",
            left,
            right,
        ),
        inequality(
            "V₀ ≤ (L + μ)/2 |x₀ − x*|² and V_k ≥ μ/2 |x_k − x*|², so the bound follows; d and E stand for the "
            "two squares, "
            "P for τᵏ.",
            sp.Le(E, abstract_power(statement.coefficient(START), rates.tau, P) * d),
            [
                *(sp.Gt(mu, 0), sp.Le(mu, L), sp.Ge(P, 0), sp.Le(v, P * (f0 + mu / 2 * d))),
                *(sp.Le(f0, L / 2 * d), sp.Le(mu / 2 * E, v)),
            ],
        ),
    )
    return Evidence(steps=steps, scope="every smooth strongly convex function, every dimension, every k")


def exact_number(value: Fraction | int) -> sp.Rational:
    """A Fraction as a SymPy rational."""
    return sp.Rational(Fraction(value).numerator, Fraction(value).denominator)


def fails(search: Callable[[], piecewise.OffClass | None]) -> Callable[[Statement], Evidence]:
    """Evidence that a bound fails off the class: the found function re-checked in exact arithmetic."""

    def settle(statement: Statement) -> Evidence:
        example = search()
        if example is None:
            return Evidence(scope="no example found")
        low, high = (exact_number(example.point[name]) for name in ("mu", "L"))
        slopes = sorted({exact_number(slope) for slope in example.gradient.slopes()})
        point = {name: exact_number(value) for name, value in example.point.items()}
        within = [
            h for h in statement.hypotheses if h.name in {g.name for g in piecewise.hypotheses(example.statement)}
        ]
        steps = (
            inequality(
                f"The derivative vanishes at 0 and its slopes, from {slopes[0]} to {slopes[-1]}, lie in [μ, L] = "
                f"[{low}, {high}].",
                sp.And(
                    sp.Eq(exact_number(example.gradient(Fraction(0))), 0, evaluate=False),
                    sp.Le(low, slopes[0], evaluate=False),
                    sp.Le(slopes[-1], high, evaluate=False),
                ),
            ),
            inequality(
                "The step sizes and k are inside the printed range.",
                sp.true if within and all(h.holds(point) for h in within) else sp.false,
            ),
            inequality(
                f"At k = {example.point['k']} the exact left side exceeds the exact right side, by the factor "
                f"{example.ratio:.4f}.",
                sp.Gt(exact_number(example.lhs), exact_number(example.rhs), evaluate=False),
            ),
        )
        return Evidence(steps=steps, scope=f"μ = {low}, L = {high}, k = {example.point['k']}")

    return settle


def failing(statement: Statement) -> Statement:
    """The negation of a printed bound, as an existence statement."""
    bounds = tuple(h for h in statement.hypotheses if rates.lam not in h.relation.free_symbols)
    return Statement(sp.Gt(statement.lhs, statement.rhs, evaluate=False), bounds, EXISTS)


NAG_STABILITY_B = Statement(
    sp.Le(rates.OUTPUT_CHANGE, rates.NAG_STABILITY.coefficient(DB) * DB, evaluate=False),
    rates.NAG_STABILITY.hypotheses,
)
ORIGIN = "beyond the print, on R "
CLAIMS = (
    Claim(
        "offclass-gd-convergence",
        "A",
        "beyond",
        "GD contracts on every smooth strongly convex function",
        ORIGIN + "Thm A.1",
        surviving(rates.GD_CONVERGENCE),
        gd_convergence,
    ),
    Claim(
        "offclass-gd-sensitivity",
        "A",
        "beyond",
        "GD's sensitivity bound survives",
        ORIGIN + "Thm A.1",
        surviving(rates.GD_SENSITIVITY),
        gd_sensitivity,
    ),
    Claim(
        "offclass-gd-stability",
        "A",
        "beyond",
        "GD's stability in b survives",
        ORIGIN + "Thm A.2",
        surviving(rates.GD_STABILITY, GD_STABILITY_B),
        gd_stability,
    ),
    Claim(
        "offclass-lyapunov",
        "A",
        "beyond",
        "The Lyapunov rate survives",
        ORIGIN + "Remark A.1",
        surviving(rates.NAG_LYAPUNOV),
        lyapunov,
    ),
    Claim(
        "offclass-nag-convergence",
        "A",
        "beyond",
        "NAG's convergence bound needs the quadratic",
        ORIGIN + "Thm A.3",
        failing(rates.NAG_CONVERGENCE),
        fails(piecewise.nag_convergence),
    ),
    Claim(
        "offclass-nag-sensitivity",
        "A",
        "beyond",
        "NAG's sensitivity bound needs the quadratic",
        ORIGIN + "Thm A.4",
        failing(rates.NAG_SENSITIVITY),
        fails(piecewise_pairs.nag_sensitivity),
    ),
    Claim(
        "offclass-nag-stability",
        "A",
        "beyond",
        "NAG's stability in b needs the quadratic",
        ORIGIN + "Thm A.5",
        failing(NAG_STABILITY_B),
        fails(piecewise_pairs.nag_stability_b),
    ),
)
