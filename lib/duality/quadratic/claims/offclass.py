"""Which bounds survive for every L-smooth mu-strongly convex function, and which need the quadratic."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import sympy as sp

from duality.ledger.bound import bounds
from duality.ledger.claim import Claim, Evidence, Settle, Statement, Step
from duality.ledger.prove import inequality
from duality.quadratic import piecewise, piecewise_pairs, rates
from duality.quadratic.proofs import offclass as proofs
from duality.quadratic.rates import DB, START, STEP_GAP, L, mu

CLASS = r"For every $L$-smooth $\mu$-strongly convex $f$, quadratic or not,{relation}"
EXISTS = (
    r"The quadratic class is needed: there is an $L$-smooth $\mu$-strongly convex function of one variable, with "
    r"a piecewise linear derivative, a step inside the printed range and a $k$ at which the bound for quadratics "
    r"fails,{relation}"
)


def surviving(statement: Statement, relation: sp.Basic | None = None) -> Statement:
    """The printed statement without its spectrum: the hypotheses on mu, L, k and the steps, for all functions."""
    bounds = rates.without_eigenvalue(statement)
    ordered = rates.Hypothesis("mu <= L", sp.Le(mu, L))
    return Statement(statement.relation if relation is None else relation, (bounds[0], ordered, *bounds[1:]), CLASS)


GD_STABILITY_B = sp.Le(rates.OUTPUT_CHANGE, rates.GD_STABILITY.coefficient(DB) * DB, evaluate=False)


def for_the_class(measures: sp.Expr, scale: sp.Expr, proof: Callable[[Statement], tuple[Step, ...]]) -> Settle:
    """Evidence from a proof for the whole class, of an upper bound on `measures` that is a multiple of `scale`."""

    def settle(statement: Statement) -> Evidence:
        if not bounds(statement, measures, frozenset({scale})):
            return Evidence(scope=f"this proof settles upper bounds on {measures} by a multiple of {scale} only")
        return Evidence(steps=proof(statement), scope="every smooth strongly convex function, every dimension, every k")

    return settle


def fails(search: Callable[[], piecewise.OffClass | None]) -> Settle:
    """Evidence that a bound fails off the class: the found function re-checked in exact arithmetic."""

    def settle(statement: Statement) -> Evidence:
        example = search()
        if example is None:
            return Evidence(scope="no example found")
        low, high = (sp.Rational(example.point[name]) for name in ("mu", "L"))
        slopes = sorted({sp.Rational(slope) for slope in example.gradient.slopes()})
        point = {name: sp.Rational(value) for name, value in example.point.items()}
        if statement.lhs != example.statement.lhs:
            return Evidence(scope=f"the example is one for {example.statement.lhs}")
        right = sp.Rational(statement.right_side(point))
        steps = (
            inequality(
                f"The derivative vanishes at 0 and its slopes, from {slopes[0]} to {slopes[-1]}, lie in [μ, L] = "
                f"[{low}, {high}].",
                sp.And(
                    sp.Eq(sp.Rational(example.gradient(Fraction(0))), 0, evaluate=False),
                    sp.Le(low, slopes[0], evaluate=False),
                    sp.Le(slopes[-1], high, evaluate=False),
                ),
            ),
            inequality(
                "The step sizes and k are inside the stated range.", sp.true if statement.allows(point) else sp.false
            ),
            inequality(
                f"At k = {example.point['k']} the exact left side exceeds the exact right side, by the factor "
                f"{float(sp.Rational(example.lhs) / right):.4f}.",
                statement.relation.func(sp.Rational(example.lhs), right, evaluate=False),
            ),
        )
        return Evidence(steps=steps, scope=f"μ = {low}, L = {high}, k = {example.point['k']}")

    return settle


def failing(statement: Statement) -> Statement:
    """The negation of a printed bound, as an existence statement."""
    bounds = rates.without_eigenvalue(statement)
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
        for_the_class(rates.ERROR, START, proofs.gd_convergence),
    ),
    Claim(
        "offclass-gd-sensitivity",
        "A",
        "beyond",
        "GD's sensitivity bound survives",
        ORIGIN + "Thm A.1",
        surviving(rates.GD_SENSITIVITY),
        for_the_class(rates.STEP_CHANGE, START * STEP_GAP, proofs.gd_sensitivity),
    ),
    Claim(
        "offclass-gd-stability",
        "A",
        "beyond",
        "GD's stability in b survives",
        ORIGIN + "Thm A.2",
        surviving(rates.GD_STABILITY, GD_STABILITY_B),
        for_the_class(rates.OUTPUT_CHANGE, DB, proofs.gd_stability),
    ),
    Claim(
        "offclass-lyapunov",
        "A",
        "beyond",
        "The Lyapunov rate survives",
        ORIGIN + "Remark A.1",
        surviving(rates.NAG_LYAPUNOV),
        for_the_class(rates.ERROR**2, START**2, proofs.lyapunov),
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
