"""The stable region of the recurrent cell against the condition number: what is proved, known cells, trained cells.

Two questions. How small can c_phi be for a cell whose limit is Opt? And how far from Opt does a cell with c_phi = C
have to end? All spectra are [1, kappa].
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import sympy as sp

from duality.book.figures import Experiment, short
from duality.hybrid import recurrent_search as search
from duality.hybrid.plots.recurrent_region import recurrent_region
from duality.hybrid.rates import recurrent as rates
from duality.hybrid.recurrent import c_phi, gradient_descent_cell, shrunk_cell
from duality.quadratic.problem import Spectrum, check_parameters

C, STEPS = 0.99, 2000  # C^STEPS is below 1e-8: what is measured is the limit
TRAINED_STEPS, ROUNDS_C, ROUNDS_ERROR, COUNT = 16, 400, 250, 8
DIGITS = 9
DIMENSION = 2
_smallest = sp.lambdify(rates.kappa, rates.MIN_C)
_floor = sp.lambdify((rates.kappa, rates.c), rates.FLOOR.rhs)


def pieces(
    kappas: Sequence[float],
    trained_c: Sequence[float],
    trained_error: Sequence[float],
    cells_c: Sequence[Sequence[int]],
    cells_error: Sequence[Sequence[int]],
    seeds_c: int,
    seeds_error: int,
) -> list[dict[str, Any]]:
    """One piece per condition number for the curves, and one per trained batch.

    A cell is a list: dimension, then the widths of its layers. Raises `ValueError` for a condition number not above 1.
    """
    every = sorted({*kappas, *trained_c, *trained_error})
    for kappa in every:
        check_parameters(kappa=kappa)
        if kappa == 1:
            raise ValueError("kappa = 1: one matrix only, and c_phi = 0 is possible; take kappa > 1")
    found: list[dict[str, Any]] = [{"kind": "curves", "kappa": kappa} for kappa in every]
    plans = (("trained c", trained_c, cells_c, seeds_c), ("trained error", trained_error, cells_error, seeds_error))
    for kind, at, cells, seeds in plans:
        found += [
            {"kind": kind, "kappa": kappa, "cell": list(cell), "seed": seed}
            for kappa in at
            for cell in cells
            for seed in range(seeds)
        ]
    return found


def measure(kind: str, kappa: float, cell: Sequence[int] = (), seed: int = 0) -> list[dict[str, Any]]:
    """The rows of one piece; a trained batch is represented by its best cell."""
    if kind == "curves":
        return [_row(kappa, name, value) for name, value in _curves(kappa).items()]
    d, *widths = cell
    if kind == "trained c":
        cells = search.identity_cells(kappa, d, widths, COUNT, ROUNDS_C, seed)
        value = min(search.normalized_identity(found, d, kappa)[0] for found in cells)
    else:
        cells = search.region_cells(kappa, d, widths, COUNT, ROUNDS_ERROR, seed, C, TRAINED_STEPS)
        value = min(search.largest_error(found, kappa, d, STEPS) for found in cells)
    return [_row(kappa, kind, value, "-".join(map(str, cell)), seed)]


def _curves(kappa: float) -> dict[str, float]:
    """What the theorems say, and the same quantities measured on the explicit cells."""
    spectrum = Spectrum(1.0, float(kappa))
    solver = gradient_descent_cell(2 / (1 + kappa), DIMENSION, 2)
    explicit = solver if c_phi(solver, spectrum) <= C else shrunk_cell(spectrum, DIMENSION, C)
    return {
        "smallest c": float(_smallest(kappa)),
        "eq. 80": c_phi(solver, spectrum),
        "floor": max(float(_floor(kappa, C)), 0.0),
        "explicit cell": search.largest_error(explicit, kappa, DIMENSION, STEPS),
    }


def _row(kappa: float, quantity: str, value: float, cell: str = "", seed: int = 0) -> dict[str, Any]:
    return {"kappa": kappa, "quantity": quantity, "cell": cell or "none", "seed": seed, "value": short(value, DIGITS)}


RECURRENT_REGION = Experiment(
    id="rnn-region",
    title="What the stable region of the recurrent cell allows",
    claims=("rnn-best-convergence", "rnn-best-c", "rnn-convergent-cell", "rnn-impossible", "rnn-floor"),
    pieces=pieces,
    measure=measure,
    plot=recurrent_region,
    quick={
        "kappas": [3.0],
        "trained_c": [2.0, 10.0],
        "trained_error": [6.0],
        "cells_c": [[2, 6]],
        "cells_error": [[1, 4]],
        "seeds_c": 1,
        "seeds_error": 1,
    },
    full={
        "kappas": [short(1 + excess, DIGITS) for excess in np.geomspace(0.02, 49, 60)] + [3.0],
        "trained_c": [1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 10.0, 20.0, 50.0],
        "trained_error": [1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 10.0, 20.0, 50.0],
        "cells_c": [[2, 6], [2, 6, 6]],
        "cells_error": [[1, 4], [2, 6]],
        "seeds_c": 3,
        "seeds_error": 2,
    },
    keys=("kappa", "quantity", "cell", "seed"),
    value="value",
    band=0.05,
    alt=(
        "Two panels against the condition number from 1 to 50. Left: the smallest constant of a cell that solves the "
        "problem, a curve from 0 to nearly 2 that crosses 1 at condition number 3; the cell of equation 80 lies on it, "
        "trained cells above it. Right: the error that a cell of the stable region keeps; it is 0 up to 3 and rises "
        "towards 1 from there; an explicit cell lies on the proved curve, trained cells above it."
    ),
)
