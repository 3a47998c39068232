"""The error of a folded gradient against seconds: three rules and the dense system, in one run on one machine."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from duality.book.figures import Experiment, short
from duality.folding.adjoint import Jacobian, Transposed
from duality.folding.gradient import GradientStep
from duality.folding.krylov import NEVER, SPECTRA, STEPS, cg, gmres
from duality.folding.plots.krylov import against_time
from duality.folding.program import product
from duality.folding.rules import Dense, FixedPoint, Rule

RULES = ("fixed point", "GMRES", "CG", "dense")
REPEATS = 5
SMALLEST = 1e-16


def pieces(kappas: Sequence[int], size: int, products: Sequence[int]) -> list[dict[str, Any]]:
    """One piece per condition number; all rules are timed in it."""
    return [{"kappa": kappa, "size": size, "products": list(products)} for kappa in kappas]


def rule_with(name: str, products: int) -> Rule:
    """A rule that stops after so many products."""
    return {"fixed point": FixedPoint(NEVER, products), "GMRES": gmres(products), "CG": cg(products), "dense": Dense()}[
        name
    ]


def measure(kappa: int, size: int, products: list[int]) -> list[dict[str, Any]]:
    """Seconds, the least of five runs, and the error of w, for each rule and number of products."""
    rng = np.random.default_rng([0, kappa])
    rotation, _ = np.linalg.qr(rng.standard_normal((size, size)))
    h = SPECTRA["even in the logarithm"](kappa, size)
    Q = torch.as_tensor((rotation * h) @ rotation.T)[None]
    s = STEPS["2/(mu+L)"](kappa)
    update = GradientStep(lambda x, Q, p: product(Q, x) + p, s, size)
    c = (Q, torch.as_tensor(rng.standard_normal((1, size))))
    system = Transposed(Jacobian(update, -torch.linalg.solve(Q, c[1]), c))
    v = torch.as_tensor(rng.standard_normal((1, size)))
    exact = torch.as_tensor((rotation / (s * h)) @ (rotation.T @ v[0].numpy()))
    rows = []
    for name in RULES:
        most = {"GMRES": size, "CG": 5 * size}.get(name, products[-1])
        counts = [size] if name == "dense" else [k for k in products if k <= most]
        for count in counts:
            seconds = []
            for _ in range(REPEATS):
                start = time.perf_counter()
                w = rule_with(name, count).solve(system, v).w
                seconds.append(time.perf_counter() - start)
            error = float((w[0] - exact).norm() / exact.norm())
            rows.append(
                {
                    "kappa": kappa,
                    "rule": name,
                    "products": count,
                    "seconds": short(min(seconds), 4),
                    "error": short(max(error, SMALLEST), 4),
                }
            )
    return rows


KRYLOV_TIME = Experiment(
    id="folding-krylov-time",
    title="The error of the gradient against the seconds of its backward pass",
    claims=("folded-krylov",),
    pieces=pieces,
    measure=measure,
    plot=against_time,
    quick={"kappas": [100], "size": 200, "products": [10, 100]},
    full={"kappas": [100, 10_000], "size": 200, "products": [1, 3, 10, 20, 50, 100, 150, 200, 300, 1000, 3000, 10_000]},
    keys=("kappa", "rule", "products"),
    value="seconds",
    band=float("inf"),
    alt=(
        "Two panels, for condition numbers 100 and 10,000, of the relative error of the gradient against seconds on "
        "logarithmic axes. Conjugate gradients are far ahead of the fixed-point iteration in both; GMRES, which spends "
        "more on its basis than on products, is close to that iteration in the first panel and far ahead of it in the "
        "second. A star marks the dense system of 200 variables, which is faster than all of them."
    ),
)
