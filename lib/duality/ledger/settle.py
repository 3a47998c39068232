"""Ways to settle a row: a proof with its ablations, or one exact instance that refutes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp

from duality.ledger.claim import Ablation, Evidence, Settle, Statement, Step
from duality.ledger.search import refute

Steps = Callable[[Statement], tuple[Step, ...]]
Point = Mapping[str, Any]
Instance = tuple[Point, Any, tuple[Step, ...]]  # a point, the left side there, and what its values rest on


def about(original: Statement, settle: Settle, scope: str) -> Settle:
    """`settle` for statements with the left side and the kind of relation of the original; others are left open."""

    def guarded(statement: Statement) -> Evidence:
        if type(statement.relation) is type(original.relation) and statement.lhs == original.lhs:
            return settle(statement)
        return Evidence(scope=f"these checks are about another left side ({scope})")

    return guarded


def ablation(statement: Statement, name: str, point: Point, left: Any) -> Ablation:
    """Both sides at a point that violates the hypothesis `name` and no other.

    Raises `ValueError` when the point violates another one, or none.
    """
    exact = {key: sp.sympify(value) for key, value in point.items()}
    violated = [h.name for h in statement.hypotheses if not h.holds(exact)]
    if violated != [name]:
        raise ValueError(f"the ablation of '{name}' must violate it and nothing else, but violates {violated}")
    return Ablation(name, exact, sp.sympify(left), sp.sympify(statement.right_side(exact)))


def proved(
    original: Statement, steps: Steps, scope: str, ablations: Mapping[str, tuple[Point, Any]] | None = None
) -> Settle:
    """Evidence from a proof; `ablations` gives, per hypothesis, a point without it and the left side there."""

    def settle(statement: Statement) -> Evidence:
        broken = tuple(
            ablation(statement, name, point, left)
            for name, (point, left) in (ablations or {}).items()
            if statement.hypotheses == original.hypotheses
        )
        return Evidence(steps=steps(statement), ablations=broken, scope=scope)

    return about(original, settle, scope)


def refuted(original: Statement, at: Callable[[Statement], Instance], broken: str, scope: str) -> Settle:
    """Evidence from one exact instance; an empty point says that there is none for the statement."""

    def settle(statement: Statement) -> Evidence:
        point, left, support = at(statement)
        if not point:
            return Evidence(scope=scope)
        return Evidence(support=support, counterexample=refute(statement, point, left, broken), scope=scope)

    return about(original, settle, scope)
