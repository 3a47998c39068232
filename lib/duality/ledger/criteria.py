"""Criteria that an experiment is held against, written down before it runs, with the rate of false alarms.

A false alarm is a criterion that is met although there is nothing behind it: no difference between two methods, or no
relation between two curves. Its rate is the largest probability of that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from duality.book.layout import find_project
from duality.ledger.claim import Criterion, Evidence, Settle, Statement


@dataclass(frozen=True)
class Declared:
    """A criterion before it meets data: what is asked, how it is tested, and its rate of false alarms.

    `test` takes the recorded table and returns whether the criterion is met, and the numbers behind that.
    """

    sentence: str
    test: Callable[[Any], tuple[bool, str]]
    false_alarm: float

    def __call__(self, table: Any) -> Criterion:
        met, detail = self.test(table)
        return Criterion(f"{self.sentence} (False alarms: at most {self.false_alarm:.2g}.)", met, detail)


def held_against(criteria: Sequence[Declared], load: Callable[[], Any], scope: str | Callable[[Any], str]) -> Settle:
    """Evidence from the table that `load` returns; none while nothing is recorded. A scope that names numbers is a
    function of that table."""

    def settle(statement: Statement) -> Evidence:
        table = load()
        if table is None:
            return Evidence(scope="nothing is recorded yet")
        words = scope if isinstance(scope, str) else scope(table)
        return Evidence(criteria=tuple(criterion(table) for criterion in criteria), scope=words)

    return settle


def recorded_table(figure: str) -> pd.DataFrame | None:
    """The recorded table of `figure` in the project around here; None when nothing is recorded under that name."""
    path = find_project().figures / figure / "full.csv"
    return pd.read_csv(path) if path.is_file() else None


def sign_test(needed: int, pairs: int) -> float:
    """The probability of at least `needed` wins in `pairs` fair comparisons."""
    return float(stats.binom.sf(needed - 1, pairs, 0.5))


def agreement_false_alarm(factor: float, needed: int, pairs: int) -> float:
    """The probability that two unrelated numbers, log-uniform over a decade, agree up to `factor` at least `needed`
    times in `pairs` pairs."""
    x = np.log10(factor)
    return float(stats.binom.sf(needed - 1, pairs, 2 * x - x**2))


def wins(lower: Any, upper: Any) -> int:
    """How often `lower` is strictly below `upper`, two arrays of equal shape."""
    return int((np.asarray(lower) < np.asarray(upper)).sum())


def rank_correlation(x: Any, y: Any) -> float:
    """Spearman's correlation of two sequences of one length."""
    return float(stats.spearmanr(np.asarray(x), np.asarray(y)).statistic)


def rank_false_alarm(threshold: float, points: int) -> float:
    """The probability that two unrelated orders of `points` things have a rank correlation of `threshold` or more.

    By Student's approximation, which is close from ten points on.
    """
    t = threshold * np.sqrt((points - 2) / (1 - threshold**2))
    return float(stats.t.sf(t, points - 2))
