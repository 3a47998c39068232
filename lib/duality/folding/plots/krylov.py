"""Products and seconds of the backward rules."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from duality.book import style

EPS = 1e-6
LOOKS = {
    "fixed point": style.Look(style.ORDERED[3], "-", "o"),
    "CG": style.Look(style.ORDERED[1], (0, (6, 1.6)), "s"),
    "GMRES": style.Look(style.ORDERED[2], (0, (5, 1.5, 1.2, 1.5)), "D"),
    "dense": style.Look(style.ORDERED[4], "none", "*"),
}


def fixed_point_theory(kappa: np.ndarray) -> np.ndarray:
    """kappa/2 log(1/eps)."""
    return kappa / 2 * np.log(1 / EPS)


def krylov_theory(kappa: np.ndarray) -> np.ndarray:
    """sqrt(kappa)/2 log(2/eps)."""
    return np.sqrt(kappa) / 2 * np.log(2 / EPS)


def products(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """One panel per spectrum: products until the goal, and the two curves of the theory."""
    recorded = recorded[recorded["part"] == "products"]
    spectra = list(recorded["spectrum"].unique())
    with style.panels(1, len(spectra), 3.5, sharey=True) as (figure, grid):
        for axes, spectrum in zip(grid[0], spectra, strict=True):
            here = recorded[recorded["spectrum"] == spectrum]
            kappa = np.geomspace(here["kappa"].min(), here["kappa"].max(), 50)
            for theory in (fixed_point_theory, krylov_theory):
                axes.plot(kappa, theory(kappa), color=style.MUTED, linewidth=1.0, linestyle=(0, (1.2, 1.2)))
            for rule in ("fixed point", "CG", "GMRES"):
                look, rows = LOOKS[rule], here[here["rule"] == rule]
                axes.plot(rows["kappa"], rows["value"], color=look.colour, linestyle=look.line)
                axes.fill_between(rows["kappa"], rows["low"], rows["high"], color=look.colour, alpha=0.2, linewidth=0)
                if fresh is not None:
                    points = fresh[(fresh["rule"] == rule) & (fresh["spectrum"] == spectrum)]
                    style.open_markers(axes, look.colour, look.marker, points["kappa"], points["value"])
            axes.set(xscale="log", yscale="log", title=f"Spectrum {spectrum}", xlabel=r"condition number $\kappa$")
        first = grid[0, 0]
        first.set_ylabel("products with $\\Phi^\\top$")
        style.note(first, r"$\frac{\kappa}{2}\log\frac{1}{\varepsilon}$", 25, 6e3, fontsize=11)
        style.note(first, r"$\frac{\sqrt{\kappa}}{2}\log\frac{2}{\varepsilon}$", 9e3, 2.2e3, fontsize=11)
        handles = [
            style.handle(rule, color=LOOKS[rule].colour, linestyle=LOOKS[rule].line)
            for rule in ("fixed point", "CG", "GMRES")
        ]
        style.legend(figure, [*handles, *style.run_handles(fresh)[1:]])
        return figure


def against_time(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """One panel per condition number. A fresh run is another machine, or another day, and is not drawn."""
    kappas = sorted(recorded["kappa"].unique())
    with style.panels(1, len(kappas), 3.3, sharey=True) as (figure, grid):
        for axes, kappa in zip(grid[0], kappas, strict=True):
            for rule, look in LOOKS.items():
                rows = recorded[(recorded["kappa"] == kappa) & (recorded["rule"] == rule)]
                size = 13 if rule == "dense" else 4.5
                axes.plot(
                    rows["seconds"],
                    rows["error"],
                    color=look.colour,
                    linestyle=look.line,
                    marker=look.marker,
                    markersize=size,
                )
            axes.set(xscale="log", yscale="log", xlabel="seconds", title=rf"$\kappa = {kappa:,}$".replace(",", r"\,"))
        grid[0, 0].set_ylabel("error of the gradient")
        handles = [
            style.handle(
                rule,
                color=look.colour,
                linestyle=look.line,
                marker=look.marker,
                markersize=13 if rule == "dense" else 4.5,
            )
            for rule, look in LOOKS.items()
        ]
        style.legend(figure, handles)
        return figure
