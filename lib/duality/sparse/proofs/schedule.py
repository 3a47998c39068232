"""The regularization path of one entry: run, in closed form, and how long it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from duality.ledger.claim import Statement, Step
from duality.ledger.prove import identity, induction, inequality
from duality.ledger.search import Axis, Domain
from duality.sparse.rates import schedule as rates
from duality.sparse.rates.schedule import g, sigma, t, target

Point = Mapping[str, Any]
P, size = sp.Symbol("P", real=True), sp.Symbol("|g|", nonnegative=True)  # P stands for sigma^t


def run(first: Any, sigma: Any, target: Any, t: int) -> Any:
    """lambda_t of the recursion that starts at `first`."""
    for _ in range(t):
        first = max(sigma * first, target)
    return first


def printed(statement: Statement) -> tuple[Step, ...]:
    """The first block: the solver is asked for the printed start and for its absolute value."""
    known = [h.relation for h in statement.hypotheses if t not in h.relation.free_symbols]
    first = statement.relation.subs(t, 1)
    return (inequality("After one block.", first.subs(rates.LAMBDA_T, sp.Max(sigma * g, target)), known),)


def absolute(statement: Statement) -> tuple[Step, ...]:
    """Induction on the blocks."""
    known = [h.relation for h in statement.hypotheses if t not in h.relation.free_symbols]
    begins = statement.hypothesis("t >= 1")
    first = int(begins.relation.args[1]) if begins is not None else 0
    start = sp.Max(sigma * size, target) if first == 1 else size
    now = statement.rhs.subs(sp.Abs(g), size)
    powers = [sp.Ge(P, 0)] if statement.hypothesis("sigma > 0") is not None else []
    after = sp.Max(sigma * now.subs(sigma**t, P), target)
    return (
        induction(
            "λ_t is the larger one of the geometric path and the target; P stands for σᵗ.",
            [inequality(f"t = {first}", sp.Eq(start, now.subs(t, first)), known)],
            [
                inequality(
                    "one block", sp.Eq(after, now.subs(t, t + 1).subs(sigma ** (t + 1), sigma * P)), [*known, *powers]
                )
            ],
        ),
    )


def blocks(statement: Statement) -> tuple[Step, ...]:
    """From t_0 on the geometric path is below its target, in logarithms."""
    of_g, of_target, of_sigma = sp.symbols("l_g l_* l_sigma", real=True)
    logs = {sp.log(sp.Abs(g)): of_g, sp.log(target): of_target, sp.log(sigma): of_sigma}
    arrived = [h.relation.subs(logs) for h in statement.hypotheses if h.relation.has(sp.log)]
    below_one = [sp.Lt(of_sigma, 0)] if statement.hypothesis("sigma < 1") and statement.hypothesis("sigma > 0") else []
    known = [
        h.relation for h in statement.hypotheses if not h.relation.has(sp.log) and t not in h.relation.free_symbols
    ]
    path, steps = sp.Symbol("G", nonnegative=True), sp.Symbol("t", real=True)
    ratios = tuple(h for h in statement.hypotheses if h in rates.RATIO)
    return (
        *absolute(replace(rates.ABSOLUTE, hypotheses=(*ratios, rates.FIRST))),
        identity(
            "ln(σᵗ|g|) = t ln σ + ln|g|.",
            sp.expand_log(sp.log(sp.Symbol("s", positive=True) ** t * sp.Symbol("f", positive=True)), force=True),
            t * sp.log(sp.Symbol("s", positive=True)) + sp.log(sp.Symbol("f", positive=True)),
        ),
        inequality(
            "From t₀ on this is at most ln λ*.",
            sp.Le(steps * of_sigma + of_g, of_target),
            [relation.subs(t, steps) for relation in arrived] + below_one,
        ),
        inequality(
            "So σᵗ|g| ≤ λ*, and the larger one of the two is λ* …",
            statement.relation.subs(rates.LAMBDA_T, sp.Max(path, target)),
            [*known, sp.Le(path, target)],
        ),
        inequality(
            "… and at t = 0, if that is late enough, λ₀ = |g| is at most λ*: ln|g| ≤ ln λ*.",
            sp.Le(of_g, of_target),
            [relation.subs(t, 0) for relation in arrived] + below_one,
        ),
    )


def point(g: Any, sigma: Any, target: Any, t: int) -> dict[str, Any]:
    """The printed start: lambda_0 = g with its sign."""
    return {"g": g, "sigma": sigma, r"\lambda^{*}": target, "t": t, rates.LAMBDA_T.name: run(g, sigma, target, t)}


def geometric(at: Point) -> Any:
    return at["sigma"] ** at["t"] * abs(at["g"])


SIGNED = Domain(
    (Axis("g", -5, 5), Axis("sigma", 0.05, 0.99), Axis("target", 0.01, 1), Axis("t", 1, 20, "integer")), point
)
HALF = sp.Rational(1, 2)
SIMPLE = (point(sp.Integer(-1), HALF, sp.Rational(1, 10), 1),)
ABSOLUTE_POINT = {"g": -1, "sigma": HALF, r"\lambda^{*}": sp.Rational(1, 10), "t": 1}
# σ = 0 is at its target at once, but has no t₀; σ = 2 rises
BLOCKS_ABLATIONS = {
    "sigma > 0": (ABSOLUTE_POINT | {"sigma": 0}, run(1, 0, sp.Rational(1, 10), 1)),
    "sigma < 1": (ABSOLUTE_POINT | {"sigma": 2}, run(1, 2, sp.Rational(1, 10), 1)),
    "t >= t_0": (ABSOLUTE_POINT, run(1, HALF, sp.Rational(1, 10), 1)),
}
