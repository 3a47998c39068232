"""The capacity theorem with the parameters that it promises: decay and floor, targets by entry, and the penalty."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import torch

from duality.book.figures import Experiment, short
from duality.sparse import promised
from duality.sparse.plots.capacity import decay, entrywise, weights
from duality.sparse.problem import Problems, error
from duality.sparse.rates import refined
from duality.sparse.rates.letters import b, kappa, rho, w2

FAMILIES = {
    "exact": lambda: promised.exact_family(40, 4, (1.0, -0.5, 0.25)),
    "random": lambda: promised.random_family(32, 256, 4, 8, 0.2, 0),
}
PENALTIES = {"l1": (1.0, 0.0, 0.0), "MCP": (0.0, 1.0, 0.0)}
B, EPS = 3.0, 1e-3  # b of MCP in units of 1/rho_-, and epsilon


def decay_pieces(families: Sequence[str], penalties: Sequence[str], blocks: Sequence[Sequence[int]]) -> list[dict]:
    """One piece per family, penalty and pair K, T. Raises `ValueError` for an unknown name."""
    for given, known in ((families, FAMILIES), (penalties, PENALTIES)):
        if unknown := set(given) - set(known):
            raise ValueError(f"unknown: {sorted(unknown)}; take some of: {', '.join(known)}")
    return [
        {"family": family, "penalty": penalty, "K": K, "T": T}
        for family in families
        for penalty in penalties
        for K, T in blocks
    ]


def measure_decay(family: str, penalty: str, K: int, T: int) -> list[dict[str, Any]]:
    """The worst problem of the family after each block: its error, its distance from the limit, the proved bound.

    The bound counts from t_0, the block before the path has arrived; before that it is missing.
    """
    problems = FAMILIES[family]()
    theta = promised.promised(problems, EPS, PENALTIES[penalty], B)
    path = promised.estimates(problems, theta, K, T)
    errors = error(path, problems)
    apart = torch.linalg.vector_norm(path - promised.minimizer(problems, theta)[:, None], dim=-1)
    t0, floor = promised.arrival(problems, theta), promised.floors(problems, theta)
    start = errors[:, t0 - 1] if t0 else torch.linalg.vector_norm(promised.truth_of(problems), dim=-1)
    rows = []
    for t in range(1, T + 1):
        bounds = theta.factor ** (K * (t - t0)) * start + floor
        common = {"family": family, "penalty": penalty, "K": K, "T": t, "layers": K * t, "t0": t0}
        rows.append(
            common
            | {
                "error": short(errors[:, t - 1].max(), 8),
                "distance": short(apart[:, t - 1].max().clamp(min=1e-13), 5),
                "bound": short(bounds.max(), 8) if t >= t0 else float("nan"),
                "slack": short((errors[:, t - 1] / bounds).max(), 6) if t >= t0 else float("nan"),
                "factor": short(theta.factor, 8),
                "floor": short(floor.max(), 8),
            }
        )
    return rows


SIGMA, SPARSITY, LAYERS = 0.01, 8, 40


def entrywise_pieces(ds: Sequence[int], ms: Sequence[int], draws: int) -> list[dict[str, Any]]:
    """One piece per d with one training problem, and per m with 16 entries."""
    by_d = [{"design": design, "d": d, "m": 1, "draws": draws} for design in ("orthogonal", "Gaussian") for d in ds]
    return by_d + [{"design": "orthogonal", "d": 16, "m": m, "draws": draws} for m in ms if m > 1]


def _family(design: str, d: int, m: int, seed: int) -> Problems:
    if design == "orthogonal":
        return promised.orthogonal_family(d, SPARSITY, m, SIGMA, seed)
    n = 4 * d
    return promised.random_family(d, n, SPARSITY, m, SIGMA * n**0.5, seed)  # gradient entries of size SIGMA again


def measure_entrywise(design: str, d: int, m: int, draws: int) -> list[dict[str, Any]]:
    """The error of l1 with entry-wise and with uniform targets in units of sigma sqrt(s*/n), means over draws.

    Of m problems that share their targets, the mean over the problems.
    """
    found: dict[str, list[float]] = {"entry-wise": [], "uniform": []}
    for draw in range(draws):
        problems = _family(design, d, m, 1000 * draw + 7)
        for name, values in found.items():
            theta = promised.promised(problems, 1e-6, PENALTIES["l1"], B, shared=name == "uniform")
            estimate = promised.minimizer(problems, theta)
            values.append(float(error(estimate, problems).mean()) / (SIGMA * SPARSITY**0.5))
    return [
        {
            "design": design,
            "d": d,
            "m": m,
            "target": name,
            "error": short(np.mean(values), 8),
            "deviation": short(np.std(values) / max(draws, 1) ** 0.5, 4),
        }
        for name, values in found.items()
    ]


SETTINGS = {"small entries": 0.6, "large entries": 1e-3}  # epsilon, where entries of size 1 lie below and above b lam
MCP_B = 2.0


def weights_pieces(settings: Sequence[str], w2: Sequence[float]) -> list[dict[str, Any]]:
    """One piece per setting. Raises `ValueError` for an unknown one."""
    if unknown := set(settings) - set(SETTINGS):
        raise ValueError(f"unknown: {sorted(unknown)}; take some of: {', '.join(SETTINGS)}")
    return [{"setting": name, "w2": list(w2)} for name in settings]


@cache
def _bounds() -> tuple[Any, Any]:
    """The two right sides of the refined bound as functions of w2, rho_-, b, kappa and the two statistical errors."""
    import sympy as sp

    letters = (w2, rho, b, kappa, refined.small, refined.large)
    both = (side(refined.small, refined.large) for side in (refined.printed, refined.sharp))
    first, second = (sp.lambdify(letters, expression) for expression in both)
    return first, second


def measure_weights(setting: str, w2: list[float]) -> list[dict[str, Any]]:
    """Speed and limit of one exact problem against the weight of MCP: measured, and the bounds on both.

    The refined bounds get the smallest kappa that the targets allow, and no less than 1: it is a condition number.
    """
    problems, eps = promised.exact_family(40, 4, (1.0,)), SETTINGS[setting]
    rows = []
    for weight in w2:
        theta = promised.promised(problems, eps, (1 - weight, weight, 0.0), MCP_B)
        limit = promised.minimizer(problems, theta)
        path = promised.estimates(problems, theta, 1, promised.arrival(problems, theta) + 60)
        apart = torch.linalg.vector_norm(path - limit[:, None], dim=-1)[0]
        seen = apart[apart > 1e-10][-12:]
        truth = promised.truth_of(problems)
        size = promised.noise(problems).clamp(min=eps)
        low = (truth != 0) & (truth.abs() <= theta.b * theta.target)
        parts = [float((size * kind).norm()) for kind in (low, (truth != 0) & ~low)]
        least = max(1.0, float((theta.target / (8 * size[0]))[truth[0] != 0].max()))
        printed_bound, sharp_bound = (float(side(weight, theta.rho, theta.b, least, *parts)) for side in _bounds())
        values = {
            "factor": float((seen[-1] / seen[0]) ** (1 / (len(seen) - 1))),
            "factor bound": theta.factor,
            "error": float(error(limit, problems)[0]),
            "printed bound": printed_bound,
            "sharp bound": sharp_bound,
        }
        rows += [
            {"setting": setting, "w2": weight, "quantity": name, "value": short(value, 8)}
            for name, value in values.items()
        ]
    return rows


DECAY = Experiment(
    id="plisa-capacity",
    title="The error of PLISA with the parameters of the capacity theorem",
    claims=("capacity", "capacity-rate", "plisa-lambda-blocks"),
    pieces=decay_pieces,
    measure=measure_decay,
    plot=decay,
    quick={"families": ["exact", "random"], "penalties": ["l1", "MCP"], "blocks": [[5, 50]]},
    full={"families": ["exact", "random"], "penalties": ["l1", "MCP"], "blocks": [[1, 140], [5, 50], [20, 40]]},
    keys=("family", "penalty", "K", "T"),
    value="error",
    band=1e-5,
    alt=(
        "Four panels, two families of problems with two penalties, against the number of layers K T after the path has "
        "arrived. The error falls and levels off below the proved bound. The distance from the limit falls on a "
        "straight line on the logarithmic axis: at the proved rate on the exact family with the l1 penalty, faster in "
        "the other three panels."
    ),
)
ENTRYWISE = Experiment(
    id="plisa-entrywise",
    title="Targets by entry and one target for all",
    claims=("capacity-entrywise", "capacity-entrywise-log"),
    pieces=entrywise_pieces,
    measure=measure_entrywise,
    plot=entrywise,
    quick={"ds": [16, 64], "ms": [4, 64], "draws": 40},
    full={"ds": [16, 32, 64, 128, 256], "ms": [4, 16, 64, 256, 1024], "draws": 40},
    keys=("design", "d", "m", "target"),
    value="error",
    band=1e-5,
    alt=(
        "Two panels of the error in units of sigma times the root of s over n. Left, against the number of variables "
        "for one problem: flat at about eight for entry-wise targets, rising like the root of log d for one target. "
        "Right, against the number of training problems that share their entry-wise targets: rising like the root of "
        "log m, and reaching the curve of the uniform target."
    ),
)
WEIGHTS = Experiment(
    id="plisa-weights",
    title="The weight of MCP: speed and error",
    claims=("capacity-speed", "capacity-speed-measured", "capacity-speed-local", "capacity-refined-sharp"),
    pieces=weights_pieces,
    measure=measure_weights,
    plot=weights,
    quick={"settings": list(SETTINGS), "w2": [0.0, 0.5, 1.0]},
    full={"settings": list(SETTINGS), "w2": [round(0.05 * i, 2) for i in range(21)]},
    keys=("setting", "w2", "quantity"),
    value="value",
    band=1e-4,
    alt=(
        "Two rows of panels against the weight of MCP, small entries left and large ones right. Above, the factor per "
        "layer: on small entries it rises with the bound, on large entries it is constant. Below, the error falls with "
        "the weight in both. On large entries the two bounds coincide and fall as well, on small entries both rise, "
        "the sharper one less."
    ),
)
