"""Ledger rows of the bounds on Rademacher complexities: the printed chain, where it breaks, and what holds instead."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy import Rational as Q

from duality.hybrid import small_points as points
from duality.hybrid.claims.generalization_search import SmallSearch, proof_of
from duality.hybrid.covering import proper_number
from duality.hybrid.proofs import generalization as proofs
from duality.hybrid.proofs import generalization_module as module
from duality.hybrid.proofs import turning as turning_proofs
from duality.hybrid.rates import generalization as rates
from duality.hybrid.rates import generalization_repaired as repaired
from duality.hybrid.turning import Turning
from duality.ledger.claim import Claim, Evidence, Statement, only
from duality.ledger.prove import inequality
from duality.ledger.search import refute

TURNING = Turning()
BROKEN = (
    "From eq. 60 to eq. 61: Cauchy–Schwarz bounds each sample's sum by d‖Q_θ − Q*‖_F, and then that bound is put under "
    "the supremum with the sign σ_i in front; where σ_i = −1 the inequality turns round."
)


def turning_point(n: Any, **more: Any) -> dict[str, Any]:
    """The turning class as a point of the printed statements: d = 2, one step size, every loss inside the level."""
    t = TURNING
    length, high = sp.Rational(t.length), sp.Rational(t.extremes[1])
    cvg, M = sp.Rational((1 - t.s * t.mu) ** t.k), length / sp.Rational(t.mu)
    known = {
        "mu": sp.Rational(t.mu),
        "L": sp.Rational(t.L),
        "lambda_min": sp.Rational(t.m - t.e),
        "lambda_max": sp.Rational(t.m + t.e),
        "d": sp.Integer(2),
        "n": n,
        "k": t.k,
        "sigma_b": length / sp.sqrt(2),
        "M": M,
        "r": high**2,
        rates.LOSS_RMS.name: high,
        rates.CVG.name: cvg,
        rates.STAB.name: sp.Rational(t.stab),
        rates.SENS.name: sp.Integer(0),
        rates.B_PHI.name: sp.Integer(0),
        rates.R_NORM.name: sp.Integer(0),
    }
    level = rates.RQ_VALUE.subs({s: known[s.name] for s in rates.RQ_VALUE.free_symbols})
    return known | {"r_q": level} | more


def contraction(statement: Statement) -> Evidence:
    """Refuted by the turning class, at every n."""
    support = (
        *turning_proofs.class_properties(),
        *turning_proofs.numbers(TURNING),
        *turning_proofs.broken_step(TURNING),
    )
    if statement.lhs != rates.R_LOSS:
        return Evidence(scope="the example is one for the complexity of the losses")
    example = refute(statement, turning_point(sp.Integer(1)), sp.Rational(TURNING.left), BROKEN)
    return Evidence(support=support, counterexample=example, scope="every n, with the same two sides")


def first_failure(statement: Statement) -> int | None:
    """The smallest n at which the turning class violates a bound that falls like n^(-1/2), None when it does not."""
    one, four = (statement.right_side(main_point(sp.Integer(n))) for n in (1, 4))
    if sp.simplify(one - 2 * four) != 0 or one.free_symbols:
        return None
    return max(int(sp.floor((one / sp.Rational(TURNING.left)) ** 2)) + 1, 1)


def main_point(n: Any) -> dict[str, Any]:
    size = 2 * sp.Rational(TURNING.L) * sp.sqrt(2)
    return turning_point(n, Lambda=sp.Integer(0), B=size, t=sp.Integer(1))


def local_rademacher(statement: Statement) -> Evidence:
    """Refuted by the turning class from some n on: one ball covers its norms, so all C_i vanish."""
    if statement.lhs != rates.ER_LOSS:
        return Evidence(scope="the example is one for the expected complexity of the losses")
    n = first_failure(statement)
    support = (*turning_proofs.class_properties(), *turning_proofs.numbers(TURNING))
    example = None
    if n is not None:
        example = refute(
            statement, main_point(sp.Integer(n)), sp.Rational(TURNING.left), "It rests on Theorem C.2. " + BROKEN
        )
    return Evidence(support=support, counterexample=example, scope="this n and every larger one")


NORMS = ((Q(4, 5), Q(4, 5)), (Q(1), Q(0)), (Q(0), Q(1)))  # at two equally likely inputs
RADIUS, LOCAL_LEVEL = Q(4, 5), Q(1, 2)


def proper_covers(statement: Statement) -> Evidence:
    """Refuted by three functions on two points: the level removes the one that sits in the middle."""
    if (statement.lhs, statement.rhs.free_symbols) != (rates.N_PART, {rates.N_WHOLE}):
        return Evidence(scope="this example compares the local class with the whole one")

    def square(f: tuple[Q, Q]) -> Q:
        return (f[0] ** 2 + f[1] ** 2) / 2

    def close(a: tuple[Q, Q], b: tuple[Q, Q]) -> bool:
        return max(abs(x - y) for x, y in zip(a, b, strict=True)) <= RADIUS

    local = [f for f in NORMS if square(f) <= LOCAL_LEVEL]
    bound = max(square(f) for f in local)
    in_mean = proper_number(local, lambda a, b: square((a[0] - b[0], a[1] - b[1])) <= bound)
    example = refute(
        statement,
        {"epsilon": RADIUS, "r_q": LOCAL_LEVEL, rates.N_WHOLE.name: proper_number(NORMS, close)},
        sp.Integer(proper_number(local, close)),
        "Prop. C.1 and C.2: a smaller set has fewer centres to choose from, so its number can be the larger one.",
    )
    support = inequality(
        "And in L2(P_n), at the radius that bounds every root mean square, the local class of this example still needs "
        "two balls: 0 is within that radius of all functions, but it is not one of them.",
        sp.Gt(in_mean, 1),
    )
    return Evidence(support=(support,), counterexample=example, scope="two inputs; the theorem itself survives")


CLASSICAL = "The classical theorem among the hypotheses is taken from the literature, everything else is checked here."
EVERY = "every sample size, dimension, law of (x, b), class of energies and covering number. " + CLASSICAL


def _checked(measures: Any, proof: Any, domain: Any, scope: str, ablations: Any = None) -> Any:
    return SmallSearch(measures, proof, domain, scope, ablations or {})


LIPSCHITZ = points.lipschitz_point(Q(1, 5), Q(4, 5), Q(1, 10), Q(1), Q(1, 2), 3)
LIPSCHITZ_ABLATIONS = {
    "stability": LIPSCHITZ | {rates.STAB.name: LIPSCHITZ[rates.STAB.name] / 2},
    "sensitivity": LIPSCHITZ | {rates.SENS.name: LIPSCHITZ[rates.SENS.name] / 2},
}
COVER = points.covering_point(2, 3, 1.0, 0.5, 1.0, 0.02, 0.5)
COVERING_ABLATIONS = {
    "radius of Q": COVER | {"epsilon_Q": 50, rates.N_ENERGY.name: 1},
    "radius of Phi": COVER | {"epsilon_Phi": 50, rates.N_PHI.name: 1},
}
# one step on one sample: the energies play no role, and the step size alone makes the losses
STEPS = points.contraction_point(0, 1, Q(1), Q(1, 2), Q(1, 2), Q(1, 2)) | {"Lambda": Q(7, 10)}
HALF = STEPS[rates.B_PHI.name] / 2
CONTRACTION_ABLATIONS = {
    "interval": STEPS
    | {"phi_0": STEPS["phi_1"] - 4 * HALF, "phi_1": STEPS["phi_1"] - 2 * HALF, rates.B_PHI.name: HALF},
    "half width": STEPS | {rates.B_PHI.name: HALF},
}
# two energies with one bump each, at four samples; a level that leaves both out
BUMPS = points.level_point(2, 4, Q(1, 2), Q(1, 2), Q(10))
LOW = Q(1, 10**8)
LEVELS = {"r": LOW**2, rates.CVG.name: 0, "r_q": BUMPS["L"] ** 4 * LOW**2}
LOCAL_ABLATIONS = {
    "local": BUMPS | LEVELS | {rates.LOSS_RMS.name: 10},
    "representation": BUMPS | LEVELS | {rates.LOSS_RMS.name: LOW},
    "level": BUMPS | {"r_q": LOW},
}
LEVEL = points.expectation_domain(points.level_point)
CLAIMS = (
    Claim(
        "loss-lipschitz",
        "C",
        "statement",
        "The loss is Lipschitz in the energy and in the step",
        "R eq. 17, 56",
        rates.LOSS_LIPSCHITZ,
        _checked(
            rates.LOSS_CHANGE,
            proofs.loss_lipschitz,
            points.lipschitz_domain(),
            "every algorithm, every Q*",
            LIPSCHITZ_ABLATIONS,
        ),
    ),
    Claim(
        "contraction",
        "C",
        "theorem",
        "From the losses to the norms of the energy's error",
        "R Thm C.2, eq. 57–63",
        rates.CONTRACTION,
        only(sp.LessThan, contraction),
        "contraction-matrices",
    ),
    Claim(
        "contraction-matrices",
        "C",
        "beyond",
        "From the losses to the matrices",
        "beyond the print, repairs R Thm C.2",
        repaired.CONTRACTION_MATRICES,
        _checked(
            rates.R_LOSS,
            proofs.contraction_matrices,
            points.contraction_domain(),
            "every sample, dimension, class of energies and interval of step sizes",
            CONTRACTION_ABLATIONS,
        ),
    ),
    Claim(
        "proper-covers",
        "C",
        "statement",
        "Fewer functions need fewer balls",
        "R Prop. C.1, C.2, steps of the proofs",
        rates.PROPER_COVERS,
        only(sp.LessThan, proper_covers),
        "neural-module-sharp",
    ),
    Claim(
        "neural-module-empirical",
        "C",
        "theorem",
        "The norms on one sample",
        "R Thm C.3, Prop. C.1, eq. 64, 67",
        rates.NEURAL_EMPIRICAL,
        proof_of(rates.R_NORM, module.neural_empirical, EVERY),
    ),
    Claim(
        "neural-module-bound",
        "C",
        "theorem",
        "The norms in expectation",
        "R Thm C.3, Prop. C.2, eq. 65, 70–74",
        rates.NEURAL_EXPECTED,
        _checked(
            rates.ER_NORM,
            module.neural_expected,
            LEVEL,
            EVERY,
            {"level": BUMPS | {"r": LOW**2, rates.CVG.name: 0}},
        ),
    ),
    Claim(
        "neural-module-sharp",
        "C",
        "beyond",
        "The norms in expectation, without a tail",
        "beyond the print, sharpens R Thm C.3",
        repaired.NEURAL_SHARP,
        _checked(rates.ER_NORM, proofs.neural_sharp, points.expectation_domain(points.expectation_point), EVERY),
    ),
    Claim(
        "local-rademacher",
        "C",
        "theorem",
        "The main theorem",
        "R Thm 5.1, C.1; T Thm 4.6.1",
        rates.LOCAL_RADEMACHER,
        only(sp.LessThan, local_rademacher),
        "local-rademacher-repaired",
    ),
    Claim(
        "local-rademacher-repaired",
        "C",
        "beyond",
        "The main theorem, for covers of the matrices",
        "beyond the print, repairs R Thm 5.1",
        repaired.LOCAL_REPAIRED,
        _checked(rates.ER_LOSS, proofs.local_repaired, LEVEL, EVERY, LOCAL_ABLATIONS),
    ),
    Claim(
        "local-rademacher-tail",
        "C",
        "beyond",
        "The same with high probability",
        "beyond the print, repairs R Thm C.1",
        repaired.LOCAL_TAIL,
        proof_of(rates.R_LOSS, proofs.local_tail, EVERY),
    ),
    Claim(
        "covering-product",
        "C",
        "statement",
        "The global covering number is at most a product",
        "R eq. 19; T eq. 4.17",
        rates.COVERING,
        _checked(
            rates.N_LOSS,
            proofs.covering,
            points.covering_domain(),
            "every class, every ε; covers with centres in the class",
            COVERING_ABLATIONS,
        ),
    ),
)
