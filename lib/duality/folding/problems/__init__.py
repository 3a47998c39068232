"""Learned problems, one per file: data, layers, and a task to train on. `PROBLEMS` lists them by name."""

from __future__ import annotations

from collections.abc import Mapping

from duality.folding.problems import denoising, portfolio, quadratic, sine, topk
from duality.folding.problems.learned import Learned

PROBLEMS: Mapping[str, Learned] = {
    problem.name: problem
    for problem in (
        quadratic.PROBLEM,
        portfolio.PROBLEM,
        topk.PROBLEM,
        denoising.PROBLEM,
        denoising.LARGE_PROBLEM,
        sine.PROBLEM,
    )
}
