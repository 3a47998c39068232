"""The sizes at which the bounds become useful, enclosed by balls at the printed constants; nothing is sampled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb, ctx

from duality.hybrid.lipschitz import slope_sequence
from duality.hybrid.rates import generalization as rates
from duality.hybrid.rates import vacuity
from duality.ledger.claim import Statement, Step
from duality.ledger.prove import identity, inequality
from duality.quadratic.arithmetic import BALL
from duality.quadratic.methods import Method, gradient_descent, nesterov
from duality.quadratic.problem import Spectrum, gd_step_limit, nag_step_limit
from duality.quadratic.residual import residual_sequence
from duality.quadratic.supremum import supremum_by_nodes

FUNCTIONS = [{"sqrt": lambda x: arb(x).sqrt(), "log": lambda x: arb(x).log()}]


def given(statement: Statement) -> dict[sp.Symbol, sp.Expr]:
    """What the equations among the hypotheses fix, put into each other."""
    fixed: dict[sp.Symbol, sp.Expr] = {}
    for h in statement.hypotheses:
        if isinstance(h.relation, sp.Equality) and isinstance(h.relation.args[0], sp.Symbol):
            fixed[h.relation.args[0]] = h.relation.args[1].subs(fixed)
    return fixed


def depths(statement: Statement) -> list[int]:
    """The k that the hypotheses allow; empty when they do not end."""
    bounds = [h.relation for h in statement.hypotheses if h.relation.free_symbols == {rates.k}]
    if not any(isinstance(b, sp.LessThan) for b in bounds):
        return []
    return [j for j in range(1000) if all(b.subs(rates.k, j) == sp.true for b in bounds)]


def methods(spectrum: Spectrum) -> list[Method]:
    """GD and NAG at their own largest step sizes."""
    mu, L = spectrum.mu, spectrum.L
    return [gradient_descent(spectrum, gd_step_limit(mu, L)), nesterov(spectrum, nag_step_limit(mu, L))]


def value(expression: sp.Expr, known: Mapping[sp.Symbol, Any]) -> arb:
    """The expression in balls; numbers in it are integers, roots and quotients."""
    exact = sp.nsimplify(expression)
    numerator, denominator = sp.fraction(sp.together(exact))
    symbols = list(known)
    top, bottom = (sp.lambdify(symbols, part, modules=FUNCTIONS) for part in (numerator, denominator))
    return arb(top(*known.values())) / arb(bottom(*known.values()))


def constants(method: Method, k: int) -> tuple[arb, arb, arb]:
    """Cvg, |g_k'(mu)| and g_k(mu) in balls."""
    steps, mu = method.coefficients(BALL, k), BALL.number(method.spectrum.mu)
    *_, residual = residual_sequence(steps, mu)
    *_, (solution, slope) = slope_sequence(steps, mu)
    return residual, abs(slope), solution


def largest_slope(method: Method, k: int) -> float:
    """An upper bound of sup |g_k'| on the spectrum."""

    def slope(lam: Any) -> Any:
        *_, (_, derivative) = slope_sequence(method.coefficients(BALL, k), lam)
        return derivative

    return supremum_by_nodes(slope, max(k - 2, 0), method.spectrum, 1e-6).upper


def _spectrum(fixed: Mapping[sp.Symbol, sp.Expr]) -> Spectrum | None:
    mu, L = fixed.get(rates.mu), fixed.get(rates.L)
    if mu is None or L is None:
        return None
    return Spectrum(*(Fraction(int(x.p), int(x.q)) for x in (mu, L)))


def _every(sentence: str, statement: Statement, holds: Callable[[Method, int], bool]) -> Step:
    """`holds` for both methods at every depth."""
    spectrum, ks = _spectrum(given(statement)), depths(statement)
    if spectrum is None or not ks:
        return Step(sentence, "ball", "undecided", "a constant or the range of k is missing")
    old = ctx.prec
    ctx.prec = 256
    try:
        failed = [f"{m.name} at k = {k}" for m in methods(spectrum) for k in ks if not holds(m, k)]
    finally:
        ctx.prec = old
    detail = f"GD and NAG, k = {ks[0]}..{ks[-1]}, 256 bits" if not failed else f"not at {', '.join(failed[:5])}"
    return Step(sentence, "ball", "undecided" if failed else "holds", detail)


def falling_in_n() -> tuple[Step, ...]:
    """Both bounds are w times a sum that does not fall with w = n^(-1/2) or with Lambda."""
    w1, w2, s1, s2, a, b, c, x = sp.symbols("w_1 w_2 s_1 s_2 a b c x", nonnegative=True)
    roots = [sp.Eq(s**2, a + b * w**2 + c * w) for w, s in ((w1, s1), (w2, s2))]
    return (
        inequality(
            "The root √(a + bw² + cw) does not fall with w = n^(−1/2), nor with the coefficients, which grow with Λ.",
            sp.Le(s1, s2),
            [*roots, sp.Le(w1, w2)],
        ),
        inequality(
            "So the bound w(root + xw + 4) falls with n: it is enough to look at one n.",
            sp.Le(w1 * (s1 + x * w1 + 4), w2 * (s2 + x * w2 + 4)),
            [sp.Le(w1, w2), sp.Le(s1, s2)],
        ),
    )


def trivial() -> tuple[Step, ...]:
    """R_n <= M/2, because every loss lies in [0, M]."""
    value_, M, sign = sp.symbols("l M sigma", real=True)
    a, mu = sp.symbols("a mu", positive=True)
    return (
        inequality(
            "Outputs −g(Q)b and labels −Q⁻¹b have eigenvalue factors a in [0, 1/μ] (|r_k| ≤ 1, and the largest g is "
            "Stab_b = (1 − Cvg)/μ by the exact trade-off): both lie in the ball around −b/(2μ) of radius "
            "|b|/(2μ) = M/2 …",
            sp.Le((a - 1 / (2 * mu)) ** 2, 1 / (4 * mu**2)),
            [sp.Le(a * mu, 1)],
        ),
        inequality(
            "… so that the loss is at most M.",
            sp.Le(value_, M),
            [
                sp.Le(value_, sp.Symbol("u") + sp.Symbol("v")),
                sp.Le(sp.Symbol("u"), M / 2),
                sp.Le(sp.Symbol("v"), M / 2),
            ],
        ),
        inequality(
            "Values in [0, M] are M/2 ± M/2, and the signed mean of the constant M/2 is 0 on average: R_n ≤ M/2.",
            sp.Le(sign * (value_ - M / 2), M / 2),
            [sp.Eq(sign**2, 1), sp.Le(0, value_), sp.Le(value_, M)],
        ),
    )


def printed(statement: Statement) -> tuple[Step, ...]:
    """At n = 10^6 the printed bound, with lower bounds of its constants, is still above M/2."""
    fixed, useful = given(statement), statement.hypothesis("useful")
    ball = next((h.relation for h in statement.hypotheses if h.name == "Lambda >= log 2"), None)

    def above(method: Method, k: int) -> bool:
        if useful is None or ball is None or not {rates.d, rates.sigma_b, rates.M, rates.B} <= set(fixed):
            return False
        cvg, slope, solution = constants(method, k)
        length = value(fixed[rates.M] * fixed[rates.mu], {rates.n: arb(1)})
        smallest = fixed | {rates.n: statement.lhs, rates.Lam: ball.args[1], rates.r: 0}
        left, right = (side.subs(smallest).subs(smallest) for side in useful.relation.args)
        known = {rates.STAB: max(length * slope, solution, key=lambda x: float(x.lower())), rates.CVG: cvg}
        return bool(value(left, known) > value(right, known))

    return (
        *trivial(),
        *falling_in_n(),
        _every(
            "With Stab ≥ |b||g′(μ)| and Stab ≥ g(μ), Cvg = r_k(μ), r = 0 and the least Λ, the bound at this n is above "
            "M/2 …",
            statement,
            above,
        ),
    )


def repaired(statement: Statement) -> tuple[Step, ...]:
    """At n = 10^4 the repaired bound, with upper bounds of its constants, is below M/2."""
    fixed = given(statement)

    def below(method: Method, k: int) -> bool:
        if not {rates.RQ, rates.B, rates.Lam, rates.sigma_b, rates.M, rates.r} <= set(fixed):
            return False
        cvg, *_ = constants(method, k)
        bound = (
            vacuity.REPAIRED_BOUND.subs(rates.RQ, fixed[rates.RQ]).subs(fixed).subs(fixed).subs(rates.n, statement.rhs)
        )
        length = value(fixed[rates.M] * fixed[rates.mu], {rates.n: arb(1)})
        known = {rates.STAB: length * arb(largest_slope(method, k)), rates.CVG: cvg}
        return bool(value(bound, known) < value(fixed[rates.M] / 2, known))

    return (
        *trivial(),
        *falling_in_n(),
        _every(
            "With Stab = |b| sup|g′| over the spectrum and Cvg = r_k(μ) the bound at this n is below M/2.",
            statement,
            below,
        ),
    )


def learned_step(statement: Statement) -> tuple[Step, ...]:
    """The derivative of GD's output in its step size at c_0 is a lower bound of Sens, exactly."""
    fixed = given(statement)
    s, lam, j = sp.symbols("s lambda j", positive=True)
    ks = depths(statement)
    p = 1 - vacuity.C0 * rates.mu
    derivative = sp.diff((1 - (1 - s * lam) ** j) / lam, s)
    head = identity(
        "d g_k/ds = k(1 − sλ)ᵏ⁻¹, at λ = μ and s = c₀ a lower bound of Sens at |b| = 1.",
        derivative,
        j * (1 - s * lam) ** (j - 1),
    )
    if not ks:
        return head, Step("The range of k.", "smt", "undecided", "it has no end")
    sides = [
        [side.subs(rates.SENS, k * p ** (k - 1)).subs(fixed).subs(fixed) for side in statement.relation.args]
        for k in ks
    ]
    claim = sp.And(*(statement.relation.func(*pair, evaluate=False) for pair in sides), evaluate=False)
    return head, inequality(
        f"With it the statement holds in exact fractions at every k from {ks[0]} to {ks[-1]}.", claim
    )
