"""The bounds of the hybrid model as the number of steps grows: what folding leaves of the algorithm."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import sympy as sp

from duality.folding.rates.hybrid import LIMIT_BOUND, STAB_LIMIT
from duality.hybrid.layers import ALGORITHMS
from duality.hybrid.lipschitz import LENGTH
from duality.hybrid.numeric_bounds import values
from duality.hybrid.problem import LEARNED, PRINTED, SIGMA_B
from duality.hybrid.rates import generalization as rates

MU, L = float(PRINTED.mu), float(PRINTED.L)
STEP = 1 / L


def repaired_bound(method: str, k: int, n: int, root_r: float, log_number: float) -> float:
    """The repaired bound at the printed constants and the step 1/L. Raises `KeyError` for an unknown method."""
    return values(ALGORITHMS[method].method(PRINTED, STEP), k, n, root_r, log_number)["repaired"]


def limit_bound(n: int, root_r: float, log_number: float) -> float:
    """What it tends to, from the expression of the statement: Cvg is 0 and Stab is |b| / mu², the slope of 1/lambda."""
    widest = float(np.sqrt(LEARNED)) * (L - MU)
    known = {rates.n: n, rates.Lam: log_number, rates.B: widest, rates.L: L, rates.sigma_b: SIGMA_B, rates.r: root_r**2}
    return float(LIMIT_BOUND.rhs.subs({STAB_LIMIT: LENGTH / MU**2} | known))


def bound_curves(ks: Sequence[int], n: int, log_number: float) -> dict[str, list[float]]:
    """The repaired bound at r = 0 over k for GD and NAG."""
    return {name: [repaired_bound(name, k, n, 0.0, log_number) for k in ks] for name in ALGORITHMS}


def bias(lam: sp.Expr | float, k: int, s: sp.Expr | float = STEP) -> sp.Expr | float:
    """Derivative of GD folded at x_k over the true derivative of x_k, in one eigendirection."""
    q = 1 - s * lam
    return (1 - q**k) / (1 - q**k - k * (1 - q) * q ** (k - 1))
