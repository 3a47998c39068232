"""Unrolling at a fixed point: the linear system, its exact error, and its rate for one and for all right sides.

Used and not proved here: the chain rule; the Schur form and the spectral projections of a matrix; C^(1/K) -> 1.
"""

from __future__ import annotations

import sympy as sp

from duality.folding.proofs.words import equal, geometric, on_matrices, rule, series, transposed
from duality.folding.rates import backward as rates
from duality.folding.rates.letters import J_star, J_start, K, Phi, Phi_T, Psi, j, matrices, v
from duality.ledger.claim import Statement, Step
from duality.ledger.prove import identity, induction, inequality

J_now, eta, v_T, w_T = matrices("J eta v^{\\top} w^{\\top}")
g, r, eps, t, R, E, C = sp.symbols("g r epsilon t R E C_0", nonnegative=True)
SHEAR = sp.Matrix([[sp.Rational(1, 2), 1], [sp.Rational(-1, 3), sp.Rational(1, 4)]])  # not normal
LOAD = sp.Matrix([[1, 2], [0, 3]])


def linear_system(statement: Statement) -> tuple[Step, ...]:
    """The chain rule at a fixed point, the induction, and the composed map of an example differentiated."""
    return (
        equal(
            "To first order U(x* + ξ, c + η) = x* + Φξ + Ψη, and x_K stays at x*. With ξ = J_Kη, so J_{K+1} = ΦJ_K + Ψ "
            "(chain rule) …",
            Phi * (J_now * eta) + Psi * eta,
            (Phi * J_now + Psi) * eta,
        ),
        geometric("… from J₀ = 0: the K-th iterate is the sum.", statement.rhs, Phi, Psi, j),
        _composed(statement),
        equal("A fixed point J of the iteration solves (I − Φ)J = Ψ.", (1 - Phi) * J_now, J_now - Phi * J_now),
    )


def _composed(statement: Statement) -> Step:
    """d x_K/dc of a nonlinear map on the plane, by differentiating the composition, against the statement."""
    x, y, c, d = sp.symbols("x y c d", real=True)
    state, parameters = sp.Matrix([x, y]), sp.Matrix([c, d])
    step = SHEAR * state + LOAD * parameters + sp.Matrix([x * y, x**2 + y * c])  # the fixed point is 0 at c = d = 0
    point = {x: 0, y: 0, c: 0, d: 0}
    values = {Phi: step.jacobian(state).subs(point), Psi: step.jacobian(parameters).subs(point)}
    now, parts = sp.zeros(2, 1), []
    for steps in range(1, 4):
        now = step.subs(dict(zip(state, now, strict=True)), simultaneous=True).expand()
        claimed = on_matrices(statement.rhs.subs(K, steps), values, 2)
        composed = now.jacobian(parameters).subs(point)
        parts += [identity(f"K = {steps}", a, b) for a, b in zip(composed, claimed, strict=True)]
    bad = next((part for part in parts if part.outcome != "holds"), None)
    sentence = "For a nonlinear map on the plane with a non-normal Φ, differentiating the composition gives the same."
    return Step(sentence, "identity", "holds" if bad is None else "fails", bad.detail if bad else "K = 1, 2, 3")


def vector_jacobian(statement: Statement) -> tuple[Step, ...]:
    """The adjoint iteration, and that it is the transpose of the forward one."""
    return (
        geometric("The K-th iterate of w → Φᵀw + v from 0 is the sum.", statement.rhs, Phi_T, v, j),
        equal(
            "vᵀJ_K = w_KᵀΨ: the terms of the two sums agree, because ((Φᵀ)ʲv)ᵀΨ = vᵀΦʲΨ.",
            transposed(series(statement.rhs, j)[1], {v: v_T, Phi_T: Phi}) * Psi,
            v_T * series(rates.LINEAR_SYSTEM.rhs, j)[1],
        ),
    )


def error_exact(statement: Statement) -> tuple[Step, ...]:
    """The error is multiplied by Phi in every step."""
    now, after = statement.rhs, statement.rhs.subs(K, K + 1)
    return (
        equal(
            "J* = ΦJ* + Ψ, so J* − J_{K+1} = Φ(J* − J_K).",
            (Phi * J_star + Psi) - (Phi * J_now + Psi),
            Phi * (J_star - J_now),
        ),
        induction(
            "So the error is the stated power.",
            [equal("K = 0", now.subs(K, 0), J_star - J_start)],
            [equal("one step", after, Phi * now)],
        ),
    )


def _above(target: sp.Symbol) -> tuple[Step, ...]:
    """||Phi^K|| on a sum of generalized eigenspaces is at most C (g + eps)^K, g the largest |eigenvalue| there."""
    entry, m, P = sp.Symbol("T_il"), sp.Symbol("m", positive=True), sp.Symbol("P", nonnegative=True)
    i, l = sp.symbols("i l", positive=True)
    e = sp.Symbol("e", positive=True)
    return (
        identity(
            "Schur form T of Φ (on an invariant subspace), scaled by D = diag(t, t², …): the entry (i, l) of D⁻¹TD is "
            "T_il tˡ⁻ⁱ.",
            sp.Symbol("t", positive=True) ** (-i) * entry * sp.Symbol("t", positive=True) ** l,
            entry * sp.Symbol("t", positive=True) ** (l - i),
        ),
        induction(
            "tᵐ ≤ t for 0 < t ≤ 1 and every m ≥ 1, so above the diagonal a row sums up to at most tR.",
            [inequality("m = 1", sp.Le(t, t))],
            [inequality("m + 1", sp.Le(t * P, t), [sp.Le(P, t), sp.Le(t, 1), sp.Ge(m, 1)])],
        ),
        inequality(
            "With t ≤ 1 and tR ≤ ε every row sum of |D⁻¹TD| is at most g + ε, g the largest |λ| on the diagonal.",
            sp.Le(r + t * R, g + eps),
            [sp.Le(r, g), sp.Le(t * R, eps)],
        ),
        induction(
            "So in the norm of D the error is at most (g + ε)ᴷ times its start, P standing for (g + ε)ᴷ.",
            [inequality("K = 0", sp.Le(C, C * 1))],
            [inequality("one step", sp.Le((g + eps) * E, C * (g + eps) * P), [sp.Le(E, C * P), sp.Ge(P, 0)])],
        ),
        inequality(
            "Norms are equivalent and C^(1/K) → 1: the rate is at most g + ε for every ε > 0, so at most g.",
            sp.Le(target, g),
            [sp.Or(sp.Le(target, g), sp.And(sp.Eq(e, (target - g) / 2), sp.Le(target, g + e)))],
        ),
    )


def _below() -> tuple[Step, ...]:
    """|lambda|^K ||N^m y|| <= const ||E_K|| for a generalized eigenvector part y of the start."""
    N, V = matrices("N V")
    lam = sp.Symbol("lambda")
    power, (last, E_K, n) = sp.Symbol("G", nonnegative=True), sp.symbols("v E n", positive=True)
    nilpotent = [([N, V], sp.Integer(0))]
    return (
        induction(
            "On the range of P_λ, Φ = λ + N. Let V = Nᵐy be the last power that does not vanish, y = P_λE₀. Then "
            "Nᵐ(λ + N)ᴷy = (λ + N)ᴷV = λᴷV.",
            [equal("K = 0", V, V)],
            [equal("one step, with NV = 0", (lam + N) * (lam**K * V), lam ** (K + 1) * V, nilpotent)],
        ),
        inequality(
            "So |λ|ᴷ‖V‖ ≤ ‖NᵐP_λ‖ ‖E_K‖: the error is at least a positive constant times |λ|ᴷ, for every K; G stands "
            "for |λ|ᴷ.",
            sp.Ge(E_K, last / n * power),
            [sp.Le(power * last, n * E_K)],
        ),
    )


def rate_given(statement: Statement) -> tuple[Step, ...]:
    """The rate for one right side: the largest active eigenvalue, from both sides."""
    (P,) = matrices("P")
    a, b = sp.symbols("a b", real=True)
    given = [relation.subs(rates.ACTIVE, g) for relation in statement.relations]
    commutes = [([Phi, P], P * Phi)]
    grown = sp.Symbol("G", nonnegative=True)
    return (
        *error_exact(rates.ERROR_EXACT),
        inequality(
            "An active eigenvalue λ = a + ib has |1 − λ| > 0, so (I − Φ)J = Ψ has one solution J* with active "
            "components only.",
            sp.Gt((1 - a) ** 2 + b**2, 0),
            [*given, sp.Le(a**2 + b**2, g**2)],
        ),
        equal(
            "P_λΨ = (I − Φ)P_λJ*: the components of E₀ = J* are those of Ψ, none appears and none is lost.",
            P * (J_star - Phi * J_star),
            (1 - Phi) * P * J_star,
            commutes,
        ),
        *_above(r),
        *_below(),
        inequality(
            "Both together, λ an active eigenvalue with |λ| = g: the rate.",
            statement.relation.subs({rates.RATE: r, rates.ACTIVE: g}),
            [*given, sp.Le(r, g), sp.Ge(r, g)],
        ),
        inequality(
            "The converse: J_{K+1} − J_K = ΦᴷΨ, and if |λ| ≥ 1 its component at λ stays above a positive constant; G "
            "stands for |λ|ᴷ.",
            sp.Ge(g * grown, 1),
            [sp.Ge(g, 1), sp.Ge(grown, 1)],
        ),
    )


def rate_every_start(statement: Statement) -> tuple[Step, ...]:
    """The worst start: no rate exceeds rho, and the real part of an eigenvector has it."""
    given = [relation.subs(rates.RHO, g) for relation in statement.relations]
    power, (a, b) = sp.Symbol("G", nonnegative=True), sp.symbols("a b", real=True)
    return (
        *rate_given(rates.RATE_GIVEN),
        identity(
            "Let Φw = λw with |λ| = ρ and J* − J₀ = a, the real part of w = a + ib (or w itself for a real λ). From "
            "a = (w + w̄)/2 it has the component w/2 at λ, which is therefore active.",
            ((a + sp.I * b) + (a - sp.I * b)) / 2,
            a,
        ),
        inequality(
            "No start has a larger rate than ρ, so the largest is ρ(Φ).",
            statement.relation.subs({rates.WORST_RATE: r, rates.RHO: g}),
            [*given, sp.Le(r, g), sp.Ge(r, g)],
        ),
        inequality("If ρ(Φ) < 1, it converges to J* from every start.", sp.Lt(r, 1), [*given, sp.Le(r, g)]),
        induction(
            "If |λ| ≥ 1, it does not from that one: its component at λ keeps at least the length |λ|ᴷ‖w/2‖, G standing "
            "for |λ|ᴷ.",
            [inequality("K = 0", sp.Ge(sp.Integer(1), 1, evaluate=False))],
            [inequality("one step", sp.Ge(g * power, 1), [sp.Ge(g, 1), sp.Ge(power, 1)])],
        ),
        equal(
            "Every start error J* − J₀ is met from J₀ = 0 as well, with Ψ = (I − Φ)(J* − J₀).",
            (J_star - J_start) - Phi * (J_star - J_start),
            J_star - Phi * J_star - (J_start - Phi * J_start),
        ),
    )


def inherits(statement: Statement) -> tuple[Step, ...]:
    """The forward pass of the solver U itself: at most rho near x*, and exactly rho for affine maps."""
    near, after, x, x_star = (
        sp.Symbol("e_0", nonnegative=True),
        sp.Symbol("e_1", nonnegative=True),
        *matrices("x x^{*}"),
    )
    given = [relation.subs(rates.RHO, g) for relation in statement.relations]
    offset = matrices("a")[0]
    e = sp.Symbol("e", real=True)
    return (
        *rate_every_start(rates.RATE_EVERY_START),
        inequality(
            "Near x*, in the norm of D, ‖U(x) − x* − Φ(x − x*)‖ ≤ ε‖x − x*‖, so one step shrinks the error by g + 2ε …",
            sp.Le(after, (g + 2 * eps) * near),
            [sp.Le(after, (g + eps) * near + eps * near)],
        ),
        inequality(
            "… which is below 1 for ε = (1 − g)/4 > 0, so the iterates stay near and tend to x* …",
            sp.And(sp.Gt(eps, 0), sp.Lt(g + 2 * eps, 1)),
            [*given, sp.Eq(eps, (1 - g) / 4)],
        ),
        inequality(
            "… where every ε > 0 will do: the rate of the forward pass is at most g = ρ(Φ) (Ostrowski) …",
            sp.Le(r, g),
            [sp.Or(sp.Le(r, g), sp.And(sp.Eq(e, (r - g) / 4), sp.Le(r, g + 2 * e)))],
        ),
        inequality(
            "… which is the worst rate of the backward pass.",
            statement.relation.subs({rates.FORWARD_RATE: r, rates.WORST_RATE: E}),
            [sp.Le(r, g), sp.Eq(E, g)],
        ),
        equal(
            "For U(x) = Φx + a the forward error obeys the same recursion, x_{k+1} − x* = Φ(x_k − x*): equality.",
            Phi * x + offset - x_star,
            Phi * (x - x_star),
            [rule(sp.Eq(offset, x_star - Phi * x_star, evaluate=False), offset) or ([], sp.Integer(0))],
        ),
    )


UNSEEN = (sp.Integer(2), sp.Integer(1), sp.Rational(3, 4))  # outside the unit disc, on it, inside it


def partial_convergence(unseen: sp.Rational) -> tuple[dict[str, sp.Expr], tuple[Step, ...]]:
    """Phi = diag(1/2, unseen), Psi = (1, 0): the rate is 1/2 whatever rho is. The values, and steps that support "
    "them."""
    half = sp.Rational(1, 2)
    matrix, load, solution = sp.diag(half, unseen), sp.Matrix([1, 0]), sp.Matrix([2, 0])
    rho = sp.Max(*map(sp.Abs, matrix.eigenvals()))
    first, second = 2 - 2 * half**K, sp.Integer(0)  # J_K
    return {rates.RHO.name: rho, rates.RATE.name: half}, (
        identity(
            f"Φ = diag(1/2, {unseen}), Ψ = (1, 0)ᵀ: J* = (2, 0)ᵀ solves (I − Φ)J = Ψ, first entry …",
            *_entry(matrix, load, solution, 0),
        ),
        identity("… and second.", *_entry(matrix, load, solution, 1)),
        induction(
            f"J_K = (2 − 2¹⁻ᴷ, 0)ᵀ, so the error is 2¹⁻ᴷ and its rate 1/2, while ρ(Φ) = {rho}.",
            [identity("K = 0", first.subs(K, 0), 0)],
            [
                identity("first entry", first.subs(K, K + 1), matrix[0, 0] * first + load[0]),
                identity("second entry", second, matrix[1, 1] * second + load[1]),
            ],
        ),
    )


def _entry(matrix: sp.Matrix, load: sp.Matrix, solution: sp.Matrix, i: int) -> tuple[sp.Expr, sp.Expr]:
    return ((sp.eye(2) - matrix) * solution)[i], load[i]


def newton_forward() -> tuple[dict[str, sp.Expr], tuple[Step, ...]]:
    """Newton finds the solution in one step, and the gradient step that is differentiated has Phi = 1/2."""
    x, c, s = sp.symbols("x c s", real=True)
    energy = (x - c) ** 2 / 2
    newton = x - sp.diff(energy, x) / sp.diff(energy, x, 2)
    step = x - s * sp.diff(energy, x)
    factor = sp.diff(step, x).subs(s, sp.Rational(1, 2))
    return {rates.WORST_RATE.name: factor, rates.FORWARD_RATE.name: sp.Integer(0)}, (
        identity("f = ½(x − c)²: Newton is at x* = c after one step, so its rate is 0.", newton, c),
        identity(
            "The gradient step with s = 1/2 has Φ = 1/2, so the backward pass has the rate 1/2.",
            factor,
            sp.Rational(1, 2),
        ),
    )


def started_at_solution(factor: sp.Symbol) -> tuple[dict[str, sp.Expr], tuple[Step, ...]]:
    """One unrolled gradient step from x* = c: the residual is zero and the gradient is 1/2 instead of 1."""
    x, c = sp.symbols("x c", real=True)
    step = x - sp.Rational(1, 2) * (x - c)
    slope, load = sp.diff(step, x), sp.diff(step, c)
    solution = load / (1 - slope)
    return {rates.STARTED.name: solution - load, rates.RESIDUAL.name: sp.Integer(0), factor.name: sp.Integer(1000)}, (
        identity("U = x − ½(x − c), started at x₀ = c: the residual U(x₀, c) − x₀ is 0.", step.subs(x, c) - c),
        identity("J* = dx*/dc = 1.", solution, 1),
        identity("One unrolled step gives Ψ = 1/2, the error is ΦJ* = 1/2.", solution - load, slope * solution),
    )
