"""The recorded experiments on folding: tidy, agreeing with quick runs, and showing what theory says they show."""

from __future__ import annotations

import json
from functools import cache
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from duality.book import figures
from duality.folding import hybrid_limit, hybrid_models, instances, krylov, meta, splitting
from duality.folding.experiments import (
    BACKWARD,
    EXPERIMENTS,
    HYBRID,
    KRYLOV,
    KRYLOV_TIME,
    LEARNING,
    MAML,
    NONCONVEX,
    SPEED,
    SPLITTING,
)
from duality.folding.layer import FoldedLayer
from duality.folding.plots.krylov import fixed_point_theory, krylov_theory
from duality.folding.rules import Dense, FixedPoint
from duality.folding.unrolled import UnrolledLayer
from duality.folding.update import Plain
from duality.hybrid.problem import population
from duality.ledger.registry import known_ids

ROOT = Path(__file__).parents[2]
BY_ID = {experiment.id: experiment for experiment in EXPERIMENTS}
TIMED = (KRYLOV_TIME.id, SPEED.id)  # seconds are neither run twice nor compared
REPEATABLE = [name for name in BY_ID if name not in TIMED]


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@cache
def quick(name: str) -> pd.DataFrame:
    return figures.run(BY_ID[name], BY_ID[name].parameters("quick"))


@cache
def recorded(name: str) -> pd.DataFrame:
    return figures.load(name, ROOT)[0]


@pytest.mark.parametrize("name", REPEATABLE)
def test_quick_rows_lie_in_the_recorded_band_and_all_of_them_are_recorded(name: str) -> None:
    assert figures.disagreements(BY_ID[name], recorded(name), quick(name)) == []
    assert len(recorded(name).merge(quick(name), on=list(BY_ID[name].keys))) == len(quick(name))


@pytest.mark.parametrize("name", REPEATABLE)
def test_the_band_sees_a_changed_result(name: str) -> None:
    wrong = quick(name).copy()
    wrong[BY_ID[name].value] = wrong[BY_ID[name].value] * (1 + 3 * BY_ID[name].band)
    assert figures.disagreements(BY_ID[name], recorded(name), wrong)


def test_the_band_sees_a_derivative_that_is_off_by_a_millionth() -> None:
    wrong = quick(NONCONVEX.id).assign(digits=6.0)
    assert len(figures.disagreements(NONCONVEX, recorded(NONCONVEX.id), wrong)) == len(wrong)


def test_nonconvex_programs_end_at_the_recorded_minima() -> None:
    both = recorded(NONCONVEX.id).merge(quick(NONCONVEX.id), on=list(NONCONVEX.keys))
    assert np.allclose(both["curvature_x"], both["curvature_y"], rtol=1e-3)


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


@pytest.mark.parametrize("name", REPEATABLE)
def test_measuring_twice_gives_the_same(name: str) -> None:
    piece = BY_ID[name].pieces(**BY_ID[name].parameters("quick"))[0]
    assert BY_ID[name].measure(**piece) == BY_ID[name].measure(**piece)


@pytest.mark.parametrize("name", BY_ID)
def test_every_figure_can_be_drawn_with_and_without_a_fresh_run(name: str) -> None:
    for fresh in (None, quick(name) if name in REPEATABLE else recorded(name)):
        figure = BY_ID[name].plot(recorded(name), fresh)
        assert figure.axes and all(axes.lines for axes in figure.axes)


def test_experiments_serve_known_claims_only() -> None:
    assert {claim for experiment in BY_ID.values() for claim in experiment.claims} <= set(known_ids())


@pytest.mark.parametrize(
    ("experiment", "change", "complaint"),
    [
        (BACKWARD, {"maps": ["Newton"]}, "unknown maps"),
        (SPLITTING, {"starts": ["cold"]}, "unknown"),
        (KRYLOV, {"spectra": ["odd"]}, "unknown spectra"),
        (HYBRID, {"depths": {"Adam": [1]}}, "unknown methods"),
        (MAML, {"shots": [5]}, "must be among"),
        (LEARNING, {"problems": ["total variation, 64 x 64"]}, "unknown problems"),
        (LEARNING, {"seeds": {"folded": 1, "guessed": 1}}, "unknown methods"),
        (SPEED, {"problems": ["sudoku"]}, "unknown problems"),
    ],
)
def test_parameters_that_do_not_fit_are_refused(experiment: figures.Experiment, change: dict, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        experiment.pieces(**experiment.parameters("quick") | change)


@pytest.mark.parametrize("name", sorted(set(instances.INSTANCES) - {"SQP"}))
def test_the_error_falls_at_the_rate_of_the_eigenvalues_that_the_gradient_sees(name: str) -> None:
    table = recorded(BACKWARD.id)
    rows = table[(table["map"] == name) & (table["error"] > 1e-10)]
    last, before = rows.iloc[-1], rows[rows["K"] <= 0.6 * rows["K"].iloc[-1]].iloc[-1]
    slope = np.log(last["error"] / before["error"]) / (last["K"] - before["K"])
    assert slope == pytest.approx(np.log(last["active"]), rel=0.1)
    assert last["error"] < 1e-7


def test_sqp_is_exact_at_once_and_two_maps_converge_with_spectral_radius_one() -> None:
    first = recorded(BACKWARD.id).groupby("map").first()
    assert first.loc["SQP", "error"] < 2e-11 and first.loc["SQP", "rho"] < 1e-12
    for name in ("ADMM, equality twice", "total variation"):
        assert first.loc[name, "rho"] == pytest.approx(1, abs=1e-9) and first.loc[name, "active"] < 0.96


@pytest.mark.parametrize("name", ["total variation", "ADMM, equality twice"])
def test_the_truth_at_spectral_radius_one_is_that_of_finite_differences(name: str) -> None:
    instance = instances.INSTANCES[name](np.random.default_rng([0, 1]))
    number = 0 if name == "total variation" else 1
    direction = torch.as_tensor(np.random.default_rng(3).standard_normal(instance.c[number].shape))
    values = []
    for sign in (1, -1):
        c = [value + sign * 1e-5 * direction if n == number else value for n, value in enumerate(instance.c)]
        x = instance.update.solution(instances._settled(instance.update, tuple(c)), *c)
        values.append(float((x * instance.v).sum()))
    before = sum(value.numel() for value in instance.c[:number])
    part = instance.truth[before : before + direction.numel()]
    assert (values[0] - values[1]) / 2e-5 == pytest.approx(float(part @ direction.flatten()), rel=1e-5)


@pytest.mark.parametrize("name", splitting.FAMILIES)
def test_the_parts_add_up_to_the_error_of_the_unrolled_jacobian(name: str) -> None:
    family = splitting.FAMILIES[name]()
    *_, found = islice(splitting.parts(family, family.start("zero")), 8)
    assert torch.allclose(found.total, found.forward + found.backward, atol=1e-12)
    step = Plain(lambda x, c: torch.func.vmap(family.step)(x, c), len(family.solution))
    layer = UnrolledLayer(step, 7)
    J = torch.func.jacrev(lambda c: layer(c[None])[0])(family.c)
    assert torch.allclose(J - found.J, found.total, atol=1e-12)


def test_unrolling_from_the_solution_has_a_backward_part_alone_and_from_far_away_it_first_grows() -> None:
    table = recorded(SPLITTING.id).pivot_table(index=["family", "start", "K"], columns="quantity", values="value")
    warm, cold, far = (table.loc["curvature", start] for start in ("warm", "zero", "far"))
    assert (warm["forward"] < 2e-11).all() and np.allclose(warm["backward"], cold["backward"], rtol=1e-6)
    assert np.allclose(warm["total"], warm["backward"], rtol=1e-6)
    assert cold.loc[200, "total"] > 10 * cold.loc[200, "solution"]
    assert far["total"].max() > 3 * far["total"].iloc[0] and far["solution"].is_monotonic_decreasing


def test_the_law_k_q_to_the_k_of_the_forward_part() -> None:
    """Where c bends the energy, forward over backward grows linearly in K."""
    table = recorded(SPLITTING.id).pivot_table(index=["family", "start", "K"], columns="quantity", values="value")
    cold = table.loc["curvature", "zero"]
    ratio = (cold["forward"] / cold["backward"]).loc[100:300]
    line = np.polyfit(ratio.index, ratio, 1)
    assert np.abs(np.polyval(line, ratio.index) / ratio - 1).max() < 0.02 and line[0] > 0.03


def test_the_closed_form_of_the_fixed_point_iteration_is_the_rule() -> None:
    problem = krylov.system("even", "1/L", 30, 8, 3, 0)
    rule = FixedPoint(krylov.NEVER, 25)
    direct = krylov.rule_errors(rule, problem, problem.w)
    assert torch.allclose(krylov.fixed_point_errors(problem, 25), direct, rtol=1e-10)


def test_the_number_of_products_is_the_first_that_suffices() -> None:
    errors = [1.0, 0.5, 0.2, 0.1, 0.01]
    assert krylov.needed(lambda k: errors[k], 0.2, 4) == 2
    assert krylov.needed(lambda k: errors[k], 1e-3, 4) == 5


def test_products_follow_the_two_theories() -> None:
    table = recorded(KRYLOV.id)
    counts = table[table["part"] == "products"].set_index(["spectrum", "rule", "kappa"])["value"].sort_index()
    for name in krylov.SPECTRA:
        fixed = counts[name, "fixed point"]
        assert np.allclose(fixed, fixed_point_theory(fixed.index.to_numpy(float)), rtol=0.15)
        assert (counts[name, "CG"] <= 1.15 * krylov_theory(counts[name, "CG"].index.to_numpy(float))).all()
        assert (counts[name, "GMRES"] <= 100).all()


def test_the_known_setting_comes_out_for_one_spectrum_and_one_step() -> None:
    table = recorded(KRYLOV.id)
    known = table[table["part"] == "known"].set_index(["spectrum", "step", "rule"])["value"]
    close = [key for key, value in known.items() if key[2] in ("fixed point", "unrolled") and abs(value - 0.265) < 1e-3]
    assert {key[:2] for key in close} == {("even in the logarithm", "1/L")} and len(close) == 2
    assert known["even in the logarithm", "1/L", "GMRES, double"] < 2e-11
    assert 5e-6 < known["even in the logarithm", "1/L", "GMRES, single"] < 4e-5


@cache
def small_hybrid() -> tuple[hybrid_models.Weights, hybrid_models.Data]:
    return hybrid_models.start(16, [0, 1]), hybrid_models.training_data(population(200), [0, 1], 50)


@pytest.mark.parametrize("method", hybrid_models.MAPS)
def test_folded_and_deep_unrolled_models_have_the_gradient_of_the_exact_minimizer(method: str) -> None:
    weights, data = small_hybrid()
    exact = hybrid_models.gradient(hybrid_models.exact, weights, data)
    for output in (hybrid_models.folded(method), hybrid_models.unrolled(method, 400)):
        for found, truth in zip(hybrid_models.gradient(output, weights, data), exact, strict=True):
            assert torch.allclose(found, truth, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("k", [1, 2, 7])
@pytest.mark.parametrize("method", hybrid_models.MAPS)
def test_folding_too_early_is_what_a_layer_without_a_check_does(method: str, k: int) -> None:
    weights, data = small_hybrid()
    lam = hybrid_models.eigenvalues(weights, data.z).detach().reshape(-1, 5).requires_grad_()
    b = data.b.reshape(-1, 5)

    def solver(lam: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        states = hybrid_models.last_iterates(method, k, lam, b)
        return torch.cat(states, dim=-1) if method == "NAG" else states[0]

    layer = FoldedLayer(solver, hybrid_models.MAPS[method](), Dense(), tolerance=1e9)
    found, short = layer(lam, b), hybrid_models.too_early(method, k)(lam, b)
    assert torch.allclose(found, short, rtol=1e-12)
    slopes = [torch.autograd.grad((x**2).sum(), lam)[0] for x in (found, short)]
    assert torch.allclose(*slopes, rtol=1e-11)
    if method == "GD" and k > 1:
        true = torch.autograd.grad((hybrid_models.unrolled("GD", k)(lam, b) ** 2).sum(), lam)[0]
        inner = lam.detach()[:, :3]
        ratio = (slopes[0] / true)[:, :3]
        assert torch.allclose(ratio, torch.as_tensor(hybrid_limit.bias(inner, k)), rtol=1e-8) and (ratio > 1).all()


def test_the_bounds_of_both_methods_end_at_the_bound_of_the_statement() -> None:
    for n in (100, 10**6):
        limit = hybrid_limit.limit_bound(n, 0.3, 50.0)
        for method in hybrid_models.MAPS:
            assert hybrid_limit.repaired_bound(method, 200, n, 0.3, 50.0) == pytest.approx(limit, rel=1e-6)
            assert hybrid_limit.repaired_bound(method, 3, n, 0.3, 50.0) != pytest.approx(limit, rel=1e-2)


def given_tasks(shots: int) -> tuple[meta.Tasks, torch.Tensor]:
    start = torch.as_tensor(np.random.default_rng(1).standard_normal(10))
    return meta.tasks(meta.features(10), 4, shots, np.random.default_rng(0)), start


@pytest.mark.parametrize("shots", [4, 60])
def test_implicit_maml_has_the_gradient_of_the_closed_form(shots: int) -> None:
    given, start = given_tasks(shots)
    at = start.clone().requires_grad_()
    loss = given.losses(meta.minimizer(0.1, given.Phi, given.y, at[None])).mean()
    assert torch.allclose(
        meta.meta_gradient(meta.Implicit(0.1), given, start), torch.autograd.grad(loss, at)[0], rtol=1e-7
    )


@pytest.mark.parametrize("shots", [4, 60])
@pytest.mark.parametrize("lam", [0.0, 0.1])
def test_meta_gradients_tend_to_their_limit_at_the_predicted_rate(shots: int, lam: float) -> None:
    table = recorded(MAML.id)
    rows = table[(table["part"] == "gradient") & (table["shots"] == shots) & (table["lam"] == lam)]
    distance = rows[(rows["quantity"] == "distance") & (rows["value"] > 1e-10)].set_index("k")["value"]
    late, early = distance.index[-1], distance.index[-3]
    slope = np.log(distance[late] / distance[early]) / (late - early)
    assert slope == pytest.approx(np.log(rows["rate"].iloc[0]), rel=0.12)
    length = rows[rows["quantity"] == "length"].set_index("k")["value"]
    assert (length.iloc[-1] < 1e-8) == (shots == 60 and lam == 0)
