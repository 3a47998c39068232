"""How large a step may be before the iterates grow: exact limits, limits found by bisection, printed ranges."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from duality.book.figures import Experiment, short
from duality.quadratic.experiments.grids import BUILD, largest_step, unit_spectrum
from duality.quadratic.plots.regions import regions
from duality.quadratic.problem import Spectrum, check_parameters
from duality.quadratic.region import gd_stable_limit, largest_stable_step, nag_stable_limit

EXACT: Mapping[str, Callable[[Spectrum], float]] = {"GD": gd_stable_limit, "NAG": nag_stable_limit}
# by formula; of the theorems; by bisection on the spectral radius
LIMITS: Mapping[str, Callable[[str, Spectrum], float]] = {
    "exact": lambda name, spectrum: EXACT[name](spectrum),
    "printed": largest_step,
    "bisection": lambda name, spectrum: largest_stable_step(BUILD[name], spectrum),
}


def pieces(kappas: Sequence[float], bisected: Sequence[float]) -> list[dict[str, Any]]:
    """One piece per condition number >= 1 and kind of limit; those in `bisected` have all three kinds."""
    for kappa in (*kappas, *bisected):
        check_parameters(kappa=kappa)
    return [
        {"kappa": kappa, "limit": limit}
        for kappa in sorted({*kappas, *bisected})
        for limit in LIMITS
        if limit != "bisection" or kappa in bisected
    ]


def measure(kappa: float, limit: str) -> list[dict[str, Any]]:
    """A step limit times L for GD and NAG."""
    spectrum = unit_spectrum(kappa)
    return [
        {"kappa": kappa, "method": name, "limit": limit, "sL": short(LIMITS[limit](name, spectrum) * kappa)}
        for name in BUILD
    ]


REGIONS = Experiment(
    id="regions",
    title="The largest stable step of GD and NAG",
    claims=("def-region", "prose-region-order", "stable-regions"),
    pieces=pieces,
    measure=measure,
    plot=regions,
    quick={"kappas": [], "bisected": [1.0, 2.0, 10.0, 100.0]},
    full={
        "kappas": [1.0, *(short(1 + excess) for excess in np.geomspace(1e-3, 99, 80))],
        "bisected": [1.0, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 100.0],
    },
    keys=("kappa", "method", "limit"),
    value="sL",
    band=1e-6,
    alt=(
        "Largest step times L against the condition number from 1 to 100. For gradient descent the exact limit is "
        "constantly 2. For NAG it falls from 4 to 4/3 and crosses 2 at condition number 2. The ranges of the "
        "theorems, thin, lie below: from 1 to 2 for gradient descent and from 1 to 4/3 for NAG."
    ),
)
