"""Assumption 7.4.1: counting samples, condition (c) at independent features, and the comparison with the RIP.

Used and not proved here: more than n vectors in R^n are dependent; a Gaussian vector is rotation invariant.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from duality.ledger.claim import Criterion, Evidence, Statement, Step
from duality.ledger.criteria import Declared
from duality.ledger.prove import identity, inequality
from duality.sparse import audit
from duality.sparse.rates import assumption as rates
from duality.sparse.rates.assumption import LEVEL, cosine, coupling, k, ratio
from duality.sparse.rates.letters import CURVATURE, d, kappa, n, rho, rho_plus, s_star

h = sp.Symbol("h", real=True)
quotient = sp.Symbol("Q", nonnegative=True)
columns = sp.Symbol("l", real=True)


def rows(statement: Statement) -> tuple[Step, ...]:
    """Columns at the level are independent, so there are at most n; the level is above 531 s*."""
    given = [relation.subs(rates.RHO_SPARSE, quotient) for relation in statement.relations]
    at_level = [sp.Eq(columns, sp.Min(d, LEVEL))]
    return (
        inequality(
            "More than n columns have a kernel direction v, |Xv|²/(n|v|²) = 0 < ρ₋: min(d, s* + 2s̃) columns are at "
            "most n.",
            sp.Le(columns, n),
            [*given, *at_level, sp.Or(sp.Le(columns, n), sp.Eq(quotient, 0))],
        ),
        inequality(
            "s* + 2s̃ > (1 + 242κ + 288κ²)s* ≥ 531s*.",
            statement.relation,
            [*given, *at_level, sp.Le(columns, n)],
        ),
    )


def printed_experiment() -> tuple[dict[str, Any], sp.Expr, tuple[Step, ...]]:
    """n = 64, d = 256 at the ratio 1, the most favourable one."""
    at = {"d": 256, "n": 64, s_star.name: 16, "kappa": 1, rates.s_tilde.name: audit.smallest_sparsity(16, 1)}
    return at, sp.Integer(256), rows(rates.ROWS)


LEVEL_OFF = {"d": 256, "n": 64, s_star.name: 16, "kappa": 1, rates.s_tilde.name: 4241, "rho_-": 1}
ROWS_ABLATIONS = {
    "rho_- > 0": (LEVEL_OFF | {"rho_-": 0, rates.RHO_SPARSE.name: 0}, 256),
    "(b) from below": (LEVEL_OFF | {rates.RHO_SPARSE.name: 0}, 256),
    "kappa >= 1": (LEVEL_OFF | {"kappa": 0, rates.s_tilde.name: 1, rates.RHO_SPARSE.name: 1}, 256),
    "s~": (LEVEL_OFF | {rates.s_tilde.name: 1, rates.RHO_SPARSE.name: 1}, 256),
}


def gradient_independent(statement: Statement) -> tuple[Step, ...]:
    """The ratio of two Gaussian inner products is a shifted Cauchy variable; features are independent."""
    signal, noise, tau, t = sp.symbols("M N tau t", real=True)
    width = ratio * sp.sqrt(1 - cosine**2)
    ends = ((7 - cosine * ratio) / width, (-9 - cosine * ratio) / width)
    fails = (sp.atan(ends[0]) - sp.atan(ends[1])) / sp.pi
    return (
        inequality(
            "With M, N the inner products of a feature with signal and noise and M = τN, (c) fails if −9 < τ < 7 …",
            sp.Lt(sp.Abs(signal + noise), 8 * sp.Abs(noise)),
            [sp.Ne(noise, 0), sp.Eq(signal, tau * noise), sp.Lt(-9, tau), sp.Lt(tau, 7)],
        ),
        inequality(
            "… and holds otherwise.",
            sp.Ge(sp.Abs(signal + noise), 8 * sp.Abs(noise)),
            [sp.Ne(noise, 0), sp.Eq(signal, tau * noise), sp.Or(sp.Le(tau, -9), sp.Ge(tau, 7))],
        ),
        identity(
            "M = crN + r√(1−c²)N' with N' independent of N and of the same law: its variance is r² times that of N, "
            "and its covariance with N is cr times that variance.",
            (cosine * ratio) ** 2 + width**2,
            ratio**2,
        ),
        inequality(
            "The width r√(1−c²) is positive.",
            sp.And(sp.Gt(1 - cosine**2, 0), sp.Gt(ratio * (1 - cosine**2), 0)),
            statement.relations,
        ),
        identity(
            "t = N'/N has the density 1/(π(1+t²)), the derivative of atan(t)/π …",
            sp.diff(sp.atan(t) / sp.pi, t),
            1 / (sp.pi * (1 + t**2)),
        ),
        identity(
            "… and τ = cr + r√(1−c²)t runs through (−9, 7) between these ends.",
            sp.expand(cosine * ratio + width * ends[0]) - sp.expand(cosine * ratio + width * ends[1]),
            16,
        ),
        identity(
            "So the d − s* features all obey (c) with the stated probability.",
            sp.log(1 - fails) * (d - s_star),
            _exponent(statement),
        ),
    )


def _exponent(statement: Statement) -> sp.Expr:
    """ln of the right side, of a power as the exponent times the ln of the base."""
    right = statement.rhs
    return right.exp * sp.log(right.base) if right.is_Pow else sp.log(right)


INDEPENDENT_ABLATIONS = {
    "|c| < 1": ({"r": 7, "c": 1, "d": 256, s_star.name: 16}, 1)  # signal and noise parallel: (c) always, 0/0 right
}
DRAWS, SEED = 4000, 0


def every_problem(size: int, probability: float) -> Declared:
    """The criterion for one dimension: the probability for one problem must allow 2000 of them."""
    needed = probability ** (1 / rates.PROBLEMS)

    def test(law: audit.Printed) -> tuple[bool, str]:
        shares = audit.gradient_conditions(law, np.random.default_rng(SEED), DRAWS)
        whole = int((shares == 1).sum())
        low, high = audit.interval(whole, DRAWS)
        found = f"(c) holds in {whole} of {DRAWS} problems, 99% interval {low:.4f} to {high:.4f}; needed {needed:.6f}"
        return low >= needed, f"{found}; it holds at {shares.mean():.1%} of all entries"

    return Declared(
        f"d = {size}: the lower 99% limit of the probability that (c) holds in a problem reaches "
        f"{probability:g}^(1/{rates.PROBLEMS}).",
        test,
        0.005,
    )


def gradient_printed(statement: Statement) -> Evidence:
    """Monte Carlo on the printed law, with exact intervals."""
    found: list[Criterion] = [every_problem(size, float(statement.rhs))(audit.Printed(d=size)) for size in (256, 1024)]
    return Evidence(criteria=tuple(found), scope=f"the law of T 7.7.1, {DRAWS} problems per dimension, seed {SEED}")


def precision(statement: Statement) -> tuple[Step, ...]:
    """The second derivative of the likelihood of one variance."""
    theta, s = sp.symbols("theta s", positive=True)
    second = sp.diff(s * theta - sp.log(theta), theta, 2)
    at = second.subs(theta, 1 / (1 + rho_plus))
    small = sp.Symbol("rho", positive=True)
    return (
        identity("ℓ'' = 1/θ² at θ = 1/(1 + ρ₊).", at, statement.rhs),
        inequality("It exceeds ρ₊.", sp.Gt((1 + rho_plus) ** 2, rho_plus)),
        inequality("For θ = 1 + 1/ρ it is below ρ.", sp.Lt(1 / (1 + 1 / small) ** 2, small)),
        identity(
            "The gradient s − 1/θ has no value at 0.", 1 / (sp.diff(s * theta - sp.log(theta), theta) - s), -theta
        ),
    )


def satisfiable(statement: Statement) -> tuple[Step, ...]:
    """The eigenvalues of I + cJ, its gradient at 0, and condition (c)."""
    size, along = sp.symbols("u p", nonnegative=True)
    entries, at = sp.symbols("v_1:4", real=True), sp.symbols("x_1:4", real=True)
    truth, noise = sp.symbols("beta_1:4", real=True), sp.symbols("g_1:4", real=True)
    H = sp.eye(3) + coupling * sp.ones(3, 3)
    v, away = sp.Matrix(entries), sp.Matrix(at) - sp.Matrix(truth)
    loss = (away.T * H * away)[0] / 2 + (sp.Matrix(noise).T * away)[0]
    begins = dict.fromkeys(at, 0)
    return (
        identity(
            "v'(I + cJ)v = |v|² + c(1'v)² (three entries shown) …", (v.T * H * v)[0], v.dot(v) + coupling * sum(v) ** 2
        ),
        inequality(
            "… lies between |v|² and (1 + cd)|v|²; by Cauchy and Schwarz (1'v)² ≤ d|v|².",
            sp.And(sp.Ge(size + coupling * along, size), sp.Le(size + coupling * along, (1 + coupling * d) * size)),
            [sp.Le(along, d * size)],
        ),
        identity(
            "The loss with this Hessian and the gradient g at β* has the gradient g_j − β_j − cS at 0 (three entries "
            "shown).",
            sp.diff(loss, at[0]).subs(begins),
            noise[0] - truth[0] - coupling * sum(truth),
        ),
        inequality("Condition (c).", statement.relation, statement.relations),
    )


SATISFIABLE_ABLATIONS = {
    "beta >= 0": ({"beta_j": -1, "g_j": sp.Rational(1, 9), "S": 1, "c": 1}, sp.Rational(8, 9)),
    "noise": ({"beta_j": 0, "g_j": sp.Rational(1, 2), "S": 1, "c": 1}, 4),
}


def is_rip(statement: Statement) -> tuple[Step, ...]:
    """Scaling the quotients into an interval around 1, and back."""
    given = [relation.subs(CURVATURE, h) for relation in statement.relations]
    small = sp.Symbol("delta", nonnegative=True)
    return (
        inequality(
            "|2h/(ρ₊ + ρ₋) − 1| at every quotient h.",
            statement.relation.subs(rates.DEVIATION, sp.Abs(2 * h / (rho_plus + rho) - 1)),
            given,
        ),
        inequality("That is below 1.", sp.Lt((rho_plus - rho) / (rho_plus + rho), 1), given),
        inequality(
            "|h − 1| ≤ δ is 1 − δ ≤ h ≤ 1 + δ.",
            sp.And(sp.Le(1 - small, h), sp.Le(h, 1 + small)),
            [sp.Le(sp.Abs(h - 1), small)],
        ),
    )


_QUOTIENT = {"rho_-": 1, rho_plus.name: 3, CURVATURE.name: 2}
IS_RIP_ABLATIONS = {
    "rho_- > 0": (_QUOTIENT | {"rho_-": -5, CURVATURE.name: 0}, 1),
    "curvature from below": (_QUOTIENT | {CURVATURE.name: 0}, 1),
    "curvature from above": (_QUOTIENT | {CURVATURE.name: 5}, sp.Rational(3, 2)),
}


def simplex(statement: Statement) -> tuple[Step, ...]:
    """The Gram matrix on k coordinates has two eigenvalues."""
    diagonal, off = ((d * unit - 1) / (d - 1) for unit in (1, 0))  # entries of (dI − J)/(d − 1)
    along, across = (d - k) / (d - 1), d / (d - 1)
    return (
        identity("(dI − J)/(d − 1) has unit diagonal …", diagonal, 1),
        identity("… and maps 1 to 0, row by row: a kernel direction.", diagonal + (d - 1) * off, 0),
        identity("On k ≤ d coordinates 1 has the quotient (d − k)/(d − 1) …", diagonal + (k - 1) * off, along),
        identity("… and (1, −1, 0, …), like all that is orthogonal to 1, d/(d − 1).", diagonal - off, across),
        inequality(
            "For 2 ≤ k ≤ d the larger deviation from 1 is that of the first.",
            statement.relation.subs(rates.DELTA_K, sp.Max(sp.Abs(along - 1), sp.Abs(across - 1))),
            [*statement.relations, sp.Ge(k, 2), sp.Le(k, d)],
        ),
        inequality(
            "For k = 1 there is no other: the constant is 0.",
            statement.relation.subs({rates.DELTA_K: sp.Abs(along - 1), k: 1}).subs(k, 1),
            statement.relations,
        ),
        inequality(
            "For k > d every direction counts, as for k = d.",
            statement.relation.subs(rates.DELTA_K, sp.Abs(along.subs(k, d) - 1)),
            [*statement.relations, sp.Gt(k, d)],
        ),
        inequality(
            "With d = 531s* + 2 and k = 2s* it is below 1/265.",
            sp.Lt((2 * s_star - 1) / (531 * s_star + 1), sp.Rational(1, 265)),
        ),
    )


SIMPLEX_ABLATIONS = {"d > 1": ({"k": 1, "d": 1}, 0)}  # one vector: its constant is 0, and the right side 0/0


def simplex_point() -> tuple[dict[str, Any], sp.Expr, tuple[Step, ...]]:
    """533 vectors: the constant of order 2 is 1/532, and at the level of (b) there is a kernel direction."""
    size = audit.level(1)
    small = rates.SIMPLEX.rhs.subs({k: 2, d: size})
    at = {rates.delta.name: small, "kappa": 1, s_star.name: 1, rates.s_tilde.name: 266, rates.RHO_SPARSE.name: 0}
    wider = inequality(
        "For every κ ≥ 1 the level s* + 2s̃ > 531 with s* = 1 reaches the 533 coordinates of the kernel direction "
        "(whole numbers: s̃ ≥ 266).",
        sp.Ge(1 + 2 * rates.s_tilde, 533),
        [sp.Ge(rates.s_tilde, 266), sp.Ge(kappa, 1)],
    )
    return at, 1 - small, (*simplex(rates.SIMPLEX), wider)
