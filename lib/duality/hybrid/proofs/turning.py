"""What makes the turning class a counterexample: every property that the contraction needs, in exact algebra."""

from __future__ import annotations

import itertools

import sympy as sp

from duality.hybrid.turning import Turning
from duality.ledger.claim import Step
from duality.ledger.prove import identity, inequality

m, e, s, lam, h = sp.symbols("m e s lambda h", positive=True)
b1, b2 = sp.symbols("b_1 b_2", real=True)
# half of the turning angle, rational in h = tan(t/4), so that every identity is one of fractions
COS, SIN = (1 - h**2) / (1 + h**2), 2 * h / (1 + h**2)


def reflection() -> sp.Matrix:
    """T(t), with cos t and sin t from the half angle."""
    cos, sin = COS**2 - SIN**2, 2 * COS * SIN
    return sp.Matrix([[cos, sin], [sin, -cos]])


def class_properties() -> tuple[Step, ...]:
    """Spectrum, constant norm, and the loss of two steps as a function of the angle."""
    Q = m * sp.eye(2) + e * reflection()
    b = sp.Matrix([b1, b2])
    error = (2 * s * sp.eye(2) - s**2 * Q) * b - b / m
    along = [(2 * s - s**2 * (m + sign * e) - 1 / m) ** 2 for sign in (1, -1)]
    parts = b1 * COS + b2 * SIN, -b1 * SIN + b2 * COS
    f = sp.symbols("f_1:4", real=True)
    sums = [sum(i * x for i, x in zip(signs, f, strict=True)) for signs in itertools.product((1, -1), repeat=3)]
    return (
        identity(
            "det(Q_θ − λ) = (m + e − λ)(m − e − λ): the eigenvalues are m ± e whatever θ is.",
            sp.together((Q - lam * sp.eye(2)).det()),
            (m + e - lam) * (m - e - lam),
        ),
        identity(
            "‖Q_θ − Q*‖_F² = 2e² is constant: the class of norms has one member.",
            sum(x**2 for x in Q - m * sp.eye(2)),
            2 * e**2,
        ),
        identity("The signed sums of one function cancel over all signs (here of three samples).", sum(sums)),
        identity(
            "Two steps give x₂ = −(2s − s²Q)b: on an eigenvalue, (1 − (1 − sλ)²)/λ = 2s − s²λ.",
            (1 - (1 - s * lam) ** 2) / lam,
            2 * s - s**2 * lam,
        ),
        identity(
            "The squared loss is p b₊² + q b₋², with b± the parts of b along the two eigenvectors, which turn with θ.",
            error.dot(error),
            along[0] * parts[0] ** 2 + along[1] * parts[1] ** 2,
        ),
        identity("b₊² + b₋² = |b|².", parts[0] ** 2 + parts[1] ** 2, b1**2 + b2**2),
    )


def numbers(turning: Turning) -> tuple[Step, ...]:
    """The example's own numbers: its range of losses, its level, its law of b, and the sup inside the mean."""
    low, high = map(sp.Rational, turning.extremes)
    c = sp.Symbol("c", nonnegative=True)
    p, q = sorted((sp.Rational(turning.length) * sp.Rational(error)) ** 2 for error in turning.errors)
    law = [sp.Rational(turning.length) * vector for vector in (sp.Matrix([1, 0]), sp.Matrix([0, 1]))]
    moment = sum((v * v.T for v in (*law, *(-u for u in law))), sp.zeros(2, 2)) / 4
    one, two = sp.symbols("one two", real=True)
    return (
        inequality(
            f"So the loss runs over [{low}, {high}], both ends attained.",
            sp.And(sp.Le(low**2, p * c + q * (1 - c)), sp.Le(p * c + q * (1 - c), high**2)),
            [sp.Le(c, 1)],
        ),
        identity(
            "θ may take any value at each of the distinct inputs, so the supremum goes to the samples: for σ = 1 the "
            "largest, for σ = −1 minus the smallest loss, in the mean half the range.",
            (sp.Rational(1, 2) * one - sp.Rational(1, 2) * two).subs({one: high, two: low}),
            sp.Rational(turning.left),
        ),
        identity(
            "b uniform on ±|b|e₁, ±|b|e₂ has E bbᵀ = (|b|²/2) I: the squared entries of the difference add up to 0.",
            sum(x**2 for x in moment - sp.Rational(turning.length) ** 2 / 2 * sp.eye(2)),
        ),
    )


def broken_step(turning: Turning) -> tuple[Step, ...]:
    """Eq. 60 to 61 itself, at n = 1 and d = 1 with the two energies m + e and m - e."""
    size = sp.Rational(turning.e)
    signs = (1, -1)
    before = sp.Rational(sum(max(sign * size, -sign * size) for sign in signs), 2)
    after = sp.Rational(sum(sign * size for sign in signs), 2)
    return (
        inequality(
            "From eq. 60 to 61 at d = n = 1 with the energies m ± e: E sup ε(Q_θ − Q*) = e, but E sup σ|Q_θ − Q*| = 0.",
            sp.Gt(before, after),
        ),
    )
