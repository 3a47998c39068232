"""Covering numbers: exact ones of tiny sets, nets by farthest points of large ones, and Dudley's integral of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

LARGEST_EXACT = 16


def proper_number(members: Sequence[Any], near: Callable[[Any, Any], bool]) -> int:
    """The smallest number of members such that every member is `near` one of them (centres in the set).

    Tries all subsets in the order of their size. Raises `ValueError` for an empty set or more than 16 members.
    """
    distinct = list(dict.fromkeys(members))
    if not 0 < len(distinct) <= LARGEST_EXACT:
        raise ValueError(f"{len(distinct)} members; exact covering numbers take 1 to {LARGEST_EXACT}")
    masks = [sum(1 << j for j, other in enumerate(distinct) if near(centre, other)) for centre in distinct]
    full = (1 << len(distinct)) - 1
    for size in range(1, len(distinct) + 1):
        for chosen in itertools.combinations(masks, size):
            union = 0
            for mask in chosen:
                union |= mask
            if union == full:
                return size
    raise ValueError("a member is not near itself")


def farthest_points(points: np.ndarray, stop: float, limit: int | None = None) -> np.ndarray:
    """Radii of the greedy nets: entry j is the largest distance to the first j + 1 centres, points of shape (N, D).

    Each centre is the point farthest from those before it. So j + 1 balls of radius `radii[j]` cover the points, and
    the first j + 2 centres are at least `radii[j]` apart: an upper and a lower bound of covering numbers at once.
    Ends when the radius is at most `stop`, or after `limit` centres.
    """
    distance = np.linalg.norm(points - points[0], axis=1)
    radii = [float(distance.max())]
    while radii[-1] > stop and len(radii) < (limit or len(points)):
        centre = points[int(distance.argmax())]
        distance = np.minimum(distance, np.linalg.norm(points - centre, axis=1))
        radii.append(float(distance.max()))
    return np.array(radii)


def upper_number(radii: np.ndarray, epsilon: float) -> int:
    """An upper bound of the covering number at `epsilon`, from the radii of the greedy nets.

    Raises `ValueError` when the nets were stopped above `epsilon`.
    """
    enough = np.flatnonzero(radii <= epsilon)
    if not len(enough):
        raise ValueError(f"the nets end at radius {radii[-1]:.3g}, above {epsilon:.3g}")
    return int(enough[0]) + 1


def lower_number(radii: np.ndarray, epsilon: float) -> int:
    """A lower bound of every covering number at `epsilon`: centres more than 2 epsilon apart share no ball."""
    return int(np.sum(radii > 2 * epsilon)) + 1


def dudley(radii: np.ndarray, alpha: float, n: int) -> float:
    """4 alpha + 12 n^(-1/2) times the integral of the root of log N from alpha to the first radius.

    N is the upper bound of the greedy nets, a step function, so the integral is a finite sum.
    """
    ends = np.concatenate([[np.inf], radii])  # N = j + 1 on [radii[j], radii[j-1])
    numbers = np.arange(1, len(radii) + 1)
    lengths = np.clip(ends[:-1], alpha, radii[0]) - np.clip(ends[1:], alpha, radii[0])
    return float(4 * alpha + 12 / np.sqrt(n) * np.sum(lengths * np.sqrt(np.log(numbers))))


def linear_module_bound(n: int, span: float, inputs: int = 10, outputs: int = 3) -> float:
    r"""An upper bound of log N(n^(-1/2), Q, d_n) for the printed module of width 0, on every sample of size n.

    Each learned eigenvalue is a monotone function of an affine one, of pseudo-dimension D = inputs + 1, with values in
    an interval of length `span`. Haussler (1995): log N at epsilon in L2(P_n) is at most
    1 + log(D + 1) + D log(2e (span/epsilon)^2). For small n a grid of all values on the sample is the better cover.
    """
    dimension, squared = inputs + 1, n * outputs * span**2  # (span/epsilon)^2 with epsilon = (n outputs)^(-1/2)
    haussler = outputs * (1 + np.log(dimension + 1) + dimension * np.log(2 * np.e * squared))
    grid = outputs * n * np.log(np.ceil(np.sqrt(squared) / 2))
    return float(min(haussler, max(grid, 0.0)))
