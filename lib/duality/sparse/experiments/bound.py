"""The generalization bound of T Theorem 7.5.1 against the depth, for many constants, and the bound that is proved.

Both are the expressions of the ledger (`rates.generalization`), evaluated; t_0 = 0 as in the stability rate. The share
is c_2 / (c_3 d) in the letters of eq. 7.16: what the logarithm that can fall weighs against the one that cannot. In the
bound that is proved it is 1/p, here 1/d.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import sympy as sp
from sympy.codegen.cfunctions import log1p

from duality.book.figures import Experiment, short
from duality.sparse.plots.bound import bound
from duality.sparse.rates import generalization as rates
from duality.sparse.rates.letters import N, m
from duality.sparse.rates.robustness import N_0, q

D = 256  # of the first setting in T 7.7


PROVED = round(1 / D, 8)  # the share of the bound that is proved


@cache
def printed() -> Callable[..., np.ndarray]:
    """The number under the root of eq. 7.16, times m, of (c_1, c_2, d, m, N, C) in the letters of the ledger.

    The first logarithm is of a maximum with 1, which the ledger's expression leaves to its hypothesis. The logarithm of
    1 - e^(-CN) goes to log1p, which keeps its sign where e^(-CN) is below the precision of 1.
    """
    first, second = (sp.expand_log(rates.RADICAND.coeff(c)) * c for c in (rates.c1, rates.c2))
    far = sp.exp(-rates.speed * rates.depth)
    letters = (rates.c1, rates.c2, rates.d, m, rates.depth, rates.speed)
    return sp.lambdify(letters, sp.Max(first, 0) + second.subs(sp.log(1 - far), log1p(-far)), "numpy")


@cache
def proved() -> Callable[..., np.ndarray]:
    """The number under the root of the proved bound, times 2m, of (c_1, c_2, p, m, N, q), width 1, without the
    term of the confidence."""
    body = sp.log(rates.OF_STEP) + rates.p * sp.log(rates.OF_REST)
    body = body.subs({rates.width: 1, N_0: N})
    return sp.lambdify((rates.c1, rates.c2, rates.p, m, N, q), body, "numpy")


def pieces(
    speeds: Sequence[float], shares: Sequence[float], ms: Sequence[int], depths: Sequence[int]
) -> list[dict[str, Any]]:
    """One piece per speed C_Theta, share and number of problems; the proved bound at its share, most problems alone."""
    return [
        {
            "speed": speed,
            "share": share,
            "m": count,
            "depths": list(depths),
            "both": (count, share) == (max(ms), PROVED),
        }
        for speed in speeds
        for share in shares
        for count in ms
    ]


def measure(speed: float, share: float, m: int, depths: list[int], both: bool) -> list[dict[str, Any]]:
    """The number under the root against KT, over d and m: as printed with c_3 = 1 and c_2 = share * d, and as proved
    with the Lipschitz constants c_1 = c_2 = 10 and p = d."""
    N = np.array(depths, dtype=float)
    values = {"printed": printed()(share * D, 1.0, D, m, N, speed) / (D * m)}
    if both:
        values["proved"] = proved()(10.0, 10.0, D, m, N, np.exp(-speed)) / (2 * D * m)
    return [
        {
            "speed": speed,
            "share": share,
            "m": m,
            "KT": depth,
            "bound": name,
            "radicand": short(value, 8 if name == "proved" else 5),
            "defined": bool(value >= 0),
        }
        for name, numbers in values.items()
        for depth, value in zip(depths, numbers, strict=True)
    ]


DEPTHS = list(range(1, 201))
BOUND = Experiment(
    id="plisa-bound",
    title="The printed generalization bound against the depth",
    claims=("fig-plisa-bound", "generalization", "generalization-repaired", "generalization-window"),
    pieces=pieces,
    measure=measure,
    plot=bound,
    quick={"speeds": [0.01, 0.1], "shares": [PROVED, 1.0], "ms": [2000], "depths": DEPTHS},
    full={
        "speeds": [0.003, 0.01, 0.03, 0.1, 0.3],
        "shares": [PROVED, 0.1, 1.0, 10.0],
        "ms": [1, 10, 100, 2000],
        "depths": DEPTHS,
    },
    keys=("speed", "share", "m", "KT", "bound"),
    value="radicand",
    band=1e-4,
    alt=(
        "Four panels against the depth. First, the printed bound with a heavy first logarithm: fast speeds rise, fall "
        "and level off, slower ones rise fast and fall slowly until the end, the slowest only rise. Second, the same "
        "with the constants c2 = c3 and 256 entries: all five curves only rise. Third, one, ten, a hundred and two "
        "thousand problems: the curves start where the number under the root becomes positive, and that of a single "
        "problem ends where it is negative again. Fourth, the bound that is proved: five curves that are "
        "defined everywhere and rise; the fast ones level off."
    ),
)
