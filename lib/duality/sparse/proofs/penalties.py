"""MCP, SCAD and their mixtures: derivatives piece by piece, and the slopes of the concave part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from duality.ledger.claim import Statement, Step
from duality.ledger.prove import identity, inequality
from duality.ledger.search import Axis, Domain
from duality.sparse.rates import penalties as rates
from duality.sparse.rates.letters import a, b, lam, w2, w3
from duality.sparse.rates.penalties import mcp_slope, scad_slope, x

Point = Mapping[str, Any]
t = sp.Symbol("t", positive=True)
u, v, now, after = sp.symbols("u v q q_1", real=True)
r = sp.Symbol("r", positive=True)  # |x|, on the positive half-line


def given_for(statement: Statement, *symbols: sp.Symbol) -> list[sp.Basic]:
    """The hypotheses of the statement about these letters only."""
    return [relation for relation in statement.relations if relation.free_symbols <= set(symbols)]


def _printed_pieces(statement: Statement) -> tuple[Step, ...]:
    """The expressions with Min and Max are the printed pieces, and those are derivatives of the penalties."""
    of_mcp, of_scad = given_for(statement, b), given_for(statement, a)
    pieces = {
        "MCP, |x| ≤ bλ: q' = −x/b": (mcp_slope(x), -x / b, [sp.Le(sp.Abs(x), b * lam), *of_mcp]),
        "MCP, x > bλ: q' = −λ": (mcp_slope(x), -lam, [sp.Gt(x, b * lam), *of_mcp]),
        "SCAD, |x| ≤ λ: q' = 0": (scad_slope(x), sp.Integer(0), [sp.Le(sp.Abs(x), lam), *of_scad]),
        "SCAD, λ < x ≤ aλ: q' = (λ − x)/(a − 1)": (
            scad_slope(x),
            (lam - x) / (a - 1),
            [sp.Gt(x, lam), sp.Le(x, a * lam), *of_scad],
        ),
        "SCAD, x > aλ: q' = −λ": (scad_slope(x), -lam, [sp.Gt(x, a * lam), sp.Gt(x, lam), *of_scad]),
    }
    middle = (2 * a * lam * r - r**2 - lam**2) / (2 * (a - 1))
    return (
        *(inequality(name + ".", sp.Eq(left, right), known) for name, (left, right, known) in pieces.items()),
        identity(
            "On (0, bλ] MCP is λr − r²/(2b): its derivative is λ + q' …",
            sp.diff(lam * r - r**2 / (2 * b), r),
            lam - r / b,
        ),
        identity(
            "… and it meets the constant bλ²/2 at r = bλ.", (lam * r - r**2 / (2 * b)).subs(r, b * lam), b * lam**2 / 2
        ),
        identity(
            "On (λ, aλ] SCAD is (2aλr − r² − λ²)/(2(a−1)): its derivative is λ + q' …",
            sp.diff(middle, r),
            lam + (lam - r) / (a - 1),
        ),
        identity("… it meets λr at r = λ …", middle.subs(r, lam), lam**2),
        identity("… and the constant (a+1)λ²/2 at r = aλ.", middle.subs(r, a * lam), (a + 1) * lam**2 / 2),
    )


def _slopes(slope: sp.Expr, most: sp.Expr, name: str, known: list[sp.Basic]) -> tuple[Step, ...]:
    """One concave part: bounded by lambda, odd, and bending down by at most `most`."""
    return (
        inequality(f"{name}: |q'| ≤ λ.", sp.Le(sp.Abs(slope), lam), known),
        inequality(f"{name}: q' is odd, so q'(0) = 0.", sp.Eq(slope.subs(x, -x), -slope), known),
        inequality(
            f"{name}: 0 ≤ q'(x) − q'(x + t) ≤ t times {most}.",
            sp.And(sp.Ge(slope - slope.subs(x, x + t), 0), sp.Le(slope - slope.subs(x, x + t), most * t)),
            known,
        ),
    )


def slopes(statement: Statement) -> tuple[Step, ...]:
    """The conditions on each part, and from them those on the mixture."""
    weights = given_for(statement, w2, w3)
    second, third = sp.symbols("s_2 s_3", real=True)  # the slopes of the two parts
    quotient = w2 * second + w3 * third
    return (
        *_printed_pieces(statement),
        *_slopes(mcp_slope(x), 1 / b, "MCP", given_for(statement, b)),
        *_slopes(scad_slope(x), 1 / (a - 1), "SCAD", given_for(statement, a)),
        inequality(
            "The mixture: |w₂q₂' + w₃q₃'| ≤ λ.",
            sp.Le(sp.Abs(w2 * u + w3 * v), lam),
            [*weights, sp.Le(sp.Abs(u), lam), sp.Le(sp.Abs(v), lam)],
        ),
        inequality("Its slopes are not positive …", sp.Ge(quotient, 0), [*weights, sp.Ge(second, 0), sp.Ge(third, 0)]),
        inequality(
            "… and at most the right side.",
            statement.relation.subs(rates.SLOPE, quotient),
            [*statement.relations, sp.Le(second, 1 / b), sp.Le(third, 1 / (a - 1))],
        ),
    )


def in_lambda(statement: Statement) -> tuple[Step, ...]:
    """Each part moves at most as far as lambda, and so does the mixture."""
    weights = given_for(statement, w2, w3)
    change = statement.rhs.subs(rates.DISTANCE, sp.Abs(lam - rates.other))
    c = sp.Symbol("c", positive=True)  # 1/(a - 1)
    moves, rise = sp.Abs(lam - rates.other), sp.Symbol("x", nonnegative=True)
    of_scad = [sp.Max(0, sp.Min(level, c * (rise - level))) for level in (lam, rates.other)]
    return (
        inequality(
            "MCP: the change is at most |λ − λ'|.",
            sp.Le(sp.Abs(mcp_slope(x, lam) - mcp_slope(x, rates.other)), moves),
            given_for(statement, b),
        ),
        inequality(
            "SCAD: 0 < 1/(a − 1) ≤ 1 …", sp.And(1 / (a - 1) > 0, sp.Le(1 / (a - 1), 1)), given_for(statement, a)
        ),
        inequality(
            "… and for x ≥ 0 only one of the two parts is there …",
            sp.Eq(sp.Max(0, sp.Min(lam, c * (-rise - lam))), 0),
        ),
        inequality(
            "… so the change is at most |λ − λ'|.", sp.Le(sp.Abs(of_scad[0] - of_scad[1]), moves), [sp.Le(c, 1)]
        ),
        inequality(
            "So is that of the mixture, whose weights sum to at most 1.",
            sp.Le(sp.Abs(w2 * u + w3 * v), change),
            [*weights, *(sp.Le(sp.Abs(part), sp.Abs(lam - rates.other)) for part in (u, v))],
        ),
    )


def unit(statement: Statement) -> tuple[Step, ...]:
    """1/b and 1/(a-1) are below 1, and so are their mixtures."""
    return (inequality("1/b < 1 and 1/(a − 1) < 1.", statement.relation, statement.relations),)


def slope_point(x: Any, t: Any, lam: Any, b: Any, a: Any, w: Any, v: Any) -> dict[str, Any]:
    """Weights w_2 = w v and w_3 = w (1 - v)."""
    return {"x": x, "t": t, "lambda": lam, "b": b, "a": a, "w_2": w * v, "w_3": w * (1 - v)}


def _mixed(at: Point, x: Any, lam: Any) -> Any:
    """q' at numbers; written apart from the symbolic expression, along the printed pieces."""
    size, sign = abs(x), 1 if x > 0 else -1
    second = size / at["b"] if size <= at["b"] * lam else lam
    third = 0 if size <= lam else (size - lam) / (at["a"] - 1) if size <= at["a"] * lam else lam
    return -sign * (at["w_2"] * second + at["w_3"] * third)


def slope(at: Point) -> Any:
    return (_mixed(at, at["x"], at["lambda"]) - _mixed(at, at["x"] + at["t"], at["lambda"])) / at["t"]


def lambda_point(other: Any, **at: Any) -> dict[str, Any]:
    known = slope_point(t=1, **at)
    return known | {r"\lambda^{\prime}": other, rates.DISTANCE.name: abs(at["lam"] - other)}


def change(at: Point) -> Any:
    return abs(_mixed(at, at["x"], at["lambda"]) - _mixed(at, at["x"], at[r"\lambda^{\prime}"]))


_AXES = (
    Axis("x", -4, 4),
    Axis("lam", 0.1, 2),
    Axis("b", 0.1, 5),
    Axis("a", 2, 6),
    Axis("w", 0, 1),
    Axis("v", 0, 1),
)
SLOPES = Domain((*_AXES, Axis("t", 0.1, 3)), slope_point)
CHANGES = Domain((*_AXES, Axis("other", 0.1, 2)), lambda_point)
_SLOPE = {"x": 3, "t": 1, "lambda": 1, "b": 2, "a": 3, "w_2": 0, "w_3": 0}
SLOPE_ABLATIONS: Mapping[str, Point] = {
    "b > 0": _SLOPE | {"b": -1, "w_2": 1},
    "a > 1": _SLOPE | {"a": sp.Rational(1, 2), "w_3": 1},
    "w_2 >= 0": _SLOPE | {"w_2": -1},
    "w_3 >= 0": _SLOPE | {"w_3": -1},
    "w_2 + w_3 <= 1": _SLOPE | {"x": 0, "w_2": 2},
}
_CHANGE = _SLOPE | {r"\lambda^{\prime}": 2, rates.DISTANCE.name: 1, "x": 9}
CHANGE_ABLATIONS: Mapping[str, Point] = {
    "b > 0": _CHANGE | {"b": -1, "w_2": 1},
    "a >= 2": _CHANGE
    | {"a": sp.Rational(3, 2), "w_3": 1, "x": sp.Rational(3, 2), r"\lambda^{\prime}": sp.Rational(5, 4)}
    | {rates.DISTANCE.name: sp.Rational(1, 4)},
    "w_2 >= 0": _CHANGE | {"w_2": -2},
    "w_3 >= 0": _CHANGE | {"w_3": -2},
    "w_2 + w_3 <= 1": _CHANGE | {"w_2": 2},
}
