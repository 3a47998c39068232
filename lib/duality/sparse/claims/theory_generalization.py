"""Ledger rows on the generalization gap of PLISA (T Theorem 7.5.1)."""

from __future__ import annotations

from dataclasses import replace

from duality.ledger.claim import Claim, Evidence, Statement
from duality.ledger.settle import proved, refuted
from duality.sparse.proofs import generalization as proofs
from duality.sparse.rates import generalization as rates


def window(statement: Statement) -> Evidence:
    """The proof, and the search that says how sharp the statement is."""
    evidence = proved(
        rates.WINDOW,
        proofs.window,
        "the printed bound with t₀ = 0, every C, c₂, c₃, d, m",
        proofs.WINDOW_ABLATIONS,
    )(statement)
    if not evidence.steps:
        return evidence
    search = proofs.window_search(statement)
    where = f"CN = {search.at['C']:.4g}; it tends to 1 as CN grows"
    return replace(evidence, searches=(search,), slack=search.best, slack_at=where)


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
            "The second logarithm has no maximum with 1. Where √m(1 − e^(−CKT)) < 1 it is negative, and where the "
            "first is 0 nothing pays for it: the number under the root is negative.",
            "m = 1, every K, t₀ and T > t₀ with KT > 1, C = ln(KT)/(K(T − t₀)) or more, every c₂, c₃, d. For m = 1 and "
            "fixed C and t₀ this is every depth from some on. The second logarithm is negative for m = 1 at every "
            "depth and for m = 2000 where CKT < 0.0226, but a positive first one can pay for it",
        ),
        repaired_by="generalization-repaired",
    ),
    Claim(
        "generalization-repaired",
        "H",
        "beyond",
        "A generalization bound whose first logarithm has weight 1 against p",
        "beyond the print, repairs T Thm 7.5.1",
        rates.REPAIRED,
        proved(
            rates.REPAIRED,
            proofs.repaired,
            "every law of problems, every class with these Lipschitz constants on all problems; PLISA has such "
            "constants for T > t₀ in the strongly convex case, c₁ of order √s* on problems with |∇L(β*)| ≤ λ*",
            proofs.REPAIRED_ABLATIONS,
        ),
    ),
    Claim(
        "generalization-window",
        "H",
        "beyond",
        "Where the bound can decrease with the depth",
        "beyond the print, on T Thm 7.5.1",
        rates.WINDOW,
        window,
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
