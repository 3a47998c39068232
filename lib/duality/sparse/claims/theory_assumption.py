"""Ledger rows on Assumption 7.4.1 of T: what it asks, whether the experiments obey it, and the RIP."""

from __future__ import annotations

from duality.ledger.claim import Claim, only
from duality.ledger.settle import about, proved, refuted
from duality.sparse.proofs import assumption as proofs
from duality.sparse.rates import assumption

LEAST_SQUARES = "least squares, every design matrix"

CLAIMS = (
    Claim(
        "assumption-audit",
        "H",
        "statement",
        "Do the experiments satisfy the assumption?",
        "T 7.4.1",
        assumption.AUDIT,
        refuted(
            assumption.AUDIT,
            lambda statement: proofs.printed_experiment(),
            "64 samples in 256 dimensions: every 65 columns have a kernel direction, with 65 of the 8498 nonzero "
            "entries that (b) allows. So ρ₋ = 0.",
            "n = 64, s* = 16, d = 256; d = 1024 likewise; κ = 1 asks least",
        ),
        repaired_by="assumption-rows",
    ),
    Claim(
        "assumption-rows",
        "H",
        "beyond",
        "How many samples the assumption asks for",
        "beyond the print, on T 7.4.1",
        assumption.ROWS,
        proved(assumption.ROWS, proofs.rows, LEAST_SQUARES, proofs.ROWS_ABLATIONS),
    ),
    Claim(
        "assumption-audit-gradient",
        "H",
        "beyond",
        "Condition (c) in the experiments",
        "beyond the print, on T 7.4.1",
        assumption.AUDIT_GRADIENT,
        about(assumption.AUDIT_GRADIENT, proofs.gradient_printed, "the probability of (c)"),
    ),
    Claim(
        "assumption-gradient-independent",
        "H",
        "beyond",
        "Condition (c) at independent features",
        "beyond the print, on T 7.4.1",
        assumption.GRADIENT_INDEPENDENT,
        proved(
            assumption.GRADIENT_INDEPENDENT,
            proofs.gradient_independent,
            "Gaussian features off the support, independent of each other and of signal and noise",
            proofs.INDEPENDENT_ABLATIONS,
        ),
    ),
    Claim(
        "assumption-precision",
        "H",
        "beyond",
        "The assumption for precision matrices",
        "beyond the print, on T 7.4.1",
        assumption.PRECISION,
        proved(assumption.PRECISION, proofs.precision, "one variable; larger matrices contain it on the diagonal"),
    ),
    Claim(
        "assumption-satisfiable",
        "H",
        "beyond",
        "A family that satisfies the assumption",
        "beyond the print, on T 7.4.1",
        assumption.SATISFIABLE,
        proved(
            assumption.SATISFIABLE,
            proofs.satisfiable,
            "every d and s*; `duality.sparse.audit.satisfying` returns exact rational instances",
            proofs.SATISFIABLE_ABLATIONS,
        ),
    ),
    Claim(
        "assumption-vs-rip",
        "H",
        "statement",
        "Weaker than the restricted isometry property, at the orders at which the two are used?",
        "T 7.4.1",
        assumption.RIP_PRINTED,
        refuted(
            assumption.RIP_PRINTED,
            lambda statement: proofs.simplex_point(),
            "The two are compared at one level, but are used at different ones: recovery asks for order 2s*, (b) for "
            "more than 531s*.",
            "533 unit vectors at equal angles in 532 dimensions, s* = 1",
        ),
        repaired_by="assumption-is-rip",
    ),
    Claim(
        "assumption-is-rip",
        "H",
        "beyond",
        "At one level the two are the same",
        "beyond the print, repairs T 7.4.1",
        assumption.IS_RIP,
        proved(assumption.IS_RIP, proofs.is_rip, LEAST_SQUARES + ", every level", proofs.IS_RIP_ABLATIONS),
    ),
    Claim(
        "rip-simplex",
        "H",
        "beyond",
        "A matrix with a small constant and a kernel",
        "beyond the print, on T 7.4.1",
        assumption.SIMPLEX,
        only(
            type(assumption.SIMPLEX.relation),
            proved(assumption.SIMPLEX, proofs.simplex, "every d ≥ 2 and every order k", proofs.SIMPLEX_ABLATIONS),
        ),
    ),
)
