"""The recorded experiments: tidy tables, quick results inside the recorded band, refusals, known relations."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from duality.book import figures
from duality.ledger.registry import known_ids
from duality.quadratic import experiments, rates
from duality.quadratic.experiments import EXPERIMENTS, grids
from duality.quadratic.experiments.right_sides import IN_B, IN_Q, per_unit

ROOT = Path(__file__).parents[2]
BY_ID = {experiment.id: experiment for experiment in EXPERIMENTS}


@cache
def quick(name: str) -> pd.DataFrame:
    return figures.run(BY_ID[name], BY_ID[name].parameters("quick"))


@cache
def recorded(name: str) -> pd.DataFrame:
    return figures.load(name, ROOT)[0]


@pytest.mark.parametrize("name", BY_ID)
def test_quick_rows_lie_in_the_recorded_band_and_all_of_them_are_recorded(name: str) -> None:
    experiment = BY_ID[name]
    assert figures.disagreements(experiment, recorded(name), quick(name)) == []
    shared = recorded(name).merge(quick(name), on=list(experiment.keys))
    assert len(shared) == len(quick(name))


@pytest.mark.parametrize("name", BY_ID)
def test_tables_are_tidy(name: str) -> None:
    for table in (quick(name), recorded(name)):
        assert {*BY_ID[name].keys, BY_ID[name].value} <= set(table.columns)
        assert not table.duplicated(list(BY_ID[name].keys)).any()
        assert not table.isna().any().any()
        assert np.isfinite(table[BY_ID[name].value]).all()


@pytest.mark.parametrize("name", BY_ID)
def test_the_band_sees_a_changed_result(name: str) -> None:
    wrong = quick(name).copy()
    wrong[BY_ID[name].value] *= 1 + 3 * BY_ID[name].band
    assert figures.disagreements(BY_ID[name], recorded(name), wrong)


@pytest.mark.parametrize("name", BY_ID)
def test_records_describe_what_is_committed(name: str) -> None:
    table, record = figures.load(name, ROOT)
    experiment = BY_ID[name]
    full = json.loads(json.dumps(experiment.parameters("full")))
    assert record["parameters"] == full and record["profile"] == "full"
    assert record["rows"] == len(table)
    assert record["alt"] == experiment.alt and len(experiment.alt) > 80
    assert (ROOT / "figures" / name / f"{name}.svg").stat().st_size < 300_000
    assert (ROOT / "figures" / name / "full.csv").stat().st_size < 300_000


@pytest.mark.parametrize("profile", figures.PROFILES)
@pytest.mark.parametrize("name", BY_ID)
def test_pieces_are_deterministic_data(name: str, profile: str) -> None:
    experiment = BY_ID[name]
    first, second = (experiment.pieces(**experiment.parameters(profile)) for _ in range(2))
    assert first == second == json.loads(json.dumps(first))
    assert len({json.dumps(piece, sort_keys=True) for piece in first}) == len(first)


@pytest.mark.parametrize("name", [name for name in BY_ID if name != "offclass"])
def test_measuring_twice_gives_the_same(name: str) -> None:
    piece = BY_ID[name].pieces(**BY_ID[name].parameters("quick"))[-1]
    assert BY_ID[name].measure(**piece) == BY_ID[name].measure(**piece)


def test_experiments_serve_known_claims_only() -> None:
    assert {claim for experiment in EXPERIMENTS for claim in experiment.claims} <= set(known_ids())


@pytest.mark.parametrize(
    ("name", "change", "complaint"),
    [
        ("trends", {"mu": 2.0}, "mu = 2.0 is larger than L"),
        ("trends", {"mu": -0.1}, "must be positive"),
        ("trends", {"c0": 1.5}, "c0 = 1.5 is outside"),
        ("trends", {"ks": [-1]}, "integer, 0 or larger"),
        ("trends", {"ks": [0]}, "list k >= 1"),
        ("trends", {"kappas": [0.5]}, "at least 1"),
        ("trends", {"kappas": [100.0], "far_k_max": 0}, "at least 1"),
        ("slack", {"kappas": [1.0]}, "take kappa > 1"),
        ("slack", {"ks": [2.5]}, "integer"),
        ("counterexamples", {"power_kappas": [1]}, "take kappa > 1"),
        ("counterexamples", {"gaps": [0.0]}, "between 0 and 1"),
        ("counterexamples", {"sensitivity_kappas": [0.9]}, "at least 1"),
        ("sensitivity", {"c0_L": 2.0}, "c0 = 2.0 is outside"),
        ("sensitivity", {"kappas": [float("nan")]}, "must be finite"),
        ("tradeoff", {"kappas": [1.0]}, "take kappa > 1"),
        ("tradeoff", {"ks": [-3]}, "integer, 0 or larger"),
        ("regions", {"bisected": [0.1]}, "at least 1"),
        ("stability-q", {"kappas": [1.0]}, "take kappa > 1"),
        ("offclass", {"kappas": [1.0]}, "take kappa > 1"),
        ("offclass", {"ks": [0]}, "list k >= 1"),
    ],
)
def test_bad_parameters_are_refused_before_anything_runs(name: str, change: dict, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        BY_ID[name].pieces(**{**BY_ID[name].quick, **change})


def test_bounds_come_from_the_printed_expressions() -> None:
    mu, L, s, k = 0.3, 2.0, 0.4, 7
    p = 1 - s * mu
    assert per_unit(rates.GD_CONVERGENCE, IN_B, mu, L, s, k) == pytest.approx(p**k)
    assert per_unit(rates.GD_STABILITY, IN_B, mu, L, s, k) == pytest.approx((1 - p**k) / mu)
    in_q = (1 - p**k) / mu + s * k * p ** (k - 1)
    assert per_unit(rates.GD_STABILITY, IN_Q, mu, L, s, k) == pytest.approx(in_q)


def test_a_weaker_bound_is_seen_in_the_slack() -> None:
    doubled = rates.Statement(rates.sp.Le(rates.ERROR, 2 * rates.GD_CONVERGENCE.rhs, evaluate=False))
    printed = per_unit(rates.GD_CONVERGENCE, IN_B, 1.0, 4.0, 0.2, 5)
    assert per_unit(doubled, IN_B, 1.0, 4.0, 0.2, 5) == pytest.approx(2 * printed)


def test_iterations_hold_both_ends_and_no_repetition() -> None:
    ks = grids.iterations(200, 30)
    assert ks[0] == 1 and ks[-1] == 200 and len(ks) == len(set(ks)) and ks == sorted(ks)
    assert grids.iterations(1, 5) == [1]


def test_trends_error_and_stability_add_up_to_one() -> None:
    table = recorded("trends").set_index(["kappa", "method", "step", "k", "quantity"])["value"].unstack()
    np.testing.assert_allclose(table["Cvg"] + table["Stab_b"], 1, atol=1e-8)
    np.testing.assert_allclose(table["product"], table["Cvg"] * table["Stab_b"], atol=1e-9)
    assert (table["Stab_Q lower"].dropna() <= table["Stab_Q upper"].dropna()).all()


def test_only_the_two_false_bounds_are_exceeded() -> None:
    table = recorded("slack")
    worst = table.groupby("guarantee")["ratio"].max()
    assert set(worst[worst > 1 + 1e-6].index) == {"nag-power-bound", "nag-sensitivity"}
    assert (table["ratio"] >= 0).all()


def test_every_bound_is_compared() -> None:
    assert {claim.split(" ")[0] for claim in recorded("slack")["guarantee"]} == set(experiments.SLACK.claims)


def test_no_method_is_below_the_frontier_and_only_heavy_ball_leaves_it() -> None:
    totals = recorded("tradeoff").groupby("method")["total"].agg(["min", "max"])
    assert (totals["min"] >= 1 - 1e-8).all()
    assert set(totals[totals["max"] > 1 + 1e-8].index) == {"heavy ball"}


def test_bisection_finds_the_exact_limits_and_they_cross_at_two() -> None:
    table = recorded("regions").pivot(index=["kappa", "method"], columns="limit", values="sL")
    searched = table.dropna()
    assert len(searched) >= 10
    np.testing.assert_allclose(searched["bisection"], searched["exact"], rtol=1e-6)
    assert (table["printed"] < table["exact"]).all()
    exact = table["exact"].unstack()
    assert ((exact["NAG"] > exact["GD"]) == (exact.index < 2)).all()


def test_brackets_of_stability_in_q_are_below_the_bounds() -> None:
    keys = ["kappa", "method", "step", "k"]
    table = recorded("stability-q").set_index([*keys, "quantity"])["value"].unstack()
    assert (table["lower"] <= table["upper"] * (1 + 1e-9)).all()
    for version in ("printed", "sharp"):
        bound = table[version].dropna()
        assert (table.loc[bound.index, "lower"] <= bound * (1 + 1e-9)).all()


def test_counterexamples_cross_one_and_repairs_do_not() -> None:
    table = recorded("counterexamples")
    power = table[(table["bound"] == "power") & (table["version"] == "printed")]
    assert (power.groupby("kappa")["ratio"].max() > 1).all()
    np.testing.assert_allclose(
        table.loc[(table["bound"] == "power") & (table["version"] == "repaired"), "ratio"], 1, rtol=1e-8
    )
    assert table.loc[table["version"] == "repaired", "ratio"].max() <= 1 + 1e-8


def test_sensitivity_rises_before_it_falls() -> None:
    table = recorded("sensitivity")
    ranged = table[(table["steps"] == "range") & (table["kappa"] >= 10)]
    for (_, _), rows in ranged.groupby(["kappa", "method"]):
        values = rows.sort_values("k")["sens"].to_numpy()
        top = int(values.argmax())
        assert 0 < top < len(values) - 1
        assert (np.diff(values[: top + 1]) > 0).all() and (np.diff(values[top:]) < 0).all()


def test_off_the_class_the_bounds_of_gradient_descent_survive_and_each_star_is_a_violation() -> None:
    table = recorded("offclass")
    gd = table[table["guarantee"].str.startswith("gd-")]
    assert (gd["ratio"] <= 1 + 1e-3).all()
    assert (table.loc[table["guarantee"] == "nag-remark-rate", "ratio"] < 1).all()
    stars = table[table["source"] == "counterexample"]
    assert len(stars) == 5 and (stars["ratio"] > 1).all()
