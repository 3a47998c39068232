"""The engines for a processor: sixteen models at a time in the lanes of one core."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from duality.ensemble import fused, fused_given
from duality.ensemble.fused_tiles import TILE
from duality.ensemble.given import LearnedStep, Recurrent
from duality.ensemble.models import Schedule, Stage
from duality.ensemble.program import Architecture, Engine
from duality.ensemble.simd import LANES
from duality.ensemble.spectral import LEARNED, Spectral

LOSSES = ("loss", "loss_square")
Samples = tuple[np.ndarray, ...]


@dataclass(frozen=True)
class Lanes:
    """A group of models as the compiled steps take it; arrays are flat, (size * 16,), or one number per lane."""

    parameters: np.ndarray
    first: np.ndarray
    second: np.ndarray
    k: np.ndarray
    accelerated: bool
    adam: np.ndarray
    rate: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def of(cls, stage: Stage, group: pd.DataFrame) -> Lanes:
        parameters, first, second = (_to_lanes(a) for a in (stage.parameters, stage.first, stage.second))
        rate, low, high = (_column(group[name].to_numpy()) for name in ("rate", "step_low", "step_high"))
        adam = _column((group["optimizer"] == "Adam").to_numpy())
        accelerated = bool(group["algorithm"].iloc[0] == "NAG")
        return cls(parameters, first, second, _column(group["k"].to_numpy()), accelerated, adam, rate, low, high)


class LaneEngine(Engine):
    """Compiled training steps. Models of a group share seed and algorithm; groups run side by side in threads.

    Raises `ValueError` when points, training set or (in `advance`) batch are not multiples of five.
    """

    algorithms: tuple[str, ...]
    measures: tuple[str, ...]

    def __post_init__(self) -> None:
        for name, size in (("points", self.architecture.points), ("samples", self.architecture.samples)):
            if size % TILE:
                raise ValueError(f"{name} = {size} must be a multiple of {TILE}: samples go five at a time")

    def groups(self, table: pd.DataFrame) -> list[np.ndarray]:
        """Up to sixteen models of one seed and algorithm each, similar k together; the deepest first, so that no core
        waits for them in the end.

        Raises `ValueError` for an algorithm that this engine has no compiled step for.
        """
        if unknown := sorted(set(table["algorithm"]) - set(self.algorithms)):
            raise ValueError(f"algorithm = {unknown[0]} cannot be trained here; take {' or '.join(self.algorithms)}")
        ordered = table.reset_index(drop=True).sort_values(["seed", "algorithm", "k"], kind="stable")
        found: list[np.ndarray] = []
        for _, rows in ordered.groupby(["seed", "algorithm"], sort=False):
            found += np.split(rows.index.to_numpy(), range(LANES, len(rows), LANES))
        k = table["k"].to_numpy()
        return sorted(found, key=lambda rows: -int(k[rows].max()))

    def advance(self, stage: Stage, group: pd.DataFrame, schedule: Schedule, steps: int) -> None:
        if schedule.batch % TILE or self.architecture.samples % schedule.batch:
            raise ValueError(
                f"batch = {schedule.batch} must be a multiple of {TILE} and divide samples = "
                f"{self.architecture.samples}"
            )
        seed, lanes = int(group["seed"].iloc[0]), Lanes.of(stage, group)
        samples = self.chosen(self.architecture.training_set(seed))
        self.run(lanes, samples, stage, schedule, steps, seed)
        targets = (stage.parameters, stage.first, stage.second)
        for target, source in zip(targets, (lanes.parameters, lanes.first, lanes.second), strict=True):
            target[:] = source.reshape(-1, LANES).T[: len(group)]
        stage.step += steps

    def measure(self, stage: Stage, group: pd.DataFrame) -> Mapping[str, np.ndarray]:
        lanes = Lanes.of(stage, group)
        trained = self.chosen(self.architecture.training_set(int(group["seed"].iloc[0])))
        means = []
        for samples in (trained, self._everything):
            sums = np.zeros((len(self.measures), LANES))
            self.add_up(lanes, samples, sums)
            means.append(dict(zip(self.measures, sums[:, : len(group)] / len(samples[0]), strict=True)))
        return {"train_loss": means[0]["loss"]} | means[1]

    @cached_property
    def _everything(self) -> Samples:
        return self.chosen(np.arange(self.architecture.points))

    @abstractmethod
    def chosen(self, rows: np.ndarray) -> Samples:
        """The points `rows` as the compiled step takes them."""

    @abstractmethod
    def run(self, lanes: Lanes, samples: Samples, stage: Stage, schedule: Schedule, steps: int, seed: int) -> None:
        """Call the compiled step; `lanes` and the corrections of `stage` are changed in place."""

    @abstractmethod
    def add_up(self, lanes: Lanes, samples: Samples, sums: np.ndarray) -> None:
        """Add the measures of all samples to `sums`, (measures, 16)."""


@dataclass(frozen=True)
class FusedEngine(LaneEngine):
    """For the spectral architecture, GD and NAG."""

    architecture: Spectral
    slice: int = 2000
    algorithms: tuple[str, ...] = ("GD", "NAG")
    measures: tuple[str, ...] = (*LOSSES, "q_error", "q_error_square", "q_error_spectral")

    def chosen(self, rows: np.ndarray) -> Samples:
        """Inputs, weights, targets and true eigenvalues."""
        a = self.architecture
        return _single(a.z[rows], a.weight[rows], 1 / a.lam[rows, :LEARNED], a.lam[rows, :LEARNED])

    def run(self, lanes: Lanes, samples: Samples, stage: Stage, schedule: Schedule, steps: int, seed: int) -> None:
        a, learned = self.architecture, bool((lanes.low < lanes.high).any())
        fused.train(
            lanes.parameters, lanes.first, lanes.second, stage.corrections, stage.step, steps, a.width, *samples[:3],
            schedule.batch, seed, lanes.k, lanes.accelerated, a.mu, a.L, a.squash == "softmax",
            lanes.adam, lanes.rate, schedule.decay, lanes.low, lanes.high, learned,
        )  # fmt: skip

    def add_up(self, lanes: Lanes, samples: Samples, sums: np.ndarray) -> None:
        a = self.architecture
        fused.measure(
            lanes.parameters, a.width, *samples, lanes.k, lanes.accelerated, a.mu, a.L, a.squash == "softmax", sums
        )


@dataclass(frozen=True)
class FusedRecurrentEngine(LaneEngine):
    """For recurrent cells on given energies."""

    architecture: Recurrent
    slice: int = 200
    algorithms: tuple[str, ...] = ("RNN",)
    measures: tuple[str, ...] = LOSSES

    def chosen(self, rows: np.ndarray) -> Samples:
        """Energies, linear terms and minimizers."""
        problems = self.architecture.problems
        return _single(problems.Q[rows], problems.b[rows], problems.minimizer[rows])

    def run(self, lanes: Lanes, samples: Samples, stage: Stage, schedule: Schedule, steps: int, seed: int) -> None:
        fused_given.train_recurrent(
            lanes.parameters, lanes.first, lanes.second, stage.corrections, stage.step, steps, self.architecture.width,
            *samples, schedule.batch, seed, lanes.k, lanes.adam, lanes.rate, schedule.decay, lanes.low, lanes.high,
        )  # fmt: skip

    def add_up(self, lanes: Lanes, samples: Samples, sums: np.ndarray) -> None:
        fused_given.measure_recurrent(lanes.parameters, self.architecture.width, *samples, lanes.k, sums)


@dataclass(frozen=True)
class FusedStepEngine(LaneEngine):
    """For GD and NAG on given energies, whose step size is learned."""

    architecture: LearnedStep
    slice: int = 5000
    algorithms: tuple[str, ...] = ("GD", "NAG")
    measures: tuple[str, ...] = LOSSES

    def chosen(self, rows: np.ndarray) -> Samples:
        """Eigenvalues and weights."""
        return _single(self.architecture.problems.lam[rows], self.architecture.problems.weight[rows])

    def run(self, lanes: Lanes, samples: Samples, stage: Stage, schedule: Schedule, steps: int, seed: int) -> None:
        fused_given.train_step(
            lanes.parameters, lanes.first, lanes.second, stage.corrections, stage.step, steps, *samples,
            schedule.batch, seed, lanes.k, lanes.accelerated, self.architecture.mu,
            lanes.adam, lanes.rate, lanes.low, lanes.high,
        )  # fmt: skip

    def add_up(self, lanes: Lanes, samples: Samples, sums: np.ndarray) -> None:
        fused_given.measure_step(lanes.parameters, *samples, lanes.k, lanes.accelerated, self.architecture.mu, sums)


def fused_engine(architecture: Architecture) -> LaneEngine:
    """The compiled engine for an architecture. Raises `ValueError` when there is none."""
    match architecture:
        case Spectral():
            return FusedEngine(architecture)
        case Recurrent():
            return FusedRecurrentEngine(architecture)
        case LearnedStep():
            return FusedStepEngine(architecture)
    raise ValueError(f"{type(architecture).__name__} has no compiled step; train it with TensorProgram")


def _single(*arrays: np.ndarray) -> Samples:
    return tuple(np.ascontiguousarray(values, np.float32) for values in arrays)


def _column(values: np.ndarray) -> np.ndarray:
    """One number per lane; lanes without a model repeat the first."""
    lanes = np.full(LANES, values[0], np.float32)
    lanes[: len(values)] = values
    return lanes


def _to_lanes(values: np.ndarray) -> np.ndarray:
    """(models, size) as the flat (size * 16,) of the kernel; lanes without a model repeat the first."""
    lanes = np.repeat(values[:1], LANES, axis=0).astype(np.float32)
    lanes[: len(values)] = values
    return np.ascontiguousarray(lanes.T).ravel()
