"""Of all the models that were tried, the one that is reported: the smallest training loss, as printed (R app. E)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

DIGITS = 7


def short(value: float) -> float:
    """`value` with as many digits as a table needs."""
    return float(f"{value:.{DIGITS}g}")


def best(tried: pd.DataFrame, measures: Sequence[str], share: float) -> dict[str, Any]:
    """The row of `tried` with the smallest training loss, as a dictionary.

    It holds the chosen optimizer and rate, the step at which it was measured (`picked_at`), the `measures`, the loss
    on the points outside the training set, a `share` of all (`outside_loss`), and how many of the models diverged.
    When all of them did, the measures are not-a-number.
    """
    lost = tried.groupby(["optimizer", "rate"])["diverged"].any()
    alive = tried[~tried["diverged"]]
    row = alive.loc[alive["train_loss"].idxmin()] if len(alive) else tried.iloc[-1]
    outside = (row["loss"] - share * row["train_loss"]) / (1 - share)
    values = {name: row[name] for name in measures} | {"outside_loss": outside}
    chosen = {"optimizer": str(row["optimizer"]), "rate": float(row["rate"]), "picked_at": int(row["steps"])}
    rounded = {name: short(value) for name, value in values.items()}
    return chosen | rounded | {"diverged": int(lost.sum()), "models": len(lost)}
