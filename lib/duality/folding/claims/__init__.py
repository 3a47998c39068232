"""Ledger rows of the topic: `theory` holds what is proved or refuted, the others what models were held to."""

from __future__ import annotations

from duality.folding.claims import adapted, measured, theory, trained

CLAIMS = (*theory.CLAIMS, *trained.CLAIMS, *adapted.CLAIMS, *measured.CLAIMS)
