"""The trained methods: experiments recorded and agreeing with quick runs, and criteria that see what they are for."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from duality.book import figures
from duality.ledger.claim import verdict
from duality.ledger.registry import known_ids
from duality.sparse import data, oracle
from duality.sparse.claims import trained
from duality.sparse.decoys import informed, lists
from duality.sparse.experiments import methods, real
from duality.sparse.experiments.ablation import ABLATION
from duality.sparse.experiments.convergence import CAP, CONVERGENCE, NOTHING, ORACLE, SETTINGS, capped
from duality.sparse.experiments.gap import GAP
from duality.sparse.experiments.informed import INFORMED
from duality.sparse.experiments.real import REAL
from duality.sparse.models.plisa import PLISA
from duality.sparse.problem import Population

ROOT = Path(__file__).parents[2]
BY_ID = {experiment.id: experiment for experiment in (CONVERGENCE, ABLATION, GAP, INFORMED, REAL)}
METHODS = (*trained.LEARNED, "PLISA", "APF", "LISTA", "one shared level", "l1 only")


@cache
def quick(name: str) -> pd.DataFrame:
    return figures.run(BY_ID[name], BY_ID[name].parameters("quick"))


@cache
def recorded(name: str) -> pd.DataFrame:
    return figures.load(name, ROOT)[0]


@pytest.mark.parametrize("name", BY_ID)
def test_quick_rows_lie_in_the_recorded_band_and_all_of_them_are_recorded(name: str) -> None:
    assert figures.disagreements(BY_ID[name], recorded(name), quick(name)) == []
    assert len(recorded(name).merge(quick(name), on=list(BY_ID[name].keys))) == len(quick(name))
    wrong = quick(name).copy()
    wrong[BY_ID[name].value] *= 1 + 3 * BY_ID[name].band
    assert figures.disagreements(BY_ID[name], recorded(name), wrong)


@pytest.mark.parametrize("name", BY_ID)
def test_tables_are_tidy_and_described_by_their_records(name: str) -> None:
    table, record = figures.load(name, ROOT)
    experiment = BY_ID[name]
    assert not table.duplicated(list(experiment.keys)).any()
    assert np.isfinite(table[experiment.value].astype(float)).all()
    full = json.loads(json.dumps(experiment.parameters("full")))
    assert record["parameters"] == full and record["profile"] == "full" and record["rows"] == len(table)
    assert record["alt"] == experiment.alt and len(experiment.alt) > 60
    assert (ROOT / "figures" / name / f"{name}.svg").stat().st_size < 400_000
    for fresh in (None, quick(name)):
        assert all(axes.lines for axes in experiment.plot(table, fresh).axes)


@pytest.mark.parametrize("name", BY_ID)
def test_pieces_are_data_and_claims_are_known(name: str) -> None:
    for profile in figures.PROFILES:
        pieces = BY_ID[name].pieces(**BY_ID[name].parameters(profile))
        assert len({json.dumps(piece, sort_keys=True) for piece in pieces}) == len(pieces)
    assert set(BY_ID[name].claims) <= set(known_ids())


def test_unknown_sizes_settings_and_data_are_refused() -> None:
    with pytest.raises(ValueError, match="no setting"):
        CONVERGENCE.pieces(NOTHING | {"sizes": [(10, 3)]}, NOTHING)
    with pytest.raises(ValueError, match="unknown"):
        GAP.pieces(**GAP.parameters("quick") | {"settings": ["odd"]})
    with pytest.raises(ValueError, match="unknown"):
        REAL.pieces(**REAL.parameters("quick") | {"sets": ["odd"]})
    with pytest.raises(KeyError):
        methods.build("odd", 8, SETTINGS[128, 64])


def test_reading_plisa_along_its_way_leaves_it_as_it_was_and_ends_with_its_answer() -> None:
    problems = Population(d=20, n=15, sparsity=2, union=8).draw(4, 0)
    model = methods.build("PLISA", 20, methods.Setting(6, 3, 1e-2, 0.8, 0.1))
    assert isinstance(model, PLISA)
    with torch.no_grad():
        whole = model(problems)
    points = list(methods.along(model, problems))
    assert [number for number, *_ in points] == [2, 6] and model.T == 6
    for number, _, beta in points:
        torch.testing.assert_close(beta, whole[:, number - 1])


def test_a_reading_that_ends_early_leaves_plisa_as_it_was() -> None:
    problems = Population(d=20, n=15, sparsity=2, union=8).draw(4, 0)
    model = methods.build("PLISA", 20, methods.Setting(6, 3, 1e-2, 0.8, 0.1))
    assert isinstance(model, PLISA)
    way = methods.along(model, problems)
    next(way)
    way.close()  # type: ignore[attr-defined]
    assert model.T == 6


def test_every_method_and_every_training_has_a_curve_or_points_of_its_own() -> None:
    drawn = [len(axes.lines) for axes in CONVERGENCE.plot(recorded("sparse-convergence"), None).axes]
    curves = recorded("sparse-convergence").query("part == 'curve'")
    runs = curves.groupby("d").apply(lambda rows: len(rows[["method", "seed"]].drop_duplicates()))
    assert drawn[1:] == [count + 1 for count in runs[[256, 1024]]]  # and the floor
    alone = CONVERGENCE.plot(recorded("sparse-convergence").query("method == 'APF'"), None).axes[0].lines
    assert all(line.get_marker() != "None" for line in alone[:-1])


@pytest.mark.parametrize("method", ["lasso", "APF", "PLISA", "ALISTA", "RNN"])
def test_errors_on_real_data_follow_the_unit_of_the_answers(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    table = data.standin("unit", tasks=12, d=6)
    found = []
    for unit in (1.0, 64.0):
        monkeypatch.setattr(real, "table", lambda name, unit=unit: replace(table, y=unit * table.y))
        found.append(real.measure("unit", 0, method, 1)[0]["error"])
    assert found[1] == pytest.approx(64**2 * found[0], rel=1e-4)


def test_lists_without_decoys_tell_the_support_and_longer_ones_tell_less() -> None:
    population = Population(d=40, n=30, sparsity=3, union=24, correlation=0.3)
    problems = population.draw(60, 0, torch.float64)
    signs = float(oracle.posterior_mean(problems, population, 0, sweeps=300).mean())
    squares = [float(informed(problems, population, decoys, 1, sweeps=300).mean()) for decoys in (0, 1, 7)]
    assert squares[0] == pytest.approx(signs, rel=0.05)  # from these data the signs are plain
    assert squares[0] < squares[1] < squares[2]
    with pytest.raises(ValueError, match="do not fit"):
        lists(problems, population, 8, 0)
    found = lists(problems, population, 7, 0)
    assert found.truth.shape == (60, 3, 8) and bool(((found.truth != 0).sum(2) == 1).all())


def test_errors_that_are_no_number_count_as_large() -> None:
    given = torch.tensor([1.0, float("nan"), float("inf"), 1e9])
    assert capped(given).tolist() == [1.0, CAP, CAP, CAP]


def table(levels: dict[str, float], spent: dict[str, float] | None = None, n: int = 64) -> pd.DataFrame:
    """A made-up table with these mean errors and seconds, at both sizes and in every training."""
    rows = list[dict]()
    noise = np.random.default_rng(0).normal(0, 0.01, trained.PROBLEMS)
    for d, seed, (method, level) in itertools.product((256, 1024), range(trained.TRAININGS), levels.items()):
        at = {"d": d, "n": n, "method": method, "seed": seed}
        for i, apart in enumerate(noise):
            rows.append(at | {"part": "problem", "number": i, "seconds": 0.0, "value": level + apart})
        for part in ("curve", "training", "one by one"):
            rows.append(at | {"part": part, "number": 1, "seconds": (spent or {}).get(method, 1.0), "value": level})
    return pd.DataFrame(rows)


GOOD = dict.fromkeys(METHODS, 3.0) | {"PLISA": 1.0, "l1 only": 2.0, "LISTA": 4.0, ORACLE: 1.3}
SPENT = {"PLISA": 1.0, "APF": 30.0}


def met(criteria: tuple, given: pd.DataFrame) -> list[bool]:
    return [criterion(given).met for criterion in criteria]


def test_criteria_on_convergence_see_order_and_time() -> None:
    assert all(met(trained.CONVERGENCE, table(GOOD, SPENT)))
    assert met(trained.CONVERGENCE, table(GOOD, SPENT | {"APF": 19.0})) == [True, True, False, False, True]
    assert met(trained.CONVERGENCE, table(GOOD | {"RNN": 0.9}, SPENT)) == [False, False, True, True, True]
    assert met(trained.CONVERGENCE, table(GOOD | {"APF": 0.9}, SPENT)) == [False, False, False, False, True]
    assert met(trained.CONVERGENCE, table(GOOD | {"LISTA": 2.0}, SPENT))[-1] is False


def test_an_order_must_hold_in_every_training() -> None:
    once = table(GOOD, SPENT)
    once.loc[(once["seed"] == 1) & (once["method"] == "APF"), "value"] = 0.5
    assert met(trained.CONVERGENCE, once) == [False, False, False, False, True]
    late = table(GOOD, SPENT)
    late.loc[(late["seed"] == 2) & (late["method"] == "APF"), "seconds"] = 3.0
    assert met(trained.CONVERGENCE, late) == [True, True, False, False, True]
    fewer = table(GOOD, SPENT)
    assert not any(met(trained.CONVERGENCE, fewer[fewer["seed"] < trained.TRAININGS - 1]))


def test_criteria_on_training_time_and_on_the_published_error() -> None:
    assert met(trained.TIME, table(GOOD, {"PLISA": 2.0})) == [True]
    assert met(trained.TIME, table(GOOD, SPENT)) == [False]
    for square, wanted in ((5.0, [True, True]), (1.6, [True, False]), (1.4, [False, False])):
        told = {"n": 64, "decoys": 7, "sweeps": 9, "square": square, "deviation": 0.05}
        assert met(trained.POSSIBLE, pd.DataFrame([told, told | {"decoys": 0, "square": 1.0}])) == wanted
    for target, n in ((trained.TARGET, 64), (trained.TARGET_LARGE, 256)):
        assert met(target, table(GOOD, n=n)) == [True] and met(target, table(GOOD | {"PLISA": 1.7}, n=n)) == [False]


def test_criteria_on_ablations() -> None:
    assert met(trained.ABLATION, table(GOOD)) == [True]
    assert met(trained.ABLATION, table(GOOD | {"l1 only": 3.5})) == [False]
    large = table(GOOD, n=256)
    assert met(trained.ABLATION_LARGE, large) == [True, True, True]
    close = table(GOOD | {"one shared level": 2.1}, n=256)
    assert met(trained.ABLATION_LARGE, close) == [True, False, False]
    shared = (close["method"] == "one shared level") & (close["part"] == "problem")
    close.loc[shared & (close["number"] == 0), "value"] = 99.0  # one that diverged decides the mean, not the median
    assert met(trained.ABLATION_LARGE, close) == [True, True, False]


def gaps(shape: list[float]) -> pd.DataFrame:
    return pd.DataFrame(
        {"setting": setting, "layers": 4**i, "seed": seed, "train": 1.0, "test": 1 + value + 1e-3 * seed}
        for setting in ("uncorrelated", "correlation 0.5")
        for i, value in enumerate(shape)
        for seed in range(trained.SEEDS)
    )


@pytest.mark.parametrize(
    ("shape", "wanted"),
    [([0, 2, 1], [True, True]), ([0, 1, 2], [True, False]), ([2, 1, 0], [False, True]), ([1, 1, 1], [False, False])],
)
def test_criteria_on_the_gap_see_a_rise_and_a_fall(shape: list[float], wanted: list[bool]) -> None:
    assert met(trained.GAP, gaps(shape)) == 2 * wanted


def test_criteria_on_real_data_ask_for_every_split() -> None:
    def made(plisa: float) -> pd.DataFrame:
        errors = dict.fromkeys(("APF", "RNN", "RNN-l1", "ALISTA", "lasso"), 2.0) | {"PLISA": 1.0}
        rows = [
            {"data": data, "split": split, "method": method, "error": plisa if method == "PLISA" and split == 2 else e}
            for data in ("thp1", "parkinsons", "school")
            for split in range(trained.SPLITS)
            for method, e in errors.items()
        ]
        return pd.DataFrame(rows)

    assert met(trained.REAL, made(1.5)) == [True] * 3 and met(trained.REAL, made(2.0)) == [False] * 3


def test_rates_of_false_alarms_are_small_where_orders_are_tested() -> None:
    assert pytest.approx(1 / 8) == trained.ORDER_ALARM  # three trainings
    assert all(criterion.false_alarm < 0.05 for criterion in (*trained.GAP, *trained.REAL, *trained.TIME))


@pytest.mark.parametrize("claim", trained.CLAIMS, ids=lambda claim: claim.id)
def test_rows_are_settled_exactly_when_their_experiment_is_recorded(claim: object) -> None:
    serving = {name for name, experiment in BY_ID.items() if claim.id in experiment.claims}  # type: ignore[attr-defined]
    found = verdict(claim.evaluate())  # type: ignore[attr-defined]
    assert serving and found != "open"
