"""Calculation with matrices as words in letters that do not commute, and rules for words such as F^-1 F = I."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sympy as sp

from duality.folding.rates.letters import K, unit
from duality.ledger.claim import Statement, Step
from duality.ledger.prove import identity, induction

LONGEST = 200  # rounds of rewriting before a set of rules counts as endless


def letters(term: sp.Expr) -> tuple[sp.Expr, list[sp.Expr]]:
    """The coefficient of a product and its letters in order, the identity left out and powers spelled out."""
    coefficient, factors = term.args_cnc()
    spelled: list[sp.Expr] = []
    for factor in factors:
        base, exponent = factor.as_base_exp()
        spelled += [base] * int(exponent) if exponent.is_Integer and exponent > 0 else [factor]
    return sp.Mul(*coefficient), [letter for letter in spelled if letter != unit]


Rule = tuple[list[sp.Expr], sp.Expr]


def rule(relation: sp.Equality, word: sp.Expr) -> Rule | None:
    """The relation solved for `word`: what may be put in its place; None if the word does not stand alone in it.

    A relation that fails to determine the word gives no rule, so that a proof that needs it does not go through.
    """
    sought = letters(word)[1]
    found, rest = sp.Integer(0), sp.Integer(0)
    for term in sp.Add.make_args(sp.expand(relation.args[0] - relation.args[1])):
        coefficient, spelled = letters(term)
        if spelled == sought:
            found += coefficient
        else:
            rest -= term
    return None if found == 0 else (sought, sp.expand(rest / found))


def rules(statement: Statement, words: Mapping[str, sp.Expr]) -> list[Rule]:
    """What the hypotheses of a statement allow: each is solved for the word that `words` gives under its name."""
    known = (
        rule(h.relation, word)
        for name, word in words.items()
        if (h := statement.hypothesis(name)) is not None and isinstance(h.relation, sp.Equality)
    )
    return [found for found in known if found is not None]


def reduce(expression: sp.Expr, known: Sequence[Rule] = ()) -> sp.Expr:
    """`expression` as a sum of words, with every word that a rule knows replaced until none is left."""
    for _ in range(LONGEST):
        total, changed = sp.Integer(0), False
        for term in sp.Add.make_args(sp.expand(expression)):
            coefficient, spelled = letters(term)
            after = _replace_first(spelled, known)
            changed = changed or after is not None
            total += coefficient * (sp.Mul(*spelled) if after is None else after)
        expression = sp.expand(total)
        if not changed:
            return expression
    raise RecursionError("the rules never come to an end")


def _replace_first(spelled: list[sp.Expr], known: Sequence[Rule]) -> sp.Expr | None:
    for word, value in known:
        for i in range(len(spelled) - len(word) + 1):
            if spelled[i : i + len(word)] == word:
                return sp.Mul(*spelled[:i]) * value * sp.Mul(*spelled[i + len(word) :])
    return None


def equal(sentence: str, left: sp.Expr, right: sp.Expr | int, known: Sequence[Rule] = ()) -> Step:
    """`left = right` for matrices, by writing the difference as a sum of words; the order of factors counts."""
    difference = reduce(sp.sympify(left) - right, known)
    coefficients: dict[tuple[sp.Expr, ...], sp.Expr] = {}
    for term in sp.Add.make_args(difference):
        coefficient, spelled = letters(term)
        word = tuple(spelled)
        coefficients[word] = coefficients.get(word, sp.Integer(0)) + coefficient
    left_over = {word: c for word, c in coefficients.items() if sp.simplify(c) != 0}
    detail = f"{left} = {right}" if not left_over else f"difference: {difference}"
    return Step(sentence, "identity", "fails" if left_over else "holds", detail)


def series(expression: sp.Expr, index: sp.Symbol) -> tuple[sp.Expr, sp.Expr, list[Step]]:
    """A sum over 0 <= index < K with matrix factors, as (what stands outside of it, its summand, checks of its "
    "range)."""
    outside, summand, checks = sp.Integer(0), sp.Integer(0), []
    for term in sp.Add.make_args(sp.expand(expression)):
        sums = [f for f in term.args_cnc()[1] if isinstance(f, sp.Sum)] if not isinstance(term, sp.Sum) else [term]
        if not sums:
            outside += term
            continue
        (inner,) = sums
        (index_of, low, high), *_ = inner.limits
        checks += [identity("the sum starts at 0", low, 0), identity("and ends at K − 1", high, K - 1)]
        summand += term.subs(inner, inner.function).subs(index_of, index)
    return outside, summand, checks


def transposed(expression: sp.Expr, pairs: Mapping[sp.Symbol, sp.Symbol]) -> sp.Expr:
    """The transpose of a sum of words: every word backwards, every letter replaced by its transpose from `pairs`."""
    total = sp.Integer(0)
    for term in sp.Add.make_args(sp.expand(expression)):
        coefficient, spelled = letters(term)
        backwards = [letter.subs(pairs, simultaneous=True) for letter in reversed(spelled)]
        total += coefficient * sp.Mul(*backwards)
    return total


def geometric(sentence: str, total: sp.Expr, matrix: sp.Symbol, last: sp.Symbol, index: sp.Symbol) -> Step:
    """`total`, a sum over j < K, is the K-th iterate of J -> matrix J + last from 0, by induction on K."""
    outside, summand, ranges = series(total, index)
    return induction(
        sentence,
        [equal("at K = 0 the sum is empty", outside, 0), *ranges],
        [
            equal("its first term is what a step adds", summand.subs(index, 0), last),
            equal(
                "each later term is the matrix times the one before", summand.subs(index, index + 1), matrix * summand
            ),
        ],
    )


def on_matrices(expression: sp.Expr, values: Mapping[sp.Symbol, sp.Matrix], size: int) -> sp.Matrix:
    """The value of a sum of words at exact matrices, term by term; `size` is the number of rows of the identity."""
    total = None
    for term in sp.Add.make_args(sp.expand(expression.doit())):
        coefficient, spelled = letters(term)
        value = coefficient * sp.eye(size)
        for letter in spelled:
            value = value * values[letter]
        total = value if total is None else total + value
    assert total is not None
    return total
