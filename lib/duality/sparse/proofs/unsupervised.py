"""The unsupervised setting: Taylor's formula between two curvatures, quadratic forms, and a pair of problems.

Used and not proved here: Taylor's formula with integral remainder, and Cauchy and Schwarz.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from duality.ledger.claim import Statement, Step
from duality.ledger.prove import identity, inequality
from duality.ledger.search import Axis, Domain
from duality.sparse.proofs.instances import layer
from duality.sparse.rates import unsupervised as rates
from duality.sparse.rates.letters import CURVATURE, rho
from duality.sparse.rates.unsupervised import C

Point = Mapping[str, Any]
delta, g = sp.symbols("Delta g", nonnegative=True)
excess, h, t, beta = sp.symbols("E h t beta", real=True)


def _taylor(statement: Statement) -> tuple[Step, ...]:
    """The excess from below."""
    given = [relation.subs(CURVATURE, h) for relation in statement.relations]
    return (
        identity("The integral of (1 − t)h over [0, 1] is h/2.", sp.integrate((1 - t) * h, (t, 0, 1)), h / 2),
        inequality(
            "So L(β_T) − L(β*) = ⟨∇L(β*), β_T − β*⟩ + ½hΔ² ≥ −gΔ + ½ρ₋Δ².",
            sp.Ge(excess, -g * delta + rho / 2 * delta**2),
            [*given, sp.Ge(excess, -g * delta + h / 2 * delta**2)],
        ),
    )


def bound(statement: Statement) -> tuple[Step, ...]:
    """The smallest excess put into the statement: a quadratic form in Delta and g."""
    plain = [relation for relation in statement.relations if not relation.has(CURVATURE)]
    letters = {rates.ERROR: delta**2, rates.NOISE: g**2, rates.EXCESS: -g * delta + rho / 2 * delta**2}
    coefficient = statement.rhs.subs({rates.NOISE: 0}).subs(rates.EXCESS, 1)
    return (
        *_taylor(statement),
        inequality(
            "The factor of the excess is positive, so the smallest excess is the worst.", sp.Gt(coefficient, 0), plain
        ),
        inequality("The quadratic form in Δ and g.", statement.relation.subs(letters), plain),
    )


def least(statement: Statement) -> tuple[Step, ...]:
    """The proof, and that no smaller second constant does with any first one."""
    A, B = sp.symbols("A B", positive=True)
    slope = sp.Symbol("rho", positive=True)
    form = A * (slope / 2 * delta**2 - g * delta) + B * g**2 - delta**2
    return (
        *bound(statement),
        identity("At Δ = 2g/ρ the excess is 0 …", slope / 2 * (2 * g / slope) ** 2 - g * (2 * g / slope), 0),
        identity(
            "… so with any factor A on it the form there is (B − 4/ρ²)g²: B ≥ 4/ρ².",
            form.subs(delta, 2 * g / slope),
            (B - 4 / slope**2) * g**2,
        ),
    )


def one_constant(statement: Statement) -> tuple[Step, ...]:
    """The proof, and that no smaller constant does, nor any at rho <= 1/2."""
    smaller, slope = sp.Symbol("C", positive=True), sp.Symbol("rho", positive=True)
    worst = smaller * (slope / 2 * 4 * g**2 - 2 * g**2 + g**2)
    return (
        *bound(statement),
        identity("At Δ = 2g the excess plus g² is (2ρ − 1)g² …", worst, smaller * (2 * slope - 1) * g**2),
        inequality(
            "… so C(2ρ − 1) ≥ 4: no smaller constant.",
            sp.Ge(smaller * (2 * slope - 1), 4),
            [sp.Gt(g, 0), sp.Le(4 * g**2, smaller * (2 * slope - 1) * g**2)],
        ),
        inequality(
            "For ρ ≤ 1/2 there is none.", sp.Le(smaller * (2 * slope - 1), 0), [sp.Le(slope, sp.Rational(1, 2))]
        ),
    )


def _condition_c(name: str, loss: sp.Expr, truth: sp.Expr) -> Step:
    """8|L'(beta*)| <= |L'(0)| for a loss in beta."""
    slope = sp.diff(loss, beta)
    at_truth, at_zero = slope.subs(beta, truth), slope.subs(beta, 0)
    return inequality(
        f"(c) for the {name}: 8·{abs(at_truth)} ≤ {abs(at_zero)}.", sp.Le(8 * sp.Abs(at_truth), sp.Abs(at_zero))
    )


def no_constant(statement: Statement) -> tuple[dict[str, Any], sp.Expr, tuple[Step, ...]]:
    """rho = 1/2, gradient 1 at the truth, and beta_T the minimizer of the held-out loss."""
    half, truth, first = sp.Rational(1, 2), sp.Integer(20), sp.Integer(20)
    loss = (beta - truth) ** 2 / 4 + (beta - truth)
    best = sp.solve(sp.diff(loss, beta), beta)[0]
    excess_at = loss.subs(beta, best) - loss.subs(beta, truth)
    slope = sp.diff(loss, beta).subs(beta, truth)
    at = {"rho_-": half, CURVATURE.name: sp.diff(loss, beta, 2), "C": 1000}
    at |= {rates.EXCESS.name: excess_at, rates.NOISE.name: slope**2}
    support = (
        identity("L(β) = (β − 20)²/4 + (β − 20), β* = 20: the gradient at β* is 1 …", slope, 1),
        identity("… the minimum is at 18 …", best, 18),
        identity("… with the excess −1.", excess_at, -1),
        _condition_c("held-out samples", loss, truth),
        identity(
            "PLISA gives 18 on first samples with the loss ½(β − 20)²: one layer of ℓ₁ with α = 1 and the target 2.",
            layer(sp.Integer(0), 1, first, 2, 0, 2, 1),
            best,
        ),
        _condition_c("first samples", (beta - first) ** 2 / 2, truth),
        identity("The right side is C(−1 + 1) = 0 for every C.", C * excess_at + C * slope**2, 0),
    )
    return at, (best - truth) ** 2, support


def pair(statement: Statement) -> tuple[dict[str, Any], sp.Expr, tuple[Step, ...]]:
    """Two problems with the same first samples: PLISA answers both alike, and one pays for the other."""
    data, truth, held_out = sp.Integer(33), sp.Integer(30), (sp.Integer(31), sp.Integer(27))
    lam = sp.Symbol("l", positive=True)
    unsupervised, supervised = sp.Integer(4), data - truth

    def output(target: sp.Expr) -> sp.Expr:
        return layer(sp.Integer(0), 1, data, target, 0, 2, 1)

    losses = [(beta - value) ** 2 / 2 for value in (*held_out, data)]
    mean = (losses[0] + losses[1]).subs(beta, data - lam) / 2
    at = {
        rates.AT_U.name: losses[0].subs(beta, output(unsupervised)),
        rates.AT_STAR.name: losses[0].subs(beta, output(supervised)),
        rates.AT_TRUTH.name: losses[0].subs(beta, truth),
    }
    names = ("held-out samples of the first problem", "held-out samples of the second", "first samples of both")
    support = (
        identity(
            "h = α = 1, c = 33, T = K = 1: the output is 33 − λ for λ < 33, with λ the target.",
            output(unsupervised),
            data - unsupervised,
        ),
        *(_condition_c(name, loss, truth) for name, loss in zip(names, losses, strict=True)),
        identity(
            "The mean held-out loss ½·½((33 − λ − 31)² + (33 − λ − 27)²) has its minimum at λ = 4 …",
            sp.diff(mean, lam),
            lam - unsupervised,
        ),
        identity("… and the squared error (33 − λ − 30)² at λ = 3.", output(supervised), truth),
        identity(
            "On average the inequality holds: the means are 2 and 5/2.",
            mean.subs(lam, supervised) - mean.subs(lam, unsupervised),
            sp.Rational(1, 2),
        ),
    )
    return at, at[rates.AT_U.name] - at[rates.AT_TRUTH.name], support


def average(statement: Statement) -> tuple[Step, ...]:
    """A minimum is at most any other value."""
    u, star, least = sp.symbols("u v l", real=True)
    letters = {rates.MEAN_U: u, rates.MEAN_STAR: star, rates.MEAN_ANY: least}
    given = [relation.subs(letters) for relation in statement.relations]
    return (inequality("θ* is one of the parameters.", statement.relation.subs(letters), [*given, sp.Le(least, star)]),)


def smooth(statement: Statement) -> tuple[Step, ...]:
    """Taylor's formula from above."""
    given = [relation.subs(CURVATURE, h) for relation in statement.relations]
    letters = {rates.EXCESS: excess, rates.GRADIENT: g, rates.DISTANCE: delta}
    return (
        identity("The integral of (1 − t)h over [0, 1] is h/2.", sp.integrate((1 - t) * h, (t, 0, 1)), h / 2),
        inequality(
            "L(β_T) − L(β*) = ⟨∇L(β*), β_T − β*⟩ + ½hΔ² ≤ gΔ + ½hΔ².",
            statement.relation.subs(letters),
            [*given, sp.Le(excess, g * delta + h / 2 * delta**2)],
        ),
    )


def point(low: Any, more: Any, g: Any, way: Any) -> dict[str, Any]:
    """One variable with curvature h = rho_- (1 + more) and gradient g; the output is `way` from the truth."""
    h = low * (1 + more)
    value = {
        rates.EXCESS.name: g * way + h / 2 * way**2,
        rates.NOISE.name: g**2,
        "way": way,
        rates.GRADIENT.name: abs(g),
    }
    return value | {"rho_-": low, CURVATURE.name: h, "rho_+": h, rates.DISTANCE.name: abs(way)}


def squared_error(at: Point) -> Any:
    return at["way"] ** 2


def excess_of(at: Point) -> Any:
    return at[rates.EXCESS.name]


def domain(low: float) -> Domain:
    """Points with rho_- from `low` on."""
    return Domain((Axis("low", low, 3), Axis("more", 0, 2), Axis("g", -2, 2), Axis("way", 0.1, 3)), point)


ONE, HALF = sp.Integer(1), sp.Rational(1, 2)
FLAT = point(ONE, ONE * 0, -ONE, 5 * ONE) | {CURVATURE.name: 0, rates.EXCESS.name: -5}
ABLATIONS: Mapping[str, Point] = {
    "rho_- > 0": point(-ONE, ONE * 0, ONE, 2 * ONE) | {CURVATURE.name: 0, rates.EXCESS.name: 2},
    "curvature from below": FLAT,
}
ONE_ABLATIONS: Mapping[str, Point] = {
    "rho_- > 1/2": point(HALF / 2, ONE * 0, -ONE, ONE),
    "curvature from below": FLAT,
}
SMOOTH_ABLATIONS: Mapping[str, Point] = {
    "curvature from above": point(ONE, ONE * 0, ONE, ONE) | {CURVATURE.name: 3, rates.EXCESS.name: sp.Rational(5, 2)},
}
