"""The one-net argument: a class is replaced by a net at radius n^(-1/2), and Massart's lemma does the rest.

R chains over all radii and then pulls the covering number at the smallest one out of the integral. At that price a
single net gives more: 2 and sqrt 2 in place of 4 and 12, for covers with centres anywhere, without the two steps of
the printed proof that fail for covers with centres in the class.
"""

from __future__ import annotations

import sympy as sp

from duality.ledger.claim import Step
from duality.ledger.prove import identity, induction, inequality

w, y, v, S, rho = sp.symbols("w y v S rho", nonnegative=True)  # w = n^(-1/2), y = sqrt(Lambda)
ROOT2 = sp.sqrt(2)


def massart() -> tuple[Step, ...]:
    """The largest of N = e^Lambda signed sums, each of root mean square v, has mean at most v sqrt(2 Lambda)."""
    j, a, b = sp.symbols("j a b", nonnegative=True)
    rate, Lam = sp.symbols("h Lambda", positive=True)
    size = sp.Symbol("v", positive=True)
    after = [a / ((2 * j + 1) * (2 * j + 2)), b / (2 * (j + 1))]
    return (
        induction(
            "1/(2j)! ≤ 1/(2ʲ j!), so cosh x ≤ exp(x²/2) coefficient by coefficient: a sum of independent signs with "
            "weights of length v has E exp(hX) ≤ exp(h²v²/2).",
            [inequality("at j = 0", sp.Le(1, 1))],
            [inequality("from j to j + 1", sp.Le(*after), [sp.Le(a, b)])],
        ),
        identity(
            "Massart's lemma: by Jensen's inequality the largest of N such sums has mean at most (Λ + h²v²/2)/h, "
            "which is v √(2Λ) at h = √(2Λ)/v.",
            (Lam / rate + rate * size**2 / 2).subs(rate, sp.sqrt(2 * Lam) / size),
            size * sp.sqrt(2 * Lam),
        ),
    )


def inside_net() -> tuple[Step, ...]:
    """A cover with centres anywhere gives a net in the class at twice the radius, and what a net leaves out."""
    direct, first, second, alpha, mean, square = sp.symbols("D d_1 d_2 alpha m q", nonnegative=True)
    return (
        inequality(
            "Two members of one ball of radius α are within 2α of each other: one member per ball is a net at 2α, "
            "wherever the centres are.",
            sp.Le(direct, 2 * alpha),
            [sp.Le(direct, first + second), sp.Le(first, alpha), sp.Le(second, alpha)],
        ),
        inequality(
            "A mean of absolute values is at most the root of the mean square q² (its variance q² − m² is not "
            "negative): replacing a member by its net point costs at most 2α in the mean with signs.",
            sp.Le(mean, square),
            [sp.Ge(square**2 - mean**2, 0)],
        ),
    )


def net_bound(sentence: str, total: sp.Symbol, scale: sp.Expr, radius: sp.Expr) -> Step:
    """`total` <= scale * w * (2 + sqrt 2 * y * radius) from the two parts, with alpha = w = n^(-1/2)."""
    rest, net = sp.symbols("rest net", real=True)
    return inequality(
        sentence,
        sp.Le(total, scale * w * (2 + ROOT2 * y * radius)),
        [
            sp.Le(total, rest + net),
            sp.Le(rest, scale * 2 * w),
            sp.Le(net, scale * radius * w * ROOT2 * y),
        ],
    )


def squares_contract() -> tuple[Step, ...]:
    """E R_n f^2 <= 2B E R_n f for functions with values in [0, B]: the contraction principle, one sign at a time."""
    f, g, bound = sp.symbols("f g B", nonnegative=True)
    U, V, k = sp.symbols("U V K", real=True)
    return (
        inequality(
            "|f² − g²| ≤ 2B|f − g| for values in [0, B].",
            sp.Le(sp.Abs(f**2 - g**2), 2 * bound * sp.Abs(f - g)),
            [sp.Le(f, bound), sp.Le(g, bound)],
        ),
        inequality(
            "One sign: a pair with values U, V of the other terms contributes U + V + K|f − g|, which one of the two "
            "orders of the pair attains without the absolute value; so each square may be replaced by 2B times its "
            "root, one sample after the other.",
            sp.Le(U + V + k * sp.Abs(f - g), sp.Max(U + V + k * (f - g), V + U + k * (g - f))),
            [sp.Ge(k, 0)],
        ),
    )


def mean_radius() -> Step:
    """E rho_n <= rho with rho^2 = E rho_n^2."""
    mean = sp.Symbol("m", nonnegative=True)
    return inequality(
        "The mean of ρ_n is at most ρ with ρ² = E ρ_n², because a variance is not negative.",
        sp.Le(mean, rho),
        [sp.Ge(rho**2 - mean**2, 0)],
    )


def quadratic_root() -> Step:
    """rho^2 <= 2 p rho + q gives rho <= p + sqrt(p^2 + q)."""
    p, q, root = sp.symbols("p q s", nonnegative=True)
    return inequality(
        "ρ² ≤ 2pρ + q gives ρ ≤ p + √(p² + q).",
        sp.Le(rho, p + root),
        [sp.Le(rho**2, 2 * p * rho + q), sp.Eq(root**2, p**2 + q)],
    )
