"""Ledger rows of the topic: `theory` holds what is proved or refuted, `trained` what experiments settle, `curves` what
the curves of formulas look like."""

from __future__ import annotations

from duality.sparse.claims import curves, theory, trained

CLAIMS = (*theory.CLAIMS, *trained.CLAIMS, *curves.CLAIMS)
