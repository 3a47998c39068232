"""PLISA on one entry, in exact arithmetic: the adversaries of the statements are made of these.

The loss is L(beta) = h beta^2/2 - c beta with h > 0, the penalty l1 plus a weight w of MCP at b; c = h beta* - g for
the truth beta* and the gradient g there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import sympy as sp


def soft(u: Any, bound: Any) -> Any:
    """The soft threshold."""
    return u - bound if u > bound else u + bound if u < -bound else 0 * u


def bend(beta: Any, lam: Any, w: Any, b: Any) -> Any:
    """q' of the MCP part, along its printed pieces."""
    if abs(beta) <= b * lam:
        return -w * beta / b
    return -w * lam if beta > 0 else w * lam


def layer(beta: Any, h: Any, c: Any, lam: Any, w: Any, b: Any, alpha: Any) -> Any:
    """One layer of Algorithm 6."""
    return soft(beta - alpha * (h * beta - c + bend(beta, lam, w, b)), alpha * lam)


def layers(beta: Any, count: int, *problem: Any) -> Any:
    """`count` layers from `beta`."""
    for _ in range(int(count)):
        beta = layer(beta, *problem)
    return beta


def minimizer(h: Any, c: Any, lam: Any, w: Any, b: Any) -> Any:
    """The limit of the layers, from the pieces of its stationarity condition; needs h > w/b."""
    size, sign = abs(c), 1 if c > 0 else -1
    if size <= lam:
        return 0 * c
    small = (size - lam) / (h - w / b)
    return sign * small if small <= b * lam else sign * (size - (1 - w) * lam) / h


def norm(*entries: Any) -> Any:
    """The Euclidean norm, exact where the entries are."""
    total = sum(entry**2 for entry in entries)
    return sp.sqrt(total) if isinstance(total, sp.Basic) else math.sqrt(total)


def exact(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same values as rational numbers, so that quotients of whole numbers stay exact."""
    return {name: sp.Rational(value) for name, value in values.items()}
