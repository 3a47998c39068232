"""The ledger row on trained initializations: criteria that were written down before the full run."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import sympy as sp

from duality.ledger.claim import Claim, Statement
from duality.ledger.criteria import Declared, agreement_false_alarm, held_against, recorded_table, sign_test, wins

FEW, MANY, LAM, EXACT = 4, 60, 0.1, 0
STOPPED, DEEPEST = 11, 100  # s k = 1/lambda; the most unrolled steps
SEEDS, NEEDED = 10, 9
SMALL, CLOSE = 1.02, 1.01  # factors
ALARM = sign_test(NEEDED, SEEDS)


def recorded() -> pd.DataFrame | None:
    """The recorded errors on new tasks; None when nothing is recorded."""
    table = recorded_table("folding-maml")
    return None if table is None else table[table["part"] == "training"]


def errors(table: pd.DataFrame, shots: int, lam: float, k: int, trained: bool = True) -> np.ndarray:
    """One number per seed, with the trained initialization or with 0."""
    steps = table["meta_steps"].max() if trained else 0
    chosen = table[
        (table["shots"] == shots) & (table["lam"] == lam) & (table["k"] == k) & (table["meta_steps"] == steps)
    ]
    values: np.ndarray = chosen.sort_values("seed")["value"].to_numpy()
    return values


def shown(count: int) -> tuple[bool, str]:
    return count >= NEEDED, f"{count} of {SEEDS} seeds"


def better(lower: tuple[float, int], upper: tuple[float, int], table: pd.DataFrame) -> tuple[bool, str]:
    """Few shots: method (lambda, k) `lower` has the smaller error."""
    return shown(wins(errors(table, FEW, *lower), errors(table, FEW, *upper)))


def alike(table: pd.DataFrame) -> tuple[bool, str]:
    """Few shots: 11 steps without the term and implicit MAML agree to 1%."""
    ratio = errors(table, FEW, 0.0, STOPPED) / errors(table, FEW, LAM, EXACT)
    return shown(int((np.abs(np.log(ratio)) <= np.log(CLOSE)).sum()))


def pays(shots: int, table: pd.DataFrame) -> np.ndarray:
    """The error from 0 over the error from the trained initialization, 100 steps without the term."""
    ratios: np.ndarray = errors(table, shots, 0.0, DEEPEST, trained=False) / errors(table, shots, 0.0, DEEPEST)
    return ratios


def forgets(table: pd.DataFrame) -> tuple[bool, str]:
    return shown(int((pays(MANY, table) <= SMALL).sum()))


def remembers(table: pd.DataFrame) -> tuple[bool, str]:
    return shown(int((pays(FEW, table) > SMALL).sum()))


CRITERIA = (
    Declared(
        "4 shots: implicit MAML (λ = 0.1) adapts better than one step of MAML in at least 9 of 10 seeds.",
        partial(better, (LAM, EXACT), (0.0, 1)),
        ALARM,
    ),
    Declared(
        "4 shots: it adapts better than 100 steps without a proximal term in at least 9 of 10 seeds.",
        partial(better, (LAM, EXACT), (0.0, DEEPEST)),
        ALARM,
    ),
    Declared(
        "4 shots: stopping after k = 11 ≈ 1/(sλ) steps does what the term does, errors within 1% in at "
        "least 9 of 10 seeds.",
        alike,
        agreement_false_alarm(CLOSE, NEEDED, SEEDS),
    ),
    Declared(
        "60 shots: after 100 steps without the term the initialization is forgotten: training it improves the error by "
        "at most 2% in at least 9 of 10 seeds.",
        forgets,
        agreement_false_alarm(SMALL, NEEDED, SEEDS),
    ),
    Declared(
        "4 shots: it is not, training it improves the error by more than 2% in at least 9 of 10 seeds.",
        remembers,
        ALARM,
    ),
)
CLAIMS: tuple[Claim, ...] = (
    Claim(
        "maml-adapted",
        "J",
        "beyond",
        "What a trained initialization is good for",
        "beyond the print, on the slides, Ex 1",
        Statement(
            sp.true,
            (),
            "On few-shot regression an initialization trained through implicit MAML adapts better than one trained "
            "through a single step, or through so many that the proximal term is missed; with fewer samples than "
            "features MAML remembers where it started, with more it does not.",
        ),
        held_against(
            CRITERIA,
            recorded,
            "the recorded run: 10 random features, 4 or 60 shots, 10 seeds, 400 meta-steps of 16 tasks",
        ),
    ),
)
