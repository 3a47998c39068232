"""Ledger rows of R section 6, appendix D and Table 2: the recurrent cell as a reasoning layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import sympy as sp
from sympy import Rational as Q

from duality.hybrid import recurrent_attack as attack
from duality.hybrid.proofs import recurrent as proofs
from duality.hybrid.proofs import recurrent_convergence as convergence
from duality.hybrid.proofs import recurrent_momentum as momentum
from duality.hybrid.proofs import recurrent_represents as represents
from duality.hybrid.rates import recurrent as rates
from duality.ledger.bound import BoundCheck
from duality.ledger.claim import Claim, Evidence, Kind, Settle, Statement, Step, only
from duality.ledger.prove import inequality
from duality.ledger.search import refute

EVERY_CELL = "every dimension, depth, width, every spectrum in [μ, L]; norm inequalities are used as known"
ONE_UNIT = EVERY_CELL + "; the search runs over cells of one unit on the line"

CONTRACTIVE = BoundCheck(
    rates.NEXT_CHANGE,
    frozenset({rates.CHANGE}),
    proofs.contractive,
    attack.next_change,
    attack.CONTRACTION,
    {"c < 1": attack.contraction_point(Q(2), Q(1), 3)},
    scope=ONE_UNIT,
)
STABILITY_POINTS: Mapping[str, Mapping[str, Any]] = {
    "c_Q < 1": attack.two_problems(Q(3, 2), Q(1, 2), Q(1), Q(1), 4),
    "c_p < 1": attack.two_problems(Q(1, 2), Q(3, 2), Q(1), Q(1), 4),
}
STABILITY = BoundCheck(
    rates.OUTPUT_CHANGE,
    frozenset({rates.B_OTHER * rates.DQ, rates.DB}),
    proofs.stability,
    attack.output_change,
    attack.STABILITY,
    STABILITY_POINTS,
    scope=ONE_UNIT,
)
STABILITY_SHARP = BoundCheck(
    rates.OUTPUT_CHANGE,
    frozenset({rates.B_OTHER * rates.DQ, rates.DB}),
    proofs.stability_sharp,
    attack.output_change,
    attack.STABILITY_SHARP,
    {
        "c < 1": attack.two_problems(Q(3, 2), Q(5, 4), Q(1), Q(1), 4),
        "k >= 1": attack.two_problems(Q(1, 2), Q(1, 4), Q(1), Q(1), 0),
    },
    scope=ONE_UNIT,
)


def _cell_pair(p: int, q: int, V: sp.Rational, **changed: Any) -> dict[str, Any]:
    """Two cells with slopes near 9/10, some constants of the statement replaced; p, q choose the changed weight."""
    a, t = Q(9, 10), Q(1, 100)
    return attack.two_parameters(V, a, Q(1), Q(p), Q(q), t, sign=1, k=6) | changed


SENSITIVITY = BoundCheck(
    rates.OUTPUT_CHANGE,
    frozenset({rates.DPHI}),
    proofs.sensitivity,
    attack.parameter_change,
    attack.SENSITIVITY,
    {
        "c_min <= c": _cell_pair(0, 1, Q(1), c_min=Q(999, 1000)),
        "c <= c_0": _cell_pair(0, 1, Q(1), c_0=Q(1, 10), c_min=0, Y=Q(10, 9), H=3),
        "c_0 < 1": _cell_pair(0, 1, Q(1), c_0=Q(2)),
        "Y large": _cell_pair(0, 1, Q(1), Y=0, H=1),
        "H large": _cell_pair(1, 0, Q(1, 5), H=0),
    },
    scope=ONE_UNIT,
)


def proof(
    relation: type[sp.Basic], measures: sp.Expr, steps: Callable[[Statement], tuple[Step, ...]], scope: str
) -> Settle:
    """Evidence from a proof alone, for relations of one kind about one quantity; anything else is left open."""

    def settle(statement: Statement) -> Evidence:
        if statement.lhs != measures:
            return Evidence(scope=f"this proof settles statements about {measures} only")
        return Evidence(steps=steps(statement), scope=scope)

    return only(relation, settle)


def represents_nag(statement: Statement) -> Evidence:
    """Refuted by two problems on the line, run in exact fractions."""
    point, gap, support = represents.nag_at_a_point()
    broken = (
        "Eq. 80 gives weights for GD only. The cell's whole state is y_k, while NAG's next iterate depends on "
        "y_{k−1}, too."
    )
    return Evidence(
        support=support,
        counterexample=refute(statement, point, gap, broken),
        scope="two problems with d = 1; rnn-no-nag has every dimension and every κ > 1",
    )


def best_convergence(statement: Statement) -> Evidence:
    """Refuted at kappa = 5 by the floor that holds for every k and every cell of the region."""
    at = {"kappa": sp.Integer(5)}
    limit = rates.FLOOR_AT_K.rhs.subs(rates.SHRINK**rates.k, 0).subs(rates.kappa, at["kappa"])
    support = (
        *convergence.floor_at_k(rates.FLOOR_AT_K),
        inequality(
            "γ < 1, so γᵏ tends to 0 and the bound to its value without it.",
            sp.Lt(rates.SHRINK, 1),
            rates.FLOOR_AT_K.relations,
        ),
    )
    broken = (
        "(IV) takes the weights of eq. 80 for members of the stable region. Their constant is c_φ = 2 sup|1 − sλ|: "
        "each of V and W¹ contributes √2."
    )
    return Evidence(
        support=support,
        counterexample=refute(statement, at, limit, broken),
        scope="every κ > 3, also with a cell chosen for each k; at κ = 3 no single cell converges (rnn-impossible)",
    )


def _claim(
    name: str, kind: Kind, title: str, source: str, statement: Statement, settle: Settle, repaired: str | None = None
) -> Claim:
    return Claim(name, "D", kind, title, source, statement, settle, repaired)


_printed = partial(_claim, kind="statement")
_beyond = partial(_claim, kind="beyond")
BOTH_SIGNS = EVERY_CELL + "; b in every direction, with both signs"
LIMITS = BOTH_SIGNS + "; Banach's fixed point theorem is used for the limit"
DEGREE = ", and that an even map of a sphere to itself has an even degree"

CLAIMS = (
    _printed(
        name="rnn-contractive",
        title="The cell contracts in the stable region",
        source="R app. D (I)",
        statement=rates.CONTRACTIVE,
        settle=CONTRACTIVE,
    ),
    _beyond(
        name="rnn-region-exact",
        title="The constant of the stable region, computed",
        source="beyond the print, on R sec. 6",
        statement=rates.REGION_EXACT,
        settle=proof(
            sp.Equality, rates.SUP_FIRST, proofs.region_exact, "every pair of weights W¹₁, W¹₂, every dimension"
        ),
    ),
    _printed(
        name="rnn-stability",
        title="Stability of the cell",
        source="R app. D (II), eq. 76",
        statement=rates.STABILITY,
        settle=STABILITY,
    ),
    _beyond(
        name="rnn-stability-sharp",
        title="Stability of the cell, with the best sum",
        source="beyond the print, sharpens R app. D (II)",
        statement=rates.STABILITY_SHARP,
        settle=STABILITY_SHARP,
    ),
    _printed(
        name="rnn-sensitivity",
        title="Sensitivity of the cell",
        source="R app. D (III), eq. 77–79",
        statement=rates.SENSITIVITY,
        settle=SENSITIVITY,
    ),
    _printed(
        name="rnn-represents-gd",
        title="A cell that is gradient descent",
        source="R eq. 80",
        statement=rates.REPRESENTS_GD,
        settle=proof(sp.Equality, rates.CELL, represents.gradient_descent, "every Q, b, y, every number of layers"),
    ),
    _printed(
        name="rnn-represents-nag",
        title="A cell that is NAG",
        source="R sec. 6; T 4.6.4",
        statement=rates.REPRESENTS_NAG,
        settle=only(sp.LessThan, represents_nag),
        repaired="rnn-doubled-nag",
    ),
    _beyond(
        name="rnn-no-nag",
        title="No cell follows NAG beyond its second iterate",
        source="beyond the print, on R sec. 6",
        statement=rates.NO_NAG,
        settle=proof(
            sp.Equality,
            rates.NEXT_GAP,
            represents.no_nag,
            "every κ > 1, every dimension, every step in the stated range",
        ),
    ),
    _beyond(
        name="rnn-no-nag-any-step",
        title="No cell follows NAG for ever, at any step",
        source="beyond the print, on R sec. 6",
        statement=rates.NO_NAG_ANY_STEP,
        settle=proof(
            sp.StrictGreaterThan,
            rates.PASSES,
            momentum.passes,
            "every κ > 1, every dimension, every step below 1/μ; the intermediate value theorem is used",
        ),
    ),
    _beyond(
        name="rnn-doubled-nag",
        title="A cell with two iterates is NAG",
        source="beyond the print, repairs R sec. 6",
        statement=rates.DOUBLED_NAG,
        settle=proof(sp.Equality, rates.CELL_TOP, represents.doubled_nag, "every Q, b, every momentum β and step s"),
    ),
    _beyond(
        name="rnn-nag-outside",
        title="A cell that runs NAG lies outside the stable region",
        source="beyond the print, on R sec. 6",
        statement=rates.NAG_OUTSIDE,
        settle=proof(sp.GreaterThan, rates.C_PHI, represents.nag_outside, "every depth, width and choice of weights"),
    ),
    _printed(
        name="rnn-best-convergence",
        title="Best-case convergence inside the stable region",
        source="R Table 2, app. D (IV); T Table 4.2",
        statement=rates.BEST_CONVERGENCE,
        settle=only(sp.LessThan, best_convergence),
        repaired="rnn-convergent-cell",
    ),
    _beyond(
        name="rnn-best-c",
        title="The smallest constant of a cell that solves the problem",
        source="beyond the print, on R Table 2",
        statement=rates.BEST_C,
        settle=proof(sp.GreaterThan, rates.C_PHI, convergence.best_c, BOTH_SIGNS),
    ),
    _beyond(
        name="rnn-best-is-gd",
        title="The cell with the smallest constant is gradient descent",
        source="beyond the print, on R Table 2",
        statement=rates.BEST_IS_GD,
        settle=proof(sp.Equality, rates.CELL, convergence.best_is_gd, BOTH_SIGNS),
    ),
    _beyond(
        name="rnn-convergent-cell",
        title="Below condition number three a cell of the stable region converges",
        source="beyond the print, repairs R Table 2",
        statement=rates.CONVERGENT,
        settle=proof(sp.Equality, rates.CVG, convergence.convergent, "every κ < 3, every number of layers, every k"),
    ),
    _beyond(
        name="rnn-floor",
        title="The error that a cell of the stable region keeps",
        source="beyond the print, on R Table 2",
        statement=rates.FLOOR,
        settle=proof(sp.Equality, rates.LEAST, convergence.floor, LIMITS + DEGREE),
    ),
    _beyond(
        name="rnn-impossible",
        title="From condition number three on no cell of the stable region converges",
        source="beyond the print, on R Table 2",
        statement=rates.IMPOSSIBLE,
        settle=proof(sp.StrictGreaterThan, rates.LIMIT, convergence.impossible, LIMITS),
    ),
    _beyond(
        name="rnn-floor-every-k",
        title="The error at every k, with a cell chosen for that k",
        source="beyond the print, on R Table 2",
        statement=rates.FLOOR_AT_K,
        settle=proof(sp.GreaterThan, rates.CVG, convergence.floor_at_k, BOTH_SIGNS),
    ),
    _beyond(
        name="rnn-worst-convergence",
        title="The worst case inside the stable region",
        source="beyond the print, on R sec. 6",
        statement=rates.WORST_CONVERGENCE,
        settle=proof(
            sp.Equality, rates.WORST, convergence.worst_convergence, "every cell, every d, every κ > 1, every k"
        ),
    ),
)
