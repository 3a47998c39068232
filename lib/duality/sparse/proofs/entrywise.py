"""Second moments on the support, and a lower bound on the maximum of independent Gaussian variables."""

from __future__ import annotations

import sympy as sp
from flint import arb

from duality.ledger.claim import Statement, Step
from duality.ledger.prove import enclosure, identity, inequality
from duality.sparse.rates import entrywise as rates
from duality.sparse.rates.entrywise import sigma
from duality.sparse.rates.letters import eps, n, s_star

gradient = sp.Symbol("g", real=True)
square, column, root = (sp.Symbol(name, nonnegative=True) for name in ("V", "x", "r"))


def entries(statement: Statement) -> tuple[Step, ...]:
    """Variances add up, and the square of a maximum is at most the sum of the squares."""
    x, e = sp.symbols("x_1:3", real=True), sp.symbols("e_1:3", real=True)
    given = [relation.subs({rates.COLUMN: column, sp.sqrt(n): root}) for relation in statement.relations]
    sample = sum(a * b for a, b in zip(x, e, strict=True)) ** 2
    mean = sp.expand(sample).subs({e[0] * e[1]: 0, e[0] ** 2: sigma**2, e[1] ** 2: sigma**2})
    return (
        identity(
            "E(x'ε)² = σ²|x|², since the mixed moments of independent noise vanish (two samples shown): E g_j² = "
            "σ²|x_j|²/n².",
            mean,
            sigma**2 * (x[0] ** 2 + x[1] ** 2),
        ),
        inequality("(|g| ∨ ε)² ≤ g² + ε².", sp.Le(sp.Max(sp.Abs(gradient), eps) ** 2, gradient**2 + eps**2)),
        inequality(
            "So the sum over s* entries is at most the right side; r stands for √n.",
            sp.Le(s_star * (square + eps**2), statement.rhs.subs(n, root**2)),
            [
                *(relation.subs(n, root**2) for relation in given),
                sp.Gt(root, 0),
                sp.Le(square * root**4, sigma**2 * column),
            ],
        ),
    )


_POINT = {rates.COLUMN.name: 1, "n": 1, "varepsilon": sp.Rational(1, 100), "sigma": 1, "s^*": 1}
# at these points one of the two terms is all there is, up to the other one, which only adds
ENTRIES_ABLATIONS = {
    "columns": (_POINT | {rates.COLUMN.name: 4}, 4),
    "epsilon": (_POINT | {"varepsilon": 9}, 81),
}


def ball(number: sp.Rational) -> arb:
    return arb(int(number.p)) / int(number.q)


def logarithm(statement: Statement) -> tuple[Step, ...]:
    """Mills' ratio, monotonicity in the number of variables, and the value at the smallest number."""
    t, u, p = sp.symbols("t u p", positive=True)
    density = sp.exp(-(t**2) / 2)
    most, first = sp.Rational(statement.rhs), 8
    growth = sp.log(sp.sqrt(u) / (1 + u)) + u / 2
    E, total = sp.symbols("E P", positive=True)
    bar, levels = sp.Symbol("T", positive=True), [h.relation for h in statement.hypotheses if h.name == "level"]
    limit = sigma * sp.sqrt(sp.log(rates.count) / n)
    return (
        identity(
            "Mills: the tail minus φ(t)t/(1+t²) has the derivative −2φ(t)/(1+t²)² < 0 and tends to 0, so P[|g| > "
            "tσ/√n] ≥ √(2/π) t/(1+t²) e^(−t²/2).",
            -density - sp.diff(density * t / (1 + t**2), t),
            -2 * density / (1 + t**2) ** 2,
        ),
        identity(
            "At t² = u = ln M, M times this is √(2/π) √u/(1+u) e^(u/2); its logarithm has the derivative "
            "(1+u²)/(2u(1+u)) > 0.",
            sp.diff(growth, u),
            (1 + u**2) / (2 * u * (1 + u)),
        ),
        enclosure(
            "At M = 8 it is at least 1, so it is from there on: p ≥ 1/M.",
            lambda M: 1 - (2 / arb.pi()).sqrt() * M.log().sqrt() / (1 + M.log()) * M.sqrt(),
            {"M": (first, first)},
        ),
        identity(
            "e^(−p) − 1 + p has the derivative 1 − e^(−p) and is 0 at 0: 1 − p ≤ e^(−p).",
            sp.diff(sp.exp(-p) - 1 + p, p),
            1 - sp.exp(-p),
        ),
        enclosure(
            "e^(−1), written E, is at most the right side.", lambda one: (-one).exp() - ball(most), {"one": (1, 1)}
        ),
        inequality(
            "All M ≥ 8 stay below with probability (1 − p)^M ≤ e^(−Mp) ≤ e^(−1).",
            statement.relation.subs(rates.PROBABILITY, total),
            [sp.Le(total, E), sp.Le(E, most)],
        ),
        *(
            enclosure(
                f"M = {few}: P[|g| < σ√(ln M/n)]^M = erf(√(ln M/2))^M.",
                lambda M: (M.log() / 2).sqrt().erf() ** M - ball(most),
                {"M": (few, few)},
            )
            for few in range(2, first)
        ),
        enclosure("M = 1: no |g| is below 0.", lambda M: M.log() - ball(most), {"M": (1, 1)}),
        inequality(
            "A lower level is exceeded more often.",
            sp.Le(rates.level, bar),
            [relation.subs(limit, bar) for relation in levels],
        ),
    )


# P[max |g_i| < 10] is at least 1 − 8/100 by Chebyshev's inequality
LOGARITHM_ABLATIONS = {"level": ({"M": 8, "sigma": 1, "n": 1, "t": 10}, sp.Rational(92, 100))}
