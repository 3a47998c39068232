"""The criteria of the experiments: met by tables made to meet them, and by none that is changed where it matters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import sympy as sp

from duality.hybrid.claims import figures as claims
from duality.hybrid.claims.figures import ENERGY, GAP, METHODS, RIGHT, RNN, TRAINING
from duality.hybrid.experiments.grid import KS, LIMITS, SEEDS
from duality.ledger.claim import Statement, verdict
from duality.ledger.criteria import Declared, held_against, rank_correlation, rank_false_alarm, sign_test, wins

Change = Callable[[pd.DataFrame], pd.DataFrame]


def made(noise: float = 1e-3, steps: dict[str, float] | None = None) -> pd.DataFrame:
    """A table in which everything is as the source says: errors like Cvg, gaps like Stab or like the product.

    The step sizes are common, so that NAG is the faster method at every k from 2 on.
    """
    rng = np.random.default_rng(0)
    steps = steps or dict.fromkeys(METHODS, LIMITS["NAG"])
    base = pd.DataFrame(
        [
            {"width": w, "seed": s, "algorithm": m, "k": k, "step_size": steps[m]}
            for w in (0, 16, 32)
            for s in SEEDS
            for m in METHODS
            for k in KS
        ]
    )
    parts = []
    for (width, method), part in base.groupby(["width", "algorithm"]):
        known = claims.properties(base, width, method).loc[part["k"]].reset_index(drop=True)
        part = part.reset_index(drop=True)
        near = 1 + noise * rng.standard_normal(len(part))
        part["train_loss"] = 20 * known["Cvg"] * near
        part["q_error_square"] = known["Cvg"] ** 2 * near
        part["gap"] = (known["product"] if width == RIGHT else known["Stab"]) * near
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def swapped(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(algorithm=table["algorithm"].map({"GD": "NAG", "NAG": "GD"}))


def reversed_in_k(table: pd.DataFrame) -> pd.DataFrame:
    """Measures of k = 30 at k = 1 and so on; the step sizes stay."""
    mirror = dict(zip(KS, reversed(KS), strict=True))
    return table.assign(k=table["k"].map(mirror))


def without_signal(table: pd.DataFrame) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    values = {name: rng.uniform(1, 2, len(table)) for name in ("train_loss", "q_error_square", "gap")}
    return table.assign(**values)


def exchanged_gaps(table: pd.DataFrame) -> pd.DataFrame:
    """The gap of the right width at the others, and the other way round."""
    order = {0: 16, 16: 0, 32: 16}
    gap = table.set_index(["width", "seed", "algorithm", "k"])["gap"]
    keys = zip(table["width"].map(order), table["seed"], table["algorithm"], table["k"], strict=True)
    return table.assign(gap=[gap[key] for key in keys])


@pytest.mark.parametrize("criterion", TRAINING + ENERGY + GAP, ids=lambda c: c.sentence[:40])
def test_a_table_as_the_source_describes_it_meets_the_criterion(criterion: Declared) -> None:
    assert criterion(made()).met


CHANGED: list[tuple[tuple[Declared, ...], int, Change]] = [
    *((TRAINING, 0, change) for change in (swapped, without_signal)),
    *((TRAINING, 1, change) for change in (reversed_in_k, without_signal)),
    *((TRAINING, 2, change) for change in (reversed_in_k, without_signal)),
    *((ENERGY, 0, change) for change in (reversed_in_k, without_signal)),
    *((ENERGY, 1, change) for change in (swapped, without_signal)),
    *((ENERGY, 2, change) for change in (reversed_in_k, without_signal)),
    *((GAP, n, change) for n in (0, 1) for change in (reversed_in_k, exchanged_gaps, without_signal)),
    *((GAP, n, change) for n in (2, 3) for change in (swapped, without_signal)),
    *((GAP, 4, change) for change in (exchanged_gaps, without_signal)),
    *((GAP, 5, change) for change in (exchanged_gaps,)),
]


@pytest.mark.parametrize(("criteria", "number", "change"), CHANGED)
def test_a_changed_table_does_not(criteria: tuple[Declared, ...], number: int, change: Change) -> None:
    assert not criteria[number](change(made())).met


def test_nag_is_not_faster_at_its_own_largest_step_and_the_criterion_sees_it() -> None:
    """At k = 2 the largest steps put GD ahead; then the order does not hold at every k."""
    criterion = TRAINING[0](made(steps=dict(LIMITS)))
    assert not criterion.met and "0 at k = 2" in criterion.detail


@pytest.mark.parametrize("number", range(len(RNN)))
def test_the_recurrent_criteria_see_both_directions(number: int) -> None:
    table = made()
    one = table[table["width"] == RIGHT]
    cell = one[one["algorithm"] == "GD"].assign(algorithm="RNN", train_loss=1e-6, gap=1e6)
    good = pd.concat([one, cell])
    bad = pd.concat([one, cell.assign(train_loss=1e6, gap=1e-6)])
    assert RNN[number](good).met and not RNN[number](bad).met


def test_verdicts_follow_from_how_many_criteria_are_met() -> None:
    statement = Statement(sp.true)
    table = made()
    for given, expected in ((table, "reproduced"), (swapped(table), "partly"), (None, "open")):
        settle = held_against(TRAINING, lambda given=given: given, "")
        assert verdict(settle(statement)) == expected
    never = tuple(replace(c, test=lambda table: (False, "")) for c in TRAINING)
    assert verdict(held_against(never, lambda: table, "")(statement)) == "not reproduced"


def test_nothing_recorded_leaves_a_row_open(monkeypatch: pytest.MonkeyPatch) -> None:
    assert claims.recorded("no-such-figure") is None
    (row,) = [c for c in claims.CLAIMS if c.id == "fig-gap"]
    broken = claims.claim(row.id, "C", "figure", "", "", "", "no-such-figure", GAP)
    assert verdict(broken.evaluate()) == "open"


def test_false_alarms_of_the_sign_test_by_counting() -> None:
    from math import comb

    assert sign_test(17, 20) == pytest.approx(sum(comb(20, n) for n in range(17, 21)) / 2**20)
    assert wins([1, 2, 3], [2, 2, 4]) == 2


def test_false_alarms_of_rank_correlations_by_simulation() -> None:
    """100,000 pairs of random orders; a false alarm of this test, at 5 standard errors: 6e-7."""
    rng = np.random.default_rng(0)
    orders = rng.permuted(np.tile(np.arange(17), (100_000, 1)), axis=1)
    ranks = 1 - 6 * ((orders - np.arange(17)) ** 2).sum(axis=1) / (17 * (17**2 - 1))
    assert rank_correlation(orders[0], np.arange(17)) == pytest.approx(ranks[0])
    for threshold in (0.4, 0.6):
        share, said = (ranks >= threshold).mean(), rank_false_alarm(threshold, 17)
        assert abs(share - said) < 5 * np.sqrt(said / len(ranks)) + 0.1 * said  # the approximation is not exact
