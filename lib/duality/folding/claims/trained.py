"""Ledger rows of trained models: criteria that were written down before the full runs, and two facts behind them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pandas as pd
import sympy as sp

from duality.folding.proofs import hybrid as proofs
from duality.folding.rates import hybrid as rates
from duality.ledger.claim import Claim, Statement
from duality.ledger.criteria import Declared, agreement_false_alarm, held_against, recorded_table, sign_test, wins
from duality.ledger.settle import proved

METHODS = ("GD", "NAG")
LARGEST = {"GD": 160, "NAG": 40}  # the k of the deepest unrolled models
SEEDS, NEEDED = 20, 17
CONVERGED = 0
AGREE, CLOSE = 1.5, 1.01  # factors
SMALL = (2, 5, 10)
ORDER_ALARM = sign_test(NEEDED, SEEDS)


def recorded(figure: str) -> pd.DataFrame | None:
    """The recorded models after the last optimizer step, with their gap; None when nothing is recorded."""
    table = recorded_table(figure)
    if table is None:
        return None
    table = table[table["steps"] == table["steps"].max()]
    return table.assign(gap=table["loss"] - table["train_loss"])


def by_seed(table: pd.DataFrame, way: str, method: str, k: int, quantity: str) -> np.ndarray:
    """One number per seed."""
    chosen = table[(table["way"] == way) & (table["method"] == method) & (table["k"] == k)]
    values: np.ndarray = chosen.sort_values("seed")[quantity].to_numpy()
    return values


def agreeing(first: np.ndarray, second: np.ndarray, factor: float) -> int:
    """In how many seeds two positive numbers agree up to a factor."""
    both = (first > 0) & (second > 0)
    ratio = np.where(both, first, np.nan) / np.where(both, second, np.nan)
    return int((np.abs(np.log(ratio)) <= np.log(factor)).sum())


Counted = Callable[[pd.DataFrame], dict[str, int]]


def enough(count: Counted, table: pd.DataFrame) -> tuple[bool, str]:
    """Whether every count is at least 17 of 20."""
    counts = count(table)
    return min(counts.values()) >= NEEDED, ", ".join(f"{name}: {n} of {SEEDS}" for name, n in counts.items())


def one_model(quantity: str, table: pd.DataFrame) -> dict[str, int]:
    first, second = (by_seed(table, "folded", method, CONVERGED, quantity) for method in METHODS)
    return {"seeds": agreeing(first, second, AGREE)}


def reached(quantity: str, table: pd.DataFrame) -> dict[str, int]:
    return {
        f"{method}, k = {k}": agreeing(
            by_seed(table, "unrolled", method, k, quantity),
            by_seed(table, "folded", method, CONVERGED, quantity),
            AGREE,
        )
        for method, k in LARGEST.items()
    }


def above_folded(quantity: str, ks: Sequence[int], table: pd.DataFrame) -> dict[str, int]:
    return {
        f"{method}, k = {k}": wins(
            by_seed(table, "folded", method, CONVERGED, quantity), by_seed(table, "unrolled", method, k, quantity)
        )
        for method in METHODS
        for k in ks
    }


def as_well(table: pd.DataFrame) -> dict[str, int]:
    def models(way: str, method: str, k: int) -> np.ndarray:
        return by_seed(table, way, method, k, "train_loss")

    return {
        f"{method}, k = {k}": agreeing(models("too early", method, k), models("unrolled", method, k), CLOSE)
        for method in METHODS
        for k in SMALL
    }


def worse(quantity: str, ks: Sequence[int], table: pd.DataFrame) -> dict[str, int]:
    """Over both methods and all k together, the mean logarithm of too early over unrolled."""
    logs = [
        np.log(by_seed(table, "too early", method, k, quantity) / by_seed(table, "unrolled", method, k, quantity))
        for method in METHODS
        for k in ks
    ]
    return {"seeds": wins(0, np.mean(logs, axis=0))}


OPTIMUM = (
    *(
        Declared(
            f"Folded through GD and through NAG, the {words} after training agree up to a factor of 1.5 in at least 17 "
            "of 20 seeds. (Their gradients are equal; their rounding is not, and training amplifies it.)",
            partial(enough, partial(one_model, quantity)),
            agreement_false_alarm(AGREE, NEEDED, SEEDS),
        )
        for quantity, words in (("train_loss", "training errors"), ("loss", "errors on the population"))
    ),
    *(
        Declared(
            f"Same {words}: that of the deepest unrolled model (GD 160 steps, NAG 40) agrees with the folded one's up "
            "to a factor of 1.5 in at least 17 of 20 seeds, for both.",
            partial(enough, partial(reached, quantity)),
            agreement_false_alarm(AGREE, NEEDED, SEEDS),
        )
        for quantity, words in (("train_loss", "optimum, the training error"), ("gap", "gap"))
    ),
    Declared(
        "No shallower model has that optimum: at k = 1, 2, 5, 10 and 20 the training error is above the folded one's "
        "in at least 17 of 20 seeds.",
        partial(enough, partial(above_folded, "train_loss", (1, 2, 5, 10, 20))),
        ORDER_ALARM,
    ),
    Declared(
        "Nor its energy: at k = 1, 2 and 5 ‖Q_θ − Q*‖ is above the folded one's in at least 17 of 20 seeds.",
        partial(enough, partial(above_folded, "energy", (1, 2, 5))),
        ORDER_ALARM,
    ),
)
TOO_EARLY = (
    Declared(
        "At k = 2, 5 and 10 the training error is within 1% of the unrolled one's in at least 17 of 20 seeds.",
        partial(enough, as_well),
        agreement_false_alarm(CLOSE, NEEDED, SEEDS),
    ),
    Declared(
        "Over both methods and k = 2, 5, 10 the error of the energy is larger in at least 17 of 20 seeds.",
        partial(enough, partial(worse, "energy", SMALL)),
        ORDER_ALARM,
    ),
    Declared(
        "Over both methods and k = 2, 5, 10 the error on the population is larger in at least 17 of 20 seeds.",
        partial(enough, partial(worse, "loss", SMALL)),
        ORDER_ALARM,
    ),
    Declared(
        "At k = 1, where the true gradient is zero, it drives the energy away: its error is larger in at least 17 of "
        "20 seeds.",
        partial(enough, partial(worse, "energy", (1,))),
        ORDER_ALARM,
    ),
)
SCOPE = (
    "the recorded run: printed problem, width 16, n = 100, step 1/L, 20 seeds, 3,000 steps of Adam on the whole sample"
)
SOURCE = "beyond the print, on F, abstract"


def trained(
    id: str, title: str, words: str, figure: str, criteria: tuple[Declared, ...], scope: str = SCOPE,
    load: Callable[[str], pd.DataFrame | None] = recorded,
) -> Claim:  # fmt: skip
    """A row that a recorded experiment settles."""
    return Claim(
        id,
        "E",
        "beyond",
        title,
        SOURCE,
        Statement(sp.true, (), words),
        held_against(criteria, partial(load, figure), scope),
    )


CLAIMS: tuple[Claim, ...] = (
    trained(
        "folded-hybrid-same-optimum",
        "Hybrid models for k to infinity are folded models",
        "Trained with a folded layer, a hybrid model is the same whichever algorithm's step it is folded through. "
        "Models with $k$ unrolled steps come to its training error and to its gap as $k$ grows, and not before the "
        "algorithm has converged.",
        "folding-hybrid",
        OPTIMUM,
    ),
    trained(
        "folded-hybrid-too-early",
        "Folding before the solver has converged",
        "A layer that takes $k$ steps and is differentiated as if they had converged trains as well as the one that is "
        "differentiated through its steps, and learns a worse energy.",
        "folding-hybrid",
        TOO_EARLY,
    ),
    Claim(
        "folded-hybrid-bound",
        "E",
        "beyond",
        "The bound of a folded hybrid model",
        SOURCE,
        rates.LIMIT_BOUND,
        proved(
            rates.LIMIT_BOUND, proofs.limit_bound, "every class, every sample size; the three limits are hypotheses"
        ),
    ),
    Claim(
        "folded-hybrid-bias",
        "E",
        "beyond",
        "Folded too early: the right sign, too large",
        SOURCE,
        rates.EARLY,
        proved(rates.EARLY, proofs.early, "gradient descent on every quadratic, every eigendirection with 0 < sλ < 1"),
    ),
)
