"""Ledger rows of the definitions, the table and the figure of R section 3, and of the duality of terms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from math import isqrt

import sympy as sp

from duality.ledger.claim import Claim, Evidence, Statement, Step, only
from duality.ledger.prove import identity, inequality
from duality.ledger.tex import Quantity
from duality.quadratic import exact, rates
from duality.quadratic.claims.tradeoff import REGIONS
from duality.quadratic.methods import Method, gradient_descent, nesterov
from duality.quadratic.problem import Spectrum
from duality.quadratic.proofs import tradeoff
from duality.quadratic.proofs.reduction import spectral_reduction
from duality.quadratic.rates import SPECTRUM, START, STEP_GAP
from duality.quadratic.sensitivity import gd_sensitivity
from duality.quadratic.stability_bounds import stab_q
from duality.quadratic.supremum import Enclosure

KAPPAS = (1, 4, 100, 10_000)  # squares, so that sqrt(mu s) = 1/sqrt(kappa) is rational at s = 1/L
ITERATIONS = (1, 2, 10, 50, 200)
"""The grid on which the definitions are certified: mu = 1, L = kappa, s = 1/L."""
BRACKET_KAPPAS, BRACKET_ITERATIONS = (4, 100), (2, 10)


def definition(left: str, right: str, words: str) -> Statement:
    """A definition as an equation between two quantities."""
    return Statement(sp.Eq(Quantity(left), Quantity(right), evaluate=False), SPECTRUM, words)


CVG_DEFINITION = definition(
    r"\mathrm{Cvg}(k,\phi)",
    r"\sup_{Q,b} \frac{\|\mathrm{Alg}^k_\phi(Q,b)-\mathrm{Opt}(Q,b)\|_2}{\|\mathrm{Opt}(Q,b)\|_2} = "
    r"\sup_{\lambda\in[\mu,L]} |r_k(\lambda)|",
    "Convergence: the worst ratio of the error after $k$ steps from zero to the error at the start,{relation}",
)
STAB_DEFINITION = definition(
    r"\mathrm{Stab}_b(k,\phi)",
    r"\sup_{Q,b,b'} \frac{\|\mathrm{Alg}^k_\phi(Q,b)-\mathrm{Alg}^k_\phi(Q,b')\|_2}{\|b-b'\|_2} = "
    r"\sup_{\lambda\in[\mu,L]} \frac{|1-r_k(\lambda)|}{\lambda}",
    "Stability: the Lipschitz constant of the output in the problem. In $b$ it is{relation}and in $Q$ it is the "
    "supremum of "
    r"$\|x_{k,1}-x_{k,2}\|_2$ over $M\|Q_1-Q_2\|_2$, with $M$ the smaller of the two solutions' lengths.",
)
SENS_DEFINITION = definition(
    r"\mathrm{Sens}(k)",
    r"\sup_{Q,\,b,\,\phi\neq\phi'} "
    r"\frac{\|\mathrm{Alg}^k_\phi(Q,b)-\mathrm{Alg}^k_{\phi'}(Q,b)\|_2}{|\phi-\phi'|\,\|\mathrm{Opt}(Q,b)\|_2} = "
    r"\sup_{\phi,\lambda} |\partial_\phi r_k(\lambda)|",
    "Sensitivity: the Lipschitz constant of the output in the step size,{relation}",
)
REGION_DEFINITION = Statement(
    REGIONS.relation,
    REGIONS.hypotheses,
    "Stable region: the step sizes at which the iterates stay bounded as $k$ grows. Up to its boundary, where they "
    "stay bounded without converging, it is $0 < s < 2/L$ for GD, "
    "and for NAG the set "
    r"$0 < s < 4/\mu$ with{relation}",
)


def _grid() -> Iterator[tuple[Method, Method, Fraction, int]]:
    """GD and NAG at s = 1/L, with u = sqrt(mu s), over the grid."""
    for kappa in KAPPAS:
        spectrum, step = Spectrum(1, kappa), Fraction(1, kappa)
        for k in ITERATIONS:
            yield gradient_descent(spectrum, step), nesterov(spectrum, step), Fraction(1, isqrt(kappa)), k


def contains(sentence: str, pairs: Iterator[tuple[Enclosure, Fraction]]) -> Step:
    """Every enclosure contains its closed form, an exact fraction."""
    wrong, count, widest = 0, 0, 0.0
    for enclosure, value in pairs:
        count += 1
        widest = max(widest, enclosure.width)
        wrong += not Fraction(enclosure.lower) <= value <= Fraction(enclosure.upper)
    detail = f"{count} enclosures by ball arithmetic, relative width at most {widest:.1e}, {wrong} miss the closed form"
    return Step(sentence, "ball", "fails" if wrong or not count else "holds", detail)


def worst_residuals(u: Fraction, k: int) -> tuple[Fraction, Fraction]:
    """The closed forms of Cvg(k) for (GD, NAG) at s = 1/L, mu = 1, where s mu = u^2."""
    return (1 - u * u) ** k, (1 - u) ** k * (1 + k * u)


SCOPE = (
    f"certified at μ = 1, s = 1/L for κ in {KAPPAS}, k in {ITERATIONS}; the closed forms themselves are proved for all"
)


def certify(quantity: Callable[[Method, int], Enclosure], closed: Callable[[Fraction, int], tuple]) -> Evidence:
    """The definition, computed rigorously from the polynomials, against the closed forms."""

    def pairs(which: int) -> Iterator[tuple[Enclosure, Fraction]]:
        for gd, nag, u, k in _grid():
            yield quantity((gd, nag)[which], k), closed(u, k)[which]

    names = ("GD", "NAG")
    steps = tuple(contains(f"{name}: the closed form lies in the enclosure.", pairs(i)) for i, name in enumerate(names))
    return Evidence(steps=(spectral_reduction(), *steps), scope=SCOPE)


def cvg(statement: Statement) -> Evidence:
    return certify(exact.cvg, worst_residuals)


def stab(statement: Statement) -> Evidence:
    """In b the closed forms; in Q a rigorous bracket, which for GD contains the exact constant."""
    in_b = certify(exact.stab_b, lambda u, k: tuple(1 - r for r in worst_residuals(u, k)))
    wrong, widest = 0, 0.0
    for kappa in BRACKET_KAPPAS:
        spectrum, step = Spectrum(1, kappa), Fraction(1, kappa)
        for k in BRACKET_ITERATIONS:
            gd, nag = (stab_q(method(spectrum, step), k) for method in (gradient_descent, nesterov))
            point = {"mu": 1, "L": kappa, "s": sp.Rational(1, kappa), "k": k}
            best = Fraction(str(rates.GD_STABILITY_EXACT.right_side(point)))
            wrong += not Fraction(gd.lower) <= best <= Fraction(gd.upper) or not 0 < nag.lower <= nag.upper
            widest = max(widest, *(b.upper / b.lower - 1 for b in (gd, nag)))
    in_q = Step(
        "In Q: a pair of scalar problems from below and a factorization from above enclose the supremum; for GD the "
        "bracket contains the exact constant.",
        "ball",
        "fails" if wrong else "holds",
        f"κ in {BRACKET_KAPPAS}, k in {BRACKET_ITERATIONS}: relative width at most {widest:.1e}, {wrong} failures",
    )
    return replace(in_b, steps=(*in_b.steps, in_q))


def sens(statement: Statement) -> Evidence:
    """GD's closed form, and NAG's value at mu below and repaired bound above its enclosure."""
    gd = contains(
        "GD: the closed form kλ|1−sλ|ᵏ⁻¹ at λ = 1/(ks), moved into [μ, L], or at L lies in the enclosure.",
        (
            (exact.sens_s(g, k), Fraction(gd_sensitivity(g.spectrum, Fraction(1, int(g.spectrum.L)), k)))
            for g, _, _, k in _grid()
        ),
    )
    wrong = 0
    for _, nag, u, k in _grid():
        enclosure, tau = exact.sens_s(nag, k), 1 - u
        at_mu = Fraction(k * (k + 1), 2) * tau ** (k - 1)
        point = {"mu": 1, "L": nag.spectrum.L, "c_0": sp.Rational(1, nag.spectrum.L), "k": k}
        above = sp.Rational(rates.NAG_SENSITIVITY_REPAIRED.right_side(point | {START.name: 1, STEP_GAP.name: 1}))
        wrong += not at_mu <= Fraction(enclosure.upper) or not enclosure.lower <= above
    nag_step = Step(
        "NAG: at least the value k(k+1)μτᵏ⁻¹/2 at λ = μ, at most the repaired bound.",
        "ball",
        "fails" if wrong else "holds",
        f"{wrong} violations on the grid",
    )
    return Evidence(steps=(spectral_reduction(), gd, nag_step), scope=SCOPE)


def region(statement: Statement) -> Evidence:
    return Evidence(steps=tradeoff.regions(statement), scope="every κ ≥ 1, every s > 0")


DUALITY = Statement(
    sp.true,
    (),
    r"A gradient step on $f(x) = \tfrac12 x^\top Q x + b^\top x$ is a layer $x_t = \sigma(Wx_{t-1} + c)$ with $W "
    r"= I - sQ$, $c = -sb$ and "
    r"$\sigma$ the identity; and a ReLU layer with symmetric $W$ is an iteration, the projected gradient step for "
    r"$Q = (I-W)/s$, "
    "$b = -c/s$ on the nonnegative orthant.",
)


def duality(statement: Statement) -> Evidence:
    Q, x, b, W, c = sp.symbols("Q x b W c", commutative=False)
    s, v, z = sp.symbols("s v z", real=True)
    steps = (
        identity(
            "Algorithm to layer: x − s(Qx + b) = (I − sQ)x + (−sb).",
            sp.expand(x - s * (Q * x + b)),
            sp.expand((1 - s * Q) * x - s * b),
        ),
        identity(
            "Layer to algorithm: Wx + c = x − s(Qx + b) with Q = (I − W)/s and b = −c/s.",
            sp.expand(W * x + c),
            sp.expand(x - s * ((1 - W) / s * x - c / s)),
        ),
        inequality(
            "ReLU is the projection onto the nonnegative orthant: entry by entry no z ≥ 0 is closer to v than "
            "max(v, 0).",
            sp.Le((sp.Max(v, 0) - v) ** 2, (z - v) ** 2),
            [sp.Ge(z, 0)],
        ),
    )
    return Evidence(steps=steps, scope="every Q, b, s ≠ 0 and every symmetric W")


CLAIMS = (
    Claim("def-cvg", "A", "definition", "Convergence", "R eq. 6", CVG_DEFINITION, only(sp.Equality, cvg)),
    Claim("def-stab", "A", "definition", "Stability", "R eq. 7", STAB_DEFINITION, only(sp.Equality, stab)),
    Claim("def-sens", "A", "definition", "Sensitivity", "R eq. 8", SENS_DEFINITION, only(sp.Equality, sens)),
    Claim(
        "def-region",
        "A",
        "definition",
        "Stable region",
        "R sec. 3 (IV)",
        REGION_DEFINITION,
        only(sp.StrictLessThan, region),
    ),
    Claim(
        "duality-terms",
        "J",
        "statement",
        "An iteration is a layer, a layer is an iteration",
        "T 1.2.1, Table 1.2",
        DUALITY,
        duality,
    ),
)
