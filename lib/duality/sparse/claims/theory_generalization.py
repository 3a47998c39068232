"""Ledger rows on the generalization gap of PLISA (T Theorem 7.5.1)."""

from __future__ import annotations

from duality.ledger.claim import Claim
from duality.ledger.settle import proved, refuted
from duality.sparse.proofs import generalization as proofs
from duality.sparse.rates import generalization as rates

CLAIMS = (
    Claim(
        "generalization",
        "H",
        "theorem",
        "The generalization bound as printed",
        "T Thm 7.5.1",
        rates.PRINTED,
        refuted(
            rates.PRINTED,
            proofs.printed_at,
            "The second logarithm has no maximum with 1. Where √m(1 − e^(−CKT)) < 1 it is negative, and it carries the "
            "factor c₃d: the number under the root is negative.",
            "m = 1, e^(−C) = 1/2, K = 1, T = 2, t₀ = 1, every c₁, c₂, c₃, d; m = 1 fails at every depth, "
            "m = 2000 only where CKT < 0.0226",
        ),
        repaired_by="generalization-repaired",
    ),
    Claim(
        "generalization-repaired",
        "H",
        "beyond",
        "A generalization bound of the printed shape",
        "beyond the print, repairs T Thm 7.5.1",
        rates.REPAIRED,
        proved(
            rates.REPAIRED,
            proofs.repaired,
            "every law of problems, every class with these Lipschitz constants on all problems; Lemma 7.5.1 gives "
            "them, on problems with |∇L(β*)| ≤ λ*, in the strongly convex case",
        ),
    ),
    Claim(
        "generalization-window",
        "H",
        "beyond",
        "Where the bound can decrease with the depth",
        "beyond the print, on T Thm 7.5.1",
        rates.WINDOW,
        proved(rates.WINDOW, proofs.window, "the printed bound with t₀ = 0, where both logarithms are positive"),
    ),
    Claim(
        "generalization-dimension",
        "H",
        "beyond",
        "A cover in the Euclidean norm costs √d",
        "beyond the print, on T Thm 7.5.1",
        rates.DIMENSION,
        proved(rates.DIMENSION, proofs.dimension, "every even number of parameters"),
    ),
)
