"""Ledger rows on the unsupervised setting (T eq. 7.17 to 7.21)."""

from __future__ import annotations

from duality.ledger.bound import BoundCheck
from duality.ledger.claim import Claim
from duality.ledger.settle import proved, refuted
from duality.sparse.proofs import unsupervised as proofs
from duality.sparse.rates import unsupervised as rates

SCOPE = "every loss with such curvatures along the segment, every dimension; the search runs over one variable"
ONE_PLUS = frozenset({rates.EXCESS, rates.NOISE})

CLAIMS = (
    Claim(
        "unsupervised",
        "H",
        "statement",
        "What the unsupervised loss says about the error",
        "T eq. 7.17–7.21",
        rates.PRINTED,
        refuted(
            rates.PRINTED,
            proofs.no_constant,
            "The excess and the squared gradient have different units. The excess can be as small as −g²/(2ρ₋), and "
            "C(ρ₋Δ²/2 − gΔ + g²) ≥ Δ² for all Δ and g needs C(ρ₋/2 − 1/4) ≥ 1.",
            "one problem with (a), (b) and (c), β_T the minimizer of the held-out loss; every C (1000 is shown)",
        ),
        repaired_by="unsupervised-two-constants",
    ),
    Claim(
        "unsupervised-two-constants",
        "H",
        "beyond",
        "The decomposition with two constants",
        "beyond the print, repairs T eq. 7.18, 7.19",
        rates.TWO,
        BoundCheck(
            rates.ERROR,
            ONE_PLUS,
            proofs.least,
            proofs.squared_error,
            proofs.domain(0.05),
            proofs.ABLATIONS,
            scope=SCOPE,
        ),
    ),
    Claim(
        "unsupervised-one-constant",
        "H",
        "beyond",
        "When one constant is enough",
        "beyond the print, on T eq. 7.18, 7.19",
        rates.ONE,
        BoundCheck(
            rates.ERROR,
            ONE_PLUS,
            proofs.one_constant,
            proofs.squared_error,
            proofs.domain(0.55),
            proofs.ONE_ABLATIONS,
            scope=SCOPE,
        ),
    ),
    Claim(
        "unsupervised-per-problem",
        "H",
        "beyond",
        "The minimizer of a mean on each problem",
        "T eq. 7.20",
        rates.PER_PROBLEM,
        refuted(
            rates.PER_PROBLEM,
            proofs.pair,
            "θ*_U minimizes the mean over the training problems. On a single one it may be worse than θ*, when the "
            "others gain.",
            "two problems on one variable with (a), (b) and (c), one layer of ℓ₁",
        ),
        repaired_by="unsupervised-average",
    ),
    Claim(
        "unsupervised-average",
        "H",
        "beyond",
        "The minimizer of a mean, on average",
        "beyond the print, repairs T eq. 7.20",
        rates.AVERAGE,
        proved(
            rates.AVERAGE,
            proofs.average,
            "every class of parameters that contains θ*",
            {"minimizer": ({rates.MEAN_U.name: 2, rates.MEAN_ANY.name: 0, rates.MEAN_STAR.name: 1}, 2)},
        ),
    ),
    Claim(
        "unsupervised-smooth",
        "H",
        "beyond",
        "The excess of the supervised parameters",
        "T eq. 7.21",
        rates.SMOOTH,
        BoundCheck(
            rates.EXCESS,
            frozenset({rates.GRADIENT * rates.DISTANCE, rates.DISTANCE**2}),
            proofs.smooth,
            proofs.excess_of,
            proofs.domain(0.05),
            proofs.SMOOTH_ABLATIONS,
            scope=SCOPE + "; with (b) alone β_T − β* must have at most s* + 2s̃ entries",
        ),
    ),
)
