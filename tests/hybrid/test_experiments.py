"""The recorded experiments of the topic: tidy, described by their records, agreeing with quick runs."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from duality.book import figures
from duality.hybrid import experiments
from duality.hybrid.experiments import EXPERIMENTS
from duality.hybrid.experiments.selection import best
from duality.ledger.registry import known_ids

ROOT = Path(__file__).parents[2]
BY_ID = {experiment.id: experiment for experiment in EXPERIMENTS}
TIMED = experiments.SPEED.id  # seconds: neither run twice nor compared
REPEATABLE = [name for name in BY_ID if name != TIMED]
TRAINED = ("hybrid-printed", "hybrid-fixed", "hybrid-released", "hybrid-time", "hybrid-rnn")


@cache
def quick(name: str) -> pd.DataFrame:
    return figures.run(BY_ID[name], BY_ID[name].parameters("quick"))


@cache
def recorded(name: str) -> pd.DataFrame:
    return figures.load(name, ROOT)[0]


@pytest.mark.parametrize("name", TRAINED)
def test_quick_rows_lie_in_the_recorded_band_and_all_of_them_are_recorded(name: str) -> None:
    """Complexities and cells are compared when their chapters run."""
    assert figures.disagreements(BY_ID[name], recorded(name), quick(name)) == []
    shared = recorded(name).merge(quick(name), on=list(BY_ID[name].keys))
    assert len(shared) == len(quick(name))


@pytest.mark.parametrize("name", TRAINED)
def test_the_band_sees_a_changed_result(name: str) -> None:
    wrong = quick(name).copy()
    wrong[BY_ID[name].value] *= 1 + 3 * BY_ID[name].band
    assert figures.disagreements(BY_ID[name], recorded(name), wrong)


@pytest.mark.parametrize("name", BY_ID)
def test_tables_are_tidy_and_described_by_their_records(name: str) -> None:
    table, record = figures.load(name, ROOT)
    experiment = BY_ID[name]
    assert {*experiment.keys, experiment.value} <= set(table.columns)
    assert not table.duplicated(list(experiment.keys)).any()
    assert np.isfinite(table[experiment.value].astype(float)).all()
    full = json.loads(json.dumps(experiment.parameters("full")))
    assert record["parameters"] == full and record["profile"] == "full" and record["rows"] == len(table)
    assert record["alt"] == experiment.alt and len(experiment.alt) > 60
    assert (ROOT / "figures" / name / f"{name}.svg").stat().st_size < 400_000
    assert (ROOT / "figures" / name / "full.csv").stat().st_size < 800_000


@pytest.mark.parametrize("profile", figures.PROFILES)
@pytest.mark.parametrize("name", BY_ID)
def test_pieces_are_deterministic_data(name: str, profile: str) -> None:
    experiment = BY_ID[name]
    first, second = (experiment.pieces(**experiment.parameters(profile)) for _ in range(2))
    assert first == second == json.loads(json.dumps(first))
    assert len({json.dumps(piece, sort_keys=True) for piece in first}) == len(first)


@pytest.mark.parametrize("name", TRAINED)
def test_measuring_twice_and_in_a_folder_gives_the_same(name: str, tmp_path: Path) -> None:
    piece = BY_ID[name].pieces(**BY_ID[name].parameters("quick"))[-1]
    assert BY_ID[name].measure(**piece) == BY_ID[name].measure(**piece, scratch=tmp_path)


@pytest.mark.parametrize("name", TRAINED)
def test_every_figure_can_be_drawn_with_and_without_a_fresh_run(name: str) -> None:
    for fresh in (None, quick(name)):
        figure = BY_ID[name].plot(recorded(name), fresh)
        assert len(figure.axes) >= 2 and all(axes.lines for axes in figure.axes)


def test_the_grid_is_the_printed_one() -> None:
    full = experiments.PRINTED_GRID.parameters("full")
    pieces = experiments.PRINTED_GRID.pieces(**full)
    from duality.hybrid.experiments.grid import grid

    per_piece = len(grid("printed", ("GD", "NAG"), full["ks"], [0], ("Adam", "SGD")))
    assert len(pieces) * per_piece == 17 * 2 * 5 * 20 * 3 * 2 == 20_400
    assert full["evaluate"][-1] == 100_000


def test_experiments_serve_known_claims_only() -> None:
    assert {claim for experiment in EXPERIMENTS for claim in experiment.claims} <= set(known_ids())


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"variant": "unknown"}, "variant = 'unknown' is unknown; take one of: printed, fixed, released"),
        ({"report": [999]}, "must be among evaluate"),
    ],
)
def test_parameters_that_do_not_fit_are_refused_before_anything_is_trained(change: dict, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        experiments.PRINTED_GRID.pieces(**experiments.PRINTED_GRID.parameters("quick") | change)


def tried(**columns: list) -> pd.DataFrame:
    base = {"optimizer": ["Adam", "Adam", "SGD"], "rate": [0.1, 0.2, 0.1], "steps": 10, "loss": [2.0, 3.0, 4.0]}
    return pd.DataFrame(base | {"train_loss": [1.0, 0.5, 0.7], "diverged": [False, False, False]} | columns)


def test_the_best_model_is_the_one_with_the_smallest_training_loss() -> None:
    chosen = best(tried(), ("train_loss", "loss"), 0.1)
    assert (chosen["rate"], chosen["loss"], chosen["diverged"], chosen["models"]) == (0.2, 3.0, 0, 3)
    assert chosen["outside_loss"] == pytest.approx((3.0 - 0.1 * 0.5) / 0.9)


def test_a_diverged_model_is_never_the_best_and_is_counted() -> None:
    chosen = best(tried(diverged=[False, True, False]), ("train_loss",), 0.1)
    assert (chosen["optimizer"], chosen["train_loss"], chosen["diverged"]) == ("SGD", 0.7, 1)
    nothing = best(tried(diverged=[True] * 3, train_loss=[np.nan] * 3), ("train_loss",), 0.1)
    assert np.isnan(nothing["train_loss"]) and nothing["diverged"] == 3
