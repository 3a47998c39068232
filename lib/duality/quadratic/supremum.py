r"""Rigorous suprema of $|p|$ on an interval for a polynomial $p$, by two independent routes.

*Nodes.* With $\lambda = (L+\mu)/2 + (L-\mu)/2\cos\vartheta$ a polynomial of degree $n$ becomes an even
trigonometric polynomial $f(\vartheta)$ of degree $n$. Two classical facts bound it between finitely many
values: on $N > n$ equal parts of $[0,\pi]$, $\sup|f| \le \max_j|f(\vartheta_j)|/\cos(n\pi/2N)$ (Ehlich and
Zeller 1964), and $\sup|f''| \le n^2\sup|f|$ (Bernstein), so that on a part of width $w$ the larger end value
is exceeded by at most $n^2w^2\sup|f-c|/8$, whatever the constant $c$. Parts that may still hold the supremum
are halved. The polynomial is expanded once per precision in the variable $t = \cos\vartheta$ on $[-1,1]$,
coefficients and values being balls: what the expansion cancels widens the balls, and a try that ends with balls
too wide is repeated with more bits.

*Critical points.* With rational coefficients the roots of $p'$ are isolated, and $p$ is evaluated on them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flint import arb, arb_poly, ctx, fmpq, fmpq_poly

from duality.quadratic.arithmetic import BALL, RATIONAL, float_above, float_below
from duality.quadratic.problem import Spectrum

LARGEST_PRECISION = 1 << 14

# built from sums and products of its argument, so that a ball gives a ball and a variable gives a polynomial
Polynomial = Callable[[Any], Any]


class PrecisionError(ArithmeticError):
    """The balls stay too wide at the largest precision."""


@dataclass(frozen=True)
class Enclosure:
    """lower <= supremum <= upper, and the point `at` (rounded) where `lower` is reached."""

    lower: float
    upper: float
    at: float

    @property
    def width(self) -> float:
        """Width of the bracket relative to its upper end; 0 for the supremum 0."""
        return (self.upper - self.lower) / self.upper if self.lower > 0 else 0.0


@dataclass(frozen=True)
class _Part:
    """Angles pi*left to pi*right with the absolute values at both ends."""

    left: fmpq
    right: fmpq
    first: arb
    last: arb

    def bound(self, curvature: arb) -> arb:
        """No absolute value on the part is larger, when |f''| <= pi**-2 * curvature."""
        larger = max(self.first.upper(), self.last.upper())
        return (larger + curvature * BALL.number(self.right - self.left) ** 2 / 8).upper()


def _from_interval(spectrum: Spectrum) -> arb_poly:
    """lam = (L+mu)/2 + (L-mu)/2 t as a polynomial in t on [-1, 1], at the precision in force."""
    mu, L = BALL.number(spectrum.mu), BALL.number(spectrum.L)
    return arb_poly([(L + mu) / 2, (L - mu) / 2])


def supremum_by_nodes(polynomial: Polynomial, degree: int, spectrum: Spectrum, rtol: float = 1e-9) -> Enclosure:
    """Enclose the supremum of |polynomial| on [mu, L] to relative width `rtol`.

    polynomial: maps a ball to a ball and an `arb_poly` to one, at the working precision in force; `degree`
    bounds its degree. Raises `PrecisionError` when the balls stay too wide, as for a polynomial that is
    identically zero but does not evaluate to exact zeros.
    """
    if degree == 0 or spectrum.mu == spectrum.L:
        return _at_one_point(polynomial, spectrum)
    bits = 128 + 2 * degree
    while bits <= LARGEST_PRECISION:
        with ctx.workprec(bits):
            found = _refine(polynomial, degree, spectrum, rtol)
        if found is not None:
            return found
        bits *= 2
    raise PrecisionError(f"no enclosure at {LARGEST_PRECISION} bits; is the polynomial identically zero?")


def _at_one_point(polynomial: Polynomial, spectrum: Spectrum) -> Enclosure:
    with ctx.workprec(LARGEST_PRECISION):
        value = abs(polynomial(BALL.number(spectrum.mu)))
        return Enclosure(max(0.0, float_below(value)), float_above(value), float(spectrum.mu))


def _refine(polynomial: Polynomial, degree: int, spectrum: Spectrum, rtol: float) -> Enclosure | None:
    """One attempt at the current precision; None when the balls are too wide for it."""

    interval = _from_interval(spectrum)
    expanded = polynomial(interval)

    def sample(fractions: list[fmpq]) -> list[arb]:
        """Values at the angles pi*fraction: fraction 0 is L and fraction 1 is mu, without error."""
        return [expanded(arb.cos_pi_fmpq(fraction)) for fraction in fractions]

    count = 2 * degree
    angles = [fmpq(j, count) for j in range(count + 1)]
    signed = sample(angles)
    values = [abs(value) for value in signed]
    if all(value == 0 for value in values):
        return Enclosure(0.0, float_above(arb(0)), float(spectrum.mu))
    best, at = max(zip((value.lower() for value in values), angles, strict=True), key=lambda pair: pair[0])
    if not max(value.rad() for value in values) <= best * (rtol / 8):
        return None
    # f and f - centre have the same second derivative, and the second is smaller: much smaller when f is flat
    centre = ((max(value.mid() for value in signed) + min(value.mid() for value in signed)) / 2).mid()
    # cos(n pi / 2N) with N = 2n is cos(pi/4)
    limit = max(abs(value - centre).upper() for value in signed) * arb(2).sqrt()
    curvature = limit * (degree * arb.pi()) ** 2

    parts = [_Part(*ends) for ends in zip(angles, angles[1:], values, values[1:], strict=False)]
    upper = best
    while parts:
        bounds = [part.bound(curvature) for part in parts]
        upper = max([upper] + [bound for bound in bounds if bound <= best * (1 + rtol / 2)])
        parts = [part for part, bound in zip(parts, bounds, strict=True) if not bound <= best * (1 + rtol / 2)]
        middles = [(part.left + part.right) / 2 for part in parts]
        values = [abs(value) for value in sample(middles)]
        for angle, value in zip(middles, values, strict=True):
            if value.lower() > best:
                best, at = value.lower(), angle
            if not value.rad() <= best * (rtol / 8):
                return None
        parts = [
            half
            for part, angle, value in zip(parts, middles, values, strict=True)
            for half in (
                _Part(part.left, angle, part.first, value),
                _Part(angle, part.right, value, part.last),
            )
        ]
    point = interval(arb.cos_pi_fmpq(at))
    return Enclosure(max(0.0, float_below(best)), float_above(upper), float(point.mid()))


def supremum_by_critical_points(polynomial: fmpq_poly, spectrum: Spectrum) -> Enclosure:
    """Enclose the supremum of |polynomial| on [mu, L], mu and L rational, from the real roots of the
    derivative.
    """
    mu, L = RATIONAL.number(spectrum.mu), RATIONAL.number(spectrum.L)
    # in t on [-1, 1] the coefficients stay small against the values
    centred = polynomial(fmpq_poly([(L + mu) / 2, (L - mu) / 2]))
    coefficients = centred.coeffs()
    with ctx.workprec(128 + 4 * max(centred.degree(), 0)):
        certain: list[arb] = [arb(-1), arb(1)]
        possible: list[arb] = []
        if centred.degree() >= 2:
            for root, _ in centred.derivative().numer().complex_roots():
                if root.imag.contains(0) and not abs(root.real) > 1:
                    inside = root.imag == 0 and abs(root.real) < 1
                    (certain if inside else possible).append(root.real)

        def value(t: arb) -> arb:
            total = arb(0)
            for coefficient in reversed(coefficients):
                total = total * t + coefficient
            return abs(total)

        best, at = max(((value(t).lower(), t) for t in certain), key=lambda pair: pair[0])
        upper = max(value(t).upper() for t in certain + possible)
        point = (BALL.number(L + mu) + BALL.number(L - mu) * at) / 2
        return Enclosure(max(0.0, float_below(best)), float_above(upper), float(point.mid()))
