"""Where two curves, known at some k only, change order."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Crossing:
    """The first curve is on one side at k = before and on the other at k = after; the chords meet at (k,
    value).
    """

    before: int
    after: int
    k: float
    value: float


def crossings(ks: Sequence[int], first: Sequence[float], second: Sequence[float]) -> list[Crossing]:
    """Changes of order between consecutive entries of `ks`; equal values count as no order yet.

    Values must be positive: chords are taken in the logarithm, as the curves are drawn.
    """
    found = []
    last: tuple[int, float, float] | None = None
    for k, a, b in zip(ks, first, second, strict=True):
        if math.isclose(a, b, rel_tol=1e-9):
            continue
        if last is not None and (a > b) != (last[1] > last[2]):
            gap_before, gap_after = math.log(last[1] / last[2]), math.log(a / b)
            share = gap_before / (gap_before - gap_after)
            value = math.exp((1 - share) * math.log(last[1]) + share * math.log(a))
            found.append(Crossing(last[0], k, last[0] + share * (k - last[0]), value))
        last = (k, a, b)
    return found
