"""Plain unrolling: the exact splitting of its error by induction, the bound, and where the error still grows."""

from __future__ import annotations

import sympy as sp

from duality.folding.proofs.words import equal, series
from duality.folding.rates import unrolling as rates
from duality.folding.rates.letters import J_star, K, Phi, Psi, j, matrices
from duality.folding.rates.unrolling import Chain, D, Drive, M, q
from duality.ledger.claim import Statement, Step
from duality.ledger.prove import identity, induction, inequality
from duality.quadratic.proofs.reduction import abstract_power
from duality.quadratic.rates import k

Phi_j, Psi_j, Phi_K, J_now = matrices(r"\Phi_{j} \Psi_{j} \Phi_{K} J")
P = sp.Symbol("P", nonnegative=True)  # q^(K-1)


def _next(expression: sp.Expr) -> sp.Expr:
    """Phi_K ... Phi_i as Phi_K times Phi_{K-1} ... Phi_i; the empty chain stays the identity."""
    return expression.replace(
        lambda e: isinstance(e, Chain) and e.args[0] == K + 1, lambda e: Phi_K * Chain(K, e.args[1])
    )


def splits(statement: Statement) -> tuple[Step, ...]:
    """The recursion of the error and its solution."""
    outside, summand, ranges = series(statement.rhs, j)
    return (
        equal(
            "J_{j+1} = Φ_jJ_j + Ψ_j and J* = ΦJ* + Ψ, so E_j = J_j − J* obeys E_{j+1} = Φ_jE_j + r_j.",
            (Phi_j * J_now + Psi_j) - (Phi * J_star + Psi),
            Phi_j * (J_now - J_star) + (Phi_j - Phi) * J_star + (Psi_j - Psi),
        ),
        induction(
            "Its solution from E₀ = −J*, by induction on K.",
            [equal("K = 0: the chain and the sum are empty", outside.subs(K, 0), -J_star), *ranges],
            [
                equal("the first term is multiplied by Φ_K", _next(outside.subs(K, K + 1)), Phi_K * outside),
                equal("so is every earlier r_j", _next(summand.subs(K, K + 1)), Phi_K * summand),
                equal("and r_K is added", summand.subs(K, K + 1).subs(j, K), Drive(K)),
            ],
        ),
        equal(
            "Where x_j = x*, Φ_j = Φ and Ψ_j = Ψ: r_j = 0.",
            ((Phi_j - Phi) * J_star + (Psi_j - Psi)).subs({Phi_j: Phi, Psi_j: Psi}),
            0,
        ),
    )


def bound(statement: Statement) -> tuple[Step, ...]:
    """The two parts of the error, each by induction from K = 1; P stands for q^(K-1)."""
    slope, drive, start = (sp.Symbol(n, nonnegative=True) for n in ("phi", "m", "d"))
    e, part, J = sp.symbols("e x J", nonnegative=True)
    plain = {rates.SLOPE: slope, rates.DRIVE: drive, rates.START: start, K: k}
    given = [relation.subs(plain) for relation in statement.relations]
    facts = [*given, sp.Ge(P, 0)]
    right = statement.rhs.subs(K, k)
    quantities = {rates.J_NORM: J, M: sp.Symbol("M", real=True), D: sp.Symbol("D", real=True)}

    def parts(at: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        value = abstract_power(right.subs(k, at), q, P, shift=1).subs(quantities)
        return value.subs({quantities[M]: 0}), sp.expand(value - value.subs({quantities[M]: 0}))

    given, facts = ([r.subs(quantities) for r in rs] for rs in (given, facts))
    (back, fore), (back_after, fore_after) = parts(k), parts(k + 1)
    at_one = {k: 1, P: 1}
    return (
        *splits(rates.SPLITS),
        induction(
            "‖x_j − x*‖ ≤ qʲ‖x₀ − x*‖: the mean value inequality between x_j and x*.",
            [inequality("j = 0", sp.Le(start, start * 1), given)],
            [inequality("one step", sp.Le(slope * part, q * P * start), [*facts, sp.Le(part, P * start)])],
        ),
        induction(
            "The backward part stays below its term.",
            [inequality("after one step", sp.Le(slope * J, back.subs(at_one)), given)],
            [inequality("one step", sp.Le(slope * e, back_after), [*facts, sp.Le(e, back)])],
        ),
        induction(
            "The forward part stays below its term: ‖r_K‖ ≤ m‖x_K − x*‖ with ‖x_K − x*‖ ≤ qᴷd.",
            [inequality("after one step", sp.Le(drive * start, fore.subs(at_one)), given)],
            [
                inequality(
                    "one step",
                    sp.Le(slope * e + drive * part, fore_after),
                    [*facts, sp.Le(e, fore), sp.Le(part, q * P * start)],
                )
            ],
        ),
    )


def hump(statement: Statement) -> tuple[Step, ...]:
    """The derivative of unrolled gradient descent with a curvature that depends on c, exactly."""
    c, s, lam, x = sp.symbols("c s lambda x", positive=True)
    slope, curve = rates.curvature, sp.Function("lambda")(c)
    state = sp.Function("x")(c)
    derivative = sp.diff(state - s * curve * state, c)
    J = sp.Symbol("J", real=True)
    step = derivative.subs({sp.diff(curve, c): slope, sp.diff(state, c): J}).subs({curve: lam, state: x})
    power, first = sp.Symbol("P", positive=True), sp.Symbol("x_0", real=True)
    given = [relation.subs(K, k) for relation in statement.relations]
    size = s * slope * rates.start * power
    now, after = K * size, (K + 1) * size * q
    right = abstract_power(statement.rhs.subs({rates.s: s, K: k}), q, power, shift=1).subs(k, K)
    return (
        identity("x_{K+1} = (1 − sλ(c))x_K: J_{K+1} = qJ_K − sλ'x_K.", step, (1 - s * lam) * J - s * slope * x),
        induction(
            "x* = 0 and J* = 0, x_K = qᴷx₀, so J_K = −Ksλ'qᴷ⁻¹x₀; P stands for qᴷ⁻¹.",
            [
                identity("K = 0", -0 * s * slope * power * first, 0),
                inequality("the power is positive, so that |J_K| = Ksλ'qᴷ⁻¹|x₀|", sp.Gt(q * power, 0), given),
            ],
            [
                identity(
                    "one step",
                    q * (-K * s * slope * power * first) - s * slope * (q * power * first),
                    -(K + 1) * s * slope * (q * power) * first,
                )
            ],
        ),
        identity("The difference of the two errors, |J_{K+1}| − |J_K|.", after - now, right),
        inequality(
            "It is positive exactly for K < q/(1 − q).",
            sp.And(
                sp.Or(sp.Le(q - k * (1 - q), 0), sp.Lt(k, q / (1 - q))),
                sp.Or(sp.Gt(q - k * (1 - q), 0), sp.Ge(k, q / (1 - q))),
            ),
            given,
        ),
        inequality(
            "The error of the solution is multiplied by q < 1 all the while.",
            sp.Lt(q * x, x),
            [*given, sp.Gt(x, 0)],
        ),
    )
