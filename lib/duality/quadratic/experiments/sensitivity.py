"""How sensitivity to the step size rises before it falls, and where gradient descent and NAG change places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from duality.book.figures import Experiment, short
from duality.quadratic.exact import sens_s
from duality.quadratic.experiments.grids import (
    check_iterations,
    common_step,
    iterations,
    largest_step,
    unit_spectrum,
)
from duality.quadratic.methods import nesterov
from duality.quadratic.plots.sensitivity import sensitivity
from duality.quadratic.problem import check_parameters
from duality.quadratic.sensitivity import gd_range_sensitivity, gd_sensitivity, nag_range_sensitivity


def pieces(
    kappas: Sequence[float], c0_L: float, small_ks: Sequence[int], k_max: int, k_count: int, nag_k_max: int
) -> list[dict[str, Any]]:
    """One piece per condition number and k: `small_ks` and about `k_count` numbers up to `k_max`.

    The range of steps begins at c_0 = c0_L/L. NAG is measured up to `nag_k_max`, from where on it only falls.
    Raises `ValueError` for parameters out of range.
    """
    for kappa in kappas:
        check_parameters(kappa=kappa, L=1.0, c0=c0_L)
    ks = sorted({*check_iterations(small_ks), *iterations(k_max, k_count)})
    return [
        {"kappa": kappa, "c0_L": c0_L, "k": k, "methods": ["GD", "NAG"] if k <= nag_k_max else ["GD"]}
        for kappa in kappas
        for k in ks
    ]


def measure(kappa: float, c0_L: float, k: int, methods: Sequence[str]) -> list[dict[str, Any]]:
    """Sens(k)/L at the common step 4/(3L+mu), and over all steps from c_0 to the method's own largest."""
    spectrum = unit_spectrum(kappa)
    c0 = c0_L / kappa
    rows = []
    for name in methods:
        own, common = largest_step(name, spectrum), common_step(spectrum)
        if name == "GD":
            fixed = gd_sensitivity(spectrum, common, k)
            ranged = gd_range_sensitivity(spectrum, c0, own, k)
        else:
            fixed = sens_s(nesterov(spectrum, common), k).lower
            ranged = nag_range_sensitivity(spectrum, c0, own, k).at_s.lower
        for steps, value in (("common", fixed), ("range", ranged)):
            rows.append({"kappa": kappa, "method": name, "steps": steps, "k": k, "sens": short(value / kappa)})
    return rows


SENSITIVITY = Experiment(
    id="sensitivity",
    title="Sensitivity to the step size rises before it falls",
    claims=("prose-sens-shrinks", "sens-decreasing", "gd-sensitivity", "nag-sensitivity-repaired", "fig-trends"),
    pieces=pieces,
    measure=measure,
    plot=sensitivity,
    quick={
        "kappas": [4.0, 10.0, 100.0, 1000.0],
        "c0_L": 1.0,
        "small_ks": [1, 2, 4, 8],
        "k_max": 20,
        "k_count": 1,
        "nag_k_max": 20,
    },
    full={
        "kappas": [4.0, 10.0, 100.0, 1000.0],
        "c0_L": 1.0,
        "small_ks": list(range(1, 31)),
        "k_max": 1500,
        "k_count": 48,
        "nag_k_max": 300,
    },
    keys=("kappa", "method", "steps", "k"),
    value="sens",
    band=1e-5,
    alt=(
        "Four panels, condition numbers 4, 10, 100 and 1000, sensitivity over L against k on logarithmic axes. At "
        "every condition number from 10 on both methods become more sensitive before they become less so; the "
        "maximum moves to larger k with the condition number, further for gradient descent. At the common step NAG "
        "is at first the more sensitive of the two."
    ),
)
