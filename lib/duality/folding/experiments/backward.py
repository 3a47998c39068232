"""The backward pass of folded layers, product by product, and the two parts of the error of plain unrolling."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

import numpy as np

from duality.book.figures import Experiment, short
from duality.folding.instances import INSTANCES, errors, radii
from duality.folding.plots.backward import backward, splitting
from duality.folding.splitting import FAMILIES, parts

FLOOR = 1e-11  # smaller errors are rounding and are recorded as this
STARTS = ("zero", "warm", "far")


def pieces(maps: Sequence[str], ks: Sequence[int], seed: int) -> list[dict[str, Any]]:
    """One piece per map. Raises `ValueError` for an unknown map."""
    if unknown := set(maps) - set(INSTANCES):
        raise ValueError(f"unknown maps {sorted(unknown)}; take some of: {', '.join(INSTANCES)}")
    return [{"map": name, "ks": list(ks), "seed": seed} for name in maps]


def measure(map: str, ks: list[int], seed: int) -> list[dict[str, Any]]:
    """The relative error of the gradient after K products with Phi, rho(Phi), and the radius that the gradient sees."""
    instance = INSTANCES[map](np.random.default_rng([seed, 1]))
    rho, active = (short(value) for value in radii(instance))
    return [
        {"map": map, "K": k, "error": short(max(error, FLOOR), 6), "rho": rho, "active": active}
        for k, error in zip(ks, errors(instance, ks), strict=True)
    ]


def splitting_pieces(families: Sequence[str], starts: Sequence[str], ks: Sequence[int]) -> list[dict[str, Any]]:
    """One piece per family and start. Raises `ValueError` for an unknown one."""
    for given, known in ((families, FAMILIES), (starts, STARTS)):
        if unknown := set(given) - set(known):
            raise ValueError(f"unknown: {sorted(unknown)}; take some of: {', '.join(known)}")
    return [{"family": family, "start": start, "ks": list(ks)} for family in families for start in starts]


def measure_splitting(family: str, start: str, ks: list[int]) -> list[dict[str, Any]]:
    """Norms against K: the error of the state relative to x*, of the Jacobian and its two parts relative to J*."""
    problem = FAMILIES[family]()
    rows = []
    for k, found in enumerate(islice(parts(problem, problem.start(start)), ks[-1] + 1)):
        if k not in ks:
            continue
        size = found.J.norm()
        values = {
            "solution": found.state.norm() / problem.solution.norm(),
            "total": found.total.norm() / size,
            "forward": found.forward.norm() / size,
            "backward": found.backward.norm() / size,
        }
        rows += [
            {"family": family, "start": start, "K": k, "quantity": name, "value": short(max(float(value), FLOOR), 6)}
            for name, value in values.items()
        ]
    return rows


FIRST = [*range(21), 30, 40, 50]
BACKWARD = Experiment(
    id="folding-backward",
    title="The error of a folded gradient against the products of its backward pass",
    claims=("folded-linear-system", "folded-rate", "folded-equals-implicit"),
    pieces=pieces,
    measure=measure,
    plot=backward,
    quick={"maps": list(INSTANCES), "ks": FIRST, "seed": 0},
    full={"maps": list(INSTANCES), "ks": [*FIRST, *range(60, 401, 10)], "seed": 0},
    keys=("map", "K"),
    value="error",
    band=1e-3,
    alt=(
        "Four panels of the relative error of the gradient against the number of products, logarithmic in the error. "
        "For gradient steps, four proximal maps and ADMM the errors fall on lines with the slope of the spectral "
        "radius; SQP is exact at once. In the last panel, with a spectral radius of exactly 1, ADMM with a repeated "
        "equality and the total-variation map fall on straight lines all the same."
    ),
)
EARLY = list(range(41))
SPLITTING = Experiment(
    id="folding-splitting",
    title="The error of plain unrolling, its forward and its backward part",
    claims=("folded-unfolding-error",),
    pieces=splitting_pieces,
    measure=measure_splitting,
    plot=splitting,
    quick={"families": list(FAMILIES), "starts": list(STARTS), "ks": EARLY},
    full={"families": list(FAMILIES), "starts": list(STARTS), "ks": [*EARLY, *range(44, 301, 4)]},
    keys=("family", "start", "K", "quantity"),
    value="value",
    band=1e-3,
    alt=(
        "Panels of errors against the number of unrolled steps, logarithmic in the error. Started at zero on a problem "
        "whose curvature depends on the parameter, the forward part of the Jacobian's error decays more slowly than "
        "the error of the solution, by a factor that grows with the steps. Started at the solution the forward part is "
        "absent and the backward part is the same. Started far away the error of the Jacobian first grows."
    ),
)
