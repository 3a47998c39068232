"""Ledger rows of R section 4 and appendix B, with the sharper and the repaired statements beside them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import sympy as sp

from duality.hybrid import finite
from duality.hybrid.claims import hypotheses, properties
from duality.hybrid.proofs import approximation as proofs
from duality.hybrid.proofs import closer
from duality.hybrid.proofs import representation as representation_proofs
from duality.hybrid.rates import approximation as rates
from duality.hybrid.rates import representation as order
from duality.ledger.bound import BoundCheck
from duality.ledger.claim import Claim, Evidence, Search, Statement, Step, only
from duality.ledger.search import Domain, maximize, refute
from duality.ledger.tex import Quantity
from duality.quadratic.rates import M

SCOPE = "every dimension, every distribution of x and b of the setting, every algorithm with R eq. 6 and a zero start"
K_MAX = {"GD": 200, "NAG": 30}
K_PLANE = 12
ROUNDING = 1e-12  # of the left side in floating point, where energies coincide and nothing is left to lose
BUILD = {"GD": finite.gd, "NAG": finite.nag}


def in_the_plane(statement: Statement, measures: Quantity) -> tuple[Search, ...]:
    """Largest left side / right side over energies in two dimensions that need not commute, for GD and NAG."""
    symbols = sorted(statement.rhs.free_symbols, key=str)
    bound = sp.lambdify(symbols, statement.rhs, "numpy")

    def ratio(point: finite.Point) -> float:
        with np.errstate(all="ignore"):
            right = float(bound(*(np.float64(point[s.name]) for s in symbols)))
        left = float(point[measures.name]) - ROUNDING
        return left / right if right > 0 else np.inf if left > 0 else np.nan

    found = []
    for name, build in BUILD.items():
        sentence = f"{name}, d = 2, energies with different eigenvectors: largest left side / right side."
        found.append(maximize(sentence, ratio, finite.plane_domain(build, K_PLANE))[0])
    return tuple(found)


@dataclass(frozen=True)
class Lemma:
    """How an inequality of section 4 is settled: its proof, exact searches in d = 1, searches in d = 2, ablations."""

    measures: Quantity
    scale: frozenset[sp.Expr]
    proof: Callable[[Statement], tuple[Step, ...]]
    domain: Callable[[finite.Build, int], Domain]
    ablations: dict[str, finite.Point]

    def __call__(self, statement: Statement) -> Evidence:
        checks = {
            name: BoundCheck(
                self.measures,
                self.scale,
                self.proof if name == "GD" else lambda _: (),
                lambda point: point[self.measures.name],
                self.domain(build, K_MAX[name]),
                self.ablations if name == "GD" else {},
                scope=SCOPE,
            )
            for name, build in BUILD.items()
        }
        gd, nag = (check(statement) for check in checks.values())
        if not gd.searches:
            return gd
        in_one = tuple(
            replace(search, sentence=f"{name}, d = 1, energies and distribution free: largest left side / right side.")
            for name, evidence in (("GD", gd), ("NAG", nag))
            for search in evidence.searches
        )
        best = max(gd, nag, key=lambda evidence: evidence.slack or -np.inf)
        return replace(
            gd,
            searches=(*in_one, *in_the_plane(statement, self.measures)),
            counterexample=gd.counterexample or nag.counterexample,
            slack=best.slack,
            slack_at=best.slack_at,
        )


MEAN, SQUARE = hypotheses.MEAN, hypotheses.SQUARE
APPROXIMATION = Lemma(
    rates.LOSS, frozenset({rates.Q_ERROR, M * rates.CVG}), proofs.printed, finite.mean_domain, dict(MEAN)
)
APPROXIMATION_SHARP = Lemma(
    rates.LOSS,
    frozenset({rates.Q_ERROR, rates.CVG}),
    proofs.sharp,
    finite.mean_domain,
    hypotheses.without_bounded_b(MEAN),
)
REPRESENTATION = Lemma(
    rates.Q_ERROR_SQUARE,
    frozenset({rates.RMS_LOSS**2, rates.RMS_LOSS * M * rates.CVG, M**2 * rates.CVG**2}),
    representation_proofs.printed,
    finite.square_domain,
    dict(SQUARE),
)
REPRESENTATION_SHARP = Lemma(
    rates.RMS_Q_ERROR,
    frozenset({rates.RMS_LOSS, rates.CVG}),
    representation_proofs.sharp,
    finite.square_domain,
    hypotheses.without_bounded_b(SQUARE),
)


def proved_by(proof: Callable[[Statement], tuple[Step, ...]], scope: str) -> Callable[[Statement], Evidence]:
    """Evidence that is a proof alone."""
    return lambda statement: Evidence(steps=proof(statement), scope=scope)


def measuring(quantity: Quantity, settle: Callable[[Statement], Evidence]) -> Callable[[Statement], Evidence]:
    """`settle` for statements with this left side; any other is left open."""

    def guarded(statement: Statement) -> Evidence:
        if statement.lhs != quantity:
            return Evidence(scope=f"this proof settles statements on {quantity} only")
        return settle(statement)

    return guarded


def closer_energy(statement: Statement) -> Evidence:
    """Refuted by GD with the true energy and NAG with another one, at equal loss."""
    setting, star = closer.EQUAL, closer.STAR
    point: dict[str, sp.Expr] = {"mu": sp.Integer(1), "L": setting.L, "s": setting.s, "k": sp.Integer(setting.k)}
    for method, energy in closer.ENERGY.items():
        point |= {
            order.LOW_OF[method].name: energy,
            order.HIGH_OF[method].name: energy,
            order.LOSS_OF[method].name: setting.loss(method, energy, star),
            order.CVG_OF[method].name: setting.cvg(method),
            order.Q_ERROR_OF[method].name: sp.Abs(energy - star),
        }
    broken = (
        "The sentence compares two errors by their upper bounds in eq. 12. In eq. 43 the truncation error may add to "
        "the error of the energy or cancel it, so a smaller bound does not make the smaller error."
    )
    example = refute(statement, point, sp.Abs(closer.ENERGY["NAG"] - star), broken)
    support = (*closer.equal_losses(), *closer.perfect_models())
    return Evidence(support=support, counterexample=example, scope="d = 1, λ* = 2, b = 1 or −1")


WORST_SCOPE = "every dimension, every k, steps in the printed ranges; the supremum is over all problems of the setting"
ORIGIN = "beyond the print, "
CLAIMS = (
    Claim(
        "approximation",
        "B",
        "lemma",
        "The loss from the error of the energy",
        "R Lemma 4.1, eq. 30–42",
        rates.APPROXIMATION,
        APPROXIMATION,
    ),
    Claim(
        "approximation-sharp",
        "B",
        "beyond",
        "The same without a bound on b",
        ORIGIN + "sharpens R Lemma 4.1",
        rates.APPROXIMATION_SHARP,
        APPROXIMATION_SHARP,
    ),
    Claim(
        "approximation-floor",
        "B",
        "beyond",
        "A floor under the printed approximation ability",
        ORIGIN + "on the left side of R Lemma 4.1",
        rates.FLOOR,
        only(sp.GreaterThan, measuring(rates.WORST_LOSS, proved_by(proofs.floor, "every model, every dimension"))),
    ),
    Claim(
        "approximation-module-floor",
        "B",
        "beyond",
        "A floor under the term of the neural module",
        ORIGIN + "on the right side of R Lemma 4.1",
        rates.MODULE_FLOOR,
        only(
            sp.GreaterThan,
            measuring(rates.WORST_Q_ERROR, proved_by(proofs.module_floor, "every neural module, every dimension")),
        ),
    ),
    Claim(
        "representation",
        "B",
        "lemma",
        "The error of the energy from the loss",
        "R Lemma 4.2, eq. 43–54",
        rates.REPRESENTATION,
        REPRESENTATION,
    ),
    Claim(
        "representation-sharp",
        "B",
        "beyond",
        "The same without a bound on b",
        ORIGIN + "sharpens R Lemma 4.2",
        rates.REPRESENTATION_SHARP,
        REPRESENTATION_SHARP,
    ),
    Claim(
        "prose-representation-order",
        "B",
        "prose",
        "Equal loss, and NAG's energy is the closer one",
        "R sec. 4, after Lemma 4.2",
        order.CLOSER,
        only(sp.LessThan, closer_energy),
        "representation-order",
    ),
    Claim(
        "representation-worst-case",
        "B",
        "beyond",
        "The exact room that a loss leaves",
        ORIGIN + "on R Lemma 4.2",
        order.WORST_CASE,
        only(sp.Equality, measuring(order.WORST, proved_by(representation_proofs.worst_case, WORST_SCOPE))),
    ),
    Claim(
        "representation-order",
        "B",
        "beyond",
        "Equal loss, and the faster method leaves less room",
        ORIGIN + "repairs R sec. 4",
        order.ORDER,
        only(sp.Equality, proved_by(representation_proofs.order, WORST_SCOPE)),
    ),
    *properties.CLAIMS,
)
