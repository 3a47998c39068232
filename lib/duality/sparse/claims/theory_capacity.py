"""Ledger rows on the capacity of PLISA (T Theorem 7.4.1, Lemma 7.4.1 and what T reads from them)."""

from __future__ import annotations

from functools import partial

from duality.ledger.bound import BoundCheck
from duality.ledger.claim import Claim
from duality.ledger.settle import proved, refuted
from duality.sparse.proofs import capacity as proofs
from duality.sparse.proofs import capacity_instances as instances
from duality.sparse.proofs import refined as limits
from duality.sparse.proofs import speed
from duality.sparse.rates import capacity, refined

STRONGLY_CONVEX = "strongly convex losses ((b) at every level), penalties with slope at most ξ, every dimension"
SEARCHED = "; the search runs over separable problems"
ENTRIES = frozenset({refined.A_1, refined.A_2})


def _limit(statement: object) -> BoundCheck:
    return BoundCheck(
        refined.LIMIT_ERROR,
        ENTRIES,
        limits.bound,
        limits.limit_error,
        limits.LIMITS,
        limits.LIMIT_ABLATIONS,
        scope=STRONGLY_CONVEX + SEARCHED,
    )


CLAIMS = (
    Claim(
        "capacity",
        "H",
        "theorem",
        "The capacity theorem as printed",
        "T Thm 7.4.1",
        capacity.PRINTED,
        proved(
            capacity.PRINTED,
            proofs.stays_at_zero,
            "every problem with (a) and (c); (b) is not used",
            instances.STAYS,
        ),
    ),
    Claim(
        "capacity-rate",
        "H",
        "beyond",
        "The capacity theorem with its constants",
        "beyond the print, on T Thm 7.4.1",
        capacity.RATE,
        BoundCheck(
            capacity.ERROR,
            frozenset({capacity.START, capacity.RESIDUAL}),
            proofs.rate,
            instances.error,
            instances.ADVERSARIES,
            instances.ABLATIONS,
            scope=STRONGLY_CONVEX + SEARCHED,
        ),
    ),
    Claim(
        "capacity-rate-sparse",
        "H",
        "beyond",
        "The rate under the sparse eigenvalue condition",
        "beyond the print, on T Thm 7.4.1",
        capacity.RATE_SPARSE,
        proved(
            capacity.RATE_SPARSE,
            proofs.rate_sparse,
            "every loss with (b), every penalty of the topic with slope at most ξ < ρ₋, as long as the iterates are "
            "sparse",
            instances.SPARSE_ABLATIONS,
        ),
    ),
    Claim(
        "capacity-path",
        "H",
        "beyond",
        "The path stays near",
        "beyond the print, on T Thm 7.4.1",
        capacity.PATH,
        proved(capacity.PATH, proofs.path, STRONGLY_CONVEX, instances.PATHS),
    ),
    Claim(
        "capacity-refined",
        "H",
        "lemma",
        "The refined bound as printed",
        "T Lemma 7.4.1, consequence 1",
        refined.PRINTED,
        refuted(
            refined.PRINTED,
            limits.signed_at,
            "∇L(β*) ∨ ε is a maximum with the sign of the gradient: a large negative entry counts as ε, while the "
            "targets are 8|∇L(β*)_j| and the limit moves by them.",
            "one entry, L(β) = ½(β − 10)² − (β − 10), ℓ₁",
        ),
        repaired_by="capacity-refined-absolute",
    ),
    Claim(
        "capacity-refined-absolute",
        "H",
        "beyond",
        "The refined bound with absolute values",
        "beyond the print, repairs T Lemma 7.4.1",
        refined.ABSOLUTE,
        _limit(refined.ABSOLUTE),
    ),
    Claim(
        "capacity-refined-sharp",
        "H",
        "beyond",
        "MCP costs nothing on small entries",
        "beyond the print, on T Lemma 7.4.1",
        refined.SHARP,
        _limit(refined.SHARP),
    ),
    Claim(
        "capacity-refined-choice",
        "H",
        "beyond",
        "Which penalty the refined bound prefers",
        "beyond the print, on T Lemma 7.4.1, consequence 1",
        refined.CHOICE,
        proved(
            refined.CHOICE,
            partial(limits.choice, bracket=refined.BRACKET),
            "every two weights with w₂/b < ρ₋: the printed rule is right for the printed bound",
            limits.choice_points(refined.printed),
        ),
    ),
    Claim(
        "capacity-refined-choice-sharp",
        "H",
        "beyond",
        "Which penalty the sharper bound prefers",
        "beyond the print, on T Lemma 7.4.1, consequence 1",
        refined.CHOICE_SHARP,
        proved(
            refined.CHOICE_SHARP,
            partial(limits.choice, bracket=refined.BRACKET_SHARP),
            "every two weights with w₂/b < ρ₋",
            limits.choice_points(refined.sharp),
        ),
    ),
    Claim(
        "capacity-speed",
        "H",
        "statement",
        "The speed of the bound falls with the weight of MCP",
        "T 7.4.2 consequence 2",
        capacity.SPEED,
        proved(
            capacity.SPEED,
            speed.speed,
            "the explicit C_θ of the strongly convex case; where the weight is taken from SCAD and b > a − 1 it rises",
            speed.SPEED_ABLATIONS,
        ),
    ),
    Claim(
        "capacity-speed-measured",
        "H",
        "beyond",
        "Large entries are faster than the bound",
        "beyond the print, on T 7.4.2 consequence 2",
        capacity.SPEED_MEASURED,
        proved(
            capacity.SPEED_MEASURED,
            speed.measured,
            "one entry, ℓ₁ and MCP: beyond bλ the concave part is straight, so it shifts the limit and does not bend "
            "the objective",
            speed.MEASURED_ABLATIONS,
        ),
    ),
    Claim(
        "capacity-speed-local",
        "H",
        "beyond",
        "The factor per layer of one entry",
        "beyond the print, on T 7.4.2 consequence 2",
        capacity.SPEED_LOCAL,
        proved(
            capacity.SPEED_LOCAL,
            speed.local,
            "one entry, ℓ₁ and MCP, away from the kinks at 0 and bλ",
            speed.LOCAL_ABLATIONS,
        ),
    ),
)
