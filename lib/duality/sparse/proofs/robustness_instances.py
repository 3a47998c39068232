"""Two runs of PLISA on one entry with different parameters: the adversaries of the lemma on robustness.

With d = 1, h = rho_-, MCP with the weights w and w'. A change of the ratio sigma stands for one of eta of four times
its size, and a change of the weight for one of the logits of twice its size: no logits move them with less.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from duality.ledger.search import Axis, Domain
from duality.sparse.proofs.instances import exact, layer, minimizer
from duality.sparse.rates import robustness as rates
from duality.sparse.rates.letters import CURVATURE

Point = Mapping[str, Any]
LAYERS = 2  # K


def run(at: Point, alpha: Any, ratio: Any, target: Any, weight: Any, blocks: int) -> tuple[Any, Any, Any]:
    """The output, the largest distance of an iterate from the minimizer of its block, and the largest lambda."""
    h, c, b = at[CURVATURE.name], at["c"], at["b"]
    beta, lam, away, top = 0 * c, abs(c), 0 * c, 0 * c
    for _ in range(blocks):
        lam = max(ratio * lam, target)
        top = max(top, lam)
        limit = minimizer(h, c, lam, weight, b)
        away = max(away, abs(beta - limit))
        for _ in range(LAYERS):
            beta = layer(beta, h, c, lam, weight, b, alpha)
    return beta, away, top


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


def measured(at: dict[str, Any], more: int) -> dict[str, Any]:
    """The point with every quantity of the statement, from the runs themselves."""
    blocks = max(arrival(at, at["sigma"], at["l"]), arrival(at, at["sigma_1"], at["l_1"])) - 1
    bent, smaller = max(at["w"], at["w_1"]) / at["b"], min(at["alpha"], at["alpha_1"])
    _, away, top = run(at, at["alpha_1"], at["sigma"], at["l"], at["w"], blocks + more)
    _, _, second = run(at, at["alpha_1"], at["sigma_1"], at["l_1"], at["w_1"], blocks + more)
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
        rates.TOP.name: max(top, second),
        rates.START.name: abs(at["c"]),
        rates.D_STEP.name: abs(at["alpha"] - at["alpha_1"]),
        rates.D_ETA.name: 4 * abs(at["sigma"] - at["sigma_1"]),
        rates.D_TARGET.name: abs(at["l"] - at["l_1"]),
        rates.D_WEIGHTS.name: 2 * abs(at["w"] - at["w_1"]),
    }


def difference(at: Point) -> Any:
    """The distance of the two outputs."""
    first = run(at, at["alpha"], at["sigma"], at["l"], at["w"], int(at["blocks"]))[0]
    second = run(at, at["alpha_1"], at["sigma_1"], at["l_1"], at["w_1"], int(at["blocks"]))[0]
    return abs(first - second)


PAIRS = Domain(
    (
        Axis("low", 0.05, 0.95),
        Axis("a1", 0.2, 1),
        Axis("a2", 0.2, 1),
        Axis("s1", 0.2, 0.6),
        Axis("s2", 0.2, 0.6),
        Axis("l1", 0.3, 1.5),
        Axis("l2", 0.3, 1.5),
        Axis("x1", 0, 1),
        Axis("x2", 0, 1),
    ),
    point,
)
_BASE = exact(
    {"low": sp.Rational(1, 2), "a1": 1, "a2": sp.Rational(1, 2), "s1": sp.Rational(1, 2), "s2": sp.Rational(1, 2)}
)
_BASE |= exact({"l1": 1, "l2": 1, "x1": 0, "x2": 0})
_SLOW = _BASE | exact({"l1": sp.Rational(1, 4), "l2": sp.Rational(1, 4)})  # the path takes three blocks
_SIGMA = _SLOW | exact({"a2": 1, "s1": sp.Rational(1, 4)})
_HALF, _MILLION = sp.Rational(1, 2), sp.Integer(10) ** 6
ABLATIONS: Mapping[str, Point] = {
    "alpha_min <= alpha": point(**(_BASE | exact({"a2": sp.Rational(1, 20)})), more=6)
    | {rates.lowest.name: 1, "q": _HALF},
    "alpha <= 1/rho_+": point(**(_SLOW | exact({"a1": 5})), more=10),
    "curvature from below": point(**_BASE, more=3)
    | {"rho_-": 1, "q": _HALF, CURVATURE.name: sp.Rational(1, 10), rates.AWAY.name: sp.Rational(1, 100)},
    "curvature from above": point(**_BASE, more=6) | {CURVATURE.name: 5},
    "q": point(**_BASE) | {"q": 1 / _MILLION},
    "q < 1": point(**_BASE) | {"q": 2},
    "sigma": point(**_SIGMA) | {rates.most.name: -_MILLION},
    "sigma < 1": point(**_SIGMA) | {rates.most.name: _MILLION},
    "N_0 >= 1": point(**_SLOW, more=0),
}
