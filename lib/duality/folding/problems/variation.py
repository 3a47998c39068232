r"""The dual of total-variation denoising, its update maps and its solver.

$$\min_z \tfrac12\|y - D^\top z\|^2 \quad\text{subject to}\quad |z_e| \le \lambda_e, \qquad x = y - D^\top z,$$

D the differences of neighbouring pixels of a square image, one per edge e.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor, nn

from duality.folding.rules import CG
from duality.folding.update import Step, UpdateMap, batch_size, lengths, rows

STEP = 0.125  # of the gradient; D Dᵀ has norm below 8
ROUNDS, PER_ROUND = 60, 75  # of the solver
SHIFT, REPEATS = 1e-9, 2  # of the Laplacian, and how often its factor is used: the second undoes the shift
SMALL = 4608  # pixels in a batch


def edges(side: int) -> int:
    """Pairs of neighbours in a square of pixels."""
    return 2 * side * (side - 1)


def differences(x: Tensor) -> Tensor:
    """D x: across, then down; (B, side²) to (B, edges)."""
    side = round(x.shape[-1] ** 0.5)
    image = x.unflatten(-1, (side, side))
    return torch.cat([image.diff(dim=-1).flatten(-2), image.diff(dim=-2).flatten(-2)], dim=-1)


def divergence(z: Tensor, side: int) -> Tensor:
    """Dᵀ z; (B, edges) to (B, side²)."""
    across, down = z.split(side * (side - 1), dim=-1)
    pad = nn.functional.pad
    across, down = across.unflatten(-1, (side, side - 1)), down.unflatten(-1, (side - 1, side))
    return (pad(across, (1, 0)) - pad(across, (0, 1)) + pad(down, (0, 0, 1, 0)) - pad(down, (0, 0, 0, 1))).flatten(-2)


@dataclass(frozen=True)
class DualStep(UpdateMap):
    r"""A projected gradient step on the dual variable (B, edges) for parameters y (B, side²), $\lambda$ (B, edges).

    Which edges are at their bound is decided first; the others move by the gradient at the point that has those put
    there. At a fixed point this is the usual step, and $\Phi = M - sMDD^\top M$, M the diagonal that marks the free
    edges, is symmetric: conjugate gradients apply.
    """

    side: int

    def bind(self, *c: Tensor) -> Step:
        y, level = c

        def step(z: Tensor) -> Tensor:
            with torch.no_grad():
                bound = self._bound(z, y, level)
                free = bound == 0
            held = torch.where(free, z, bound * level)
            return torch.where(free, z + STEP * differences(y - divergence(held, self.side)), held)

        return step

    def _bound(self, z: Tensor, y: Tensor, level: Tensor) -> Tensor:
        """The sign of the edges that a step puts at their bound, 0 for the free ones."""
        moved = z + STEP * differences(y - divergence(z, self.side))
        return moved.sign() * (moved.abs() >= level)

    def start(self, *c: Tensor) -> Tensor:
        y, level = c
        return y.new_zeros(batch_size(c), level.shape[-1])

    def solution(self, state: Tensor, *c: Tensor) -> Tensor:
        """The image x, (B, side²)."""
        return c[0] - divergence(state, self.side)


@dataclass(frozen=True)
class ByRegions(DualStep):
    """The same map, with the image read off its free edges: constant on the regions that they join, at the mean of what
    y and the edges at their bounds leave there.

    The state reaches the image only through which edges are free. So its derivative in the state is zero, the backward
    rule gets v = 0, and nothing is folded: the whole backward pass is the averaging over regions, transposed."""

    def solution(self, state: Tensor, *c: Tensor) -> Tensor:
        y, level = c
        with torch.no_grad():
            bound = self._bound(state, y, level)
            region = _regions(bound == 0, self.side)
        return _averaged(y - divergence(bound * level, self.side), region)


def _averaged(u: Tensor, region: Tensor) -> Tensor:
    """u with every pixel replaced by the mean of its region, (B, side²)."""
    total, size = (torch.zeros_like(u).scatter_add(-1, region, value) for value in (u, torch.ones_like(u)))
    return (total / size.clamp_min(1)).gather(-1, region)


def _regions(free: Tensor, side: int) -> Tensor:
    """The smallest pixel number of the region of every pixel, (B, side²), regions being joined by free edges."""
    number = torch.arange(side * side, device=free.device)
    label = number.expand(len(free), -1)
    first, second = _ends(side)
    while True:
        least = torch.minimum(label[:, first], label[:, second])
        new = label
        for end in (first, second):
            joined = torch.where(free, least, label[:, end])
            new = new.scatter_reduce(-1, end.expand_as(joined), joined, "amin")
        new = new.gather(-1, new)  # the label of the label
        if bool((new == label).all()):
            return label
        label = new


@dataclass(frozen=True)
class ProjectedGradient(DualStep):
    """The plain step with its clipping, as one would unroll it."""

    def bind(self, *c: Tensor) -> Step:
        y, level = c

        def step(z: Tensor) -> Tensor:
            moved = z + STEP * differences(y - divergence(z, self.side))
            return torch.minimum(torch.maximum(moved, -level), level)

        return step


Finish = Callable[[Tensor, Tensor, int], Tensor]


def by_products(u: Tensor, free: Tensor, side: int) -> Tensor:
    """z on the free edges, (B, edges), that brings Dᵀz closest to u (B, side²): conjugate gradients."""

    def rest(w: Tensor) -> Tensor:
        return w - free * differences(divergence(free * w, side)) - (1 - free) * w

    return CG(1e-13, 6 * side).solve(rest, free * differences(u)).w


def by_factor(u: Tensor, free: Tensor, side: int) -> Tensor:
    """The same from the Laplacian of the free edges on the pixels, factored once; its null space, images that are
    constant on every region, is kept out by taking the means off, and closed by a small shift."""
    n, (first, second) = side * side, _ends(side)
    laplacian = u.new_zeros(len(u), n, n)
    laplacian[:, first, second] = laplacian[:, second, first] = -free
    laplacian.diagonal(dim1=-2, dim2=-1).sub_(laplacian.sum(-1)).add_(SHIFT)
    factor, _ = torch.linalg.cholesky_ex(laplacian)
    z, rest = torch.zeros_like(free), u - _averaged(u, _regions(free > 0, side))
    for _ in range(REPEATS):
        potential = torch.cholesky_solve((rest - divergence(z, side))[..., None], factor)[..., 0]
        z = z + free * differences(potential)
    return z


def by_size(u: Tensor, free: Tensor, side: int) -> Tensor:
    """By factors for a few small images, where calls are what costs; else by products, which work on less memory."""
    return (by_factor if len(u) * side**2 <= SMALL else by_products)(u, free, side)


@cache
def _ends(side: int) -> tuple[Tensor, Tensor]:
    """The pixels that every edge joins."""
    number = torch.arange(side * side).view(side, side)
    first = torch.cat([number[:, :-1].flatten(), number[:-1].flatten()])
    return first, torch.cat([number[:, 1:].flatten(), number[1:].flatten()])


@dataclass(frozen=True)
class Solver:
    """States of `DualStep`: accelerated projected gradient with restarts finds which edges are at their bound, and
    least squares on the free ones end it."""

    side: int
    finish: Finish = by_size

    def __call__(self, *c: Tensor) -> Tensor:
        update = DualStep(self.side)
        found = update.start(*c).clone()
        numbers, here = torch.arange(len(found), device=found.device), c
        z, ahead, inertia = found, found, found.new_ones(len(found), 1)
        goal = torch.finfo(found.dtype).eps ** 0.6
        for _ in range(ROUNDS):
            step = ProjectedGradient(self.side).bind(*here)
            for _ in range(PER_ROUND):
                new = step(ahead)
                change = new - z
                uphill = ((ahead - new) * change).sum(-1, keepdim=True) > 0
                inertia = torch.where(uphill, 1.0, inertia)
                grown = (1 + (1 + 4 * inertia**2).sqrt()) / 2
                z, ahead, inertia = new, new + torch.where(uphill, 0.0, (inertia - 1) / grown) * change, grown
            ended = self._ended(z, here)
            moved = lengths(update(ended, *here) - ended) / lengths(ended).clamp_min(1)
            better = moved <= goal
            found[numbers] = torch.where(better[:, None], ended, z)
            if bool(better.all()):
                break
            left = ~better
            numbers, here = numbers[left], rows(here, left)
            z, ahead, inertia = z[left], ahead[left], inertia[left]
        return found

    def _ended(self, z: Tensor, c: tuple[Tensor, ...]) -> Tensor:
        """The least squares solution in the edges that are free at z, the others at their bound."""
        y, level = c
        bound = DualStep(self.side)._bound(z, y, level)
        free = (bound == 0).to(z)
        start = free * z + bound * level
        return start + self.finish(y - divergence(start, self.side), free, self.side)
