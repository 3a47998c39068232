"""Meta-Jacobians of unrolled gradient descent, with and without the proximal term, by induction on the steps."""

from __future__ import annotations

import sympy as sp

from duality.folding.proofs.words import equal
from duality.folding.rates import maml as rates
from duality.folding.rates.letters import matrices, unit
from duality.folding.rates.maml import IMPLICIT, H, h, lam, s
from duality.ledger.claim import Statement, Step
from duality.ledger.prove import identity, induction, inequality
from duality.quadratic.proofs.reduction import abstract_power, power_bound
from duality.quadratic.rates import k

J, theta, m = matrices(r"J \theta m")
P = sp.Symbol("P", real=True)


def meta_jacobian(statement: Statement) -> tuple[Step, ...]:
    """One gradient step multiplies the Jacobian by I - sH."""
    (step,) = matrices("G")
    power = statement.rhs.replace(lambda e: e == unit - s * H, lambda e: step)
    return (
        equal(
            "θ₊ = θ − sH(θ − m): dθ₊ = (I − sH)dθ.",
            (theta - s * H * (theta - m)) - (0 - s * H * (0 - m)),
            (1 - s * H) * theta,
        ),
        induction(
            "So the k-th Jacobian is the stated power, G standing for I − sH.",
            [equal("k = 0", power.subs(k, 0), 1)],
            [equal("one step", power.subs(k, k + 1), step * power)],
        ),
    )


def vanishes(given: list[sp.Basic]) -> tuple[Step, ...]:
    """|1 - s h| < 1, so the powers tend to zero."""
    return (
        *meta_jacobian(rates.META_JACOBIAN),
        inequality(
            "In an eigendirection with h > 0, |1 − sh| < 1: the k-th power tends to 0, the adapted parameters forget "
            "θ₀.",
            sp.Lt(sp.Abs(1 - s * h), 1),
            given,
        ),
    )


def at_a_point(statement: Statement) -> tuple[dict[str, sp.Expr], sp.Expr, tuple[Step, ...]]:
    """H = 1 and lambda = 1: 1/2 for implicit MAML, 0 for the limit of gradient descent."""
    point = {"h": sp.Integer(1), "lambda": sp.Integer(1), "s": sp.Rational(1, 2), rates.LIMIT.name: sp.Integer(0)}
    x, start = sp.symbols("x theta_0", real=True)
    energy = h * x**2 / 2 + lam * (x - start) ** 2 / 2
    solution = sp.solve(sp.diff(energy, x), x)[0]
    value = IMPLICIT.subs({h: point["h"], lam: point["lambda"]})
    support = (
        identity(
            "Implicit MAML: the minimizer of ½hθ² + ½λ(θ − θ₀)² has the derivative λ/(h+λ).",
            sp.diff(solution, start),
            IMPLICIT,
        ),
        *vanishes([*(relation for relation in statement.relations)]),
    )
    return point, value, support


def proximal_steps(statement: Statement) -> tuple[Step, ...]:
    """The affine recursion J -> (1 - s(h + lambda))J + s lambda, its solution and its limit."""
    given, x, start = statement.relations, *sp.symbols("x theta_0", real=True)
    step = x - s * (h * x + lam * (x - start))
    base = 1 - s * (h + lam)
    now = abstract_power(statement.rhs, base, P)
    after = abstract_power(statement.rhs.subs(k, k + 1), base, P)
    value = sp.Symbol("J", real=True)
    return (
        identity(
            "θ₊ = θ − s(hθ + λ(θ − θ₀)): J₊ = (1 − s(h+λ))J + sλ.",
            sp.diff(step, x) * value + sp.diff(step, start),
            base * value + s * lam,
        ),
        induction(
            "From J₀ = 1 its k-th iterate is the right side; P stands for the k-th power.",
            [inequality("k = 0", sp.Eq(now.subs({k: 0, P: 1}), 1), given)],
            [inequality("one step", sp.Eq(base * now + s * lam, after), given)],
        ),
        inequality(
            "|1 − s(h+λ)| < 1: the power tends to 0 and the Jacobian to λ/(h+λ).", sp.Lt(sp.Abs(base), 1), given
        ),
    )


def without_proximal(statement: Statement) -> tuple[Step, ...]:
    """Both limits are 0 where h > 0 and 1 where h = 0."""
    given = statement.relations
    curve, weight = sp.symbols("h lambda", positive=True)
    limit = sp.limit(weight / (curve + weight), weight, 0, "+")
    first, second = sp.symbols("a b", real=True)
    values = sp.Or(
        sp.And(sp.Gt(h, 0), sp.Lt(sp.Abs(1 - s * h), 1), sp.Eq(first, 0), sp.Eq(second, limit)),
        sp.And(sp.Eq(h, 0), sp.Eq(first, 1), sp.Eq(second, sp.limit(weight / (0 + weight), weight, 0, "+"))),
    )
    return (
        *meta_jacobian(rates.META_JACOBIAN),
        identity("Where h > 0, λ/(h+λ) tends to 0 with λ …", limit, 0),
        inequality("… and (1 − sh)ᵏ with k, because |1 − sh| < 1.", sp.Lt(sp.Abs(1 - s * h), 1), [*given, sp.Ne(h, 0)]),
        inequality(
            "Where h = 0 both are 1 throughout: λ/λ = 1 and (1 − 0)ᵏ = 1. So they agree.",
            statement.relation.subs({rates.LIMIT: first, rates.IMPLICIT_LIMIT: second}),
            [*given, values],
        ),
    )


def early(statement: Statement) -> tuple[Step, ...]:
    """(1 - x)^k (1 + k x) <= 1, by induction on k."""
    given, bound = statement.relations, statement.rhs
    base = sp.sympify(statement.lhs.args[0]) if isinstance(statement.lhs, sp.Pow) else statement.lhs
    kk, y = sp.symbols("k y", positive=True)
    return (
        inequality("0 ≤ 1 − sh ≤ 1.", sp.And(sp.Ge(base, 0), sp.Le(base, 1)), given),
        power_bound("(1 − sh)ᵏ is at most the right side, for every k.", bound, base, given, base),
        induction(
            "(1 − sh)ᵏ ≥ 1 − skh (Bernoulli); P stands for (1 − sh)ᵏ.",
            [inequality("k = 0", sp.Ge(1, 1 - s * h * 0))],
            [
                inequality(
                    "one step", sp.Ge(base * P, 1 - s * (k + 1) * h), [*given, sp.Ge(k, 0), sp.Ge(P, 1 - s * k * h)]
                )
            ],
        ),
        identity("Slope of 1/(1+y) at y = skh = 0 …", sp.diff(1 / (1 + y), y).subs(y, 0), -1),
        identity("… and of (1 − y/k)ᵏ: both are 1 − y to first order.", sp.diff((1 - y / kk) ** kk, y).subs(y, 0), -1),
    )
