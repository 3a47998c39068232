"""Training to the end: groups of models one by one or side by side, measured on the way, kept when interrupted."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from duality.ensemble.models import Schedule, Stage, check_models
from duality.ensemble.program import Engine

SECONDS = 20.0  # between two savings of unfinished work
Progress = Callable[[int], Any]  # takes the number of model steps just done


def train(
    engine: Engine,
    table: pd.DataFrame,
    schedule: Schedule,
    *,
    threads: int = 1,
    scratch: Path | None = None,
    progress: Progress = lambda done: None,
) -> pd.DataFrame:
    """Train all models of `table` and measure them at the steps `schedule.evaluate`.

    Returns one row per model and measurement: the columns of the table, `steps`, the learned `step_size`, `diverged`,
    and the measures of the engine. A model whose parameters or measures leave the finite numbers is marked `diverged`
    and has no measures from there on. With `scratch`, a folder, work is kept there at least every twenty seconds, and
    training the same models again goes on where it stopped, with the same result to the last bit. Raises `ValueError`
    for a bad table before anything is trained.
    """
    check_models(table)
    if engine.architecture.samples % schedule.batch:
        raise ValueError(f"batch = {schedule.batch} must divide samples = {engine.architecture.samples}")
    table = table.reset_index(drop=True)
    kept = None if scratch is None else _Folder(scratch, engine, schedule)
    jobs = [_Job(engine, table.iloc[rows], schedule, kept, progress) for rows in engine.groups(table)]
    found = pd.concat(list(_side_by_side(jobs, threads)))
    return found.sort_values(["model", "steps"], kind="stable").drop(columns="model").reset_index(drop=True)


def _side_by_side(jobs: list[_Job], threads: int) -> Iterator[pd.DataFrame]:
    if threads == 1:
        yield from (job.run() for job in jobs)
        return
    with ThreadPoolExecutor(threads) as pool:
        waiting = {pool.submit(job.run) for job in jobs}
        try:
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        finally:
            for job in jobs:
                job.stopped = True
            pool.shutdown(cancel_futures=True)


class _Folder:
    """Where unfinished work is kept, under names that change with anything the result depends on."""

    def __init__(self, place: Path, engine: Engine, schedule: Schedule) -> None:
        self.place = place
        self.described = [type(engine).__name__, engine.architecture.fingerprint(), repr(schedule)]

    def path(self, group: pd.DataFrame) -> Path:
        described = json.dumps([*self.described, group.to_json(double_precision=15)])
        return self.place / f"{hashlib.sha256(described.encode()).hexdigest()[:20]}.npz"


@dataclass
class _Job:
    """One group on its way."""

    engine: Engine
    group: pd.DataFrame
    schedule: Schedule
    kept: _Folder | None
    progress: Progress
    stopped: bool = False

    def run(self) -> pd.DataFrame:
        stage, rows = self._resumed() or (self.engine.start(self.group), [])
        saved = time.monotonic()
        self.progress(stage.step * len(self.group))
        for goal in self.schedule.evaluate:
            while stage.step < goal and not self.stopped:
                steps = min(self.engine.slice, goal - stage.step)
                self.engine.advance(stage, self.group, self.schedule, steps)
                self.progress(steps * len(self.group))
                if time.monotonic() - saved > SECONDS:
                    self._save(stage, rows)
                    saved = time.monotonic()
            if stage.step == goal and len(rows) <= self.schedule.evaluate.index(goal):
                rows.append(self._measured(stage))
        self._save(stage, rows)
        return pd.concat(rows) if rows else pd.DataFrame()

    def _measured(self, stage: Stage) -> pd.DataFrame:
        measures = dict(self.engine.measure(stage, self.group))
        finite = np.isfinite(stage.parameters).all(axis=1) & np.isfinite(list(measures.values())).all(axis=0)
        steps = {"steps": stage.step, "step_size": stage.parameters[:, -1].astype(float), "diverged": ~finite}
        masked = {name: np.where(finite, value, np.nan) for name, value in measures.items()}
        return self.group.assign(model=self.group.index, **steps, **masked)

    def _path(self) -> Path | None:
        return None if self.kept is None else self.kept.path(self.group)

    def _save(self, stage: Stage, rows: list[pd.DataFrame]) -> None:
        path = self._path()
        if path is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = [part.reset_index(names="at").to_dict("list") for part in rows]  # JSON keeps every bit of a float
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            np.savez(file, rows=np.array(json.dumps(kept)), **vars(stage))
        part.replace(path)

    def _resumed(self) -> tuple[Stage, list[pd.DataFrame]] | None:
        path = self._path()
        if path is None or not path.is_file():
            return None
        with np.load(path) as kept:
            arrays = {name: kept[name] for name in ("parameters", "first", "second", "corrections")}
            stage = Stage(**arrays, step=int(kept["step"]))
            rows = json.loads(str(kept["rows"]))
        return stage, [pd.DataFrame(part).set_index("at").rename_axis(None) for part in rows]
