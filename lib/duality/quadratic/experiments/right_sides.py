"""The right-hand sides of the printed statements as fast functions, from the very expressions of `rates`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import sympy as sp

from duality.ledger.claim import Statement
from duality.ledger.tex import Quantity
from duality.quadratic import rates

# worst cases are measured per unit of what is perturbed: b, or Q
IN_B = (rates.START, rates.STEP_GAP, rates.DB)
IN_Q = (rates.START, rates.STEP_GAP, rates.M, rates.DQ)
ARGUMENTS = (rates.mu, rates.L, rates.s, rates.c0, rates.k)


@cache
def _compiled(statement: Statement, ones: tuple[Quantity, ...]) -> Callable[..., Any]:
    return sp.lambdify(ARGUMENTS, statement.coefficient(*ones), modules="math")


def per_unit(statement: Statement, ones: tuple[Quantity, ...], mu: float, L: float, s: float, k: int) -> float:
    """`statement.coefficient(*ones)` as a number, at c_0 = s."""
    return float(_compiled(statement, ones)(mu, L, s, s, k))
