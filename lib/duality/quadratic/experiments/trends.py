"""The three trends of R Fig 2 from exact worst cases: convergence, stability and sensitivity against k."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from duality.book.figures import Experiment, short
from duality.quadratic.exact import cvg, sens_s, stab_b
from duality.quadratic.experiments.grids import (
    BUILD,
    check_iterations,
    common_step,
    iterations,
    largest_step,
)
from duality.quadratic.plots.trends import trends
from duality.quadratic.problem import Spectrum, check_parameters
from duality.quadratic.sensitivity import gd_range_sensitivity, nag_range_sensitivity
from duality.quadratic.stability_bounds import stab_q

Rows = Iterator[tuple[str, float]]


def pieces(
    mu: float,
    L: float,
    c0: float,
    ks: Sequence[int],
    bracket_ks: Sequence[int] = (),
    kappas: Sequence[float] = (),
    far_k_max: int = 200,
    far_count: int = 40,
) -> list[dict[str, Any]]:
    """One piece per k and kind: the spectrum [mu, L] at every k of `ks`, then [L/kappa, L] up to `far_k_max`.

    c0 is the smallest step size of the range over which sensitivity is measured. At the k of `bracket_ks` the
    stability in Q is enclosed, too. Raises `ValueError` for parameters out of range.
    """
    check_parameters(mu=mu, L=L, c0=c0)
    here, enclosed = {"mu": mu, "L": L, "c0": c0}, check_iterations(bracket_ks)
    found = [
        here | {"k": k, "kind": kind}
        for k in sorted({*check_iterations(ks), *enclosed})
        for kind in KINDS
        if kind != "bracket" or k in enclosed
    ]
    for kappa in kappas:
        check_parameters(L=L, kappa=kappa, c0=c0)
        far = {"mu": L / kappa, "L": L, "c0": c0}
        found += [
            far | {"k": k, "kind": kind}
            for k in iterations(far_k_max, far_count)
            for kind in KINDS
            if kind != "bracket"
        ]
    return found


def measure(mu: float, L: float, c0: float, k: int, kind: str) -> list[dict[str, Any]]:
    """The quantities of one kind for both methods, all without units."""
    spectrum = Spectrum(mu, L)
    measured, steps = KINDS[kind]
    return [
        {
            "kappa": short(L / mu),
            "method": name,
            "step": step,
            "k": k,
            "quantity": quantity,
            "value": short(value),
        }
        for name in BUILD
        for step in steps
        for quantity, value in measured(spectrum, name, STEPS[step](name, spectrum), k, c0)
    ]


def _at_one_step(spectrum: Spectrum, name: str, s: float, k: int, c0: float) -> Rows:
    """Cvg, mu Stab_b, their product, and Sens/L."""
    method = BUILD[name](spectrum, s)
    error, reaction = cvg(method, k).lower, float(spectrum.mu) * stab_b(method, k).lower
    yield "Cvg", error
    yield "Stab_b", reaction
    yield "product", error * reaction
    yield "Sens", sens_s(method, k).lower / float(spectrum.L)


def _over_steps(spectrum: Spectrum, name: str, s: float, k: int, c0: float) -> Rows:
    """Sens/L over the steps from c0 to s."""
    if name == "GD":
        value = float(gd_range_sensitivity(spectrum, c0, s, k))
    else:
        value = nag_range_sensitivity(spectrum, c0, s, k).at_s.lower
    yield "Sens range", value / float(spectrum.L)


def _bracket(spectrum: Spectrum, name: str, s: float, k: int, c0: float) -> Rows:
    """mu Stab_Q from both sides."""
    enclosed = stab_q(BUILD[name](spectrum, s), k)
    yield "Stab_Q lower", float(spectrum.mu) * enclosed.lower
    yield "Stab_Q upper", float(spectrum.mu) * enclosed.upper


STEPS: Mapping[str, Callable[[str, Spectrum], float]] = {
    "common": lambda name, spectrum: common_step(spectrum),
    "own": largest_step,
}
# what is measured, and at which steps
KINDS: Mapping[str, tuple[Callable[[Spectrum, str, float, int, float], Rows], tuple[str, ...]]] = {
    "one step": (_at_one_step, ("common", "own")),
    "range of steps": (_over_steps, ("own",)),
    "bracket": (_bracket, ("own",)),
}


TRENDS = Experiment(
    id="trends",
    title="Convergence, stability and sensitivity of GD and NAG against k",
    claims=("fig-trends", "table-1", "exact-tradeoff", "prose-faster-less-stable", "prose-sens-shrinks"),
    pieces=pieces,
    measure=measure,
    plot=trends,
    quick={"mu": 0.1, "L": 1.0, "c0": 0.1, "ks": [1, 2, 3, 5, 8, 12, 18, 30], "bracket_ks": [2, 5]},
    full={
        "mu": 0.1,
        "L": 1.0,
        "c0": 0.1,
        "ks": list(range(1, 31)),
        "bracket_ks": [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30],
        "kappas": [100.0, 1000.0],
        "far_k_max": 200,
        "far_count": 40,
    },
    keys=("kappa", "method", "step", "k", "quantity"),
    value="value",
    band=1e-6,
    alt=(
        "Four panels against the iteration k for gradient descent (solid) and NAG (dashed) at condition number 10. "
        "The worst error falls geometrically, NAG's faster after the first steps; the stability in b rises to 1/mu "
        "as its mirror image; the sensitivity first rises, NAG's above that of gradient descent, and falls later; "
        "the product of error and stability never exceeds a quarter."
    ),
)
