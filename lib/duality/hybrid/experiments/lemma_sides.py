"""Both sides of R Lemma 4.1 and 4.2 on trained models: a table of models in, the same with sides and slack out."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import sympy as sp
import torch

from duality.hybrid.layers import ALGORITHMS, Trained, energy_errors, samples
from duality.hybrid.problem import BOX, DIMENSION, PRINTED, SIGMA_B, Population
from duality.hybrid.rates import approximation as rates
from duality.ledger.claim import Statement
from duality.quadratic.exact import cvg
from duality.quadratic.problem import Spectrum
from duality.quadratic.rates import M

COLUMNS = ("k", "algorithm", "phi", "loss_mean", "loss_square", "q_error", "q_error_square")
# name of the two columns that are added, the statement, and what its left side measures
STATEMENTS: dict[str, Statement] = {
    "approximation": rates.APPROXIMATION,
    "approximation_sharp": rates.APPROXIMATION_SHARP,
    "representation": rates.REPRESENTATION,
    "representation_sharp": rates.REPRESENTATION_SHARP,
}


def sides(table: pd.DataFrame, spectrum: Spectrum = PRINTED) -> pd.DataFrame:
    r"""`table` with the exact Cvg at each row's k and phi, and for each statement left side, right side and slack.

    Columns in: k, algorithm ("GD" or "NAG"), phi (the step size), loss_mean $P\ell$, loss_square $P\ell^2$, q_error
    $P\|Q_\theta-Q^*\|_F$, q_error_square $P\|Q_\theta-Q^*\|_F^2$; other columns are kept. Columns out: cvg, and
    NAME_left, NAME_right, NAME_slack (their ratio) for approximation (Lemma 4.1), representation (Lemma 4.2) and the
    versions NAME_sharp without a bound on b. The problem is the printed one: d, sigma_b and M come from it.
    Raises `ValueError` naming the columns that are missing, or an algorithm that is not known.
    """
    if missing := [name for name in COLUMNS if name not in table]:
        raise ValueError(f"the table lacks the columns: {', '.join(missing)}")
    if unknown := sorted(set(table["algorithm"]) - set(ALGORITHMS)):
        raise ValueError(f"unknown algorithm: {', '.join(map(str, unknown))}; known are {', '.join(ALGORITHMS)}")
    out = table.copy()
    out["cvg"] = [
        _cvg(algorithm, float(phi), int(k), spectrum)
        for algorithm, phi, k in zip(table["algorithm"], table["phi"], table["k"], strict=True)
    ]
    values = {
        "mu": float(spectrum.mu),
        "L": float(spectrum.L),
        "sigma_b": float(SIGMA_B),
        "d": DIMENSION,
        M.name: float(np.sqrt(DIMENSION) * BOX / spectrum.mu),
        rates.CVG.name: out["cvg"],
        rates.LOSS.name: table["loss_mean"],
        rates.RMS_LOSS.name: np.sqrt(table["loss_square"]),
        rates.Q_ERROR.name: table["q_error"],
        rates.Q_ERROR_SQUARE.name: table["q_error_square"],
        rates.RMS_Q_ERROR.name: np.sqrt(table["q_error_square"]),
    }
    for name, statement in STATEMENTS.items():
        symbols = sorted(statement.rhs.free_symbols, key=str)
        right = sp.lambdify(symbols, statement.rhs, "numpy")(*(values[s.name] for s in symbols))
        out[f"{name}_left"], out[f"{name}_right"] = values[str(statement.lhs)], right
        out[f"{name}_slack"] = out[f"{name}_left"] / out[f"{name}_right"]
    return out


def measured_row(trained: Trained, population: Population) -> dict[str, Any]:
    """The columns that `sides` reads, for one trained model, with means over the pairs of `population`."""
    with torch.no_grad():
        losses = samples(population).loss(trained.model).numpy()
    errors = energy_errors(trained.model, population)
    return {
        "k": trained.model.solver.k,
        "algorithm": trained.algorithm.name,
        "phi": trained.model.phi,
        "loss_mean": float(losses.mean()),
        "loss_square": float((losses**2).mean()),
        "q_error": float(errors.mean()),
        "q_error_square": float((errors**2).mean()),
    }


@lru_cache(maxsize=4096)
def _cvg(algorithm: str, phi: float, k: int, spectrum: Spectrum) -> float:
    return cvg(ALGORITHMS[algorithm].method(spectrum, phi), k).upper
