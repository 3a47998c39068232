"""Proof steps that a machine discharges: identities, real inequalities, induction, ball arithmetic.

Each function returns a `Step` with its own outcome; none of them raises on a false statement. A proof is a tuple of
steps, and it holds when every step does.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

import sympy as sp
import z3
from flint import arb, ctx

from .claim import Method, Step

SMT_TIMEOUT_MS = 20_000


class NotAlgebraic(TypeError):
    """An expression that the solver for real arithmetic cannot take."""


def identity(sentence: str, left: sp.Expr, right: sp.Expr | int = 0) -> Step:
    """`left = right` as expressions, by exact simplification of the difference to zero."""
    difference = sp.simplify(sp.expand(sp.together(left - right)))
    if difference != 0:
        difference = sp.simplify(sp.expand(sp.powsimp(sp.expand(left - right))))
    holds = difference == 0
    detail = f"{left} = {right}" if holds else f"difference: {difference}"
    return Step(sentence, "identity", "holds" if holds else "fails", detail)


def inequality(
    sentence: str, claim: sp.Basic, given: Sequence[sp.Basic] = (), timeout_ms: int = SMT_TIMEOUT_MS
) -> Step:
    """`given` implies `claim` over the reals: z3 refutes the negation.

    Symbols that SymPy takes to be positive or nonnegative are so here. Square roots enter as fresh variables with
    their defining equation. Roots and quotients of the premises are taken to be defined; that those of the claim
    are is part of what must be proved. A satisfiable negation is a counterexample (in `model`); z3 giving up is
    `undecided`, and so are premises that contradict each other, which would prove anything, and expressions beyond
    polynomials, roots and absolute values.
    """
    translate = _Translator()
    detail = f"{', '.join(map(str, given)) or 'no premise'} ⊢ {claim}"
    try:
        premises = [translate(g) for g in given] + translate.take_conditions()
        goal = z3.And(translate(claim), *translate.take_conditions())
    except NotAlgebraic as error:
        return Step(sentence, "smt", "undecided", f"{detail} ({error})")
    premises += translate.definitions
    if _decide(premises, timeout_ms)[0] == z3.unsat:
        return Step(sentence, "smt", "undecided", f"{detail} (the premises contradict each other)")
    answer, solver = _decide([*premises, z3.Not(goal)], timeout_ms)
    if answer == z3.unsat:
        return Step(sentence, "smt", "holds", detail)
    if answer == z3.sat:
        model = solver.model()
        values = {name: str(model.eval(var, model_completion=True)) for name, var in translate.variables.items()}
        return Step(sentence, "smt", "fails", detail, values)
    return Step(sentence, "smt", "undecided", f"{detail} (z3 gave up: {solver.reason_unknown()})")


def _decide(formulas: list[z3.BoolRef], timeout_ms: int) -> tuple[z3.CheckSatResult, z3.Solver]:
    """The first answer of several strategies; variable order makes any single one brittle."""
    strategies = [z3.Solver, z3.Tactic("qfnra-nlsat").solver, z3.Then("simplify", "solve-eqs", "qfnra-nlsat").solver]
    for strategy in strategies:
        solver = strategy()
        solver.set("timeout", timeout_ms // len(strategies))
        solver.add(*formulas)
        answer = solver.check()
        if answer != z3.unknown:
            break
    return answer, solver


class _Translator:
    """SymPy to z3 over the reals; collects variables, definitions of roots, and conditions of being defined."""

    def __init__(self) -> None:
        self.variables: dict[str, z3.ArithRef] = {}
        self.definitions: list[z3.BoolRef] = []
        self._conditions: list[z3.BoolRef] = []
        self._symbols: dict[str, sp.Symbol] = {}
        self._roots: dict[sp.Expr, z3.ArithRef] = {}

    def __call__(self, e: sp.Basic) -> z3.ExprRef:
        if e in (sp.true, sp.false):
            return z3.BoolVal(e == sp.true)
        if isinstance(e, sp.Symbol):
            return self._variable(e)
        if isinstance(e, sp.Rational):
            return z3.RealVal(f"{e.p}/{e.q}")
        args = [self(a) for a in e.args] if not isinstance(e, sp.Pow) else []
        match e:
            case sp.Add():
                return z3.Sum(args)
            case sp.Mul():
                return z3.Product(args)
            case sp.Abs():
                return z3.If(args[0] >= 0, args[0], -args[0])
            case sp.Max():
                return _extremum(args, lambda a, b: a >= b)
            case sp.Min():
                return _extremum(args, lambda a, b: a <= b)
            case sp.And():
                return z3.And(args)
            case sp.Or():
                return z3.Or(args)
            case sp.Not():
                return z3.Not(args[0])
            case sp.LessThan():
                return args[0] <= args[1]
            case sp.StrictLessThan():
                return args[0] < args[1]
            case sp.GreaterThan():
                return args[0] >= args[1]
            case sp.StrictGreaterThan():
                return args[0] > args[1]
            case sp.Equality():
                return args[0] == args[1]
            case sp.Unequality():
                return args[0] != args[1]
            case sp.Pow():
                return self._power(*e.args)
        raise NotAlgebraic(f"cannot hand {e} ({type(e).__name__}) to the solver; use polynomials, roots, Abs, Min, Max")

    def take_conditions(self) -> list[z3.BoolRef]:
        """The conditions met since the last call: radicands nonnegative, divisors nonzero."""
        taken, self._conditions = self._conditions, []
        return taken

    def _variable(self, symbol: sp.Symbol) -> z3.ArithRef:
        if self._symbols.setdefault(symbol.name, symbol) != symbol:
            raise NotAlgebraic(f"two symbols are called '{symbol.name}' under different assumptions; rename one")
        if symbol.name not in self.variables:
            variable = self.variables[symbol.name] = z3.Real(symbol.name)
            if symbol.is_positive:
                self.definitions.append(variable > 0)
            elif symbol.is_nonnegative:
                self.definitions.append(variable >= 0)
        return self.variables[symbol.name]

    def _power(self, base: sp.Expr, exponent: sp.Expr) -> z3.ArithRef:
        if exponent == sp.Rational(1, 2):
            if base not in self._roots:
                root, radicand = z3.Real(f"sqrt({base})"), self(base)
                self.definitions += [root >= 0, z3.Implies(radicand >= 0, root * root == radicand)]
                self._roots[base] = root
                self._conditions.append(radicand >= 0)
            return self._roots[base]
        if exponent.is_Integer and exponent > 0:
            return z3.Product([self(base)] * int(exponent))
        if exponent.is_negative:
            inverse = self._power(base, -exponent) if exponent != -1 else self(base)
            self._conditions.append(inverse != 0)
            return 1 / inverse
        raise NotAlgebraic(f"the solver takes integer powers and square roots only, not {base}**({exponent})")


def _extremum(args: list[z3.ArithRef], better: Callable) -> z3.ArithRef:
    best = args[0]
    for other in args[1:]:
        best = z3.If(better(best, other), best, other)
    return best


def induction(sentence: str, base: Sequence[Step], step: Sequence[Step]) -> Step:
    """A statement for all k, from its base cases and its induction step."""
    parts = [("base", s) for s in base] + [("step", s) for s in step]
    bad = next((s for _, s in parts if s.outcome != "holds"), None)
    outcome = "undecided" if not base or not step else "holds" if bad is None else bad.outcome
    detail = "; ".join(f"{name}: {s.sentence} [{s.method}: {s.outcome}]" for name, s in parts)
    method: Method = "ball" if any(s.method == "ball" for _, s in parts) else "induction"
    return Step(sentence, method, outcome, detail, bad.model if bad else None)


def enclosure(
    sentence: str,
    function: Callable[..., arb],
    box: Mapping[str, tuple[Fraction | int, Fraction | int]],
    max_boxes: int = 20_000,
    precision: int = 128,
) -> Step:
    """`function(**point) <= 0` on the whole box, by ball arithmetic with branch and bound.

    `function` takes balls by name and returns a ball. A subbox whose ball lies above zero refutes the statement;
    running out of boxes is `undecided`.
    """
    old = ctx.prec
    ctx.prec = precision
    try:
        queue = deque([tuple((Fraction(lo), Fraction(hi)) for lo, hi in box.values())])
        done = 0
        while queue:
            current = queue.popleft()  # widest first: a positive part shows itself before a boundary is chased
            done += 1
            value = function(**dict(zip(box, map(_ball, current), strict=True)))
            where = ", ".join(f"{n} in [{lo}, {hi}]" for n, (lo, hi) in zip(box, current, strict=True))
            if value <= 0:
                continue
            if value > 0:
                return Step(sentence, "ball", "fails", f"positive on {where}")
            if done + len(queue) >= max_boxes:
                return Step(sentence, "ball", "undecided", f"{done} boxes, undecided on {where}")
            widest = max(range(len(current)), key=lambda i: _relative_width(current[i]))
            lo, hi = current[widest]
            middle = (lo + hi) / 2
            for part in ((lo, middle), (middle, hi)):
                queue.append(current[:widest] + (part,) + current[widest + 1 :])
        return Step(sentence, "ball", "holds", f"{done} boxes at {precision} bits")
    finally:
        ctx.prec = old


def _ball(interval: tuple[Fraction, Fraction]) -> arb:
    lo, hi = interval
    middle, radius = (lo + hi) / 2, (hi - lo) / 2
    ball = arb(middle.numerator) / middle.denominator
    return ball + arb(0, 1) * (arb(radius.numerator) / radius.denominator)


def _relative_width(interval: tuple[Fraction, Fraction]) -> Fraction:
    lo, hi = interval
    return (hi - lo) / max(abs(lo), abs(hi), Fraction(1, 10**6))
