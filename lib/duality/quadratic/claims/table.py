"""Table 1 of R, each entry derived from the bound behind it, and the schematic of R Fig 2 against exact curves."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import sympy as sp

from duality.ledger.claim import Claim, Criterion, Evidence, Statement
from duality.ledger.tex import latex
from duality.quadratic import exact
from duality.quadratic.methods import Method, gradient_descent, nesterov
from duality.quadratic.problem import Spectrum, gd_step_limit, nag_step_limit
from duality.quadratic.proofs.table import gd_entries, nag_entries
from duality.quadratic.rates import ORDERS, SPECTRUM, s

COLUMNS = ("Cvg", "Stab", "Sens", "range")


def rendered(orders: dict[tuple[str, str], sp.Expr]) -> str:
    """The table as Markdown, from the expressions that the proof compares."""

    def cell(method: str, column: str) -> str:
        entry = latex(orders[method, column].subs(s, sp.Symbol("phi", real=True)))
        return rf"$[c_0, {entry}]$" if column == "range" else f"$O({entry})$"

    head = r"|  | $\mathrm{Cvg}(k,\phi)$ | $\mathrm{Stab}(k,\phi)$ | $\mathrm{Sens}(k)$ | range of $\phi$ |"
    rows = [f"| {m} | " + " | ".join(cell(m, c) for c in COLUMNS) + " |" for m in ("GD", "NAG")]
    return "\n".join([head, "| --- | --- | --- | --- | --- |", *rows])


TABLE = Statement(
    sp.true,
    SPECTRUM,
    r"The orders in $k$, at a fixed step $\phi$ in the stated range (with $c_0 \le \phi$):" + "\n\n" + rendered(ORDERS),
)


def table(statement: Statement) -> Evidence:
    """All eight entries. The two Stab entries say no more than that Stab stays bounded, since 1 − τᵏ ≥ √(φμ)."""
    steps = (*gd_entries(statement, ORDERS), *nag_entries(statement, ORDERS))
    return Evidence(steps=steps, scope="upper orders in k at fixed φ, μ, L; the Stab entries say: bounded in k")


TRENDS = Statement(
    sp.true,
    SPECTRUM,
    "The drawn trends: $\\mathrm{Cvg}(k)$ and $\\mathrm{Sens}(k)$ fall with $k$, NAG's curve below GD's; "
    "$\\mathrm{Stab}(k)$ rises, NAG's "
    "curve above GD's; the product $\\mathrm{Cvg}(k)\\,\\mathrm{Stab}(k)$ peaks earlier for NAG.",
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
