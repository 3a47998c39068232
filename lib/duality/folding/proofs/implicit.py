"""Folding gives what implicit differentiation gives: in general, map by map, and what each hypothesis is for."""

from __future__ import annotations

import sympy as sp

from duality.folding.proofs.words import Rule, equal, letters, reduce, rule, rules
from duality.folding.rates import implicit as rates
from duality.folding.rates.implicit import (
    A_T,
    Z_T,
    A,
    B,
    C,
    F_c,
    F_inv,
    F_s,
    H,
    H_inv,
    Q,
    S,
    W,
    X,
    Y,
    Z,
    reduced_inv,
    resolvent,
    rho,
    s,
)
from duality.folding.rates.letters import Phi, Psi, matrices
from duality.ledger.claim import Statement, Step
from duality.ledger.prove import identity, induction, inequality

SLOPE, LOAD = 1 - rho * A * S * A_T, A * S * (2 * rho * A_T * B - C) - B  # of the folded ADMM map


def both_orders(known: list[Rule], first: sp.Expr, second: sp.Expr) -> list[Rule]:
    """The rules, and with first * second = I also second * first = I: a one-sided inverse of a square matrix is one."""
    word, other = letters(first * second)[1], letters(second * first)[1]
    inverse = any(spelled == word and reduce(value) == 1 for spelled, value in known)
    return [*known, (other, sp.Integer(1))] if inverse else known


def equals_implicit(statement: Statement) -> tuple[Step, ...]:
    """Both sides are dx*/dc: one from x* = U(x*, c), one from F = 0."""
    fixed = rules(statement, {"differentiated fixed point": Psi, "1 is no eigenvalue": resolvent * Phi})
    kkt = [([F_inv, F_s], sp.Integer(1)), *rules(statement, {"differentiated KKT system": F_c})]
    least, weakest, margin = sp.symbols("m a delta", real=True)
    given = [
        relation.subs({rates.CURVATURE: least, rates.INDEPENDENCE: weakest, rates.DISTANCE: margin})
        for relation in statement.relations
        if not isinstance(relation, sp.Equality)
    ]
    y, l, image, move, value = sp.symbols("y l z e v", nonnegative=True)
    direction_T, multiplier = matrices(r"y^{\top} l")
    tangent = [([Z_T, A_T], sp.Integer(0))]
    return (
        inequality(
            "Strict complementarity with a margin δ: what moves by at most δ/2 keeps its sign, so near c the same "
            "constraints are active and F is differentiable.",
            sp.Gt(value - move, 0),
            [*given, sp.Ge(value, margin), sp.Le(move, margin / 2)],
        ),
        equal(
            "F_s is invertible. Let Hd + Aᵀl = 0 and Ad = 0, so d = Zy. Then yᵀZᵀ(Hd + Aᵀl) = yᵀZᵀHZy, as AZ = 0 …",
            direction_T * Z_T * (H * Z * matrices("y")[0] + A_T * multiplier),
            direction_T * Z_T * H * Z * matrices("y")[0],
            tangent,
        ),
        inequality(
            "… is 0 and at least m‖y‖²: y = 0 by the second-order condition, d = 0 …",
            sp.Eq(y, 0),
            [*given, sp.Le(least * y**2, 0)],
        ),
        inequality(
            "… and ‖Aᵀl‖ = 0 is at least a‖l‖: l = 0, because the active gradients are independent.",
            sp.Eq(l, 0),
            [*given, sp.Eq(image, 0), sp.Ge(image, weakest * l)],
        ),
        equal(
            "x*(c) = U(x*(c), c) differentiated says Ψ = (I − Φ)X with X = dx*/dc, so (I − Φ)⁻¹Ψ = X.",
            statement.lhs,
            X,
            fixed,
        ),
        equal("F(s*(c), c) = 0 differentiated says F_c = −F_sX, so −F_s⁻¹F_c = X.", statement.rhs, X, kkt),
    )


def _solves_system(sentence: str, J: sp.Expr, slope: sp.Expr, load: sp.Expr, known: list[Rule]) -> Step:
    return equal(sentence, J, slope * J + load, known)


def gradient_step(statement: Statement) -> tuple[Step, ...]:
    """The fixed point of J -> (I - sH)J - sC."""
    known = both_orders(rules(statement, {"H invertible": H_inv * H}), H_inv, H)
    return (
        _solves_system(
            "Φ = I − sH and Ψ = −sC: the stated matrix is a fixed point of J → ΦJ + Ψ.",
            statement.rhs,
            1 - s * H,
            -s * C,
            known,
        ),
        equal("I − Φ = sH is invertible, so it is the only one.", H_inv / s * (s * H), 1, known),
    )


def projected_step(statement: Statement) -> tuple[Step, ...]:
    """The fixed point of J -> ZZ'((I - sH)J - sC), and that it solves the KKT system."""
    word = reduced_inv * Z_T * H * Z
    known = both_orders(rules(statement, {"orthonormal": Z_T * Z, "second order": word}), reduced_inv, Z_T * H * Z)
    projector = Z * Z_T
    slope, load = projector * (1 - s * H), -s * projector * C
    inverse = Z * reduced_inv * Z_T * (1 + (1 - s * H) * (1 - projector)) / s + 1 - projector
    multipliers, tangent = matrices(r"\Lambda y")
    gradients = [*known, ([Z_T, A_T], sp.Integer(0)), ([A, Z], sp.Integer(0))]
    return (
        _solves_system(
            "With strict complementarity the face stays active near c and the projection has the derivative ZZᵀ: Φ = "
            "ZZᵀ(I − sH), Ψ = −sZZᵀC. The stated matrix is a fixed point …",
            statement.rhs,
            slope,
            load,
            known,
        ),
        equal("… and the only one: I − Φ has an inverse.", (1 - slope) * inverse, 1, known),
        equal(
            "The KKT system HX + AᵀΛ + C = 0, AX = 0, with AZ = 0: X = Zy solves its second part …",
            A * (Z * tangent),
            0,
            gradients,
        ),
        equal(
            "… and Zᵀ times the first is ZᵀHZy + ZᵀC = 0, since ZᵀAᵀ = 0 …",
            Z_T * (H * Z * tangent + A_T * multipliers + C),
            Z_T * H * Z * tangent + Z_T * C,
            gradients,
        ),
        equal(
            "… so y = −(ZᵀHZ)⁻¹ZᵀC and X = Zy is the stated matrix.", Z * (-reduced_inv * Z_T * C), statement.rhs, known
        ),
    )


def newton_step(statement: Statement) -> tuple[Step, ...]:
    """At a zero of F the Newton map has the derivatives 0 and -F_s^-1 F_c."""
    x, c = sp.symbols("x c", real=True)
    F, matrix_slope = sp.Function("F")(x, c), matrices(r"\dot{F^{-1}}")[0]
    newton = x - F / sp.diff(F, x)
    p, r, rest = sp.symbols("p r w", positive=True)  # F_x, F_c and a second derivative at the solution
    derivatives = [(sp.diff(F, x, c), rest), (sp.diff(F, x, 2), rest), (sp.diff(F, x), p), (sp.diff(F, c), r), (F, 0)]
    known = both_orders(rules(statement, {"KKT matrix invertible": F_inv * F_s}), F_inv, F_s)
    value = matrices("F")[0]
    at_solution = [*known, ([value], sp.Integer(0))]
    return (
        identity(
            "On the line: the derivative of x − F/F_x in x vanishes where F = 0 …",
            sp.diff(newton, x).subs(derivatives),
        ),
        identity(
            "… and that in c is −F_c/F_x.",
            sp.diff(newton, c).subs(derivatives),
            -r / p,
        ),
        equal(
            "For matrices: Φ = I − F_s⁻¹F_s − (F_s⁻¹)˙F = 0 where F = 0.",
            1 - F_inv * F_s - matrix_slope * value,
            0,
            at_solution,
        ),
        equal("So J₁ = Ψ, the stated matrix.", -F_inv * F_c - matrix_slope * value, statement.rhs, at_solution),
    )


def admm_step(statement: Statement) -> tuple[Step, ...]:
    """A fixed point of the folded ADMM iteration solves the differentiated KKT system; A may have any rank."""
    curved = Q * S
    known = rules(statement, {"inverse": curved, "multiplier": Y})
    derivative = S * (rho * A_T * (2 * B - W) - C)
    fixed = rule(sp.Eq(W, W + A * derivative - B, evaluate=False), A * S * C)
    feasible = [fixed] if fixed else []
    return (
        equal(
            "The step w₊ = w + Ax − b, differentiated: W₊ = ΦW + Ψ with Φ = I − ϱASAᵀ, Ψ = AS(2ϱAᵀB − C) − B and "
            "S = (Q + ϱAᵀA)⁻¹.",
            W + A * derivative - B,
            SLOPE * W + LOAD,
        ),
        equal("At a fixed point X = S(ϱAᵀ(2B − W) − C) has AX = B.", A * derivative, B, feasible),
        equal(
            "QX = ϱAᵀ(2B − W) − C − ϱAᵀAX, which with AX = B is −AᵀY − C.",
            Q * derivative,
            statement.rhs,
            [*known, *feasible],
        ),
    )


def no_licq(statement: Statement) -> tuple[Step, ...]:
    """Phi = I - rho A S A' has its spectrum in [0, 1], and Psi has no component where the eigenvalue is 1."""
    given = statement.relations
    smallest = rates.SMALLEST
    h, y, image, energy, length = sp.symbols("h y a e z", nonnegative=True)
    nu = sp.Symbol("nu", real=True)
    r = rates.rho
    value = sp.Symbol("l", real=True)
    facts = [
        *given,
        sp.Ge(energy, smallest * length**2),
        sp.Eq(h, energy + r * image**2),
        sp.Le(h, y * image),
        sp.Eq((1 - nu) * y**2, r * h),
        sp.Gt(y, 0),
    ]
    vector_T, vector, solved = matrices("y^{\\top} y z")
    kernel = [([vector_T, A], sp.Integer(0))]
    G = sp.Symbol("G", nonnegative=True)
    start = matrices("t")[0]
    return (
        equal(
            "For an eigenvector y of Φ = I − ϱASAᵀ put z = SAᵀy: h = yᵀAz = zᵀ(Q + ϱAᵀA)z, so with e = zᵀQz ≥ q‖z‖² "
            "and a = ‖Az‖, h = e + ϱa², h ≤ ‖y‖a (Cauchy–Schwarz) and (1 − ν)‖y‖² = ϱh.",
            (Q + r * A_T * A) * solved,
            Q * solved + r * A_T * A * solved,
        ),
        inequality("So every eigenvalue ν of Φ lies in [0, 1].", sp.And(sp.Ge(nu, 0), sp.Le(nu, 1)), facts),
        inequality("ν = 1 only where z = 0, that is Aᵀy = 0.", sp.Or(sp.Lt(nu, 1), sp.Eq(length, 0)), facts),
        equal("Such y are fixed, Φy = y …", SLOPE * vector, vector, [([A_T, vector], sp.Integer(0))]),
        equal(
            "… and (0, y) is in the kernel of the KKT matrix, so for dependent rows that matrix is singular and ρ(Φ) = "
            "1.",
            Q * 0 + A_T * vector,
            0,
            [([A_T, vector], sp.Integer(0))],
        ),
        equal(
            "There Ψ has no component: with B = AT in the range of A, yᵀΨ = yᵀA(S(2ϱAᵀB − C) − T) = 0.",
            vector_T * LOAD.subs(B, A * start),
            0,
            kernel,
        ),
        induction(
            "Φ is symmetric, so the components at ν < 1 converge like νᴷ to a fixed point, and those at ν = 1 stay 0; "
            "G stands for νᴷ.",
            [inequality("K = 0", sp.Le(sp.Integer(1), 1, evaluate=False))],
            [
                inequality(
                    "one step", sp.And(sp.Le(nu * G, 1), sp.Ge(nu * G, 0)), [sp.Ge(nu, 0), sp.Lt(nu, 1), sp.Le(G, 1)]
                )
            ],
        ),
        *admm_step(rates.ADMM_STEP),
        inequality(
            "X is unique although Y need not be: the difference d of two solutions has Ad = 0 and dᵀQd = −dᵀAᵀ(…) = 0, "
            "so d = 0.",
            sp.Eq(length, 0),
            [*given, sp.Ge(energy, smallest * length**2), sp.Eq(energy, 0)],
        ),
        inequality(
            "dx*/dc solves that system, too: the limit is dx*/dc.",
            statement.relation.subs({rates.LIMIT: value, rates.DERIVATIVE: nu}),
            [sp.Eq(sp.Abs(value - nu), length), *given, sp.Le(smallest * length**2, 0)],
        ),
        *_duplicate(),
    )


def _duplicate() -> tuple[Step, ...]:
    """min 1/2 |x - c|^2 with x_1 + x_2 = 1 written twice: singular KKT matrix, right derivative."""
    rows, weight = sp.Matrix([[1, 1], [1, 1]]), sp.Integer(1)
    inverse = (sp.eye(2) + weight * rows.T * rows).inv()
    slope = sp.eye(2) - weight * rows * inverse * rows.T
    load = rows * inverse  # dp/dc = -I
    kkt = sp.Matrix(sp.BlockMatrix([[sp.eye(2), rows.T], [rows, sp.zeros(2, 2)]]).as_explicit())
    limit = load / 2 * sp.Rational(5, 2)  # (1 - 1/5)^-1 = 5/4 on the range of the rows
    derivative = inverse * (sp.eye(2) - weight * rows.T * limit)
    projector = sp.Matrix([[1, -1], [-1, 1]]) / 2
    return (
        identity("Example: ½‖x − c‖² with x₁ + x₂ = 1 written twice. The KKT matrix has determinant 0 …", kkt.det()),
        identity("… and I − Φ, too …", (sp.eye(2) - slope).det()),
        *(
            identity(
                f"… the folded iteration has the fixed point W, row {i + 1} …", (slope * limit + load - limit)[i, 0]
            )
            for i in range(2)
        ),
        *(
            identity(
                f"… and gives dx*/dc, the projection on x₁ + x₂ = 0, row {i + 1}.", derivative[i, 0], projector[i, 0]
            )
            for i in range(2)
        ),
    )


def second_order(statement: Statement) -> tuple[Step, ...]:
    """At an eigenvalue h <= 0 of the Hessian, 1 - s h is an eigenvalue of Phi of at least 1."""
    given, radius = statement.relations, sp.Symbol("r", nonnegative=True)
    known = [([H_inv, H], sp.Integer(1)), ([H, H_inv], sp.Integer(1))]
    return (
        _solves_system(
            "−H⁻¹C is a fixed point of J → (I − sH)J − sC whatever the signs in H.",
            -H_inv * C,
            1 - s * H,
            -s * C,
            known,
        ),
        inequality(
            "1 − sh = 1 + s|h| is an eigenvalue of Φ.",
            statement.relation.subs(rates.CONVERGES_AT_MAXIMUM, radius),
            [*given, sp.Ge(radius, sp.Abs(1 - s * rates.curvature))],
        ),
    )


def kink(statement: Statement) -> tuple[Step, ...]:
    """The folded iteration through a kink whose derivative is taken as theta."""
    given, theta = statement.relations, rates.theta
    value = statement.rhs
    slope, load, right = theta * (1 - s), theta * s, sp.Symbol("c", positive=True)
    return (
        inequality(
            "U = max(0, x − s(x − c)) at x* = 0, c = 0: Φ = θ(1 − s) and Ψ = θs; |Φ| < 1, so the iteration converges …",
            sp.Lt(sp.Abs(slope), 1),
            given,
        ),
        inequality("… to the solution of (1 − Φ)J = Ψ …", sp.Eq(value * (1 - slope), load), given),
        inequality("… which lies in [0, 1].", sp.And(sp.Ge(value, 0), sp.Le(value, 1)), given),
        identity("It is 0 for θ = 0 …", value.subs(theta, 0), 0),
        identity("… and 1 for θ = 1.", value.subs(theta, 1), 1),
        inequality(
            "In between it changes with s.",
            sp.Gt(sp.diff(theta * s / (1 - theta * (1 - s)), s), 0),
            [*given, sp.Gt(theta, 0), sp.Lt(theta, 1)],
        ),
        identity("The solution max(c, 0) has the one-sided derivatives 1 …", sp.Max(right, 0) / right, 1),
        identity("… and 0.", sp.Max(-right, 0) / -right, 0),
    )


def at_the_kink() -> tuple[dict[str, sp.Expr], sp.Expr, tuple[Step, ...]]:
    """The printed convention relu'(0) = 0 gives 0, the derivative to the right is 1."""
    theta = sp.Integer(0)
    value = rates.KINK.rhs.subs({rates.theta: theta, s: sp.Rational(1, 2)})
    return {"s": sp.Rational(1, 2), rates.KINK_VALUE.name: value}, sp.Integer(1), kink(rates.KINK)
