"""Ledger rows of the topic: `theory` holds what is proved or refuted."""

from __future__ import annotations

from duality.sparse.claims import theory

CLAIMS = (*theory.CLAIMS,)
