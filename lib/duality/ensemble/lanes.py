"""The engine for the spectral architecture on a processor: sixteen models at a time in the lanes of one core."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from duality.ensemble import fused
from duality.ensemble.models import Schedule, Stage
from duality.ensemble.program import Engine
from duality.ensemble.simd import LANES
from duality.ensemble.spectral import LEARNED, Spectral

NAMES = ("loss", "loss_square", "q_error", "q_error_square", "q_error_spectral")
Samples = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class FusedEngine(Engine):
    """Compiled training steps. Models of a group share seed and algorithm; groups run side by side in threads.

    Raises `ValueError` when the points, the training set or (in `advance`) the batch are not multiples of five.
    """

    architecture: Spectral
    slice: int = 2000

    def __post_init__(self) -> None:
        for name, size in (("points", self.architecture.points), ("samples", self.architecture.samples)):
            if size % fused.TILE:
                raise ValueError(
                    f"{name} = {size} must be a multiple of {fused.TILE}: samples are taken five at a time"
                )

    def groups(self, table: pd.DataFrame) -> list[np.ndarray]:
        """Up to sixteen models of one seed and algorithm each, similar k together.

        Raises `ValueError` for an algorithm other than GD and NAG.
        """
        if unknown := sorted(set(table["algorithm"]) - {"GD", "NAG"}):
            raise ValueError(f"algorithm = {unknown[0]} has no compiled layer; train it with TensorProgram")
        ordered = table.reset_index(drop=True).sort_values(["seed", "algorithm", "k"], kind="stable")
        found: list[np.ndarray] = []
        for _, rows in ordered.groupby(["seed", "algorithm"], sort=False):
            found += np.split(rows.index.to_numpy(), range(LANES, len(rows), LANES))
        return found

    @cached_property
    def _points(self) -> Samples:
        return self._samples(np.arange(self.architecture.points))

    def _samples(self, rows: np.ndarray) -> Samples:
        """Inputs, weights and targets of the points `rows`, in single precision."""
        a = self.architecture
        arrays = a.z[rows], a.weight[rows], 1 / a.lam[rows, :LEARNED]
        return tuple(np.ascontiguousarray(v, np.float32) for v in arrays)  # type: ignore[return-value]

    def advance(self, stage: Stage, group: pd.DataFrame, schedule: Schedule, steps: int) -> None:
        if schedule.batch % fused.TILE or self.architecture.samples % schedule.batch:
            raise ValueError(
                f"batch = {schedule.batch} must be a multiple of {fused.TILE} and divide samples = "
                f"{self.architecture.samples}"
            )
        seed = int(group["seed"].iloc[0])
        lanes = [_to_lanes(a) for a in (stage.parameters, stage.first, stage.second)]
        adam = _column((group["optimizer"] == "Adam").to_numpy())
        rate, low, high = (_column(group[name].to_numpy()) for name in ("rate", "step_low", "step_high"))
        fused.train(
            *lanes, stage.corrections, stage.step, steps, self.architecture.width,
            *self._samples(self.architecture.training_set(seed)), schedule.batch, seed, *_layer(group),
            self.architecture.mu, self.architecture.L, self.architecture.squash == "softmax",
            adam, rate, schedule.decay, low, high, bool((low < high).any()),
        )  # fmt: skip
        for target, source in zip((stage.parameters, stage.first, stage.second), lanes, strict=True):
            target[:] = source.reshape(-1, LANES).T[: len(group)]
        stage.step += steps

    def measure(self, stage: Stage, group: pd.DataFrame) -> Mapping[str, np.ndarray]:
        chosen = self.architecture.training_set(int(group["seed"].iloc[0]))
        trained = self._means(stage, group, self._samples(chosen), chosen)
        return {"train_loss": trained["loss"]} | self._means(
            stage, group, self._points, np.arange(self.architecture.points)
        )

    def _means(self, stage: Stage, group: pd.DataFrame, samples: Samples, rows: np.ndarray) -> dict[str, np.ndarray]:
        a, sums = self.architecture, np.zeros((fused.MEASURES, LANES))
        lam = np.ascontiguousarray(a.lam[rows, :LEARNED], np.float32)
        fused.measure(
            _to_lanes(stage.parameters), a.width, *samples, lam, *_layer(group), a.mu, a.L, a.squash == "softmax", sums
        )
        return dict(zip(NAMES, sums[:, : len(group)] / len(rows), strict=True))


def _layer(group: pd.DataFrame) -> tuple[np.ndarray, bool]:
    """The number of steps in each lane, and whether they are accelerated."""
    return _column(group["k"].to_numpy()), bool(group["algorithm"].iloc[0] == "NAG")


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
