"""Where the bounds on the recurrent cell are attacked: cells of one unit on the line, exact in rational numbers.

On the line a cell with one ReLU is y -> V max(W_1 y + W_2 (q y + b), 0), so every norm is an absolute value and
both sides of a bound are rational. Wider cells are tried in the tests, in floating point.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from duality.hybrid.rates import recurrent as rates
from duality.ledger.search import Axis, Domain

Point = Mapping[str, Any]
K_AXIS = Axis("k", 0, 60, "integer")
STEEP = 0.98  # |slope| of a cell at most, so that the geometric sums stay readable


def unit_cell_path(slope: Any, drive: Any, k: int, gain: Any = 1) -> list[Any]:
    """y_0 = 0, ..., y_k of y -> gain * max(slope y + drive, 0)."""
    path = [0 * drive]
    for _ in range(k):
        path.append(gain * max(slope * path[-1] + drive, 0 * drive))
    return path


def contraction_point(a: Any, b: Any, k: int) -> dict[str, Any]:
    """One cell y -> max(a y + b, 0) and its change between the iterates k - 1 and k."""
    path = unit_cell_path(a, b, k)
    return {"a": a, "b": b, "k": k, "c": abs(a), rates.CHANGE.name: abs(path[k] - path[k - 1])}


def next_change(point: Point) -> Any:
    k = point["k"]
    path = unit_cell_path(point["a"], point["b"], k + 1)
    return abs(path[k + 1] - path[k])


def _signed_contraction(size: Any, side: Any, b: Any, k: int) -> dict[str, Any]:
    return contraction_point(size if side >= 0 else -size, b, k)


# few steps and no small slope: rounding must not decide about changes that have all but vanished
CONTRACTION = Domain(
    (Axis("size", 0.2, STEEP), Axis("side", -1, 1), Axis("b", -1, 1), Axis("k", 1, 6, "integer")),
    _signed_contraction,
)


def two_problems(a: Any, e: Any, b: Any, f: Any, k: int) -> dict[str, Any]:
    """One cell with W_2 = 1 on two problems: slopes a, e (so |Q - Q'| = |a - e|) and linear terms b, f."""
    gaps = {rates.DQ.name: abs(a - e), rates.DB.name: abs(b - f), rates.B_OTHER.name: abs(f)}
    constants = {"c_Q": abs(a), "c_p": abs(e), "c": max(abs(a), abs(e)), "chat": 1}
    return {"a": a, "e": e, "b": b, "f": f, "k": k} | gaps | constants


def output_change(point: Point) -> Any:
    first = unit_cell_path(point["a"], point["b"], point["k"])
    second = unit_cell_path(point["e"], point["f"], point["k"])
    return abs(first[-1] - second[-1])


def _pair_domain(k_axis: Axis) -> Domain:
    axes = (*(Axis(name, -STEEP, STEEP) for name in ("a", "e")), *(Axis(name, -1, 1) for name in ("b", "f")), k_axis)
    return Domain(axes, two_problems)


STABILITY = _pair_domain(K_AXIS)
STABILITY_SHARP = _pair_domain(Axis("k", 1, 60, "integer"))


def two_parameters(V: Any, a: Any, W: Any, p: Any, q: Any, t: Any, sign: int, k: int) -> dict[str, Any]:
    """One problem with Q = L = 1 and |b| = 1, two cells whose weights differ by t in a direction given by p and q.

    The first cell has the slope a = V (W_1 + W_2); (2p, 2q, 1 - p^2 - q^2)/(1 + p^2 + q^2) is a unit vector.
    """
    scale = t / (1 + p * p + q * q)
    V2, U, X = V + 2 * p * scale, a / V - W, W + (1 - p * p - q * q) * scale
    U2 = U + 2 * q * scale
    weights = {"V": V, "U": U, "W": W, "V'": V2, "U'": U2, "W'": X}
    slopes = abs(a), abs(V2 * (U2 + X))
    top, v = max(slopes), max(abs(V), abs(V2))
    alpha, beta = max(abs(U + W), abs(U2 + X)), max(abs(W), abs(X))
    reach = v * beta / (1 - top) if top != 1 else 0 * v
    given = {"k": k, "b": sign, "L": 1, "B": 1, "n": 1, "v": v, "w": 1, "alpha": alpha, "beta": beta}
    given |= {"c_min": min(slopes), "c": abs(a), "c_0": top, "Y": reach, "H": alpha * reach + beta}
    return weights | given | {rates.DPHI.name: abs(t)}


def parameter_change(point: Point) -> Any:
    ends = []
    for mark in ("", "'"):
        V, U, W = (point[name + mark] for name in ("V", "U", "W"))
        ends.append(unit_cell_path(U + W, W * point["b"], point["k"], V)[-1])
    return abs(ends[0] - ends[1])


def _signed(side: Any, **coordinates: Any) -> dict[str, Any]:
    return two_parameters(sign=1 if side >= 0 else -1, **coordinates)


SENSITIVITY = Domain(
    (
        Axis("V", 0.5, 2),
        Axis("a", -0.95, 0.95),
        Axis("W", -2, 2),
        *(Axis(name, -1, 1) for name in ("p", "q", "side")),
        Axis("t", 1e-3, 4e-3),
        Axis("k", 1, 30, "integer"),
    ),
    _signed,
)
