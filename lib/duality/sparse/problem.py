r"""Batches of sparse estimation problems with different numbers of samples, and the printed population (T 7.7.1).

A problem is a design X with n samples in d variables, its answers y, and, where it is known, the sparse truth. In a
batch the designs are padded with rows of zeros to the longest; `counts` says how many rows are samples.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

WHOLE = (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)  # types of counts


@dataclass(frozen=True)
class Problems:
    """B problems: X (B, n, d), y (B, n), counts (B,) of samples, truth (B, d) or None.

    Rows past the count of a problem are zero. Raises `ValueError` for shapes or types that do not fit, for no
    variables, for counts outside 1..n, for padding that is not zero and for entries that are not finite.
    """

    X: Tensor
    y: Tensor
    counts: Tensor
    truth: Tensor | None = None

    def __post_init__(self) -> None:
        X, y = self.X, self.y
        if X.ndim != 3 or not X.is_floating_point():
            raise ValueError(f"X must be (problems, samples, variables) of floats, not {_described(X)}")
        if X.shape[2] < 1:
            raise ValueError("a problem needs a variable: the last axis of X is empty")
        if y.shape != X.shape[:2] or y.dtype != X.dtype:
            raise ValueError(f"y must be like X without its last axis, {_described(X)}, not {_described(y)}")
        if self.counts.shape != X.shape[:1] or self.counts.dtype not in WHOLE:
            raise ValueError(f"counts must be {len(X)} whole numbers, not {_described(self.counts)}")
        if bool(((self.counts < 1) | (self.counts > X.shape[1])).any()):
            raise ValueError(f"counts must lie in 1 to {X.shape[1]}")
        if self.truth is not None and (self.truth.shape != (len(X), X.shape[2]) or self.truth.dtype != X.dtype):
            raise ValueError(f"truth must be ({len(X)}, {X.shape[2]}) of {X.dtype}, not {_described(self.truth)}")
        for name, value in (("X", X), ("y", y), ("truth", self.truth)):
            if value is not None and not bool(torch.isfinite(value).all()):
                raise ValueError(f"{name} holds values that are not finite")
        if bool((self.counts < X.shape[1]).any()):
            padding = ~self.mask
            if bool((y[padding] != 0).any()) or bool((X[padding] != 0).any()):
                raise ValueError("rows past the count of a problem must be zero")

    def __len__(self) -> int:
        return len(self.X)

    @property
    def d(self) -> int:
        """The number of variables."""
        return self.X.shape[2]

    @property
    def mask(self) -> Tensor:
        """Which rows are samples, (B, n)."""
        return torch.arange(self.X.shape[1], device=self.X.device) < self.counts[:, None]

    @cached_property
    def answers(self) -> Tensor:
        """X^T y / n of every problem, (B, d): minus the least-squares gradient at zero."""
        return (self.y[:, None, :] @ self.X)[:, 0] / self.counts[:, None]

    def __getitem__(self, chosen: Any) -> Problems:
        """The problems at a number, a slice or an index tensor; a number out of range raises `IndexError`."""
        if isinstance(chosen, int | np.integer) or (isinstance(chosen, Tensor) and chosen.ndim == 0):
            number = range(len(self))[int(chosen)]
            chosen = slice(number, number + 1)
        part = object.__new__(Problems)  # what was checked once is not checked again
        for name in ("y", "counts", "truth"):
            value = getattr(self, name)
            object.__setattr__(part, name, None if value is None else value[chosen])
        # features stay next to each other in memory where they are: what walks over them reads whole lines
        X = self.X.mT[chosen].mT if self.X.mT.is_contiguous() else self.X[chosen]
        object.__setattr__(part, "X", X)
        if "answers" in self.__dict__:
            part.__dict__["answers"] = self.answers[chosen]
        return part

    def to(self, *kind: Any) -> Problems:
        """The same problems with another floating type or on another device."""
        truth = None if self.truth is None else self.truth.to(*kind)
        X = self.X.to(*kind)
        return Problems(X, self.y.to(*kind), self.counts.to(X.device), truth)


def _described(value: Tensor) -> str:
    return f"{tuple(value.shape)} of {value.dtype}"


def padded(samples: Iterable[tuple[Tensor, Tensor]], truth: Tensor | None = None) -> Problems:
    """One batch from pairs of X (n_i, d) and y (n_i,) with different n_i. Raises as `Problems` does."""
    pairs = list(samples)
    if not pairs:
        raise ValueError("there is no problem to put in a batch")
    d, kind = pairs[0][0].shape[-1], pairs[0][0].dtype
    for X, y in pairs:
        if X.ndim != 2 or X.shape[1] != d or y.shape != X.shape[:1] or X.dtype != kind or y.dtype != kind:
            wanted = f"X (n, {d}) and y (n,) of {kind}"
            raise ValueError(f"each problem needs {wanted}, not {_described(X)} and {_described(y)}")
    pad = torch.nn.utils.rnn.pad_sequence
    counts = torch.tensor([len(y) for _, y in pairs], device=pairs[0][0].device)
    return Problems(
        pad([X for X, _ in pairs], batch_first=True), pad([y for _, y in pairs], batch_first=True), counts, truth
    )


@dataclass(frozen=True)
class Population:
    r"""The sparse regression of T 7.7.1: $y = x^\top\beta^* + \epsilon$ with equally correlated x.

    x ~ N(0, Sigma), Sigma one on the diagonal and `correlation` off it; `sparsity` entries of beta* are not zero, all
    inside the first `union` of d variables, with random signs and absolute values uniform in `low`..`high`; the noise
    is N(0, `noise`^2). That the union is the first variables is no restriction: Sigma is the same for every order.
    """

    d: int = 1024
    n: int = 64
    sparsity: int = 16
    union: int = 128
    correlation: float = 0.9
    low: float = 0.5
    high: float = 2.0
    noise: float = 1.0

    def __post_init__(self) -> None:
        if not 1 <= self.sparsity <= self.union <= self.d or self.n < 1:
            raise ValueError("a population needs 1 <= sparsity <= union <= d and n >= 1")
        if not 0 <= self.correlation < 1 or not 0 < self.low <= self.high < math.inf or not 0 <= self.noise < math.inf:
            raise ValueError("a population needs 0 <= correlation < 1, 0 < low <= high < inf and 0 <= noise < inf")

    def truths(self, count: int, generator: torch.Generator, dtype: torch.dtype = torch.float32) -> Tensor:
        """`count` draws of beta*, (count, d)."""
        ranks = torch.rand(count, self.union, generator=generator, dtype=torch.float32)  # whatever the default is
        support = ranks.argsort(1)[:, : self.sparsity]
        size = torch.rand(count, self.sparsity, generator=generator, dtype=dtype) * (self.high - self.low) + self.low
        sign = torch.randint(2, size.shape, generator=generator) * 2 - 1
        return torch.zeros(count, self.d, dtype=dtype).scatter_(1, support, size * sign)

    def designs(self, count: int, generator: torch.Generator, dtype: torch.dtype = torch.float32) -> Tensor:
        """`count` draws of X, (count, n, d), in O(n d) each: x = sqrt(c) z + sqrt(1 - c) u with one z for all entries.

        The samples of a variable lie next to each other in memory.
        """
        X = torch.randn(count, self.d, self.n, generator=generator, dtype=dtype)
        common = torch.randn(count, 1, self.n, generator=generator, dtype=dtype)
        return X.mul_((1 - self.correlation) ** 0.5).add_(common, alpha=self.correlation**0.5).mT

    def draw(self, count: int, seed: int, dtype: torch.dtype = torch.float32) -> Problems:
        """`count` problems with their truths; the same seed gives the same problems."""
        generator = torch.Generator().manual_seed(seed)
        truth = self.truths(count, generator, dtype)
        X = self.designs(count, generator, dtype)
        noise = torch.randn(count, self.n, generator=generator, dtype=dtype)
        y = (X @ truth[..., None])[..., 0] + self.noise * noise
        return Problems(X, y, torch.full((count,), self.n), truth)

    def draw_binary(self, count: int, seed: int, dtype: torch.dtype = torch.float32) -> Problems:
        """The same with answers 0 and 1 of a logistic model, for which `noise` has no meaning."""
        generator = torch.Generator().manual_seed(seed)
        truth = self.truths(count, generator, dtype)
        X = self.designs(count, generator, dtype)
        chance = torch.sigmoid((X @ truth[..., None])[..., 0])
        y = (torch.rand(count, self.n, generator=generator, dtype=dtype) < chance).to(dtype)
        return Problems(X, y, torch.full((count,), self.n), truth)


def error(beta: Tensor, problems: Problems) -> Tensor:
    r"""$\|\beta - \beta^*\|_2$, of shape (B,) or (B, T): beta is (B, d) or (B, T, d).

    Raises `ValueError` without a truth and for other shapes.
    """
    if problems.truth is None:
        raise ValueError("the error needs problems with a known truth")
    B, d = problems.truth.shape
    if beta.ndim not in (2, 3) or (beta.shape[0], beta.shape[-1]) != (B, d):
        raise ValueError(f"the error needs estimates ({B}, {d}) or ({B}, T, {d}), not {tuple(beta.shape)}")
    truth = problems.truth if beta.ndim == 2 else problems.truth[:, None]
    return torch.linalg.vector_norm(beta - truth, dim=-1)
