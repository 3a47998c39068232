"""Ledger rows of the topic, one module per part of it: each row joins a statement of `rates` to its evidence."""

from __future__ import annotations

from duality.quadratic.claims import bounds, definitions, offclass, sensitivity, table, tradeoff

CLAIMS = (
    *definitions.CLAIMS,
    *bounds.CLAIMS,
    *table.CLAIMS,
    *tradeoff.CLAIMS,
    *sensitivity.CLAIMS,
    *offclass.CLAIMS,
)
