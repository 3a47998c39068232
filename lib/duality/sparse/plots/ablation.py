"""Sorted errors of PLISA and its ablations."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from duality.book import style
from duality.sparse.plots.convergence import ORACLE
from duality.sparse.plots.looks import LOOKS

EVERY = 10  # a fresh run is marked at every tenth problem


def ablation(recorded: pd.DataFrame, fresh: pd.DataFrame | None = None) -> Figure:
    """One panel per size."""
    errors = recorded[recorded["part"] == "problem"]
    sizes = list(dict.fromkeys(zip(errors["d"], errors["n"], strict=True)))
    with style.panels(1, len(sizes), 3.4) as (figure, axes):
        for (d, n), panel in zip(sizes, axes[0], strict=True):
            for name in (*LOOKS, ORACLE):
                colour, line = (LOOKS[name].colour, LOOKS[name].line) if name in LOOKS else (style.MUTED, "--")
                old = _sorted(errors, d, n, name)
                if len(old):
                    panel.plot(100 * np.arange(1, len(old) + 1) / len(old), old, color=colour, linestyle=line)
                new = _sorted(fresh[fresh["part"] == "problem"], d, n, name) if fresh is not None else np.empty(0)
                if len(new):
                    at = np.arange(0, len(new), EVERY)
                    marker = LOOKS[name].marker if name in LOOKS else "x"
                    style.open_markers(panel, colour, marker, 100 * (at + 1) / len(new), new[at])
            panel.set(title=f"{d:,} variables, {n} samples", xlabel="share of problems, %", ylim=(0, 8))
        axes[0, 0].set_ylabel(r"$\|\beta-\beta^*\|_2$")
        shown = [name for name in LOOKS if name in set(errors["method"])]
        handles = [style.handle(name, color=LOOKS[name].colour, linestyle=LOOKS[name].line) for name in shown]
        handles.append(style.handle(ORACLE, color=style.MUTED, linestyle="--"))
        style.legend(figure, [*handles, *style.run_handles(fresh)], columns=2)
        return figure


def _sorted(table: pd.DataFrame, d: int, n: int, method: str) -> np.ndarray:
    here = table[(table["d"] == d) & (table["n"] == n) & (table["method"] == method)]
    values: np.ndarray = np.sort(here["value"].to_numpy())
    return values
