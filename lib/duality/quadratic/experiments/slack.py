"""Every bound against the exact worst case that it bounds: the ratio over condition number and k.

A ratio above 1 breaks the bound; how far it stays below 1 is the slack. Sensitivities are those of one step
size, the limit of two equal ones, so c_0 = s. The stability in Q is measured by its best pair in one
dimension, a rigorous lower bound that no search in more dimensions has beaten.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from duality.book.figures import Experiment, short
from duality.ledger.claim import Statement
from duality.ledger.tex import Quantity
from duality.quadratic import rates
from duality.quadratic.exact import cvg, sens_s, stab_b
from duality.quadratic.experiments.grids import (
    BUILD,
    check_above_one,
    check_iterations,
    largest_power,
    largest_step,
    unit_spectrum,
)
from duality.quadratic.experiments.right_sides import IN_B, IN_Q, per_unit
from duality.quadratic.methods import Method
from duality.quadratic.plots.slack import slack
from duality.quadratic.stability import certified_lower, one_dimensional_worst

SMALLEST = 1e-280  # below this the floating-point numbers end


def _two_errors(method: Method, k: int) -> float:
    """Both suprema are attained at mu, so the sum of squares is, too."""
    return cvg(method, k).lower ** 2 + cvg(method, k + 1).lower ** 2


def _stab_q(method: Method, k: int) -> float:
    return certified_lower(method, one_dimensional_worst(method, k, points=60), k)


@dataclass(frozen=True)
class Guarantee:
    """One bound, or one term of it: whose, what it bounds, and its steps."""

    method: str
    measure: Callable[[Method, int], float]
    statement: Statement
    ones: tuple[Quantity, ...]
    steps: tuple[str, ...] = ("largest", "1/L")


def _cvg(method: Method, k: int) -> float:
    return cvg(method, k).lower


def _sens(method: Method, k: int) -> float:
    return sens_s(method, k).lower


def _stab_b(method: Method, k: int) -> float:
    return stab_b(method, k).lower


GUARANTEES: Mapping[str, Guarantee] = {
    "gd-convergence": Guarantee("GD", _cvg, rates.GD_CONVERGENCE, IN_B),
    "gd-sensitivity": Guarantee("GD", _sens, rates.GD_SENSITIVITY, IN_B),
    "gd-stability (b)": Guarantee("GD", _stab_b, rates.GD_STABILITY, IN_B),
    "gd-stability (Q)": Guarantee("GD", _stab_q, rates.GD_STABILITY, IN_Q),
    "gd-stability-sharp (Q)": Guarantee("GD", _stab_q, rates.GD_STABILITY_SHARP, IN_Q, ("1/L",)),
    "nag-power-bound": Guarantee("NAG", largest_power, rates.NAG_POWER, IN_B),
    "nag-power-sharp": Guarantee("NAG", largest_power, rates.NAG_POWER_SHARP, IN_B),
    "nag-convergence": Guarantee("NAG", _two_errors, rates.NAG_CONVERGENCE, IN_B),
    "nag-convergence-sharp": Guarantee("NAG", _cvg, rates.NAG_CONVERGENCE_SHARP, IN_B),
    "nag-sensitivity": Guarantee("NAG", _sens, rates.NAG_SENSITIVITY, IN_B),
    "nag-sensitivity-repaired": Guarantee("NAG", _sens, rates.NAG_SENSITIVITY_REPAIRED, IN_B),
    "nag-stability (b)": Guarantee("NAG", _stab_b, rates.NAG_STABILITY, IN_B),
    "nag-stability-sharp (b)": Guarantee("NAG", _stab_b, rates.NAG_STABILITY_SHARP, IN_B),
    "nag-stability (Q)": Guarantee("NAG", _stab_q, rates.NAG_STABILITY, IN_Q),
    "nag-stability-sharp (Q)": Guarantee("NAG", _stab_q, rates.NAG_STABILITY_SHARP, IN_Q),
}


def pieces(kappas: Sequence[float], ks: Sequence[int]) -> list[dict[str, Any]]:
    """One piece per condition number and k. Raises `ValueError` unless every kappa > 1 and k >= 1."""
    check_above_one(kappas, "errors and bounds vanish together")
    return [{"kappa": kappa, "k": k} for kappa in kappas for k in check_iterations(ks)]


def measure(kappa: float, k: int) -> list[dict[str, Any]]:
    """Ratios of all bounds at both steps, where the numbers are large enough to be divided."""
    spectrum, rows = unit_spectrum(kappa), []
    measured: dict[tuple[str, str, Callable[[Method, int], float]], float] = {}
    for name, guarantee in GUARANTEES.items():
        for step in guarantee.steps:
            s = largest_step(guarantee.method, spectrum) if step == "largest" else 1 / kappa
            key = guarantee.method, step, guarantee.measure
            if key not in measured:
                measured[key] = guarantee.measure(BUILD[guarantee.method](spectrum, s), k)
            bound = per_unit(guarantee.statement, guarantee.ones, 1.0, kappa, s, k)
            if bound > SMALLEST and (measured[key] > SMALLEST or measured[key] == 0):
                ratio = measured[key] / bound
                rows.append({"kappa": kappa, "k": k, "guarantee": name, "step": step, "ratio": short(ratio)})
    return rows


SLACK = Experiment(
    id="slack",
    title="Exact worst case over bound, for every theorem",
    claims=(
        *("gd-convergence", "gd-sensitivity", "gd-stability", "gd-stability-sharp"),
        *("nag-power-bound", "nag-power-sharp", "nag-convergence", "nag-convergence-sharp"),
        *("nag-sensitivity", "nag-sensitivity-repaired", "nag-stability", "nag-stability-sharp"),
    ),
    pieces=pieces,
    measure=measure,
    plot=slack,
    quick={"kappas": [1.01, 2.0, 10.0, 100.0], "ks": [1, 3, 10, 30]},
    full={
        "kappas": [1.01, 1.1, 1.5, 2.0, 4.0, 10.0, 30.0, 100.0, 1000.0],
        "ks": [1, 2, 3, 5, 10, 20, 30, 50, 100, 200],
    },
    keys=("kappa", "k", "guarantee", "step"),
    value="ratio",
    band=1e-5,
    alt=(
        "Heat maps of the ratio of exact worst case to bound over condition number and iteration, one for each "
        "bound; crossed cells exceed 1. Two printed bounds of NAG, the power bound and the sensitivity bound, have "
        "such cells; their repairs and all other bounds have none."
    ),
)
