"""Krylov methods against the fixed-point iteration on the same products.

Used and not proved here: CG minimizes the energy norm of the error and GMRES the residual over the Krylov space; the
worst case of CG, the value of a Chebyshev polynomial, is attained (Meinardus 1963).
"""

from __future__ import annotations

import sympy as sp

from duality.folding.proofs.words import equal
from duality.folding.rates import krylov as rates
from duality.folding.rates.krylov import RATE, kappa
from duality.folding.rates.letters import K, matrices
from duality.ledger.claim import Statement, Step
from duality.ledger.prove import identity, induction, inequality
from duality.quadratic.proofs.reduction import abstract_power
from duality.quadratic.rates import k

T_old, T, U, t, sigma, G = sp.symbols("T_0 T_1 U t sigma G", real=True)
log_sigma, log_tau = sp.symbols("l_s l_t", positive=True)
Q = sp.Rational


def _fixed_point(given: list[sp.Basic]) -> tuple[Step, ...]:
    """1/sigma is the norm of Phi, attained at mu and L."""
    mu, L, lam = sp.symbols("mu L lambda", positive=True)
    step, spectrum = 2 / (mu + L), [sp.Le(mu, lam), sp.Le(lam, L)]
    at = [relation.subs(kappa, L / mu) for relation in given if kappa in relation.free_symbols]
    return (
        inequality(
            "With s = 2/(μ+L), |1 − sλ| ≤ (κ−1)/(κ+1) = 1/σ on the spectrum …",
            sp.Le(abs(1 - step * lam), RATE.subs(kappa, L / mu)),
            [*spectrum, *at],
        ),
        identity(
            "… with equality at λ = μ: there the error of w_K is σ⁻ᴷ times that of 0.",
            1 - step * mu,
            RATE.subs(kappa, L / mu),
        ),
    )


def _chebyshev() -> tuple[Step, ...]:
    """|T_K| <= 1 on [-1, 1] and T_K(sigma) = (tau^K + tau^-K)/2 with tau + 1/tau = 2 sigma."""
    tau = sp.Symbol("tau", positive=True)
    half = (tau + 1 / tau) / 2
    cosh = (tau**K + tau**-K) / 2
    root = sp.Symbol("r", positive=True)
    return (
        identity(
            "T_K² + (1 − t²)U_{K−1}² = 1 is preserved by T_{K+1} = tT_K − (1 − t²)U_{K−1}, U_K = tU_{K−1} + T_K: so "
            "|T_K| ≤ 1 on [−1, 1], and CG, which is no worse than T_K((L+μ−2λ)/(L−μ))/T_K(σ), has at most the error "
            "1/T_K(σ); so has the residual of GMRES.",
            (t * T - (1 - t**2) * U) ** 2 + (1 - t**2) * (t * U + T) ** 2,
            T**2 + (1 - t**2) * U**2,
        ),
        induction(
            "T_K(σ) = (τᴷ + τ⁻ᴷ)/2 with τ + 1/τ = 2σ, so ½τᴷ ≤ T_K(σ) ≤ τᴷ.",
            [identity("K = 0", cosh.subs(K, 0), 1), identity("K = 1", cosh.subs(K, 1), half)],
            [identity("one step", 2 * half * cosh - cosh.subs(K, K - 1), cosh.subs(K, K + 1))],
        ),
        identity(
            "τ = (√κ+1)/(√κ−1).", (root + 1) / (root - 1) + (root - 1) / (root + 1), 2 * (root**2 + 1) / (root**2 - 1)
        ),
    )


def _logarithm(given: list[sp.Basic]) -> tuple[Step, ...]:
    """2y <= log((1+y)/(1-y)) <= 2y/(1-y^2) for 0 <= y < 1."""
    y = sp.Symbol("y", real=True)
    value = sp.log(1 + y) - sp.log(1 - y)
    low, high = sp.diff(value - 2 * y, y), sp.diff(2 * y / (1 - y**2) - value, y)
    inside = [sp.Ge(y, 0), sp.Lt(y, 1)]
    return (
        identity("ln((1+y)/(1−y)) − 2y has the derivative 2y²/(1−y²) …", low, 2 * y**2 / (1 - y**2)),
        identity(
            "… and 2y/(1−y²) − ln((1+y)/(1−y)) has the derivative 4y²/(1−y²)² …", high, 4 * y**2 / (1 - y**2) ** 2
        ),
        inequality(
            "… both nonnegative on [0, 1), and both functions vanish at 0 (mean value theorem). At y = 1/κ the "
            "logarithm is ln σ, at y = 1/√κ it is ln τ.",
            sp.And(sp.Ge(2 * y**2 / (1 - y**2), 0), sp.Ge(4 * y**2 / (1 - y**2) ** 2, 0)),
            inside,
        ),
        inequality(
            "Both values lie in (0, 1).",
            sp.And(*(sp.And(sp.Gt(y, 0), sp.Lt(y, 1)) for y in (1 / kappa, 1 / sp.sqrt(kappa)))),
            given,
        ),
    )


def _bounds(below: bool) -> list[sp.Basic]:
    """ln tau from below and ln sigma from above, or the other way round."""
    y, z = 1 / sp.sqrt(kappa), 1 / kappa
    if below:
        return [sp.Ge(log_tau, 2 * y), sp.Le(log_sigma, 2 * z / (1 - z**2))]
    return [sp.Le(log_tau, 2 * y / (1 - 1 / kappa)), sp.Ge(log_sigma, 2 * z)]


def _ratio() -> Step:
    """The ratio of the two counts tends to ln tau / ln sigma."""
    digits = sp.Symbol("l", positive=True)  # ln(1/epsilon)
    counts = (digits / log_sigma - 1) / ((digits + sp.log(2)) / log_tau + 1)
    return identity(
        "N_fixed ≥ ln(1/ε)/ln σ − 1 and N_CG ≤ ln(2/ε)/ln τ + 1, so the limit of the ratio is at least ln τ/ln σ.",
        sp.limit(counts, digits, sp.oo),
        log_tau / log_sigma,
    )


def grows(statement: Statement) -> tuple[Step, ...]:
    """The gain of CG per digit from below."""
    given = statement.relations
    return (
        *_fixed_point(given),
        *_chebyshev(),
        *_logarithm(given),
        _ratio(),
        inequality(
            "ln τ ≥ 2/√κ and ln σ ≤ 2κ/(κ²−1): the bound.",
            statement.relation.subs(rates.SPEEDUP, log_tau / log_sigma),
            [*given, *_bounds(below=True)],
        ),
    )


def no_more(statement: Statement) -> tuple[Step, ...]:
    """The gain of any polynomial method from above."""
    given = statement.relations
    digits = sp.Symbol("l", positive=True)
    counts = (digits / log_sigma + 1) / (digits / log_tau - 1)
    return (
        *_fixed_point(given),
        *_chebyshev(),
        identity(
            "No combination of b, …, Aᴷb has a smaller energy error than CG, whose worst case 1/T_{K+1}(σ) ≥ τ⁻ᴷ⁻¹ is "
            "attained (Meinardus), so N_any ≥ ln(1/ε)/ln τ − 1, and N_fixed ≤ ln(1/ε)/ln σ + 1.",
            sp.limit(counts, digits, sp.oo),
            log_tau / log_sigma,
        ),
        *_logarithm(given),
        inequality(
            "ln τ ≤ 2√κ/(κ−1) and ln σ ≥ 2/κ: the bound.",
            statement.relation.subs(rates.BEST_SPEEDUP, log_tau / log_sigma),
            [*given, *_bounds(below=False)],
        ),
    )


def every_k(statement: Statement) -> tuple[Step, ...]:
    """T_K(sigma) >= sigma^(K+1) from K = 2 on; G stands for sigma^-K."""
    given = [relation.subs(K, k) for relation in statement.relations]
    first = statement.hypothesis("K >= 2")
    start = int(first.relation.args[1]) if first is not None else 0
    of_kappa = [relation for relation in given if k not in relation.free_symbols]
    before, at_start = sp.chebyshevt(max(start - 1, 0), sigma), sp.chebyshevt(start, sigma)
    defined = [sp.Eq(sigma * (kappa - 1), kappa + 1), *of_kappa]
    right = abstract_power(statement.rhs.subs(K, k), RATE, G)
    after = abstract_power(statement.rhs.subs(K, k + 1), RATE, G)
    value = {RATE: 1 / sigma}
    return (
        *_fixed_point(of_kappa),
        *_chebyshev(),
        induction(
            "1/T_K(σ) is at most the right side: T_{K+1} = 2σT_K − T_{K−1} ≥ σT_K as long as T_K ≥ T_{K−1} ≥ 0.",
            [
                inequality(
                    f"K = {start}",
                    sp.Le(1, at_start * statement.rhs.subs(K, start)),
                    defined,
                ),
                inequality(
                    "there T_K ≥ T_{K−1} ≥ 0 and σ > 1", sp.And(at_start >= before, before >= 0, sigma > 1), defined
                ),
            ],
            [
                inequality(
                    "one step",
                    sp.And(sp.Le(1, (2 * sigma * T - T_old) * after.subs(value)), sp.Ge(2 * sigma * T - T_old, T)),
                    [sp.Gt(sigma, 1), sp.Ge(T, T_old), sp.Ge(T_old, 0), sp.Gt(G, 0), sp.Le(1, T * right.subs(value))],
                )
            ],
        ),
        inequality(
            "At K = 2 the threshold is exact: below it σ³ > 2σ² − 1 = T₂(σ), and CG's worst case is attained.",
            sp.Gt(sigma**3, sp.chebyshevt(2, sigma)),
            [sp.Eq(sigma * (kappa - 1), kappa + 1), sp.Gt(kappa, 1), sp.Lt(kappa, 2 + sp.sqrt(5))],
        ),
    )


def gmres(statement: Statement) -> tuple[Step, ...]:
    """The fixed-point iterate lies in the space over which GMRES minimizes."""
    A, b = matrices("A b")
    a, other = sp.symbols("a f", nonnegative=True)
    i = sp.Symbol("i", integer=True, nonnegative=True)
    return (
        induction(
            "w_K is a combination of b, Ab, …, A^{K−1}b.",
            [equal("w₁ = b", b + (1 - A) * 0, b)],
            [
                equal(
                    "b + (I − A)Aⁱb = b + Aⁱb − A^{i+1}b: each step adds one power",
                    b + (1 - A) * A**i * b,
                    b + A**i * b - A ** (i + 1) * b,
                )
            ],
        ),
        inequality(
            "GMRES has the smallest residual in that space, so at most that of w_K.",
            statement.relation.subs({rates.GMRES_RESIDUAL: a, rates.FIXED_RESIDUAL: other}),
            [sp.Le(a, other)],
        ),
    )


def _one_step(A: sp.Matrix, b: sp.Matrix) -> tuple[sp.Matrix, Step]:
    """The iterate of GMRES after one product, and that no other multiple of b has a smaller residual."""
    image = A * b
    best = (image.T * b)[0] / (image.T * image)[0]
    alpha = sp.Symbol("alpha", real=True)
    residual = b - alpha * image
    excess = (residual.T * residual)[0] - (residual.T * residual)[0].subs(alpha, best)
    return best * b, identity(
        f"GMRES takes αb with α = {best}: any other α adds (α − {best})²‖Ab‖² to the squared residual.",
        excess,
        (alpha - best) ** 2 * (image.T * image)[0],
    )


def residual_after_one_product() -> tuple[dict[str, sp.Expr], sp.Expr, tuple[Step, ...]]:
    """Phi = diag(1/2, -1/2), b = (1, 1), one product each: the residual of GMRES is larger than that of b + Phi b."""
    slopes, b = sp.diag(Q(1, 2), Q(-1, 2)), sp.Matrix([1, 1])
    A = sp.eye(2) - slopes
    iterate, minimal = _one_step(A, b)
    fixed = b + slopes * b
    left, right = ((b - A * w).norm() for w in (iterate, fixed))
    support = (
        minimal,
        identity("The residual of b + Φb is Φ²b: ‖Φ²b‖² = 1/8.", right**2, ((slopes**2 * b).T * (slopes**2 * b))[0]),
    )
    return {rates.FIXED_RESIDUAL_NEXT.name: right}, left, support


def error_after_one_product() -> tuple[dict[str, sp.Expr], sp.Expr, tuple[Step, ...]]:
    """A = diag(1/10, 19/10), b = (1, 1): of the multiples of b, w_1 = b is nearer to w* than that of GMRES."""
    A, b = sp.diag(Q(1, 10), Q(19, 10)), sp.Matrix([1, 1])
    solution = A.LUsolve(b)
    iterate, minimal = _one_step(A, b)
    left, right = (iterate - solution).norm(), (b - solution).norm()
    load = sp.Matrix([1, 2])
    cg = (load.T * load)[0] / (load.T * A * load)[0] * load
    exact = A.LUsolve(load)
    support = (
        minimal,
        identity("w* = (10, 10/19).", solution[0] * Q(1, 19), solution[1]),
        inequality(
            "CG, which minimizes the energy norm, loses as well with b = (1, 2)ᵀ, in the Euclidean norm.",
            sp.Gt(((cg - exact).T * (cg - exact))[0], ((load - exact).T * (load - exact))[0], evaluate=False),
        ),
    )
    return {rates.FIXED_ERROR.name: right}, left, support
