"""How bounds on complexities are settled: a proof of all cases, and a search for a violation in small classes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from duality.ledger.claim import Ablation, Evidence, Settle, Statement, Step
from duality.ledger.search import Domain, maximize
from duality.ledger.tex import Quantity

Point = Mapping[str, Any]
STARTS, REFINED = 150, 3  # smaller than usual: every point enumerates all signs and samples
CLASSICAL = ("concentration", "symmetrization")  # theorems: no input violates them
ROUNDING = 1e-10  # a left side below this is noise of floating point


def proof_of(measures: Quantity, proof: Callable[[Statement], tuple[Step, ...]], scope: str) -> Settle:
    """Evidence from a proof alone, of upper bounds of `measures`."""

    def settle(statement: Statement) -> Evidence:
        if not isinstance(statement.relation, sp.LessThan) or statement.lhs != measures:
            return Evidence(scope=f"this proof settles upper bounds on {measures} only")
        return Evidence(steps=proof(statement), scope=scope)

    return settle


@dataclass(frozen=True)
class SmallSearch:
    """The proof of a bound of the quantity `measures`, and the largest left/right over the points of `domain`.

    The points carry the left side by name. A violation leaves the claim open: the classes are floating point.
    """

    measures: Quantity
    proof: Callable[[Statement], tuple[Step, ...]]
    domain: Domain
    scope: str
    ablations: Mapping[str, Point]

    def __call__(self, statement: Statement) -> Evidence:
        if not isinstance(statement.relation, sp.LessThan) or statement.lhs != self.measures:
            return Evidence(scope=f"these checks settle upper bounds on {self.measures} only")
        symbols = sorted(statement.rhs.free_symbols, key=str)
        bound = sp.lambdify(symbols, statement.rhs, "numpy")

        def ratio(point: Point) -> float:
            with np.errstate(all="ignore"):
                right = float(bound(*(np.float64(point[s.name]) for s in symbols)))
            left = float(point[self.measures.name])
            if abs(left) < ROUNDING:
                return 0.0
            return left / right if right > 0 and math.isfinite(right) else math.nan if left <= 0 else math.inf

        search, _ = maximize(
            "Largest left side / right side over small classes, every sign vector enumerated.",
            ratio,
            self.domain,
            random_starts=STARTS,
            refined=REFINED,
        )
        shown = ", ".join(f"{name} = {value:.4g}" for name, value in search.at.items() if name.isidentifier())
        return Evidence(
            steps=self.proof(statement),
            searches=(search,),
            ablations=tuple(self._ablate(statement)),
            slack=search.best if math.isfinite(search.best) else None,
            slack_at=shown,
            scope=self.scope,
        )

    def _ablate(self, statement: Statement) -> list[Ablation]:
        """Both sides at exact points that violate one hypothesis; each must violate it and satisfy the others."""
        found = []
        for name, point in self.ablations.items():
            exact = {key: sp.nsimplify(value, rational=True) for key, value in point.items()}
            violated = {h.name for h in statement.hypotheses if h.name not in CLASSICAL and not h.holds(exact)}
            if not violated <= {name}:
                raise ValueError(f"the ablation of '{name}' must violate it and nothing else, but violates {violated}")
            if violated:
                left = exact[self.measures.name]
                right = sp.Rational(str(sp.N(statement.right_side(exact), 30)))
                found.append(Ablation(name, {k: v for k, v in exact.items() if k.isidentifier()}, left, right))
        return found
