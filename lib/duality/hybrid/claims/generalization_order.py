"""The ledger row of the order of GD and NAG: criteria written down before the measurement was run."""

from __future__ import annotations

from functools import partial

import pandas as pd
import sympy as sp

from duality.ledger.claim import Claim, Statement
from duality.ledger.criteria import Declared, held_against, recorded_table

DEPTHS = (5, 10, 20)
SIGMAS = 3.0
ALARM = 0.00135  # of one comparison at three standard errors


def ordered(kind: str, sign: int, needed: int, table: pd.DataFrame) -> tuple[bool, str]:
    """Whether NAG less GD, draw by draw, has this sign by three standard errors, at `needed` of the depths at least.

    Width 0, n = 20.
    """
    rows = table[(table["part"] == "depth") & (table["algorithm"] == "NAG - GD") & (table["class"] == kind)]
    apart = {k: float(row["value"] / row["se"]) for k, row in rows.set_index("k").iterrows() if k in DEPTHS}
    shown = ", ".join(f"{value:+.1f} at k = {k}" for k, value in apart.items())
    return sum(sign * value > SIGMAS for value in apart.values()) >= needed, f"NAG − GD in standard errors: {shown}"


SCOPE = (
    "the printed problem, width 0, n = 20, s = 1/L; lower bounds by ascent; a run with another seed and without "
    "pairing came before these criteria"
)
CRITERIA = (
    Declared(
        "Global: the measured complexity of the whole class is larger for NAG than for GD by three standard errors of "
        "the paired difference, at k = 5, 10 and 20.",
        partial(ordered, "global", 1, len(DEPTHS)),
        ALARM,
    ),
    Declared(
        "Local, as the theorem has it: at one common level r (1.25 times the smallest root of Pℓ² of GD) it is smaller "
        "for NAG by three standard errors at one or more of k = 5, 10, 20.",
        partial(ordered, "common level", -1, 1),
        len(DEPTHS) * ALARM,
    ),
    Declared(
        "Local, relative to what each method can reach: at 1.25 times its own smallest root of Pℓ², NAG's is smaller "
        "by three standard errors at one or more of k = 5, 10, 20.",
        partial(ordered, "own level", -1, 1),
        len(DEPTHS) * ALARM,
    ),
)
CLAIMS = (
    Claim(
        "global-vs-local",
        "C",
        "statement",
        "Global and local complexity order GD and NAG differently",
        "R sec. 5, T 4.6.3",
        Statement(
            sp.true,
            (),
            "With one fixed step the hybrid model with NAG has a larger global Rademacher complexity than the one with "
            "GD, and can have a smaller local one.",
        ),
        held_against(CRITERIA, partial(recorded_table, "complexity"), SCOPE),
    ),
)
