"""The two printed bounds of NAG that fail, measured where they fail, beside the bounds that replace them.

The power bound fails for every condition number once k is large. The sensitivity bound fails near mu = L, at
steps so near the largest one that a single step almost solves the problem.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from duality.book.figures import Experiment, short
from duality.ledger.claim import Statement
from duality.quadratic import rates
from duality.quadratic.exact import sens_s
from duality.quadratic.experiments.grids import (
    check_above_one,
    check_iterations,
    iterations,
    largest_power,
    largest_step,
    unit_spectrum,
)
from duality.quadratic.experiments.right_sides import IN_B, per_unit
from duality.quadratic.methods import nesterov
from duality.quadratic.plots.counterexamples import counterexamples
from duality.quadratic.problem import Spectrum, check_parameters

PRINTED_AND_REPAIRED = {
    "power": {"printed": rates.NAG_POWER, "repaired": rates.NAG_POWER_SHARP},
    "sensitivity": {"printed": rates.NAG_SENSITIVITY, "repaired": rates.NAG_SENSITIVITY_REPAIRED},
}


def pieces(
    power_kappas: Sequence[float],
    power_ks: Sequence[int],
    sensitivity_kappas: Sequence[float],
    sensitivity_ks: Sequence[int],
    gaps: Sequence[float],
) -> list[dict[str, Any]]:
    """One piece per condition number: powers at `power_ks`, then sensitivities at steps near the
    largest.

    A gap g in (0, 1) stands for the step s = (1 - g) 4/(3L+mu). Raises `ValueError` for parameters out of
    range.
    """
    check_above_one(power_kappas, "at the largest step the printed bound on powers is 0")
    for kappa in sensitivity_kappas:
        check_parameters(kappa=kappa)
    if not all(0 < gap < 1 for gap in gaps):
        raise ValueError(f"gaps = {list(gaps)} must lie between 0 and 1: s = (1 - gap) * 4/(3L+mu)")
    powers = [
        {"bound": "power", "kappa": kappa, "ks": check_iterations(power_ks), "gaps": [0.0]} for kappa in power_kappas
    ]
    changes = [
        {"bound": "sensitivity", "kappa": kappa, "ks": [k], "gaps": list(gaps)}
        for kappa in sensitivity_kappas
        for k in check_iterations(sensitivity_ks)
    ]
    return [*powers, *changes]


def measure(bound: str, kappa: float, ks: Sequence[int], gaps: Sequence[float]) -> list[dict[str, Any]]:
    """Exact worst case over the printed bound and over the repaired one."""
    spectrum = unit_spectrum(kappa)
    rows: list[dict[str, Any]] = []
    for gap in gaps:
        s = (1 - gap) * largest_step("NAG", spectrum)
        for k in ks:
            worst = _worst(bound, spectrum, s, k)
            for version, statement in PRINTED_AND_REPAIRED[bound].items():
                rows.append(
                    {
                        "bound": bound,
                        "version": version,
                        "kappa": kappa,
                        "k": k,
                        "gap": gap,
                        "ratio": _ratio(worst, statement, kappa, s, k),
                    }
                )
    return [row for row in rows if np.isfinite(row["ratio"])]


def _worst(bound: str, spectrum: Spectrum, s: float, k: int) -> float:
    method = nesterov(spectrum, s)
    if bound == "power":
        return largest_power(method, k)
    return sens_s(method, k).lower


def _ratio(worst: float, statement: Statement, kappa: float, s: float, k: int) -> float:
    """NaN where the floating-point numbers end."""
    right = per_unit(statement, IN_B, 1.0, kappa, s, k)
    return short(worst / right) if right > 1e-280 and worst > 1e-280 else float("nan")


COUNTEREXAMPLES = Experiment(
    id="counterexamples",
    title="Two printed bounds of NAG that the exact worst case exceeds",
    claims=("nag-power-bound", "nag-power-sharp", "nag-sensitivity", "nag-sensitivity-repaired"),
    pieces=pieces,
    measure=measure,
    plot=counterexamples,
    quick={
        "power_kappas": [1.5, 4.0, 10.0, 100.0],
        "power_ks": [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
        "sensitivity_kappas": [1.0, 1.02],
        "sensitivity_ks": [1],
        "gaps": [0.3, 0.1, 0.03, 0.01, 0.003],
    },
    full={
        "power_kappas": [1.5, 4.0, 10.0, 100.0],
        "power_ks": sorted({*range(1, 151), 200, 500, *iterations(1000, 30)}),
        "sensitivity_kappas": [1.0, 1.02, 1.05, 1.2],
        "sensitivity_ks": [1, 2, 4],
        "gaps": [short(a * 10.0**-b) for b in (1, 2, 3, 4) for a in (3, 2.5, 2, 1.6, 1.3, 1, 0.8, 0.6, 0.5, 0.4)],
    },
    keys=("bound", "version", "kappa", "k", "gap"),
    value="ratio",
    band=1e-5,
    alt=(
        "Two panels. Above, the norm of the k-th power of NAG's block matrix over the printed bound, against k: the "
        "curves for condition numbers 1.5, 4, 10 and 100 all rise above one, later for larger ones, and level off. "
        "Below, the sensitivity over its printed bound, against the distance of the step from the largest one: it "
        "rises above one near condition number one. Over the repaired bounds no ratio exceeds one."
    ),
)
