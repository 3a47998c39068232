"""How large a step may be before the iterates grow: exact limits, limits found by bisection, printed ranges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from duality.book.figures import Experiment
from duality.quadratic.experiments.grids import BUILD, largest_step, short, unit_spectrum
from duality.quadratic.plots.regions import regions
from duality.quadratic.problem import check_parameters
from duality.quadratic.region import gd_stable_limit, largest_stable_step, nag_stable_limit

EXACT: Mapping[str, Any] = {"GD": gd_stable_limit, "NAG": nag_stable_limit}


def pieces(kappas: Sequence[float], bisected: Sequence[float]) -> list[dict[str, Any]]:
    """One piece per condition number >= 1; at those in `bisected` the limits are also searched."""
    for kappa in (*kappas, *bisected):
        check_parameters(kappa=kappa)
    return [{"kappa": kappa, "search": kappa in set(bisected)} for kappa in sorted({*kappas, *bisected})]


def measure(kappa: float, search: bool) -> list[dict[str, Any]]:
    """Step limits times L: `exact` by formula, `printed` of the theorems, `bisection` on the spectral radius."""
    spectrum = unit_spectrum(kappa)
    rows = []
    for name, build in BUILD.items():
        limits = {"exact": EXACT[name](spectrum), "printed": largest_step(name, spectrum)}
        if search:
            limits["bisection"] = largest_stable_step(build, spectrum)
        rows += [
            {"kappa": kappa, "method": name, "limit": limit, "sL": short(s * kappa)} for limit, s in limits.items()
        ]
    return rows


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
