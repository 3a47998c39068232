"""Rows on trained models: criteria met by tables made to meet them, and by none that is changed where it matters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import sympy as sp

from duality.folding.claims import adapted, trained
from duality.folding.rates import hybrid as rates
from duality.ledger.claim import Statement, verdict
from duality.ledger.criteria import Declared, agreement_false_alarm, held_against
from duality.quadratic.rates import k as steps

Change = Callable[[pd.DataFrame], pd.DataFrame]
DEPTHS = {"GD": (1, 2, 5, 10, 20, 40, 160), "NAG": (1, 2, 5, 10, 20, 40)}


def made() -> pd.DataFrame:
    """Unrolled models that fall to the folded ones, and early ones that train as well with worse energies."""
    rng, rows = np.random.default_rng(0), []
    for seed in range(trained.SEEDS):
        level = rng.uniform(1, 3)
        for method, ks in DEPTHS.items():
            models = [("folded", 0, 1.0, 1.0)] + [("unrolled", k, 1 + 100 * 0.7**k, 1.0) for k in ks]
            models += [("too early", k, 1 + 100 * 0.7**k, 1.2) for k in (1, 2, 5, 10, 20)]
            for way, k, size, worse in models:
                near = 1 + 1e-3 * rng.standard_normal()
                here = {"way": way, "method": method, "k": k, "seed": seed, "train_loss": level * size * near}
                rows.append(
                    here | {"energy": level * size * worse, "loss": level * size * worse * near + 5, "gap": level}
                )
    return pd.DataFrame(rows)


def shuffled(table: pd.DataFrame) -> pd.DataFrame:
    """Numbers without any relation, over two decades."""
    rng = np.random.default_rng(1)
    return table.assign(
        **{name: 10 ** rng.uniform(0, 2, len(table)) for name in ("train_loss", "energy", "loss", "gap")}
    )


def scaled(way: str, quantity: str, factor: float, ks: tuple[int, ...] | None = None) -> Change:
    def change(table: pd.DataFrame) -> pd.DataFrame:
        chosen = (table["way"] == way) & (table["k"].isin(ks) if ks else True)
        return table.assign(**{quantity: table[quantity].where(~chosen, table[quantity] * factor)})

    return change


@pytest.mark.parametrize("criterion", trained.OPTIMUM + trained.TOO_EARLY, ids=lambda c: c.sentence[:40])
def test_a_table_as_the_rows_describe_it_meets_the_criterion(criterion: Declared) -> None:
    assert criterion(made()).met and 0 < criterion.false_alarm < 0.01


def only_nag_folded(table: pd.DataFrame) -> pd.DataFrame:
    chosen = (table["way"] == "folded") & (table["method"] == "NAG")
    return table.assign(**{name: table[name].where(~chosen, 2 * table[name]) for name in ("train_loss", "loss")})


CHANGED: list[tuple[tuple[Declared, ...], int, Change]] = [
    *((trained.OPTIMUM, number, shuffled) for number in range(6)),
    (trained.OPTIMUM, 0, only_nag_folded),
    (trained.OPTIMUM, 1, only_nag_folded),
    (trained.OPTIMUM, 2, scaled("unrolled", "train_loss", 1.6)),
    (trained.OPTIMUM, 3, scaled("unrolled", "gap", 0.6)),
    (trained.OPTIMUM, 4, scaled("unrolled", "train_loss", 0.01, (20,))),
    (trained.OPTIMUM, 5, scaled("folded", "energy", 1000)),
    *((trained.TOO_EARLY, number, shuffled) for number in range(4)),
    (trained.TOO_EARLY, 0, scaled("too early", "train_loss", 1.02, (5,))),
    (trained.TOO_EARLY, 1, scaled("too early", "energy", 0.8)),
    (trained.TOO_EARLY, 2, scaled("too early", "loss", 0.5)),
    (trained.TOO_EARLY, 3, scaled("too early", "energy", 0.8, (1,))),
]


@pytest.mark.parametrize(("criteria", "number", "change"), CHANGED)
def test_a_changed_table_does_not(criteria: tuple[Declared, ...], number: int, change: Change) -> None:
    assert not criteria[number](change(made())).met


def made_adaptation() -> pd.DataFrame:
    """Errors in which all that the row says is true."""
    rng, rows = np.random.default_rng(0), []
    for seed in range(adapted.SEEDS):
        level = rng.uniform(1, 3)
        for shots in (adapted.FEW, adapted.MANY):
            for lam, k, size in ((0.1, 0, 1.0), (0.0, 1, 1.3), (0.0, 11, 1.001), (0.0, 100, 1.2)):
                for at in (0, 400):
                    start = 1.3 if at == 0 and shots == adapted.FEW else 1.001
                    here = {"shots": shots, "lam": lam, "k": k, "seed": seed, "meta_steps": at}
                    rows.append(here | {"value": level * size * start})
    return pd.DataFrame(rows)


def changed_adaptation(factor: float, **where: float) -> Change:
    def change(table: pd.DataFrame) -> pd.DataFrame:
        chosen = np.logical_and.reduce([table[name] == value for name, value in where.items()])
        return table.assign(value=table["value"].where(~chosen, table["value"] * factor))

    return change


ADAPTED: list[tuple[int, Change]] = [
    (0, changed_adaptation(2, lam=0.1)),
    (1, changed_adaptation(2, lam=0.1)),
    (2, changed_adaptation(1.03, k=11)),
    (3, changed_adaptation(1.1, shots=adapted.MANY, meta_steps=0)),
    (4, changed_adaptation(0.7, shots=adapted.FEW, meta_steps=0)),
]


@pytest.mark.parametrize(("number", "change"), ADAPTED)
def test_the_criteria_on_adaptation_see_both_directions(number: int, change: Change) -> None:
    criterion = adapted.CRITERIA[number]
    assert criterion(made_adaptation()).met and not criterion(change(made_adaptation())).met
    assert 0 < criterion.false_alarm < 0.02


def test_nothing_recorded_leaves_the_rows_open(monkeypatch: pytest.MonkeyPatch) -> None:
    assert trained.recorded("no-such-figure") is None
    for module in (trained, adapted):
        monkeypatch.setattr(module, "recorded_table", lambda figure: None)
    assert trained.recorded("folding-hybrid") is None and adapted.recorded() is None
    assert verdict(held_against(adapted.CRITERIA, adapted.recorded, "")(Statement(sp.true))) == "open"


def settled(id: str, change: Callable[[sp.Expr], sp.Expr]) -> str:
    """The verdict of a row whose right side was changed."""
    (row,) = [claim for claim in trained.CLAIMS if claim.id == id]
    relation = sp.Eq(row.statement.lhs, change(row.statement.rhs), evaluate=False)
    return verdict(row.settle(replace(row.statement, relation=relation)))


@pytest.mark.parametrize("id", ["folded-hybrid-bound", "folded-hybrid-bias"])
def test_the_two_facts_are_proved_and_not_with_another_constant(id: str) -> None:
    assert settled(id, lambda right: right) == "proved"
    assert settled(id, lambda right: 2 * right) == "open"


def test_the_bias_depends_on_its_exponent_and_on_where_it_is_claimed() -> None:
    assert settled("folded-hybrid-bias", lambda right: right.subs(steps, steps + 1)) == "open"
    (row,) = [claim for claim in trained.CLAIMS if claim.id == "folded-hybrid-bias"]
    for dropped in ("q < 1", "0 < q"):
        kept = tuple(h for h in row.statement.hypotheses if h.name != dropped)
        assert verdict(row.settle(replace(row.statement, hypotheses=kept))) == "open"


def test_the_limit_of_the_bound_depends_on_the_limit_of_the_stability() -> None:
    assert settled("folded-hybrid-bound", lambda right: right.subs(rates.STAB_LIMIT, rates.STAB_LIMIT**2)) == "open"
    assert settled("folded-hybrid-bound", lambda right: right.subs(rates.r, 2 * rates.r)) == "open"


def test_the_chance_of_agreement_by_drawing_numbers() -> None:
    low, high = np.sort(np.random.default_rng(0).random((2, 20_000, 5)), axis=0)  # logarithms
    agreed = (high - low <= np.log10(1.5)).sum(-1)
    for needed in (1, 3):
        assert agreement_false_alarm(1.5, needed, 5) == pytest.approx((agreed >= needed).mean(), abs=0.015)
