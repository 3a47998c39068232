"""The generalization bound of T Theorem 7.5.1 against the depth, for many constants, and the bound that holds.

Both are the expressions of the ledger (`rates.generalization`), evaluated; t_0 = 0 as in the stability rate. The share
is c_2 / (c_3 d) in the letters of eq. 7.16: what the logarithm that can fall weighs against the one that cannot.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import sympy as sp

from duality.book.figures import Experiment, short
from duality.sparse.plots.bound import bound
from duality.sparse.rates import generalization as rates
from duality.sparse.rates.letters import N, m
from duality.sparse.rates.robustness import N_0, q

D = 256  # of the first setting in T 7.7


@cache
def printed() -> Callable[..., np.ndarray]:
    """The number under the root of eq. 7.16, times m, of (c_1, c_2, d, m, N, C) in the letters of the ledger.

    The first logarithm is of a maximum with 1, which the ledger's expression leaves to its hypothesis.
    """
    first, second = (rates.RADICAND.coeff(c) * c for c in (rates.c1, rates.c2))
    letters = (rates.c1, rates.c2, rates.d, m, rates.depth, rates.speed)
    return sp.lambdify(letters, sp.Max(first, 0) + second, "numpy")


@cache
def repaired() -> Callable[..., np.ndarray]:
    """The number under the root of the bound that holds, times 2m, of (c_1, c_2, p, m, N, q), width 1, without the
    term of the confidence."""
    body = sp.log(rates.OF_STEP) + rates.p * sp.log(rates.OF_REST)
    body = body.subs({rates.width: 1, N_0: N})
    return sp.lambdify((rates.c1, rates.c2, rates.p, m, N, q), body, "numpy")


def pieces(
    speeds: Sequence[float], shares: Sequence[float], ms: Sequence[int], depths: Sequence[int]
) -> list[dict[str, Any]]:
    """One piece per speed C_Theta, share and number of problems; the repaired bound for the largest number alone."""
    return [
        {"speed": speed, "share": share, "m": count, "depths": list(depths), "repair": count == max(ms)}
        for speed in speeds
        for share in shares
        for count in ms
    ]


def measure(speed: float, share: float, m: int, depths: list[int], repair: bool) -> list[dict[str, Any]]:
    """Both numbers under the root against KT, with c_3 = 1 and c_2 = share * d.

    The first divided by the number of entries d and by m, as printed; the second with the same shares of step and rest,
    Lipschitz constants c_1 = c_2 = 10, p = d entries, and its first logarithm weighed alike.
    """
    N = np.array(depths, dtype=float)
    number = printed()(share * D, 1.0, D, m, N, speed) / (D * m)
    factor = np.exp(-speed)
    steps = repaired()(10.0, 0.0, 1, m, N, factor)  # the logarithm of the step alone
    rest = repaired()(0.0, 10.0, D, m, N, factor) + np.zeros_like(N)
    holds = (share * D * steps + rest) / (2 * D * m)
    rows = []
    for name, values in (("printed", number), ("repaired", holds))[: 1 + repair]:
        rows += [
            {
                "speed": speed,
                "share": share,
                "m": m,
                "KT": depth,
                "bound": name,
                "radicand": short(value, 5),
                "defined": bool(value >= 0),
            }
            for depth, value in zip(depths, values, strict=True)
        ]
    return rows


DEPTHS = list(range(1, 201))
BOUND = Experiment(
    id="plisa-bound",
    title="The printed generalization bound against the depth",
    claims=("fig-plisa-bound", "generalization", "generalization-repaired", "generalization-window"),
    pieces=pieces,
    measure=measure,
    plot=bound,
    quick={"speeds": [0.01, 0.1], "shares": [1.0], "ms": [2000], "depths": DEPTHS},
    full={
        "speeds": [0.003, 0.01, 0.03, 0.1, 0.3],
        "shares": [round(1 / D, 8), 0.1, 1.0, 10.0],
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
        "problem ends where it is negative again. Fourth, the repaired bound: defined everywhere, of the same shapes."
    ),
)
