"""A claim that is one inequality: its proof, its adversarial search, its ablations, in one evidence."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import sympy as sp

from duality.ledger.claim import Ablation, Evidence, Statement, Step
from duality.ledger.search import Domain, exact_violation, maximize

Point = Mapping[str, Any]
TINY = 1e-300
TRIED = 40  # points that a violation is made exact at, best first


@dataclass(frozen=True)
class BoundCheck:
    """How the inequality of a statement is settled. Calling it with a statement returns the evidence.

    `proof` maps the statement to steps; `left` evaluates the left side on one instance; `ablations` maps the name of
    a hypothesis to a point that violates it and no other; `broken_step` is named if the search finds a violation.
    """

    proof: Callable[[Statement], tuple[Step, ...]]
    left: Callable[[Point], Any]
    domain: Domain
    ablations: Mapping[str, Point]
    broken_step: Callable[[tuple[Step, ...]], str] = lambda steps: "none of the steps: the search alone refutes it"
    normalized: tuple[str, ...] = ()  # coordinates that are 1 throughout and not worth showing
    simple: tuple[Point, ...] = ()  # points to try first when the search finds a violation
    scope: str = "every dimension, every spectrum in [μ, L], every k"

    def __call__(self, statement: Statement) -> Evidence:
        if not isinstance(statement.relation, sp.LessThan):
            return Evidence(scope="these checks settle upper bounds only")
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
        finite = search.best < 1e12
        at = ", ".join(
            f"{name} = {value:.4g}" if isinstance(value, float) else f"{name} = {value}"
            for name, value in search.at.items()
            if name.isidentifier()  # not the norms, which are normalized or follow from the rest
        )
        return Evidence(
            steps=steps,
            searches=(search,),
            ablations=tuple(self._ablate(statement)),
            counterexample=example,
            slack=search.best if finite else None,
            slack_at=at if finite else f"unbounded, at {at}",
            scope=self.scope,
        )

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
