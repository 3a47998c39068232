import os
import time

import pytest

from duality.book.errors import BuildError
from duality.book.workers import Task, cores, run_tasks


def double(number: int) -> int:
    return 2 * number


def refuse(number: int) -> int:
    raise BuildError(f"no {number}")


def vanish(number: int) -> int:
    os._exit(7)


def threads() -> str:
    return os.environ["OMP_NUM_THREADS"]


def linger() -> None:
    time.sleep(600)


def test_failures_stop_no_other_task() -> None:
    tasks = [Task("bad", refuse, (1,)), Task("gone", vanish, (2,)), Task("good", double, (3,))]
    outcomes = {outcome.name: outcome for outcome in run_tasks(tasks, 2)}
    assert outcomes["good"].value == 6 and outcomes["good"].error is None
    assert outcomes["bad"].error == "no 1"
    assert "code 7" in (outcomes["gone"].error or "")


def test_numerical_threads_are_set_to_one() -> None:
    (outcome,) = run_tasks([Task("threads", threads, ())], 1)
    assert outcome.value == "1"
    assert cores() >= 1


def test_interruption_ends_running_tasks() -> None:
    outcomes = run_tasks([Task("good", double, (1,)), Task("long", linger, ())], 2)
    assert next(outcomes).name == "good"
    with pytest.raises(KeyboardInterrupt):
        outcomes.throw(KeyboardInterrupt())
    assert list(outcomes) == []
