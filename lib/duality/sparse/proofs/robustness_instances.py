"""Two runs of PLISA on one entry with different parameters: the adversaries of the lemma on robustness.

With d = 1, h = rho_-, and l1 and MCP with the weight w and w' of MCP. Ratios and weights are given, not eta and logits;
how far those move is bounded from below, nearly exactly for small moves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from duality.ledger.search import Axis, Domain
from duality.sparse.proofs.instances import exact, layer, minimizer
from duality.sparse.rates import robustness as rates
from duality.sparse.rates.capacity import ENTRIES_OFF, s_tilde
from duality.sparse.rates.letters import CURVATURE, s_star

Point = Mapping[str, Any]
LAYERS = 2  # K


def run(at: Point, alpha: Any, ratio: Any, target: Any, weight: Any, blocks: int) -> tuple[Any, Any, Any, Any]:
    """The output, the largest distance of an iterate from the minimizer of its block, lambda, and way of a layer."""
    h, c, b = at[CURVATURE.name], at["c"], at["b"]
    beta, lam, away, top, way = 0 * c, abs(c), 0 * c, 0 * c, 0 * c
    for _ in range(blocks):
        lam = max(ratio * lam, target)
        top = max(top, lam)
        limit = minimizer(h, c, lam, weight, b)
        away = max(away, abs(beta - limit))
        for _ in range(LAYERS):
            before, beta = beta, layer(beta, h, c, lam, weight, b, alpha)
            way = max(way, abs(beta - before))
    return beta, away, top, way


def arrival(at: Point, ratio: Any, target: Any) -> int:
    """The number of blocks until lambda_t is the target."""
    blocks, lam = 0, abs(at["c"])
    while blocks < 60 and (blocks == 0 or lam > target):
        lam = max(ratio * lam, target)
        blocks += 1
    return blocks


def point(
    low: Any, a1: Any, a2: Any, s1: Any, s2: Any, l1: Any, l2: Any, x1: Any, x2: Any, more: int = 1
) -> dict[str, Any]:
    """rho_+ = 1, rho_- = low, MCP at b = 2/low, the data c = 2; `more` blocks after both paths have arrived."""
    at = {"rho_-": low, "rho_+": low / low, CURVATURE.name: low, "c": 2 * low / low, "b": 2 / low, "d": low / low}
    at |= {"alpha": a1, "alpha_1": a2, "sigma": s1, "sigma_1": s2, "l": l1, "l_1": l2, "w": x1, "w_1": x2}
    return measured(at, more)


def logit_move(p: Any, other: Any) -> Any:
    """A lower bound on how far ln(p/(1 - p)) moves: the way over the largest p(1 - p) on it."""
    low, high = min(p, other), max(p, other)
    if low == high:
        return 0 * p
    half = (p + 1 - p) / 2
    middle = half if low <= half <= high else high if high < half else low
    return (high - low) / (middle * (1 - middle))


def measured(at: dict[str, Any], more: int) -> dict[str, Any]:
    """The point with every quantity of the statement, from the runs themselves.

    The logits (z, -z)/2 of a weight move by |z - z'|/sqrt(2), and sqrt(2) < 10/7.
    """
    blocks = max(arrival(at, at["sigma"], at["l"]), arrival(at, at["sigma_1"], at["l_1"])) - 1
    bent, smaller = max(at["w"], at["w_1"]) / at["b"], min(at["alpha"], at["alpha_1"])
    _, _, top, _ = run(at, at["alpha"], at["sigma"], at["l"], at["w"], blocks + more)
    _, away, second, way = run(at, at["alpha_1"], at["sigma_1"], at["l_1"], at["w_1"], blocks + more)
    return at | {
        "xi": bent,
        "blocks": blocks + more,
        rates.lowest.name: smaller,
        rates.SMALLER.name: smaller,
        rates.LARGER.name: max(at["alpha"], at["alpha_1"]),
        "q": 1 - smaller * (at["rho_-"] - bent),
        rates.most.name: max(at["sigma"], at["sigma_1"]),
        rates.RATIO.name: max(at["sigma"], at["sigma_1"]),
        "N": LAYERS * (blocks + more),
        "N_0": LAYERS * more,
        rates.AWAY.name: away,
        rates.WAY.name: way,
        rates.TOP.name: max(top, second),
        rates.START.name: abs(at["c"]),
        rates.D_STEP.name: abs(at["alpha"] - at["alpha_1"]),
        rates.D_ETA.name: logit_move(at["sigma"], at["sigma_1"]),
        rates.D_TARGET.name: abs(at["l"] - at["l_1"]),
        rates.D_WEIGHTS.name: 7 * logit_move(at["w"], at["w_1"]) / 10,
    }


def difference(at: Point) -> Any:
    """The distance of the two outputs."""
    first = run(at, at["alpha"], at["sigma"], at["l"], at["w"], int(at["blocks"]))[0]
    second = run(at, at["alpha_1"], at["sigma_1"], at["l_1"], at["w_1"], int(at["blocks"]))[0]
    return abs(first - second)


_LOW, _AXES = (
    Axis("low", 0.05, 0.95),
    {"a": Axis("a1", 0.2, 1), "s": Axis("s1", 0.2, 0.6), "l": Axis("l1", 0.3, 1.5), "x": Axis("x1", 0, 1)},
)
_OTHERS = {"a": Axis("a2", 0.2, 1), "s": Axis("s2", 0.2, 0.6), "l": Axis("l2", 0.3, 1.5), "x": Axis("x2", 0, 1)}
_MORE = Axis("more", 1, 2, "integer")
PAIRS = Domain((_LOW, *(axis for name in _AXES for axis in (_AXES[name], _OTHERS[name]))), point)


def alone(letter: str) -> Domain:
    """Pairs that differ in one parameter: the step "a", the ratio "s", the target "l" or the weight "x"."""

    def same(more: int, **values: Any) -> dict[str, Any]:
        return point(**{f"{name}2": values[f"{name}1"] for name in _AXES} | values, more=more)

    return Domain((_LOW, *_AXES.values(), _OTHERS[letter], _MORE), same)


ALONE = {"the step": alone("a"), "the ratios": alone("s"), "the targets": alone("l"), "the weights": alone("x")}
_BASE = exact(
    {"low": sp.Rational(1, 2), "a1": 1, "a2": sp.Rational(1, 2), "s1": sp.Rational(1, 2), "s2": sp.Rational(1, 2)}
)
_BASE |= exact({"l1": 1, "l2": 1, "x1": 0, "x2": 0})
_SLOW = _BASE | exact({"l1": sp.Rational(1, 4), "l2": sp.Rational(1, 4)})  # the path takes three blocks
_SIGMA = _SLOW | exact({"a2": 1, "s1": sp.Rational(1, 4)})
_LEVEL = sp.Rational(3, 4)
_HALF, _MILLION = sp.Rational(1, 2), sp.Integer(10) ** 6


def remade(values: Point, more: int = 1, **changed: Any) -> dict[str, Any]:
    """The point of these values with the loss or the penalty changed, and every quantity from the changed runs."""
    return measured(point(**values) | changed, more)


def flat(values: Point, more: int) -> dict[str, Any]:
    """Curvature 1/10 where rho_- = 1 is claimed."""
    return remade(values, more, **{CURVATURE.name: sp.Rational(1, 10)}) | {"rho_-": 1, "q": _HALF}


def steep(values: Point, more: int) -> dict[str, Any]:
    """Curvature 5 where rho_+ = 1 is claimed."""
    return remade(values, more, **{CURVATURE.name: sp.Integer(5)})


def rising(values: Point, more: int, claimed: Any) -> dict[str, Any]:
    """A concave part that bends up, so that xi = -1 and q < 0: curvature 1, factors from -1/2 on."""
    bent = exact({"w": -1, "w_1": -1, "b": 1, CURVATURE.name: 1, "rho_-": 1})
    return remade(values, more, **bent) | {"q": claimed}


def unbounded(values: Point, more: int) -> dict[str, Any]:
    """A lower bound on the step that says nothing, and a penalty that bends more than the loss."""
    bent = exact({"w": 1, "w_1": 1, "b": 1})
    return remade(values, more, **bent) | {rates.lowest.name: -1, "q": _HALF}


_SHORT = _BASE | exact({"a2": sp.Rational(1, 20)})
_QUARTERS = _BASE | exact({"a2": sp.Rational(3, 4)})
_LITTLE = _SLOW | exact({"a1": sp.Rational(1, 5), "a2": sp.Rational(1, 10)})
ABLATIONS: dict[str, dict[str, Any]] = {
    "alpha_min > 0": unbounded(_LITTLE, 1),
    "alpha_min <= alpha": point(**_SHORT, more=6) | {rates.lowest.name: 1, "q": _HALF},
    "alpha <= 1/rho_+": point(**(_SLOW | exact({"a1": 5})), more=10),
    "curvature from below": flat(_BASE, 10),
    "curvature from above": steep(_BASE, 6),
    "q": point(**_BASE) | {"q": 1 / _MILLION},
    "q > 0": rising(_QUARTERS, 1, -_HALF),
    "q < 1": point(**_BASE) | {"q": 2},
    "sigma": point(**_SIGMA) | {rates.most.name: -_MILLION},
    "sigma < 1": point(**_SIGMA) | {rates.most.name: _MILLION},
    "N_0 >= 1": point(**_SLOW, more=0),
}
_SAME = _SIGMA | exact({"a1": sp.Rational(1, 10), "a2": sp.Rational(1, 10)})
_BOUNCE = _SIGMA | exact({"a1": sp.Rational(3, 4), "a2": sp.Rational(3, 4), "l1": _LEVEL, "l2": _LEVEL})
_LONG = _SIGMA | exact({"a1": 5, "a2": 5})
ETA_ABLATIONS = {
    name: (at, difference(at))
    for name, at in {
        "alpha_min > 0": unbounded(_SAME, 10),
        "alpha_min <= alpha": point(**_SAME, more=10) | {rates.lowest.name: 1, "q": _HALF},
        "alpha <= 1/rho_+": point(**_LONG, more=10) | {rates.lowest.name: 1, "q": _HALF},
        "curvature from below": flat(_SIGMA, 10),
        "curvature from above": steep(_SIGMA, 6),
        "q": point(**_SIGMA) | {"q": 1 / _MILLION},
        "q > 0": rising(_BOUNCE, 6, -sp.Rational(1, 10)),
        "q < 1": point(**_SIGMA) | {"q": 2},
        "sigma": point(**_SIGMA) | {rates.most.name: -_MILLION},
        "sigma < 1": point(**_SIGMA) | {rates.most.name: _MILLION},
    }.items()
}

# one entry, which is the support; and H = (I + J/533)/2 with all 4797 entries alike, quotients up to 1 at 533 entries
# and 5 at all of them: a run is that of one entry with curvature 5, sqrt(4797) times as long
_ONE = {s_star.name: 1, s_tilde.name: 266, ENTRIES_OFF.name: 0}
_DENSE = steep(_BASE, 6)
_LENGTH = sp.sqrt(4797)
_SEEN = _ONE | {ENTRIES_OFF.name: 4796, CURVATURE.name: _HALF, rates.WAY.name: _LENGTH * _DENSE[rates.WAY.name]}
SPARSE_ABLATIONS = {name: (at | _ONE, difference(at)) for name, at in ABLATIONS.items()} | {
    "sparse iterates": (_DENSE | _SEEN, _LENGTH * difference(_DENSE))
}
