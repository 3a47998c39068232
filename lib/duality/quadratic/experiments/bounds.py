"""The right-hand sides of the printed statements as fast functions, from the very expressions of `rates`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import sympy as sp

from duality.ledger.claim import Statement
from duality.quadratic import rates

# worst cases are measured per unit of what is perturbed
UNITS = {rates.START: 1, rates.STEP_GAP: 1}
IN_B = UNITS | {rates.DB: 1, rates.DQ: 0, rates.M: 0}
IN_Q = UNITS | {rates.DB: 0, rates.DQ: 1, rates.M: 1}
ARGUMENTS = (rates.mu, rates.L, rates.s, rates.c0, rates.k)


@cache
def _compiled(right: sp.Expr, quantities: tuple[tuple[sp.Symbol, int], ...]) -> Callable[..., Any]:
    return sp.lambdify(ARGUMENTS, right.subs(quantities), modules="math")


def coefficient(statement: Statement, units: Mapping[Any, int], mu: float, L: float, s: float, k: int) -> float:
    """The bound per unit of the quantities that `units` sets to 1, at c_0 = s."""
    return float(_compiled(statement.rhs, tuple(units.items()))(mu, L, s, s, k))
