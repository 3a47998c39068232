"""What a cell can express: gradient descent exactly (R eq. 80), NAG not, NAG with a second iterate."""

from __future__ import annotations

from typing import Any, NamedTuple

import sympy as sp

from duality.hybrid.proofs.recurrent import relu
from duality.hybrid.rates import recurrent as rates
from duality.hybrid.rates.recurrent import L, mu, s
from duality.ledger.claim import Statement, Step
from duality.ledger.prove import identity, induction, inequality
from duality.quadratic.methods import nag_momentum

y, g, z, t = sp.symbols("y g z t", real=True)


def pairs() -> tuple[Step, ...]:
    """[I, -I] after ReLUs of [z; -z] is z, for any number of identity layers between."""
    up, down = relu(z), relu(-z)
    return (
        inequality("σ(z) − σ(−z) = z.", sp.Eq(up - down, z)),
        induction(
            "An identity layer and its ReLU leave (σ(z), σ(−z)) as it is, so any number of them does.",
            [inequality("the first ReLU gives nonnegative numbers", sp.And(sp.Ge(up, 0), sp.Ge(down, 0)))],
            [inequality("σ(t) = t for t ≥ 0", sp.Eq(relu(t), t), [sp.Ge(t, 0)])],
        ),
    )


def gradient_descent(statement: Statement) -> tuple[Step, ...]:
    """R eq. 80, coordinate by coordinate: the first layer is (z, -z) with z = y - s g."""
    claimed = statement.relation.subs({rates.CELL: t, rates.Y: y, rates.GRADIENT: g})
    rows = [1 * y + (-s) * g, -1 * y + s * g]  # the two rows of W1 y + W2 g for one coordinate
    return (
        identity("The second row of the first layer is the first with the other sign.", rows[1], -rows[0]),
        *pairs(),
        inequality(
            "V subtracts the two: the cell is the gradient step.", claimed, [sp.Eq(t, relu(rows[0]) - relu(rows[1]))]
        ),
    )


class Run(NamedTuple):
    """NAG's iterates and the gradients at them, on one eigenvalue."""

    y: list[Any]
    gradient: list[Any]


def nag(q: Any, b: Any, step: Any, u: Any, steps: int) -> Run:
    """R eq. 9 on f(y) = q y^2/2 + b y from zero: y_{k+1} = z_k - s (q z_k + b), exact in any numbers."""
    momentum = nag_momentum(u)
    now, point = sp.Integer(0), sp.Integer(0)
    path = [now]
    for _ in range(steps):
        following = sp.cancel(point - step * (q * point + b))
        point = following + momentum * (following - now)
        now = following
        path.append(now)
    return Run(path, [sp.cancel(q * value + b) for value in path])


def colliding(step: Any, u: Any) -> tuple[Any, Any]:
    """Two eigenvalues on which NAG is at the minimizer after two steps: with momentum left, and at rest."""
    return (1 + u) / (2 * step), 1 / step


def no_nag(statement: Statement) -> tuple[Step, ...]:
    """At k = 2 two problems give a cell the same input, and NAG goes on differently."""
    m, r = sp.symbols("mu u", positive=True)
    at = {s: r**2 / m, mu: m}
    step = r**2 / m
    moving, resting = colliding(step, r)
    first, second = (nag(q, -q, step, r, 3) for q in (moving, resting))  # b = -q: the minimizer is 1
    gap = statement.rhs.subs(rates.TARGET, 1).subs(at)
    given = [relation for relation in (e.subs(at) for e in statement.relations) if relation != sp.true]
    return (
        inequality(
            "With u = √(μs): the eigenvalues q = (1+u)/(2s) and q′ = 1/s lie in [μ, L].",
            sp.And(sp.Le(m, moving), sp.Le(moving, resting), sp.Le(resting, L)),
            given,
        ),
        identity("On q NAG's second iterate is the minimizer x* …", first.y[2], 1),
        identity("… with gradient zero.", first.gradient[2]),
        identity("On q′ it is x*, too, already after one step …", (second.y[1] - 1) ** 2 + (second.y[2] - 1) ** 2),
        identity("… with gradient zero, so the cell's input is the same.", second.gradient[2]),
        identity("On q′ NAG stays …", second.y[3], 1),
        identity("… on q it runs past x* by the stated part of ‖x*‖.", first.y[3] - 1, gap),
        inequality("That is not zero, because u < 1.", sp.Gt(gap, 0), given),
        in_every_dimension(),
    )


def in_every_dimension() -> Step:
    """Q = q on the line of x*, anything on its complement: the runs stay on the line."""
    Q, q, e, b, a = sp.symbols("Q q e b a", commutative=False)
    factor, weight = sp.symbols("q a")
    return identity(
        "In d dimensions take Qe = qe for a unit vector e along x* and b = −qx*: from ae, Qae + b is on the line of e.",
        sp.expand(Q * e * weight - factor * e).subs(Q * e, factor * e),
        sp.expand((weight * factor - factor) * e),
    )


def nag_at_a_point() -> tuple[dict[str, Any], sp.Rational, tuple[Step, ...]]:
    """mu = 1, L = 4, s = 1/4: the point, the gap after the third step, and what was checked on the way."""
    step, u = sp.Rational(1, 4), sp.Rational(1, 2)
    moving, resting = colliding(step, u)
    first, second = (nag(q, -q, step, u, 3) for q in (moving, resting))
    point = {"mu": 1, "L": 4, "s": step, "Q": moving, "b": -moving, "Q'": resting, "b'": -resting, "k": 2}
    point |= {"y_2": first.y[2], "gradient": first.gradient[2], "y_3": first.y[3], "y'_3": second.y[3]}
    steps = (
        inequality("Q and Q′ lie in [μ, L] = [1, 4].", sp.And(sp.Le(1, moving), sp.Le(resting, 4))),
        identity("√(μs) = u.", u**2, step),
        identity("y₂ = y′₂ in exact fractions …", first.y[2], second.y[2]),
        identity("… and Qy₂ + b = Q′y′₂ + b′: the cell's inputs agree.", first.gradient[2], second.gradient[2]),
    )
    return point, abs(first.y[3] - second.y[3]), steps


def doubled_nag(statement: Statement) -> tuple[Step, ...]:
    """NAG from a cell with two iterates, coordinate by coordinate."""
    p, h, e = sp.symbols("p h e", real=True)  # y_{k-1}, and the gradients at y_k and y_{k-1}
    momentum = rates.bet
    claimed = statement.relation.subs(
        {rates.CELL_TOP: t, rates.NOW: y, rates.BEFORE: p, rates.NOW_GRADIENT: h, rates.BEFORE_GRADIENT: e}
    )
    top = (1 + momentum) * y - momentum * p - s * (1 + momentum) * h + s * momentum * e
    Q, now, before, b = sp.symbols("Q y_k y_k-1 b", commutative=False)
    point = now + momentum * (now - before)
    return (
        *pairs(),
        inequality(
            "Upper half: V subtracts σ(z) − σ(−z) with z the first block row of the weights.",
            claimed,
            [sp.Eq(t, relu(top) - relu(-top))],
        ),
        inequality("Lower half: the second block row hands y_k on.", sp.Eq(relu(y) - relu(-y), y)),
        identity(
            "The gradient at z_k = y_k + β(y_k − y_{k−1}) is (1+β)(Qy_k+b) − β(Qy_{k−1}+b).",
            sp.expand(Q * point + b),
            sp.expand((1 + momentum) * (Q * now + b) - momentum * (Q * before + b)),
        ),
        induction(
            "So the states are (y_k, y_{k−1}) of NAG for every k.",
            [identity("the zero state is NAG's start z₀ = y₀ = 0", point.subs({now: 0, before: 0}))],
            [
                identity(
                    "one step of R eq. 9",
                    point - s * (Q * point + b),
                    sp.expand(
                        (statement.rhs).subs(
                            {
                                rates.NOW: now,
                                rates.BEFORE: before,
                                rates.NOW_GRADIENT: Q * now + b,
                                rates.BEFORE_GRADIENT: Q * before + b,
                            }
                        )
                    ),
                )
            ],
        ),
    )


def nag_outside(statement: Statement) -> tuple[Step, ...]:
    """No cell that carries (y_k, y_{k-1}) contracts: the second half repeats the first change in full."""
    first, move, before, after, constant = sp.symbols("f m D_0 D_1 C", nonnegative=True)
    return (
        inequality(
            "From the states (0, 0), (y₁, 0), (y₂, y₁): the changes have the squares ‖y₁‖² and ‖y₂−y₁‖² + ‖y₁‖². With "
            "b ≠ 0 NAG has y₁ = −sb ≠ 0, and rnn-contractive for two copies of the problem asks ‖second‖ ≤ "
            "c_φ‖first‖.",
            statement.relation.subs(rates.C_PHI, constant),
            [
                *(sp.Gt(first, 0), sp.Eq(before**2, first**2), sp.Eq(after**2, move**2 + first**2)),
                sp.Le(after, constant * before),
            ],
        ),
    )
