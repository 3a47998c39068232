"""Stability in Q: rigorous brackets of the worst case beside the printed and the sharpened coefficient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from duality.book.figures import Experiment, short
from duality.ledger.claim import Statement
from duality.quadratic import rates
from duality.quadratic.experiments.grids import (
    BUILD,
    check_above_one,
    check_iterations,
    largest_step,
    unit_spectrum,
)
from duality.quadratic.experiments.right_sides import IN_Q, per_unit
from duality.quadratic.plots.stability_q import stability_q
from duality.quadratic.stability_bounds import stab_q

BOUNDS: Mapping[tuple[str, str], Mapping[str, Statement]] = {
    ("GD", "largest"): {"printed": rates.GD_STABILITY},
    ("GD", "1/L"): {"printed": rates.GD_STABILITY, "sharp": rates.GD_STABILITY_SHARP},
    ("NAG", "largest"): {"printed": rates.NAG_STABILITY, "sharp": rates.NAG_STABILITY_SHARP},
}


def pieces(kappas: Sequence[float], ks: Sequence[int]) -> list[dict[str, Any]]:
    """One piece per condition number, method with its step, and k. Raises `ValueError` unless kappa > 1."""
    check_above_one(kappas, "there is only one Q and nothing to compare")
    return [
        {"kappa": kappa, "method": method, "step": step, "k": k}
        for kappa in kappas
        for method, step in BOUNDS
        for k in check_iterations(ks)
    ]


def measure(kappa: float, method: str, step: str, k: int) -> list[dict[str, Any]]:
    """mu Stab_Q: the best pair in one dimension, the rigorous upper bound, and the bounds of the theorems."""
    spectrum = unit_spectrum(kappa)
    s = largest_step(method, spectrum) if step == "largest" else 1 / kappa
    enclosed = stab_q(BUILD[method](spectrum, s), k)
    values = {"lower": enclosed.lower, "upper": enclosed.upper}
    for version, statement in BOUNDS[method, step].items():
        values[version] = per_unit(statement, IN_Q, 1.0, kappa, s, k)
    return [
        {"kappa": kappa, "method": method, "step": step, "k": k, "quantity": quantity, "value": short(value)}
        for quantity, value in values.items()
    ]


STABILITY_Q = Experiment(
    id="stability-q",
    title="Stability in Q: brackets of the worst case, and the bounds",
    claims=(
        "def-stab",
        "gd-stability",
        "gd-stability-sharp",
        "nag-stability",
        "nag-stability-sharp",
        "prose-faster-less-stable",
    ),
    pieces=pieces,
    measure=measure,
    plot=stability_q,
    quick={"kappas": [4.0, 100.0], "ks": [1, 2, 4, 8]},
    full={"kappas": [4.0, 100.0], "ks": [1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25, 30, 40, 50]},
    keys=("kappa", "method", "step", "k", "quantity"),
    value="value",
    band=1e-3,
    alt=(
        "Four panels, gradient descent and NAG at condition numbers 4 and 100: mu times the stability in Q against "
        "k. The rigorous lower and upper ends of the worst case nearly coincide and rise towards 1; the sharpened "
        "bound is above it and the printed bound further above."
    ),
)
