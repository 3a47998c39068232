"""The benchmark of the ensemble, recorded: times belong to the machine in the record and are compared with nothing."""

from __future__ import annotations

import math
from typing import Any

from duality.book.figures import Experiment
from duality.ensemble import bench
from duality.hybrid.plots.speed import speed


def pieces() -> list[dict[str, Any]]:
    """One piece: all of it must be timed in one go."""
    return [{}]


def measure() -> list[dict[str, Any]]:
    """The rows of `duality bench ensemble`."""
    return bench.rows()


SPEED = Experiment(
    id="ensemble-speed",
    title="Training many small models: time of one step of one model",
    claims=(),
    pieces=pieces,
    measure=measure,
    plot=speed,
    quick={},
    full={},
    keys=("engine", "models", "steps"),
    value="speed-up",
    band=math.inf,
    alt=(
        "Microseconds per model and optimizer step against the number of models, on logarithmic axes: the compiled "
        "engine falls until it fills all cores and then stays; the tensor program falls more slowly and stays far "
        "above it; a horizontal line marks the plain loop, above both."
    ),
)
