"""Ledger rows of R sec. 3 (iii): does sensitivity shrink as k grows, and is NAG less sensitive than GD?"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from duality.ledger.claim import Claim, Evidence, Hypothesis, Outcome, Statement, Step, only
from duality.ledger.prove import identity, inequality
from duality.ledger.search import refute
from duality.ledger.tex import Quantity
from duality.quadratic import exact, rates
from duality.quadratic.attack import gd_residual
from duality.quadratic.methods import nesterov
from duality.quadratic.problem import Spectrum, nag_step_limit
from duality.quadratic.proofs import tradeoff
from duality.quadratic.proofs.nag import P, normal, tau, u
from duality.quadratic.proofs.nag_perturbed import sensitivity_repaired
from duality.quadratic.proofs.reduction import abstract_power
from duality.quadratic.rates import GD_RANGE, NAG_RANGE, SPECTRUM, START, STEP_GAP, L, c0, k, mu, s
from duality.quadratic.sensitivity import gd_sensitivity

SENS = Quantity(r"\mathrm{Sens}_{\mathrm{GD}}(k)")
SENS_NEXT = Quantity(r"\mathrm{Sens}_{\mathrm{GD}}(k+1)")
SENS_NAG = Quantity(r"\mathrm{Sens}_{\mathrm{NAG}}(k)")
SENS_NAG_NEXT = Quantity(r"\mathrm{Sens}_{\mathrm{NAG}}(k+1)")

SHRINKS = Statement(
    sp.Le(SENS_NEXT, SENS, evaluate=False),
    (
        *SPECTRUM,
        Hypothesis("c0 > 0", sp.Gt(c0, 0)),
        Hypothesis("c0 <= 2/(mu+L)", sp.Le(c0, 2 / (mu + L))),
        rates.K_POSITIVE,
    ),
    "The sensitivity on $[c_0, 2/(\\mu+L)]$ gets smaller as $k$ grows,{relation}",
)
DECREASES = Statement(
    sp.Le(SENS_NEXT, SENS, evaluate=False),
    (
        *SPECTRUM,
        Hypothesis("c0 > 0", sp.Gt(c0, 0)),
        *(Hypothesis("c0 <= s", sp.Le(c0, s)), GD_RANGE[1]),
        rates.K_POSITIVE,
        Hypothesis("k >= 1/(c0 mu) - 1", sp.Ge(k, 1 / (c0 * mu) - 1)),
    ),
    "The sensitivity of GD on $[c_0, 2/(\\mu+L)]$ decreases from $k \\ge 1/(c_0\\mu) - 1$ on,{relation}",
)
LATE = "k > 2(1/sqrt(mu s) - 1)"
DECREASES_NAG = Statement(
    sp.Le(SENS_NAG_NEXT, SENS_NAG, evaluate=False),
    (*SPECTRUM, Hypothesis(LATE, sp.Gt(k, 2 * (1 / sp.sqrt(mu * s) - 1)))),
    r"The sensitivity of NAG at its largest printed step $s = 4/(3L+\mu)$ decreases once "
    r"$k > 2(1/\sqrt{\mu s}-1)$,{relation}",
)
DECREASE_KAPPAS, DECREASE_END = (5, 8, 33), 60  # 4/(3 kappa + 1) is a square: sqrt(mu s) is rational


ORDER = Statement(
    sp.Le(SENS_NAG, SENS, evaluate=False),
    (*SPECTRUM, *NAG_RANGE, rates.K_POSITIVE),
    "NAG is less sensitive to its step size than GD, at the same step and $k$,{relation}",
)
EVENTUALLY = Statement(
    sp.Lt(SENS_NAG, SENS, evaluate=False),
    (
        *SPECTRUM,
        *NAG_RANGE,
        rates.K_POSITIVE,
        Hypothesis("mu s < 1", sp.Lt(mu * s, 1)),
        Hypothesis(
            "k large",
            sp.Gt((1 + rates.u) ** (k - 1), L / mu + (k**2 - 1) / 6 * (3 * L / mu + 2 / rates.u)),
        ),
    ),
    "NAG is less sensitive than GD at the same step once $k$ is large, in the sense of the last hypothesis,{relation}",
)


def shrinks(statement: Statement) -> Evidence:
    """Refuted at k = 1: Sens(1) = L, and one eigenvalue and step give more at k = 2."""
    m, ell, small, step = sp.Integer(1), sp.Integer(4), sp.Rational(1, 10), sp.Rational(2, 5)
    r = sp.Symbol("r", positive=True)
    at_two = sp.Abs(sp.diff(gd_residual(2, ell, r), r).subs(r, step))
    lam = rates.lam
    one = sp.Abs(sp.diff(gd_residual(1, lam, r), r))
    steps = (
        identity("|∂r₁/∂s| = λ for every step, so Sens(1) = L.", one, sp.Abs(lam)),
        inequality("The step is inside the printed range.", sp.And(sp.Ge(step, small), sp.Le(step, 2 / (m + ell)))),
    )
    point = {"mu": m, "L": ell, "c_0": small, "s": step, "lambda": ell, "k": 1, SENS.name: ell}
    broken = "None: the sentence has no proof. It reads the limit k → ∞ as if it were monotone."
    example = refute(statement, point, at_two, broken)
    return Evidence(support=steps, counterexample=example, scope="GD; NAG is measured in the figure")


def decreases(statement: Statement) -> Evidence:
    return Evidence(
        steps=tradeoff.sensitivity_decreases(statement, SENS, SENS_NEXT), scope="GD, every κ and every step range"
    )


def decreases_nag(statement: Statement) -> Evidence:
    """Rigorous enclosures of consecutive sensitivities, from the first k that the hypothesis allows."""
    steps = []
    for kappa in DECREASE_KAPPAS:
        step = nag_step_limit(1, Fraction(kappa))
        nag = nesterov(Spectrum(1, kappa), step)
        point = {"mu": 1, "s": sp.Rational(step.numerator, step.denominator)}
        start = statement.hypothesis(LATE)
        allowed = [i for i in range(1, DECREASE_END + 1) if start is None or start.holds(point | {"k": i})]
        values = [exact.sens_s(nag, i) for i in [*allowed, DECREASE_END + 1]]
        falls = all(
            statement.relation.subs({SENS_NAG_NEXT: Fraction(after.upper), SENS_NAG: Fraction(now.lower)}) == sp.true
            for now, after in zip(values, values[1:], strict=False)
        )
        outcome: Outcome = "holds" if falls and allowed else "fails"
        detail = (
            f"k from {min(allowed, default=0)} to {DECREASE_END}: consecutive enclosures disjoint, in order: {falls}"
        )
        steps.append(Step(f"κ = {kappa}: Sens(k+1) < Sens(k).", "ball", outcome, detail))
    return Evidence(steps=tuple(steps), scope=f"s = 4/(3L+μ), κ in {DECREASE_KAPPAS}, k up to {DECREASE_END}")


def order(statement: Statement) -> Evidence:
    """Refuted at kappa = 16, s = 1/L, k = 2: GD's closed form below one derivative of NAG's residual."""
    ell, step, at_k = 16, Fraction(1, 16), 2
    largest = gd_sensitivity(Spectrum(1, ell), step, at_k)
    gd = sp.Rational(Fraction(largest).numerator, Fraction(largest).denominator)
    r = sp.Symbol("r", positive=True)
    beta, h = (1 - sp.sqrt(r)) / (1 + sp.sqrt(r)), 1 - r * ell
    nag = sp.Abs(sp.diff(h * ((1 + beta) * h - beta), r).subs(r, sp.Rational(1, ell)))
    lam = sp.Symbol("lambda", real=True)
    steps = (
        inequality(
            "GD: 2λ|1 − sλ| on the spectrum is at most its closed form.",
            sp.Le(at_k * lam * sp.Abs(1 - lam / ell), gd),
            [sp.Ge(lam, 1), sp.Le(lam, ell)],
        ),
    )
    point = {"mu": 1, "L": ell, "s": sp.Rational(1, ell), "k": at_k, "lambda": ell, SENS.name: gd}
    broken = "None: the sentence has no proof. It compares the two printed bounds for large k."
    example = refute(statement, point, sp.simplify(nag), broken)
    return Evidence(support=steps, counterexample=example, scope="small k; the order holds for large k")


def eventually(statement: Statement) -> Evidence:
    """NAG's repaired bound at c_0 = s against GD's value at mu, where 1 - s mu = tau (1 + u)."""
    E, W = sp.symbols("E W", real=True)
    repaired = rates.NAG_SENSITIVITY_REPAIRED.coefficient(START, STEP_GAP).subs(c0, s)
    nag = abstract_power(normal(repaired), tau, P, shift=1)
    ratio = normal(L / mu + (k**2 - 1) / 6 * (3 * L / mu + 2 / rates.u))
    large = [normal(r).subs((1 + u) ** (k - 1), W) for r in statement.relations]
    steps = (
        *sensitivity_repaired(rates.NAG_SENSITIVITY_REPAIRED),
        identity(
            "1 − sμ = τ(1 + u), so GD's value kμ(1 − sμ)ᵏ⁻¹ at λ = μ is kμτᵏ⁻¹(1 + u)ᵏ⁻¹.", 1 - u**2, tau * (1 + u)
        ),
        identity(
            "NAG's repaired bound at c₀ = s is kμτᵏ⁻¹ (κ + (k²−1)/6 · (3κ + 2/√(μs))): the last hypothesis puts "
            "it below "
            "GD's value, P standing for τᵏ⁻¹.",
            nag,
            k * u**2 * P * ratio,
        ),
        inequality(
            "The comparison, E standing for GD's value and W for (1 + u)ᵏ⁻¹.",
            statement.relation.subs({SENS_NAG: u**2 * k * P * ratio, SENS: E}),
            [
                sp.Or(sp.Le(tau, 0), sp.Gt(P, 0)),
                *(r for r in large if r != sp.true),
                sp.Ge(E, u**2 * k * P * W),
                sp.Gt(u, 0),
            ],
        ),
    )
    return Evidence(steps=steps, scope="every κ > 1 and every printed step, k large enough")


CLAIMS = (
    Claim(
        "prose-sens-shrinks",
        "A",
        "prose",
        "Sensitivity shrinks as k grows",
        "R sec. 3 (iii)",
        SHRINKS,
        only(sp.LessThan, shrinks),
        "sens-decreasing",
    ),
    Claim(
        "sens-decreasing",
        "A",
        "beyond",
        "From which k on sensitivity shrinks",
        "beyond the print, repairs R sec. 3 (iii)",
        DECREASES,
        only(sp.LessThan, decreases),
    ),
    Claim(
        "sens-decreasing-nag",
        "A",
        "beyond",
        "From which k on NAG's sensitivity shrinks",
        "beyond the print, on R sec. 3 (iii)",
        DECREASES_NAG,
        only(sp.LessThan, decreases_nag),
    ),
    Claim(
        "prose-sens-order",
        "A",
        "prose",
        "NAG is less sensitive than GD",
        "R sec. 3 (iii)",
        ORDER,
        only(sp.LessThan, order),
        "sens-order-eventually",
    ),
    Claim(
        "sens-order-eventually",
        "A",
        "beyond",
        "NAG is less sensitive for large k",
        "beyond the print, repairs R sec. 3 (iii)",
        EVENTUALLY,
        only(sp.StrictLessThan, eventually),
    ),
)
