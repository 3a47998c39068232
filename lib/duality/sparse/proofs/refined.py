"""The refined bound: its coefficients, what the missing absolute values do, and the choice that it implies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from duality.ledger.claim import Statement, Step, substitute
from duality.ledger.prove import identity, inequality
from duality.ledger.search import Axis, Domain
from duality.sparse.proofs.instances import exact, minimizer, norm
from duality.sparse.rates import refined as rates
from duality.sparse.rates.capacity import OFF
from duality.sparse.rates.letters import alpha, b, kappa, lam, rho, w2
from duality.sparse.rates.penalties import mcp_slope, x

Point = Mapping[str, Any]
G, e, R, size, r1, r2 = (sp.Symbol(name, nonnegative=True) for name in ("G", "e", "R", "beta", "R_1", "R_2"))


def bound(statement: Statement) -> tuple[Step, ...]:
    """The residual at the limit, entry by entry, against the coefficients of the statement."""
    given = [relation for relation in statement.relations if not relation.atoms(sp.Symbol) & {rates.TARGET, OFF}]
    targets = [sp.Le(lam, h.relation.args[1] * G) for h in statement.hypotheses if h.name == "targets"]
    off, fits = sp.symbols("g t", real=True), [h.relation for h in statement.hypotheses if h.relation.has(OFF)]
    small, large = (statement.coefficient(q) * (rho - w2 / b) for q in (rates.A_1, rates.A_2))
    way = sp.Symbol("t", positive=True)
    return (
        inequality(
            "The concave part bends down by at most w₂/b, so loss and concave part are ρ₋ − w₂/b strongly convex …",
            sp.Le(w2 * (mcp_slope(x) - mcp_slope(x + way)), w2 / b * way),
            [r for r in given if r.free_symbols <= {b, w2}],
        ),
        inequality(
            "At the limit the error obeys e ≤ (1 − α(ρ₋ − w₂/b))e + αR, so (ρ₋ − w₂/b)e ≤ R …",
            sp.Le((rho - w2 / b) * e, R),
            [*given, sp.Gt(alpha, 0), sp.Le(e, (1 - alpha * (rho - w2 / b)) * e + alpha * R)],
        ),
        inequality(
            "… with R = |g| + p' on the support and 0 off it, where |g| ≤ λ*.",
            sp.Le(sp.Abs(off[1]) * lam, lam),
            [relation.subs(OFF, sp.Abs(off[1])) for relation in fits],
        ),
        inequality(
            "Small entries: p' = λ − w₂|β*|/b, so |g| + p' is at most the coefficient times G = |g| ∨ ε.",
            sp.Le(sp.Abs(off[0]) + lam - w2 * size / b, small * G),
            [*given, *targets, sp.Le(sp.Abs(off[0]), G), sp.Le(size, b * lam)],
        ),
        inequality(
            "Large entries: p' = (1 − w₂)λ.",
            sp.Le(sp.Abs(off[0]) + (1 - w2) * lam, large * G),
            [*given, *targets, sp.Le(sp.Abs(off[0]), G)],
        ),
        inequality(
            "R² is the sum of the squares on the two sets, so R is at most the sum of the two norms.",
            sp.Le(R, r1 + r2),
            [sp.Eq(R**2, r1**2 + r2**2)],
        ),
        inequality("The denominator is positive.", sp.Gt(rho - w2 / b, 0), given),
    )


def choice(statement: Statement, bracket: sp.Expr) -> tuple[Step, ...]:
    """The difference of the bounds at two weights has one sign, that of the bracket."""
    of_bracket, base, change = sp.symbols("S B c", real=True)
    first, second = sp.symbols("d d_1", positive=True)  # rho - w_2/b and rho - w_2'/b
    width, way = b * (rho - w2 / b) * (rho - rates.more / b), rates.more - w2
    given = [h.relation.subs(bracket, of_bracket) for h in statement.hypotheses]
    plain = [relation for relation in given if not relation.has(of_bracket)]
    known = [*given, sp.Eq(change * (b * first * second), of_bracket * way)]
    return (
        identity(
            "The right side exceeds the left one by the bracket times (w₂' − w₂)/(b(ρ₋ − w₂/b)(ρ₋ − w₂'/b)) …",
            statement.rhs - statement.lhs,
            bracket * way / width,
        ),
        inequality(
            "… where both differences in the denominator are positive.",
            sp.And(sp.Gt(rho - w2 / b, 0), sp.Gt(rho - rates.more / b, 0)),
            plain,
        ),
        inequality(
            "So it is at least the left one, if the bracket S is not negative; d and d₁ stand for the two differences.",
            statement.relation.func(base, base + change),
            known,
        ),
        inequality(
            "If it is not positive the relation is reversed.",
            sp.Ge(base, base + change),
            [*plain, sp.Le(of_bracket, 0), known[-1]],
        ),
        inequality(
            "If bρ₋ ≤ 1 + 1/(8κ) the bracket is not negative: w₂ = 0 is best.",
            sp.Ge(bracket, 0),
            [sp.Gt(kappa, 0), sp.Le(8 * kappa * (b * rho - 1), 1), sp.Gt(b * rho, 0)],
        ),
        inequality("w₂' = 1 is a weight of the statement if bρ₋ > 1.", sp.Lt(1 / b, rho), [*plain, sp.Gt(b * rho, 1)]),
    )


def choice_points(of: Any) -> Mapping[str, tuple[Point, sp.Expr]]:
    """Two weights of which the smaller one has the larger bound, because one hypothesis is missing."""
    base = {"rho_-": 1, "b": 4, "kappa": 1, "w_2": 0, rates.more.name: 1, "A_1": 1, "A_2": 0}
    large = {"A_1": 0, "A_2": 1}
    points = {
        "bracket": base | large,
        "more MCP": base | {"w_2": 1, rates.more.name: 0},
        "b > 0": base | large | {"b": -4},
        "w_2'/b < rho": base | {"rho_-": sp.Rational(1, 8)},
    }
    left = of(rates.small, rates.large)
    return {name: (at, substitute(left, at)) for name, at in points.items()}


def signed_at(statement: Statement) -> tuple[dict[str, Any], sp.Expr, tuple[Step, ...]]:
    """h = 1, beta* = 10, gradient -1 at the truth, epsilon = 1/10, l1 alone."""
    beta, truth, floor = sp.Symbol("beta", real=True), sp.Integer(10), sp.Rational(1, 10)
    slope = sp.diff((beta - truth) ** 2 / 2 - (beta - truth), beta)
    gradient, begins = slope.subs(beta, truth), slope.subs(beta, 0)
    target = sp.Max(8 * abs(gradient), floor)
    limit = minimizer(sp.Integer(1), -begins, target, sp.Integer(0), 2)
    at = {"w_2": 0, "b": 2, "rho_-": 1, "kappa": 1}
    at |= {rates.SIGNED_1.name: sp.Max(gradient, floor), rates.SIGNED_2.name: 0}
    support = (
        identity(
            "L(β) = ½(β − 10)² − (β − 10) has the gradient −1 at β* = 10 …",
            gradient,
            -1,
        ),
        inequality(
            "… and −11 at 0: 8 ≤ 11, (c).", sp.And(sp.Eq(begins, -11), sp.Le(8 * sp.Abs(gradient), sp.Abs(begins)))
        ),
        identity("λ* = max(8·|−1|, 1/10) = 8; the limit is soft(11, 8) = 3.", limit, 3),
        identity("10 ≤ bλ* = 16: a small entry, at which max(−1, 1/10) = 1/10.", sp.Max(gradient, floor), floor),
    )
    return at, abs(limit - truth), support


def point(
    w: Any,
    b: Any,
    gap: Any,
    kappa: Any,
    G1: Any,
    G2: Any,
    f1: Any,
    f2: Any,
    sign1: Any,
    sign2: Any,
    u: Any,
    v: Any,
    off: Any,
) -> dict[str, Any]:
    """A small entry, a large one, and one off the support, all with curvature rho_- = w_2/b + gap."""
    targets = [f * 8 * kappa * G for f, G in ((f1, G1), (f2, G2))]
    at = {"w_2": w, "b": b, "rho_-": w / b + gap, "kappa": kappa, "off": off, rates.A_1.name: G1, rates.A_2.name: G2}
    at |= {"g_1": sign1 * G1, "g_2": sign2 * G2, "lambda_1": targets[0], "lambda_2": targets[1]}
    at |= {"beta_1": u * b * targets[0], "beta_2": (1 + v) * b * targets[1]}
    return at | {rates.TARGET.name: max(f1, f2) * 8 * kappa, OFF.name: abs(off)}


def limit_error(at: Point) -> Any:
    """The error of the limits of the three entries."""
    h, w, b = at["rho_-"], at["w_2"], at["b"]
    errors = []
    for i in ("1", "2"):
        truth, target = at["beta_" + i], at["lambda_" + i]
        errors.append(minimizer(h, h * truth - at["g_" + i], target, w, b) - truth if target or truth else 0)
    return norm(*errors, minimizer(h, -at["off"], 1, w, b))


def searched(w: Any, b: Any, gap: Any, kappa: Any, G1: Any, sign1: Any, u: Any, v: Any) -> dict[str, Any]:
    """Targets as large as they may be, noise of size 1 on the large entry, half of the target off the support."""
    half = gap / (2 * gap)
    return point(w, b, gap, kappa, G1, 2 * half, 1, 1, sign1, 1, u, v, half)


LIMITS = Domain(
    (
        Axis("w", 0, 1),
        Axis("b", 1.05, 8),
        Axis("gap", 0.05, 2),
        Axis("kappa", 1, 3),
        Axis("G1", 0.01, 2),
        Axis("sign1", -1, 1),
        Axis("u", 0, 1),
        Axis("v", 0.01, 3),
    ),
    searched,
)
_BASE = exact(
    {
        "w": 0,
        "b": 2,
        "gap": 1,
        "kappa": 1,
        "G1": 1,
        "G2": 0,
        "f1": 1,
        "f2": 1,
        "sign1": 1,
        "sign2": 0,
        "u": 1,
        "v": 0,
        "off": 0,
    }
)
LIMIT_ABLATIONS: Mapping[str, Point] = {
    "w_2 >= 0": point(**_BASE) | {"w_2": -1},
    "w_2 <= 1": point(**(_BASE | exact({"w": 2, "b": 4, "G1": 0, "G2": 1, "sign1": 0, "sign2": 1}))),
    "b > 0": point(**(_BASE | exact({"w": 1, "G1": 0, "G2": 1, "sign2": 1}))) | {"b": -1, "rho_-": 1},
    "w_2/b < rho": point(**(_BASE | exact({"w": 1}))) | {"rho_-": sp.Rational(1, 4)},
    "targets": point(**(_BASE | exact({"f1": 9}))),
    "targets off the support": point(**(_BASE | exact({"G1": 0, "sign1": 0, "off": 2}))),
}
