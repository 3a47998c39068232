"""One exact problem per hypothesis of R Lemma 4.1 and 4.2, in d = 1, that violates it and no other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Rational as Q

from duality.hybrid.finite import Algorithm, Atom, in_the_mean, in_the_square
from duality.hybrid.rates.approximation import CVG
from duality.quadratic.rates import M

Point = Mapping[str, Any]
ONE = ((Q(1), Q(1)),)  # b = 1
CLASS = Q(1), Q(3, 2)  # mu and L
LONG = Algorithm(*CLASS, Q(2, 3), 20)  # GD at s = 1/L, Cvg = 3^-20
SHORT, NONE = Algorithm(*CLASS, Q(2, 3), 1), Algorithm(*CLASS, Q(2, 3), 0)
IMPOSSIBLE = {CVG.name: Q(1, 100)}


def exact_layer(lam: Q, mu: Q = CLASS[0], L: Q = CLASS[1]) -> Algorithm:
    """One step of GD that ends in the minimizer for the energy lam."""
    return Algorithm(mu, L, 1 / lam, 1)


def single(theta: Q, star: Q, b: tuple[tuple[Any, Any], ...] = ONE) -> list[Atom]:
    """One value of x."""
    return [Atom(Q(1), theta, star, b)]


def dependent(quiet: tuple[Q, Q], loud: tuple[Q, Q]) -> list[Atom]:
    """b = 0 at three quarters of x and b = 2 at the rest, so that E b^2 = 1; energies (theta, star) at each."""
    return [Atom(Q(3, 4), *quiet, ((Q(1), Q(0)),)), Atom(Q(1, 4), *loud, ((Q(1), Q(2)),))]


def settled(length: Q) -> dict[str, Any]:
    """Declares Cvg = 0, for layers that are exact on the one energy they see, and M = `length`."""
    return {CVG.name: Q(0), M.name: length}


MEAN: Mapping[str, Point] = {
    "0 < mu": in_the_mean(exact_layer(Q(1, 10), Q(-1)), single(Q(1, 10), Q(1, 5)), Q(1)) | settled(Q(10)),
    "mu <= Q_theta": in_the_mean(exact_layer(Q(1, 10)), single(Q(1, 10), Q(1)), Q(1)) | settled(Q(10)),
    "Q_theta <= L": in_the_mean(exact_layer(Q(20)), single(Q(20), Q(1)), Q(1)) | settled(Q(1)),
    "mu <= Q*": in_the_mean(exact_layer(Q(1)), single(Q(1), Q(1, 10)), Q(1)),
    "Q* <= L": in_the_mean(LONG, single(Q(3, 2), Q(20)), Q(1)),
    "sigma_b > 0": in_the_mean(LONG, single(Q(1), Q(3, 2)), Q(-1)),
    "E[bb'] = sigma_b^2 I": in_the_mean(LONG, single(Q(1), Q(5, 4), ((Q(1), Q(2)),)), Q(1)),
    "x, b independent": in_the_mean(LONG, dependent((Q(1), Q(1)), (Q(1), Q(5, 4))), Q(1)),
    "zero start": in_the_mean(SHORT, single(Q(1), Q(1)), Q(1), Q(10)),
    "Cvg as in R eq. 6": in_the_mean(NONE, single(Q(1), Q(1)), Q(1)) | IMPOSSIBLE,
    "M bounds the minimizers": in_the_mean(NONE, single(Q(1), Q(1)), Q(1)) | {M.name: Q(1, 100)},
}
# one step of GD answers -2b/3, which is right for the energy 3/2, whatever Q_theta is
SQUARE: Mapping[str, Point] = {
    "0 < mu": in_the_square(exact_layer(Q(-5), Q(-5), Q(1)), single(Q(-5), Q(1, 2)), Q(1)) | settled(Q(1)),
    "mu <= Q_theta": in_the_square(exact_layer(Q(1, 10)), single(Q(1, 10), Q(1)), Q(1)) | settled(Q(10)),
    "Q_theta <= L": in_the_square(exact_layer(Q(20)), single(Q(20), Q(1)), Q(1)) | settled(Q(1)),
    "mu <= Q*": in_the_square(exact_layer(Q(1)), single(Q(1), Q(1, 10)), Q(1)),
    "Q* <= L": in_the_square(LONG, single(Q(3, 2), Q(20)), Q(1)),
    "sigma_b > 0": in_the_square(LONG, single(Q(1), Q(3, 2)), Q(-1)),
    "E[bb'] = sigma_b^2 I": in_the_square(LONG, single(Q(1), Q(5, 4), ((Q(1), Q(1, 10)),)), Q(1)),
    "x, b independent": in_the_square(LONG, dependent((Q(1), Q(3, 2)), (Q(1), Q(1))), Q(1)),
    "zero start": in_the_square(LONG, single(Q(1), Q(3, 2)), Q(1), (1 - Q(1, 3) ** 20 - Q(2, 3)) * Q(3) ** 20),
    "Cvg as in R eq. 6": in_the_square(SHORT, single(Q(1), Q(3, 2)), Q(1)) | IMPOSSIBLE,
    "M bounds the minimizers": in_the_square(SHORT, single(Q(1), Q(3, 2)), Q(1)) | {M.name: Q(1, 100)},
}


def without_bounded_b(points: Mapping[str, Point]) -> dict[str, Point]:
    """For the statements that do not speak of M."""
    return {name: point for name, point in points.items() if name != "M bounds the minimizers"}
