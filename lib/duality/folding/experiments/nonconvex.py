"""The nonconvex program: how often a local minimum is found, and the folded gradient against finite differences."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from duality.book.figures import Experiment, short
from duality.ensemble.threads import one_thread
from duality.folding.plots.nonconvex import nonconvex
from duality.folding.problems import sine
from duality.folding.problems.learned import directions, generator, normal

WIDTH = 1e-4  # of the finite difference, of fourth order
SEEN = 1e-9  # errors below are those of the difference


def pieces(count: int, seeds: int) -> list[dict[str, Any]]:
    """One piece per seed."""
    return [{"count": count, "seed": seed} for seed in range(seeds)]


def measure(count: int, seed: int) -> list[dict[str, Any]]:
    """One row per problem: whether it is not convex at the solution, whether that is a strict local minimum, the
    relative error of the folded derivative along a random direction, and how many of its digits a finite difference
    confirms."""
    with one_thread():
        (p,) = sine.parameters(count, 100 + seed)
        c = sine.complete(p)
        state = sine.solver(*c)
        at = sine.Sine().conditions(*sine.Sine().split(state, *c), *c)
        lowest = torch.linalg.eigvalsh(at.hessian)[:, 0]
        minimum, errors = sine.is_minimum(state, *c), error(p, seed)
    return [
        {
            "seed": seed,
            "number": number,
            "curvature": short(lowest[number], 6),
            "minimum": bool(minimum[number]),
            "error": short(errors[number], 3),
            "digits": short(-errors[number].clamp_min(SEEN).log10(), 4),
        }
        for number in range(count)
    ]


def error(p: Tensor, seed: int) -> Tensor:
    """The relative error (B,) of the folded derivative along one random direction per problem."""
    layer, along = sine.folded(), normal(*p.shape, rng=generator(seed))
    along = along / torch.linalg.vector_norm(along, dim=-1, keepdim=True)
    leaf = p.clone().requires_grad_()
    solutions = layer(leaf)
    weights = directions(solutions.detach())
    (solutions * weights).sum().backward()

    def value(distance: float) -> Tensor:
        with torch.no_grad():
            return (layer(p + distance * along) * weights).sum(-1)

    near, far = value(WIDTH) - value(-WIDTH), value(2 * WIDTH) - value(-2 * WIDTH)
    truth = (8 * near - far) / (12 * WIDTH)
    assert leaf.grad is not None
    found = (leaf.grad * along).sum(-1)
    return (found - truth).abs() / torch.linalg.vector_norm(leaf.grad, dim=-1)


NONCONVEX = Experiment(
    id="folding-nonconvex",
    title="A nonconvex program as a layer: local minima and gradients",
    claims=("folded-expressiveness",),
    pieces=pieces,
    measure=measure,
    plot=nonconvex,
    quick={"count": 64, "seeds": 1},
    full={"count": 256, "seeds": 4},
    keys=("seed", "number"),
    value="digits",
    band=0.1,
    alt=(
        "Every problem is a dot: the relative error of the folded derivative against a finite difference, on a "
        "logarithmic axis, over the smallest eigenvalue of the Hessian at the solution. Nearly all eigenvalues are "
        "negative, so the problems are not convex there, and nearly all errors lie below a millionth."
    ),
)
