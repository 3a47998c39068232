"""Equal loss does not order the energies: exact pairs of models, one for each reading of the printed sentence."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from duality.ledger.claim import Step
from duality.ledger.prove import identity, inequality
from duality.quadratic.attack import gd_residual, nag_residuals


@dataclass(frozen=True)
class Setting:
    """mu = 1, one step size s = u^2 for both methods, k steps, spectrum [1, L]."""

    L: sp.Rational
    u: sp.Rational
    k: int

    @property
    def s(self) -> sp.Rational:
        return self.u**2

    def residual(self, method: str, lam: sp.Expr) -> sp.Expr:
        """r_k at one eigenvalue."""
        if method == "GD":
            return gd_residual(self.k, lam, self.s)
        return nag_residuals(self.k, lam, self.s, self.u)[0]

    def answer(self, method: str, lam: sp.Expr) -> sp.Expr:
        """g_k(lam): the model answers -g_k b."""
        return (1 - self.residual(method, lam)) / lam

    def loss(self, method: str, lam: sp.Expr, star: sp.Expr) -> sp.Expr:
        """The loss for b = 1 and b = -1 alike, d = 1."""
        return sp.Abs(self.answer(method, lam) - 1 / star)

    def cvg(self, method: str) -> sp.Expr:
        """Both worst residuals sit at mu = 1, as `exact-tradeoff` proves."""
        return self.residual(method, sp.Integer(1))


# GD with the true energy 2, NAG with the energy 5/2
EQUAL = Setting(sp.Integer(4), sp.Rational(1, 2), 2)
STAR, ENERGY = sp.Integer(2), {"GD": sp.Integer(2), "NAG": sp.Rational(5, 2)}
# NAG at its largest step, both models without loss
PERFECT = Setting(sp.Integer(33), sp.Rational(1, 5), 5)
RADIUS = sp.Rational(9, 2)


def equal_losses() -> tuple[Step, ...]:
    """The two models of the counterexample lose the same, by their iterates written out."""
    s, lam, beta = sp.symbols("s lambda beta")
    at = {s: EQUAL.s, beta: (1 - EQUAL.u) / (1 + EQUAL.u)}
    first = s
    gd = first - s * (lam * first - 1)
    ahead = first + beta * first
    nag = ahead - s * (lam * ahead - 1)
    losses = {m: EQUAL.loss(m, ENERGY[m], STAR) for m in ENERGY}
    return (
        identity(
            "Two steps of GD from zero, with b = −1: x₂ = s(2 − sλ), at s = 1/4 and λ = 2 equal to 3/8.",
            gd.subs(at | {lam: ENERGY["GD"]}),
            EQUAL.answer("GD", ENERGY["GD"]),
        ),
        identity(
            "Two steps of NAG: x₂ = s(2 + β) − s²(1 + β)λ, at λ = 5/2 equal to 3/8 as well.",
            nag.subs(at | {lam: ENERGY["NAG"]}),
            EQUAL.answer("NAG", ENERGY["NAG"]),
        ),
        identity("Both lose |3/8 − 1/λ*| = 1/8, λ* = 2.", losses["NAG"], losses["GD"]),
        inequality("NAG is the faster one.", sp.Lt(EQUAL.cvg("NAG"), EQUAL.cvg("GD"))),
    )


def perfect_models() -> tuple[Step, ...]:
    """Nor are the worst cases ordered: among models without any loss NAG's energy can be farther off than GD's."""
    lam, h = sp.Symbol("lambda", real=True), 1 - PERFECT.s * sp.Symbol("lambda", real=True)
    solution = PERFECT.s * sum(h**j for j in range(PERFECT.k))
    star = 1 / PERFECT.answer("NAG", PERFECT.L)
    return (
        identity(
            "With μ = 1, L = 33, s = 4/(3L + μ) = 1/25, k = 5, GD answers −g(λ)b with g = s Σ_{j<5} (1 − sλ)ʲ.",
            lam * solution,
            1 - PERFECT.residual("GD", lam),
        ),
        inequality(
            f"A GD model without loss has 1/λ* = g(λ), so |λ − λ*| ≤ {RADIUS} wherever λ is.",
            sp.Le(sp.Abs(lam * solution - 1), RADIUS * solution),
            [sp.Ge(lam, 1), sp.Le(lam, PERFECT.L)],
        ),
        inequality(
            f"The NAG model with the energy 33 has no loss for λ* = {star}, which is in the class and farther off.",
            sp.And(sp.Ge(star, 1), sp.Le(star, PERFECT.L), sp.Gt(PERFECT.L - star, RADIUS)),
        ),
        inequality("NAG is the faster one here, too.", sp.Lt(PERFECT.cvg("NAG"), PERFECT.cvg("GD"))),
    )
