"""Table 1 of R, each entry derived from the bound behind it, and the schematic of R Fig 2 against exact curves."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import sympy as sp

from duality.ledger.claim import Claim, Criterion, Evidence, Statement, Step
from duality.ledger.prove import identity, induction, inequality
from duality.quadratic import exact, rates
from duality.quadratic.methods import Method, gradient_descent, nesterov
from duality.quadratic.problem import Spectrum, gd_step_limit, nag_step_limit
from duality.quadratic.proofs.nag import normal, tau, u, y
from duality.quadratic.proofs.reduction import abstract_power
from duality.quadratic.rates import DQ, SPECTRUM, START, STEP_GAP, L, M, c0, k, mu, p, s, tau0

P, A = sp.symbols("P A", real=True)
UNIT = [sp.Gt(u, 0), sp.Le(u, 1), sp.Ge(P, 0), sp.Le(P, 1), sp.Ge(k, 1)]
TABLE = Statement(
    sp.true,
    SPECTRUM,
    r"""The orders in $k$, at a fixed step $\phi$ in the stated range (with $c_0 \le \phi$):

|     | $\mathrm{Cvg}(k,\phi)$ | $\mathrm{Stab}(k,\phi)$ | $\mathrm{Sens}(k)$ | range of $\phi$ |
| --- | --- | --- | --- | --- |
| GD  | $O((1-\phi\mu)^k)$ | $O(1-(1-\phi\mu)^k)$ | $O(k(1-c_0\mu)^{k-1})$ | $[c_0, 2/(\mu+L)]$ |
| NAG | $O(k(1-\sqrt{\phi\mu})^k)$ | $O(1-(1-\sqrt{\phi\mu})^k)$ | $O(k^3(1-\sqrt{c_0\mu})^k)$ | $[c_0, 4/(\mu+3L)]$ |
""",
)


def gd_entries() -> tuple[Step, ...]:
    """The four entries of gradient descent."""
    gd_range = [h.relation for h in SPECTRUM + rates.GD_RANGE]
    whole = abstract_power(rates.GD_STABILITY.coefficient(M, DQ), p, P, shift=1)
    return (
        identity("GD, Cvg: the entry is the bound of Theorem A.1.", rates.GD_CONVERGENCE.coefficient(START), p**k),
        induction(
            "kpᵏ⁻¹(1−p) ≤ 1 − pᵏ for p = 1 − φμ.",
            [inequality("at k = 1", sp.Le(1 - p, 1 - p), gd_range)],
            [
                inequality(
                    "from kP(1−p) ≤ 1 − Pp to (k+1)Pp(1−p) ≤ 1 − Pp²",
                    sp.Le((k + 1) * P * A * (1 - A), 1 - P * A**2),
                    [sp.Ge(A, 0), sp.Le(A, 1), sp.Ge(P, 0), sp.Le(P, 1), sp.Le(k * P * (1 - A), 1 - P * A)],
                )
            ],
        ),
        inequality(
            "GD, Stab: both coefficients of Theorem A.2 are at most (2/μ)(1 − pᵏ), P standing for pᵏ⁻¹.",
            sp.Le(whole, 2 / mu * (1 - P * p)),
            [*gd_range, sp.Ge(P, 0), sp.Le(P, 1), sp.Le(k * P * (1 - p), 1 - P * p)],
        ),
        identity(
            "GD, Sens: the bound of Theorem A.1 is L times the entry.",
            rates.GD_SENSITIVITY.coefficient(START, STEP_GAP) / L,
            k * (1 - c0 * mu) ** (k - 1),
        ),
        inequality(
            "GD, range: 2/(μ+L) is inside the exact region s < 2/L (and a step at μ = 0 would touch it).",
            sp.Lt(s * L, 2),
            gd_range,
        ),
    )


def nag_entries() -> tuple[Step, ...]:
    """The four entries of Nesterov's method, from the exact and the repaired bounds."""
    kept = abstract_power(normal(rates.NAG_CONVERGENCE_SHARP.coefficient(START)), tau, P, shift=1)
    whole = abstract_power(normal(rates.NAG_STABILITY_SHARP.coefficient(M, DQ)), tau, P, shift=1)
    v, q = sp.symbols("v q", nonnegative=True)
    sens = abstract_power(rates.NAG_SENSITIVITY_REPAIRED.coefficient(START, STEP_GAP), tau0, P, shift=1)
    W = sum(sp.expand_func(sp.ff(k + i - 1, i)) / sp.factorial(i) * u**i for i in range(4))
    third = (k - 1) * k * (k + 1) / 6 * u**3 * P
    return (
        inequality("NAG, Cvg: τᵏ(1 + ku) ≤ 2kτᵏ, P standing for τᵏ⁻¹.", sp.Le(kept, 2 * k * P * tau), UNIT),
        inequality(
            "τ W(k+1) ≤ W(k) for W(k) = Σ_{i≤3} C(k+i−1, i)uⁱ, hence τᵏ W(k) ≤ 1 and τᵏ⁻¹ (k−1)k(k+1)u³/6 ≤ 1.",
            sp.Le(tau * W.subs(k, k + 1), W),
            UNIT,
        ),
        identity(
            "NAG, Stab: μ times the coefficient is 1 − τᵏ⁻¹(1 + (k−1)u) + 3q/u with q = τᵏ⁻¹(k−1)k(k+1)u³/6 ≤ 1.",
            whole * u**2,
            1 - P * (1 + (k - 1) * u) + 3 * third / u,
        ),
        inequality(
            "so it is at most (1 + 3/u)/u · (1 − τᵏ), u = √(φμ): the order in k is right, though this constant "
            "grows with κ.",
            sp.Le((1 - P * (1 + (k - 1) * u) + 3 * q / u) * u, (1 + 3 / u) * (1 - P * tau)),
            [*UNIT, sp.Le(q, 1)],
        ),
        inequality(
            "NAG, Sens: the repaired bound is at most k³(L + (3L + 2√(μ/c₀))/6)(1 − √(μc₀))ᵏ⁻¹, P standing for "
            "the power.",
            sp.Le(sens.subs(sp.sqrt(mu / c0), v), k**3 * (L + (3 * L + 2 * v) / 6) * P),
            [sp.Gt(L, 0), sp.Ge(P, 0), sp.Le(P, 1), sp.Ge(k, 1)],
        ),
        inequality(
            "NAG, range: 3sL + μs ≤ 4 is inside the exact region sL(3 − √(μs)) < 4.",
            sp.Lt(y * (3 - u), 4),
            [sp.Gt(u, 0), sp.Le(u**2, y), sp.Le(3 * y + u**2, 4)],
        ),
    )


def table(statement: Statement) -> Evidence:
    """All eight entries."""
    return Evidence(steps=(*gd_entries(), *nag_entries()), scope="orders in k at fixed φ, μ, L; constants in the steps")


TRENDS = Statement(
    sp.true,
    SPECTRUM,
    "The drawn trends: $\\mathrm{Cvg}(k)$ and $\\mathrm{Sens}(k)$ fall with $k$, NAG's curve below GD's; "
    "$\\mathrm{Stab}(k)$ rises, NAG's "
    "curve above GD's; the product $\\mathrm{Cvg}(k)\\,\\mathrm{Stab}(k)$ lies between the two, its peak earlier "
    "for NAG.",
)
TREND_MU, TREND_L, TREND_END = Fraction(1, 10), 1, 30  # the setting of the source's experiments


def _curves(gd: Method, nag: Method) -> dict[str, np.ndarray]:
    """Exact Cvg, Sens, Stab_b of GD and NAG (rows) for k = 1, ..., TREND_END (columns)."""
    measures = {"Cvg": exact.cvg, "Sens": exact.sens_s, "Stab": exact.stab_b}
    ks = range(1, TREND_END + 1)
    return {name: np.array([[f(m, k).lower for k in ks] for m in (gd, nag)]) for name, f in measures.items()}


def trends(statement: Statement) -> Evidence:
    """Criteria read off the schematic and its text, declared here, against the exact curves."""
    spectrum = Spectrum(TREND_MU, TREND_L)
    common = nag_step_limit(TREND_MU, TREND_L)
    shared = _curves(gradient_descent(spectrum, common), nesterov(spectrum, common))
    own = _curves(gradient_descent(spectrum, gd_step_limit(TREND_MU, TREND_L)), nesterov(spectrum, common))
    product = shared["Cvg"] * shared["Stab"]
    peaks = product.argmax(axis=1) + 1

    def falls(a: np.ndarray) -> bool:
        return bool((np.diff(a, axis=1) < 0).all())

    def nag_above(a: np.ndarray, sign: int) -> tuple[bool, str]:
        wrong = [k for k in range(2, TREND_END + 1) if sign * (a[1, k - 1] - a[0, k - 1]) <= 0]
        return not wrong, f"reversed at k in {wrong}" if wrong else "at every k from 2 on"

    rise = np.diff(shared["Sens"], axis=1) >= 0
    last_rise = [int(np.flatnonzero(r).max(initial=-1)) + 2 for r in rise]
    order = {name: nag_above(shared[name], 1 if name == "Stab" else -1) for name in shared}
    own_order = {name: nag_above(own[name], 1 if name == "Stab" else -1) for name in ("Cvg", "Stab")}
    criteria = (
        Criterion("Cvg falls with k, for GD and for NAG.", falls(shared["Cvg"])),
        Criterion("NAG's Cvg is below GD's at a common step, k ≥ 2.", *order["Cvg"]),
        Criterion(
            "Sens falls with k, for GD and for NAG.",
            falls(shared["Sens"]),
            f"the last rise ends at k = {last_rise[0]} (GD), {last_rise[1]} (NAG)",
        ),
        Criterion("NAG's Sens is below GD's at a common step, k ≥ 2.", *order["Sens"]),
        Criterion("Stab (in b) rises with k, for GD and for NAG.", falls(-shared["Stab"])),
        Criterion("NAG's Stab is above GD's at a common step, k ≥ 2.", *order["Stab"]),
        Criterion(
            "Cvg·Stab peaks earlier for NAG.", bool(peaks[1] < peaks[0]), f"at k = {peaks[0]} (GD), {peaks[1]} (NAG)"
        ),
        Criterion("The orders of Cvg hold at each method's own largest step too, k ≥ 2.", *own_order["Cvg"]),
        Criterion("The orders of Stab hold at each method's own largest step too, k ≥ 2.", *own_order["Stab"]),
    )
    return Evidence(
        criteria=criteria, scope=f"μ = {TREND_MU}, L = {TREND_L}, k to {TREND_END}, exact curves (no sampling)"
    )


CLAIMS = (
    Claim("table-1", "A", "table", "Orders of GD and NAG", "R Table 1, T Tables 4.1 and 1.4", TABLE, table),
    Claim("fig-trends", "A", "figure", "Overall trends", "R Fig 2, T Fig 4.2", TRENDS, trends),
)
