"""Faster is not always less stable: an exact pair of methods, certified at one instance.

At mu = 1, L = 5, k = 4, NAG with s = 1/4 and GD with s = 1/3 (both inside their printed ranges) are compared in Q:
GD's stability constant from below by one pair of problems, NAG's from above by a factorization of the divided
difference (Cauchy-Schwarz with weights), for all pairs in all dimensions.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import sympy as sp

from duality.ledger.claim import Step
from duality.ledger.prove import identity, inequality
from duality.quadratic.attack import gd_residual, nag_residuals
from duality.quadratic.proofs.nag_perturbed import perturbation_recursion, superposition

MU, L, K = 1, 5, 4
S_GD, S_NAG, U_NAG = sp.Rational(1, 3), sp.Rational(1, 4), sp.Rational(1, 2)
WEIGHTS = (sp.Integer(1), sp.Rational(3, 5), sp.Rational(8, 5))
CAP = sp.Rational(4, 5)


def gd_from_below() -> sp.Rational:
    """||x_k1 - x_k2|| / (M |Q1 - Q2|) for the scalar problems Q1 = mu, Q2 = L with the same b: a lower bound."""
    first, second = (gd_residual(K, sp.Integer(q), S_GD) for q in (MU, L))
    solutions = (1 - first) / MU, (1 - second) / L  # for b = -1: minimizers 1/mu and 1/L, so M = 1/L
    return sp.Abs(solutions[0] - solutions[1]) / (sp.Rational(1, L) * (L - MU))


def convergence_values() -> tuple[sp.Rational, sp.Rational]:
    """(NAG, GD): both worst cases sit at mu."""
    return nag_residuals(K, sp.Integer(MU), S_NAG, U_NAG)[0], gd_residual(K, sp.Integer(MU), S_GD)


def nag_from_above() -> tuple[Step, ...]:
    """NAG's constant is at most CAP: s^2 sup sum w a_i^2 sup sum (1-z_j)^2 / w <= CAP^2."""
    lam = sp.Symbol("lambda", real=True)
    h, beta = 1 - S_NAG * lam, (1 - U_NAG) / (1 + U_NAG)
    a = [sp.Integer(1), (1 + beta) * h]
    r = [sp.Integer(1), h]
    for _ in range(K):
        a.append((1 + beta) * h * a[-1] - beta * h * a[-2])
        r.append(h * ((1 + beta) * r[-1] - beta * r[-2]))
    z = [sp.Integer(1), *((1 + beta) * r[j] - beta * r[j - 1] for j in range(1, K))]
    left = sp.expand(sum(w * a[i] ** 2 for i, w in enumerate(WEIGHTS)))
    right = sp.expand(sum((1 - z[K - 1 - i]) ** 2 / w for i, w in enumerate(WEIGHTS)))
    spectrum = [sp.Le(MU, lam), sp.Le(lam, L)]
    tops = [_rounded_up(e, lam) for e in (left, right)]
    return (
        perturbation_recursion(),
        superposition(),
        identity(
            "So x_{k,1} − x_{k,2} = −s Σ a_i(Q₁)(Q₁ − Q₂)y_{k−1−i,2}: a row times a block-diagonal matrix times "
            "a column, "
            "of k − 1 terms because y₀ = (1 − z₀)x* = 0.",
            1 - z[0],
        ),
        inequality(f"Σ w_i a_i(λ)² ≤ {tops[0]} on the spectrum.", sp.Le(left, tops[0]), spectrum),
        inequality(f"Σ (1 − z_j(ν))²/w_i ≤ {tops[1]} on the spectrum.", sp.Le(right, tops[1]), spectrum),
        inequality(
            "By Cauchy–Schwarz the constant in Q is at most s √(product) ≤ 4/5.",
            sp.Le(S_NAG**2 * tops[0] * tops[1], CAP**2),
        ),
        inequality("The constant of GD is at least that of one pair, above 4/5.", sp.Gt(gd_from_below(), CAP)),
        inequality("and NAG is the faster one.", sp.Lt(*convergence_values())),
    )


def _rounded_up(expression: sp.Expr, lam: sp.Symbol) -> sp.Rational:
    """A rational slightly above the largest value on a grid: a candidate that z3 has to confirm."""
    values = sp.lambdify(lam, expression, "numpy")(np.linspace(MU, L, 2001))
    top = Fraction(float(np.max(values)) * 1.005).limit_denominator(1000)
    return sp.Rational(top.numerator, top.denominator)
