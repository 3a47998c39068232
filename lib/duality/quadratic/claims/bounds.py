"""The theorems of R appendix A as ledger rows, with the sharper or repaired bounds beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import sympy as sp
from sympy import Rational as Q

from duality.ledger.bound import BoundCheck
from duality.ledger.claim import Claim, Evidence, Statement, only
from duality.quadratic import attack, rates
from duality.quadratic.problem import gd_step_limit
from duality.quadratic.proofs import gd, nag, nag_perturbed, replays
from duality.quadratic.rates import (
    DB,
    DQ,
    ERROR,
    NEXT_ERROR,
    OUTPUT_CHANGE,
    POWER,
    START,
    STEP_CHANGE,
    STEP_GAP,
    M,
)

GD_LIMIT, NAG_LIMIT = "s <= 2/(mu+L)", "s <= 4/(3L+mu)"


def gd_point(s: Any, lam: Any, k: int, mu: Any = 1, L: Any = 2) -> dict[str, Any]:
    """One instance for gradient descent."""
    return {"mu": mu, "L": L, "s": s, "lambda": lam, "k": k, START.name: 1}


def nag_point(u: Any, lam: Any, k: int, L: Any = 3) -> dict[str, Any]:
    """One instance for NAG with mu = 1 and s = u^2."""
    return {"mu": 1, "L": L, "s": u**2, "u": u, "lambda": lam, "k": k, START.name: 1}


def gd_pair(c0: Any, s: Any, t: Any, lam: Any, k: int = 5, mu: Any = 1) -> dict[str, Any]:
    """One instance with two steps for gradient descent."""
    gap = {STEP_GAP.name: abs(t - s), START.name: 1}
    return {"mu": mu, "L": 2, "c_0": c0, "s": s, "t": t, "lambda": lam, "k": k} | gap


def nag_pair(u0: Any, us: Any, ut: Any, lam: Any, k: int = 20, L: Any = 3) -> dict[str, Any]:
    """One instance with two steps for NAG."""
    gap = {STEP_GAP.name: abs(ut**2 - us**2), START.name: 1}
    return {"mu": 1, "L": L, "c_0": u0**2, "s": us**2, "t": ut**2, "u": us, "u_t": ut, "lambda": lam, "k": k} | gap


def two(point: Mapping[str, Any], nu: Any, x2: Any) -> dict[str, Any]:
    """`point` with a second problem of eigenvalue nu and minimizer x2."""
    lam = point["lambda"]
    gaps = {M.name: min(1, abs(x2)), DQ.name: abs(lam - nu), DB.name: abs(lam - nu * x2)}
    return dict(point) | {"nu": nu, "x_2": x2} | gaps


GD_ABLATIONS = {
    "0 < mu": gd_point(Q(1), Q(0), 3, mu=0, L=1),
    "mu <= lambda": gd_point(Q(1, 2), Q(1, 10), 20),
    "lambda <= L": gd_point(Q(1, 2), Q(8), 3),
    "s > 0": gd_point(Q(-1), Q(2), 3),
    GD_LIMIT: gd_point(Q(3, 2), Q(2), 5),
}
GD_PAIR_ABLATIONS = {
    "0 < mu": gd_pair(Q(1, 2), Q(1, 2), Q(1), Q(0), mu=0),
    "mu <= lambda": gd_pair(Q(1, 4), Q(1, 4), Q(2, 3), Q(1, 10), k=40),
    "lambda <= L": gd_pair(Q(1, 4), Q(1, 4), Q(2, 3), Q(4)),
    "c0 > 0": gd_pair(Q(0), Q(0), Q(2, 3), Q(1)),
    "c0 <= s": gd_pair(Q(1, 2), Q(0), Q(1, 2), Q(1)),
    "c0 <= t": gd_pair(Q(1, 2), Q(1, 2), Q(0), Q(1)),
    GD_LIMIT: gd_pair(Q(1, 2), Q(3, 2), Q(2, 3), Q(2)),
    GD_LIMIT.replace("s", "t", 1): gd_pair(Q(1, 2), Q(2, 3), Q(3, 2), Q(2)),
    "k >= 1": gd_pair(Q(1, 2), Q(1, 2), Q(2, 3), Q(1), k=0),
}
NAG_ABLATIONS = {
    "0 < mu": nag_point(Q(1, 2), Q(1), 3) | {"mu": 0, "u": 0},
    "mu <= lambda": nag_point(Q(1, 2), Q(1, 100), 20),
    "lambda <= L": nag_point(Q(1, 2), Q(12), 20),
    "s > 0": nag_point(Q(0), Q(1), 3),
    NAG_LIMIT: nag_point(Q(3, 4), Q(4), 20, L=4),
}
NAG_PAIR_ABLATIONS = {
    "0 < mu": nag_pair(Q(1, 4), Q(1, 4), Q(1, 2), Q(1)) | {"mu": 0, "u": 0, "u_t": 0},
    "mu <= lambda": nag_pair(Q(1, 4), Q(1, 4), Q(1, 2), Q(1, 100), k=60),
    "lambda <= L": nag_pair(Q(1, 4), Q(1, 4), Q(1, 2), Q(16)),
    "c0 > 0": nag_pair(Q(1, 10**6), Q(1, 4), Q(1, 2), Q(1)) | {"c_0": Q(-1, 100)},
    "c0 <= s": nag_pair(Q(1, 2), Q(1, 10), Q(1, 2), Q(1)),
    "c0 <= t": nag_pair(Q(1, 2), Q(1, 2), Q(1, 10), Q(1)),
    NAG_LIMIT: nag_pair(Q(1, 2), Q(1), Q(1, 2), Q(3), k=60),
    NAG_LIMIT.replace("s", "t", 1): nag_pair(Q(1, 2), Q(1, 2), Q(1), Q(3), k=60),
    "k >= 1": nag_pair(Q(1, 4), Q(1, 4), Q(1, 2), Q(1), k=0),
}
K_ZERO_GD = {"k >= 1": gd_point(Q(1, 2), Q(1), 0)}
K_ZERO_NAG = {"k >= 1": nag_point(Q(1, 2), Q(1), 0)}


def _with_second(points: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Each point beside a problem with the same eigenvalue and b = 0: the plain response to b."""
    return {name: two(point, point["lambda"], Q(0)) for name, point in points.items()}


def _without(points: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: point for name, point in points.items() if name not in names}


NEW_PROOF = "every dimension, every spectrum, every k; the proof is new, the printed one uses the false Lemma A.1"
check = partial(BoundCheck, normalized=(START.name,))  # every start has length 1
GD_CONVERGENCE = check(
    ERROR,
    frozenset({START}),
    gd.convergence,
    attack.gd_error,
    attack.gd_domain(lambda kappa: gd_step_limit(1, kappa), attack.K_FROM_ZERO),
    GD_ABLATIONS,
)
GD_SENSITIVITY = check(
    STEP_CHANGE,
    frozenset({START * STEP_GAP}),
    gd.sensitivity,
    attack.gd_step_change,
    attack.gd_pair_domain(),
    GD_PAIR_ABLATIONS,
)
GD_STABILITY = check(
    OUTPUT_CHANGE,
    frozenset({M * DQ, DB}),
    gd.stability,
    attack.gd_output_change,
    attack.gd_two_problems(lambda kappa: gd_step_limit(1, kappa)),
    _with_second(GD_ABLATIONS | K_ZERO_GD),
)
GD_STABILITY_SHARP = check(
    OUTPUT_CHANGE,
    frozenset({M * DQ, DB}),
    gd.stability_sharp,
    attack.gd_output_change,
    attack.gd_two_problems(lambda kappa: 1 / kappa),
    _with_second(_without(GD_ABLATIONS, GD_LIMIT) | K_ZERO_GD | {"s <= 1/L": gd_point(Q(3, 2), Q(2), 5)}),
)
PRINTED = attack.nag_domain(attack.printed_kappa)
FROM_ZERO = attack.nag_domain(attack.printed_kappa, attack.K_FROM_ZERO)
NAG_POWER = check(
    POWER,
    frozenset({sp.Integer(1)}),
    replays.power_bound,
    attack.nag_power,
    PRINTED,
    NAG_ABLATIONS | K_ZERO_NAG,
    replays.broken,
    simple=(nag_point(Q(4, 5), Q(7, 4), 1, L=Q(7, 4)),),
)
NAG_POWER_SHARP = check(
    POWER, frozenset({sp.Integer(1)}), nag.power_sharp, attack.nag_power, PRINTED, NAG_ABLATIONS | K_ZERO_NAG
)
NAG_CONVERGENCE = check(
    NEXT_ERROR**2 + ERROR**2,
    frozenset({START**2}),
    nag.convergence,
    attack.nag_two_errors,
    FROM_ZERO,
    NAG_ABLATIONS,
    scope=NEW_PROOF,
)
NAG_CONVERGENCE_SHARP = check(
    ERROR, frozenset({START}), nag.convergence_sharp, attack.nag_error, FROM_ZERO, NAG_ABLATIONS
)
NAG_LYAPUNOV = check(
    ERROR**2,
    frozenset({START**2}),
    nag.lyapunov,
    attack.nag_square,
    attack.nag_domain(attack.lyapunov_kappa, attack.K_FROM_ZERO),
    _without(NAG_ABLATIONS, NAG_LIMIT) | {"s <= 1/L": nag_point(Q(1), Q(3), 60)},
)
NAG_SENSITIVITY = check(
    STEP_CHANGE,
    frozenset({START * STEP_GAP}),
    replays.sensitivity,
    attack.nag_step_change,
    attack.nag_pair_domain(),
    NAG_PAIR_ABLATIONS,
    replays.broken,
    simple=(nag_pair(Q(197, 200), Q(197, 200), Q(99, 100), Q(51, 50), k=1, L=Q(51, 50)),),  # mu < L
)
NAG_SENSITIVITY_REPAIRED = check(
    STEP_CHANGE,
    frozenset({START * STEP_GAP}),
    nag_perturbed.sensitivity_repaired,
    attack.nag_step_change,
    attack.nag_pair_domain(),
    NAG_PAIR_ABLATIONS,
)
NAG_STABILITY = check(
    OUTPUT_CHANGE,
    frozenset({M * DQ, DB}),
    nag_perturbed.stability,
    attack.nag_output_change,
    attack.nag_two_problems(),
    _with_second(NAG_ABLATIONS) | {"k >= 1": two(nag_point(Q(1, 2), Q(1), 0), Q(3, 2), Q(1))},
    scope=NEW_PROOF,
)


def power_bound(statement: Statement) -> Evidence:
    """R Lemma A.1, with the proof that it fails for every condition number."""
    evidence = NAG_POWER(statement)
    return replace(evidence, steps=(*evidence.steps, replays.fails_for_every_kappa()))


def sensitivity_bound(statement: Statement) -> Evidence:
    """R Thm A.4, with where it can fail at all."""
    evidence = NAG_SENSITIVITY(statement)
    return replace(evidence, steps=(*evidence.steps, replays.sensitivity_where_it_holds()))


def gd_stability_exact(statement: Statement) -> Evidence:
    """The best constant in Q, an equality: nothing to search."""
    return Evidence(steps=gd.stability_exact(statement), scope="every dimension, every k")


def nag_tight(statement: Statement) -> Evidence:
    """R Remark A.1: an equality on the slowest eigenvalue."""
    return Evidence(steps=nag.tight(statement), scope="every step in the printed range, every k")


CLAIMS = (
    Claim(
        "gd-convergence", "A", "theorem", "GD contracts", "R Thm A.1, eq. 22 left", rates.GD_CONVERGENCE, GD_CONVERGENCE
    ),
    Claim(
        "gd-sensitivity",
        "A",
        "theorem",
        "Sensitivity of GD to its step size",
        "R Thm A.1, eq. 22 right",
        rates.GD_SENSITIVITY,
        GD_SENSITIVITY,
    ),
    Claim("gd-stability", "A", "theorem", "Stability of GD", "R Thm A.2", rates.GD_STABILITY, GD_STABILITY),
    Claim(
        "gd-stability-sharp",
        "A",
        "beyond",
        "Stability of GD for steps up to 1/L",
        "beyond the print, sharpens R Thm A.2",
        rates.GD_STABILITY_SHARP,
        GD_STABILITY_SHARP,
    ),
    Claim(
        "gd-stability-exact",
        "A",
        "beyond",
        "The best stability constant of GD in Q",
        "beyond the print, on R Thm A.2",
        rates.GD_STABILITY_EXACT,
        only(sp.Equality, gd_stability_exact),
    ),
    Claim(
        "nag-power-bound",
        "A",
        "lemma",
        "Powers of the NAG block matrix",
        "R Lemma A.1",
        rates.NAG_POWER,
        power_bound,
        "nag-power-sharp",
    ),
    Claim(
        "nag-power-sharp",
        "A",
        "beyond",
        "The exact norm of the powers of the NAG block matrix",
        "beyond the print, repairs R Lemma A.1",
        rates.NAG_POWER_SHARP,
        NAG_POWER_SHARP,
    ),
    Claim("nag-convergence", "A", "theorem", "NAG converges", "R Thm A.3", rates.NAG_CONVERGENCE, NAG_CONVERGENCE),
    Claim(
        "nag-convergence-sharp",
        "A",
        "beyond",
        "The exact convergence of NAG",
        "beyond the print, sharpens R Thm A.3",
        rates.NAG_CONVERGENCE_SHARP,
        NAG_CONVERGENCE_SHARP,
    ),
    Claim(
        "nag-remark-rate",
        "A",
        "remark",
        "The Lyapunov rate, and the better one",
        "R Remark A.1",
        rates.NAG_LYAPUNOV,
        NAG_LYAPUNOV,
    ),
    Claim(
        "nag-remark-tight",
        "A",
        "remark",
        "The quadratic factor is inevitable",
        "R Remark A.1",
        rates.NAG_TIGHT,
        only(sp.Equality, only(sp.Equality, nag_tight)),
    ),
    Claim(
        "nag-sensitivity",
        "A",
        "theorem",
        "Sensitivity of NAG to its step size",
        "R Thm A.4",
        rates.NAG_SENSITIVITY,
        sensitivity_bound,
        "nag-sensitivity-repaired",
    ),
    Claim(
        "nag-sensitivity-repaired",
        "A",
        "beyond",
        "Sensitivity of NAG, repaired",
        "beyond the print, repairs R Thm A.4",
        rates.NAG_SENSITIVITY_REPAIRED,
        NAG_SENSITIVITY_REPAIRED,
    ),
    Claim("nag-stability", "A", "theorem", "Stability of NAG", "R Thm A.5", rates.NAG_STABILITY, NAG_STABILITY),
    Claim(
        "nag-stability-sharp",
        "A",
        "beyond",
        "Stability of NAG with better constants",
        "beyond the print, sharpens R Thm A.5",
        rates.NAG_STABILITY_SHARP,
        NAG_STABILITY,
    ),
)
