"""Where four methods stand in the plane of convergence and stability, and the frontier below which there is
none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from duality.book.figures import Experiment, short
from duality.quadratic.exact import cvg, stab_b
from duality.quadratic.experiments.grids import (
    check_above_one,
    check_iterations,
    largest_step,
    unit_spectrum,
)
from duality.quadratic.methods import Method, chebyshev, gradient_descent, heavy_ball, nesterov
from duality.quadratic.plots.tradeoff import tradeoff
from duality.quadratic.problem import Spectrum


def methods(spectrum: Spectrum) -> list[Method]:
    """The four methods, GD and NAG at their largest printed steps."""
    return [
        gradient_descent(spectrum, largest_step("GD", spectrum)),
        nesterov(spectrum, largest_step("NAG", spectrum)),
        chebyshev(spectrum),
        heavy_ball(spectrum),
    ]


def pieces(kappas: Sequence[float], ks: Sequence[int]) -> list[dict[str, Any]]:
    """One piece per condition number and k. Raises `ValueError` unless every kappa > 1 and k >= 1."""
    check_above_one(kappas, "all four methods are exact after one step")
    return [{"kappa": kappa, "k": k} for kappa in kappas for k in check_iterations(ks)]


def measure(kappa: float, k: int) -> list[dict[str, Any]]:
    """Cvg(k), mu Stab_b(k) and their sum for each method; the sum is 1 on the frontier and never less."""
    rows = []
    for method in methods(unit_spectrum(kappa)):
        error, reaction = cvg(method, k).lower, stab_b(method, k).lower
        rows.append(
            {
                "kappa": kappa,
                "method": method.name,
                "k": k,
                "cvg": short(error),
                "stab": short(reaction),
                "total": short(error + reaction),
            }
        )
    return rows


TRADEOFF = Experiment(
    id="tradeoff",
    title="Four methods in the plane of convergence and stability",
    claims=("exact-tradeoff", "tradeoff-universal", "tradeoff-chebyshev", "tradeoff-heavy-ball", "stability-gap"),
    pieces=pieces,
    measure=measure,
    plot=tradeoff,
    quick={"kappas": [10.0, 100.0], "ks": [1, 2, 5, 10, 20]},
    full={"kappas": [10.0, 100.0], "ks": [*range(1, 21), 25, 30, 35, 40, 50, 60, 80, 100, 120, 150]},
    keys=("kappa", "method", "k"),
    value="total",
    band=1e-6,
    alt=(
        "Two panels, condition numbers 10 and 100: worst error on the horizontal axis, stability times mu on the "
        "vertical one. Gradient descent, NAG and the Chebyshev semi-iteration move along the straight line on which "
        "the two add up to one, at different speeds; heavy ball stays above the line."
    ),
)
