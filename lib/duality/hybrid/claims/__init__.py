"""Ledger rows of the topic, one module per part of the source; `figures` holds what experiments settle."""

from __future__ import annotations

from duality.hybrid.claims import approximation, figures, generalization, recurrent

CLAIMS = (*approximation.CLAIMS, *generalization.CLAIMS, *recurrent.CLAIMS, *figures.CLAIMS)
