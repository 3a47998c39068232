"""A claim that is one inequality: its proof, its adversarial search, its ablations, in one evidence."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import sympy as sp

from duality.ledger.claim import Ablation, Evidence, Search, Statement, Step
from duality.ledger.search import Domain, exact_violation, maximize
from duality.ledger.tex import Quantity

Point = Mapping[str, Any]
TINY = 1e-300
TRIED = 40  # points that a violation is made exact at, best first


def bounds(statement: Statement, measures: sp.Expr, scale: frozenset[sp.Expr]) -> bool:
    """Whether the statement bounds `measures` from above by a combination of exactly the monomials `scale`."""
    if not isinstance(statement.relation, sp.LessThan) or sp.expand(statement.lhs - measures) != 0:
        return False
    quantities = sorted(statement.rhs.atoms(Quantity), key=str)
    if not quantities:
        return scale == {sp.Integer(1)}
    terms = sp.Poly(statement.rhs, *quantities).monoms()
    return scale == {sp.prod([q**n for q, n in zip(quantities, powers, strict=True)]) for powers in terms}


@dataclass(frozen=True)
class BoundCheck:
    """How the inequality of a statement is settled. Calling it with a statement returns the evidence.

    `measures` is the left side that these checks are about and `scale` the monomials in the quantities that the
    right side is made of; any other statement is left open. `proof` maps the statement to steps; `left` evaluates
    the left side on one instance; `ablations` maps the name of a hypothesis to a point that violates it and no
    other; `broken_step` is named if the search finds a violation.
    """

    measures: sp.Expr
    scale: frozenset[sp.Expr]
    proof: Callable[[Statement], tuple[Step, ...]]
    left: Callable[[Point], Any]
    domain: Domain
    ablations: Mapping[str, Point]
    broken_step: Callable[[tuple[Step, ...]], str] = lambda steps: "none of the steps: the search alone refutes it"
    normalized: tuple[str, ...] = ()  # coordinates that are 1 throughout and not worth showing
    simple: tuple[Point, ...] = ()  # points to try first when the search finds a violation
    scope: str = "every dimension, every spectrum in [μ, L], every k"

    def __call__(self, statement: Statement) -> Evidence:
        if not bounds(statement, self.measures, self.scale):
            return Evidence(scope=f"these checks settle upper bounds on {self.measures} in {set(self.scale)} only")
        steps = self.proof(statement)
        search, units = maximize(
            "Largest left side / right side over the hypotheses' domain.", self._ratio(statement), self.domain
        )
        example = None
        if search.outcome == "fails":
            example = exact_violation(
                statement, self.left, self.domain, units[:TRIED], self.broken_step(steps), first=self.simple
            )
        if example is not None:
            shown = {n: v for n, v in example.point.items() if n not in self.normalized}
            example = replace(example, point=shown)
        slack, at = self._slack(statement, search, units)
        return Evidence(
            steps=steps,
            searches=(search,),
            ablations=tuple(self._ablate(statement)),
            counterexample=example,
            slack=slack,
            slack_at=at,
            scope=self.scope,
        )

    def _slack(self, statement: Statement, search: Search, units: Sequence[np.ndarray]) -> tuple[float | None, str]:
        """The largest exact ratio at rational points near the best ones found, and where; None beyond 10^12."""
        best, where = -math.inf, dict(search.at)
        for unit in units[:TRIED]:
            with contextlib.suppress(ZeroDivisionError):
                point = {n: sp.Rational(v) for n, v in self.domain.exact(unit, 1000).items()}
                right = statement.right_side(point) if statement.allows(point) else sp.Integer(0)
                if right != 0 and (ratio := float(sp.N(self.left(point) / right, 17))) > best:
                    best, where = ratio, {name: float(value) for name, value in point.items()}
        shown = ", ".join(f"{name} = {value:.4g}" for name, value in where.items() if name.isidentifier())
        largest = best if search.best < 1e12 else search.best
        return (largest, shown) if largest < 1e12 else (None, f"unbounded, near {shown}")

    def _ratio(self, statement: Statement) -> Callable[[Point], float]:
        symbols = sorted(statement.rhs.free_symbols, key=str)
        bound = sp.lambdify(symbols, statement.rhs, "numpy")

        def ratio(point: Point) -> float:
            with np.errstate(all="ignore"):
                right = float(bound(*(np.float64(point[s.name]) for s in symbols)))
            left = float(self.left(point))
            return left / max(right, TINY) if math.isfinite(right) else math.nan

        return ratio

    def _ablate(self, statement: Statement) -> Iterator[Ablation]:
        """What happens at the points that violate one hypothesis of the statement and no other."""
        for name, point in self.ablations.items():
            exact = {key: sp.sympify(value) for key, value in point.items()}
            violated = [h.name for h in statement.hypotheses if not h.holds(exact)]
            if not set(violated) <= {name}:
                raise ValueError(f"the ablation of '{name}' must violate it and nothing else, but violates {violated}")
            if violated:
                yield Ablation(name, exact, sp.sympify(self.left(exact)), sp.sympify(statement.right_side(exact)))
