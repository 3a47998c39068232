"""Of all the models that were tried, the one that is reported: the smallest training loss, as printed (R app. E)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from duality.book.figures import short
from duality.ensemble import Spectral
from duality.hybrid.layers import ALGORITHMS, true_energy_losses
from duality.hybrid.problem import PRINTED, Population

DIGITS = 7


def outside(row: Any, share: float) -> Any:
    """The loss on the points that were not trained on, from that on all of which a `share` was."""
    return (row["loss"] - share * row["train_loss"]) / (1 - share)


def learned_gap(table: pd.DataFrame, problem: Spectral, population: Population) -> pd.DataFrame:
    """The last rows of a grid with two more columns: `gap`, and `learned_gap`, the part that is not the sample's.

    A training set that happens to be easy has a gap before anything is learned. It is that of the true energy with the
    same algorithm, k and step size, and `learned_gap` is what is left of `gap` when it is taken off.
    """
    last = table[table["steps"] == table["steps"].max()]
    own = []
    for row in last.itertuples():
        method = ALGORITHMS[str(row.algorithm)].method(PRINTED, float(row.step_size))
        loss = true_energy_losses(method, int(row.k), population)
        own.append(loss.mean() - loss[problem.training_set(int(row.seed))].mean())
    gap = last["loss"] - last["train_loss"]
    return last.assign(gap=gap, learned_gap=gap - own)


def best(tried: pd.DataFrame, measures: Sequence[str], share: float) -> dict[str, Any]:
    """The row of `tried` with the smallest training loss, as a dictionary.

    It holds the chosen optimizer and rate, the step at which it was measured (`picked_at`), the `measures`, the loss
    on the points outside the training set, a `share` of all (`outside_loss`), and how many of the models diverged.
    When all of them did, the measures are not-a-number.
    """
    lost = tried.groupby(["optimizer", "rate"])["diverged"].any()
    alive = tried[~tried["diverged"]]
    row = alive.loc[alive["train_loss"].idxmin()] if len(alive) else tried.iloc[-1]
    values = {name: row[name] for name in measures} | {"outside_loss": outside(row, share)}
    chosen = {"optimizer": str(row["optimizer"]), "rate": float(row["rate"]), "picked_at": int(row["steps"])}
    rounded = {name: short(value, DIGITS) for name, value in values.items()}
    return chosen | rounded | {"diverged": int(lost.sum()), "models": len(lost)}
