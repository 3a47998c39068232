"""Local and global Rademacher complexity of the hybrid model, measured, beside what the bounds say.

Everything at the released step s = 1/L, which does not move (B_Phi = 0), on a finite population that stands for P.
Measured values are lower bounds by ascent; bounds use the constants of the printed problem and an upper bound of the
covering number of the width-0 module.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from duality.book.figures import Experiment, short
from duality.hybrid import rademacher
from duality.hybrid.covering import dudley, farthest_points, linear_module_bound, upper_number
from duality.hybrid.layers import ALGORITHMS
from duality.hybrid.numeric_bounds import values
from duality.hybrid.plots.complexity import complexity
from duality.hybrid.problem import LEARNED, PRINTED, population
from duality.quadratic.methods import Method

STEP = 1.0  # 1/L
POPULATION, COUNT, STEPS, RATE = 500, 32, 200, 0.1
POOL, SCALES = 1024, (1.0, 3.0)  # random weights to start from, per scale
SEARCH_RESTARTS, SEARCH_STEPS = 4, 300
FACTOR = 1.25  # of the smallest root of P l^2: the level of the local classes
FREE = 1e9  # a level that binds nobody
MODULE = 2000  # weights of the finite class on which nets and chains are compared
SPAN = float(PRINTED.L - PRINTED.mu)


def pieces(
    ks: Sequence[int],
    ns: Sequence[int],
    factors: Sequence[float],
    widths: Sequence[int],
    k: int,
    n: int,
    seed: int,
    bound_ks: Sequence[int],
    net_ns: Sequence[int],
) -> list[dict[str, Any]]:
    """Sweeps over depth, samples, level and width through the point (k, n, 1.25, 0), the bounds, and the nets.

    Raises `ValueError` for factors below 1, which leave a local class empty.
    """
    if min(factors, default=FACTOR) <= 1:
        raise ValueError("a level must be above the smallest one: take factors above 1")
    at = {"k": k, "n": n, "width": 0, "seed": seed}
    found = [at | {"part": "depth", "k": depth} for depth in ks]
    found += [at | {"part": "samples", "n": size} for size in ns]
    found += [at | {"part": "level", "factor": factor} for factor in factors]
    found += [at | {"part": "width", "width": width} for width in widths]
    found += [at | {"part": "bounds", "k": depth} for depth in bound_ks]
    return found + [at | {"part": "nets", "n": size} for size in net_ns]


def measure(part: str, k: int, n: int, width: int, seed: int, factor: float = FACTOR) -> list[dict[str, Any]]:
    """The rows of one piece."""
    here = {"part": part, "k": k, "n": n, "width": width, "factor": factor}
    rows = PARTS[part](k, n, width, seed, factor)
    return [here | {key: short(v) if isinstance(v, float) else v for key, v in row.items()} for row in rows]


def _methods() -> Mapping[str, Method]:
    return {name: algorithm.method(PRINTED, STEP) for name, algorithm in ALGORITHMS.items()}


def _measured(k: int, n: int, width: int, seed: int, factor: float) -> list[dict[str, Any]]:
    """Both methods on the same samples and signs: the whole class, its own level, and GD's level for NAG."""
    data = population(POPULATION, seed)
    rows: list[dict[str, Any]] = []
    smallest: dict[str, float] = {}
    drawn: dict[tuple[str, str], torch.Tensor] = {}
    rng = np.random.default_rng([seed, 3])
    pool = torch.cat([rademacher.start_weights(width, POOL, rng, scale) for scale in SCALES])
    for name, method in _methods().items():
        model = rademacher.losses(data, method, k, width)
        search = np.random.default_rng([seed, 1])
        smallest[name], weights = rademacher.smallest_rms(model, SEARCH_RESTARTS, SEARCH_STEPS, RATE, search)
        levels = {"global": FREE, "own level": factor * smallest[name]}
        if name == "NAG" and smallest["GD"] > smallest["NAG"]:
            levels["common level"] = factor * smallest["GD"]
        for kind, level in levels.items():
            problems = rademacher.draw(len(data), n, COUNT, level, np.random.default_rng([seed, 2, n]))
            found = rademacher.complexity(model, problems, weights, pool, STEPS, RATE)
            value, error = rademacher.interval(found)
            root = level if level < FREE else 0.0
            rows.append({"algorithm": name, "class": kind, "level": root, "value": value, "se": error})
            drawn[name, kind] = found
    return rows + _differences(drawn)


def _differences(drawn: Mapping[tuple[str, str], torch.Tensor]) -> list[dict[str, Any]]:
    """NAG less GD, draw by draw: both met the same samples and signs. GD's own level is the common one."""
    rows = []
    for kind in ("global", "own level", "common level"):
        if ("NAG", kind) in drawn:
            other = drawn["GD", "own level" if kind == "common level" else kind]
            value, error = rademacher.interval(drawn["NAG", kind] - other)
            rows.append({"algorithm": "NAG - GD", "class": kind, "level": 0.0, "value": value, "se": error})
    return rows


def _bounds(k: int, n: int, width: int, seed: int, factor: float) -> list[dict[str, Any]]:
    """What the bounds say of the local classes at the level of 1.25 times the smallest, and the trivial bound."""
    data = population(POPULATION, seed)
    rows: list[dict[str, Any]] = []
    for name, method in _methods().items():
        model = rademacher.losses(data, method, k, width)
        search = np.random.default_rng([seed, 1])
        smallest, _ = rademacher.smallest_rms(model, SEARCH_RESTARTS, SEARCH_STEPS, RATE, search)
        found = values(method, k, n, factor * smallest, linear_module_bound(n, SPAN))
        rows += [
            {"algorithm": name, "class": kind, "level": factor * smallest, "value": value, "se": 0.0}
            for kind, value in found.items()
        ]
    return rows


def _nets(k: int, n: int, width: int, seed: int, factor: float) -> list[dict[str, Any]]:
    """A finite class of norms on one sample: its complexity, one net, Dudley's integral, and the printed form."""
    rng = np.random.default_rng([seed, 4, n])
    data = population(POPULATION, seed)
    model = rademacher.losses(data, _methods()["GD"], k, width)
    weights = rademacher.start_weights(width, MODULE, rng, scale=3.0)
    rows = torch.tensor(rng.integers(len(data), size=(1, n))).expand(MODULE, -1)
    errors = model.eigenvalues(weights, rows) - 1 / model.inverse[rows][..., :LEARNED]
    norms = errors.square().sum(-1).sqrt().numpy() / np.sqrt(n)  # rows of length ‖f‖ in L2(P_n)
    signs = rng.choice([-1.0, 1.0], size=(n, 4000))
    tops = (norms @ signs).max(axis=0) / np.sqrt(n)
    radii = farthest_points(norms, 0.0)
    radius, alpha = float(np.linalg.norm(norms, axis=1).max()), n**-0.5
    number = np.log(upper_number(radii, alpha))
    found = {
        "measured": (float(tops.mean()), float(tops.std() / np.sqrt(tops.size))),
        "one net": (min(float(a + radius * np.sqrt(2 * np.log(j + 1) / n)) for j, a in enumerate(radii)), 0.0),
        "one net at 1/√n": (float(alpha * (1 + radius * np.sqrt(2 * number))), 0.0),
        "Dudley": (min(dudley(radii, float(a), n) for a in radii), 0.0),
        "printed form": (float(alpha * (4 + 12 * radius * np.sqrt(number))), 0.0),
    }
    return [{"algorithm": "module", "class": c, "level": 0.0, "value": v, "se": e} for c, (v, e) in found.items()]


Part = Callable[[int, int, int, int, float], list[dict[str, Any]]]
PARTS: Mapping[str, Part] = {
    "depth": _measured,
    "samples": _measured,
    "level": _measured,
    "width": _measured,
    "bounds": _bounds,
    "nets": _nets,
}
FULL_KS = [1, 2, 3, 5, 7, 10, 14, 20, 30]

COMPLEXITY = Experiment(
    id="complexity",
    title="Local and global Rademacher complexity of GD and NAG, measured, and the bounds",
    claims=("global-vs-local", "local-rademacher", "local-rademacher-repaired", "bound-vacuity", "covering-product"),
    pieces=pieces,
    measure=measure,
    plot=complexity,
    quick={
        "ks": [10],
        "ns": [],
        "factors": [],
        "widths": [],
        "k": 10,
        "n": 20,
        "seed": 2,
        "bound_ks": [10],
        "net_ns": [10, 20],
    },
    full={
        "ks": FULL_KS,
        "ns": [10, 20, 50, 100],
        "factors": [1.05, 1.25, 2.0, 4.0],
        "widths": [0, 4, 16],
        "k": 10,
        "n": 20,
        "seed": 2,
        "bound_ks": FULL_KS,
        "net_ns": [10, 20, 50, 100, 200],
    },
    keys=("part", "algorithm", "class", "k", "n", "width", "factor"),
    value="value",
    band=0.15,
    alt=(
        "Six panels. Measured complexities against depth: of the whole class NAG's is above that of gradient descent; "
        "of the classes within 1.25 times the smallest error both curves have a hump, NAG's is above at first and "
        "below from ten steps on; at gradient descent's level NAG's is above. All fall with the sample size and rise "
        "with the level; the width hardly matters. The bounds lie orders of magnitude higher, the printed one "
        "highest. On a finite class one net is below Dudley's integral, which is below the printed form."
    ),
)
