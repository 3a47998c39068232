"""Models as one axis of a tensor program: the engine for any architecture and any device."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from duality.ensemble.models import BETA1, BETA2, EPSILON, Schedule, Stage
from duality.ensemble.shuffle import shuffle

LOSSES = ("loss", "loss_square")
AT_ONCE = 250  # samples that are measured at once


@dataclass(frozen=True)
class Batch:
    """Which samples (rows, (m, B)) which models see, and their algorithms: k and NAG or not, both (m,).

    The largest k is `depth`; `momentum` says whether any of the models is accelerated.
    """

    rows: Tensor
    k: Tensor
    accelerated: Tensor
    depth: int
    momentum: bool


class Architecture(ABC):
    """What the parameters of a model mean. The last one is the step size of the algorithm layer; a layer without a
    step size carries it along unused. The training set of a seed is `samples` of the `points`.
    """

    samples: int

    @property
    @abstractmethod
    def size(self) -> int:
        """The number of parameters of one model."""

    @property
    @abstractmethod
    def points(self) -> int:
        """The number of points of the whole data set."""

    @abstractmethod
    def start(self, seed: int) -> np.ndarray:
        """The parameters, (size,), that training starts from."""

    @abstractmethod
    def prepare(self, device: torch.device, dtype: torch.dtype) -> Mapping[str, Tensor]:
        """The data set as tensors."""

    @abstractmethod
    def losses(self, parameters: Tensor, data: Mapping[str, Tensor], batch: Batch) -> Tensor:
        """The loss, (m, B), of the models with `parameters`, (m, size), on their batches."""

    def measures(self, parameters: Tensor, data: Mapping[str, Tensor], batch: Batch) -> Mapping[str, Tensor]:
        """What else is worth measuring, by name, each (m, B)."""
        return {}

    def training_set(self, seed: int) -> np.ndarray:
        """The points, (samples,), that the models of a seed train on."""
        return np.random.default_rng([seed, 0]).choice(self.points, self.samples, replace=False)


class Engine(ABC):
    """Advances models that train together. Groups are trained one after another, or side by side in threads."""

    architecture: Architecture
    slice: int  # optimizer steps between two looks at the clock

    @abstractmethod
    def groups(self, table: pd.DataFrame) -> list[np.ndarray]:
        """Positions in the table of the models that train together, one array per group."""

    @abstractmethod
    def advance(self, stage: Stage, group: pd.DataFrame, schedule: Schedule, steps: int) -> None:
        """Train the models of `group`, which stand at `stage`, for `steps` optimizer steps, in place."""

    @abstractmethod
    def measure(self, stage: Stage, group: pd.DataFrame) -> Mapping[str, np.ndarray]:
        """Means over the training set (`train_loss`) and over all points (the others), by name, each (m,)."""

    def start(self, group: pd.DataFrame) -> Stage:
        """The models of `group` before training."""
        starts = {seed: self.architecture.start(seed) for seed in set(group["seed"])}
        parameters = np.stack([starts[seed] for seed in group["seed"]])
        parameters[:, -1] = group["step"]
        return Stage.at_start(parameters)


def orders(seeds: np.ndarray, samples: int, epoch: int) -> np.ndarray:
    """The order of the training samples of every model in an epoch, (m, samples)."""
    known: dict[int, np.ndarray] = {}
    for seed in set(map(int, seeds)):
        known[seed] = np.empty(samples, np.int64)
        shuffle(known[seed], seed, epoch)
    return np.stack([known[int(seed)] for seed in seeds])


@dataclass(frozen=True)
class TensorProgram(Engine):
    """Plain PyTorch with a model axis, by automatic differentiation, on any device and in any precision.

    At most `width` models train together, similar k first: the layers of a group are as deep as its largest k.
    """

    architecture: Architecture
    device: torch.device = torch.device("cpu")
    dtype: torch.dtype = torch.float32
    width: int = 200
    slice: int = 50

    def groups(self, table: pd.DataFrame) -> list[np.ndarray]:
        ordered = np.argsort(table["k"].to_numpy(), kind="stable")
        return np.split(ordered, range(self.width, len(ordered), self.width))

    @cached_property
    def _data(self) -> Mapping[str, Tensor]:
        return self.architecture.prepare(self.device, self.dtype)

    def _axis(self, group: pd.DataFrame, name: str) -> Tensor:
        return torch.tensor(group[name].to_numpy(), dtype=self.dtype, device=self.device)[:, None]

    def _batch(self, group: pd.DataFrame, rows: np.ndarray) -> Batch:
        k = torch.tensor(group["k"].to_numpy(), device=self.device)
        fast = (group["algorithm"] == "NAG").to_numpy()
        accelerated = torch.tensor(fast, device=self.device)
        rows_there = torch.as_tensor(rows, device=self.device)
        return Batch(rows_there, k, accelerated, int(group["k"].max()), bool(fast.any()))

    def advance(self, stage: Stage, group: pd.DataFrame, schedule: Schedule, steps: int) -> None:
        adam = torch.tensor((group["optimizer"] == "Adam").to_numpy(), device=self.device)[:, None]
        rate, low, high = (self._axis(group, name) for name in ("rate", "step_low", "step_high"))
        tensors = (stage.parameters, stage.first, stage.second)
        w, first, second = (torch.tensor(a, dtype=self.dtype, device=self.device) for a in tensors)
        decayed = torch.full((1, w.shape[1]), schedule.decay, dtype=self.dtype, device=self.device)
        decayed[:, -1] = 0.0
        for rows in self._rows(stage, group, schedule, steps):
            w.requires_grad_(True)
            losses = self.architecture.losses(w, self._data, self._batch(group, rows))
            (gradient,) = torch.autograd.grad(losses.mean(dim=1).sum(), w)
            with torch.no_grad():
                w = w.detach()
                gradient = gradient + decayed * w
                stage.corrections *= (BETA1, BETA2)
                first = BETA1 * first + (1 - BETA1) * gradient
                second = BETA2 * second + (1 - BETA2) * gradient**2
                scale1, scale2 = 1 / (1 - stage.corrections)
                move = first * scale1 / (torch.sqrt(second * scale2) + EPSILON)
                w = w - rate * torch.where(adam, move, gradient)
                w[:, -1:] = torch.minimum(torch.maximum(w[:, -1:], low), high)
        stage.parameters[:], stage.first[:], stage.second[:] = (t.cpu().numpy() for t in (w, first, second))
        stage.step += steps

    def _rows(self, stage: Stage, group: pd.DataFrame, schedule: Schedule, steps: int) -> Iterator[np.ndarray]:
        seeds, samples = group["seed"].to_numpy(), self.architecture.samples
        sets = {seed: self.architecture.training_set(seed) for seed in set(seeds)}
        chosen = np.stack([sets[seed] for seed in seeds])
        per_epoch, epoch = samples // schedule.batch, -1
        for step in range(stage.step, stage.step + steps):
            if step // per_epoch != epoch:
                epoch = step // per_epoch
                order = np.take_along_axis(chosen, orders(seeds, samples, epoch), axis=1)
            at = step % per_epoch * schedule.batch
            yield order[:, at : at + schedule.batch]

    def measure(self, stage: Stage, group: pd.DataFrame) -> Mapping[str, np.ndarray]:
        w = torch.tensor(stage.parameters, dtype=self.dtype, device=self.device)
        sets = {seed: self.architecture.training_set(seed) for seed in set(group["seed"])}
        trained = np.stack([sets[seed] for seed in group["seed"]])
        found: dict[str, np.ndarray] = {}
        with torch.no_grad():
            found["train_loss"] = (
                self.architecture.losses(w, self._data, self._batch(group, trained)).double().mean(1).cpu()
            )
            points = np.arange(self.architecture.points)
            for part in np.split(points, range(AT_ONCE, len(points), AT_ONCE)):
                batch = self._batch(group, np.broadcast_to(part, (len(group), len(part))).copy())
                loss = self.architecture.losses(w, self._data, batch)
                values = dict(zip(LOSSES, (loss, loss**2), strict=True))
                for name, value in (values | dict(self.architecture.measures(w, self._data, batch))).items():
                    share = value.double().sum(1).cpu() / len(points)
                    found[name] = found[name] + share if name in found else share
        return {name: np.asarray(value) for name, value in found.items()}
