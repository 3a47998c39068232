"""Independent tasks, each in a fresh process, a few at a time."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

from duality.book.errors import BuildError, InputError

# One numerical thread per process: several processes share the cores without fighting over them.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "JUPYTER_PREFER_ENV_PATH": "1",
    "JUPYTER_PLATFORM_DIRS": "1",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}


@dataclass(frozen=True)
class Task:
    """`function(*arguments)` under a `name`; all of it must be picklable."""

    name: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class Outcome:
    """What a task returned, or the message with which it failed (then `error` is not None)."""

    name: str
    value: Any
    error: str | None


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_tasks(tasks: Sequence[Task], jobs: int) -> Iterator[Outcome]:
    """Run at most `jobs` tasks at a time and yield each outcome as it comes; a failure stops no other task.

    When the consumer stops or is interrupted, running tasks are ended. A task whose process dies without a
    word becomes a failed outcome.
    """
    context = multiprocessing.get_context("spawn")
    waiting = list(tasks)
    running: dict[Connection, tuple[str, Any]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                task = waiting.pop(0)
                here, there = context.Pipe(duplex=False)
                process = context.Process(target=_work, args=(there, task.function, task.arguments))
                process.start()
                there.close()
                running[here] = (task.name, process)
            for ready in wait(list(running)):
                assert isinstance(ready, Connection)
                name, process = running.pop(ready)
                yield _outcome(name, ready, process)
    finally:
        for _, process in running.values():
            process.terminate()


def _work(connection: Connection, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    os.environ.update(ENVIRONMENT)
    try:
        connection.send((function(*arguments), None))
    except (BuildError, InputError) as error:
        connection.send((None, str(error)))


def _outcome(name: str, connection: Connection, process: Any) -> Outcome:
    try:
        value, error = connection.recv()
    except EOFError:
        process.join()
        error = f"{name}: its process ended with code {process.exitcode}; a traceback, if any, is above"
        return Outcome(name, None, error)
    process.join()
    return Outcome(name, value, error)
