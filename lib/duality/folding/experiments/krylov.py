"""Krylov methods against the fixed-point iteration in the backward pass, over the condition number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from duality.book.figures import Experiment, short
from duality.folding.krylov import (
    RULES,
    SPECTRA,
    STEPS,
    error_of,
    fixed_point_errors,
    gmres,
    needed,
    ones,
    rule_errors,
    system,
)
from duality.folding.plots.krylov import products

GOAL = 1e-6  # the relative error of the gradient that is asked for
BEST = "2/(mu+L)"
SIZE, DRAWS = 100, 5
KNOWN_KAPPA, KNOWN_SIZE, KNOWN_STEPS, KNOWN_PRODUCTS = 1000, 50, 1000, 51


def pieces(kappas: Sequence[int], spectra: Sequence[str], known: Sequence[str]) -> list[dict[str, Any]]:
    """One piece per condition number and spectrum, and one for each spectrum of the known setting."""
    for given in (spectra, known):
        if unknown := set(given) - set(SPECTRA):
            raise ValueError(f"unknown spectra {sorted(unknown)}; take some of: {', '.join(SPECTRA)}")
    return [{"part": "products", "spectrum": name, "kappa": kappa} for name in spectra for kappa in kappas] + [
        {"part": "known", "spectrum": name, "kappa": KNOWN_KAPPA} for name in known
    ]


def measure(part: str, spectrum: str, kappa: int) -> list[dict[str, Any]]:
    """The rows of one piece."""
    here = {"part": part, "spectrum": spectrum, "kappa": kappa}
    rows = known_setting(spectrum) if part == "known" else counted(spectrum, kappa)
    return [here | row for row in rows]


def counted(spectrum: str, kappa: int) -> list[dict[str, Any]]:
    """Products until the error of the gradient is 1e-6, N = 100, step 2/(mu+L): median, least and most of 5 draws."""
    batch, rows = system(spectrum, BEST, kappa, SIZE, DRAWS, 0), []
    cap = int(np.sqrt(kappa) / 2 * np.log(2 * np.sqrt(kappa) / GOAL)) + 1  # CG in the 2-norm, without rounding
    most = {"fixed point": 100 * kappa, "GMRES": min(SIZE, cap), "CG": min(10 * SIZE, cap)}
    for rule in RULES:
        counts = [needed(error_of(rule, batch.row(draw)), GOAL, most[rule]) for draw in range(DRAWS)]
        low, middle, high = (float(value) for value in np.quantile(counts, (0, 0.5, 1)))
        rows.append({"step": BEST, "rule": rule, "value": middle, "low": low, "high": high})
    return rows


def known_setting(spectrum: str) -> list[dict[str, Any]]:
    """kappa = 1000, N = 50, the loss is the sum of the solution: errors of the gradient for both steps.

    Unrolling K steps from 0 differentiates to K - 1 products, so it lags the fixed-point rule by one.
    """
    rows = []
    for step in STEPS:
        problem = ones(spectrum, step, KNOWN_KAPPA, KNOWN_SIZE)
        krylov = gmres(KNOWN_PRODUCTS)
        errors = {
            "fixed point": fixed_point_errors(problem, KNOWN_STEPS),
            "unrolled": fixed_point_errors(problem, KNOWN_STEPS - 1),
            "GMRES, double": rule_errors(krylov, problem, problem.w).clamp_min(1e-11),
            "GMRES, single": rule_errors(krylov, problem.single(), problem.w).clamp_min(1e-11),
        }
        for rule, error in errors.items():
            value = short(float(error), 6)
            rows.append({"step": step, "rule": rule, "value": value, "low": value, "high": value})
    return rows


KRYLOV = Experiment(
    id="folding-krylov",
    title="Products of the backward pass over the condition number",
    claims=("folded-krylov",),
    pieces=pieces,
    measure=measure,
    plot=products,
    quick={"kappas": [10, 100], "spectra": list(SPECTRA), "known": []},
    full={
        "kappas": [10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000],
        "spectra": list(SPECTRA),
        "known": list(SPECTRA),
    },
    keys=("part", "spectrum", "kappa", "step", "rule"),
    value="value",
    band=0.05,
    alt=(
        "Two panels on logarithmic axes of the products with Phi that a relative gradient error of 1e-6 takes, against "
        "the condition number. The fixed-point iteration follows a line of slope one up to almost a million; conjugate "
        "gradients and GMRES follow the curve of slope one half until they level off, GMRES below 100, which is the "
        "number of variables."
    ),
)
