r"""Backward rules: ways to solve $(I-\Phi)^\top w = v$ for a whole batch from products with $\Phi^\top$ alone.

With w the gradient of a loss in c is $\Psi^\top w$, where $\Phi = \partial U/\partial s$ and
$\Psi = \partial U/\partial c$ at the fixed point and v is the gradient in the state.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from duality.folding.update import lengths

UNKNOWN = float("nan")
GIVE_UP = 1e12  # a sum whose terms grew by this much is not going to converge in this precision
CALM = 10  # steps over which a rate is measured, and for which a sum must look finished
SLACK = 100  # how much larger than its tolerance the residual of an answer may be, which rounding causes
ROOM = 32  # basis vectors to make room for at first
PATIENCE = 4096  # terms after which they must have begun to fall; momentum lets them grow for long


class LinearMap(Protocol):
    """A batch of n x n matrices known by their products."""

    def __call__(self, w: Tensor) -> Tensor:
        """The product with each row of w, (B, n)."""

    def dense(self) -> Tensor:
        """The matrices, (B, n, n)."""


@dataclass(frozen=True)
class Solved:
    """What a rule found: w (B, n), for which problems it converged (B,), the number of products, and, where the rule
    sees it, an estimate of the spectral radius of the matrices (B,)."""

    w: Tensor
    converged: Tensor
    products: int
    radius: Tensor


class Rule(ABC):
    """A way to solve w = v + M w for a batch of matrices M.

    Iterative rules take `tolerance` and `iterations`; both must be positive (`ValueError`), None means their default.
    """

    def __post_init__(self) -> None:
        for name in ("tolerance", "iterations"):
            value = getattr(self, name, None)
            if value is not None and not value > 0:
                raise ValueError(f"{name} = {value} must be positive, or None for the default")

    @abstractmethod
    def solve(self, M: LinearMap, v: Tensor) -> Solved:
        """The solution for each row of v, (B, n)."""

    @abstractmethod
    def advice(self) -> str:
        """What to do when this rule did not converge."""


def default_tolerance(v: Tensor) -> float:
    """The relative tolerance of an iterative rule: eps^(2/3), 4e-11 in double and 2e-5 in single precision."""
    return torch.finfo(v.dtype).eps ** (2 / 3)


@dataclass(frozen=True)
class FixedPoint(Rule):
    """w <- v + M w, which sums v + M v + M² v + ...: what unrolling at the fixed point does, without its memory.

    It stops when the rest of the sum, estimated from how fast the last terms fell, is below `tolerance` times its value
    and stays so for ten terms. That is an estimate: components that start tiny and fall very slowly are missed. A sum
    that explodes, or whose terms have not begun to fall after 4,096 of them, is given up, which is what a spectral
    radius of 1 or more means for almost every v.
    """

    tolerance: float | None = None
    iterations: int = 20_000

    def solve(self, M: LinearMap, v: Tensor) -> Solved:
        tolerance = self.tolerance or default_tolerance(v)
        negligible = 10 * torch.finfo(v.dtype).eps
        w, term, size = v, v, lengths(v)
        sizes = [size]
        done, calm = size == 0, torch.zeros_like(size)
        hopeless = torch.zeros_like(done)
        radius = torch.full_like(size, UNKNOWN)
        used = 0
        while used < self.iterations and not bool((done | hopeless).all()):
            term = torch.where((done | hopeless)[:, None], 0, M(term))
            w, used = w + term, used + 1
            sizes.append(lengths(term))
            back = min(CALM, used)
            here = ~(done | hopeless)
            radius = torch.where(here, (sizes[-1] / sizes[-1 - back]) ** (1 / back), radius)
            total = lengths(w)
            calm = torch.where((radius < 1) & (sizes[-1] * radius / (1 - radius) <= tolerance * total), calm + 1, 0)
            done |= here & ((calm > CALM) | (sizes[-1] <= negligible * total))
            hopeless |= here & ~done & ~(sizes[-1] <= GIVE_UP * size)
            if used >= PATIENCE and used & (used - 1) == 0:  # at powers of two: the last half against the one before
                late, early = (torch.stack(sizes[used // n : used // n * 2]).amax(0) for n in (2, 4))
                hopeless |= here & ~done & (late >= early)
        return Solved(w, done, used, radius)

    def advice(self) -> str:
        return "use GMRES(), which needs no contraction, or Dense() for a few variables"


@dataclass(frozen=True)
class GMRES(Rule):
    """The smallest residual over the Krylov space of v (Saad and Schultz 1986), for any I - M that is regular on it.

    The answer is checked with one more product. At most `iterations` products (default: n) before that; no restarts.
    The basis takes B x n numbers for every product.
    """

    tolerance: float | None = None
    iterations: int | None = None

    def solve(self, M: LinearMap, v: Tensor) -> Solved:
        tolerance = self.tolerance or default_tolerance(v)
        most = min(self.iterations or v.shape[-1], v.shape[-1])
        size = lengths(v)
        tiny = torch.finfo(v.dtype).tiny
        basis = v.new_empty(min(most, ROOM) + 1, *v.shape)
        basis[0] = v / size.clamp_min(tiny)[:, None]
        columns: list[Tensor] = []  # of the triangle that Givens rotations make of the Hessenberg matrix
        rotations: list[tuple[Tensor, Tensor]] = []
        right = v.new_zeros(len(v), most + 1)
        right[:, 0] = size
        done = size == 0
        largest = torch.zeros_like(size)
        used = 0
        while used < most and not bool(done.all()):
            new = basis[used] - M(basis[used])
            column = v.new_zeros(len(v), used + 2)
            for _ in range(2):  # Gram-Schmidt twice is as good as Householder
                along = torch.einsum("kbn,bn->bk", basis[: used + 1], new)
                new = new - torch.einsum("bk,kbn->bn", along, basis[: used + 1])
                column[:, : used + 1] += along
            left = lengths(new)
            before = lengths(column)
            left = torch.where(left > 10 * torch.finfo(v.dtype).eps * before, left, torch.zeros_like(left))
            column[:, used + 1] = left
            if used + 1 == len(basis):
                basis = torch.cat([basis, torch.empty_like(basis)])
            basis[used + 1] = new / left.clamp_min(tiny)[:, None] * (left > 0)[:, None]
            for row, (cosine, sine) in enumerate(rotations):
                upper, lower = column[:, row].clone(), column[:, row + 1].clone()
                column[:, row] = cosine * upper + sine * lower
                column[:, row + 1] = cosine * lower - sine * upper
            upper, lower = column[:, used], column[:, used + 1]
            length = torch.hypot(upper, lower)
            largest = torch.maximum(largest, before)
            # nothing left to rotate: the matrix is singular on this space, or the row is done
            dead = length <= 10 * torch.finfo(v.dtype).eps * largest
            safe = torch.where(dead, torch.ones_like(length), length)
            cosine, sine = torch.where(dead, torch.ones_like(upper), upper / safe), lower / safe
            rotations.append((cosine, sine))
            column[:, used] = torch.where(dead, torch.ones_like(length), length)
            columns.append(torch.nn.functional.pad(column[:, : used + 1], (0, most - used - 1)))
            right[:, used + 1] = torch.where(done | dead, right[:, used + 1], -sine * right[:, used])
            right[:, used] = torch.where(done | dead, torch.zeros_like(upper), cosine * right[:, used])
            done = done | (~dead & (right[:, used + 1].abs() <= tolerance * size))
            used += 1
        if used == 0:
            return Solved(v.clone(), done, 0, torch.full_like(size, UNKNOWN))
        triangle = torch.stack(columns, dim=-1)[:, :used]
        weights = torch.linalg.solve_triangular(triangle, right[:, :used, None], upper=True)
        w = torch.einsum("bk,kbn->bn", weights[..., 0], basis[:used])
        return _checked(M, w, v, tolerance, done, used)

    def advice(self) -> str:
        return "allow more iterations, or use Dense(); if I - Phi is singular there, the solution has no gradient"


@dataclass(frozen=True)
class CG(Rule):
    """Conjugate gradients, for symmetric matrices M whose eigenvalues are below 1 (gradient steps, for example).

    The answer is checked with one more product. Raises `ValueError` when M is not symmetric.
    """

    tolerance: float | None = None
    iterations: int | None = None

    def solve(self, M: Callable[[Tensor], Tensor], v: Tensor) -> Solved:
        _require_symmetric(M, v)
        tolerance = self.tolerance or default_tolerance(v)
        most = self.iterations or 2 * v.shape[-1]
        w, rest = torch.zeros_like(v), v
        direction, square = rest, (rest * rest).sum(-1)
        goal = tolerance**2 * square
        done, broken, used = square == 0, torch.zeros_like(square, dtype=torch.bool), 0
        while used < most and not bool((done | broken).all()):
            image = direction - M(direction)
            curvature = (direction * image).sum(-1)
            broken = broken | (~done & ~(curvature > 0))
            active = ~(done | broken)
            step = torch.where(active, square / torch.where(active, curvature, 1), 0)
            w = w + step[:, None] * direction
            rest = rest - step[:, None] * image
            after = (rest * rest).sum(-1)
            direction = rest + torch.where(active, after / torch.where(active, square, 1), 0)[:, None] * direction
            square = torch.where(active, after, square)
            done = done | (active & (after <= goal))
            used += 1
        return _checked(M, w, v, tolerance, done, used)

    def advice(self) -> str:
        return "I - Phi must be symmetric and positive: use GMRES() where it is not"


@dataclass(frozen=True)
class Dense(Rule):
    """The matrices written out and factored: exact, n products at once, n² numbers per problem."""

    def solve(self, M: LinearMap, v: Tensor) -> Solved:
        matrices = M.dense()
        n = v.shape[-1]
        radius = v.new_full((len(v),), UNKNOWN)
        if n == 0:
            return Solved(v, torch.ones_like(radius, dtype=torch.bool), 0, radius)
        system = torch.eye(n, dtype=v.dtype, device=v.device) - matrices
        factors, pivots, info = torch.linalg.lu_factor_ex(system)
        w = torch.linalg.lu_solve(factors, pivots, v[..., None])[..., 0]
        scale = torch.diagonal(factors, dim1=-2, dim2=-1).abs()
        regular = scale.amin(-1) > 10 * n * torch.finfo(v.dtype).eps * scale.amax(-1)
        return Solved(w, (info == 0) & regular & w.isfinite().all(dim=-1), n, radius)

    def advice(self) -> str:
        return "I - Phi is singular there: GMRES() finds the gradient if there is one"


def _checked(M: Callable[[Tensor], Tensor], w: Tensor, v: Tensor, tolerance: float, done: Tensor, used: int) -> Solved:
    """The answer, converged where w = v + M w holds up to the tolerance and some rounding, which takes one product."""
    radius = v.new_full((len(v),), UNKNOWN)
    if not bool(done.any()):
        return Solved(w, done, used, radius)
    holds = lengths(v - w + M(w)) <= SLACK * tolerance * lengths(v)
    return Solved(w, done & holds, used + 1, radius)


def _require_symmetric(M: Callable[[Tensor], Tensor], v: Tensor) -> None:
    """Compare ⟨a, M b⟩ and ⟨M a, b⟩ on two fixed vectors."""
    count = torch.arange(1, v.shape[-1] + 1, dtype=v.dtype, device=v.device)
    a, b = torch.cos(count * count).expand_as(v), torch.sin(3 * count * count).expand_as(v)
    image, other = M(b), M(a)
    difference = ((a * image).sum(-1) - (other * b).sum(-1)).abs()
    scale = lengths(a) * lengths(image) + lengths(b) * lengths(other)
    unlike = difference > torch.finfo(v.dtype).eps ** 0.5 * scale  # what is not a number is marked later
    if bool(unlike.any()):
        raise ValueError(
            f"CG() needs a symmetric Phi, and for {int(unlike.sum())} of {len(v)} problems it is not: use GMRES()"
        )
