"""The benchmark of folded layers: its table has the rows and numbers it promises; the criteria can fail."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from duality.book.errors import BuildError
from duality.book.topics import benchmark
from duality.cli import main
from duality.folding import bench, conic
from duality.folding.claims import measured
from duality.folding.experiments.learning import LEARNING
from duality.folding.experiments.nonconvex import NONCONVEX
from duality.folding.experiments.speed import SPEED
from duality.folding.footprint import growth
from duality.folding.problems import PROBLEMS
from duality.folding.problems.learned import METHODS, Learned

NAMES = ["top-k labels", "total variation", "nonconvex program"]
NUMBERS = ("forward ms", "backward ms", "ms per problem", "gradient error", "largest error")


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    """Few problems, once each; memory is measured for one method."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bench, "REPEATS", 1)
        patch.setattr(conic, "JOBS", 1)
        patch.setattr(bench, "LARGE", 1)
        known, footprint = ("top-k labels", "folded"), bench.footprint
        patch.setattr(bench, "footprint", lambda *a: footprint(*a) if a[:2] == known else {})
        return bench.rows((1, 2), NAMES)


def test_there_is_a_row_for_every_problem_method_and_batch(rows):
    assert [(row["problem"], row["batch"], row["method"]) for row in rows] == [
        (name, batch, method) for name in NAMES for batch in (1, 2) for method in PROBLEMS[name].layers
    ]
    assert {row["method"] for row in rows} == set(METHODS)


def test_answers_have_numbers_and_refusals_have_reasons(rows):
    for row in rows:
        if row["answered"]:
            assert all(np.isfinite(row[name]) for name in NUMBERS) and row["why"] == ""
            total = (row["forward ms"] + row["backward ms"]) / row["batch"]
            assert row["ms per problem"] == pytest.approx(total, rel=1e-2)
        else:
            assert all(row[name] is None for name in NUMBERS) and row["why"]
    why = {(row["problem"], row["method"]): row["why"] for row in rows if not row["answered"]}
    assert set(why) == {("nonconvex program", "conic"), ("total variation", "implicit")}
    assert "convex" in why["nonconvex program", "conic"] and "singular" in why["total variation", "implicit"]


def test_errors_are_small_and_the_conic_layer_is_the_measure_of_speed(rows):
    for row in rows:
        if row["method"] == "folded":
            assert row["largest error"] < 1e-8
        if row["method"] == "conic" and row["answered"]:
            assert row["speed-up"] == 1.0 and row["largest error"] > 1e-12
        if row["problem"] == "nonconvex program":
            assert row["speed-up"] is None


def test_memory_grows_with_the_batch():
    found = growth("top-k labels", "unrolled", [1, 4096])
    assert found[4096] > 10 and found[4096] > found[1]


def test_memory_is_measured_in_a_process_of_its_own(rows):
    here = [row["memory MB"] for row in rows if row["problem"] == "top-k labels" and row["method"] == "folded"]
    assert all(size is not None and size >= 0 for size in here)


def test_what_would_take_too_long_is_reported(monkeypatch):
    monkeypatch.setattr(bench, "REPEATS", 1)
    monkeypatch.setattr(bench, "CAP", 0.0)
    found = bench.timings((1, 2), ["nonconvex program"])
    assert {row["why"] for row in found if row["batch"] == 2 and row["method"] != "conic"} == {
        "expected to take more than 0 s"
    }


def test_a_solver_that_breaks_is_a_row(monkeypatch):
    def broken():
        def layer(*c):
            raise RuntimeError("no\nanswer")

        return layer

    problem = PROBLEMS["top-k labels"]
    layers = {"folded": problem.layers["folded"], "unrolled": broken}
    changed = Learned("odd", problem.parameters, layers, problem.reference)
    monkeypatch.setattr(bench, "PROBLEMS", {"odd": changed})
    monkeypatch.setattr(bench, "REPEATS", 1)
    assert [(row["answered"], row["why"]) for row in bench.timings((1,))] == [(1.0, ""), (0.0, "RuntimeError: no")]


def test_the_command_finds_it_and_prints_data(rows, monkeypatch, capsys):
    assert benchmark("folding") is bench
    monkeypatch.setattr(bench, "rows", lambda: rows)
    assert main(["bench", "folding", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == rows
    assert main(["bench", "folding"]) == 0
    assert "top-k labels" in capsys.readouterr().out


def test_the_number_of_threads_is_put_back(monkeypatch):
    import torch

    monkeypatch.setattr(bench, "REPEATS", 1)
    before = torch.get_num_threads()
    bench.timings((1,), ["nonconvex program"])
    assert torch.get_num_threads() == before


# criteria


def good_speed() -> pd.DataFrame:
    """A table that meets everything."""
    found = []
    for name in measured.ALL:
        for batch in measured.BATCHES:
            for method, each, error in (("folded", 1, 1e-13), ("unrolled", 5, 1e-2), ("conic", 30, 1e-6)):
                refused = name == "nonconvex program" and method == "conic"
                found.append(_entry(name, method, batch, each, error, refused, "not convex"))
            found.append(_entry(name, "implicit", batch, 2, 1e-13, name == "total variation", "singular"))
            if name == "total variation":
                found.append(_entry(name, "folded, by products", batch, 2, 1e-10, False, ""))
    return pd.DataFrame(found)


def _entry(name: str, method: str, batch: int, each: float, error: float, refused: bool, why: str) -> dict[str, Any]:
    numbers = {"ms per problem": each, "backward ms": each, "memory MB": each, "gradient error": error}
    numbers |= {"largest error": 2 * error}
    row: dict[str, Any] = {"problem": name, "method": method, "batch": batch}
    row |= dict.fromkeys(numbers, np.nan) if refused else numbers
    return row | {"answered": 0.0 if refused else 1.0, "why": why if refused else ""}


def good_others() -> dict[str, pd.DataFrame]:
    outcomes = [
        {"problem": "nonconvex program", "method": method, "seed": seed, "outcome": outcome}
        for seed in range(6)
        for method, outcome in (("folded", 0.1), ("without a layer", 0.7))
    ]
    local = pd.DataFrame({"minimum": [True] * 200, "curvature": [-1.0] * 200, "error": [1e-9] * 200})
    return {measured.LEARNING: pd.DataFrame(outcomes), measured.NONCONVEX: local}


def test_good_tables_meet_every_criterion():
    tables = good_others() | {measured.SPEED: good_speed()}
    assert all(declared(tables[measured.SPEED]).met for declared in measured.EFFICIENCY)
    assert all(declared(tables).met for declared in measured.EXPRESSIVENESS)
    assert all(0 <= declared.false_alarm < 0.07 for declared in (*measured.EFFICIENCY, *measured.EXPRESSIVENESS))


def changed(problem: str, method: str, column: str, value: Any, batch: int = 256) -> pd.DataFrame:
    table = good_speed()
    table.loc[(table["problem"] == problem) & (table["method"] == method) & (table["batch"] == batch), column] = value
    return table


@pytest.mark.parametrize(
    ("number", "table"),
    [
        (0, changed("portfolio", "folded", "ms per problem", 31, batch=1)),
        (0, changed("portfolio", "folded", "ms per problem", np.nan, batch=512)),
        (0, changed("portfolio", "conic", "ms per problem", np.nan, batch=8)),
        (1, changed("total variation", "folded", "ms per problem", 1.6)),
        (2, changed("top-k labels", "folded", "gradient error", 2e-6, batch=64)),
        (2, changed("top-k labels", "folded", "largest error", np.nan, batch=64)),
        (3, changed("nonconvex program", "folded", "backward ms", 6)),
        (4, changed("quadratic program", "unrolled", "memory MB", 0.5)),
        (5, changed("quadratic program", "folded", "largest error", 2e-8)),
    ],
)
def test_each_criterion_of_efficiency_can_fail(number, table):
    met = [declared(table).met for declared in measured.EFFICIENCY]
    assert not met[number]


def test_unrolling_that_is_accurate_fails_its_criterion():
    table = good_speed()
    table.loc[table["method"] == "unrolled", "largest error"] = 1e-13
    assert not measured.EFFICIENCY[5](table).met


@pytest.mark.parametrize(
    ("number", "figure", "column", "value"),
    [
        (0, measured.SPEED, "why", "some other reason"),
        (0, measured.SPEED, "answered", 1.0),
        (1, measured.NONCONVEX, "curvature", 1.0),
        (1, measured.NONCONVEX, "minimum", False),
        (2, measured.NONCONVEX, "error", 1e-5),
        (3, measured.SPEED, "answered", 0.5),
        (4, measured.LEARNING, "outcome", 0.7),
    ],
)
def test_each_criterion_of_expressiveness_can_fail(number, figure, column, value):
    tables = good_others() | {measured.SPEED: good_speed()}
    tables[figure] = tables[figure].assign(**{column: value})
    assert not measured.EXPRESSIVENESS[number](tables).met


def test_a_missing_seed_is_not_a_win():
    tables = good_others() | {measured.SPEED: good_speed()}
    tables[measured.LEARNING] = tables[measured.LEARNING].query("seed < 5")
    assert not measured.EXPRESSIVENESS[4](tables).met


def test_the_claims_of_the_inventory_are_there():
    assert [claim.id for claim in measured.CLAIMS] == ["folded-efficiency", "folded-expressiveness"]


def test_scopes_read_their_numbers_off_the_tables():
    tables = measured.recorded()
    table = tables[measured.SPEED]
    words = measured.efficiency_scope(table)
    mine = table[(table["problem"] == "total variation") & (table["batch"] == 256)].set_index("method")[
        "ms per problem"
    ]
    assert f"{mine['conic'] / mine['folded, by products']:.3g} at batch 256" in words
    assert measured.efficiency_scope(table.assign(**{"speed-up": 77.0})).count("77 at batch") == len(measured.BATCHES)
    assert "solvers of their own since" not in measured.efficiency_scope(table.assign(**{"largest error": 1e-12}))
    assert "cubic Taylor polynomial" in measured.expressiveness_scope(tables)
    assert " 50 %" in measured.expressiveness_scope(tables | {measured.SPEED: table.assign(answered=0.5)})


def test_the_conic_layer_has_small_median_errors_and_large_ones():
    table = measured.recorded()[measured.SPEED].query("method == 'conic' and answered > 0")
    assert table["gradient error"].max() < 1e-4 < table["largest error"].max()


def test_figures_can_be_drawn():
    speed = good_speed()
    figure = SPEED.plot(speed, speed.query("batch < 64"))
    assert len([panel for panel in figure.axes if panel.lines]) == len(measured.ALL)
    others = good_others()
    for experiment, table in ((LEARNING, others[measured.LEARNING]), (NONCONVEX, others[measured.NONCONVEX])):
        assert all(panel.lines for panel in experiment.plot(table, table).axes)


def test_a_problem_without_a_task_cannot_be_learned():
    with pytest.raises(ValueError, match="has no task"):
        LEARNING.measure(problem="total variation, 64 x 64", method="folded", seed=0, steps=1)


def test_an_unknown_benchmark_is_refused():
    with pytest.raises((BuildError, ValueError), match="folding"):
        benchmark("nothing")
