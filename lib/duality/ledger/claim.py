"""Claims, their evidence, and the rule that computes a verdict from evidence.

A verdict is never stored: `verdict` reads it off the evidence each time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import sympy as sp

from .ball import exceeds
from .tex import Quantity, latex

Outcome = Literal["holds", "fails", "undecided"]
Verdict = Literal["proved", "certified", "supported", "false", "reproduced", "partly", "not reproduced", "open"]
Kind = Literal["theorem", "lemma", "definition", "statement", "remark", "prose", "table", "figure", "beyond"]
Method = Literal["identity", "smt", "induction", "ball"]
EXACT_METHODS = frozenset({"identity", "smt", "induction"})
RIGOROUS_METHODS = EXACT_METHODS | {"ball"}


@dataclass(frozen=True)
class Hypothesis:
    """One condition of a statement: a SymPy relation that a point can be tested against, and what to add in print."""

    name: str
    relation: sp.Basic
    note: str = ""

    def latex(self) -> str:
        return latex(self.relation) + self.note

    def holds(self, point: Mapping[str, Any]) -> bool:
        """Whether the condition holds at `point` (exact if the values are rational).

        Raises `KeyError` naming the coordinates that the point lacks.
        """
        value = substitute(self.relation, point)
        if value not in (sp.true, sp.false):
            missing = ", ".join(sorted(map(str, value.free_symbols)))
            raise KeyError(f"hypothesis '{self.name}' needs a value for: {missing}")
        return bool(value)


@dataclass(frozen=True)
class Statement:
    """What is claimed, as the expression that is both printed and checked.

    `relation` is a SymPy relation. Quantities that a proof or a program evaluates (an error norm, a worst case) are
    symbols whose name is their LaTeX; everything else is spelled out. `words` may surround it: `{relation}` marks
    the place of the displayed formula. `shorthand` names subexpressions for the eye alone: each pair (symbol,
    expression) is put into the printed formula and explained under it.
    """

    relation: sp.Basic
    hypotheses: tuple[Hypothesis, ...] = ()
    words: str = "{relation}"
    shorthand: tuple[tuple[sp.Symbol, sp.Expr], ...] = ()

    @property
    def lhs(self) -> sp.Expr:
        return self.relation.args[0]

    @property
    def rhs(self) -> sp.Expr:
        return self.relation.args[1]

    def hypothesis(self, name: str) -> Hypothesis | None:
        """The hypothesis called `name`, or None."""
        return next((h for h in self.hypotheses if h.name == name), None)

    @property
    def relations(self) -> list[sp.Basic]:
        """The hypotheses as relations."""
        return [h.relation for h in self.hypotheses]

    def coefficient(self, *ones: Quantity) -> sp.Expr:
        """The right-hand side with the quantities `ones` set to 1 and all others to 0."""
        return self.rhs.subs({q: int(q in ones) for q in self.rhs.atoms(Quantity)})

    def markdown(self) -> str:
        """The statement as Markdown with a displayed formula."""
        printed = self.relation
        for symbol, expression in self.shorthand:
            sides = (side.subs(expression, symbol) for side in printed.args)
            printed = printed.func(*sides, evaluate=False)
        formula = f"\n\n$$\n{latex(printed)}\n$$\n\n"
        names = ", ".join(f"${latex(symbol)} = {latex(expression)}$" for symbol, expression in self.shorthand)
        return (self.words.replace("{relation}", formula).strip() + (f"\n\nwith {names}." if names else "")).strip()

    def allows(self, point: Mapping[str, Any]) -> bool:
        """Whether every hypothesis holds at `point`."""
        return all(h.holds(point) for h in self.hypotheses)

    def right_side(self, point: Mapping[str, Any]) -> sp.Expr:
        """The right-hand side at `point`, exact for rational points."""
        return substitute(self.rhs, point)


def substitute(expression: sp.Basic, point: Mapping[str, Any]) -> sp.Basic:
    """`expression` with its symbols replaced by name; 0**0 is read as 1, as in the powers of a matrix."""
    values = {symbol: sp.sympify(point[symbol.name]) for symbol in expression.free_symbols if symbol.name in point}
    return expression.subs(values)


@dataclass(frozen=True)
class Step:
    """One discharged (or not) step of a proof."""

    sentence: str
    method: Method
    outcome: Outcome
    detail: str = ""
    model: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Search:
    """An adversarial maximization of lhs/rhs over a domain."""

    sentence: str
    best: float
    at: Mapping[str, Any]
    evaluations: int
    seed: int
    tolerance: float = 1e-9

    @property
    def outcome(self) -> Outcome:
        if math.isnan(self.best) or self.best == -math.inf:
            return "undecided"  # nothing was evaluated
        return "holds" if self.best <= 1 + self.tolerance else "fails"


@dataclass(frozen=True)
class Counterexample:
    """An exact point at which the statement fails, re-checked in rational arithmetic."""

    point: Mapping[str, sp.Expr]
    lhs: sp.Expr
    rhs: sp.Expr
    broken_step: str

    @property
    def exact(self) -> bool:
        """Both sides are exact real numbers and the left one is strictly larger, in ball arithmetic."""
        return not (self.lhs.has(sp.Float) or self.rhs.has(sp.Float)) and exceeds(self.lhs, self.rhs)


@dataclass(frozen=True)
class Ablation:
    """What happens at a point that violates one hypothesis and no other."""

    hypothesis: str
    point: Mapping[str, sp.Expr]
    lhs: sp.Expr
    rhs: sp.Expr

    @property
    def outcome(self) -> Literal["breaks", "survives", "undefined"]:
        """Whether the inequality fails there, still holds, or no longer says anything."""
        if not (self.lhs.is_real and self.rhs.is_real):
            return "undefined"
        return "breaks" if exceeds(self.lhs, self.rhs) else "survives"


@dataclass(frozen=True)
class Criterion:
    """One declared criterion of an experiment and whether the run met it."""

    sentence: str
    met: bool
    detail: str = ""


@dataclass(frozen=True)
class Evidence:
    """Everything that speaks for or against a claim: `steps` of a proof, `support` of a counterexample."""

    steps: tuple[Step, ...] = ()
    support: tuple[Step, ...] = ()
    searches: tuple[Search, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    ablations: tuple[Ablation, ...] = ()
    counterexample: Counterexample | None = None
    slack: float | None = None
    slack_at: str | None = None
    scope: str = ""


Settle = Callable[[Statement], Evidence]


def only(kind: type[sp.Basic], settle: Settle) -> Settle:
    """`settle` for statements whose relation is of this kind; any other relation is left open."""

    def guarded(statement: Statement) -> Evidence:
        if isinstance(statement.relation, kind):
            return settle(statement)
        return Evidence(scope=f"these checks settle relations of the kind {kind.__name__} only")

    return guarded


@dataclass(frozen=True)
class Claim:
    """One row of the ledger.

    `settle` maps the statement to evidence, so that a mutated statement can be put through the same checks.
    """

    id: str
    section: str
    kind: Kind
    title: str
    source: str
    statement: Statement
    settle: Settle = field(compare=False)
    repaired_by: str | None = None

    def evaluate(self) -> Evidence:
        return self.settle(self.statement)


def verdict(evidence: Evidence) -> Verdict:
    """The verdict that the evidence carries.

    Raises `ValueError` when a proof and a counterexample are both complete: then a check is unsound.
    """
    if evidence.counterexample is not None:
        supported = evidence.counterexample.exact and all(s.outcome == "holds" for s in evidence.support)
        if supported and evidence.steps and all(s.outcome == "holds" for s in evidence.steps):
            raise ValueError("a complete proof stands beside an exact counterexample: one of the checks is unsound")
        return "false" if supported else "open"
    if any(s.outcome != "holds" for s in evidence.searches):
        return "open"
    if evidence.steps:
        if any(s.outcome != "holds" for s in evidence.steps):
            return "open"
        methods = {s.method for s in evidence.steps}
        if methods <= EXACT_METHODS:
            return "proved"
        if methods <= RIGOROUS_METHODS:
            return "certified"
    if evidence.searches:
        return "supported"
    if evidence.criteria:
        met = sum(c.met for c in evidence.criteria)
        return "reproduced" if met == len(evidence.criteria) else "partly" if met else "not reproduced"
    return "open"
