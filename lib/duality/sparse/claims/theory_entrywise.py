"""Ledger rows on what entry-wise regularization saves (T 7.4.2 (i))."""

from __future__ import annotations

from duality.ledger.claim import Claim
from duality.ledger.settle import proved
from duality.sparse.proofs import entrywise as proofs
from duality.sparse.rates import entrywise as rates

CLAIMS = (
    Claim(
        "capacity-entrywise",
        "H",
        "statement",
        "No log d on the support of one problem, if ε ≤ σ/√n",
        "T 7.4.2 (i)",
        rates.ENTRIES,
        proved(
            rates.ENTRIES,
            proofs.entries,
            "least squares with a given design, independent noise of variance σ², one problem",
            proofs.ENTRIES_ABLATIONS,
        ),
    ),
    Claim(
        "capacity-entrywise-log",
        "H",
        "beyond",
        "The maximum that a prescribed shared target must exceed",
        "beyond the print, on T 7.4.2 (i)",
        rates.LOGARITHM,
        proved(
            rates.LOGARITHM,
            proofs.logarithm,
            "independent Gaussian entries, every M ≥ 1, every n; nothing about targets that do not obey the lemma",
            proofs.LOGARITHM_ABLATIONS,
        ),
    ),
)
