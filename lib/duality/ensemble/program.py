"""Models as one axis of a tensor program: the engine for any architecture and any device."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from duality.ensemble.models import BETA1, BETA2, EPSILON, Schedule, Stage
from duality.ensemble.shuffle import shuffle

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

    def fingerprint(self) -> str:
        """A digest that changes with the data and with every setting."""
        settings = {name: value for name, value in vars(self).items() if isinstance(value, int | float | str)}
        total = hashlib.sha256(repr((type(self).__name__, settings)).encode())
        for tensor in self.prepare(torch.device("cpu"), torch.float64).values():
            total.update(tensor.numpy().tobytes())
        return total.hexdigest()

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
    """The order of the training samples in an epoch, (seeds, samples)."""
    found = np.empty((len(seeds), samples), np.int64)
    for order, seed in zip(found, seeds, strict=True):
        shuffle(order, int(seed), epoch)
    return found


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

    def _batches(self, group: pd.DataFrame) -> Callable[[np.ndarray], Batch]:
        """The batch of the models of `group` for given rows, (m, B)."""
        k = torch.tensor(group["k"].to_numpy(), device=self.device)
        fast = (group["algorithm"] == "NAG").to_numpy()
        accelerated, depth = torch.tensor(fast, device=self.device), int(group["k"].max())
        return lambda rows: Batch(torch.as_tensor(rows, device=self.device), k, accelerated, depth, bool(fast.any()))

    def advance(self, stage: Stage, group: pd.DataFrame, schedule: Schedule, steps: int) -> None:
        adam = torch.tensor((group["optimizer"] == "Adam").to_numpy(), device=self.device)[:, None]
        rate, low, high = (self._axis(group, name) for name in ("rate", "step_low", "step_high"))
        tensors = (stage.parameters, stage.first, stage.second)
        w, first, second = (torch.tensor(a, dtype=self.dtype, device=self.device) for a in tensors)
        decayed = torch.full((1, w.shape[1]), schedule.decay, dtype=self.dtype, device=self.device)
        decayed[:, -1] = 0.0
        batch = self._batches(group)
        for rows in self._rows(stage, group, schedule, steps):
            w.requires_grad_(True)
            losses = self.architecture.losses(w, self._data, batch(rows))
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
        """The points, (m, batch), that every model sees in each of the next steps."""
        seeds, of_model = np.unique(group["seed"].to_numpy(), return_inverse=True)
        sets = np.stack([self.architecture.training_set(seed) for seed in seeds])
        samples = self.architecture.samples
        per_epoch, epoch = samples // schedule.batch, -1
        for step in range(stage.step, stage.step + steps):
            if step // per_epoch != epoch:
                epoch = step // per_epoch
                visited = np.take_along_axis(sets, orders(seeds, samples, epoch), axis=1)
            at = step % per_epoch * schedule.batch
            yield visited[of_model, at : at + schedule.batch]

    def measure(self, stage: Stage, group: pd.DataFrame) -> Mapping[str, np.ndarray]:
        w, batch = torch.tensor(stage.parameters, dtype=self.dtype, device=self.device), self._batches(group)
        trained = np.stack([self.architecture.training_set(seed) for seed in group["seed"]])
        points = np.arange(self.architecture.points)
        sums: dict[str, Tensor] = {}
        with torch.no_grad():
            train_loss = self.architecture.losses(w, self._data, batch(trained)).double().mean(1)
            for part in np.split(points, range(AT_ONCE, len(points), AT_ONCE)):
                here = batch(np.broadcast_to(part, (len(group), len(part))).copy())
                loss = self.architecture.losses(w, self._data, here)
                values = {"loss": loss, "loss_square": loss**2} | dict(self.architecture.measures(w, self._data, here))
                sums = {name: value.double().sum(1) + sums.get(name, 0.0) for name, value in values.items()}
        means = {name: value.cpu().numpy() / len(points) for name, value in sums.items()}
        return {"train_loss": train_loss.cpu().numpy()} | means
