"""Ledger rows on the theory of PLISA (T ch. 7)."""

from __future__ import annotations

from duality.ledger.claim import Claim
from duality.sparse.claims import (
    theory_assumption,
    theory_capacity,
    theory_entrywise,
    theory_generalization,
    theory_penalties,
    theory_robustness,
    theory_unsupervised,
)

CLAIMS: tuple[Claim, ...] = (
    *theory_penalties.CLAIMS,
    *theory_assumption.CLAIMS,
    *theory_capacity.CLAIMS,
    *theory_entrywise.CLAIMS,
    *theory_robustness.CLAIMS,
    *theory_generalization.CLAIMS,
    *theory_unsupervised.CLAIMS,
)
