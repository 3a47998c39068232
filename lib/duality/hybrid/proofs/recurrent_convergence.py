"""What convergence costs a cell: the smallest c_phi, and how far from Opt a cell of the stable region has to end.

All lengths are multiples of ||x*||, so that ||x*|| = 1. P = ||V|| prod ||W^l||. Used and not proved here: norms are
submultiplicative and obey the triangle inequality; the iterates of a contraction converge to its only fixed point;
an even map of a sphere to itself has an even degree.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from duality.hybrid.proofs.recurrent import layers, relu
from duality.hybrid.proofs.recurrent_represents import gradient_descent, pairs
from duality.hybrid.rates import recurrent as rates
from duality.hybrid.rates.recurrent import L, c, k, kappa, mu
from duality.ledger.claim import Statement, Step
from duality.ledger.prove import identity, induction, inequality
from duality.quadratic.proofs.reduction import abstract_power

W1, W2 = sp.symbols("W1 W2", commutative=False)
C, e, d, low, top, first, gain = sp.symbols("C epsilon D N_mu N_L N_1 chat", nonnegative=True)
MU, ELL = sp.symbols("mu L", positive=True)
ENDS = (sp.Le(low, C), sp.Le(top, C))  # P||(W1 + qW2)x|| at q = mu and at q = L, for a unit vector x


def _weights_from_the_ends() -> tuple[Step, ...]:
    """W1 and W2 as combinations of the first layer at Q = mu I and at Q = L I."""
    at_mu, at_L = W1 + mu * W2, W1 + L * W2
    return (
        identity("(L−μ)W₁ = L(W₁+μW₂) − μ(W₁+LW₂).", sp.expand((L - mu) * W1), sp.expand(L * at_mu - mu * at_L)),
        identity("(L−μ)W₂ = (W₁+LW₂) − (W₁+μW₂).", sp.expand((L - mu) * W2), sp.expand(at_L - at_mu)),
    )


def _identity_needs_two() -> tuple[Step, ...]:
    """F(., 0) = identity forces P||W1 x|| >= 2||x||."""
    return (
        inequality(
            "If ‖y_k − x*‖ ≤ e_k, then ‖F(x*, 0) − x*‖ ≤ c e_k + e_{k+1}: with errors that tend to zero F(x*, 0) = x*, "
            "and every x* is the minimizer of some b.",
            sp.Le(d, c * e + first),
            [sp.Le(d, low + first), sp.Le(low, c * e)],
        ),
        pairs()[0],
        *layers(),
        inequality(
            "So 2‖x‖ = ‖F(x,0) − F(−x,0)‖ ≤ P‖σ(W₁x) − σ(−W₁x)‖ = P‖W₁x‖.",
            sp.Le(2, first),
            [sp.Le(2, d), sp.Le(d, first)],
        ),
    )


def _attained(value: sp.Expr) -> tuple[Step, ...]:
    """c_phi of R eq. 80 with s = 2/(mu+L)."""
    A, step, x = sp.Symbol("A", commutative=False), 2 / (MU + ELL), sp.Symbol("lambda", real=True)
    spectrum = [sp.Le(MU, x), sp.Le(x, ELL)]
    at = {kappa: ELL / MU}
    return (
        identity(
            "[A; −A]ᵀ[A; −A] = 2AᵀA and [I, −I][I, −I]ᵀ = 2I, so c_φ = √2·√2·‖I − sQ‖.", A * A + (-A) * (-A), 2 * A * A
        ),
        inequality(
            "With s = 2/(μ+L): 2|1 − sλ| is at most the claimed value on the spectrum …",
            sp.Le(2 * abs(1 - step * x), value.subs(at)),
            spectrum,
        ),
        identity("… and equals it at λ = μ.", 2 * (1 - step * MU), value.subs(at)),
    )


def best_c(statement: Statement) -> tuple[Step, ...]:
    """The smallest constant of a cell that converges to Opt, and that R eq. 80 attains it."""
    ordered = [relation.subs(kappa, ELL / MU) for relation in statement.relations]
    return (
        *_identity_needs_two(),
        _weights_from_the_ends()[0],
        inequality(
            "2(L−μ) ≤ (L−μ)P‖W₁x‖ ≤ L·c_φ + μ·c_φ: the claimed bound.",
            statement.relation.subs({rates.C_PHI: C, kappa: ELL / MU}),
            [*ordered, *ENDS, sp.Le(2, first), sp.Le((ELL - MU) * first, ELL * low + MU * top)],
        ),
        *_attained(statement.rhs),
    )


def best_is_gd(statement: Statement) -> tuple[Step, ...]:
    """Equality in every triangle inequality: W2 = -(2/(mu+L)) W1, and the cell is the identity of y - s g."""
    t = sp.Symbol("t", real=True)  # P^2 <(W1+mu W2)x, (W1+L W2)x>
    y, g = sp.symbols("y g", commutative=False)
    step = (rates.Y - statement.rhs) / rates.GRADIENT
    value = rates.MIN_C.subs(kappa, ELL / MU)
    solved = sp.cancel(step.subs({mu: MU, L: ELL}))
    return (
        *_identity_needs_two(),
        _weights_from_the_ends()[0],
        inequality(
            "With the smallest c_φ, 4(L−μ)² ≤ ‖L p − μ l‖² for p = P(W₁+μW₂)x, l = P(W₁+LW₂)x, forces "
            "‖p + l‖² = ‖p‖² + 2pᵀl + ‖l‖² ≤ 0.",
            sp.Le(low**2 + 2 * t + top**2, 0),
            [
                *(r.subs({mu: MU, L: ELL}) for r in statement.relations),
                *(sp.Eq(C, value), *ENDS),
                sp.Le(4 * (ELL - MU) ** 2, ELL**2 * low**2 - 2 * ELL * MU * t + MU**2 * top**2),
            ],
        ),
        identity(
            "p + l = 0 for every x says 2W₁ + (μ+L)W₂ = 0, so W₂ = −sW₁ with the stated step s …",
            sp.expand(2 * W1 + (MU + ELL) * (-solved * W1)),
        ),
        identity(
            "… and W₁y + W₂g = W₁(y − sg): F(y, g) = F(y − sg, 0) = y − sg.",
            sp.expand(W1 * y + (-solved * W1) * g),
            sp.expand(W1 * (y - solved * g)),
        ),
    )


def convergent(statement: Statement) -> tuple[Step, ...]:
    """R eq. 80 inside the stable region for kappa < 3, with its exact rate."""
    P, E = sp.symbols("P E", nonnegative=True)
    at, x, step = {kappa: ELL / MU}, sp.Symbol("lambda", real=True), 2 / (MU + ELL)
    spectrum = [sp.Le(MU, x), sp.Le(x, ELL), *(relation.subs(at) for relation in statement.relations)]
    base = statement.rhs.subs(k, 1)
    now = abstract_power(statement.rhs, base, P)
    return (
        *gradient_descent(rates.REPRESENTS_GD),
        *_attained(rates.MIN_C),
        inequality("κ < 3 puts it inside the stable region.", sp.Lt(rates.MIN_C, 1), statement.relations),
        identity(
            "The error is multiplied by 1 − sλ; at λ = μ this is the claimed factor …", 1 - step * MU, base.subs(at)
        ),
        inequality("… which no eigenvalue exceeds.", sp.Le(abs(1 - step * x), base.subs(at)), spectrum),
        induction(
            "So Cvg(k) is its k-th power.",
            [inequality("at k = 0", sp.Eq(now.subs({k: 0, P: 1}), 1), statement.relations)],
            [
                inequality(
                    "one step, attained at μ: from E = P to (1 − sμ)E = right side at k + 1",
                    sp.Eq((1 - step * MU) * E, abstract_power(statement.rhs.subs(k, k + 1), base, P).subs(at)),
                    [sp.Eq(E, now.subs(at)), *spectrum],
                )
            ],
        ),
    )


A_LEN, S_LEN, N_A, N_S = sp.symbols("a h N_n N_m", nonnegative=True)
HALVES = "With a, h the odd and even half of the limits for b and −b"


def _odd_half(bound: sp.Basic, given: Sequence[sp.Basic]) -> tuple[Step, ...]:
    """At Q = mu I: (2 - c)||a|| <= chat mu + c ||s||, and chat (L - mu) <= 2c."""
    up, right = sp.symbols("p q", real=True)
    half, even, x = sp.symbols("a h x", commutative=False)
    return (
        inequality(
            "|σ(p+q) − σ(p−q)| ≤ |q| + |p|, coordinate by coordinate.",
            sp.Le(abs(relu(up + right) - relu(up - right)), abs(right) + abs(up)),
        ),
        *layers(),
        identity(
            "Q = μI, b = ∓μx*: the first layer at ±a + h is m ± n with m = (W₁+μW₂)h and n = (W₁+μW₂)a − μW₂x*.",
            sp.expand(W1 * (half + even) + W2 * (mu * (half + even) - mu * x)),
            sp.expand((W1 + mu * W2) * even + (W1 + mu * W2) * half - mu * W2 * x),
        ),
        _weights_from_the_ends()[1],
        inequality(
            "So ĉ = P‖W₂‖ ≤ 2c/(L−μ).", sp.Le(gain * (ELL - MU), 2 * C), [*ENDS, sp.Le(gain * (ELL - MU), low + top)]
        ),
        inequality(
            f"{HALVES}: 2‖a‖ = ‖F₊ − F₋‖ ≤ P‖n‖ + P‖m‖ ≤ (c‖a‖ + ĉμ) + c‖h‖.",
            bound,
            [
                *(
                    *(g.subs(kappa, ELL / MU) for g in given),
                    sp.Le(gain * (ELL - MU), 2 * c),
                    sp.Le(2 * A_LEN, N_A + N_S),
                ),
                *(sp.Le(N_A, c * A_LEN + gain * MU), sp.Le(N_S, c * S_LEN)),
            ],
        ),
    )


def floor(statement: Statement) -> tuple[Step, ...]:
    """The least limit error of a cell with constant c, and the cell that has it, in every dimension."""
    given = statement.relations
    raw = sp.Le((2 - c) * A_LEN * (ELL - MU), 2 * c * MU + c * S_LEN * (ELL - MU))
    odd = raw.subs({ELL: kappa, MU: 1})
    t, along = sp.symbols("t alpha", real=True)
    x = sp.Symbol("lambda", real=True)
    step, weight = c / (kappa - 1), c / 2 + c / (kappa - 1)  # mu = 1
    left = (1 - weight) / (1 - weight + step * x)
    spectrum = [*given, sp.Le(1, x), sp.Le(x, kappa)]
    return (
        *_odd_half(raw, given),
        identity(
            "h is an even continuous function of x*. If it were never parallel to x*, then x cos t + τ sin t, with τ "
            "the unit vector along the part of h perpendicular to x, would stay on the sphere and turn the identity, "
            "of degree 1, into an even map, which has an even degree: so at some x*, h = ±‖h‖x*.",
            sp.cos(t) ** 2 + sp.sin(t) ** 2,
            1,
        ),
        inequality(
            "There the components of the two errors along x* are (α − 1) ± ‖h‖ with α = aᵀx* ≤ ‖a‖: the larger error "
            "is at least 1 − ‖a‖ + ‖h‖.",
            sp.Ge(sp.Max(abs(along - 1 + S_LEN), abs(along - 1 - S_LEN)), 1 - A_LEN + S_LEN),
            [sp.Le(along, A_LEN)],
        ),
        inequality(
            "So no limit error is smaller than the stated value.",
            sp.Ge(e, statement.rhs),
            [*given, odd, sp.Ge(e, 1 - A_LEN + S_LEN)],
        ),
        inequality(
            "The pair cell y → αy − sg with s = c/(L−μ), α = c/2 + sμ has 2|α − sλ| ≤ c (here μ = 1) …",
            sp.Le(2 * abs(weight - step * x), c),
            spectrum,
        ),
        identity(
            "… the fixed point sλ/(1 − α + sλ)·x*, the error (1−α)/(1−α+sλ)·‖x*‖ …",
            1 - step * x / (1 - weight + step * x),
            left,
        ),
        inequality(
            "… which is largest at λ = μ …",
            sp.And(sp.Ge(left, 0), sp.Le(left, left.subs(x, 1))),
            [*spectrum, sp.Gt(c, 0)],
        ),
        inequality("… where it is the stated value.", sp.Eq(left.subs(x, 1), statement.rhs), [*given, sp.Gt(c, 0)]),
        inequality("For c = 0 the output is 0 and the error 1.", sp.Eq(statement.rhs.subs(c, 0), 1), given),
    )


def impossible(statement: Statement) -> tuple[Step, ...]:
    """A limit error of zero needs c_phi >= 2(kappa-1)/(kappa+1), which is at least 1."""
    return (
        *best_c(rates.BEST_C),
        inequality(
            "The limit error is zero only if c is at least the smallest constant: not for κ ≥ 3 and c < 1.",
            statement.relation.subs(rates.LIMIT, e),
            [*statement.relations, sp.Or(sp.Gt(e, 0), rates.BEST_C.relation.subs(rates.C_PHI, c))],
        ),
    )


def floor_at_k(statement: Statement) -> tuple[Step, ...]:
    """The error at every k, over cells that may depend on k: all of it at Q = mu I, L I and their middle m I."""
    eta, now, g, root = sp.symbols("eta d g G", nonnegative=True)
    given = statement.relations
    ratio = (kappa - 1) / (kappa + 1)  # r/m with m = (mu+L)/2, r = (L-mu)/2
    p, q = sp.symbols("p q", real=True)
    power = rates.SHRINK**k
    claimed = statement.relation.subs({rates.CVG: e, power: root})
    return (
        pairs()[0],
        *layers(),
        inequality(
            "If the outputs for ±b are within e of ±x* and move by at most d in the next step, then 2 − 2e − 2d ≤ "
            "‖F₊ − F₋‖ ≤ P‖W₁x*‖ + 2ce, because the first layer at y is W₁x* + (W₁+W₂Q)(y − x*).",
            sp.Ge(first, 2 - 4 * e - 2 * d),
            [*given, sp.Ge(A_LEN, 2 - 2 * e - 2 * d), sp.Le(A_LEN, first + 2 * c * e)],
        ),
        *_weights_from_the_ends(),
        inequality(
            "P‖W₁x*‖ ≤ (L+μ)/(L−μ).", sp.Le(first, 1 / ratio), [*given, sp.Le((kappa - 1) * first, (kappa + 1) * c)]
        ),
        inequality(
            "Let e ≤ 1/8. At Q = mI and b = −mx the steps are at most mη, η = P‖W₂x‖, and P‖W₁x‖ ≤ 1 + mη: so mη ≥ "
            "1/6 in every direction x (mη is called η here).",
            sp.Ge(eta, sp.Rational(1, 6)),
            [*given, sp.Le(e, sp.Rational(1, 8)), sp.Ge(first, 2 - 4 * e - 2 * eta), sp.Le(first, c + eta)],
        ),
        identity(
            "‖(W₁+mW₂)x‖² = ½‖(W₁+μW₂)x‖² + ½‖(W₁+LW₂)x‖² − ‖rW₂x‖² …",
            p**2,
            ((p - q) ** 2 + (p + q) ** 2) / 2 - q**2,
        ),
        inequality(
            "… so at Q = mI every step is at most γ = √(1 − ((κ−1)/(6(κ+1)))²) times the last.",
            sp.Le(g, rates.SHRINK),
            [*given, sp.Ge(eta, sp.Rational(1, 6)), sp.Le(g**2, c**2 - (ratio * eta) ** 2)],
        ),
        inequality(
            "The first step is at most ĉm ≤ (κ+1)/(κ−1), the k-th after it γᵏ times that; G stands for γᵏ.",
            claimed,
            [
                *given,
                sp.Or(
                    sp.Ge(e, sp.Rational(1, 8)),
                    sp.And(sp.Ge(first, 2 - 4 * e - 2 * d), sp.Le(first, 1 / ratio), sp.Le(d, root / ratio)),
                ),
            ],
        ),
    )


def worst_convergence(statement: Statement) -> tuple[Step, ...]:
    """How bad a cell of the stable region can be: the bound and the cell that attains it."""
    P = sp.Symbol("P", nonnegative=True)
    Y = sp.Symbol("Y", nonnegative=True)
    given = statement.relations
    right = abstract_power(statement.rhs, c, P)
    reach = 2 * c * kappa / (kappa - 1) * (1 - P) / (1 - c)
    slope, weight = 2 * c / (kappa - 1), c - 2 * c * kappa / (kappa - 1)  # mu = 1, L = kappa
    x = sp.Symbol("lambda", real=True)
    return (
        _weights_from_the_ends()[1],
        inequality(
            "ĉ‖b‖ ≤ 2cκ/(κ−1), because ‖b‖ = ‖Qx*‖ ≤ L.",
            sp.Le(gain * d, 2 * c * kappa / (kappa - 1)),
            [*given, sp.Le(gain * (kappa - 1), 2 * c), sp.Le(d, kappa)],
        ),
        induction(
            "‖y_k‖ ≤ ĉ‖b‖(1 − cᵏ)/(1 − c); P stands for cᵏ.",
            [inequality("y₀ = 0", sp.Le(0, reach.subs(P, 1)), given)],
            [
                inequality(
                    "one step",
                    sp.Le(c * Y + 2 * c * kappa / (kappa - 1), reach.subs(P, c * P)),
                    [*given, sp.Le(Y, reach)],
                )
            ],
        ),
        inequality("The error is at most 1 + ‖y_k‖.", sp.Le(1 + Y, right), [*given, sp.Le(Y, reach)]),
        inequality(
            "The cell y → σ(αy + βg) with β = 2c/(L−μ), α = c − βL has |α + βλ| ≤ c on the spectrum …",
            sp.Le(abs(weight + slope * x), c),
            [*given, sp.Le(1, x), sp.Le(x, kappa)],
        ),
        induction(
            "… and at Q = LI and b ≥ 0 in one coordinate its iterates grow exactly like the bound, away from x* = −b/L "
            "(μ = 1, b = L) …",
            [inequality("y₀ = 0", sp.Eq(reach.subs(P, 1), 0), given)],
            [
                inequality(
                    "one step",
                    sp.Eq(relu(weight * Y + slope * (kappa * Y + kappa)), reach.subs(P, c * P)),
                    [*given, sp.Eq(Y, reach)],
                )
            ],
        ),
        inequality("… so the error is the stated value.", sp.Eq(Y + 1, right), [*given, sp.Eq(Y, reach)]),
    )
