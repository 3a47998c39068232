r"""Total-variation denoising with a learned weight per edge:
$\min_x \tfrac12\|x - y\|^2 + \sum_e \lambda_e |(Dx)_e|$, D the differences of neighbouring pixels.

The dual has a box: $\min \tfrac12\|y - D^\top z\|^2$ subject to $|z_e| \le \lambda_e$, and $x = y - D^\top z$. The
update map is a projected gradient step on z. Where the image is flat around a loop of edges, z is not unique and
$I - \Phi$ is singular, although x has a gradient: products find it, a factored matrix does not. Averaging over the
regions on which x is constant gives it without any system; the layer called folded does that.

Patches of the two photographs that scikit-learn ships, in grey, with noise. The task is to choose the weights from the
noisy patch; the outcome is the mean squared error left, as a share of that of the noise.
"""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import torch
from torch import Tensor, nn

from duality.folding.layer import FoldedLayer
from duality.folding.problems.learned import (
    CONIC,
    DTYPE,
    FOLDED,
    IMPLICIT,
    PRODUCTS,
    UNROLLED,
    Layer,
    Learned,
    Task,
    generator,
    minimize,
    normal,
)
from duality.folding.problems.variation import (
    ByRegions,
    DualStep,
    ProjectedGradient,
    Solver,
    by_products,
    differences,
    divergence,
    edges,
)
from duality.folding.rules import CG, Dense, FixedPoint
from duality.folding.unrolled import UnrolledLayer

SIDE, LARGE = 12, 64  # pixels along a side: what a conic layer can take, and a real size
NOISE = 0.1  # of images in [0, 1]
STEPS = 300  # of the unrolled method; the worst of 256 images is then right to about 1e-2, a grey level or two
TRAINED, TESTED = 48, 64


@cache
def photographs() -> tuple[Tensor, ...]:
    """The two photographs of scikit-learn in grey, (427, 640) in [0, 1]."""
    from sklearn.datasets import load_sample_images

    weights = torch.tensor([0.299, 0.587, 0.114], dtype=DTYPE)
    return tuple(torch.as_tensor(image.copy()).to(DTYPE) / 255 @ weights for image in load_sample_images().images)


def patches(count: int, side: int, seed: int, photograph: int) -> Tensor:
    """`count` patches (count, side²) from random places of a photograph."""
    image, rng = photographs()[photograph], generator(seed)
    top = torch.randint(image.shape[0] - side + 1, (count,), generator=rng)
    left = torch.randint(image.shape[1] - side + 1, (count,), generator=rng)
    span = torch.arange(side)
    return image[(top[:, None] + span)[:, :, None], (left[:, None] + span)[:, None, :]].flatten(1)


def noisy(count: int, side: int, seed: int, photograph: int = 0) -> tuple[Tensor, Tensor]:
    """Clean patches and what is seen of them, (count, side²) each."""
    clean = patches(count, side, seed, photograph)
    return clean, clean + NOISE * normal(*clean.shape, rng=generator(seed + 1))


def parameters(count: int, seed: int, side: int = SIDE) -> tuple[Tensor, ...]:
    """Noisy patches and a weight for every edge, as a model would set them: smaller across stronger differences."""
    _, seen = noisy(count, side, seed)
    return seen, NOISE * torch.exp(-differences(_smooth(seen)).abs() / NOISE)


def _smooth(x: Tensor) -> Tensor:
    """The mean over each pixel and its neighbours."""
    side = round(x.shape[-1] ** 0.5)
    image = nn.functional.pad(x.unflatten(-1, (1, side, side)), (1, 1, 1, 1), mode="replicate")
    return nn.functional.avg_pool2d(image, 3, stride=1).flatten(1)


def folded(side: int = SIDE) -> Layer:
    """By regions, for small images: the backward pass averages over regions, and the rule has nothing to solve. What
    folding costs where a problem has no such shortcut is `by_conjugate_gradients`."""
    return FoldedLayer(Solver(side), ByRegions(side), FixedPoint())


def by_conjugate_gradients(side: int = SIDE) -> Layer:
    """The backward pass from products alone; nothing is factored, so for images of any size."""
    return FoldedLayer(Solver(side, by_products), DualStep(side), CG(iterations=20 * side))


def implicit(side: int = SIDE) -> Layer:
    """The dense system of the same map: it fails where an image is flat around a loop of edges."""
    return FoldedLayer(Solver(side), DualStep(side), Dense())


def unrolled(side: int = SIDE) -> Layer:
    return UnrolledLayer(ProjectedGradient(side), STEPS)


class Regions(nn.Module):
    r"""The same layer with its gradient by hand, the reference.

    The free edges join pixels to regions on which x is constant; x there is the mean of y minus what the edges at their
    bounds pull, so the gradient in y is averaged over regions, and that in $\lambda_e$ is its difference along e.
    """

    def __init__(self, side: int = SIDE) -> None:
        super().__init__()
        self.side = side

    def forward(self, *c: Tensor) -> Tensor:
        y, level = c
        with torch.no_grad():
            z = Solver(self.side)(y.detach(), level.detach())
            bound = z.sign() * (z.abs() >= level * (1 - 1e-12))
            mean = torch.stack([_averaging(row == 0, self.side) for row in bound])
        return (mean @ (y - divergence(bound * level, self.side))[..., None])[..., 0]


def _averaging(free: Tensor, side: int) -> Tensor:
    """The matrix (side², side²) that replaces every pixel by the mean of its region."""
    import numpy as np
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    number = np.arange(side * side).reshape(side, side)
    first = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])[free.numpy()]
    second = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])[free.numpy()]
    graph = coo_matrix((np.ones(len(first)), (first, second)), shape=(side * side, side * side))
    region = torch.as_tensor(connected_components(graph, directed=False)[1])
    same = (region[:, None] == region).to(DTYPE)
    return same / same.sum(-1, keepdim=True)


def conic_problem(side: int = SIDE) -> tuple[Any, list[Any], list[Any]]:
    """The problem for a conic layer."""
    import cvxpy as cp
    import scipy.sparse as sp

    D = sp.csr_matrix(differences(torch.eye(side * side, dtype=DTYPE)).mT.numpy())
    x, y = cp.Variable(side * side), cp.Parameter(side * side)
    level = cp.Parameter(edges(side), nonneg=True)
    return cp.Problem(cp.Minimize(cp.sum_squares(x - y) / 2 + level @ cp.abs(D @ x))), [y, level], [x]


def conic(side: int = SIDE) -> Layer:
    from duality.folding.conic import SPARSE, ConicLayer

    return ConicLayer(*conic_problem(side), **SPARSE)


class Weights(nn.Module):
    """Weights per edge from what the noisy patch shows around it: two numbers, an overall one and a sensitivity."""

    def __init__(self) -> None:
        super().__init__()
        self.level = nn.Parameter(torch.tensor(0.3, dtype=DTYPE).log() + torch.tensor(NOISE, dtype=DTYPE).log())
        self.sensitivity = nn.Parameter(torch.tensor(0.0, dtype=DTYPE))

    def forward(self, seen: Tensor) -> Tensor:
        strength = differences(_smooth(seen)).abs() / NOISE
        return torch.exp(self.level - self.sensitivity * strength)


def _left(layer: Layer, clean: Tensor, seen: Tensor, level: Tensor) -> Tensor:
    return (layer(seen, level) - clean).square().mean() / NOISE**2


def _denoise(layer: Layer, seed: int, steps: int) -> float:
    """Train the weights on patches of one photograph, judge them on the other."""
    clean, seen = noisy(TRAINED, SIDE, 4000 + seed, 0)
    model = Weights()
    minimize(model, lambda: _left(layer, clean, seen, model(seen)), steps, rate=0.1)
    clean, seen = noisy(TESTED, SIDE, 5000 + seed, 1)
    with torch.no_grad():
        return float(_left(folded(), clean, seen, model(seen)))


def _one_weight(seed: int, steps: int) -> float:
    """The best of a grid of weights that all edges share, chosen on the same patches."""
    clean, seen = noisy(TRAINED, SIDE, 4000 + seed, 0)
    layer, grid = folded(), [NOISE * 2 ** (number / 4) for number in range(-16, 9)]

    def left(clean: Tensor, seen: Tensor, level: float) -> float:
        with torch.no_grad():
            return float(_left(layer, clean, seen, torch.full((len(seen), edges(SIDE)), level, dtype=DTYPE)))

    best = min(grid, key=lambda level: left(clean, seen, level))
    return left(*noisy(TESTED, SIDE, 5000 + seed, 1), best)


TASK = Task(
    "mean squared error left, as a share of the noise",
    _denoise,
    _one_weight,
    "the best weight that all edges share: one number, where the layer's model learns two",
)
PROBLEM = Learned(
    "total variation",
    parameters,
    {FOLDED: folded, PRODUCTS: by_conjugate_gradients, IMPLICIT: implicit, UNROLLED: unrolled, CONIC: conic},
    Regions,
    TASK,
)


def _large() -> Layer:
    return FoldedLayer(Solver(LARGE, by_products), ByRegions(LARGE), FixedPoint())


LARGE_PROBLEM = Learned(
    "total variation, 64 x 64",
    partial(parameters, side=LARGE),
    {
        FOLDED: _large,
        PRODUCTS: partial(by_conjugate_gradients, LARGE),
        UNROLLED: partial(unrolled, LARGE),
    },
    _large,
    most=8,
)
