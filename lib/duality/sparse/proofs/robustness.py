"""Two runs of PLISA, layer by layer: what one layer adds to their distance, and the sums of it.

Used and not proved here: the triangle inequality; a function changes by at most the bound on its derivative times the
way. What holds per entry gives the same for vectors in the Euclidean norm.
"""

from __future__ import annotations

import sympy as sp

from duality.ledger.claim import Statement, Step
from duality.ledger.prove import identity, induction, inequality
from duality.sparse.proofs import penalties
from duality.sparse.proofs.capacity import threshold
from duality.sparse.rates import robustness as rates
from duality.sparse.rates.letters import CURVATURE, N, d, rho_plus, xi
from duality.sparse.rates.penalties import IN_LAMBDA
from duality.sparse.rates.robustness import N_0, lowest, most, q

u, v = sp.symbols("u v", real=True)
h, slope, step, other = sp.symbols("h s alpha alpha_1", real=True)
bound, bound2, e, e_next, s, P, away = (
    sp.Symbol(name, nonnegative=True) for name in ("a", "a_1", "e", "e_1", "s_0", "P", "D")
)
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
    """Two step sizes have the same limits, so a layer adds no more than the distance from the limit."""
    scale = sp.Symbol("r", positive=True)
    factor = [r for r in statement.relations if r.free_symbols == {q}]
    ended = P * s / (1 - q) + k * P / q * s
    return (
        inequality(
            "Scaling the step: T_a(u) is also T_{ra}(ru + (1 − r)T_a(u)). So two layers with the steps α and α' = rα "
            "differ by at most |1 − r| times the way that one of them goes.",
            sp.Eq(threshold(scale * u + (1 - scale) * threshold(u, bound), scale * bound), threshold(u, bound)),
        ),
        inequality(
            "|1 − α'/α| ≤ |α − α'|/α_min, and the way is at most (1 + q)D ≤ 2D.",
            sp.And(sp.Le(sp.Abs(1 - other / step), sp.Abs(step - other) / lowest), sp.Le((1 + q) * away, 2 * away)),
            premises(statement, other),
        ),
        induction(
            "Before the path has arrived, the distance stays below s/(1 − q) with s = 2D|α − α'|/α_min.",
            [inequality("at the start", sp.Le(0, s / (1 - q)), factor)],
            [inequality("one layer", sp.Le(q * e + s, s / (1 - q)), [*factor, sp.Le(e, s / (1 - q))])],
        ),
        induction(
            "After it the distance from the limit falls like qᵏ, and so does what a layer adds: the distance is at "
            "most qᵏs/(1 − q) + kqᵏ⁻¹s.",
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


def printed(statement: Statement) -> tuple[Step, ...]:
    """The coefficients of the statement, each against what the sums give."""
    factor = [r for r in statement.relations if r.free_symbols == {q}]
    sigmas = [h.relation for h in statement.hypotheses if h.name == "sigma < 1"]
    lowest_given = [r for r in statement.relations if r.free_symbols == {lowest}]
    arrived = [r.subs(N_0, k) for r in statement.relations if r.has(N_0)]
    total, root = sp.Symbol("Q", nonnegative=True), sp.Symbol("r", nonnegative=True)

    def coefficient(*ones: sp.Symbol) -> sp.Expr:
        named = statement.coefficient(*ones).subs({q**N_0: P, q**N: total}).subs(N_0, k)
        return named.subs(sp.sqrt(d), root)

    whole = (1 - total) / (rho_plus * (1 - q))
    ended = P / (1 - q) + k * P / q
    inside = [sp.Le(total, 1), *factor]
    return (
        *penalties.in_lambda(IN_LAMBDA),
        *one_layer(statement),
        *path_moves(statement),
        *weights_move(),
        *sums(statement),
        *steps_move(statement),
        inequality(
            "The step size: for N₀ ≥ 1 the coefficient covers 2/α_min times the sum; P stands for q^N₀.",
            sp.Le(2 / lowest * ended, coefficient(rates.AWAY, rates.D_STEP)),
            [*factor, *lowest_given, *arrived],
        ),
        inequality(
            "The ratios: 2·¼/(1 − σ_max) times the sum over all layers; Q stands for qᴺ.",
            sp.Le(whole / (2 * (1 - most)), coefficient(rates.START, rates.D_ETA)),
            [*inside, *sigmas],
        ),
        inequality("The targets.", sp.Le(2 * whole, coefficient(rates.D_TARGET)), inside),
        inequality(
            "The weights; r stands for √d.", sp.Le(root / 2 * whole, coefficient(rates.TOP, rates.D_WEIGHTS)), inside
        ),
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
