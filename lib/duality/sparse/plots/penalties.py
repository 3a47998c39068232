"""The penalties and their slopes, and two readings of the path of levels."""

from __future__ import annotations

import numpy as np
import torch
from matplotlib.figure import Figure

from duality.book import style
from duality.sparse.penalties import L1, MCP, SCAD, Penalty

LOOKS = {
    r"$\ell_1$": (style.ORDERED[1], "-"),
    "MCP": (style.ORDERED[3], (0, (6, 1.6))),
    "SCAD": (style.ORDERED[2], (0, (5, 1.5, 1.2, 1.5))),
    "their mean": (style.INK, (0, (1.2, 1.2))),
}


def shapes(a: float, b: float, mean: Penalty) -> Figure:
    """Value and slope at lambda = 1 of l1, MCP(b), SCAD(a) and a mixture of them."""
    beta = torch.linspace(0, 1.25 * max(a, b), 400, dtype=torch.float64)
    one = torch.ones((), dtype=torch.float64)
    with style.panels(1, 2, 2.7) as (figure, (pair,)):
        for penalty, (colour, look) in zip((L1(), MCP(b), SCAD(a), mean), LOOKS.values(), strict=True):
            pair[0].plot(beta, penalty.value(one, beta), color=colour, linestyle=look)
            pair[1].plot(beta[1:], penalty.slope(one, beta)[1:], color=colour, linestyle=look)
        pair[0].set(title=r"$p(\lambda,\beta)$, $\lambda=1$", xlabel=r"$\beta$", ylim=(0, 3.2))
        pair[1].set(title=r"$p'(\lambda,\beta)$", xlabel=r"$\beta$", ylim=(-0.04, 1.1))
        handles = [style.handle(label, color=colour, linestyle=look) for label, (colour, look) in LOOKS.items()]
        style.legend(figure, handles)
        return figure


def paths(signed: np.ndarray, absolute: np.ndarray, target: float) -> Figure:
    """lambda_0 to lambda_T, (T + 1, d), from the gradient with its signs and from its absolute values."""
    with style.panels(1, 2, 2.7, sharey=True) as (figure, (pair,)):
        for axes, levels, title in zip(pair, (signed, absolute), ("As printed", "From absolute values"), strict=True):
            for entry, first in zip(levels.T, signed[0], strict=True):
                colour, look = (style.ORDERED[3], (0, (6, 1.6))) if first < 0 else (style.ORDERED[1], "-")
                axes.plot(entry, color=colour, linestyle=look, linewidth=1.3)
            axes.axhline(target, color=style.MUTED, linewidth=0.8)
            axes.set(title=title, xlabel="block $t$", xticks=range(0, len(levels), 5))
        pair[0].set_ylabel(r"$\lambda_t$, entry by entry")
        style.legend(
            figure,
            [
                style.handle("positive gradient entry", color=style.ORDERED[1]),
                style.handle("negative gradient entry", color=style.ORDERED[3], linestyle=(0, (6, 1.6))),
            ],
        )
        return figure
