"""The printed guarantees over all smooth strongly convex functions: worst case over bound for small k.

Rows come from two sources: `program`, the semidefinite program over the whole class, where double precision
resolves it, and `counterexample`, a function in one variable whose iterates are exact fractions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from duality.book.figures import Experiment
from duality.quadratic.experiments.grids import check_above_one, check_iterations, largest_step, unit_spectrum
from duality.quadratic.plots.offclass import offclass


def _one_step(guarantee: Callable[..., Any], method: str) -> Callable[[float, int], Any]:
    """At the largest printed step."""
    return lambda kappa, k: guarantee(1.0, kappa, largest_step(method, unit_spectrum(kappa)), k)


def _two_steps(guarantee: Callable[..., Any], method: str) -> Callable[[float, int], Any]:
    """At the largest printed step t and at s = 9/10 t."""

    def solve(kappa: float, k: int) -> Any:
        t = largest_step(method, unit_spectrum(kappa))
        return guarantee(1.0, kappa, 0.9 * t, t, k)

    return solve


@dataclass(frozen=True)
class Program:
    """A guarantee, how its program is solved for (kappa, k), and the largest k worth its time."""

    solve: Callable[[float, int], Any]
    k_max: int


def programs() -> Mapping[str, Program]:
    """The seven guarantees, and the two exact values on quadratics, by name.

    Loads the solver, which is why it is a function.
    """
    from duality.quadratic import offclass as pep

    return {
        "gd-convergence": Program(_one_step(pep.gd_convergence, "GD"), 20),
        "gd-sensitivity": Program(_two_steps(pep.gd_sensitivity, "GD"), 10),
        "gd-stability": Program(_one_step(pep.gd_stability_b, "GD"), 10),
        "nag-convergence": Program(_one_step(pep.nag_convergence, "NAG"), 20),
        "nag-convergence-sharp": Program(_one_step(pep.nag_convergence_sharp, "NAG"), 20),
        "nag-sensitivity": Program(_two_steps(pep.nag_sensitivity, "NAG"), 10),
        "nag-stability": Program(_one_step(pep.nag_stability_b, "NAG"), 14),
        "nag-stability-sharp": Program(_one_step(pep.nag_stability_b_sharp, "NAG"), 14),
        "nag-remark-rate": Program(lambda kappa, k: pep.nag_lyapunov(1.0, kappa, 1 / kappa, k), 20),
    }


def counterexamples() -> Mapping[str, Callable[[], Any]]:
    """The exact counterexamples off the class, by the guarantee that they break."""
    from duality.quadratic import piecewise, piecewise_pairs

    return {
        "nag-convergence": piecewise.nag_convergence,
        "nag-convergence-sharp": piecewise.nag_convergence_sharp,
        "nag-sensitivity": piecewise_pairs.nag_sensitivity,
        "nag-stability": piecewise_pairs.nag_stability_b,
        "nag-stability-sharp": piecewise_pairs.nag_stability_b_sharp,
    }


def pieces(kappas: Sequence[float], ks: Sequence[int]) -> list[dict[str, Any]]:
    """One piece per program, and one per counterexample. Raises `ValueError` unless every kappa > 1, k >= 1."""
    check_above_one(kappas, "every function of the class is quadratic")
    solved = [
        {"source": "program", "guarantee": name, "kappa": kappa, "k": k}
        for name, program in programs().items()
        for kappa in kappas
        for k in check_iterations(ks)
        if k <= program.k_max
    ]
    exact = [{"source": "counterexample", "guarantee": name} for name in counterexamples()]
    return solved + exact


def measure(source: str, guarantee: str, **at: Any) -> list[dict[str, Any]]:
    """Measured over bound, by `solve` or `example`."""
    return [{"guarantee": guarantee, "source": source} | row for row in SOURCES[source](guarantee, **at)]


def solve(guarantee: str, kappa: float, k: int) -> list[dict[str, Any]]:
    """The semidefinite program; no row where the solver does not resolve it."""
    solved = programs()[guarantee].solve(kappa, k)
    if not solved.resolved:
        return []
    return [{"kappa": kappa, "k": k, "ratio": float(f"{solved.ratio:.6g}")}]


def example(guarantee: str) -> list[dict[str, Any]]:
    """The exact counterexample, which brings its own kappa and k.

    The convergence of NAG is printed for squares; its ratio is that of the square roots.
    """
    found = counterexamples()[guarantee]()
    ratio = math.sqrt(found.ratio) if guarantee == "nag-convergence" else found.ratio
    kappa, k = float(found.point["L"] / found.point["mu"]), int(found.point["k"])
    return [{"kappa": kappa, "k": k, "ratio": float(f"{ratio:.6g}")}]


SOURCES: Mapping[str, Callable[..., list[dict[str, Any]]]] = {"program": solve, "counterexample": example}


OFFCLASS = Experiment(
    id="offclass",
    title="The printed bounds beyond quadratics",
    claims=(
        *("offclass-gd-convergence", "offclass-gd-sensitivity", "offclass-gd-stability", "offclass-nag-convergence"),
        *("offclass-nag-sensitivity", "offclass-nag-stability", "offclass-lyapunov"),
    ),
    pieces=pieces,
    measure=measure,
    plot=offclass,
    quick={"kappas": [5.0, 100.0], "ks": [1, 2, 4]},
    full={"kappas": [5.0, 33.0, 100.0], "ks": [1, 2, 3, 4, 6, 8, 10, 12, 14, 17, 20]},
    keys=("guarantee", "source", "kappa", "k"),
    value="ratio",
    band=0.02,
    alt=(
        "Seven panels, worst case over all smooth strongly convex functions divided by the printed bound, against k. "
        "The three ratios of gradient descent never exceed one. For NAG the exact values on quadratics are exceeded "
        "after a few iterations; exact counterexamples, drawn as stars, exceed the printed bounds for error, "
        "sensitivity and stability. The older rate from the Lyapunov function holds."
    ),
)
