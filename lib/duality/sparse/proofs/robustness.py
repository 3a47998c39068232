"""Two runs of PLISA, layer by layer: what one layer adds to their distance, and the sums of it.

Used and not proved here: the triangle inequality; a function changes by at most the bound on its derivative times the
way. What holds per entry gives the same for vectors in the Euclidean norm.
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from duality.ledger.claim import Statement, Step
from duality.ledger.prove import identity, induction, inequality
from duality.sparse.proofs import capacity, penalties
from duality.sparse.proofs.capacity import threshold
from duality.sparse.rates import robustness as rates
from duality.sparse.rates.capacity import ENTRIES_OFF, PATH, s_tilde
from duality.sparse.rates.letters import CURVATURE, N, d, rho_plus, s_star, xi
from duality.sparse.rates.penalties import IN_LAMBDA
from duality.sparse.rates.robustness import N_0, lowest, most, q

u, v = sp.symbols("u v", real=True)
h, slope, step, other = sp.symbols("h s alpha alpha_1", real=True)
bound, bound2, e, e_next, s, P = (sp.Symbol(name, nonnegative=True) for name in ("a", "a_1", "e", "e_1", "s_0", "P"))
k = sp.Symbol("k", nonnegative=True)


def premises(statement: Statement, *more: sp.Symbol) -> list[sp.Basic]:
    """The hypotheses about one step size alpha (and another one) of the class."""
    relations = [r for r in statement.relations if not r.has(N_0)]
    both = [r.subs({rates.SMALLER: a, rates.LARGER: a, CURVATURE: h}) for r in relations for a in (step, *more)]
    return list(dict.fromkeys(both))


def one_layer(statement: Statement) -> tuple[Step, ...]:
    """A layer contracts by q at every step size of the class, and moves with its threshold."""
    return (
        inequality(
            "A layer contracts by q: |1 − α(h − s)| ≤ q for every α in [α_min, 1/ρ₊] and 0 ≤ s ≤ ξ.",
            sp.Le(sp.Abs(1 - step * (h - slope)), q),
            [*premises(statement), sp.Ge(slope, 0), sp.Le(slope, xi)],
        ),
        inequality(
            "The threshold moves by at most its argument and its level do.",
            sp.Le(sp.Abs(threshold(u, bound) - threshold(v, bound2)), sp.Abs(u - v) + sp.Abs(bound - bound2)),
        ),
        inequality(
            "So a change of λ_t adds at most α(1 + 1)|λ_t − λ_t'| ≤ (2/ρ₊)|λ_t − λ_t'| …",
            sp.Le(2 * step * e, 2 / rho_plus * e),
            premises(statement),
        ),
    )


def path_moves(statement: Statement) -> tuple[Step, ...]:
    """lambda_t in eta and lambda*."""
    ratio, target, target2, power, power2 = (sp.Symbol(n, nonnegative=True) for n in ("r", "l", "l_1", "x", "y"))
    change = sp.Symbol("c", nonnegative=True)
    sigmas = [h.relation.subs(rates.RATIO, ratio) for h in statement.hypotheses if h.name.startswith("sigma")]
    return (
        inequality(
            "max(σᵗ|λ₀|, λ*) moves by at most the sum of the moves of its two arguments.",
            sp.Le(
                sp.Abs(sp.Max(power, target) - sp.Max(power2, target2)),
                sp.Abs(power - power2) + sp.Abs(target - target2),
            ),
        ),
        induction(
            "|σᵗ − σ'ᵗ| ≤ |σ − σ'|/(1 − σ_max), because it obeys x ← σx + σ'ᵗ|σ − σ'|.",
            [inequality("t = 0", sp.Le(0, change / (1 - most)), sigmas)],
            [
                inequality(
                    "one block",
                    sp.Le(ratio * power + change, change / (1 - most)),
                    [*sigmas, sp.Le(power, change / (1 - most))],
                )
            ],
        ),
        inequality("The sigmoid has the derivative σ(1 − σ) ≤ 1/4.", sp.Le(u * (1 - u), sp.Rational(1, 4))),
    )


def weights_move() -> tuple[Step, ...]:
    """q' of the mixture in the logits of the weights: its gradient has length at most lambda/2."""
    p = sp.symbols("p_1:4", nonnegative=True)
    c = sp.symbols("c_1:4", nonnegative=True)
    logits = sp.symbols("w_1:4", real=True)
    total = sum(sp.exp(w) for w in logits)
    softmax = [sp.exp(w) / total for w in logits]
    mixed = sum(weight * value for weight, value in zip(softmax, c, strict=True))
    mean, squares = sp.Symbol("m", nonnegative=True), sp.Symbol("S", nonnegative=True)
    return (
        identity(
            "With |q_i'| = c_iλ on one entry, the derivative of Σp_ic_i in the logit w_k is p_k(c_k − Σp_ic_i).",
            sp.diff(mixed, logits[0]),
            softmax[0] * (c[0] - mixed),
        ),
        inequality(
            "p_k² ≤ p_k, term by term.",
            sp.Le(p[0] ** 2 * (c[0] - mean) ** 2, p[0] * (c[0] - mean) ** 2),
            [sp.Le(p[0], 1)],
        ),
        identity(
            "Σp_k(c_k − m)² = Σp_kc_k² − m² for m = Σp_kc_k and Σp_k = 1 …",
            sum(pk * (ck - mean) ** 2 for pk, ck in zip(p, c, strict=True))
            - sum(pk * ck**2 for pk, ck in zip(p, c, strict=True)),
            -2 * mean * sum(pk * ck for pk, ck in zip(p, c, strict=True)) + mean**2 * sum(p),
        ),
        inequality("… c_k² ≤ c_k …", sp.Le(c[0] ** 2, c[0]), [sp.Le(c[0], 1)]),
        inequality(
            "… so it is at most m − m² ≤ 1/4: the gradient has length at most λ/2 on one entry, √d λ/2 on all.",
            sp.Le(squares - mean**2, sp.Rational(1, 4)),
            [sp.Le(squares, mean)],
        ),
    )


def sums(statement: Statement) -> tuple[Step, ...]:
    """Constant additions sum up to (1 - q^N)/(1 - q)."""
    factor = [r for r in statement.relations if r.free_symbols == {q}]
    return (
        induction(
            "If every layer adds r, the distance after N layers is at most r(1 − qᴺ)/(1 − q); P stands for qᴺ.",
            [inequality("N = 0", sp.Le(0, s * (1 - 1) / (1 - q)), factor)],
            [
                inequality(
                    "one layer",
                    sp.Le(e_next, s * (1 - q * P) / (1 - q)),
                    [*factor, sp.Le(e, s * (1 - P) / (1 - q)), sp.Le(e_next, q * e + s)],
                )
            ],
        ),
    )


def steps_move(statement: Statement) -> tuple[Step, ...]:
    """What a layer adds for two step sizes, in its way, and the sum of it."""
    scale = sp.Symbol("r", positive=True)
    factor = [r for r in statement.relations if r.free_symbols == {q}]
    ended = P * s / (1 - q) + k * P / q * s
    return (
        inequality(
            "Scaling the step: T_a(u) is also T_{ra}(ru + (1 − r)T_a(u)). So two layers with the steps α' and α = rα' "
            "differ by at most |1 − r| times the way of the one with α'.",
            sp.Eq(threshold(scale * u + (1 - scale) * threshold(u, bound), scale * bound), threshold(u, bound)),
        ),
        inequality(
            "|1 − α/α'| ≤ |α − α'|/α_min.",
            sp.Le(sp.Abs(1 - step / other), sp.Abs(step - other) / lowest),
            premises(statement, other),
        ),
        induction(
            "Before the path has arrived, the distance stays below s/(1 − q), s the largest way times |α − α'|/α_min.",
            [inequality("at the start", sp.Le(0, s / (1 - q)), factor)],
            [inequality("one layer", sp.Le(q * e + s, s / (1 - q)), [*factor, sp.Le(e, s / (1 - q))])],
        ),
        induction(
            "After it layers contract, so the way falls like qᵏ and with it what a layer adds: the distance is at most "
            "qᵏs/(1 − q) + kqᵏ⁻¹s.",
            [identity("k = 0", ended.subs({k: 0, P: 1}), s / (1 - q))],
            [
                inequality(
                    "one layer",
                    sp.Le(q * e + P * s, q * P * s / (1 - q) + (k + 1) * P * s),
                    [*factor, sp.Le(e, ended)],
                )
            ],
        ),
    )


def layers_move(statement: Statement) -> tuple[Step, ...]:
    """All parameters: what a layer adds, and the sums."""
    return (
        *penalties.in_lambda(IN_LAMBDA),
        *one_layer(statement),
        *path_moves(statement),
        *weights_move(),
        *sums(statement),
        *steps_move(statement),
    )


def coefficients(statement: Statement, way: sp.Symbol, largest: int, entries: sp.Expr, name: str) -> tuple[Step, ...]:
    """The coefficients of the statement, each against what the sums give; `largest` bounds the way of a layer."""
    factor = [r for r in statement.relations if r.free_symbols == {q}]
    sigmas = [h.relation for h in statement.hypotheses if h.name == "sigma < 1"]
    lowest_given = [r for r in statement.relations if r.free_symbols == {lowest}]
    arrived = [r.subs(N_0, k) for r in statement.relations if r.has(N_0)]
    total, root = sp.Symbol("Q", nonnegative=True), sp.Symbol("r", nonnegative=True)

    def coefficient(*ones: sp.Symbol) -> sp.Expr:
        named = statement.coefficient(*ones).subs({q**N_0: P, q**N: total}).subs(N_0, k)
        return named.subs(sp.sqrt(entries), root)

    whole = (1 - total) / (rho_plus * (1 - q))
    ended = P / (1 - q) + k * P / q
    inside = [sp.Le(total, 1), *factor]
    return (
        inequality(
            f"The step size: for N₀ ≥ 1 the coefficient covers {largest}/α_min times the sum; P stands for q^N₀.",
            sp.Le(largest / lowest * ended, coefficient(way, rates.D_STEP)),
            [*factor, *lowest_given, *arrived],
        ),
        inequality(
            "The ratios: 2·¼/(1 − σ_max) times the sum over all layers; Q stands for qᴺ.",
            sp.Le(whole / (2 * (1 - most)), coefficient(rates.START, rates.D_ETA)),
            [*inside, *sigmas],
        ),
        inequality("The targets.", sp.Le(2 * whole, coefficient(rates.D_TARGET)), inside),
        inequality(
            f"The weights; r stands for √({name}).",
            sp.Le(root / 2 * whole, coefficient(rates.TOP, rates.D_WEIGHTS)),
            inside,
        ),
    )


def in_a_ball(name: str, ends: str) -> tuple[Step, ...]:
    """The ball that the path never leaves, and two points of it."""
    first, second, ball = (sp.Symbol(n, nonnegative=True) for n in ("e_2", "e_3", "R_0"))
    return (
        *capacity.path(PATH),
        inequality(
            f"{ends} lie in this ball: {name} is at most twice its radius.",
            sp.Le(first + second, 2 * ball),
            [sp.Le(first, ball), sp.Le(second, ball)],
        ),
    )


def printed(statement: Statement) -> tuple[Step, ...]:
    """The way of a layer against the distance from the minimizer, that against the ball of the path, and the sums."""
    factor = [r for r in statement.relations if r.free_symbols == {q}]
    return (
        *layers_move(statement),
        inequality(
            "The way of a layer is at most (1 + q)D ≤ 2D: both ends are near the minimizer of their block.",
            sp.Le((1 + q) * rates.AWAY, 2 * rates.AWAY),
            factor,
        ),
        *coefficients(statement, rates.AWAY, 2, d, "d"),
        *in_a_ball("D", "Iterates, and minimizers as limits of layers,"),
    )


def sparse(statement: Statement) -> tuple[Step, ...]:
    """The same on the entries that four iterates meet: (b) reaches them."""
    ones = sp.symbols("n_1:5", nonnegative=True)
    most_off = sp.Symbol("n", nonnegative=True)
    given = [r.subs(ENTRIES_OFF, most_off) for r in statement.relations if r.has(ENTRIES_OFF)]
    plain = replace(statement, hypotheses=tuple(h for h in statement.hypotheses if not h.relation.has(ENTRIES_OFF)))
    factor = [r for r in plain.relations if r.free_symbols == {q}]
    return (
        inequality(
            "Off the entries U where β_k, β_{k+1} or those of the other run are not zero nothing differs. U has at "
            "most s* + 2s̃ entries, so the Hessian on U has its quotients among those of (b).",
            sp.Le(s_star + sum(ones), s_star + 2 * s_tilde),
            [*given, *(sp.Le(one, most_off) for one in ones)],
        ),
        inequality(
            "q' is 0 at 0, so a change of w is felt on the nonzero entries of one iterate, at most s* + s̃/2.",
            sp.Le(s_star + most_off, s_star + s_tilde / 2),
            given,
        ),
        *layers_move(plain),
        induction(
            "At one level the way of a layer is at most qᵏV, since two layers of one run contract, on three iterates.",
            [inequality("k = 0", sp.Le(s, 1 * s))],
            [inequality("one layer", sp.Le(e_next, q * P * s), [*factor, sp.Le(e_next, q * e), sp.Le(e, P * s)])],
        ),
        *coefficients(plain, rates.WAY, 1, s_star + s_tilde / 2, "s* + s̃/2"),
        *in_a_ball("V", "On the entries that two iterates and β* meet (b) gives the same; so all iterates"),
    )


def eta(statement: Statement) -> tuple[Step, ...]:
    """Before the path has arrived the ratios add up; after it nothing is added."""
    factor = [r for r in statement.relations if r.free_symbols == {q}]
    sigmas = [h.relation for h in statement.hypotheses if h.name == "sigma < 1"]
    coefficient = statement.coefficient(rates.START, rates.D_ETA).subs(q**N_0, P)
    return (
        *penalties.in_lambda(IN_LAMBDA),
        *one_layer(statement),
        *path_moves(statement),
        *sums(statement),
        induction(
            "After the path has arrived both runs have λ_t = λ*, and their distance is multiplied by q in each layer.",
            [inequality("at arrival", sp.Le(s * (1 - P) / (1 - q), s / (1 - q)), [*factor, sp.Le(P, 1)])],
            [inequality("one layer", sp.Le(q * e, q * P * s / (1 - q)), [*factor, sp.Le(e, P * s / (1 - q))])],
        ),
        inequality(
            "So the coefficient is 2·¼/((1 − σ_max)ρ₊(1 − q)) times q^N₀.",
            sp.Le(P / (2 * rho_plus * (1 - q) * (1 - most)), coefficient),
            [*factor, *sigmas],
        ),
    )
