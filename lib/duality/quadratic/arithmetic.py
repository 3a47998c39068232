"""Three number systems for one recursion: floating point, exact rationals, balls.

A floating-point parameter is taken at its word: it is the dyadic rational that its bits say.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, fmpq


def exact(value: Any) -> Fraction:
    """`value` (int, float, Fraction, fmpq, SymPy rational or another one) as a fraction.

    The way back needs no helper: SymPy takes a fraction as it is.

    Raises `ValueError` for infinities, NaN and anything that is not a real number.
    """
    if isinstance(value, fmpq):
        return Fraction(int(value.p), int(value.q))
    try:
        return Fraction(value)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{value!r} is not a finite real number; give an int, a float or a Fraction") from None


def exact_root(value: Any) -> Fraction:
    """The rational square root of a rational. Raises `ValueError` when it is irrational or not real."""
    fraction = exact(value)
    if fraction >= 0:
        root = Fraction(math.isqrt(fraction.numerator), math.isqrt(fraction.denominator))
        if root * root == fraction:
            return root
    raise ValueError(f"the square root of {fraction} is not rational; use balls, or mu and s with mu*s a square")


def _fmpq(value: Any) -> fmpq:
    fraction = exact(value)
    return fmpq(fraction.numerator, fraction.denominator)


@dataclass(frozen=True)
class NumberSystem:
    """How to enter a number into a system, and its square root there."""

    name: str
    number: Callable[[Any], Any]
    sqrt: Callable[[Any], Any]


FLOAT = NumberSystem("floating point", lambda value: float(exact(value)), math.sqrt)
RATIONAL = NumberSystem("exact rationals", _fmpq, lambda value: _fmpq(exact_root(value)))
BALL = NumberSystem("balls", lambda value: arb(_fmpq(value)), lambda ball: ball.sqrt())


def float_below(ball: arb) -> float:
    """A float that is not above any point of the ball."""
    value = float(ball.lower())
    return math.nextafter(value, -math.inf)


def float_above(ball: arb) -> float:
    """A float that is not below any point of the ball."""
    value = float(ball.upper())
    return math.nextafter(value, math.inf)
