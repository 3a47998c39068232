"""Training to the end: refusals, interruption and resumption, divergence, progress."""

from __future__ import annotations

import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

from duality.ensemble import Schedule, Spectral, TensorProgram, fused_engine, models, train, training
from duality.hybrid.problem import population

DATA = population(100)
PROBLEM = Spectral(DATA.z, DATA.U, DATA.b, DATA.lam, 4, 20)
AXES = {
    "algorithm": ["GD", "NAG"], "k": [2, 5], "optimizer": ["Adam", "SGD"], "rate": [1e-3], "seed": [1, 2],
    "step": [1.0], "step_low": [0.1], "step_high": [1.2],
}  # fmt: skip
TABLE = models(**AXES)
SCHEDULE = Schedule(60, batch=10, evaluate=(20, 60))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"algorithm": ["SGD"]}, "algorithm = 'SGD' is unknown; take one of: GD, NAG, RNN"),
        ({"optimizer": ["LBFGS"]}, "optimizer = 'LBFGS' is unknown"),
        ({"k": [0]}, "k must be whole numbers, 1 or larger"),
        ({"k": [1.5]}, "k must be whole numbers"),
        ({"seed": [-1]}, "seed must be whole numbers, 0 or larger"),
        ({"rate": [0.0]}, "rate must be positive and finite, not 0.0"),
        ({"rate": [float("inf")]}, "rate must be positive and finite, not inf"),
        ({"rate": [float("nan")]}, "rate must be positive and finite, not nan"),
        ({"step": [2.0]}, "step must lie in"),
        ({"rate": []}, "no rows"),
    ],
)
def test_bad_settings_are_refused_before_training(changed, message):
    with pytest.raises(ValueError, match=message):
        models(**AXES | changed)


def test_a_missing_column_is_named():
    with pytest.raises(ValueError, match="lacks rate"):
        train(fused_engine(PROBLEM), TABLE.drop(columns="rate"), SCHEDULE)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"steps": 0}, "steps = 0"),
        ({"steps": 5, "batch": 0}, "batch = 0"),
        ({"steps": 5, "decay": -1.0}, "decay = -1.0"),
        ({"steps": 5, "evaluate": (3, 2, 5)}, "must rise"),
        ({"steps": 5, "evaluate": (3,)}, "must rise from 1 or more to steps = 5"),
    ],
)
def test_bad_schedules_are_refused(given, message):
    with pytest.raises(ValueError, match=message):
        Schedule(**given)


def test_a_batch_that_does_not_divide_the_training_set_is_refused():
    for engine in (fused_engine(PROBLEM), TensorProgram(PROBLEM)):
        with pytest.raises(ValueError, match="batch = 15 must divide samples = 20"):
            train(engine, TABLE, Schedule(5, batch=15))


class Interrupted(Exception):
    pass


@pytest.mark.parametrize("engine", [fused_engine(PROBLEM), TensorProgram(PROBLEM, width=3)], ids=["compiled", "tensor"])
@pytest.mark.parametrize("after", [1, 3, 6])
def test_killed_and_started_again_the_result_is_the_same_to_the_last_bit(engine, after, tmp_path, monkeypatch):
    object.__setattr__(engine, "slice", 7)  # many places to stop at
    monkeypatch.setattr(training, "SECONDS", 0.0)
    whole = train(engine, TABLE, SCHEDULE)
    calls = 0

    def interrupt(done: int) -> None:
        nonlocal calls
        calls += 1
        if calls > after:
            raise Interrupted

    with pytest.raises(Interrupted):
        train(engine, TABLE, SCHEDULE, scratch=tmp_path, progress=interrupt)
    done: list[int] = []
    resumed = train(engine, TABLE, SCHEDULE, scratch=tmp_path, progress=done.append)
    pd.testing.assert_frame_equal(whole, resumed, check_exact=True)
    assert sum(done) == SCHEDULE.steps * len(TABLE)
    again: list[int] = []
    pd.testing.assert_frame_equal(whole, train(engine, TABLE, SCHEDULE, scratch=tmp_path, progress=again.append))
    assert len(again) == len(engine.groups(TABLE))  # nothing was left to do


LONG = """
import sys
from pathlib import Path
from duality.ensemble import Schedule, fused_engine, training
from test_training import PROBLEM, TABLE
training.SECONDS = 0.0
engine = fused_engine(PROBLEM)
training.train(engine, TABLE, Schedule(10**7, batch=10), scratch=Path(sys.argv[1]))
"""


def test_a_killed_process_leaves_work_that_is_taken_up(tmp_path, monkeypatch):
    """Killed from outside, not asked: whatever lies in the folder afterwards can be gone on with."""
    command = [sys.executable, "-c", LONG, str(tmp_path)]
    with subprocess.Popen(command, cwd=__file__.rpartition("/")[0]) as process:
        while not list(tmp_path.glob("*.npz")):
            assert process.poll() is None, "ended by itself"
            time.sleep(0.05)
        process.kill()
    (kept,) = list(tmp_path.glob("*.npz"))
    with np.load(kept) as stage:
        assert stage["step"] > 0 and np.isfinite(stage["parameters"]).all()


def test_threads_change_nothing():
    one, two = (train(fused_engine(PROBLEM), TABLE, SCHEDULE, threads=n) for n in (1, 2))
    pd.testing.assert_frame_equal(one, two, check_exact=True)


def test_other_data_does_not_take_up_work_that_was_kept(tmp_path):
    train(fused_engine(PROBLEM), TABLE, SCHEDULE, scratch=tmp_path)
    other = population(100, seed=9)
    problem = Spectral(other.z, other.U, other.b, other.lam, 4, 20)
    fresh, kept = (train(fused_engine(problem), TABLE, SCHEDULE, scratch=place) for place in (None, tmp_path))
    pd.testing.assert_frame_equal(fresh, kept, check_exact=True)


@pytest.mark.parametrize("make", [fused_engine, TensorProgram], ids=["compiled", "tensor"])
def test_a_diverged_model_is_marked_and_has_no_measures(make):
    table = TABLE.assign(rate=np.where(TABLE["optimizer"] == "SGD", 1e38, 1e-3))
    found = train(make(PROBLEM), table, SCHEDULE)
    lost = found["diverged"]
    assert lost.any() and (found.loc[lost, "optimizer"] == "SGD").all()
    assert found.loc[lost, "loss"].isna().all() and found.loc[~lost, "loss"].notna().all()
    once = found[found["steps"] == 20].reset_index()["diverged"]
    later = found[found["steps"] == 60].reset_index()["diverged"]
    assert (later | ~once).all()  # no way back


def test_progress_adds_up_to_all_model_steps():
    done: list[int] = []
    train(fused_engine(PROBLEM), TABLE, SCHEDULE, progress=done.append)
    assert sum(done) == SCHEDULE.steps * len(TABLE)
