"""All ledger rows of the topic."""

from __future__ import annotations

from duality.quadratic import (
    claims_bounds,
    claims_definitions,
    claims_offclass,
    claims_sensitivity,
    claims_table,
    claims_tradeoff,
)

CLAIMS = (
    *claims_definitions.CLAIMS,
    *claims_bounds.CLAIMS,
    *claims_table.CLAIMS,
    *claims_tradeoff.CLAIMS,
    *claims_sensitivity.CLAIMS,
    *claims_offclass.CLAIMS,
)
