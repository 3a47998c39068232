"""The engines agree with each other, with the plain loop, and with finite differences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from duality.ensemble import Schedule, Spectral, TensorProgram, fused_engine, models, train
from duality.ensemble.given import LearnedStep, Recurrent
from duality.ensemble.program import Architecture, Engine
from duality.ensemble.reference import train_one
from duality.hybrid.problem import energies, population

DATA, PROBLEMS = population(200), energies(100)
SCHEDULE = Schedule(24, batch=10, decay=0.01, evaluate=(8, 24))
COMMON = {"optimizer": ["Adam", "SGD"], "step": [1.0], "step_low": [0.1], "step_high": [1.2]}
SPECTRAL = models(algorithm=["GD", "NAG"], k=[1, 2, 3, 8, 30], rate=[1e-3], seed=[3, 4], **COMMON)
CELLS = models(algorithm=["RNN"], k=[1, 2, 5], rate=[1e-3, 1e-4], seed=[3, 4], **COMMON)
STEPS = models(algorithm=["GD", "NAG"], k=[1, 2, 5, 30], rate=[1e-3], seed=[3], **COMMON)
NOT_MEASURES = {"algorithm", "optimizer", "diverged", "k", "seed", "rate", "steps", "step", "step_low", "step_high"}


def spectral(width: int, squash: str = "sigmoid") -> Spectral:
    return Spectral(DATA.z, DATA.U, DATA.b, DATA.lam, width, 20, squash)


ARCHITECTURES = {
    "width 0": (spectral(0), SPECTRAL),
    "width 16": (spectral(16), SPECTRAL),
    "width 7, softmax": (spectral(7, "softmax"), SPECTRAL),
    "cell": (Recurrent(PROBLEMS, 20, 6), CELLS),
    "step": (LearnedStep(PROBLEMS, 20, 0.1), STEPS),
}


def precise(architecture: Architecture) -> TensorProgram:
    return TensorProgram(architecture, dtype=torch.float64, width=7)


def parameters(engine: Engine, table: pd.DataFrame, steps: int, schedule: Schedule = SCHEDULE) -> np.ndarray:
    """The parameters of all models of `table` after some steps, in its order."""
    found = [None] * len(table)
    for rows in engine.groups(table):
        group = table.iloc[rows]
        stage = engine.start(group)
        engine.advance(stage, group, schedule, steps)
        for row, values in zip(rows, stage.parameters, strict=True):
            found[row] = values
    return np.stack(found)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_compiled_engine_agrees_with_the_tensor_program_in_double_precision(name):
    architecture, table = ARCHITECTURES[name]
    fast = train(fused_engine(architecture), table, SCHEDULE, threads=2)
    slow = train(precise(architecture), table, SCHEDULE)
    assert len(fast) == len(slow) == 2 * len(table)
    measures = [column for column in slow if column not in NOT_MEASURES]
    assert "loss" in measures and not fast["diverged"].any()
    # a loss is a difference of outputs up to 50 in size, whose single-precision rounding is a few 1e-6
    assert np.allclose(fast[measures], slow[measures], rtol=2e-3, atol=5e-5)
    early = fast["steps"] == 8  # before rounding has grown
    assert np.allclose(fast.loc[early, measures], slow.loc[early, measures], rtol=1e-4, atol=5e-5)


@pytest.mark.parametrize("name", ["width 0", "width 16", "width 7, softmax"])
def test_the_tensor_program_agrees_with_the_plain_loop_over_matrices(name):
    architecture, table = ARCHITECTURES[name]
    chosen = table.sample(6, random_state=0).reset_index(drop=True)
    together = parameters(precise(architecture), chosen, SCHEDULE.steps)
    alone = [train_one(architecture, row, SCHEDULE, torch.float64) for row in chosen.to_dict("records")]
    assert np.allclose(together, np.stack(alone), rtol=1e-6, atol=1e-6)  # kept in single precision


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_one_small_step_of_plain_descent_moves_along_the_finite_differences(name):
    architecture, table = ARCHITECTURES[name]
    rate, whole = 1e-2, Schedule(1, batch=architecture.samples)
    one = table[(table["optimizer"] == "SGD") & (table["k"] == table["k"].max())].head(1)
    one = one.assign(rate=rate, step_low=1e-3, step_high=10.0, step=0.9)
    engine = fused_engine(architecture)
    before, stage = engine.start(one), engine.start(one)
    engine.advance(stage, one, whole, 1)
    gradient = (before.parameters - stage.parameters)[0].astype(float) / rate
    rng = np.random.default_rng(0)
    for direction in rng.standard_normal((4, architecture.size)):
        if name == "cell":
            direction[-1] = 0.0  # a cell has no step size
        ends = []
        for sign in (1, -1):
            shifted = precise(architecture).start(one)
            values = before.parameters.astype(float) + sign * 1e-5 * direction
            shifted = replace(shifted, parameters=values)
            ends.append(precise(architecture).measure(shifted, one)["train_loss"][0])
        slope = (ends[0] - ends[1]) / 2e-5
        assert np.isclose(gradient @ direction, slope, rtol=2e-3, atol=2e-3)


def test_nothing_can_be_learned_from_one_step_but_the_step_size():
    """k = 1 does not see the energy: x_1 = -s b."""
    table = SPECTRAL[(SPECTRAL["k"] == 1) & (SPECTRAL["optimizer"] == "Adam")]
    engine = fused_engine(spectral(16))
    moved = parameters(engine, table, 20, Schedule(20, batch=10)) - parameters(engine, table, 0)
    assert (moved[:, :-1] == 0).all() and np.abs(moved[:, -1]).min() > 1e-3


def test_a_model_does_not_depend_on_its_company():
    engine = fused_engine(spectral(16))
    everyone = train(engine, SPECTRAL, SCHEDULE)
    some = SPECTRAL.iloc[[1, 8, 17]]
    alone = train(engine, some, SCHEDULE)
    both = everyone.merge(alone, on=["algorithm", "k", "optimizer", "seed", "steps"], suffixes=("", "_alone"))
    assert len(both) == 6 and (both["loss"] == both["loss_alone"]).all()


def test_the_step_size_stays_in_its_range_or_is_not_learned():
    kept = SPECTRAL.assign(step_low=0.99, step_high=1.01, rate=1.0)
    found = train(fused_engine(spectral(0)), kept, SCHEDULE)
    assert found["step_size"].between(np.float32(0.99), np.float32(1.01)).all() and found["step_size"].nunique() > 1
    fixed = train(fused_engine(spectral(0)), SPECTRAL.assign(step_low=1.0, step_high=1.0), SCHEDULE)
    assert (fixed["step_size"] == 1.0).all()


def test_training_sets_and_orders_are_samples_without_repetition():
    chosen = spectral(0).training_set(5)
    assert len(set(chosen)) == 20 and (chosen < 200).all()
    assert set(chosen) != set(spectral(0).training_set(6))


def test_bad_problems_are_refused():
    with pytest.raises(ValueError, match="width = -1"):
        spectral(-1)
    with pytest.raises(ValueError, match="squash = 'relu'"):
        spectral(0, "relu")
    with pytest.raises(ValueError, match="samples = 201 must lie between 1 and the 200 points"):
        Spectral(DATA.z, DATA.U, DATA.b, DATA.lam, 0, 201)
    with pytest.raises(ValueError, match=r"lam has shape \(200, 3\)"):
        Spectral(DATA.z, DATA.U, DATA.b, DATA.lam[:, :3], 0, 20)
    with pytest.raises(ValueError, match="samples = 21 must be a multiple of 5"):
        fused_engine(Spectral(DATA.z, DATA.U, DATA.b, DATA.lam, 0, 21))
    with pytest.raises(ValueError, match="algorithm = RNN cannot be trained here"):
        train(fused_engine(spectral(0)), CELLS, SCHEDULE)
