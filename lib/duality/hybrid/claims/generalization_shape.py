"""Ledger rows of what R section 5 reads from its bound: regimes, depth, and from which n on it says anything."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import sympy as sp
from sympy import Rational as Q

from duality.hybrid.proofs import regimes as proofs
from duality.hybrid.proofs import vacuity as vacuity_proofs
from duality.hybrid.rates import generalization as rates
from duality.hybrid.rates import regimes, vacuity
from duality.ledger.claim import Ablation, Claim, Evidence, Settle, Statement, Step, only, substitute
from duality.ledger.prove import identity
from duality.ledger.search import Axis, Domain, maximize, refute

SHAPE = "the bracket as printed, one step size (Sens B_Φ = 0), every n, Λ, r, t"
Point = Mapping[str, Any]


def ablated(statement: Statement, points: Mapping[str, tuple[Point, sp.Expr]]) -> tuple[Ablation, ...]:
    """Both sides at points that violate one hypothesis: each is given with its left side."""
    return tuple(
        Ablation(name, point, sp.sympify(left), sp.sympify(statement.right_side(point)))
        for name, (point, left) in points.items()
        if statement.hypothesis(name) is not None
    )


def proved(
    proof: Callable[[Statement], tuple[Step, ...]],
    scope: str,
    kind: type[sp.Basic],
    of: tuple[sp.Expr, sp.Expr | None],
    points: Mapping[str, tuple[Point, sp.Expr]] | None = None,
) -> Settle:
    """Evidence from a proof about relations of one kind that bound `of[0]` from above, or by it from below `of[1]`."""

    def settle(statement: Statement) -> Evidence:
        left, right = of
        if (left is not None and statement.lhs != left) or (
            right is not None and sp.expand(statement.rhs - right) != 0
        ):
            return Evidence(scope="this proof is about another quantity")
        return Evidence(steps=proof(statement), ablations=ablated(statement, points or {}), scope=scope)

    return only(kind, settle)


# the elasticity of the printed bracket in Cvg, with M Cvg = u and r = 0, where it is largest
BRACKET_OF_U = rates.BRACKET.subs({rates.r: 0, rates.M * rates.CVG: sp.Symbol("u", positive=True)})
_U = sp.Symbol("u", positive=True)
ELASTICITY = sp.diff(sp.log(BRACKET_OF_U), _U) * _U


def elasticity_point(n: Any, Lambda: Any, t: Any, B: Any, u: Any) -> dict[str, Any]:
    """sigma_b = L = 1, so that r_q = u^2."""
    return {"n": n, "Lambda": Lambda, "t": t, "B": B, "u": u, "r_q": u**2, "sigma_b": 1, "L": 1}


ELASTICITY_DOMAIN = Domain(
    (
        Axis("n", 1.0, 1e12, "log"),
        Axis("Lambda", 1e-9, 1e9, "log"),
        Axis("t", 0.0, 30.0),
        Axis("B", 0.1, 10.0, "log"),
        Axis("u", 1e-6, 1e6, "log"),
    ),
    elasticity_point,
)
# r_q declared a million times too small
MISSTATED = elasticity_point(Q(10**6), Q(1), Q(20), Q(1), Q(1))
LEVEL_OFF = {rates.r.name: Q(0), "M": Q(1), rates.CVG.name: Q(1), "r_q": Q(1, 10**10)}


def elasticity(proof: Callable[[Statement], tuple[Step, ...]]) -> Settle:
    """A proof, and the largest ratio of the exact elasticity to its bound."""

    def settle(statement: Statement) -> Evidence:
        if statement.lhs != regimes.ELASTICITY:
            return Evidence(scope="this proof is about the elasticity in Cvg only")
        names = sorted(ELASTICITY.free_symbols | statement.rhs.free_symbols, key=str)
        left, right = (sp.lambdify(names, side, "numpy") for side in (ELASTICITY, statement.rhs))

        def ratio(point: Point) -> float:
            values = [np.float64(point[s.name]) for s in names]
            with np.errstate(all="ignore"):
                bound = float(right(*values))
                return float(left(*values)) / bound if bound > 0 else math.nan

        search, _ = maximize("Largest exact elasticity / bound, r = 0.", ratio, ELASTICITY_DOMAIN)
        shown = ", ".join(f"{name} = {value:.4g}" for name, value in search.at.items())
        point = MISSTATED | LEVEL_OFF
        value = sp.Rational(str(sp.N(ELASTICITY.subs({s: MISSTATED[s.name] for s in ELASTICITY.free_symbols}), 20)))
        zero = point | {"Lambda": Q(0), "r_q": Q(1)}
        return Evidence(
            steps=proof(statement),
            searches=(search,),
            ablations=ablated(statement, {"level": (point, value), "Lambda > 0": (zero, sp.Integer(0))}),
            slack=search.best,
            slack_at=shown,
            scope=SHAPE,
        )

    return only(sp.LessThan, settle)


# the printed d, L and law of b at n = 100, after ten steps of GD with s = 1/L on the spectrum [1/2, 1]
SIZE = 2 * sp.sqrt(5)
DEEP = {
    "n": sp.Integer(100),
    "L": sp.Integer(1),
    "B": SIZE,
    "M": 10 * sp.sqrt(5),
    "sigma_b": 5 / sp.sqrt(3),
    "r": sp.Integer(0),
    rates.CVG.name: Q(1, 2) ** 10,
}
BEST = sp.sqrt(DEEP["n"]) / (90 * SIZE)


def right(statement: Statement) -> Evidence:
    """Refuted at k = 10: no Lambda makes Cvg's part half of the bracket."""
    if statement.relation.free_symbols - {rates.Lam} and rates.CVG not in statement.rhs.free_symbols:
        return Evidence(scope="this example compares the part of Cvg with the bracket")
    point = DEEP | {"Lambda": BEST}
    part = sp.sqrt(216) / DEEP["sigma_b"] * DEEP["M"] * DEEP[rates.CVG.name]
    left = sp.radsimp(statement.lhs.subs({s: point[s.name] for s in statement.lhs.free_symbols}))
    broken = "As k grows Cvg vanishes, while 4 + C₃ and the rest of the root do not: the bound returns to Stab."
    example = refute(statement, point, left, broken)
    support = proofs.no_lambda(DEEP["n"], part, SIZE)
    return Evidence(support=support, counterexample=example, scope="n = 100, GD at s = 1/L, μ = 1/2, k = 10, every Λ")


def deeper(statement: Statement) -> Evidence:
    """Refuted by the first two steps of GD at s = 1/L: the product rises before it falls."""
    if (statement.lhs, statement.rhs.free_symbols) != (regimes.BOUND_NEXT, {regimes.BOUND_NOW}):
        return Evidence(scope="this example compares two depths")
    mu, s = Q(1, 10), sp.Integer(1)
    cvg = [(1 - s * mu) ** k for k in (1, 2)]
    products = [c * (1 - c) / mu for c in cvg]  # Stab in b is exact by the trade-off
    lam, step = sp.symbols("lambda s", positive=True)
    g = [sp.expand(sp.cancel((1 - (1 - step * lam) ** k) / lam)) for k in (1, 2)]
    support = (
        identity("One step: x₁ = −sb does not depend on Q, so Stab in Q is 0 …", sp.diff(g[0], lam)),
        identity("… and x₂ = −(2s − s²Q)b does: in Q the product rises from 0.", sp.diff(g[1], lam), -(step**2)),
    )
    broken = (
        "Reading the falling half of the hump of Fig 2 as the whole curve: on μ Stab + Cvg = 1 the product c(1 − c)/μ "
        "rises until Cvg = 1/2."
    )
    example = refute(statement, {"k": sp.Integer(1), regimes.BOUND_NOW.name: products[0]}, products[1], broken)
    return Evidence(support=support, counterexample=example, scope="GD at s = 1/L, μ = 1/10, L = 1, from k = 1 to 2")


FEW = {"k": sp.Integer(6), rates.SENS.name: 6 * Q(99, 100) ** 5, rates.B_PHI.name: Q(189, 220)}
CLAIMS = (
    Claim(
        "regimes-over",
        "C",
        "statement",
        "Over-parameterized: the bound follows stability",
        "R sec. 5 (i)",
        regimes.OVER,
        elasticity(proofs.over),
    ),
    Claim(
        "regimes-under",
        "C",
        "statement",
        "Under-parameterized: the bound follows stability",
        "R sec. 5 (ii)",
        regimes.UNDER,
        elasticity(proofs.under),
    ),
    Claim(
        "regimes-right",
        "C",
        "statement",
        "About right: the bound follows the product",
        "R sec. 5 (iii)",
        regimes.RIGHT,
        only(sp.LessThan, right),
        "product-window",
    ),
    Claim(
        "product-window",
        "C",
        "beyond",
        "Where the bound can follow the product",
        "beyond the print, repairs R sec. 5 (iii)",
        regimes.WINDOW,
        proved(
            proofs.window,
            "the bracket as printed, every n, Λ, r",
            sp.LessThan,
            (None, rates.M * rates.CVG),
            {"half": (DEEP | {"Lambda": BEST}, substitute(regimes.WINDOW.lhs, DEEP))},
        ),
    ),
    Claim(
        "depth-tradeoff",
        "C",
        "statement",
        "Deeper helps both",
        "R sec. 5, T 4.6.2",
        regimes.DEEPER,
        only(sp.LessThan, deeper),
        "depth-hump",
    ),
    Claim(
        "depth-hump",
        "C",
        "beyond",
        "Deeper helps past half-way",
        "beyond the print, repairs R sec. 5",
        regimes.HUMP,
        proved(
            proofs.hump,
            "every method on the frontier (GD and NAG in b), with A, K, r fixed while k grows",
            sp.Equality,
            (regimes.HUMP.lhs, None),
        ),
    ),
    Claim(
        "bound-vacuity",
        "C",
        "theorem",
        "From which n on the main bound says anything",
        "R Thm 5.1",
        vacuity.VACUITY,
        proved(
            vacuity_proofs.printed,
            "μ = 1/10, L = 1, d = 5, both methods at their largest steps, one step size",
            sp.LessThan,
            (None, rates.n),
        ),
    ),
    Claim(
        "bound-vacuity-repaired",
        "C",
        "beyond",
        "From which n on the repaired bound says anything",
        "beyond the print",
        vacuity.VACUITY_REPAIRED,
        proved(
            vacuity_proofs.repaired,
            "μ = 1/10, L = 1, both methods at their largest steps, one step size, Λ = log 2, r = 0",
            sp.LessThan,
            (vacuity.REPAIRED_N, None),
        ),
    ),
    Claim(
        "vacuity-learned-step",
        "C",
        "beyond",
        "A learned step makes the bounds vacuous for every n",
        "beyond the print, on R Thm 5.1",
        vacuity.LEARNED_STEP,
        proved(
            vacuity_proofs.learned_step,
            "GD, μ = 1/10, L = 1, steps from 1/10 to 2/(μ+L)",
            sp.LessThan,
            (None, vacuity.LEARNED_STEP.rhs),
            {"7 <= k": (FEW, sp.Integer(5))},
        ),
    ),
)
