"""Ledger rows on the penalties (T 7.3.2) and on the regularization path (T eq. 7.5)."""

from __future__ import annotations

import sympy as sp

from duality.ledger.bound import BoundCheck
from duality.ledger.claim import Claim
from duality.ledger.settle import proved
from duality.sparse.proofs import penalties as shapes
from duality.sparse.proofs import schedule as path
from duality.sparse.rates import penalties, schedule

ONE = frozenset({sp.Integer(1)})
ANY = "every x, every λ > 0, every mixture"
Q = sp.Rational
UNIT_POINT = {"b": 2, "a": 3, "w_2": 0, "w_3": 0}


def _path_point(**changed: object) -> dict[str, object]:
    return path.ABSOLUTE_POINT | changed


CLAIMS = (
    Claim(
        "penalties",
        "H",
        "statement",
        "The penalties and their concave parts",
        "T 7.3.2",
        penalties.PENALTIES,
        BoundCheck(penalties.SLOPE, ONE, shapes.slopes, shapes.slope, shapes.SLOPES, shapes.SLOPE_ABLATIONS, scope=ANY),
    ),
    Claim(
        "penalties-in-lambda",
        "H",
        "beyond",
        "The concave part follows λ",
        "beyond the print, on T 7.3.2",
        penalties.IN_LAMBDA,
        BoundCheck(
            penalties.CHANGE,
            frozenset({penalties.DISTANCE}),
            shapes.in_lambda,
            shapes.change,
            shapes.CHANGES,
            shapes.CHANGE_ABLATIONS,
            scope=ANY,
        ),
    ),
    Claim(
        "penalties-unit",
        "H",
        "beyond",
        "What b > 1 and a > 2 are for",
        "beyond the print, on T 7.3.2",
        penalties.UNIT,
        proved(
            penalties.UNIT,
            shapes.unit,
            ANY,
            {
                "b > 1": (UNIT_POINT | {"b": Q(1, 2), "w_2": 1}, 2),
                "a > 2": (UNIT_POINT | {"a": Q(3, 2), "w_3": 1}, 2),
                "w_2 >= 0": (UNIT_POINT | {"a": Q(21, 10), "w_2": -1, "w_3": 2}, Q(29, 22)),
                "w_3 >= 0": (UNIT_POINT | {"b": Q(11, 10), "w_2": 2, "w_3": -1}, Q(29, 22)),
                "w_2 + w_3 <= 1": (UNIT_POINT | {"w_2": 3}, Q(3, 2)),
            },
        ),
    ),
    Claim(
        "plisa-lambda",
        "H",
        "statement",
        "The path of the regularization parameters",
        "T eq. 7.5, Algorithm 5",
        schedule.PRINTED,
        BoundCheck(
            schedule.sigma**schedule.t * sp.Abs(schedule.g),
            frozenset({schedule.LAMBDA_T}),
            path.printed,
            path.geometric,
            path.SIGNED,
            {},
            broken_step=lambda steps: (
                "λ₀ is set to the gradient with its sign. Where that is negative, σλ₀ < 0 < λ* and the first block "
                "takes the target: there is no path."
            ),
            simple=path.SIMPLE,
            scope="one entry; every negative gradient entry with σ|g| > λ* does the same",
        ),
        repaired_by="plisa-lambda-absolute",
    ),
    Claim(
        "plisa-lambda-absolute",
        "H",
        "beyond",
        "The path that starts at the absolute value",
        "beyond the print, repairs T eq. 7.5",
        schedule.ABSOLUTE,
        proved(
            schedule.ABSOLUTE,
            path.absolute,
            "every entry, every number of blocks",
            {
                "sigma < 1": (_path_point(g=Q(-1, 100), sigma=2, t=2), path.run(Q(1, 100), 2, Q(1, 10), 2)),
            },
        ),
    ),
    Claim(
        "plisa-lambda-blocks",
        "H",
        "beyond",
        "How many blocks the path takes",
        "beyond the print, on T eq. 7.5",
        schedule.BLOCKS,
        proved(
            schedule.BLOCKS,
            path.blocks,
            "every entry, the path that starts at the absolute value",
            path.BLOCKS_ABLATIONS,
        ),
    ),
)
