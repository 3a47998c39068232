"""What the capacity theorem and its rate are tried on: separable problems, and one point per hypothesis without it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from duality.ledger.search import Axis, Domain
from duality.sparse.proofs.instances import exact, layers, minimizer, norm
from duality.sparse.rates import capacity as rates
from duality.sparse.rates.letters import CURVATURE

Point = Mapping[str, Any]
Q = sp.Rational

# adversaries: one entry on the support, one off it, and one step of the path before


def point(
    top: Any,
    low: Any,
    f1: Any,
    f2: Any,
    bent: Any,
    step: Any,
    lam: Any,
    g: Any,
    off: Any,
    truth: Any,
    e1: Any,
    e2: Any,
    count: int,
) -> dict[str, Any]:
    """rho_+ = top, rho_- = low top, curvatures between them, xi = bent rho_-; everything scaled to be allowed."""
    bottom = low * top
    slopes, alpha = bent * bottom, step / top
    fall = min(slopes * truth, lam)
    return {
        "rho_-": bottom,
        "rho_+": top,
        "xi": slopes,
        "alpha": alpha,
        "N": count,
        CURVATURE.name: bottom + f1 * (top - bottom),
        "h_2": bottom + f2 * (top - bottom),
        "lambda": lam,
        "g": g,
        "truth": truth,
        "e_1": e1,
        "e_2": e2,
        rates.OFF.name: abs(off),
        "off": off,
        rates.START.name: norm(e1, e2),
        rates.RESIDUAL.name: abs(g) + lam - fall,
    }


def error(at: Point) -> Any:
    """The error after N layers of both entries; MCP with weight 1 at b = 1/xi has the concave part of slope xi."""
    slopes, lam, truth = at["xi"], at["lambda"], at["truth"]
    weight, width = (1, 1 / slopes) if slopes else (0, 1)
    first = layers(
        truth + at["e_1"],
        at["N"],
        at[CURVATURE.name],
        at[CURVATURE.name] * truth - at["g"],
        lam,
        weight,
        width,
        at["alpha"],
    )
    second = layers(at["e_2"], at["N"], at["h_2"], -at["off"] * lam, lam, weight, width, at["alpha"])
    return norm(first - truth, second)


def searched(
    low: Any, f1: Any, bent: Any, step: Any, g: Any, off: Any, truth: Any, e1: Any, count: int
) -> dict[str, Any]:
    """The scales rho_+ and lambda are 1, and so is the error of the entry off the support, whose curvature is rho_+."""
    one = low / low
    return point(one, low, f1, one, bent, step, one, g, off, truth, e1, one, count)


ADVERSARIES = Domain(
    (
        Axis("low", 0.05, 1),
        Axis("f1", 0, 1),
        Axis("bent", 0, 0.9),
        Axis("step", 0.05, 1),
        Axis("g", -1, 1),
        Axis("off", -1, 1),
        Axis("truth", 0, 8),
        Axis("e1", -3, 3),
        Axis("count", 0, 12, "integer"),
    ),
    searched,
)
_BASE = exact(
    {
        "top": 1,
        "low": 1,
        "f1": 0,
        "f2": 0,
        "bent": 0,
        "step": 1,
        "lam": 1,
        "g": 0,
        "off": 0,
        "truth": 8,
        "e1": 1,
        "e2": 0,
        "count": 3,
    }
)
ABLATIONS: Mapping[str, Point] = {
    "xi < rho": point(**(_BASE | exact({"bent": 2, "truth": 1, "g": 1, "count": 0}))),
    "alpha > 0": point(**_BASE) | {"alpha": -1},
    "alpha <= 1/rho_+": point(**_BASE) | {"alpha": 3},
    "curvature from below": point(**_BASE) | {CURVATURE.name: sp.Rational(1, 10)},
    "curvature from above": point(**(_BASE | {"step": sp.Rational(1, 2)})) | {CURVATURE.name: 5},
    "targets off the support": point(**(_BASE | exact({"off": 9, "e1": 0}))),
}

# H = I + J/533: quotients up to 2 at 533 entries, 10 at all 4797 of them; every entry starts at 10, the truth is 0
_DENSE = {rates.START.name: 10 * sp.sqrt(4797), rates.RESIDUAL.name: 0, rates.OFF.name: 0, CURVATURE.name: 1}
_DENSE |= {"rho_-": 1, "rho_+": 2, "xi": 0, "alpha": sp.Rational(1, 2), "N": 1, "lambda": 1}
_DENSE |= {rates.s_tilde.name: 266, rates.ENTRIES_OFF.name: 4797}
_THIN: dict[str, Any] = {rates.s_tilde.name: 1, rates.ENTRIES_OFF.name: 1}
SPARSE_ABLATIONS: Mapping[str, tuple[Point, sp.Expr]] = {
    **{name: ({**at, **_THIN}, error(at)) for name, at in ABLATIONS.items()},
    "sparse iterates": (_DENSE, sp.Rational(79, 2) * sp.sqrt(4797)),  # |10 - 10/2 * 10| - 1/2 in each entry
}


def stays_point(**changed: Any) -> dict[str, Any]:
    at = {rates.LARGEST.name: 1, "B_1": 1, rates.GRADIENT_ZERO.name: 1, "B_2": 1, "kappa": 1, rates.target.name: 1}
    more = {rates.c2.name: 1, "varepsilon": 1, rates.FLOOR.name: 1, rates.c1.name: sp.Rational(1, 10), "s^*": 1}
    return at | more | {"C_theta": 1, "K": 0, "T": 1, "t_0": 0} | changed


ONE = sp.Integer(1)
# with a target below the gradient at 0 a layer may move, here by the step 100
_MOVED = abs(layers(0 * ONE, 1, ONE, ONE, Q(1, 2), 0, ONE, 100) - 1)
_LAYER = {"K": 1, "C_theta": sp.log(2), rates.target.name: Q(1, 2)}
STAYS = {
    "(a)": (stays_point(**{rates.LARGEST.name: 9}), 9),
    "(c)": (stays_point(**_LAYER, B_2=Q(1, 2)), _MOVED),
    "kappa >= 1": (stays_point(kappa=0), 1),
    "target": (stays_point(**_LAYER), _MOVED),
    "constant": (stays_point(**{rates.c2.name: Q(1, 10)}), 1),
}
PATH_POINT = {rates.LARGEST.name: 1, "B_1": 1, rates.GRADIENT_TRUTH.name: 0, "B_2": 1, rates.LAMBDA_T.name: 1}
PATH_POINT |= {"Lambda": 1, "s^*": 1, "rho_-": 1, "rho_+": 1, "xi": 0, "alpha": 1, CURVATURE.name: 1, rates.OFF.name: 0}
_LOW, _NOISY = Q(1, 100), {rates.GRADIENT_TRUTH.name: 1, "B_2": 8, rates.LAMBDA_T.name: Q(1, 100)}
# H = (1, 9/10; 9/10, 1), truth (1, 0), levels (2, 1/100): the first entry stays 0, the second one makes up for it
_COUPLED = {"rho_-": Q(1, 10), "rho_+": Q(19, 10), "alpha": Q(10, 19), "B_2": _LOW, "Lambda": _LOW}
PATHS = {
    "(a)": (PATH_POINT | {rates.LARGEST.name: 9}, 9),  # before the first layer
    "(c)": (PATH_POINT | {rates.GRADIENT_TRUTH.name: 20}, abs(minimizer(ONE, 1 - 20 * ONE, ONE, 0, ONE) - 1)),
    "path": (
        PATH_POINT | _COUPLED | {rates.LAMBDA_T.name: 2},
        norm(ONE, layers(0 * ONE, 3, ONE, Q(9, 10), _LOW, 0, ONE, Q(10, 19))),
    ),
    "xi < rho": (PATH_POINT | {"xi": 3}, 1),
    "alpha > 0": (PATH_POINT | {"alpha": -1}, abs(layers(0 * ONE, 4, ONE, ONE, Q(1, 10), 0, ONE, -1) - 1)),
    "alpha <= 1/rho_+": (PATH_POINT | {"alpha": 5}, abs(layers(0 * ONE, 4, ONE, ONE, Q(1, 10), 0, ONE, 5) - 1)),
    "curvature from below": (
        PATH_POINT | _NOISY | {CURVATURE.name: Q(1, 10)},
        abs(layers(0 * ONE, 20, Q(1, 10), Q(11, 10), _LOW, 0, ONE, 1) - 1),
    ),
    "curvature from above": (
        PATH_POINT | {CURVATURE.name: 5},
        abs(layers(0 * ONE, 4, 5 * ONE, 5 * ONE, Q(1, 10), 0, ONE, 1) - 1),
    ),
    "targets off the support": (  # a hundred entries off the support with the gradient 1 and the level 1/100
        PATH_POINT | _NOISY | {rates.OFF.name: 100},
        10 * abs(minimizer(ONE, ONE, _LOW, 0, ONE)),
    ),
}
