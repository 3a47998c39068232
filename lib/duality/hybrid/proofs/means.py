r"""Steps that the proofs of R Lemma 4.1 and 4.2 share: means over (x, b), from R eq. 6 to second moments.

Means are symbols here. Three facts about them are used and named where they are: means are linear and monotone, the
triangle inequality (derived from Cauchy-Schwarz), and the invariance of the Frobenius norm under rotations. In the
eigenvectors of $Q_\theta(x)$ and $Q^*(x)$ a difference $f(Q_\theta)-f(Q^*)$ has the entries
$w_{ij}(f(\lambda_i)-f(\nu_j))$ with $w$ orthogonal; so what holds for pairs of numbers, entry by entry, holds for the
Frobenius norms, in every dimension.
"""

from __future__ import annotations

import sympy as sp

from duality.hybrid.rates.approximation import (
    CVG,
    DEPENDENCE,
    HIGH_STAR,
    HIGH_THETA,
    LOW_STAR,
    LOW_THETA,
    MOMENT_GAP,
    RATIO,
    START,
    sigma_b,
)
from duality.ledger.claim import Statement, Step
from duality.ledger.prove import identity, inequality
from duality.quadratic.rates import L, mu

lam, nu = sp.symbols("lambda nu", real=True)
error, gap, loss, opt, product = sp.symbols("e g l o c", nonnegative=True)
moment, frobenius, inverse = sp.symbols("V F Y", nonnegative=True)
root_d = sp.Symbol("r", positive=True)
EIGENVALUES = (sp.Le(LOW_THETA, lam), sp.Le(lam, HIGH_THETA), sp.Le(LOW_STAR, nu), sp.Le(nu, HIGH_STAR))


def signs(statement: Statement) -> list[sp.Basic]:
    """What the hypotheses say about mu, L and sigma_b alone."""
    return [r for r in statement.relations if r.free_symbols <= {mu, L, sigma_b}]


def triangle(sentence: str) -> Step:
    """The triangle inequality from Cauchy-Schwarz, for vectors or for square means: `c` is the inner product."""
    return inequality(
        sentence,
        sp.Le(loss, error + gap),
        [sp.Eq(loss**2, error**2 + gap**2 + 2 * product), sp.Le(product, error * gap)],
    )


def converged(statement: Statement) -> Step:
    """R eq. 32, 33 and 43: the distance of the output to Opt(Q_theta, b), whose length is o."""
    way = sp.Symbol("D", nonnegative=True)
    return inequality(
        "Eq. 6 and the zero start: ‖Alg − Opt(Q_θ, b)‖ ≤ Cvg·‖Opt(Q_θ, b)‖, that is e ≤ Cvg·o (eq. 32, where the print "
        "has Q* for Q_θ; eq. 43).",
        sp.Le(error, CVG * opt),
        [
            *(*statement.relations, sp.Ge(RATIO, 0), sp.Ge(START, 0)),
            *(sp.Le(error, RATIO * way), sp.Le(way, START + opt)),
        ],
    )


def second_moment(statement: Statement) -> tuple[Step, ...]:
    """R eq. 34-37: the mean square of D b is sigma_b^2 times the squared Frobenius norm of D."""
    n = sp.Symbol("n", integer=True, positive=True)
    D = sp.MatrixSymbol("D", n, n)
    Q, P = sp.symbols("Q P", commutative=False)
    return (
        identity(
            "E‖Db‖² = tr(DᵀD E[bbᵀ]), and tr(DᵀD σ_b²I) = σ_b²‖D‖_F² (eq. 35, 36).",
            sp.Trace(D.T * D * (sigma_b**2 * sp.Identity(n))),
            sigma_b**2 * sp.Trace(D.T * D),
        ),
        inequality(
            "Given x, E[bbᵀ|x] is σ_b²I up to the two gaps that the hypotheses close: V = E[‖Db‖²|x] = σ_b²F with F = "
            "‖D‖_F² (eq. 34).",
            sp.Eq(moment, sigma_b**2 * frobenius),
            [
                *(*statement.relations, sp.Ge(DEPENDENCE, 0), sp.Ge(MOMENT_GAP, 0)),
                sp.Le(sp.Abs(moment - sigma_b**2 * frobenius), (DEPENDENCE + MOMENT_GAP) * frobenius),
            ],
        ),
        identity("Q⁻¹ − P⁻¹ = −Q⁻¹(Q − P)P⁻¹ (eq. 37).", Q**-1 - P**-1, -(Q**-1) * (Q - P) * P**-1),
    )


def jensen() -> Step:
    """The square of a mean is at most the mean of squares."""
    m, square = sp.symbols("m s_2", real=True)
    return identity(
        "E(Y − m)² = E Y² − m² for m = E Y: a squared mean is at most the mean square (eq. 39; (Pℓ)² ≤ Pℓ² in eq. 53).",
        square - 2 * m * m + m**2,
        square - m**2,
    )


def length_of_minimizers(statement: Statement) -> tuple[Step, ...]:
    """√E‖Opt(Q_theta, b)‖^2 <= sigma_b sqrt(d) / mu: how long minimizers are in the mean, b bounded or not."""
    return (
        inequality(
            "Every eigenvalue adds 1/λ² ≤ 1/μ² to ‖Q_θ⁻¹‖_F², which is at most d/μ².",
            sp.Le(1 / lam**2, 1 / mu**2),
            [*statement.relations, *EIGENVALUES],
        ),
        inequality(
            "So o² ≤ E‖Q_θ⁻¹b‖² = σ_b²‖Q_θ⁻¹‖_F² gives o ≤ σ_b√d/μ, r standing for √d.",
            sp.Le(opt, sigma_b * root_d / mu),
            [
                *(*signs(statement), sp.Le(opt**2, sigma_b**2 * frobenius)),
                sp.Le(frobenius, root_d**2 / mu**2),
            ],
        ),
    )
