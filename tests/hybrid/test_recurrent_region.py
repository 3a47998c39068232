"""The experiment on the stable region: quick rows in the recorded band, and the recorded table obeys the theorems."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from duality.book import figures
from duality.hybrid.experiments.recurrent_region import RECURRENT_REGION, C, pieces
from duality.hybrid.recurrent import c_phi
from duality.hybrid.recurrent_search import bounded_c, normalized_identity, region_cells
from duality.ledger.registry import known_ids
from duality.quadratic.problem import Spectrum

ROOT = Path(__file__).parents[2]


@cache
def recorded() -> pd.DataFrame:
    return figures.load("rnn-region", ROOT)[0]


@cache
def quick() -> pd.DataFrame:
    return figures.run(RECURRENT_REGION, RECURRENT_REGION.parameters("quick"))


def curve(quantity: str) -> pd.Series:
    rows = recorded()[recorded()["quantity"] == quantity]
    return rows.groupby("kappa")["value"].min()


def test_quick_rows_lie_in_the_recorded_band_and_all_of_them_are_recorded() -> None:
    assert figures.disagreements(RECURRENT_REGION, recorded(), quick()) == []
    assert len(recorded().merge(quick(), on=list(RECURRENT_REGION.keys))) == len(quick())
    assert set(RECURRENT_REGION.claims) <= set(known_ids())


def test_the_recorded_table_obeys_the_theorems() -> None:
    smallest, floor = curve("smallest c"), curve("floor")
    assert np.allclose(smallest, curve("eq. 80"))
    assert ((smallest < 1) == (smallest.index < 3)).all()
    trained = curve("trained c")
    assert (trained >= smallest[trained.index]).all() and (trained[2.0] < 1)
    error = curve("trained error")
    assert (error >= floor[error.index] - 1e-6).all()
    assert np.allclose(curve("explicit cell"), floor, atol=1e-6)


def test_the_plot_draws_with_and_without_fresh_points() -> None:
    for fresh in (None, quick()):
        assert len(RECURRENT_REGION.plot(recorded(), fresh).axes) == 2


def test_a_condition_number_of_one_is_refused() -> None:
    with pytest.raises(ValueError, match="take kappa > 1"):
        pieces([1.0], [], [], [], [], 1, 1)


def test_trained_cells_have_the_constant_they_were_given() -> None:
    import torch

    cells = region_cells(4.0, 2, [3], count=2, rounds=3, seed=0, c=C, k=4)
    spectrum = Spectrum(1.0, 4.0)
    assert [c_phi(cell, spectrum) for cell in cells] == pytest.approx([C, C])
    batch = type(cells[0])(*(torch.tensor(np.stack([getattr(x, n) for x in cells])) for n in ("V", "W1", "W2")))
    assert (bounded_c(batch, torch.zeros(2, dtype=torch.float64), spectrum) >= C * (1 - 1e-9)).all()
    for cell in cells:
        assert normalized_identity(cell, 2, 4.0)[0] >= 2 * 3 / 5
