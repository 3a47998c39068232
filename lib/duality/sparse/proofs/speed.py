"""What the weight of MCP does to the speed: of the bound, and of one entry near its limit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from duality.ledger.claim import Statement, Step
from duality.ledger.prove import identity, inequality
from duality.sparse.proofs.instances import layer
from duality.sparse.rates import capacity as rates
from duality.sparse.rates.letters import CURVATURE, alpha, b, lam, rho, w2

Point = Mapping[str, Any]
Q = sp.Rational
h, slope, beta, c = sp.symbols("h slope beta c", real=True)


def speed(statement: Statement) -> tuple[Step, ...]:
    """The factor of the bound grows with the weight of MCP."""
    return (inequality("e^(−C) is affine in the weights.", statement.relation, statement.relations),)


def _layer(concave: sp.Expr) -> sp.Expr:
    """A layer near a positive limit, where the threshold takes alpha lambda off."""
    return beta - alpha * (h * beta - c + concave) - alpha * lam


def local(statement: Statement) -> tuple[Step, ...]:
    """A layer near a nonzero limit is affine, with one slope on each piece of the penalty."""
    given = [relation.subs({CURVATURE: h, rates.BENT: slope}) for relation in statement.relations]
    bent = statement.rhs.subs(CURVATURE, h)
    pieces = {
        "|β̂| < bλ: the layer is β − α(hβ − c − w₂β/b) − αλ near a positive limit": (-w2 * beta / b, w2 / b),
        "|β̂| > bλ: it is β − α(hβ − c − w₂λ) − αλ": (-w2 * lam, sp.Integer(0)),
    }
    return (
        *(
            identity(f"{name}; its slope.", sp.diff(_layer(concave), beta), bent.subs(rates.BENT, value))
            for name, (concave, value) in pieces.items()
        ),
        inequality(
            "The slope is not negative, so it is the factor; the negative side is its mirror image.",
            sp.Ge(1 - alpha * (h - slope), 0),
            [*given, sp.Ge(slope, 0)],
        ),
        inequality("It is below 1: the layers tend to β̂.", sp.Lt(1 - alpha * (h - slope), 1), given),
        inequality("−q'' ≥ 0 on both pieces.", sp.Ge(w2 / b, 0), given),
    )


def measured(statement: Statement) -> tuple[Step, ...]:
    """Beyond b lambda the slope of a layer does not know the weight."""
    given, straight = statement.relations, 1 - alpha * rho
    return (
        identity(
            "|β̂| > bλ: the layer is β − α(ρ₋β − c − w₂λ) − αλ near a positive limit; its slope.",
            sp.diff(_layer(-w2 * lam), beta).subs(h, rho),
            straight,
        ),
        inequality("0 ≤ 1 − αρ₋ < 1: the layers tend to β̂ with this factor …", sp.Ge(straight, 0), given),
        inequality("… which is below 1 …", sp.Lt(straight, 1), given),
        inequality("… and below that of the bound.", statement.relation.subs(rates.MEASURED, straight), given),
    )


def speed_point(**changed: Any) -> dict[str, Any]:
    at = {"alpha": Q(1, 2), "rho_-": 1, "b": 4, "a": 3, "w_2": 0, "w_3": 0}
    return at | {rates.more2.name: 1, rates.more3.name: 0} | changed


def _speed(at: Point) -> sp.Expr:
    return 1 - at["alpha"] * (at["rho_-"] - at["w_2"] / sp.sympify(at["b"]) - at["w_3"] / sp.sympify(at["a"] - 1))


SPEED_ABLATIONS = {
    name: (at, _speed(at))
    for name, at in {
        "more MCP": speed_point(w_2=2),
        "same SCAD": speed_point(w_3=1),
        "alpha > 0": speed_point(alpha=-1),
        "b > 0": speed_point(b=-4),
        "a > 1": speed_point(a=1),  # 0/0 on both sides
    }.items()
}


def factor(h: Any, w: Any, b: Any, alpha: Any, limit: Any) -> Any:
    """The factor of a layer at `limit` with the level 1; not a number where the layers leave it.

    Raises `ValueError` when `limit` is not a fixed point.
    """
    bent = w * limit / b if limit <= b else w
    numbers = (h, h * limit + 1 - bent, sp.Integer(1), w, b, alpha)
    if layer(limit, *numbers) != limit:
        raise ValueError(f"{limit} is not a fixed point")
    found = abs(layer(limit + Q(1, 1000), *numbers) - limit) * 1000
    return found if found < 1 else sp.nan


def _entry(h: Any, w: Any, alpha: Any, limit: Any, top: Any = 1) -> tuple[dict[str, Any], Any]:
    """One entry with b = 2 and the factor there; the names of both statements."""
    h, w, alpha, limit = map(sp.sympify, (h, w, alpha, limit))
    at = {CURVATURE.name: h, "rho_-": h, "rho_+": top, "alpha": alpha, "w_2": w, "b": 2}
    return at | {rates.BENT.name: w / 2 if limit < 2 else 0}, factor(h, w, sp.Integer(2), alpha, limit)


LOCAL_ABLATIONS = {
    "alpha > 0": _entry(1, 1, Q(-1, 4), 1),
    "alpha <= 1/rho_+": _entry(1, 0, Q(3, 2), 1),
    "curvature from above": _entry(3, 0, Q(1, 2), 1),
    "w_2/b >= 0": _entry(1, -1, 1, 1),
    "h > -q''": _entry(Q(1, 4), 1, Q(1, 2), 1),
}
MEASURED_ABLATIONS = {
    "alpha > 0": _entry(1, 1, Q(-1, 4), 10),
    "alpha <= 1/rho_+": _entry(1, 1, Q(3, 2), 10),
    "rho_- > 0": _entry(-1, 1, Q(1, 2), 10),
    "rho_- <= rho_+": _entry(3, 1, Q(1, 2), 10),
    "w_2/b > 0": _entry(1, -1, Q(1, 2), 10),
}
