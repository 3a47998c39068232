"""The methods of T 7.7 as they are set here: how each is built, trained or searched, and read on its way.

The source prints neither K, T, a, b nor any rate. PLISA starts its levels at the largest gradient (the printed start
diverges on some new problems at this size), and a = b = 20 keep the penalties nearly convex, which few samples need.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from duality.sparse.models import ALISTA, Largest, Learned, lista, lista_low_rank, plisa, plisa_l1, plisa_shared, rnn
from duality.sparse.models.lstm import rnn_l1
from duality.sparse.models.plisa import PLISA
from duality.sparse.penalties import L1, Penalty, printed
from duality.sparse.problem import Problems
from duality.sparse.solvers import APF, FISTA, ISTA, Stationary
from duality.sparse.training import Recipe

PLISAS = ("PLISA", "one shared level", "l1 only")
CLASSIC = ("APF", "ISTA", "FISTA")
CONVEX, SOFT = "l1", "l1, MCP, SCAD"  # penalties that path following chooses from
PENALTIES: Mapping[str, Penalty] = {CONVEX: L1(), SOFT: printed(20.0, 20.0)}
FULL = 512  # d from which LISTA has matrices of low rank
CAP = 99.0  # stands for an error that is larger or not a number


@dataclass(frozen=True)
class Setting:
    """Depth and first values of PLISA."""

    T: int
    K: int
    alpha: float
    ratio: float
    target: float
    concave: Mapping[str, Any] = field(default_factory=lambda: {"a": 20.0, "b": 20.0})


LAYERS, STEPS = 16, 12  # of LISTA and ALISTA, of the recurrent optimizers


def build(method: str, d: int, setting: Setting, seed: int = 0) -> Learned:
    """An untrained method; the recurrent ones start at random by `seed`. Raises `KeyError` for an unknown name."""
    path: dict[str, Any] = {"start": Largest(), "ratio": setting.ratio, "target": setting.target}
    depth = (d, setting.T, setting.K, setting.alpha)
    makers: Mapping[str, Callable[[], Learned]] = {
        "PLISA": lambda: plisa(*depth, **path, **setting.concave),
        "one shared level": lambda: plisa_shared(*depth, **path, **setting.concave),
        "l1 only": lambda: plisa_l1(*depth, **path),
        "ALISTA": lambda: ALISTA(d, LAYERS, step=0.3),
        "LISTA": lambda: (lista if d < FULL else lista_low_rank)(d, LAYERS, 1 / (0.9 * d)),
        "RNN": lambda: rnn(d, STEPS, seed=seed),
        "RNN-l1": lambda: rnn_l1(d, STEPS, seed=seed),
    }
    return makers[method]()


RATES = {"ALISTA": 0.05, "LISTA": 0.01, "RNN": 0.01, "RNN-l1": 0.01}


def recipe(method: str, epochs: int, seed: int = 0, longest: float = math.inf) -> Recipe:
    """How a method is trained: all with equal batches."""
    rate = 0.1 if method in PLISAS else RATES[method]
    factors = {"log_alpha": 0.5} if method in PLISAS else {}
    return Recipe(epochs, batch=10, rate=rate, gamma=0.5, seed=seed, factors=factors, longest=longest)


Point = tuple[int, float, Tensor]  # steps, blocks or layers; seconds; estimates (B, d)


def timed(call: Callable[[], Tensor]) -> tuple[float, Tensor]:
    """Wall-clock seconds and result."""
    begun = time.perf_counter()
    found = call()
    return time.perf_counter() - begun, found


def along(model: Learned, problems: Problems) -> Iterator[Point]:
    """The estimates of a learned method on its way.

    PLISA's first blocks are cheaper than its last, so each depth is run by itself. The time of the others is divided
    among their layers evenly, that of ALISTA's weight matrix, which comes before the first layer, too.
    """
    model.solve(problems[:1])  # what is compiled is compiled before
    if isinstance(model, PLISA):
        depth = model.T
        try:
            for T in sorted({*range(2, depth, 4), depth}):
                model.T = T
                yield T, *timed(lambda: model.solve(problems))
        finally:
            model.T = depth
        return
    with torch.no_grad():
        seconds, estimates = timed(lambda: model(problems))
    count = estimates.shape[1]
    for t, beta in enumerate(estimates.unbind(1), start=1):
        yield t, seconds * t / count, beta


def path_following(lam: float, penalty: str) -> Callable[[Problems], Tensor]:
    """APF to the level lam."""
    solver = APF(penalty=PENALTIES[penalty], stop=Stationary(tolerance=1e-3))
    return lambda problems: solver(problems, lam).beta


def proximal(method: str, steps: int, lam: float) -> Callable[[Problems], Tensor]:
    """So many steps of ISTA or FISTA."""
    solver: Any = ISTA if method == "ISTA" else FISTA
    return lambda problems: solver(tolerance=1e-6, steps=steps)(problems, lam).beta
