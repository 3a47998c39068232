"""Ledger rows of the topic: `theory` holds what is proved or refuted, `curves` what the curves of formulas look like."""

from __future__ import annotations

from duality.sparse.claims import curves, theory

CLAIMS = (*theory.CLAIMS, *curves.CLAIMS)
