"""Ledger rows of the exact trade-off, the stable regions, and the sentences of R section 3 about them."""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from duality.ledger.claim import Claim, Evidence, Hypothesis, Statement, Step, only
from duality.ledger.prove import identity
from duality.ledger.search import refute
from duality.ledger.tex import Quantity
from duality.quadratic import rates
from duality.quadratic.proofs import order, tradeoff
from duality.quadratic.proofs.chebyshev import frontier
from duality.quadratic.rates import CVG, SPECTRUM, STAB_B, L, k, mu, s

rho = sp.Symbol("rho", real=True)
s_GD, s_NAG = sp.symbols("s_GD s_NAG", real=True)
STABLE_STEP = Quantity(r"s^{\mathrm{NAG}}_{\mathrm{stable}}")
CVG_GD, CVG_NAG = Quantity(r"\mathrm{Cvg}_{\mathrm{GD}}(k)"), Quantity(r"\mathrm{Cvg}_{\mathrm{NAG}}(k)")
STAB_GD, STAB_NAG = Quantity(r"\mathrm{Stab}^{\mathrm{GD}}_{b}(k)"), Quantity(r"\mathrm{Stab}^{\mathrm{NAG}}_{b}(k)")
STAB_Q_GD, STAB_Q_NAG = (
    Quantity(r"\mathrm{Stab}^{\mathrm{GD}}_{Q}(k)"),
    Quantity(r"\mathrm{Stab}^{\mathrm{NAG}}_{Q}(k)"),
)

GD_STEP = Hypothesis("GD: s <= 2/(mu+L)", sp.Le(s, 2 / (mu + L)), r"\text{ for GD}")
NAG_STEP = Hypothesis("NAG: s <= 4/(3L+mu)", sp.Le(s, 4 / (3 * L + mu)), r"\text{ for NAG}")
PRINTED_STEPS = (*SPECTRUM, Hypothesis("s > 0", sp.Gt(s, 0)), GD_STEP, NAG_STEP)
EXACT = Statement(
    sp.Eq(mu * STAB_B + CVG, 1, evaluate=False),
    PRINTED_STEPS,
    "For GD and for NAG, from a zero start, "
    "$\\mathrm{Cvg}(k) = \\sup_{[\\mu,L]} |r_k|$ and $\\mathrm{Stab}_b(k) = \\sup_{[\\mu,L]} |1-r_k|/\\lambda$ "
    "are both attained at "
    "$\\lambda = \\mu$, for every $k$, and{relation}",
)
UNIVERSAL = Statement(
    sp.Ge(mu * STAB_B + CVG, 1, evaluate=False),
    SPECTRUM[:1],
    "For every method that stays at its zero start when $b = 0$, linear or not,{relation}",
)
CHEBYSHEV = Statement(
    sp.Eq(mu * STAB_B + CVG, 1, evaluate=False),
    (*SPECTRUM, Hypothesis("mu < L", sp.Lt(mu, L)), rates.K_POSITIVE),
    "For the Chebyshev semi-iteration $\\mathrm{Cvg}(k) = 1/T_k\\big(\\tfrac{L+\\mu}{L-\\mu}\\big)$ and "
    "$\\mathrm{Stab}_b(k)$ are both attained at $\\lambda = \\mu$, for every $k$, and{relation}",
)
HEAVY_BALL = Statement(
    sp.Eq(mu * STAB_B + CVG, 1 + 2 * k * rho ** (k + 1), evaluate=False),
    (*SPECTRUM, rates.K_POSITIVE),
    "For heavy ball with its optimal parameters, and $\\rho = (\\sqrt L-\\sqrt\\mu)/(\\sqrt L+\\sqrt\\mu)$, "
    "$\\mathrm{Cvg}(k) = \\rho^k(1+(1+\\rho)k)$ is attained at $\\lambda = L$, $\\mathrm{Stab}_b(k)$ at "
    "$\\lambda = \\mu$, and{relation}",
)
GAP = Statement(
    sp.Eq(mu * (STAB_NAG - STAB_GD), CVG_GD - CVG_NAG, evaluate=False),
    PRINTED_STEPS,
    "With any steps inside the printed ranges, equal or not,{relation}so in $b$ the faster of the two is the "
    "less stable one, by exactly as much; at a common step NAG is never the slower one.",
)
SLOGAN = Statement(
    sp.Le(STAB_Q_GD, STAB_Q_NAG, evaluate=False),
    (
        *SPECTRUM[:1],
        Hypothesis("mu <= L", sp.Le(mu, L)),
        Hypothesis("GD: s <= 2/(mu+L)", sp.Le(s_GD, 2 / (mu + L))),
        Hypothesis("NAG: s <= 4/(3L+mu)", sp.Le(s_NAG, 4 / (3 * L + mu))),
        Hypothesis("NAG is faster", sp.Lt(CVG_NAG, CVG_GD)),
    ),
    "A method that converges faster is less stable at the same $k$. Of NAG and GD, the faster one should be less "
    "stable in $b$ and also in $Q$,{relation}",
)
REGION_ORDER = Statement(
    sp.Le(STABLE_STEP, 2 / L, evaluate=False),
    SPECTRUM,
    "The stable region of GD, $0 < s < 2/L$, is larger than that of NAG: every step that is stable for NAG is "
    "stable for GD,{relation}",
)
REGIONS = Statement(
    sp.Lt(s * L * (3 - sp.sqrt(mu * s)), 4, evaluate=False),
    (*SPECTRUM, Hypothesis("s > 0", sp.Gt(s, 0)), Hypothesis("s < 4/mu", sp.Lt(mu * s, 4))),
    "The iterates converge on every problem of the class exactly for $0 < s < 2/L$ with GD, and exactly for "
    "$0 < s < 4/\\mu$ with NAG and{relation}Up to $L = 2\\mu$ NAG's region is the larger one, from there on GD's.",
)


def exact_tradeoff(statement: Statement) -> Evidence:
    gd, nag = (
        Statement(statement.relation, tuple(h for h in statement.hypotheses if not h.name.startswith(other)))
        for other in ("NAG:", "GD:")
    )
    steps = (*tradeoff.gradient_descent(gd), *tradeoff.nesterov(nag), balance(statement))
    return Evidence(steps=steps, scope="GD and NAG inside the printed step ranges, every k")


def balance(statement: Statement) -> Step:
    """Both worst cases at mu with r_k(mu) >= 0: the printed sum, from the definition of g_k."""
    r = sp.Symbol("r", real=True)
    return identity(
        "Both at μ with r = r_k(μ) ≥ 0: the left side is μ(1 − r)/μ + r.",
        statement.lhs.subs({STAB_B: (1 - r) / mu, CVG: r}),
        statement.rhs,
    )


def universal(statement: Statement) -> Evidence:
    return Evidence(steps=tradeoff.universal(statement), scope="every algorithm, every k")


def chebyshev(statement: Statement) -> Evidence:
    return Evidence(steps=(*frontier(statement), balance(statement)), scope="every κ > 1, every k ≥ 1")


def heavy_ball(statement: Statement) -> Evidence:
    return Evidence(steps=tradeoff.heavy_ball(statement, rho), scope="every κ, every k ≥ 1")


def gap(statement: Statement) -> Evidence:
    r, q = sp.symbols("r q", real=True)
    values = {STAB_NAG: (1 - r) / mu, CVG_NAG: r, STAB_GD: (1 - q) / mu, CVG_GD: q}
    exact = exact_tradeoff(replace(EXACT, hypotheses=statement.hypotheses))
    both = identity("Subtract the two identities.", statement.lhs.subs(values) - statement.rhs.subs(values))
    return Evidence(steps=(*exact.steps, both, *tradeoff.common_step()), scope=exact.scope)


def slogan(statement: Statement) -> Evidence:
    """Refuted by one pair of methods: GD's constant from below, NAG's from above."""
    nag, gd = order.convergence_values()
    steps = order.nag_from_above()
    point = {"mu": order.MU, "L": order.L, "k": order.K, "s_GD": order.S_GD, "s_NAG": order.S_NAG}
    point |= {CVG_NAG.name: nag, CVG_GD.name: gd, STAB_Q_NAG.name: order.CAP}
    broken = "The slogan carries the trade-off from perturbations of b, where it is exact, over to perturbations of Q."
    example = refute(statement, point, order.gd_from_below(), broken)
    return Evidence(support=steps, counterexample=example, scope="one pair of methods, all problems")


def region_order(statement: Statement) -> Evidence:
    """Refuted at kappa = 3/2, where NAG is stable at a step that GD does not survive."""
    ell, step, v = sp.Rational(3, 2), sp.Rational(36, 25), sp.Rational(6, 5)
    steps = tradeoff.stable_at(ell, step, v)
    broken = "Comparing the sufficient ranges 2/(μ+L) and 4/(μ+3L) of the proofs as if they were the stable regions."
    example = refute(statement, {"mu": 1, "L": ell, "lambda": ell, "s": step}, step, broken)
    return Evidence(support=steps, counterexample=example, scope="κ < 2")


def regions(statement: Statement) -> Evidence:
    return Evidence(steps=tradeoff.regions(statement), scope="every κ ≥ 1, every s > 0")


CLAIMS = (
    Claim(
        "exact-tradeoff",
        "A",
        "beyond",
        "Convergence and stability add up to one",
        "beyond the print",
        EXACT,
        only(sp.Equality, exact_tradeoff),
    ),
    Claim(
        "tradeoff-universal", "A", "beyond", "No method is below the frontier", "beyond the print", UNIVERSAL, universal
    ),
    Claim(
        "tradeoff-chebyshev",
        "A",
        "beyond",
        "The Chebyshev semi-iteration is on the frontier",
        "beyond the print",
        CHEBYSHEV,
        only(sp.Equality, chebyshev),
    ),
    Claim(
        "tradeoff-heavy-ball",
        "A",
        "beyond",
        "Heavy ball is above the frontier",
        "beyond the print",
        HEAVY_BALL,
        only(sp.Equality, heavy_ball),
    ),
    Claim(
        "stability-gap",
        "A",
        "beyond",
        "In b, faster is exactly less stable",
        "beyond the print, repairs R sec. 3 (ii)",
        GAP,
        only(sp.Equality, gap),
    ),
    Claim(
        "prose-faster-less-stable",
        "A",
        "prose",
        "A faster method is less stable",
        "R sec. 3 (ii)",
        SLOGAN,
        only(sp.LessThan, slogan),
        "stability-gap",
    ),
    Claim(
        "prose-region-order",
        "A",
        "prose",
        "GD's stable region is larger",
        "R sec. 3 (iv)",
        REGION_ORDER,
        only(sp.LessThan, region_order),
        "stable-regions",
    ),
    Claim(
        "stable-regions",
        "A",
        "beyond",
        "The exact stable regions",
        "beyond the print, repairs R sec. 3 (iv)",
        REGIONS,
        only(sp.StrictLessThan, regions),
    ),
)
