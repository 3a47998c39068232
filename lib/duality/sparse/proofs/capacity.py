"""The capacity theorem as printed, by an algorithm that never moves, and its rate where the loss is strongly convex.

The instances that these statements are tried on are in `capacity_instances`.

Used and not proved here: the mean value theorem for the gradient; a diagonal matrix of slopes in [-xi, 0] changes
Rayleigh quotients by an amount in [-xi, 0]; a symmetric matrix is bounded by its Rayleigh quotients.
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from duality.ledger.claim import Statement, Step
from duality.ledger.prove import induction, inequality
from duality.sparse.rates import capacity as rates
from duality.sparse.rates.letters import CURVATURE, N, alpha, eps, lam, s_star, xi

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
    root, zero = sp.Symbol("r", nonnegative=True), [sp.Ge(u, 0)]
    exponential = next(iter(statement.rhs.atoms(sp.exp)), sp.Integer(0))
    right = statement.rhs.subs(exponential, power).subs(rates.FLOOR, floor)
    named = [r for r in given if not r.has(rates.target) and gradient not in r.free_symbols]
    return (
        inequality(
            "0 is a fixed point: λ_t ≥ λ* ≥ |∇L(0)_j|, so the threshold sends −α∇L(0)_j to 0.",
            sp.Eq(threshold(-step * gradient, step * sp.Max(lam, rates.target)), 0),
            [r for r in given if r.has(rates.target) or gradient in r.free_symbols],
        ),
        inequality(
            "Every entry of the floor is at least ε, whatever the sign of the gradient.",
            sp.Ge(sp.Max(gradient, eps), eps),
        ),
        inequality(
            "β_T = 0, so the error is |β*|₂ ≤ √|S*| B₁, and the floor is at least √|S*| ε; r stands for √|S*|, E for "
            "the exponential.",
            sp.Le(e, right),
            [*named, *zero, sp.Le(e, root * u), sp.Ge(floor, root * eps)],
        ),
    )


SLOPES = [sp.Ge(slope, 0), sp.Le(slope, xi)]  # of -q', by which xi is not negative


def contraction(given: list[sp.Basic]) -> tuple[Step, ...]:
    """One layer against beta*: the gradient step contracts, the threshold does not expand, what is left is R."""
    bound = sp.Symbol("a", nonnegative=True)
    fall = sp.Symbol("p", real=True)  # -q'(|beta*|)
    truth, size = sp.Symbol("beta", nonnegative=True), sp.Symbol("t", real=True)
    return (
        inequality(
            "Loss and concave part together have curvatures h − s with 0 ≤ s ≤ ξ; so |1 − α(h − s)| ≤ 1 − α(ρ₋ − ξ).",
            sp.Le(sp.Abs(1 - alpha * (h - slope)), rates.FACTOR),
            [*given, *SLOPES],
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
    plain = [*(r for r in given if not r.has(rates.OFF)), *SLOPES]
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
    given, bounds = ([*(r for r in some if not r.has(rates.OFF)), *SLOPES] for some in (given, steps))
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
