"""Ledger rows of the topic: `theory` holds what is proved or refuted, `trained` what experiments settle."""

from __future__ import annotations

from duality.sparse.claims import theory, trained

CLAIMS = (*theory.CLAIMS, *trained.CLAIMS)
