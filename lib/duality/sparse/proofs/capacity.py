"""The capacity theorem as printed, by an algorithm that never moves, and its rate where the loss is strongly convex.

Used and not proved here: the mean value theorem for the gradient; a diagonal matrix of slopes in [-xi, 0] changes
Rayleigh quotients by an amount in [-xi, 0]; a symmetric matrix is bounded by its Rayleigh quotients.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from duality.ledger.claim import Statement, Step
from duality.ledger.prove import identity, induction, inequality
from duality.ledger.search import Axis, Domain
from duality.sparse.proofs.instances import exact, layer, layers, minimizer, norm
from duality.sparse.rates import capacity as rates
from duality.sparse.rates.letters import CURVATURE, N, alpha, b, eps, lam, rho, s_star, w2, xi

Point = Mapping[str, Any]
h, slope, u, v, gradient = sp.symbols("h slope u v g", real=True)
e, e_next, e_start, R, P, power = (sp.Symbol(name, nonnegative=True) for name in ("e", "e_1", "e_0", "R", "P", "E"))
q = sp.Symbol("q", real=True)


def threshold(u: sp.Expr, bound: sp.Expr) -> sp.Expr:
    """The soft threshold, with Min and Max."""
    return sp.Max(u - bound, 0) + sp.Min(u + bound, 0)


def stays_at_zero(statement: Statement) -> tuple[Step, ...]:
    """With targets above the gradient at 0 no layer moves, and the floor pays for the whole truth."""
    given = [r.subs({rates.GRADIENT_ZERO: sp.Abs(gradient), rates.LARGEST: u}) for r in statement.relations]
    step, floor = sp.Symbol("alpha", positive=True), sp.Symbol("F", nonnegative=True)
    root, zero = sp.Symbol("r", positive=True), [sp.Ge(u, 0)]
    exponential = next(iter(statement.rhs.atoms(sp.exp)), sp.Integer(0))
    right = statement.rhs.subs(exponential, power).subs(rates.FLOOR, floor).subs(s_star, root**2)
    named = [r for r in given if not r.has(rates.target) and gradient not in r.free_symbols]
    return (
        inequality(
            "0 is a fixed point: λ_t ≥ λ* ≥ |∇L(0)_j|, so the threshold sends −α∇L(0)_j to 0.",
            sp.Eq(threshold(-step * gradient, step * sp.Max(lam, rates.target)), 0),
            [r for r in given if r.has(rates.target) or gradient in r.free_symbols],
        ),
        inequality(
            "β_T = 0, so the error is |β*|₂ ≤ √s* B₁, and the floor is at least √s* ε; r stands for √s*, E for the "
            "exponential.",
            sp.Le(e, right),
            [*named, *zero, sp.Le(e, root * u), sp.Ge(floor, root * eps)],
        ),
    )


def contraction(given: list[sp.Basic]) -> tuple[Step, ...]:
    """One layer against beta*: the gradient step contracts, the threshold does not expand, what is left is R."""
    bound = sp.Symbol("a", nonnegative=True)
    fall = sp.Symbol("p", real=True)  # -q'(|beta*|)
    truth, size = sp.Symbol("beta", nonnegative=True), sp.Symbol("t", real=True)
    return (
        inequality(
            "Loss and concave part together have curvatures h − s with 0 ≤ s ≤ ξ; so |1 − α(h − s)| ≤ 1 − α(ρ₋ − ξ).",
            sp.Le(sp.Abs(1 - alpha * (h - slope)), rates.FACTOR),
            [*given, sp.Ge(slope, 0), sp.Le(slope, xi)],
        ),
        inequality(
            "The soft threshold does not expand.",
            sp.Le(sp.Abs(threshold(u, bound) - threshold(v, bound)), sp.Abs(u - v)),
        ),
        inequality(
            "On the support β* is the threshold of β* + αλ …",
            sp.Eq(threshold(truth + alpha * lam, alpha * lam), truth),
            given,
        ),
        inequality(
            "… and off it 0 is the threshold of −α∇L(β*)_j, because |∇L(β*)_j| ≤ λ_j.",
            sp.Eq(threshold(-alpha * size * lam, alpha * lam), 0),
            [r.subs(rates.OFF, sp.Abs(size)) for r in given if r.has(rates.OFF)]
            + [r for r in given if not r.has(rates.OFF)],
        ),
        inequality(
            "So the layer's argument differs from that of β* by the contracted error and, on the support, by α times "
            "|g + q' + λ| ≤ |g| + p'.",
            sp.Le(sp.Abs(gradient - fall + lam), sp.Abs(gradient) + (lam - fall)),
            [sp.Ge(fall, 0), sp.Le(fall, lam)],
        ),
    )


def at_power(expression: sp.Expr, base: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """The expression at N and at N + 1, with P for base^N."""

    def named(e: sp.Expr) -> sp.Expr:
        return e.replace(
            lambda f: f.is_Pow and f.exp.has(N) and sp.expand(f.base - base) == 0,
            lambda f: P ** sp.diff(f.exp, N) * base ** (f.exp - N * sp.diff(f.exp, N)),
        )

    return named(expression), named(expression.subs(N, N + 1))


def known(statement: Statement) -> list[sp.Basic]:
    return [relation.subs(CURVATURE, h) for relation in statement.relations]


def rate(statement: Statement) -> tuple[Step, ...]:
    """One layer, and the induction over layers."""
    given = known(statement)
    letters = {rates.START: e_start, rates.RESIDUAL: R}
    first = statement.rhs.subs(letters)
    now, after = at_power(first, rates.FACTOR)
    plain = [r for r in given if not r.has(rates.OFF)]
    return (
        *contraction(given),
        induction(
            "So the error obeys e ← (1 − α(ρ₋ − ξ))e + αR, layer by layer; P stands for the N-th power of the factor.",
            [inequality("N = 0", sp.Le(e_start, first.subs(N, 0)), plain)],
            [
                inequality(
                    "one layer",
                    sp.Le(e_next, after),
                    [*plain, sp.Le(e, now), sp.Le(e_next, rates.FACTOR * e + alpha * R)],
                )
            ],
        ),
    )


def rate_sparse(statement: Statement) -> tuple[Step, ...]:
    """The same on the entries that two iterates and the truth meet: (b) reaches them."""
    first, second, most = sp.symbols("n_1 n_2 n", nonnegative=True)
    given = [r.subs(rates.ENTRIES_OFF, most) for r in statement.relations if r.has(rates.ENTRIES_OFF)]
    others = tuple(h for h in statement.hypotheses if not h.relation.has(rates.ENTRIES_OFF))
    return (
        inequality(
            "Off the entries U where β_k, β_{k+1} or β* is not zero nothing differs. U has at most s* + 2s̃ entries, "
            "so the principal submatrix of the Hessian on U has its quotients among those of (b).",
            sp.Le(s_star + first + second, s_star + 2 * rates.s_tilde),
            [*given, sp.Le(first, most), sp.Le(second, most)],
        ),
        *rate(replace(statement, hypotheses=others)),
    )


def path(statement: Statement) -> tuple[Step, ...]:
    """A ball that no layer leaves, whatever lambda_t is."""
    largest, now, truth, root = (sp.Symbol(n, nonnegative=True) for n in ("Lambda_t", "G", "B", "r"))
    letters = {rates.LARGEST: truth, rates.GRADIENT_TRUTH: now, rates.LAMBDA_T: largest, CURVATURE: h}
    given = [relation.subs(letters) for relation in statement.relations]
    ball = statement.rhs.subs(sp.sqrt(s_star), root)
    constants = [r for r in given if r.free_symbols & {truth, now, largest, rates.top, rates.B1, rates.B2}]
    steps = [r for r in given if r not in constants]
    given, bounds = [r for r in given if not r.has(rates.OFF)], [r for r in steps if not r.has(rates.OFF)]
    return (
        *contraction(steps),
        inequality(
            "|g| + p' ≤ |g| + λ_t on each of the s* entries: R ≤ √s*(B₂/8 + Λ).",
            sp.Le(now + largest, rates.B2 / 8 + rates.top),
            constants,
        ),
        induction(
            "The error starts at most at √s* B₁ and never leaves the ball; r stands for √s*.",
            [inequality("β₀ = 0", sp.Le(e, ball), [*given, sp.Le(e, root * truth)])],
            [
                inequality(
                    "one layer",
                    sp.Le(e_next, ball),
                    [
                        *bounds,
                        sp.Le(e, ball),
                        sp.Le(e_next, rates.FACTOR * e + alpha * R),
                        sp.Le(R, root * (rates.B2 / 8 + rates.top)),
                        sp.Ge(rates.FACTOR, 0),
                    ],
                )
            ],
        ),
        inequality("The factor is not negative: ρ₋ − ξ ≤ ρ₊.", sp.Ge(rates.FACTOR, 0), bounds),
    )


def speed(statement: Statement) -> tuple[Step, ...]:
    """The factor of the bound grows with the weight of MCP."""
    return (inequality("e^(−C) is affine in the weights.", statement.relation, statement.relations),)


def local(statement: Statement) -> tuple[Step, ...]:
    """A layer near a nonzero limit is affine, with one slope on each piece of the penalty."""
    beta, c = sp.symbols("beta c", real=True)
    given = known(statement)
    bent = statement.rhs.subs(CURVATURE, h)
    pieces = {
        "|β̂| < bλ: the layer is β − α(hβ − c − w₂β/b) − αλ near a positive limit": (-w2 * beta / b, w2 / b),
        "|β̂| > bλ: it is β − α(hβ − c − w₂λ) − αλ": (-w2 * lam, sp.Integer(0)),
    }
    return (
        *(
            identity(
                f"{name}; its slope.",
                sp.diff(beta - alpha * (h * beta - c + concave) - alpha * lam, beta),
                bent.subs(rates.BENT, value),
            )
            for name, (concave, value) in pieces.items()
        ),
        inequality(
            "The slope is not negative, so it is the factor; the negative side is its mirror image.",
            sp.Ge(1 - alpha * (h - slope), 0),
            [*given, sp.Ge(slope, 0)],
        ),
        inequality("−q'' ≥ 0 on both pieces.", sp.Ge(w2 / b, 0), given),
    )


def measured_at(statement: Statement) -> tuple[dict[str, Any], sp.Expr, tuple[Step, ...]]:
    """MCP alone, h = 1, alpha = 1/2, b = 2: the limit 10 is beyond b lambda, and the factor is 1/2."""
    half, off = sp.Rational(1, 2), sp.Symbol("delta", positive=True)
    numbers = (sp.Integer(1), sp.Integer(10), sp.Integer(1), 1, sp.Integer(2), half)
    moved = (layer(10 + move, *numbers) - 10 for move in (half, -half, sp.Rational(1, 100)))
    at = {"rho_-": 1, "rho_+": 1, "alpha": half, "w_2": 1, "b": 2, rates.MEASURED.name: half}
    support = (
        identity(
            "h = 1, c = 10, λ = 1, w₂ = 1, b = 2, α = 1/2: 10 is the fixed point.", layer(sp.Integer(10), *numbers), 10
        ),
        *(
            identity("A layer halves the distance to it.", move, half * start)
            for move, start in zip(moved, (half, -half, sp.Rational(1, 100)), strict=True)
        ),
        identity(
            "So it does for every small distance δ.", (10 + off) - half * ((10 + off) - 10 - 1) - half - 10, off / 2
        ),
    )
    return at, statement.lhs.subs({alpha: half, rho: 1, w2: 1, b: 2}), support


# adversaries: one entry on the support, one off it, and one step of the path before


def point(
    top: Any,
    low: Any,
    f1: Any,
    f2: Any,
    bent: Any,
    step: Any,
    lam: Any,
    g: Any,
    off: Any,
    truth: Any,
    e1: Any,
    e2: Any,
    count: int,
) -> dict[str, Any]:
    """rho_+ = top, rho_- = low top, curvatures between them, xi = bent rho_-; everything scaled to be allowed."""
    bottom = low * top
    slopes, alpha = bent * bottom, step / top
    fall = min(slopes * truth, lam)
    return {
        "rho_-": bottom,
        "rho_+": top,
        "xi": slopes,
        "alpha": alpha,
        "N": count,
        CURVATURE.name: bottom + f1 * (top - bottom),
        "h_2": bottom + f2 * (top - bottom),
        "lambda": lam,
        "g": g,
        "truth": truth,
        "e_1": e1,
        "e_2": e2,
        rates.OFF.name: abs(off),
        "off": off,
        rates.START.name: norm(e1, e2),
        rates.RESIDUAL.name: abs(g) + lam - fall,
    }


def error(at: Point) -> Any:
    """The error after N layers of both entries; MCP with weight 1 at b = 1/xi has the concave part of slope xi."""
    slopes, lam, truth = at["xi"], at["lambda"], at["truth"]
    weight, width = (1, 1 / slopes) if slopes else (0, 1)
    first = layers(
        truth + at["e_1"],
        at["N"],
        at[CURVATURE.name],
        at[CURVATURE.name] * truth - at["g"],
        lam,
        weight,
        width,
        at["alpha"],
    )
    second = layers(at["e_2"], at["N"], at["h_2"], -at["off"] * lam, lam, weight, width, at["alpha"])
    return norm(first - truth, second)


def searched(
    low: Any, f1: Any, bent: Any, step: Any, g: Any, off: Any, truth: Any, e1: Any, count: int
) -> dict[str, Any]:
    """The scales rho_+ and lambda are 1, and so is the error of the entry off the support, whose curvature is rho_+."""
    one = low / low
    return point(one, low, f1, one, bent, step, one, g, off, truth, e1, one, count)


ADVERSARIES = Domain(
    (
        Axis("low", 0.05, 1),
        Axis("f1", 0, 1),
        Axis("bent", 0, 0.9),
        Axis("step", 0.05, 1),
        Axis("g", -1, 1),
        Axis("off", -1, 1),
        Axis("truth", 0, 8),
        Axis("e1", -3, 3),
        Axis("count", 0, 12, "integer"),
    ),
    searched,
)
_BASE = exact(
    {
        "top": 1,
        "low": 1,
        "f1": 0,
        "f2": 0,
        "bent": 0,
        "step": 1,
        "lam": 1,
        "g": 0,
        "off": 0,
        "truth": 8,
        "e1": 1,
        "e2": 0,
        "count": 3,
    }
)
ABLATIONS: Mapping[str, Point] = {
    "xi >= 0": point(**(_BASE | exact({"lam": 5, "truth": 1}))) | {"xi": -10},
    "xi < rho": point(**(_BASE | exact({"bent": 2, "truth": 1, "g": 1, "count": 0}))),
    "alpha > 0": point(**_BASE) | {"alpha": -1},
    "alpha <= 1/rho_+": point(**_BASE) | {"alpha": 3},
    "curvature from below": point(**_BASE) | {CURVATURE.name: sp.Rational(1, 10)},
    "curvature from above": point(**(_BASE | {"step": sp.Rational(1, 2)})) | {CURVATURE.name: 5},
    "targets off the support": point(**(_BASE | exact({"off": 9, "e1": 0}))),
}

# H = I + J/533: quotients up to 2 at 533 entries, 10 at all 4797 of them; every entry starts at 10, the truth is 0
_DENSE = {rates.START.name: 10 * sp.sqrt(4797), rates.RESIDUAL.name: 0, rates.OFF.name: 0, CURVATURE.name: 1}
_DENSE |= {"rho_-": 1, "rho_+": 2, "xi": 0, "alpha": sp.Rational(1, 2), "N": 1, "lambda": 1}
_DENSE |= {rates.s_tilde.name: 266, rates.ENTRIES_OFF.name: 4797}
SPARSE_ABLATIONS = {
    "sparse iterates": (_DENSE, sp.Rational(79, 2) * sp.sqrt(4797)),  # |10 - 10/2 * 10| - 1/2 in each entry
}


def speed_point(**changed: Any) -> dict[str, Any]:
    at = {"alpha": sp.Rational(1, 2), "rho_-": 1, "b": 4, "a": 3, "w_2": 0, "w_3": 0}
    return at | {rates.more2.name: 1, rates.more3.name: 0} | changed


def _speed(at: Point) -> sp.Expr:
    return 1 - at["alpha"] * (at["rho_-"] - at["w_2"] / sp.sympify(at["b"]) - at["w_3"] / sp.sympify(at["a"] - 1))


SPEED_ABLATIONS = {
    name: (at, _speed(at))
    for name, at in {
        "more MCP": speed_point(w_2=2),
        "same SCAD": speed_point(w_3=1),
        "alpha > 0": speed_point(alpha=-1),
        "b > 0": speed_point(b=-4),
    }.items()
}


def stays_point(**changed: Any) -> dict[str, Any]:
    at = {rates.LARGEST.name: 1, "B_1": 1, rates.GRADIENT_ZERO.name: 1, "B_2": 1, "kappa": 1, rates.target.name: 1}
    more = {rates.c2.name: 1, "varepsilon": 1, rates.FLOOR.name: 1, rates.c1.name: sp.Rational(1, 10), "s^*": 1}
    return at | more | {"C_theta": 1, "K": 0, "T": 1, "t_0": 0} | changed


STAYS = {
    "(a)": (stays_point(**{rates.LARGEST.name: 9}), 9),
    "kappa >= 1": (stays_point(kappa=0), 1),
    "constant": (stays_point(**{rates.c2.name: sp.Rational(1, 10)}), 1),
}
ONE = sp.Integer(1)
PATH_POINT = {rates.LARGEST.name: 1, "B_1": 1, rates.GRADIENT_TRUTH.name: 0, "B_2": 1, rates.LAMBDA_T.name: 1}
PATH_POINT |= {"Lambda": 1, "s^*": 1, "rho_-": 1, "rho_+": 1, "xi": 0, "alpha": 1, CURVATURE.name: 1, rates.OFF.name: 0}
PATHS = {
    "(a)": (PATH_POINT | {rates.LARGEST.name: 9}, 9),  # before the first layer
    "(c)": (PATH_POINT | {rates.GRADIENT_TRUTH.name: 20}, abs(minimizer(ONE, 1 - 20 * ONE, ONE, 0, ONE) - 1)),
    "path": (
        PATH_POINT | {rates.LAMBDA_T.name: 20, rates.LARGEST.name: 1},
        abs(minimizer(ONE, ONE, 20 * ONE, 0, ONE) - 1),
    ),
    "xi < rho": (PATH_POINT | {"xi": 3}, 1),
    "alpha <= 1/rho_+": (
        PATH_POINT | {"alpha": 5},
        abs(layers(0 * ONE, 4, ONE, ONE, sp.Rational(1, 10), 0, ONE, 5) - 1),
    ),
}
