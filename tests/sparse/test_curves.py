"""Capacity, robustness and the printed bound: recorded, agreeing with quick runs, and showing what theory says."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from duality.book import figures
from duality.ledger.claim import verdict
from duality.ledger.registry import known_ids
from duality.sparse import promised
from duality.sparse.audit import audit
from duality.sparse.claims import curves
from duality.sparse.experiments.bound import BOUND, PROVED, D, printed
from duality.sparse.experiments.capacity import DECAY, ENTRYWISE, WEIGHTS
from duality.sparse.experiments.robustness import ROBUSTNESS, Box
from duality.sparse.parameters import check_run
from duality.sparse.problem import error

ROOT = Path(__file__).parents[2]
BY_ID = {experiment.id: experiment for experiment in (DECAY, ENTRYWISE, WEIGHTS, ROBUSTNESS, BOUND)}


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


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


@pytest.mark.parametrize("name", BY_ID)
def test_the_band_sees_a_changed_result(name: str) -> None:
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
    assert (ROOT / "figures" / name / "full.csv").stat().st_size < 900_000


@pytest.mark.parametrize("name", BY_ID)
def test_figures_can_be_drawn_and_pieces_are_data(name: str) -> None:
    for fresh in (None, quick(name)):
        figure = BY_ID[name].plot(recorded(name), fresh)
        assert len(figure.axes) >= 2 and all(axes.lines for axes in figure.axes)
    for profile in figures.PROFILES:
        pieces = BY_ID[name].pieces(**BY_ID[name].parameters(profile))
        assert pieces == json.loads(json.dumps(pieces))
    assert set(BY_ID[name].claims) <= set(known_ids())


def test_unknown_names_are_refused() -> None:
    for experiment, change in ((DECAY, {"families": ["odd"]}), (WEIGHTS, {"settings": ["odd"]})):
        with pytest.raises(ValueError, match="unknown"):
            experiment.pieces(**experiment.parameters("quick") | change)


def test_the_exact_family_satisfies_the_assumption_and_the_promised_parameters_are_those_of_the_lemma() -> None:
    problems = promised.exact_family(40, 4, (1.0, -0.5, 0.25))
    for X, y, beta in zip(problems.X, problems.y, promised.truth_of(problems), strict=True):
        assert audit(X.numpy(), y.numpy(), beta.numpy()).holds
    theta = promised.promised(problems, 1e-3, (0.0, 1.0, 0.0), 3.0)
    assert theta.alpha == pytest.approx(1 / theta.rho_plus) and theta.xi < theta.rho == pytest.approx(1)
    assert (theta.target >= 8 * promised.noise(problems) - 1e-12).all()
    T = promised.arrival(problems, theta)
    path = promised.levels(problems, theta, T + 1)
    assert torch.equal(path[:, -1], theta.target.expand_as(path[:, -1])) and (path[:, -2] > theta.target).any()


def test_problems_and_penalties_without_strong_convexity_are_refused() -> None:
    with pytest.raises(ValueError, match="strongly convex"):
        promised.promised(promised.random_family(20, 10, 2, 1, 0.1, 0), 1e-3, (1.0, 0.0, 0.0), 3.0)
    loose = promised.random_family(12, 60, 2, 1, 0.1, 0)  # rho_- < 1, so that b > 1 is not enough
    with pytest.raises(ValueError, match="bends"):
        promised.promised(loose, 1e-3, (0.0, 1.0, 0.0), 0.99)


def test_problems_do_not_depend_on_the_default_precision() -> None:
    usual = promised.random_family(12, 60, 3, 2, 0.2, 5)
    torch.set_default_dtype(torch.float64)
    try:
        other = promised.random_family(12, 60, 3, 2, 0.2, 5)
    finally:
        torch.set_default_dtype(torch.float32)
    assert torch.equal(usual.X, other.X) and torch.equal(promised.truth_of(usual), promised.truth_of(other))


def test_the_minimizer_is_a_fixed_point_of_every_layer() -> None:
    problems = promised.random_family(12, 60, 3, 4, 0.2, 1)
    theta = promised.promised(problems, 1e-3, (0.2, 0.8, 0.0), 2.0)
    limit = promised.minimizer(problems, theta)
    far = promised.estimates(problems, theta, 20, promised.arrival(problems, theta) + 20)[:, -1]
    assert torch.allclose(limit, far, atol=1e-9)


def test_the_error_stays_below_the_proved_bound_and_falls_at_its_rate_where_it_is_sharp() -> None:
    table = recorded(DECAY.id)
    assert table["slack"].max() < 1 and table["slack"].max() > 0.5
    for (family, penalty), part in table[table["K"] == 1].groupby(["family", "penalty"]):
        late = part[(part["distance"] > 1e-10) & (part["T"] > part["t0"])].tail(12)
        rate = (late["distance"].iloc[-1] / late["distance"].iloc[0]) ** (1 / 11)
        assert rate < part["factor"].iloc[0] * 1.001
        assert (abs(rate - part["factor"].iloc[0]) < 1e-3) == (family == "exact" and penalty == "l1")


def test_only_the_number_of_layers_counts_in_the_end() -> None:
    table = recorded(DECAY.id)
    last = table.groupby(["family", "penalty", "K"])["error"].last().unstack("K")
    assert np.ptp(last.to_numpy(), axis=1).max() < 1e-7


def test_a_target_for_many_problems_pays_the_logarithm_that_entries_save() -> None:
    table = recorded(ENTRYWISE.id).set_index(["design", "d", "m", "target"])["error"].sort_index()
    for design in ("orthogonal", "Gaussian"):
        many = table[design][:, 1]
        assert many.xs("entry-wise", level="target").max() < 1.4 * 65**0.5
        assert many[256, "uniform"] > 2.5 * many[256, "entry-wise"]
    one, shared = table["orthogonal"][16, 1], table["orthogonal"][16]
    assert shared[1024, "entry-wise"] > 3 * one["entry-wise"] and shared[1024, "entry-wise"] > one["uniform"]
    for m in (64, 256, 1024):
        assert shared[m, "entry-wise"] == pytest.approx(8 * np.sqrt(2 * np.log(m)), rel=0.12)


def test_weights_slow_small_entries_down_and_cost_nothing_on_large_ones() -> None:
    table = recorded(WEIGHTS.id).pivot_table("value", ["setting", "w2"], "quantity")
    small, large = table.loc["small entries"], table.loc["large entries"]
    assert np.allclose(small["factor"], small["factor bound"], atol=1e-3)
    assert np.allclose(large["factor"], 0.75, atol=1e-3) and large["factor bound"].max() > 0.87
    for part in (small, large):
        assert (part["error"] <= part["sharp bound"] + 1e-9).all()
        assert (part["sharp bound"] <= part["printed bound"] + 1e-9).all()
        assert part["error"].is_monotonic_decreasing
    assert small["sharp bound"].is_monotonic_increasing and large["sharp bound"].is_monotonic_decreasing


def test_measured_moves_stay_below_their_bounds_and_ratios_are_forgotten() -> None:
    table = recorded(ROBUSTNESS.id).pivot_table("value", ["parameter", "T"], "quantity")
    for name in ("Jacobian", "pairs"):
        both = table.dropna(subset=["bound"])
        assert (both[name] <= both["bound"]).all()
        late = table.dropna(subset=["decaying bound"])
        assert (late[name] <= late["decaying bound"]).all()
    assert table.loc[("eta", 60), "Jacobian"] < 1e-6 * table.loc["eta"]["Jacobian"].max()
    assert table.loc[("alpha", 60), "Jacobian"] < 1e-6 * table.loc["alpha"]["Jacobian"].max()
    for name in ("target", "w"):
        assert table.loc[(name, 100), "Jacobian"] == pytest.approx(table.loc[(name, 50), "Jacobian"], rel=1e-4)


@pytest.mark.parametrize("parameter", ["alpha", "eta", "target", "w"])
def test_jacobians_are_those_of_finite_differences(parameter: str) -> None:
    box = Box()
    theta = box.draw(torch.Generator().manual_seed(11))
    jacobian = box.jacobian(theta, parameter, 12)
    direction = torch.randn(theta[parameter].shape, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    ends = [box.estimates(theta | {parameter: theta[parameter] + h * direction}, 12) for h in (1e-6, -1e-6)]
    assert torch.allclose((ends[0] - ends[1]) / 2e-6, jacobian @ direction, atol=1e-6)


def test_the_printed_number_under_the_root_is_the_formula() -> None:
    m, N, C, share = 100, 7, 0.05, 0.3
    first = share * D * max(np.log(np.sqrt(m) * N * np.exp(-C * N)), 0)
    second = D * np.log(np.sqrt(m) * (1 - np.exp(-C * N)))
    assert float(printed()(share * D, 1.0, D, m, N, C)) == pytest.approx(first + second)
    assert float(printed()(share * D, 1.0, D, m, 400, 0.3)) == pytest.approx(D * np.log(10), rel=1e-6)


def test_the_row_of_the_figure_is_partly_met() -> None:
    (claim,) = curves.CLAIMS
    assert verdict(claim.settle(claim.statement)) == "partly"
    assert [criterion(recorded(BOUND.id)).met for criterion in curves.CRITERIA] == [True, False, False]


def test_every_criterion_can_fail_and_can_be_met() -> None:
    table = recorded(BOUND.id)
    flat = table.assign(radicand=table["KT"].astype(float), defined=True)  # a bound that only rises
    assert [criterion(flat).met for criterion in curves.CRITERIA] == [False, True, False]
    hump = np.exp(-((table["KT"] - 20.0) ** 2) / 500)
    fast = table.assign(radicand=0.5 + hump, defined=True)  # one shape for every speed
    assert [criterion(fast).met for criterion in curves.CRITERIA] == [False, True, True]
    slow = np.where(table["KT"] < 20, table["KT"] / 20, 1 - (table["KT"] - 20) / 400)
    both = fast.assign(radicand=np.where(table["speed"] < 0.05, slow, fast["radicand"]))
    assert [criterion(both).met for criterion in curves.CRITERIA] == [True, True, True]


def test_for_one_problem_the_root_fails_wherever_the_first_logarithm_is_zero() -> None:
    table = recorded(BOUND.id)
    one = table[(table["m"] == 1) & (table["bound"] == "printed")]
    zero = one["KT"] * np.exp(-one["speed"] * one["KT"]) <= 1
    assert zero.sum() > 1000 and not one[zero]["defined"].any() and one[~zero]["defined"].any()
    assert (1 - np.exp(-one["speed"] * one["KT"])[zero] == 1).sum() > 100  # of them rounded to a logarithm of 1


@pytest.mark.parametrize(("m", "depth", "threshold"), [(4, 677, 693), (100, 102, 106), (2000, 22, 23)])
def test_a_positive_first_logarithm_pays_for_a_negative_second(m: int, depth: int, threshold: int) -> None:
    speed = -np.log(0.999)
    assert np.log(np.sqrt(m) * -np.expm1(-speed * depth)) < 0 < np.log(np.sqrt(m) * -np.expm1(-speed * threshold))
    assert float(printed()(1.0, 1.0, 1, m, depth, speed)) > 0


def test_the_proved_bound_is_defined_everywhere_and_hardly_falls_and_heavier_first_logarithms_fall_more() -> None:
    table = recorded(BOUND.id)
    proved = table[table["bound"] == "proved"]
    assert proved["defined"].all() and set(proved["speed"]) == set(table["speed"])
    assert max(curves.fall(curves.curve(table, C, PROVED, bound="proved")) for C in set(table["speed"])) < 0.002
    falls = [curves.fall(curves.curve(table, 0.1, share)) for share in sorted(table["share"].unique())]
    assert falls == sorted(falls) and falls[0] < 0.01 and falls[-1] > 0.4


@pytest.mark.parametrize("bad", [{"d": 1}, {"s_star": 0}, {"d": 8, "s_star": 9}, {"K": 0}, {"profile": "odd"}])
def test_chapters_refuse_parameters_out_of_range(bad: dict) -> None:
    with pytest.raises(ValueError):
        check_run(**bad)
    check_run(d=40, s_star=4, K=5, seed=0, profile="quick")


def test_the_error_of_zero_is_the_length_of_the_truth() -> None:
    problems = promised.orthogonal_family(16, 3, 2, 0.1, 0)
    zero = torch.zeros_like(promised.truth_of(problems))
    assert torch.allclose(error(zero, problems), promised.truth_of(problems).norm(dim=1))
