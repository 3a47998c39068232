"""LaTeX of statements, rendered from the expressions that the checks evaluate."""

from __future__ import annotations

import sympy as sp
from sympy.printing.latex import LatexPrinter


class Quantity(sp.Symbol):
    """A symbol that stands for a measured quantity and prints as the LaTeX it is named by."""


class _Printer(LatexPrinter):
    """SymPy's printer, with 1 - s mu for - s mu + 1 and with quantities after their coefficient."""

    def _print_Quantity(self, expr: Quantity) -> str:
        return expr.name

    def _print_Pow(self, expr: sp.Pow) -> str:
        if isinstance(expr.base, Quantity):
            return f"{expr.base.name}^{{{self._print(expr.exp)}}}"
        return super()._print_Pow(expr)

    def _print_Mul(self, expr: sp.Mul) -> str:
        quantities = [f for f in expr.args if isinstance(f.as_base_exp()[0], Quantity)]
        if not quantities or len(quantities) == len(expr.args):
            return super()._print_Mul(expr)
        coefficient = sp.Mul(*[f for f in expr.args if f not in quantities], evaluate=False)
        if len(coefficient.args) == 1:
            coefficient = coefficient.args[0]
        text = self._print(coefficient)
        if isinstance(coefficient, sp.Add):
            text = rf"\left({text}\right)"
        return r" \, ".join([text, *map(self._print, quantities)])

    def _as_ordered_terms(self, expr: sp.Add, order: str | None = None) -> list[sp.Expr]:
        terms = list(super()._as_ordered_terms(expr, order=order))
        leader = next((i for i, term in enumerate(terms) if not term.could_extract_minus_sign()), 0)
        return [terms[leader], *terms[:leader], *terms[leader + 1 :]]


def latex(expression: sp.Basic) -> str:
    """LaTeX of a SymPy expression or relation."""
    return _Printer().doprint(expression)
