"""Training of learned methods: Adam on small batches, selected by validation, within a time budget, resumable."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic

import pandas as pd
import torch
from torch import Tensor

from duality.sparse.fingerprint import fingerprint
from duality.sparse.models.learned import Learned
from duality.sparse.objectives import E, Objective, tempered, weighted

SECONDS = 20.0  # between two savings of unfinished work
TRIES = 20  # to shorten the steps until no validation problem diverges, after an epoch
Progress = Callable[[int], Any]  # takes the number of epochs just done; `tqdm(total=recipe.epochs).update` is one


@dataclass(frozen=True)
class Recipe:
    """How to train.

    `gamma` weighs earlier estimates (T eq. 7.7). The rate of Adam falls from `rate` to `final` times it along a cosine;
    a parameter whose name ends in a key of `factors` learns at that multiple of the rate. The gradient of a parameter
    is cut to `cut` times the running mean of its length. With a validation set the parameters of the best epoch are
    kept, else the last.

    When a problem diverges, its cost not finite or `hopeless` times that of the estimate 0, its batch is not learned
    from: instead the step sizes of the model get a ceiling, `retreat` times the longest, to which those above it shrink
    and whose logarithm rises by a tenth of the rate of learning with each step; a model without step sizes goes back to
    where the epoch began, and its rate of learning halves. (One step past the stable ones, the error grows by a factor
    per layer, so with thousands of layers nothing smooth says which way is back.) A validation problem that diverges
    lowers the ceiling, too; a model without step sizes stays as it is then, and that epoch has its large cost. Step
    sizes never exceed `longest`; with few training problems a fraction of 1 / (their largest smoothness) keeps new ones
    from diverging. (Where the estimate 0 costs less than a hundredth of the mean, that takes the place of its cost.)

    Raises `ValueError` for values without meaning.
    """

    epochs: int
    batch: int = 20
    rate: float = 0.02
    gamma: float = 0.5
    seed: int = 0
    final: float = 0.01
    cut: float = 2.0
    hopeless: float = 100.0
    retreat: float = 0.95
    longest: float = math.inf
    factors: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.batch < 1:
            raise ValueError("a recipe needs epochs >= 1 and batch >= 1")
        if not 0 < self.rate < math.inf or not 0 <= self.final <= 1 or not self.cut > 0:
            raise ValueError("a recipe needs rate > 0, final in [0, 1] and cut > 0")
        if not 0 < self.retreat < 1 or not self.hopeless > 4:
            raise ValueError("a recipe needs retreat in (0, 1) and hopeless > 4")
        if not self.longest > 0:
            raise ValueError("a recipe needs longest > 0")
        if not 0 <= self.gamma <= 1:
            raise ValueError(f"gamma lies in [0, 1], not {self.gamma}")

    def rate_at(self, fraction: float) -> float:
        """The rate when a fraction of all steps is done."""
        return self.rate * (self.final + (1 - self.final) * (1 + math.cos(math.pi * fraction)) / 2)


@dataclass(frozen=True)
class Trained:
    """What came out: the model with the selected parameters, in place; how long it took; the record, a row per epoch.

    Columns of the record: epoch, seconds, train (mean cost of the last estimate over the epoch's batches), loss (what
    was minimized), validation (mean cost of the last estimate; NaN without a validation set), rate, diverged (batches
    that were not learned from and count in neither mean). `finished` is False when the time budget ended the training.
    """

    model: Learned
    record: pd.DataFrame
    best_epoch: int
    seconds: float
    finished: bool


def train(
    model: Learned,
    objective: Objective[E],
    training: E,
    validation: E | None,
    recipe: Recipe,
    *,
    budget: float = math.inf,
    folder: Path | None = None,
    progress: Progress = lambda done: None,
) -> Trained:
    """Minimize the training loss; the model is changed in place.

    No epoch is begun after `budget` seconds. With a folder, work is kept there at least every twenty seconds, and the
    same call goes on where it stopped, with the same parameters to the last bit (on the same machine and number of
    threads). Seconds of earlier tries count. Raises `ValueError` for an empty training or validation set and for a
    budget that is not positive, and `ArithmeticError` when the validation cost is finite in no epoch.
    """
    if len(training) == 0:
        raise ValueError("there is no problem to train on")
    if validation is not None and len(validation) == 0:
        raise ValueError("there is no problem to validate on; give None for no validation")
    if not budget > 0:
        raise ValueError(f"a training needs a budget > 0 of seconds, not {budget}")
    run = _Run(model, objective, training, validation, recipe, folder)
    run.resume()
    progress(run.epoch)
    saved = time.monotonic()
    while run.epoch < recipe.epochs and run.seconds < budget:
        begun = time.monotonic()
        run.one_epoch()
        run.seconds += time.monotonic() - begun
        run.rows[-1]["seconds"] = run.seconds
        progress(1)
        if time.monotonic() - saved > SECONDS:
            run.save()
            saved = time.monotonic()
    run.save()
    if run.best is None:
        raise ArithmeticError("the model diverged on the validation problems in every epoch")
    model.load_state_dict(run.best)
    return Trained(model, pd.DataFrame(run.rows), run.best_epoch, run.seconds, run.epoch == recipe.epochs)


def hopeful(at_zero: Tensor) -> Tensor:
    """The costs of the estimate 0, (B,), at least a hundredth of their mean: a cost of 0 leaves no hope at all."""
    return torch.maximum(at_zero, 0.01 * at_zero.mean())


class _Run(Generic[E]):
    """A training on its way."""

    def __init__(
        self,
        model: Learned,
        objective: Objective[E],
        training: E,
        validation: E | None,
        recipe: Recipe,
        folder: Path | None,
    ) -> None:
        self.model, self.objective, self.recipe = model, objective, recipe
        self.training, self.validation = training, validation
        made_from = (model, objective, recipe, training, validation)
        self.kept = None if folder is None else folder / f"{fingerprint(*made_from)}.pt"
        named = [(name, value) for name, value in model.named_parameters() if value.requires_grad]
        self.factors = [next((f for end, f in recipe.factors.items() if name.endswith(end)), 1.0) for name, _ in named]
        self.parameters = [value for _, value in named]
        self.optimizer = torch.optim.Adam([{"params": [value], "lr": 0.0} for value in self.parameters])
        self.lengths = [math.nan] * len(self.parameters)  # running means of the lengths of gradients
        self.at_zero = hopeful(objective.at_zero(training))[:, None]
        self.ceilings, self.brake = [math.log(recipe.longest)] * len(model.log_steps()), 1.0
        self._below_ceilings()
        self.begun = dict[str, Tensor]()  # the parameters when the epoch began
        self.epoch, self.seconds, self.rows = 0, 0.0, list[dict[str, float]]()
        self.best: dict[str, Tensor] | None = None
        self.best_epoch, self.best_cost = -1, math.inf

    def one_epoch(self) -> None:
        """Every training problem once, in an order that only the seed and the epoch decide; then validation."""
        recipe, count = self.recipe, len(self.training)
        generator = torch.Generator().manual_seed(recipe.seed * 1_000_003 + self.epoch)
        order = torch.randperm(count, generator=generator)
        batches = order.split(recipe.batch)
        self.begun = copy.deepcopy(self.model.state_dict())
        sums, learned, diverged = [0.0, 0.0], 0, 0
        for number, chosen in enumerate(batches):
            rate = recipe.rate_at((self.epoch + number / len(batches)) / recipe.epochs)
            found = self._step(chosen.to(self.at_zero.device), rate)
            if found is None:
                diverged += 1
            else:
                learned += len(chosen)
                sums = [old + value * len(chosen) for old, value in zip(sums, found, strict=True)]
        self.epoch += 1
        cost = self._validated()
        last, loss = (value / learned if learned else math.nan for value in sums)
        self.rows.append(
            {"epoch": self.epoch, "seconds": 0.0, "train": last, "loss": loss, "validation": cost}
            | {"rate": rate, "diverged": diverged}
        )
        if self.validation is None or cost < self.best_cost:
            self.best_cost, self.best_epoch = cost, self.epoch
            self.best = copy.deepcopy(self.model.state_dict())

    def _step(self, chosen: Tensor, rate: float) -> tuple[float, float] | None:
        """Learn from a batch: the mean cost of its last estimates, and its loss. None if it diverged."""
        examples = self.training[chosen]
        costs = self.objective.costs(self.model(self.objective.given(examples)), examples)
        at_zero = self.at_zero[chosen]
        if not bool((costs <= self.recipe.hopeless * at_zero).all()):  # neither where it is not a number
            self._retreat()
            return None
        loss = weighted(tempered(costs, 4 * at_zero), self.recipe.gamma).mean()
        self.optimizer.zero_grad()
        loss.backward()
        for number, (value, factor) in enumerate(zip(self.parameters, self.factors, strict=True)):
            self.optimizer.param_groups[number]["lr"] = rate * factor * self.brake
            if value.grad is not None:
                self._cut(number, value.grad)
        self.optimizer.step()
        longest = math.log(self.recipe.longest)
        self.ceilings = [min(ceiling + 0.1 * rate, longest) for ceiling in self.ceilings]
        self._below_ceilings()
        return float(costs[:, -1].detach().mean()), float(loss.detach())

    def _retreat(self) -> None:
        if not self.ceilings:
            self.model.load_state_dict(self.begun)
            self.brake /= 2
        for number, value in enumerate(self.model.log_steps()):
            self.ceilings[number] = float(value.detach().max()) + math.log(self.recipe.retreat)
        self._below_ceilings()

    @torch.no_grad()
    def _below_ceilings(self) -> None:
        for value, ceiling in zip(self.model.log_steps(), self.ceilings, strict=True):
            value.clamp_(max=ceiling)

    def _cut(self, number: int, gradient: Tensor) -> None:
        gradient.nan_to_num_(nan=0.0, posinf=0.0, neginf=0.0)  # of problems that diverged beyond the numbers
        length, mean = float(torch.linalg.vector_norm(gradient)), self.lengths[number]
        longest = self.recipe.cut * mean
        if mean > 0 and length > longest:
            gradient.mul_(longest / length)
            length = longest
        self.lengths[number] = length if not mean > 0 else 0.95 * mean + 0.05 * length

    def _validated(self) -> float:
        """The mean validation cost. When a problem of that set diverges, too, the step sizes shrink; then once more."""
        if self.validation is None:
            return math.nan
        limit = self.recipe.hopeless * hopeful(self.objective.at_zero(self.validation))
        costs = self._measured(self.validation)
        for _ in range(TRIES if self.ceilings else 0):
            if bool((costs <= limit).all()):
                break
            self._retreat()
            costs = self._measured(self.validation)
        return float(costs.mean())

    @torch.no_grad()
    def _measured(self, examples: E) -> Tensor:
        """The costs of the last estimates, (B,), a few at a time."""
        found, most = [], 256
        for first in range(0, len(examples), most):
            part = examples[first : first + most]
            found.append(self.objective.costs(self.model(self.objective.given(part))[:, -1:], part)[:, 0])
        return torch.cat(found)

    def save(self) -> None:
        """Keep everything that the rest depends on."""
        if self.kept is None:
            return
        self.kept.parent.mkdir(parents=True, exist_ok=True)
        part = self.kept.with_suffix(".part")
        names = ("lengths", "ceilings", "brake", "epoch", "seconds", "rows", "best", "best_epoch", "best_cost")
        state = {name: getattr(self, name) for name in names}
        torch.save(state | {"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict()}, part)
        part.replace(self.kept)

    def resume(self) -> None:
        """Go back to what was kept, if anything was."""
        if self.kept is None or not self.kept.is_file():
            return
        state = torch.load(self.kept, weights_only=True)
        self.model.load_state_dict(state.pop("model"))
        self.optimizer.load_state_dict(state.pop("optimizer"))
        for name, value in state.items():
            setattr(self, name, value)
