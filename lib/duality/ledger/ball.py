"""Exact numbers in ball arithmetic: rigorous comparison of algebraic constants."""

from __future__ import annotations

from functools import reduce
from operator import add, mul

import sympy as sp
from flint import arb, ctx


def to_ball(number: sp.Expr) -> arb:
    """A ball that contains `number`, built from rationals, sums, products, powers and absolute values.

    Raises `TypeError` for anything else, floating-point numbers above all: they are not exact.
    """
    number = sp.sympify(number)
    match number:
        case sp.Rational():
            return arb(int(number.p)) / int(number.q)
        case sp.Add():
            return reduce(add, map(to_ball, number.args))
        case sp.Mul():
            return reduce(mul, map(to_ball, number.args))
        case sp.Abs():
            return abs(to_ball(number.args[0]))
        case sp.Pow():
            base, exponent = number.args
            if exponent == sp.Rational(1, 2):
                return to_ball(base).sqrt()
            return to_ball(base) ** (int(exponent) if exponent.is_Integer else to_ball(exponent))
    raise TypeError(f"{number} is not an exact number that ball arithmetic can enclose; use rationals and roots")


def exceeds(left: sp.Expr, right: sp.Expr, precision: int = 4096) -> bool:
    """Whether `left > right`, decided by disjoint balls; False when they overlap at `precision` bits."""
    old = ctx.prec
    try:
        for bits in (128, precision):
            ctx.prec = bits
            difference = to_ball(left) - to_ball(right)
            if difference > 0:
                return True
            if difference <= 0:
                return False
        return False
    finally:
        ctx.prec = old
