"""Ledger rows on the robustness of PLISA in its parameters (T Lemma 7.5.1)."""

from __future__ import annotations

from duality.ledger.bound import BoundCheck
from duality.ledger.claim import Claim
from duality.ledger.settle import proved
from duality.sparse.proofs import robustness as proofs
from duality.sparse.proofs import robustness_instances as instances
from duality.sparse.rates import robustness as rates

SCOPE = "strongly convex losses ((b) at every level), ℓ₁, MCP and SCAD with a ≥ 2 and ξ < ρ₋, every dimension"
CLAIMS = (
    Claim(
        "robustness",
        "H",
        "lemma",
        "How far the output moves with the parameters",
        "T Lemma 7.5.1",
        rates.PRINTED,
        BoundCheck(
            rates.DIFFERENCE,
            frozenset(
                {
                    rates.AWAY * rates.D_STEP,
                    rates.START * rates.D_ETA,
                    rates.D_TARGET,
                    rates.TOP * rates.D_WEIGHTS,
                }
            ),
            proofs.printed,
            instances.difference,
            instances.PAIRS,
            instances.ABLATIONS,
            scope=SCOPE + "; the search runs over pairs of runs on one entry",
        ),
    ),
    Claim(
        "robustness-eta",
        "H",
        "beyond",
        "The ratios of the path are forgotten",
        "beyond the print, on T Lemma 7.5.1",
        rates.ETA,
        proved(rates.ETA, proofs.eta, SCOPE),
    ),
)
