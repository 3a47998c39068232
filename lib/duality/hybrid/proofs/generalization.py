"""Proofs of the Lipschitz property and the covering bound (R eq. 17, 19, 56), and of what replaces the contraction."""

from __future__ import annotations

import sympy as sp

from duality.hybrid.proofs.onenet import (
    ROOT2,
    inside_net,
    massart,
    mean_radius,
    net_bound,
    quadratic_root,
    rho,
    squares_contract,
    w,
    y,
)
from duality.hybrid.rates import generalization as rates
from duality.hybrid.rates import generalization_repaired as repaired
from duality.hybrid.rates.generalization import B_PHI, D_ENERGY, D_PHI, LOSS_CHANGE, SENS, STAB, B, Lam, n
from duality.ledger.claim import Statement, Step
from duality.ledger.prove import inequality


def loss_lipschitz(statement: Statement) -> tuple[Step, ...]:
    """R eq. 56: two triangle inequalities and the two definitions."""
    a, b, move, energy, step = sp.symbols("a b D E F", nonnegative=True)
    spectral, others = sp.symbols("q_1 q_2", nonnegative=True)
    named = {rates.MOVED_ENERGY: energy, rates.MOVED_PHI: step}
    return (
        inequality(
            "The losses are distances a, b of two outputs from one point: |a − b| is at most the distance D of the "
            "outputs.",
            sp.Le(sp.Abs(a - b), move),
            [sp.Le(a, move + b), sp.Le(b, move + a)],
        ),
        inequality(
            "D is at most the move E by the change of energy at φ′ plus the move F by the change of φ at Q_θ; "
            "stability and sensitivity bound the two.",
            statement.relation.subs(LOSS_CHANGE, move),
            [sp.Le(move, energy + step), *(r.subs(named) for r in statement.relations)],
        ),
        inequality(
            "The spectral norm is at most the Frobenius norm: the largest squared eigenvalue is one of those in the "
            "sum.",
            sp.Le(spectral**2, spectral**2 + others**2),
        ),
    )


def covering(statement: Statement) -> tuple[Step, ...]:
    """R eq. 19: the product of two nets is a net, with centres in the class when those of the nets are."""
    mean, root, shift, loss = sp.symbols("m q c l", nonnegative=True)
    one, change = sp.symbols("a u", nonnegative=True)
    per_sample = rates.LOSS_LIPSCHITZ.relation.subs({LOSS_CHANGE: change, D_ENERGY: one, D_PHI: shift})
    energy_radius, phi_radius = rates.EPS_Q, rates.EPS_PHI
    counts = sp.symbols("N_Q N_Phi", positive=True)
    number = statement.rhs.subs({rates.N_ENERGY: counts[0], rates.N_PHI: counts[1]})
    return (
        inequality(
            "By the Lipschitz property a sample's squared loss moves by at most (Stab a + Sens c)².",
            sp.Le(change**2, STAB**2 * one**2 + 2 * STAB * SENS * one * shift + SENS**2 * shift**2),
            [per_sample],
        ),
        inequality(
            "Minkowski: in the mean over the samples that is at most (Stab q + Sens c)², m and q being the mean and "
            "the root mean square of the a.",
            sp.Le(
                STAB**2 * root**2 + 2 * STAB * SENS * mean * shift + SENS**2 * shift**2,
                (STAB * root + SENS * shift) ** 2,
            ),
            [sp.Ge(root**2 - mean**2, 0)],
        ),
        inequality(
            "A pair of net points within the two radii moves the loss by at most ε.",
            sp.Le(loss, rates.EPS),
            [
                *statement.relations,
                sp.Le(loss, STAB * root + SENS * shift),
                sp.Le(root, energy_radius),
                sp.Le(shift, phi_radius),
            ],
        ),
        inequality(
            "The pairs are N_Q N_Φ many, at most the right side; Φ × Θ holds each, so the centres are in the class.",
            sp.Le(counts[0] * counts[1], number),
        ),
    )


def peel_phi(statement: Statement) -> tuple[Step, ...]:
    """The step size replaced by the middle of its interval, at a cost of Sens B_Phi."""
    middle = (repaired.phi_0 + repaired.phi_1) / 2
    sign, change = sp.symbols("sigma c", real=True)
    given = [h.relation for h in statement.hypotheses if h.name in ("interval", "half width")]
    return (
        inequality(
            "Every step size is within B_Φ of the middle of the interval, which is a step size of the class.",
            sp.Le(sp.Abs(repaired.phi - middle), B_PHI),
            given,
        ),
        inequality(
            "Moving φ there changes no summand of the signed mean by more than Sens B_Φ.",
            sp.Le(sign * change, SENS * B_PHI),
            [
                sp.Eq(sign**2, 1),
                sp.Le(sp.Abs(change), SENS * sp.Symbol("D", nonnegative=True)),
                sp.Le(sp.Symbol("D", nonnegative=True), B_PHI),
            ],
        ),
    )


def local_level(statement: Statement) -> Step:
    """A small loss means a small error of the energy: the local class lies in the class of level r_q."""
    loss, energy = sp.symbols("l q", nonnegative=True)
    named = {rates.LOSS_RMS: loss, rates.ENERGY_SQUARE: energy}
    given = [h.relation.subs(named) for h in statement.hypotheses if h.name in ("local", "representation", "level")]
    return inequality(
        "Every θ with Pℓ² ≤ r for some φ has P‖Q_θ − Q*‖² ≤ r_q, with Cvg the largest over φ.",
        sp.Le(energy, rates.RQ),
        given,
    )


def in_roots(expression: sp.Expr) -> sp.Expr:
    """n = w^(-2) and Lambda = y^2, so that no roots of them are left."""
    positive = sp.Symbol("w", positive=True)
    return sp.powdenest(expression.subs({n: positive**-2, Lam: y**2}), force=True).subs(positive, w)


def contraction_matrices(statement: Statement) -> tuple[Step, ...]:
    """One sample, one net of the matrices, the middle step size."""
    total, free = sp.symbols("R R_0", real=True)
    length = sp.Symbol("D", nonnegative=True)
    return (
        *loss_lipschitz(rates.LOSS_LIPSCHITZ),
        *peel_phi(statement),
        *inside_net(),
        *massart(),
        inequality(
            "At the middle step size the loss of a net point differs from that of Q*, whose signed mean is 0 on "
            "average, by at most Stab ρ_n in root mean square: Massart's lemma gives Stab ρ_n √(2Λ/n).",
            sp.Le(STAB**2 * length**2, STAB**2 * rho**2),
            [sp.Le(length, rho)],
        ),
        net_bound("Together, at α = n^(−1/2), with w = n^(−1/2) and y = √Λ.", free, STAB, rho),
        inequality(
            "This and Sens B_Φ are at most the right side.",
            sp.Le(total, in_roots(statement.rhs.subs(repaired.RHO, rho))),
            [sp.Le(total, free + SENS * B_PHI), sp.Le(free, STAB * w * (2 + ROOT2 * y * rho))],
        ),
    )


def expected_norms(statement: Statement) -> tuple[Step, ...]:
    """E R_n of the norms and the mean radius, in each other's terms, and the radius solved for."""
    squares, level, mean_squares, norms = sp.symbols("R_2 r_q T R_Q", nonnegative=True)
    named = {rates.ER_SQUARES: squares, rates.RQ: level, repaired.MEAN_SQUARES: mean_squares}
    known = statement.hypothesis("symmetrization")
    given = [] if known is None else [known.relation.subs(named)]
    p = 2 * ROOT2 * B * y * w
    return (
        *inside_net(),
        *massart(),
        mean_radius(),
        net_bound("E R_n ℓ_Q ≤ w(2 + √2 y ρ): at a net point the length is ρ_n/√n.", norms, sp.Integer(1), rho),
        *squares_contract(),
        inequality(
            "ρ² = E sup P_n‖Q_θ − Q*‖² ≤ r_q + 4B E R_n ℓ_Q, by symmetrization and contraction.",
            sp.Le(rho**2, level + 4 * B * norms),
            [sp.Eq(rho**2, mean_squares), *given, sp.Le(squares, 2 * B * norms)],
        ),
        inequality(
            "Both together: ρ² ≤ 2pρ + q with p = 2√2 B y w and q = r_q + 8Bw.",
            sp.Le(rho**2, 2 * p * rho + level + 8 * B * w),
            [sp.Le(rho**2, level + 4 * B * norms), sp.Le(norms, w * (2 + ROOT2 * y * rho))],
        ),
        quadratic_root(),
    )


def named_root(right: sp.Expr, inside: sp.Expr, s: sp.Symbol) -> sp.Expr:
    """`right` with its root of a multiple of `inside` written as a multiple of `s`; unchanged when it has none."""
    mark = inside.free_symbols & {rates.RQ}
    for power in sp.preorder_traversal(right):
        if isinstance(power, sp.Pow) and power.exp == sp.Rational(1, 2) and power.base.free_symbols & mark:
            ratio = sp.simplify(sp.factor(power.base) / sp.factor(inside))
            if not ratio.free_symbols & mark:
                return right.subs(power, sp.sqrt(ratio) * s)
    return right


def _with_radius(statement: Statement, left: sp.Symbol, given: list[sp.Basic], sentence: str) -> Step:
    """`left` is at most the right side, with rho at most its root."""
    s = sp.Symbol("s", nonnegative=True)
    right = named_root(in_roots(statement.rhs), 8 * B**2 * w**2 * y**2 + 8 * B * w + rates.RQ, s)
    return inequality(sentence, sp.Le(left, right), [*given, sp.Le(rho, 2 * ROOT2 * B * y * w + s)])


def neural_sharp(statement: Statement) -> tuple[Step, ...]:
    """The norms in expectation, without a tail."""
    left = sp.Symbol("R_Q", real=True)
    final = _with_radius(
        statement, left, [sp.Le(left, w * (2 + ROOT2 * y * rho))], "With ρ at its root this is at most the right side."
    )
    return (*expected_norms(statement), final)


def distinct(*steps: Step) -> tuple[Step, ...]:
    """The steps without repetitions: parts of a proof may rest on the same lemma."""
    kept: dict[tuple[str, str], Step] = {}
    for step in steps:
        kept.setdefault((step.sentence, step.outcome), step)
    return tuple(kept.values())


def local_repaired(statement: Statement) -> tuple[Step, ...]:
    """The main theorem with covers of matrices, in expectation."""
    left, first, second, between = sp.symbols("R_F a b D", nonnegative=True)
    final = _with_radius(
        statement,
        left,
        [sp.Le(left, STAB * w * (2 + ROOT2 * y * rho) + SENS * B_PHI)],
        "With ρ at its root the mean of the contraction for matrices is at most the right side.",
    )
    return distinct(
        local_level(statement),
        *contraction_matrices(repaired.CONTRACTION_MATRICES),
        *peel_phi(statement),
        inequality(
            "Norms of Q_θ − Q* differ by no more than the matrices do: a net of the matrices is a net of the norms.",
            sp.Le(sp.Abs(first - second), between),
            [sp.Le(first, second + between), sp.Le(second, first + between)],
        ),
        *expected_norms(statement),
        final,
    )


def local_tail(statement: Statement) -> tuple[Step, ...]:
    """The main theorem with covers of matrices, on the event of Talagrand's inequality."""
    left, c, norms, s = sp.symbols("R_F c R_Q s", nonnegative=True)
    inside = sp.Rational(3, 2) * rates.RQ + sp.Rational(16, 3) * B**2 * rates.t * w**2 + 5 * B * norms
    bounded = named_root(in_roots(statement.rhs).subs(rates.ER_NORM, norms), inside, s)
    return distinct(
        local_level(statement),
        *contraction_matrices(repaired.CONTRACTION_MATRICES),
        *peel_phi(statement),
        *squares_contract(),
        *concentration(statement, norms, c),
        inequality(
            "With ρ_n ≤ c, and s the root of the bound of c², the contraction for matrices is at most the right side.",
            sp.Le(left, bounded),
            [sp.Le(left, STAB * w * (2 + ROOT2 * y * c) + SENS * B_PHI), sp.Le(c, s)],
        ),
    )


def concentration(statement: Statement, norms: sp.Symbol, c: sp.Symbol) -> tuple[Step, ...]:
    """The empirical radius on the event: c^2 <= 3 r_q/2 + 16 B^2 t/(3n) + 5 B E R_n (R Prop. C.1)."""
    level, variance, t, squares, root, contracted = sp.symbols("r_q V t T s R_2", nonnegative=True)
    known = statement.hypothesis("concentration")
    named = {rates.RQ: level, rates.ER_SQUARES: contracted, rates.SQUARES: squares, rates.t: t}
    given = [] if known is None else [in_roots(known.relation.subs(named))]
    return (
        inequality(
            "The variance of a square with values in [0, B²] and mean at most r_q is at most B² r_q, which "
            "Talagrand's inequality (Bartlett, Bousquet, Mendelson, Theorem 2.1 at α = 1/4) takes.",
            sp.Le(variance, B**2 * level),
            [sp.Le(variance, B**2 * squares), sp.Le(squares, level)],
        ),
        inequality(
            "√(2uv) ≤ u/2 + v at u = r_q, v = B²t/n.",
            sp.Le(root, level / 2 + B**2 * t * w**2),
            [sp.Eq(root**2, 2 * B**2 * level * t * w**2)],
        ),
        inequality(
            "With E R_n of the squares at most 2B E R_n ℓ_Q: sup P_n‖Q_θ − Q*‖² ≤ 3r_q/2 + 16B²t/(3n) + 5B E R_n ℓ_Q, "
            "the square of the radius c.",
            sp.Le(c**2, sp.Rational(3, 2) * level + sp.Rational(16, 3) * B**2 * t * w**2 + 5 * B * norms),
            [sp.Eq(c**2, squares), sp.Le(contracted, 2 * B * norms), *_linear(given, root, level, t)],
        ),
    )


def _linear(given: list[sp.Basic], root: sp.Symbol, level: sp.Symbol, t: sp.Symbol) -> list[sp.Basic]:
    """The premises with the root of 2 B^2 r_q t/n called `root`, which the step before has bounded."""
    bound = sp.Le(root, level / 2 + B**2 * t * w**2)
    term = sp.sqrt(2) * B * sp.sqrt(level) * sp.sqrt(t) * w
    return [*(g.subs(term, root) for g in given), bound]
