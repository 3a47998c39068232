"""Ledger rows of R section 5 and appendix C."""

from __future__ import annotations

from duality.hybrid.claims import generalization_bounds, generalization_order, generalization_shape
from duality.ledger.claim import Claim

CLAIMS: tuple[Claim, ...] = (
    *generalization_bounds.CLAIMS,
    *generalization_shape.CLAIMS,
    *generalization_order.CLAIMS,
)
