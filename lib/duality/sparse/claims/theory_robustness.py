"""Ledger rows on the robustness of PLISA in its parameters (T Lemma 7.5.1)."""

from __future__ import annotations

from dataclasses import replace

from duality.ledger.bound import BoundCheck
from duality.ledger.claim import Claim, Evidence, Statement
from duality.ledger.settle import proved
from duality.sparse.proofs import robustness as proofs
from duality.sparse.proofs import robustness_instances as instances
from duality.sparse.rates import robustness as rates

PENALTIES = "ℓ₁, MCP and SCAD with a ≥ 2 and ξ < ρ₋"
SCOPE = f"strongly convex losses ((b) at every level), {PENALTIES}, every dimension"
PRINTED = BoundCheck(
    rates.DIFFERENCE,
    frozenset(
        {rates.AWAY * rates.D_STEP, rates.START * rates.D_ETA, rates.D_TARGET, rates.TOP * rates.D_WEIGHTS},
    ),
    proofs.printed,
    instances.difference,
    instances.PAIRS,
    instances.ABLATIONS,
    scope=SCOPE + "; the search runs over pairs of runs on one entry",
)


def printed(statement: Statement) -> Evidence:
    """The bound, and how close pairs come to it that differ in one kind of parameters: each term has its own slack."""
    evidence = PRINTED(statement)
    if not evidence.searches:
        return evidence
    found = {}
    for name, domain in instances.ALONE.items():
        (search,) = replace(PRINTED, proof=lambda _: (), domain=domain, ablations={})(statement).searches
        found[name] = replace(search, sentence=f"The same for pairs that differ in {name} alone.")
    best = {name: search.best for name, search in found.items()}
    slack = max(evidence.slack or 0, *best.values())
    each = ", ".join(f"{name} {value:.2g}" for name, value in best.items())
    return replace(
        evidence,
        searches=(*evidence.searches, *found.values()),
        slack=slack,
        slack_at=f"{max(best, key=lambda name: best[name])} alone; of each kind of parameters alone: {each}",
    )


CLAIMS = (
    Claim(
        "robustness",
        "H",
        "lemma",
        "How far the output moves with the parameters, strongly convex case",
        "T Lemma 7.5.1",
        rates.PRINTED,
        printed,
    ),
    Claim(
        "robustness-sparse",
        "H",
        "beyond",
        "The same under the sparse eigenvalue condition",
        "beyond the print, on T Lemma 7.5.1",
        rates.SPARSE,
        proved(
            rates.SPARSE,
            proofs.sparse,
            f"every loss with (b), {PENALTIES}, every dimension, as long as the iterates of both runs are sparse",
            instances.SPARSE_ABLATIONS,
        ),
    ),
    Claim(
        "robustness-eta",
        "H",
        "beyond",
        "The ratios of the path are forgotten",
        "beyond the print, on T Lemma 7.5.1",
        rates.ETA,
        proved(rates.ETA, proofs.eta, SCOPE, instances.ETA_ABLATIONS),
    ),
)
