"""R Theorem C.3, replayed: its algebra is exact, and the steps about covers that fail are replaced by one net.

Names: w = n^(-1/2), y = sqrt(Lambda), v = sqrt(r_q), e = e^(-t), g = (1 - e)^2.
"""

from __future__ import annotations

import sympy as sp

from duality.hybrid.proofs.generalization import concentration, in_roots
from duality.hybrid.proofs.onenet import ROOT2, inside_net, massart, net_bound, squares_contract, v, w, y
from duality.hybrid.rates import generalization as rates
from duality.hybrid.rates.generalization import B
from duality.hybrid.rates.generalization_repaired import solved_for_cvg
from duality.ledger.claim import Statement, Step
from duality.ledger.prove import identity, inequality

E, c = sp.symbols("E c", nonnegative=True)
e, g, t = sp.symbols("e g t", nonnegative=True)
A2 = sp.Rational(3, 2) * v**2 + sp.Rational(16, 3) * B**2 * t * w**2
A1 = 1 + 3 * B * e * y


def plain(statement: Statement) -> sp.Expr:
    """The right side in w, y, v, e, t, with Cvg solved for from the level hypothesis, if there is one."""
    cvg = solved_for_cvg(statement, v)
    right = statement.rhs.subs(sp.exp(-rates.t), e).subs({rates.ER_NORM: E})
    if cvg is not None:
        right = right.subs(rates.CVG, cvg)
    return sp.expand(in_roots(right).subs(rates.t, t), deep=False)


def split(right: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """(u, q) with right = w (u + sqrt q); q = 0 when no root is left."""
    bracket = sp.expand(sp.simplify(right / w), deep=False)
    roots = [term for term in sp.Add.make_args(bracket) if term.has(sp.Pow) and _is_root(term)]
    inside = sp.expand(sp.Add(*roots) ** 2) if len(roots) == 1 else sp.Integer(0)
    return sp.expand(bracket - sp.Add(*roots)), inside


def _is_root(term: sp.Expr) -> bool:
    return any(f.is_Pow and f.exp == sp.Rational(1, 2) for f in sp.Mul.make_args(term))


def from_one_net(statement: Statement) -> tuple[Step, ...]:
    """Eq. 67 with the covering number of the whole class, and with room: 2 and sqrt 2 are below 4 and 12."""
    total = sp.Symbol("R", real=True)
    return (
        *inside_net(),
        *massart(),
        net_bound("R_n ℓ_Q ≤ w(2 + √2 y c) when every root mean square is at most c.", total, sp.Integer(1), c),
        inequality(
            "This is at most eq. 66 and 67, w(4 + 12 y c), with the covering number of the whole class.",
            sp.Le(total, 4 * w * (1 + 3 * c * y)),
            [sp.Le(total, w * (2 + ROOT2 * y * c))],
        ),
        *squares_contract(),
        *concentration(statement, E, c),
    )


def neural_empirical(statement: Statement) -> tuple[Step, ...]:
    """R eq. 64."""
    linear, inside = split(plain(statement))
    return (
        *from_one_net(statement),
        identity(
            "12² · (3/2, 16/3, 5) = 216, 768, 720: the root in eq. 64 is 12 y c.",
            inside,
            144 * y**2 * (A2 + 5 * B * E),
        ),
        identity("The rest of eq. 64 is 4.", linear, 4),
    )


def neural_expected(statement: Statement) -> tuple[Step, ...]:
    """R eq. 65 by eq. 70 to 74."""
    on, off, p, x, s, m = sp.symbols("a b p x s m", nonnegative=True)
    half, third, alpha = sp.symbols("beta gamma alpha", positive=True)
    b = A1 / (2 * w) + 45 * g * B * y**2
    last = A1**2 - 9 * g * y**2 * A2
    linear, inside = split(plain(statement))
    root_linear, root_inside = 8 * w * b, sp.expand(64 * w**2 * b**2 - 16 * last)
    powers = sp.symbols("a_0 a_1 a_2", nonnegative=True)
    return (
        *from_one_net(statement),
        inequality(
            "Eq. 70: a on an event of probability p ≥ 1 − e, b always; so the mean is at most (1 − e)a + e b, "
            "whichever of a and b is larger.",
            sp.Le(E, (1 - e) * on + e * off),
            [sp.Le(E, p * on + (1 - p) * off), sp.Le(E, off), sp.Ge(p, 1 - e), sp.Le(p, 1), sp.Le(e, 1)],
        ),
        identity(
            "With a = 4w(1 + 3cy), b = 4w(1 + 3By): eq. 71, E/(4w) − A₁ ≤ 3(1 − e)cy.",
            ((1 - e) * 4 * w * (1 + 3 * c * y) + e * 4 * w * (1 + 3 * B * y)) / (4 * w) - A1,
            3 * (1 - e) * c * y,
        ),
        inequality(
            "If the left side of eq. 71 is negative, E ≤ 4wA₁ is below the right side; otherwise both sides may be "
            "squared.",
            sp.Le(x**2, m**2 * s**2),
            [sp.Le(x, m * s)],
        ),
        identity(
            "Squared and sorted: E²/(16w²) − bE + A₁² − 9gy²A₂ ≤ 0 with b = A₁/(2w) + 45gBy².",
            (E / (4 * w) - A1) ** 2 - 9 * g * y**2 * (A2 + 5 * B * E),
            E**2 / (16 * w**2) - b * E + last,
        ),
        inequality(
            "αE² − βE + γ ≤ 0 with α > 0 gives 2αE ≤ β + √(β² − 4αγ).",
            sp.Le(2 * alpha * E, half + s),
            [sp.Le(alpha * E**2 - half * E + third, 0), sp.Eq(s**2, half**2 - 4 * alpha * third)],
        ),
        identity("Outside the root, at g = 1: 4A₁ + 360wBy² (the printed 4 + C₃).", root_linear.subs(g, 1), linear),
        identity("Inside the root, at g = 1: the printed C₁ and C₂.", root_inside.subs(g, 1), inside),
        inequality(
            "g = (1 − e)² ≤ 1 enters as a₀ + a₁g + a₂g² with nonnegative coefficients, so g = 1 is the largest case.",
            sp.Le(powers[0] + powers[1] * g + powers[2] * g**2, sum(powers)),
            [sp.Le(g, 1)],
        ),
        identity(
            "Indeed the inside is 768gBy²w²tB + 216gv²y² + 2880gwBy²(A₁ + 45gwBy²).",
            root_inside,
            768 * g * B**2 * y**2 * w**2 * t
            + 216 * g * v**2 * y**2
            + 2880 * g * w * B * y**2 * (A1 + 45 * g * w * B * y**2),
        ),
    )
